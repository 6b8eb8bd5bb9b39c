-- migrate:allow empty-scrpt because
CREATE TABLE users (id integer PRIMARY KEY);
