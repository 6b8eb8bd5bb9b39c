-- Tables of another engine and another row format.
-- given:
CREATE TABLE slow (
    id bigint PRIMARY KEY,
    name varchar(50)
) ENGINE = Aria;
CREATE TABLE packed (
    id bigint PRIMARY KEY,
    name varchar(50)
) ROW_FORMAT = COMPRESSED;
-- rows:
INSERT INTO slow SELECT seq, CONCAT('name ', seq) FROM seq_1_to_20000;
INSERT INTO packed SELECT seq, CONCAT('name ', seq) FROM seq_1_to_20000;
-- case: compressed_add_column
ALTER TABLE packed ADD COLUMN age int;
-- case: compressed_drop_column
ALTER TABLE packed DROP COLUMN name;
-- case: aria_add_column
ALTER TABLE slow ADD COLUMN age int;
-- case: aria_add_index
ALTER TABLE slow ADD INDEX slow_name (name);
-- case: aria_rename_column
ALTER TABLE slow RENAME COLUMN name TO title;
-- case: aria_to_innodb
ALTER TABLE slow ENGINE = InnoDB;
-- case: aria_update
UPDATE slow SET name = CONCAT(name, '!');
