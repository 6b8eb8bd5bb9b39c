-- Whole tables.
-- given:
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text,
    points int
);
CREATE TABLE posts (
    id bigint PRIMARY KEY,
    user_id bigint REFERENCES users (id)
);
CREATE INDEX users_name ON users (name);
-- rows:
INSERT INTO users SELECT i, 'name ' || i, i FROM generate_series(1, 1000) AS i;
INSERT INTO posts SELECT i, i FROM generate_series(1, 1000) AS i;
-- case: create
CREATE TABLE notes (id bigint PRIMARY KEY, note text NOT NULL DEFAULT 'none');
-- case: create_if_not_exists
CREATE TABLE IF NOT EXISTS users (id bigint);
-- case: create_like
CREATE TABLE users_copy (LIKE users INCLUDING ALL);
-- case: create_as_select
CREATE TABLE users_copy AS SELECT * FROM users;
-- case: create_unlogged
CREATE UNLOGGED TABLE cache (key text PRIMARY KEY, value text);
-- case: create_schema
CREATE SCHEMA archive;
-- case: drop
DROP TABLE posts;
-- case: drop_missing
DROP TABLE IF EXISTS absent;
-- case: drop_schema_cascade
-- given:
CREATE SCHEMA archive;
CREATE TABLE archive.old (id int);
-- rows:
INSERT INTO archive.old SELECT i FROM generate_series(1, 1000) AS i;
-- when:
DROP SCHEMA archive CASCADE;
-- case: rename
ALTER TABLE users RENAME TO people;
-- case: rename_and_view_of_old_name
ALTER TABLE users RENAME TO people;
CREATE VIEW users AS SELECT * FROM people;
-- case: set_schema
-- given:
CREATE SCHEMA archive;
-- when:
ALTER TABLE posts SET SCHEMA archive;
-- case: owner
ALTER TABLE users OWNER TO pg_monitor;
-- case: set_unlogged
ALTER TABLE posts SET UNLOGGED;
-- case: set_unlogged_while_referenced
ALTER TABLE users SET UNLOGGED;
-- case: set_logged
-- given:
CREATE UNLOGGED TABLE cache (key int PRIMARY KEY);
-- rows:
INSERT INTO cache SELECT i FROM generate_series(1, 1000) AS i;
-- when:
ALTER TABLE cache SET LOGGED;
-- case: set_fillfactor
ALTER TABLE users SET (fillfactor = 70);
-- case: set_autovacuum
ALTER TABLE users SET (autovacuum_enabled = false);
-- case: reset_fillfactor
ALTER TABLE users RESET (fillfactor);
-- case: replica_identity_full
ALTER TABLE users REPLICA IDENTITY FULL;
-- case: row_security
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
-- case: row_security_forced
ALTER TABLE users FORCE ROW LEVEL SECURITY;
-- case: set_access_method
ALTER TABLE posts SET ACCESS METHOD heap;
-- case: truncate
TRUNCATE posts;
-- case: truncate_referenced
TRUNCATE users;
-- case: truncate_cascade
TRUNCATE users CASCADE;
-- case: truncate_restart_identity
TRUNCATE posts RESTART IDENTITY;
-- case: truncate_then_work
TRUNCATE posts;
ALTER TABLE posts ADD COLUMN key uuid DEFAULT gen_random_uuid();
-- case: lock_table
LOCK TABLE users IN ACCESS EXCLUSIVE MODE;
-- case: lock_table_share
LOCK TABLE users IN SHARE MODE;
-- case: vacuum
-- migrate:no-transaction
VACUUM users;
-- case: vacuum_analyze
-- migrate:no-transaction
VACUUM (ANALYZE) users;
-- case: vacuum_full
-- migrate:no-transaction
VACUUM FULL users;
-- case: vacuum_full_option
-- migrate:no-transaction
VACUUM (FULL, VERBOSE) users;
-- case: vacuum_in_a_transaction
VACUUM users;
-- case: cluster
CLUSTER users USING users_pkey;
-- case: analyze
ANALYZE users;
-- case: of_type
-- given:
CREATE TYPE user_row AS (id bigint, name text, points int);
-- when:
ALTER TABLE users OF user_row;
-- case: rename_schema
-- given:
CREATE SCHEMA archive;
-- when:
ALTER SCHEMA archive RENAME TO attic;
