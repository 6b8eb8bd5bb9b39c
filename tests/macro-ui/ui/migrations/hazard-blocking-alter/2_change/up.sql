ALTER TABLE users MODIFY name text;
