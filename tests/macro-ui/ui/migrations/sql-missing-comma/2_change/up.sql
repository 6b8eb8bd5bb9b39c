CREATE TABLE people (id bigint PRIMARY KEY, called text);

INSERT INTO people (id, called)
SELECT id name
FROM users;
