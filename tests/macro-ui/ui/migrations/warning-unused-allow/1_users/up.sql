-- migrate:allow empty-script it is not
CREATE TABLE users (id integer PRIMARY KEY);
