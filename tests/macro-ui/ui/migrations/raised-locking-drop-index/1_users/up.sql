CREATE TABLE users (id bigint);
CREATE INDEX users_id ON users (id);
