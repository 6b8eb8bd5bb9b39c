ALTER TABLE orders ADD CONSTRAINT orders_id CHECK (id > 0);
