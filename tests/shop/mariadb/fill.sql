-- @SCALE@ thousand rows, about: most of them order items, orders and events.
SET NAMES utf8mb4;
SET time_zone = '+00:00';
INSERT INTO countries VALUES ('de', 'Deutschland'), ('fr', 'France'), ('gr', 'Ελλάδα'), ('jp', '日本'), ('xx', '');
INSERT INTO currencies VALUES ('EUR', 1), ('JPY', 162.5400000000001), ('USD', 1.1e0), ('XXX', -0e0), ('XXY', 1.7976931348623157e308), ('XXZ', 5e-324);
INSERT INTO categories SELECT seq, IF(seq > 3, seq DIV 3, NULL), CONCAT('category ', seq) FROM seq_1_to_20 ORDER BY seq;
INSERT INTO suppliers SELECT seq, CONCAT('supplier ', seq), ELT(1 + seq % 4, 'de', 'fr', 'gr', 'jp') FROM seq_1_to_20;
INSERT INTO tags SELECT seq, CONCAT('tag ', seq) FROM seq_1_to_30;
INSERT INTO warehouses SELECT seq, CONCAT('town ', seq), IF(seq > 1, seq * 100, NULL), IF(seq % 2, '-838:59:59', '23:59:59') FROM seq_1_to_5;
INSERT INTO coupons VALUES ('A', 0.10, 'a,c'), ('B', 0.25, NULL), ('C', 0.00, ''), ('D', 1.00, 'b');
INSERT INTO customers (name, email, country, born, seen, settings)
    SELECT CASE seq % 5 WHEN 0 THEN CONCAT('Ὀδυσσεύς ', seq) WHEN 1 THEN CONCAT('山田 ', seq) WHEN 2 THEN CONCAT('O''Brien \\ "', seq) WHEN 3 THEN '🦀' ELSE CONCAT('n', seq) END,
        CONCAT('c', seq, '@example.org'), ELT(1 + seq % 4, 'de', 'fr', 'gr', 'jp'),
        CASE seq % 4 WHEN 0 THEN NULL WHEN 1 THEN '1000-01-01' WHEN 2 THEN '9999-12-31' ELSE DATE '1970-01-01' + INTERVAL seq DAY END,
        TIMESTAMP '2026-01-01 00:00:00.123456' + INTERVAL seq MINUTE,
        JSON_OBJECT('n', seq, 'ü', JSON_ARRAY(1.5, NULL, seq))
    FROM seq_1_to_@CUSTOMERS@;
INSERT INTO addresses (customer, street, town)
    SELECT seq, CASE WHEN seq % 3 > 0 THEN CONCAT('street ', seq) WHEN seq % 2 = 0 THEN '' END, CONCAT('town ', seq % 100) FROM seq_1_to_@CUSTOMERS@;
INSERT INTO products (id, category, name, weight, price, image, attributes)
    SELECT seq, 1 + seq % 20, CONCAT('product ', seq), IF(seq % 4 > 0, 0.1 * seq, NULL), seq % 100 + 0.99,
        IF(seq % 2 = 0, UNHEX(MD5(seq)), NULL), IF(seq % 3 = 0, '{"b": 1, "a":  [2]}', NULL)
    FROM seq_1_to_200;
INSERT INTO supplier_products SELECT 1 + seq % 20, seq FROM seq_1_to_200;
INSERT INTO product_tags SELECT seq, 1 + seq % 30 FROM seq_1_to_200;
INSERT INTO stock SELECT w.seq, p.seq, (w.seq * p.seq) % 50 FROM seq_1_to_5 w, seq_1_to_200 p;
INSERT INTO orders (customer, state, coupon, placed)
    SELECT 1 + seq % @CUSTOMERS@, ELT(1 + seq % 4, 'new', 'paid', 'sent', 'back'), IF(seq % 10 = 0, 'A', NULL), TIMESTAMP '2026-01-01 00:00:00' + INTERVAL seq * 7 SECOND
    FROM seq_1_to_@ORDERS@;
INSERT INTO order_items (order_id, position, product, pieces, price)
    SELECT o.seq, p.seq, 1 + (o.seq + p.seq) % 200, 1 + o.seq % 3, (o.seq % 1000) / 10 FROM seq_1_to_@ORDERS@ o, seq_1_to_2 p;
INSERT INTO payments (order_id, amount, currency) SELECT seq * 2, seq % 500 + 0.5, ELT(1 + seq % 3, 'EUR', 'USD', 'JPY') FROM seq_1_to_@CUSTOMERS@;
INSERT INTO shipments (order_id, warehouse, sent) SELECT seq, 1 + seq % 5, IF(seq % 5 > 0, DATE '2026-02-01' + INTERVAL seq % 300 DAY, NULL) FROM seq_1_to_@CUSTOMERS@;
INSERT INTO reviews (product, customer, stars, text)
    SELECT 1 + seq % 200, IF(seq % 9 > 0, 1 + seq % 50, NULL), 1 + seq % 5, IF(seq % 2 = 0, REPEAT('good ', seq % 20), NULL) FROM seq_1_to_@CUSTOMERS@;
INSERT INTO events SELECT seq, IF(seq % 3 = 0, 'noise', 'click'), TIMESTAMP '2026-01-01 00:00:00' + INTERVAL seq SECOND, seq / 7, IF(seq % 2 = 0, JSON_OBJECT('n', seq), NULL) FROM seq_1_to_@EVENTS@;
