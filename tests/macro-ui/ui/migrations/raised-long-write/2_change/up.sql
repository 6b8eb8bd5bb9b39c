-- migrate:irreversible the file is thrown away
CREATE INDEX users_name ON users (name);
