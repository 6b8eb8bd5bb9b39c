CREATE TABLE users (id bigint PRIMARY KEY, name text);
CREATE TABLE posts (id bigint PRIMARY KEY);
