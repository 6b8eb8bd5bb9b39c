CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE currencies (code TEXT PRIMARY KEY, rate REAL NOT NULL);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL REFERENCES countries, born TEXT, seen TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, settings TEXT
);
CREATE TABLE addresses (
    id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE, street TEXT, town TEXT NOT NULL
);
CREATE TABLE categories (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES categories, name TEXT NOT NULL);
CREATE TABLE suppliers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL REFERENCES countries);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, category INTEGER NOT NULL REFERENCES categories, name TEXT NOT NULL, weight REAL,
    price NUMERIC NOT NULL, price_with_tax NUMERIC GENERATED ALWAYS AS (price * 1.19) STORED, image BLOB, attributes
);
CREATE TABLE supplier_products (
    supplier INTEGER REFERENCES suppliers, product INTEGER REFERENCES products, PRIMARY KEY (supplier, product)
) WITHOUT ROWID;
CREATE TABLE tags (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
CREATE TABLE product_tags (product INTEGER REFERENCES products, tag INTEGER REFERENCES tags, PRIMARY KEY (product, tag));
CREATE TABLE warehouses (id INTEGER PRIMARY KEY, town TEXT NOT NULL, anything);
CREATE TABLE stock (
    warehouse INTEGER REFERENCES warehouses, product INTEGER REFERENCES products, pieces INTEGER NOT NULL,
    PRIMARY KEY (warehouse, product)
);
CREATE TABLE coupons (code TEXT PRIMARY KEY, share REAL NOT NULL, kinds TEXT);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, customer INTEGER NOT NULL REFERENCES customers, state TEXT NOT NULL DEFAULT 'new',
    coupon TEXT REFERENCES coupons, placed TEXT NOT NULL, updated_at TEXT
);
CREATE TABLE order_items (
    order_id INTEGER REFERENCES orders ON DELETE CASCADE, position INTEGER, product INTEGER NOT NULL REFERENCES products,
    pieces INTEGER NOT NULL CHECK (pieces > 0), price NUMERIC NOT NULL, PRIMARY KEY (order_id, position)
);
CREATE TABLE payments (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, amount NUMERIC NOT NULL,
    currency TEXT NOT NULL REFERENCES currencies
);
CREATE TABLE shipments (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, warehouse INTEGER NOT NULL REFERENCES warehouses, sent TEXT
);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY, product INTEGER NOT NULL REFERENCES products, customer INTEGER REFERENCES customers,
    stars INTEGER NOT NULL, text TEXT
);
CREATE TABLE events (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, size REAL, detail TEXT);
CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX addresses_customer ON addresses (customer);
CREATE INDEX orders_customer ON orders (customer);
CREATE INDEX order_items_product ON order_items (product);
CREATE INDEX events_at ON events (at) WHERE kind <> 'noise';
CREATE VIEW order_totals AS
    SELECT order_id, sum(pieces * price) AS total FROM order_items GROUP BY order_id;
CREATE TRIGGER payments_log AFTER INSERT ON payments BEGIN
    INSERT INTO audit (what) VALUES ('payment ' || NEW.id);
END;
