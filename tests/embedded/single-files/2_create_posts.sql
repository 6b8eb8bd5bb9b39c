-- migrate:up
CREATE TABLE posts (id integer PRIMARY KEY);
-- migrate:down
DROP TABLE posts;
