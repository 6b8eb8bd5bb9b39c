CREATE TABLE users (id bigint PRIMARY KEY, code char(3));
