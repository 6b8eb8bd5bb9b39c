CREATE TABLE orders (id INTEGER PRIMARY KEY, product INTEGER NOT NULL REFERENCES products, pieces INTEGER NOT NULL);
CREATE INDEX orders_product ON orders (product);
