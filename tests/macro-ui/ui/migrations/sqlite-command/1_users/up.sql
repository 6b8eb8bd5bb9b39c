.read other.sql
CREATE TABLE users (id integer PRIMARY KEY);
