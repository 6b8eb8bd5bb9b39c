ALTER TABLE reviews ADD CONSTRAINT stars_in_range CHECK (stars BETWEEN 1 AND 5);
