-- migrate:no-transaction
-- Does not stop those who write, but cannot run in a transaction.
CREATE INDEX CONCURRENTLY visits_visitor ON visits (visitor);
