DROP INDEX books_price;
ALTER TABLE books DROP COLUMN price;
