-- migrate:irreversible the file is thrown away
DROP TABLE users;
