ALTER TABLE users ADD COLUMN rank integer;
ALTER TABLE posts ADD COLUMN rank integer;
