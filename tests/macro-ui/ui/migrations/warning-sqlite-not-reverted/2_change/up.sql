CREATE TABLE posts (id INTEGER);

CREATE INDEX users_email ON users (email);
