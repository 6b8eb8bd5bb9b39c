ALTER TABLE reviews DROP CONSTRAINT stars_in_range;
