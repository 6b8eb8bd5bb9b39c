-- migrate:irreversible nobody needs them
DROP TABLE users;
