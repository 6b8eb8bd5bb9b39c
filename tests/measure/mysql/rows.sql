-- Changes of rows: they lock rows, and keep nobody from the table.
-- given:
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name varchar(50),
    number int
);
CREATE TABLE old_users (
    id bigint PRIMARY KEY,
    name varchar(50),
    number int
);
-- rows:
INSERT INTO users SELECT seq, CONCAT('name ', seq), seq FROM seq_1_to_20000;
INSERT INTO old_users SELECT seq, CONCAT('name ', seq), seq FROM seq_1_to_20000;
-- case: insert_one
INSERT INTO users VALUES (50000, 'new', 1);
-- case: insert_select
INSERT INTO users SELECT id + 50000, name, number FROM old_users;
-- case: insert_ignore_select
INSERT IGNORE INTO users SELECT id, name, number FROM old_users;
-- case: replace_select
REPLACE INTO users SELECT id, name, number + 1 FROM old_users;
-- case: update_all
UPDATE users SET number = number + 1;
-- case: update_where
UPDATE users SET number = 0 WHERE name LIKE 'name 1%';
-- case: update_one
UPDATE users SET number = 0 WHERE id = 7;
-- case: update_join
UPDATE users JOIN old_users ON old_users.id = users.id SET users.number = old_users.number + 1;
-- case: delete_all
DELETE FROM old_users;
-- case: delete_where
DELETE FROM users WHERE number > 10000;
-- case: delete_one
DELETE FROM users WHERE id = 7;
-- case: delete_in_batches
DELETE FROM users WHERE number > 10000 LIMIT 100;
-- case: select
SELECT COUNT(number) FROM users;
-- case: select_for_update
SELECT COUNT(number) FROM users FOR UPDATE;
