-- migrate:no-transaction
CREATE TABLE IF NOT EXISTS t (a integer);
CREATE INDEX CONCURRENTLY i ON t (a);
