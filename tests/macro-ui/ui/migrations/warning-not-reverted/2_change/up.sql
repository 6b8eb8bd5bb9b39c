CREATE TABLE posts (id bigint);

CREATE INDEX users_email ON users (email);
