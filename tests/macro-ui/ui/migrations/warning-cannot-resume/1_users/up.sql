CREATE TABLE users (id int PRIMARY KEY);
INSERT INTO users VALUES (1);
SET @first = 1;
CREATE TABLE posts (id int PRIMARY KEY);
INSERT INTO posts VALUES (@first);
