ALTER TABLE users ADD COLUMN rank integer;
UPDATE users SET rank = 1;
