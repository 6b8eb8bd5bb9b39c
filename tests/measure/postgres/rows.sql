-- Changes of rows: they lock rows, and keep nobody from the table.
-- given:
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text,
    points int
);
CREATE TABLE old_users (id bigint, name text, points int);
-- rows:
INSERT INTO users SELECT i, 'name ' || i, i FROM generate_series(1, 1000) AS i;
INSERT INTO old_users SELECT i, 'name ' || i, i FROM generate_series(1, 1000) AS i;
-- case: insert_one
INSERT INTO users VALUES (5000, 'new', 1);
-- case: insert_select
INSERT INTO users SELECT id + 10000, name, points FROM old_users;
-- case: update_all
UPDATE users SET points = points + 1;
-- case: update_where
UPDATE users SET points = 0 WHERE name LIKE 'name 1%';
-- case: update_one
UPDATE users SET points = 0 WHERE id = 7;
-- case: update_from
UPDATE users SET points = o.points FROM old_users AS o WHERE o.id = users.id;
-- case: delete_all
DELETE FROM old_users;
-- case: delete_where
DELETE FROM users WHERE points > 500;
-- case: delete_one
DELETE FROM users WHERE id = 7;
-- case: merge
MERGE INTO users USING old_users ON users.id = old_users.id WHEN MATCHED THEN UPDATE SET points = 0;
-- case: select
SELECT count(*) FROM users;
-- case: select_for_update
SELECT id FROM users FOR UPDATE;
-- case: with_delete_insert
WITH gone AS (DELETE FROM old_users RETURNING *) INSERT INTO users SELECT id + 10000, name, points FROM gone;
