-- @SCALE@ thousand rows, about: most of them order items, orders and events.
BEGIN;
CREATE TEMP TABLE n (n INTEGER PRIMARY KEY);
INSERT INTO n WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 200 * @SCALE@ AND n < 2000000) SELECT n FROM c;
INSERT INTO countries VALUES ('de', 'Deutschland'), ('fr', 'France'), ('gr', 'Ελλάδα'), ('jp', '日本'), ('xx', '');
INSERT INTO currencies VALUES ('EUR', 1), ('JPY', 162.5400000000001), ('USD', 1.1e0), ('XXX', -0.0), ('XXY', 9e999), ('XXZ', 5e-324);
INSERT INTO categories SELECT n, CASE WHEN n > 3 THEN n / 3 END, 'category ' || n FROM n WHERE n <= 20;
INSERT INTO suppliers SELECT n, 'supplier ' || n, substr('defrgrjp', 1 + 2 * (n % 4), 2) FROM n WHERE n <= 20;
INSERT INTO tags SELECT n, 'tag ' || n FROM n WHERE n <= 30;
INSERT INTO warehouses SELECT n, 'town ' || n, CASE n WHEN 1 THEN NULL WHEN 2 THEN 2 WHEN 3 THEN '2' WHEN 4 THEN 2.0 ELSE x'32' END FROM n WHERE n <= 5;
INSERT INTO coupons VALUES ('A', 0.10, 'a,c'), ('B', 0.25, NULL), ('C', 0.00, ''), ('D', 1.00, 'b');
INSERT INTO customers (name, email, country, born, seen, settings)
    SELECT CASE n % 5 WHEN 0 THEN 'Ὀδυσσεύς ' || n WHEN 1 THEN '山田 ' || n WHEN 2 THEN 'O''Brien \ "' || n WHEN 3 THEN '🦀' ELSE 'n' || n END,
        'c' || n || '@example.org', substr('defrgrjp', 1 + 2 * (n % 4), 2),
        CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '0001-01-01' WHEN 2 THEN '9999-12-31' ELSE date('1970-01-01', n || ' days') END,
        datetime('2026-01-01', n || ' minutes'), json_object('n', n, 'ü', json_array(1.5, NULL, n))
    FROM n WHERE n <= 50 * @SCALE@;
INSERT INTO addresses (customer, street, town)
    SELECT n, CASE WHEN n % 3 > 0 THEN 'street ' || n WHEN n % 2 = 0 THEN '' END, 'town ' || (n % 100) FROM n WHERE n <= 50 * @SCALE@;
INSERT INTO products (id, category, name, weight, price, image, attributes)
    SELECT n, 1 + n % 20, 'product ' || n, CASE WHEN n % 4 > 0 THEN 0.1 * n END, n % 100 + 0.99,
        CASE WHEN n % 2 = 0 THEN zeroblob(n % 30) END, CASE WHEN n % 3 = 0 THEN '{"b": 1, "a":  [2]}' END
    FROM n WHERE n <= 200;
INSERT INTO supplier_products SELECT 1 + n % 20, n FROM n WHERE n <= 200;
INSERT INTO product_tags SELECT n, 1 + n % 30 FROM n WHERE n <= 200;
INSERT INTO stock SELECT w.n, p.n, (w.n * p.n) % 50 FROM n w, n p WHERE w.n <= 5 AND p.n <= 200;
INSERT INTO orders (customer, state, coupon, placed)
    SELECT 1 + n % (50 * @SCALE@), CASE n % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' WHEN 2 THEN 'sent' ELSE 'back' END,
        CASE WHEN n % 10 = 0 THEN 'A' END, datetime('2026-01-01', (n * 7) || ' seconds')
    FROM n WHERE n <= 200 * @SCALE@;
INSERT INTO order_items (order_id, position, product, pieces, price)
    SELECT o.n, p.n, 1 + (o.n + p.n) % 200, 1 + o.n % 3, (o.n % 1000) / 10.0 FROM n o, n p WHERE o.n <= 200 * @SCALE@ AND p.n <= 2;
INSERT INTO payments (order_id, amount, currency)
    SELECT n * 2, n % 500 + 0.5, CASE n % 3 WHEN 0 THEN 'EUR' WHEN 1 THEN 'USD' ELSE 'JPY' END FROM n WHERE n <= 50 * @SCALE@;
INSERT INTO shipments (order_id, warehouse, sent) SELECT n, 1 + n % 5, CASE WHEN n % 5 > 0 THEN date('2026-02-01', (n % 300) || ' days') END FROM n WHERE n <= 50 * @SCALE@;
INSERT INTO reviews (product, customer, stars, text)
    SELECT 1 + n % 200, CASE WHEN n % 9 > 0 THEN 1 + n % 50 END, 1 + n % 5, CASE WHEN n % 2 = 0 THEN 'good ' || (n % 20) END FROM n WHERE n <= 50 * @SCALE@;
INSERT INTO events SELECT n, CASE n % 3 WHEN 0 THEN 'noise' ELSE 'click' END, datetime('2026-01-01', n || ' seconds'), n / 7.0, CASE WHEN n % 2 = 0 THEN json_object('n', n) END FROM n WHERE n <= 100 * @SCALE@;
COMMIT;
DROP TABLE temp.n;
