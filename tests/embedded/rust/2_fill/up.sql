INSERT INTO users (name) VALUES ('from sql');
