-- migrate:no-transacton
CREATE TABLE users (id integer PRIMARY KEY);
