-- migrate:irreversible the file is thrown away
DELETE FROM users WHERE id = 1;
