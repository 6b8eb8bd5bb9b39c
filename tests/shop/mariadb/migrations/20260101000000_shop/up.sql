CREATE SEQUENCE invoice_numbers START WITH 1000;
CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(100) NOT NULL);
CREATE TABLE currencies (code CHAR(3) PRIMARY KEY, rate DOUBLE NOT NULL);
CREATE TABLE customers (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    email VARCHAR(200) NOT NULL UNIQUE,
    country CHAR(2) NOT NULL,
    born DATE,
    seen TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    settings JSON,
    FOREIGN KEY (country) REFERENCES countries (code)
);
CREATE TABLE addresses (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    customer BIGINT NOT NULL,
    street VARCHAR(200),
    town VARCHAR(200) NOT NULL,
    FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE
);
CREATE TABLE categories (id INT PRIMARY KEY, parent INT, name VARCHAR(100) NOT NULL, FOREIGN KEY (parent) REFERENCES categories (id));
CREATE TABLE suppliers (id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, country CHAR(2) NOT NULL, FOREIGN KEY (country) REFERENCES countries (code));
CREATE TABLE products (
    id INT PRIMARY KEY,
    category INT NOT NULL,
    name VARCHAR(200) NOT NULL,
    weight DOUBLE,
    price DECIMAL(12, 2) NOT NULL,
    price_with_tax DECIMAL(12, 2) AS (price * 1.19) STORED,
    image VARBINARY(64),
    attributes JSON,
    FOREIGN KEY (category) REFERENCES categories (id)
);
CREATE TABLE supplier_products (
    supplier INT, product INT, PRIMARY KEY (supplier, product),
    FOREIGN KEY (supplier) REFERENCES suppliers (id), FOREIGN KEY (product) REFERENCES products (id)
);
CREATE TABLE tags (id INT PRIMARY KEY, word VARCHAR(50) NOT NULL UNIQUE);
CREATE TABLE product_tags (
    product INT, tag INT, PRIMARY KEY (product, tag),
    FOREIGN KEY (product) REFERENCES products (id), FOREIGN KEY (tag) REFERENCES tags (id)
);
CREATE TABLE warehouses (id INT PRIMARY KEY, town VARCHAR(100) NOT NULL, flags BIT(12), open TIME);
CREATE TABLE stock (
    warehouse INT, product INT, pieces INT UNSIGNED NOT NULL, PRIMARY KEY (warehouse, product),
    FOREIGN KEY (warehouse) REFERENCES warehouses (id), FOREIGN KEY (product) REFERENCES products (id)
);
CREATE TABLE coupons (code VARCHAR(10) PRIMARY KEY, share DECIMAL(3, 2) NOT NULL, kinds SET('a', 'b', 'c'));
CREATE TABLE orders (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    customer BIGINT NOT NULL,
    state ENUM('new', 'paid', 'sent', 'back') NOT NULL DEFAULT 'new',
    coupon VARCHAR(10),
    placed DATETIME(3) NOT NULL,
    updated_at TIMESTAMP(6) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(6),
    FOREIGN KEY (customer) REFERENCES customers (id),
    FOREIGN KEY (coupon) REFERENCES coupons (code)
);
CREATE TABLE order_items (
    order_id BIGINT, position INT, product INT NOT NULL,
    pieces INT NOT NULL CHECK (pieces > 0),
    price DECIMAL(12, 2) NOT NULL,
    PRIMARY KEY (order_id, position),
    FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    FOREIGN KEY (product) REFERENCES products (id)
);
CREATE TABLE payments (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    order_id BIGINT NOT NULL,
    invoice BIGINT NOT NULL DEFAULT NEXT VALUE FOR invoice_numbers,
    amount DECIMAL(12, 2) NOT NULL,
    currency CHAR(3) NOT NULL,
    FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (currency) REFERENCES currencies (code)
);
CREATE TABLE shipments (
    id BIGINT AUTO_INCREMENT PRIMARY KEY, order_id BIGINT NOT NULL, warehouse INT NOT NULL, sent DATE,
    FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (warehouse) REFERENCES warehouses (id)
);
CREATE TABLE reviews (
    id BIGINT AUTO_INCREMENT PRIMARY KEY, product INT NOT NULL, customer BIGINT, stars SMALLINT NOT NULL, text TEXT,
    FOREIGN KEY (product) REFERENCES products (id), FOREIGN KEY (customer) REFERENCES customers (id)
);
CREATE TABLE events (id BIGINT PRIMARY KEY, kind VARCHAR(20) NOT NULL, at DATETIME NOT NULL, size DOUBLE, detail LONGTEXT);
CREATE TABLE audit (id BIGINT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(100) NOT NULL, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX events_at ON events (at);
CREATE VIEW order_totals AS
    SELECT order_id, SUM(pieces * price) AS total FROM order_items GROUP BY order_id;
CREATE TRIGGER payments_log AFTER INSERT ON payments FOR EACH ROW
    INSERT INTO audit (what) VALUES (CONCAT('payment ', NEW.id));
CREATE FUNCTION total_of(wanted BIGINT) RETURNS DECIMAL(14, 2) READS SQL DATA
    RETURN (SELECT SUM(pieces * price) FROM order_items WHERE order_id = wanted);
CREATE PROCEDURE forget(wanted BIGINT)
    DELETE FROM addresses WHERE customer = wanted;
