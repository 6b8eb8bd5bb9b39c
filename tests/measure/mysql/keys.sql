-- Indexes, primary keys, unique keys, checks.
-- given:
CREATE TABLE users (
    id bigint NOT NULL,
    name varchar(50) NOT NULL,
    email varchar(50),
    number int,
    body text,
    PRIMARY KEY (id),
    KEY users_name (name),
    UNIQUE KEY users_number (number)
);
CREATE TABLE plain (
    id bigint NOT NULL,
    name varchar(50)
);
-- rows:
INSERT INTO users (id, name, email, number, body) SELECT seq, CONCAT('name ', seq), CONCAT('mail ', seq), seq, CONCAT('body ', seq) FROM seq_1_to_20000;
INSERT INTO plain SELECT seq, CONCAT('name ', seq) FROM seq_1_to_20000;
-- case: create_index
CREATE INDEX users_email ON users (email);
-- case: create_unique_index
CREATE UNIQUE INDEX users_email ON users (email);
-- case: create_index_if_not_exists
CREATE INDEX IF NOT EXISTS users_name ON users (name);
-- case: create_index_of_prefix
CREATE INDEX users_body ON users (body(20));
-- case: create_index_of_two
CREATE INDEX users_two ON users (email, number);
-- case: create_unique_index_that_fails
-- rows:
UPDATE users SET email = 'same' WHERE id < 3;
-- when:
CREATE UNIQUE INDEX users_email ON users (email);
-- case: create_fulltext
CREATE FULLTEXT INDEX users_body ON users (body);
-- case: create_second_fulltext
-- given:
ALTER TABLE users ADD FULLTEXT INDEX users_words (email);
-- when:
CREATE FULLTEXT INDEX users_body ON users (body);
-- case: create_spatial
-- given:
CREATE TABLE places (id int PRIMARY KEY, place point NOT NULL);
-- rows:
INSERT INTO places SELECT seq, POINT(seq, seq) FROM seq_1_to_20000;
-- when:
CREATE SPATIAL INDEX places_place ON places (place);
-- case: add_index
ALTER TABLE users ADD INDEX users_email (email);
-- case: add_two_indexes
ALTER TABLE users ADD INDEX users_email (email), ADD INDEX users_two (name, email);
-- case: add_unique
ALTER TABLE users ADD UNIQUE users_email (email);
-- case: add_unique_constraint
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
-- case: add_fulltext
ALTER TABLE users ADD FULLTEXT INDEX users_body (body);
-- case: add_column_beside_fulltext
-- given:
ALTER TABLE users ADD FULLTEXT INDEX users_body (body);
-- when:
ALTER TABLE users ADD COLUMN age int;
-- case: drop_column_beside_fulltext
-- given:
ALTER TABLE users ADD FULLTEXT INDEX users_body (body);
-- when:
ALTER TABLE users DROP COLUMN email;
-- case: not_null_beside_fulltext
-- given:
ALTER TABLE users ADD FULLTEXT INDEX users_body (body);
-- when:
ALTER TABLE users MODIFY COLUMN email varchar(50) NOT NULL;
-- case: drop_fulltext
-- given:
ALTER TABLE users ADD FULLTEXT INDEX users_body (body);
-- when:
ALTER TABLE users DROP INDEX users_body;
-- case: add_column_beside_indexed_virtual
-- given:
ALTER TABLE users ADD COLUMN doubled int AS (number * 2) VIRTUAL;
ALTER TABLE users ADD INDEX users_doubled (doubled);
-- when:
ALTER TABLE users ADD COLUMN age int;
-- case: index_of_virtual
-- given:
ALTER TABLE users ADD COLUMN doubled int AS (number * 2) VIRTUAL;
-- when:
ALTER TABLE users ADD INDEX users_doubled (doubled);
-- case: drop_index
DROP INDEX users_name ON users;
-- case: drop_index_by_alter
ALTER TABLE users DROP INDEX users_name;
-- case: drop_key_if_exists
ALTER TABLE users DROP KEY IF EXISTS users_name;
-- case: drop_unique
ALTER TABLE users DROP INDEX users_number;
-- case: drop_missing
DROP INDEX absent ON users;
-- case: drop_and_add_same
ALTER TABLE users DROP INDEX users_name, ADD INDEX users_name (name, email);
-- case: rename_index
ALTER TABLE users RENAME INDEX users_name TO users_by_name;
-- case: ignore_index
ALTER TABLE users ALTER INDEX users_name IGNORED;
-- case: add_primary_key
ALTER TABLE plain ADD PRIMARY KEY (id);
-- case: drop_primary_key
ALTER TABLE users DROP PRIMARY KEY;
-- case: replace_primary_key
ALTER TABLE users DROP PRIMARY KEY, ADD PRIMARY KEY (id, name);
-- case: add_auto_increment_to_key
ALTER TABLE users MODIFY COLUMN id bigint NOT NULL AUTO_INCREMENT;
-- case: set_auto_increment
ALTER TABLE users AUTO_INCREMENT = 100000;
-- case: add_check
ALTER TABLE users ADD CONSTRAINT positive CHECK (number > 0);
-- case: add_check_that_fails
ALTER TABLE users ADD CONSTRAINT large CHECK (number > 100);
-- case: add_check_unchecked
SET check_constraint_checks = 0;
ALTER TABLE users ADD CONSTRAINT positive CHECK (number > 0);
-- case: drop_check
-- given:
ALTER TABLE users ADD CONSTRAINT positive CHECK (number > 0);
-- when:
ALTER TABLE users DROP CONSTRAINT positive;
-- case: add_column_beside_check
-- given:
ALTER TABLE users ADD CONSTRAINT positive CHECK (number > 0);
-- when:
ALTER TABLE users ADD COLUMN age int;
-- case: add_index_and_rename_column
ALTER TABLE users ADD INDEX users_email (email), RENAME COLUMN number TO score;
-- case: add_index_by_copying
ALTER TABLE users ADD INDEX users_email (email), ALGORITHM = COPY;
-- case: add_index_with_shared_lock
ALTER TABLE users ADD INDEX users_email (email), LOCK = SHARED;
-- case: add_index_with_exclusive_lock
ALTER TABLE users ADD INDEX users_email (email), LOCK = EXCLUSIVE;
-- case: add_index_online_said
ALTER TABLE users ADD INDEX users_email (email), ALGORITHM = INPLACE, LOCK = NONE;
-- case: create_on_new_table
CREATE TABLE posts (id bigint PRIMARY KEY, title varchar(50));
CREATE INDEX posts_title ON posts (title);
ALTER TABLE posts MODIFY COLUMN title varchar(500);
