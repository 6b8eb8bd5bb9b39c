source other.sql
CREATE TABLE users (id integer PRIMARY KEY);
