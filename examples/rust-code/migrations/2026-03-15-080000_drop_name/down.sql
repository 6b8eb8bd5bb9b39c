ALTER TABLE people ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE people SET name = family_name || ', ' || given_name;
