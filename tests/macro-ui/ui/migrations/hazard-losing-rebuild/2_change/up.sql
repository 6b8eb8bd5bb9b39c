-- migrate:irreversible the file is thrown away
CREATE TABLE users_new (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL);
INSERT INTO users_new SELECT id, name FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
