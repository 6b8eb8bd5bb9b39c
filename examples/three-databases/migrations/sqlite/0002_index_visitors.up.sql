CREATE INDEX visits_visitor ON visits (visitor);
