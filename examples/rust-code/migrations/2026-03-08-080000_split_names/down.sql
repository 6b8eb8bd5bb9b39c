ALTER TABLE people DROP COLUMN family_name;
ALTER TABLE people DROP COLUMN given_name;
