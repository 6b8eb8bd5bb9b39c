DROP INDEX visits_visitor;
