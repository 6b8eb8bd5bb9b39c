ALTER TABLE visits DROP INDEX visits_visitor;
