CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, name TEXT);
CREATE INDEX users_name ON users (name);
