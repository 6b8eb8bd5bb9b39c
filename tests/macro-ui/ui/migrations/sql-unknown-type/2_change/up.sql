ALTER TABLE users ADD COLUMN age integre;
