CREATE TABLE users (id integer PRIMARY KEY);
\i other.sql
