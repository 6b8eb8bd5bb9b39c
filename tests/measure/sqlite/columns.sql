-- What ALTER TABLE takes and what it refuses.
-- given:
CREATE TABLE teams (
    id INTEGER PRIMARY KEY,
    name TEXT
);
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT UNIQUE,
    age INTEGER,
    city TEXT,
    score INTEGER CHECK (score > 0),
    kind TEXT,
    doubled INTEGER AS (age * 2),
    team_id INTEGER REFERENCES teams (id)
);
CREATE INDEX users_city ON users (city);
CREATE INDEX users_some ON users (name) WHERE kind = 'a';
-- rows:
INSERT INTO teams VALUES (1, 'one');
INSERT INTO users (name, email, age, city, score, kind, team_id) VALUES ('a', 'a', 1, 'a', 1, 'a', 1), ('b', 'b', 2, 'b', 2, 'b', 1);
-- case: add
ALTER TABLE users ADD COLUMN born TEXT;
-- case: add_default
ALTER TABLE users ADD COLUMN born TEXT DEFAULT 'never';
-- case: add_not_null_default
ALTER TABLE users ADD COLUMN born TEXT NOT NULL DEFAULT '';
-- case: add_negative_default
ALTER TABLE users ADD COLUMN rank INTEGER DEFAULT -1;
-- case: add_not_null
ALTER TABLE users ADD COLUMN born TEXT NOT NULL;
-- case: add_not_null_default_null
ALTER TABLE users ADD COLUMN born TEXT NOT NULL DEFAULT NULL;
-- case: add_expression_default
ALTER TABLE users ADD COLUMN rank INTEGER DEFAULT (1 + 1);
-- case: add_constant_in_parentheses
ALTER TABLE users ADD COLUMN rank INTEGER DEFAULT (1);
-- case: add_current_timestamp
ALTER TABLE users ADD COLUMN made TEXT DEFAULT CURRENT_TIMESTAMP;
-- case: add_function_default
ALTER TABLE users ADD COLUMN made TEXT DEFAULT (datetime('now'));
-- case: add_primary_key
ALTER TABLE users ADD COLUMN key INTEGER PRIMARY KEY;
-- case: add_unique
ALTER TABLE users ADD COLUMN tag TEXT UNIQUE;
-- case: add_check
ALTER TABLE users ADD COLUMN rank INTEGER CHECK (rank > 0);
-- case: add_check_that_old_rows_break
ALTER TABLE users ADD COLUMN rank INTEGER DEFAULT 0 CHECK (rank > 0);
-- case: add_virtual
ALTER TABLE users ADD COLUMN tripled INTEGER AS (age * 3);
-- case: add_stored
ALTER TABLE users ADD COLUMN tripled INTEGER AS (age * 3) STORED;
-- case: add_references
ALTER TABLE users ADD COLUMN second_id INTEGER REFERENCES teams (id);
-- case: add_references_default
ALTER TABLE users ADD COLUMN second_id INTEGER DEFAULT 1 REFERENCES teams (id);
-- case: add_references_default_keys_off
-- migrate:no-transaction
PRAGMA foreign_keys = OFF;
ALTER TABLE users ADD COLUMN second_id INTEGER DEFAULT 1 REFERENCES teams (id);
-- case: add_that_exists_already
ALTER TABLE users ADD COLUMN age INTEGER;
-- case: add_if_not_exists
ALTER TABLE users ADD COLUMN IF NOT EXISTS born TEXT;
-- case: add_two
ALTER TABLE users ADD COLUMN born TEXT, ADD COLUMN died TEXT;
-- case: add_collate
ALTER TABLE users ADD COLUMN born TEXT COLLATE NOCASE;
-- case: drop
ALTER TABLE users DROP COLUMN age;
-- case: drop_plain
-- given:
CREATE TABLE plain (id INTEGER PRIMARY KEY, one TEXT, two TEXT);
-- when:
ALTER TABLE plain DROP COLUMN two;
-- case: drop_primary_key
ALTER TABLE users DROP COLUMN id;
-- case: drop_unique
ALTER TABLE users DROP COLUMN email;
-- case: drop_indexed
ALTER TABLE users DROP COLUMN city;
-- case: drop_indexed_after_its_index
DROP INDEX users_city;
ALTER TABLE users DROP COLUMN city;
-- case: drop_in_partial_index
ALTER TABLE users DROP COLUMN kind;
-- case: drop_with_check
ALTER TABLE users DROP COLUMN score;
-- case: drop_in_table_check
-- given:
CREATE TABLE plain (id INTEGER PRIMARY KEY, one INTEGER, two INTEGER, CHECK (one < two));
-- when:
ALTER TABLE plain DROP COLUMN two;
-- case: drop_generated
ALTER TABLE users DROP COLUMN doubled;
-- case: drop_referencing
ALTER TABLE users DROP COLUMN team_id;
-- case: drop_referenced
ALTER TABLE teams DROP COLUMN id;
-- case: drop_used_by_view
-- given:
CREATE VIEW names AS SELECT name FROM teams;
-- when:
ALTER TABLE teams DROP COLUMN name;
-- case: drop_used_by_trigger
-- given:
CREATE TRIGGER named AFTER INSERT ON teams BEGIN UPDATE teams SET name = 'x' WHERE id = NEW.id; END;
-- when:
ALTER TABLE teams DROP COLUMN name;
-- case: drop_missing
ALTER TABLE users DROP COLUMN absent;
-- case: drop_last_column
-- given:
CREATE TABLE narrow (one TEXT);
-- when:
ALTER TABLE narrow DROP COLUMN one;
-- case: rename
ALTER TABLE users RENAME COLUMN age TO years;
-- case: rename_indexed
ALTER TABLE users RENAME COLUMN city TO town;
-- case: rename_used_by_view
-- given:
CREATE VIEW names AS SELECT name FROM teams;
-- when:
ALTER TABLE teams RENAME COLUMN name TO title;
-- case: alter_type
ALTER TABLE users ALTER COLUMN age TYPE TEXT;
-- case: modify
ALTER TABLE users MODIFY COLUMN age TEXT;
-- case: add_constraint
ALTER TABLE users ADD CONSTRAINT old CHECK (age > 0);
-- case: add_foreign_key
ALTER TABLE users ADD FOREIGN KEY (age) REFERENCES teams (id);
-- case: drop_constraint
ALTER TABLE users DROP CONSTRAINT score;
