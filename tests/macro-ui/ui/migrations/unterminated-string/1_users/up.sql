CREATE TABLE users (id integer PRIMARY KEY);

INSERT INTO users (id) VALUES ('one);
