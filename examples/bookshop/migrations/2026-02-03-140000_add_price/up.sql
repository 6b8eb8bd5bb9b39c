-- In cents. What is in the shop already costs 10.00 until somebody looks.
ALTER TABLE books ADD COLUMN price INTEGER NOT NULL DEFAULT 1000;
CREATE INDEX books_price ON books (price);
