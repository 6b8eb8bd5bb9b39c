CREATE DOMAIN email AS text;
CREATE TABLE users (id bigint PRIMARY KEY, name text, address email);
CREATE TABLE orders (id bigint, user_id bigint);
CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE events_2026 (id bigint, at date);
