CREATE TABLE posts (id bigint);
