ALTER TABLE visits ADD INDEX visits_visitor (visitor), ALGORITHM = INPLACE, LOCK = NONE;
