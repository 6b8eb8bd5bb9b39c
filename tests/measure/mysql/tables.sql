-- Whole tables: made, dropped, renamed, rebuilt.
-- given:
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name varchar(50),
    number int
);
-- rows:
INSERT INTO users SELECT seq, CONCAT('name ', seq), seq FROM seq_1_to_20000;
-- case: create
CREATE TABLE notes (id bigint PRIMARY KEY, note varchar(50) NOT NULL);
-- case: create_if_not_exists
CREATE TABLE IF NOT EXISTS users (id bigint);
-- case: create_like
CREATE TABLE users_copy LIKE users;
-- case: create_as_select
CREATE TABLE users_copy AS SELECT * FROM users;
-- case: drop
DROP TABLE users;
-- case: drop_missing
DROP TABLE IF EXISTS absent;
-- case: rename
RENAME TABLE users TO people;
-- case: rename_by_alter
ALTER TABLE users RENAME TO people;
-- case: swap
-- given:
CREATE TABLE people (id bigint PRIMARY KEY);
-- when:
RENAME TABLE users TO users_old, people TO users;
-- case: truncate
TRUNCATE TABLE users;
-- case: comment
ALTER TABLE users COMMENT = 'who is here';
-- case: force
ALTER TABLE users FORCE;
-- case: engine_same
ALTER TABLE users ENGINE = InnoDB;
-- case: engine_other
ALTER TABLE users ENGINE = Aria;
-- case: row_format
ALTER TABLE users ROW_FORMAT = COMPRESSED;
-- case: row_format_and_block_size
ALTER TABLE users ROW_FORMAT = COMPRESSED KEY_BLOCK_SIZE = 8;
-- case: page_compressed
ALTER TABLE users PAGE_COMPRESSED = 1;
-- case: statistics_options
ALTER TABLE users STATS_PERSISTENT = 1;
-- case: order_by
ALTER TABLE users ORDER BY name;
-- case: disable_keys
ALTER TABLE users DISABLE KEYS;
-- case: add_system_versioning
ALTER TABLE users ADD SYSTEM VERSIONING;
-- case: optimize
OPTIMIZE TABLE users;
-- case: analyze
ANALYZE TABLE users;
-- case: analyze_persistent
ANALYZE TABLE users PERSISTENT FOR ALL;
-- case: check
CHECK TABLE users;
-- case: checksum
CHECKSUM TABLE users;
-- case: partition_a_table
ALTER TABLE users PARTITION BY HASH (id) PARTITIONS 4;
-- case: create_view
CREATE VIEW names AS SELECT name FROM users;
-- case: replace_view
-- given:
CREATE VIEW names AS SELECT name FROM users;
-- when:
CREATE OR REPLACE VIEW names AS SELECT id, name FROM users;
-- case: create_trigger
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW SET NEW.number = NEW.number + 1;
-- case: drop_trigger
-- given:
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW SET NEW.number = NEW.number + 1;
-- when:
DROP TRIGGER noted;
-- case: add_column_beside_trigger
-- given:
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW SET NEW.number = NEW.number + 1;
-- when:
ALTER TABLE users ADD COLUMN age int;
-- case: create_procedure
CREATE PROCEDURE nothing() SELECT 1;
-- case: create_sequence
CREATE SEQUENCE numbers START WITH 100;
-- case: copy_and_swap
CREATE TABLE users_new LIKE users;
ALTER TABLE users_new MODIFY COLUMN number bigint;
INSERT INTO users_new SELECT * FROM users;
RENAME TABLE users TO users_old, users_new TO users;
-- case: copy_refused_by_said_algorithm
ALTER TABLE users MODIFY COLUMN number bigint, ALGORITHM = INPLACE;
-- case: add_column_by_copying
ALTER TABLE users ADD COLUMN age int, ALGORITHM = COPY;
-- case: add_column_and_index_apart
ALTER TABLE users ADD COLUMN age int;
ALTER TABLE users ADD INDEX users_age (age);
-- case: add_column_then_fill
ALTER TABLE users ADD COLUMN rank_number int;
UPDATE users SET rank_number = number;
