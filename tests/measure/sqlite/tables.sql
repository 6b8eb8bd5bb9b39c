-- Whole tables, indexes, rows.
-- given:
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE likes (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id)
);
CREATE TABLE drafts (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX posts_user ON posts (user_id);
CREATE VIEW names AS SELECT name FROM users;
-- rows:
INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT INTO posts VALUES (1, 1), (2, 2);
INSERT INTO likes VALUES (1, 3);
INSERT INTO drafts VALUES (1, 2);
-- case: create
CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT);
-- case: create_index
CREATE INDEX users_name ON users (name);
-- case: create_unique_index_that_fails
-- rows:
INSERT INTO users VALUES (4, 'a');
-- when:
CREATE UNIQUE INDEX users_name ON users (name);
-- case: drop_index
DROP INDEX posts_user;
-- case: drop_child
DROP TABLE posts;
-- case: drop_parent_that_restricts
DROP TABLE users;
-- case: drop_parent_that_cascades
-- given:
CREATE TABLE teams (id INTEGER PRIMARY KEY);
CREATE TABLE members (id INTEGER PRIMARY KEY, team_id INTEGER REFERENCES teams (id) ON DELETE CASCADE);
-- rows:
INSERT INTO teams VALUES (1);
INSERT INTO members VALUES (1, 1);
-- when:
DROP TABLE teams;
-- case: drop_table_under_a_view
-- migrate:no-transaction
PRAGMA foreign_keys = OFF;
DROP TABLE users;
PRAGMA foreign_keys = ON;
-- case: drop_view
DROP VIEW names;
-- case: rename_parent
ALTER TABLE users RENAME TO people;
-- case: rename_child
ALTER TABLE posts RENAME TO articles;
-- case: delete_all_parents
DELETE FROM users WHERE id < 3;
-- case: delete_restricted_parent
DELETE FROM users;
-- case: update_all
UPDATE users SET name = name || '!';
-- case: replace_cascades
REPLACE INTO users VALUES (1, 'A');
-- case: update_parent_key
UPDATE users SET id = id + 10 WHERE id = 3;
-- case: vacuum_in_a_transaction
VACUUM;
-- case: vacuum
-- migrate:no-transaction
VACUUM;
-- case: reindex
REINDEX;
-- case: truncate
TRUNCATE TABLE users;
-- case: create_as_select
CREATE TABLE users_copy AS SELECT * FROM users;
