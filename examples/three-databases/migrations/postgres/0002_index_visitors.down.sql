-- migrate:no-transaction
DROP INDEX CONCURRENTLY visits_visitor;
