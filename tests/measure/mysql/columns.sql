-- Columns that come, go, move and are renamed.
-- given:
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name varchar(50) NOT NULL,
    email varchar(50) DEFAULT 'none',
    number int,
    code varchar(20),
    made datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    tag varchar(20),
    KEY users_tag (tag),
    KEY users_code (code),
    KEY users_both (name, code)
);
-- rows:
INSERT INTO users (id, name, number, code) SELECT seq, CONCAT('name ', seq), seq, CONCAT('code ', seq) FROM seq_1_to_20000;
-- case: add
ALTER TABLE users ADD COLUMN age int;
-- case: add_first
ALTER TABLE users ADD COLUMN age int FIRST;
-- case: add_after
ALTER TABLE users ADD COLUMN age int AFTER name;
-- case: add_several
ALTER TABLE users ADD COLUMN age int, ADD COLUMN city varchar(20) NOT NULL DEFAULT 'Rome';
-- case: add_not_null_default
ALTER TABLE users ADD COLUMN age int NOT NULL DEFAULT 0;
-- case: add_not_null_without_default
ALTER TABLE users ADD COLUMN age int NOT NULL;
-- case: add_if_not_exists
ALTER TABLE users ADD COLUMN IF NOT EXISTS age int;
-- case: add_that_exists_already
ALTER TABLE users ADD COLUMN IF NOT EXISTS number int;
-- case: add_current_timestamp
ALTER TABLE users ADD COLUMN seen timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP;
-- case: add_on_update
ALTER TABLE users ADD COLUMN seen timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP;
-- case: add_uuid_default
ALTER TABLE users ADD COLUMN uid varchar(36) DEFAULT (uuid());
-- case: add_rand_default
ALTER TABLE users ADD COLUMN draw double DEFAULT (rand());
-- case: add_constant_expression_default
ALTER TABLE users ADD COLUMN sum int DEFAULT (1 + 1);
-- case: add_default_of_another_column
ALTER TABLE users ADD COLUMN twice int DEFAULT (number * 2);
-- case: add_text
ALTER TABLE users ADD COLUMN body text;
-- case: add_json
ALTER TABLE users ADD COLUMN extra json;
-- case: add_enum
ALTER TABLE users ADD COLUMN mood enum('good', 'bad') NOT NULL DEFAULT 'good';
-- case: add_virtual
ALTER TABLE users ADD COLUMN doubled int AS (number * 2) VIRTUAL;
-- case: add_stored
ALTER TABLE users ADD COLUMN doubled int AS (number * 2) PERSISTENT;
-- case: add_stored_by_its_other_name
ALTER TABLE users ADD COLUMN doubled int GENERATED ALWAYS AS (number * 2) STORED;
-- case: add_unique
ALTER TABLE users ADD COLUMN token varchar(10) UNIQUE;
-- case: add_with_check
ALTER TABLE users ADD COLUMN age int CHECK (age > 0);
-- case: add_inline_references
-- given:
CREATE TABLE teams (id bigint PRIMARY KEY);
-- rows:
INSERT INTO teams SELECT seq FROM seq_1_to_20000;
-- when:
ALTER TABLE users ADD COLUMN team_id bigint REFERENCES teams (id);
-- case: add_and_index
ALTER TABLE users ADD COLUMN age int, ADD INDEX users_age (age);
-- case: add_and_modify
ALTER TABLE users ADD COLUMN age int, MODIFY COLUMN number bigint;
-- case: add_auto_increment_to_table_without_key
-- given:
CREATE TABLE `lines` (line varchar(20));
-- rows:
INSERT INTO `lines` SELECT CONCAT('line ', seq) FROM seq_1_to_20000;
-- when:
ALTER TABLE `lines` ADD COLUMN id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY;
-- case: add_invisible
ALTER TABLE users ADD COLUMN hidden int INVISIBLE;
-- case: add_compressed
ALTER TABLE users ADD COLUMN body text COMPRESSED;
-- case: drop
ALTER TABLE users DROP COLUMN number;
-- case: drop_if_exists
ALTER TABLE users DROP COLUMN IF EXISTS number;
-- case: drop_missing
ALTER TABLE users DROP COLUMN absent;
-- case: drop_with_its_own_index
ALTER TABLE users DROP COLUMN tag;
-- case: drop_in_index_of_two
ALTER TABLE users DROP COLUMN code;
-- case: drop_several
ALTER TABLE users DROP COLUMN number, DROP COLUMN email;
-- case: drop_and_add
ALTER TABLE users DROP COLUMN number, ADD COLUMN score int;
-- case: drop_virtual
-- given:
ALTER TABLE users ADD COLUMN doubled int AS (number * 2) VIRTUAL;
-- when:
ALTER TABLE users DROP COLUMN doubled;
-- case: drop_stored
-- given:
ALTER TABLE users ADD COLUMN doubled int AS (number * 2) STORED;
-- when:
ALTER TABLE users DROP COLUMN doubled;
-- case: rename
ALTER TABLE users RENAME COLUMN number TO score;
-- case: rename_by_change
ALTER TABLE users CHANGE COLUMN number score int;
-- case: rename_indexed
ALTER TABLE users RENAME COLUMN code TO token;
-- case: reorder
ALTER TABLE users MODIFY COLUMN number int FIRST;
-- case: reorder_after
ALTER TABLE users MODIFY COLUMN number int AFTER name;
-- case: set_default
ALTER TABLE users ALTER COLUMN number SET DEFAULT 1;
-- case: drop_default
ALTER TABLE users ALTER COLUMN email DROP DEFAULT;
-- case: default_by_modify
ALTER TABLE users MODIFY COLUMN number int DEFAULT 1;
-- case: comment_by_modify
ALTER TABLE users MODIFY COLUMN number int COMMENT 'how many';
-- case: nothing_by_modify
ALTER TABLE users MODIFY COLUMN number int;
-- case: invisible
ALTER TABLE users MODIFY COLUMN number int INVISIBLE;
-- case: not_null
ALTER TABLE users MODIFY COLUMN number int NOT NULL;
-- case: null
ALTER TABLE users MODIFY COLUMN name varchar(50) NULL;
-- case: not_null_and_default
ALTER TABLE users MODIFY COLUMN number int NOT NULL DEFAULT 0;
-- case: on_update
ALTER TABLE users MODIFY COLUMN made datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP;
