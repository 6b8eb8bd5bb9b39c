-- migrate:irreversible the file is thrown away
ALTER TABLE users DROP COLUMN name;
