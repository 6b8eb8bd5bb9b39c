CREATE TABLE posts (
    id bigint PRIMARY KEY,
    title varchar(100)
    body text
);
