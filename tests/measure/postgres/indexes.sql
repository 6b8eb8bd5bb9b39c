-- Indexes: made, dropped, renamed, built again.
-- given:
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text,
    email text,
    tags jsonb
);
CREATE INDEX users_name ON users (name);
-- rows:
INSERT INTO users SELECT i, 'name ' || i, 'mail ' || i, '{}' FROM generate_series(1, 1000) AS i;
-- case: create
CREATE INDEX users_email ON users (email);
-- case: create_unique
CREATE UNIQUE INDEX users_email ON users (email);
-- case: create_if_not_exists
CREATE INDEX IF NOT EXISTS users_email ON users (email);
-- case: create_that_exists_already
CREATE INDEX IF NOT EXISTS users_name ON users (name);
-- case: create_of_expression
CREATE INDEX users_lower ON users (lower(email));
-- case: create_partial
CREATE INDEX users_some ON users (email) WHERE id < 10;
-- case: create_gin
CREATE INDEX users_tags ON users USING gin (tags);
-- case: create_hash
CREATE INDEX users_email ON users USING hash (email);
-- case: create_brin
CREATE INDEX users_brin ON users USING brin (id);
-- case: create_include
CREATE INDEX users_email ON users (email) INCLUDE (name);
-- case: create_two
CREATE INDEX users_email ON users (email);
CREATE INDEX users_both ON users (name, email);
-- case: create_on_new_table
CREATE TABLE posts (id bigint PRIMARY KEY, title text);
CREATE INDEX posts_title ON posts (title);
-- case: create_on_new_column
ALTER TABLE users ADD COLUMN age int;
CREATE INDEX users_age ON users (age);
-- case: create_concurrently
-- migrate:no-transaction
CREATE INDEX CONCURRENTLY users_email ON users (email);
-- case: create_unique_concurrently
-- migrate:no-transaction
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_email ON users (email);
-- case: create_concurrently_in_a_transaction
CREATE INDEX CONCURRENTLY users_email ON users (email);
-- case: drop
DROP INDEX users_name;
-- case: drop_if_exists
DROP INDEX IF EXISTS users_name;
-- case: drop_missing
DROP INDEX IF EXISTS absent;
-- case: drop_concurrently
-- migrate:no-transaction
DROP INDEX CONCURRENTLY users_name;
-- case: drop_concurrently_in_a_transaction
DROP INDEX CONCURRENTLY users_name;
-- case: drop_and_create_again
DROP INDEX users_name;
CREATE INDEX users_name ON users (name, email);
-- case: rename
ALTER INDEX users_name RENAME TO users_by_name;
-- case: set_fillfactor
ALTER INDEX users_name SET (fillfactor = 80);
-- case: reindex_index
REINDEX INDEX users_name;
-- case: reindex_table
REINDEX TABLE users;
-- case: reindex_index_concurrently
-- migrate:no-transaction
REINDEX INDEX CONCURRENTLY users_name;
-- case: reindex_table_concurrently
-- migrate:no-transaction
REINDEX TABLE CONCURRENTLY users;
-- case: reindex_schema
-- migrate:no-transaction
REINDEX SCHEMA public;
-- case: statistics
CREATE STATISTICS users_both ON name, email FROM users;
-- case: cluster
CLUSTER users USING users_name;
-- case: cluster_on
ALTER TABLE users CLUSTER ON users_name;
-- case: set_without_cluster
ALTER TABLE users SET WITHOUT CLUSTER;
-- case: swap_concurrently
-- migrate:no-transaction
CREATE INDEX CONCURRENTLY users_name_new ON users (name, email);
DROP INDEX CONCURRENTLY users_name;
ALTER INDEX users_name_new RENAME TO users_name;
