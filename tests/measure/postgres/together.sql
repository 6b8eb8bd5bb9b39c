-- Several statements in one transaction: a lock that costs nothing is held while the next one works.
-- given:
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text,
    points int
);
CREATE TABLE posts (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL
);
CREATE TABLE notes (id bigint PRIMARY KEY, note text);
-- rows:
INSERT INTO users SELECT i, 'name ' || i, i FROM generate_series(1, 1000) AS i;
INSERT INTO posts SELECT i, i FROM generate_series(1, 1000) AS i;
INSERT INTO notes SELECT i, 'note ' || i FROM generate_series(1, 1000) AS i;
-- case: add_column_then_fill
ALTER TABLE users ADD COLUMN rank int;
UPDATE users SET rank = points;
-- case: add_column_then_fill_few
ALTER TABLE users ADD COLUMN rank int;
UPDATE users SET rank = points WHERE id = 7;
-- case: fill_then_add_column
UPDATE users SET points = 0;
ALTER TABLE users ADD COLUMN rank int;
-- case: add_column_then_fill_another
ALTER TABLE users ADD COLUMN rank int;
UPDATE posts SET user_id = user_id + 1;
-- case: add_column_then_index_another
ALTER TABLE users ADD COLUMN rank int;
CREATE INDEX posts_user ON posts (user_id);
-- case: two_brief_locks
ALTER TABLE users ADD COLUMN rank int;
ALTER TABLE posts ADD COLUMN title text;
-- case: new_table_filled
CREATE TABLE ranks (user_id bigint, rank int);
INSERT INTO ranks SELECT id, points FROM users;
-- case: new_table_filled_and_indexed
CREATE TABLE ranks (user_id bigint, rank int);
INSERT INTO ranks SELECT id, points FROM users;
CREATE INDEX ranks_user ON ranks (user_id);
-- case: new_table_with_key_filled
CREATE TABLE ranks (user_id bigint REFERENCES users (id), rank int);
INSERT INTO ranks SELECT id, points FROM users;
-- case: new_table_with_everything
CREATE TABLE tags (id bigint PRIMARY KEY, tag text);
ALTER TABLE tags ADD COLUMN key uuid DEFAULT gen_random_uuid();
ALTER TABLE tags ALTER COLUMN tag SET NOT NULL;
ALTER TABLE tags ALTER COLUMN id TYPE int;
CREATE UNIQUE INDEX tags_tag ON tags (tag);
-- case: copy_and_swap
CREATE TABLE users_new (LIKE users INCLUDING ALL);
INSERT INTO users_new SELECT * FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
-- case: drop_then_index_another
DROP TABLE notes;
CREATE INDEX posts_user ON posts (user_id);
-- case: drop_column_then_add
ALTER TABLE users DROP COLUMN points;
ALTER TABLE users ADD COLUMN points bigint NOT NULL DEFAULT 0;
-- case: check_proves_in_one_transaction
ALTER TABLE users ADD CONSTRAINT name_there CHECK (name IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT name_there;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- case: rename_column_and_table
ALTER TABLE users RENAME COLUMN points TO score;
ALTER TABLE users RENAME TO people;
-- case: index_then_unique_using_it
CREATE UNIQUE INDEX users_name ON users (name);
ALTER TABLE users ADD CONSTRAINT users_name UNIQUE USING INDEX users_name;
-- case: comment_then_fill
COMMENT ON TABLE users IS 'who is here';
UPDATE users SET points = 0;
-- case: trigger_then_fill
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();
UPDATE users SET points = 0;
-- case: key_not_valid_then_fill
ALTER TABLE posts ADD CONSTRAINT posts_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
UPDATE notes SET note = '';
-- case: enum_of_new_type
CREATE TYPE mood AS ENUM ('good', 'bad');
ALTER TABLE users ADD COLUMN mood mood NOT NULL DEFAULT 'good';
-- case: drop_trigger_and_create_again
-- given:
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();
-- when:
DROP TRIGGER noted ON users;
CREATE TRIGGER noted BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION note();
-- case: lock_then_index
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
CREATE INDEX users_name ON users (name);
-- case: steps_outside_a_transaction
-- migrate:no-transaction
ALTER TABLE users ADD COLUMN rank int;
UPDATE users SET rank = points;
CREATE INDEX CONCURRENTLY users_rank ON users (rank);
