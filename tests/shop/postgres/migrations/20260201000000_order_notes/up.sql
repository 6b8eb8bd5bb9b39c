ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web';
