ALTER TABLE orders ADD CONSTRAINT orders_key UNIQUE (id);
