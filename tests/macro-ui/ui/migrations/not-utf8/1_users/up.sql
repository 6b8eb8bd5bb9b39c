CREATE TABLE users (id integer);
INSERT INTO users VALUES ('André');
