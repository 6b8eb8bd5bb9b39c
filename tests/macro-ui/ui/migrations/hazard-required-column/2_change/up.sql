ALTER TABLE users ADD COLUMN rank integer NOT NULL;
