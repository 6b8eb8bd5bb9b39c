-- migrate:irrevesible
CREATE TABLE users (name text DEFAULT 'x);
