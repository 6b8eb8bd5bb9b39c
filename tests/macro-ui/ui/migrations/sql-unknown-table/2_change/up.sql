ALTER TABLE user_s ADD COLUMN age integer;
