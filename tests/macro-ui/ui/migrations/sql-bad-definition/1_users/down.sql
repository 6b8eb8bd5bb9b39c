DROP VIEW names;
DROP TABLE users;
