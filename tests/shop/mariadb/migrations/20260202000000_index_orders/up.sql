CREATE INDEX orders_placed ON orders (placed);
