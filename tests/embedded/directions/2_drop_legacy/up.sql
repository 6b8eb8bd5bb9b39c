-- migrate:irreversible the data is gone
DROP TABLE IF EXISTS legacy;
