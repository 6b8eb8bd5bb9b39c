-- @SCALE@ thousand rows, about: most of them order items, orders and events.
INSERT INTO countries VALUES ('de', 'Deutschland'), ('fr', 'France'), ('gr', 'Ελλάδα'), ('jp', '日本'), ('xx', '');
INSERT INTO currencies VALUES ('EUR', 1), ('JPY', 162.5400000000001), ('USD', 1.1e0), ('XXX', 'NaN'), ('XXY', '-0'), ('XXZ', 'Infinity');
INSERT INTO categories SELECT n, CASE WHEN n > 3 THEN n / 3 END, 'category ' || n FROM generate_series(1, 20) n;
INSERT INTO suppliers SELECT n, 'supplier ' || n, (ARRAY['de', 'fr', 'gr', 'jp'])[1 + n % 4] FROM generate_series(1, 20) n;
INSERT INTO tags SELECT n, 'tag ' || n FROM generate_series(1, 30) n;
INSERT INTO warehouses SELECT n, 'town ' || n, CASE WHEN n > 1 THEN point(n, -n) END FROM generate_series(1, 5) n;
INSERT INTO coupons VALUES ('A', 0.10, '[2026-01-01,2026-12-31]'), ('B', 0.25, NULL), ('C', 0.00, 'empty'), ('D', 1.00, '[2026-01-01,)');
INSERT INTO customers (name, email, country, born, seen, settings)
    SELECT CASE n % 5 WHEN 0 THEN 'Ὀδυσσεύς ' || n WHEN 1 THEN '山田 ' || n WHEN 2 THEN E'O''Brien \\ "' || n WHEN 3 THEN '🦀' ELSE 'n' || n END,
        'c' || n || '@example.org', (ARRAY['de', 'fr', 'gr', 'jp'])[1 + n % 4],
        CASE n % 7 WHEN 0 THEN NULL WHEN 1 THEN date '0001-01-01' WHEN 2 THEN date '9999-12-31' WHEN 3 THEN date 'infinity' WHEN 4 THEN date '4713-01-01 BC' ELSE date '1970-01-01' + n END,
        timestamptz '2026-01-01 00:00:00.123456+00' + n * interval '1 minute',
        jsonb_build_object('n', n, 'ü', ARRAY[1.5, NULL, n])
    FROM generate_series(1, 50 * @SCALE@) n;
INSERT INTO addresses (customer, street, town)
    SELECT n, CASE WHEN n % 3 > 0 THEN 'street ' || n ELSE CASE WHEN n % 2 = 0 THEN '' END END, 'town ' || n % 100 FROM generate_series(1, 50 * @SCALE@) n;
INSERT INTO products (id, category, name, weight, price, image, attributes)
    SELECT n, 1 + n % 20, 'product ' || n, CASE WHEN n % 4 > 0 THEN 0.1 * n END, n % 100 + 0.99,
        CASE WHEN n % 2 = 0 THEN decode(md5(n::text), 'hex') END, CASE WHEN n % 3 = 0 THEN '{"b": 1, "a":  [2]}'::json END
    FROM generate_series(1, 200) n;
INSERT INTO supplier_products SELECT 1 + n % 20, n FROM generate_series(1, 200) n;
INSERT INTO product_tags SELECT n, 1 + n % 30 FROM generate_series(1, 200) n;
INSERT INTO stock SELECT w, p, (w * p) % 50 FROM generate_series(1, 5) w, generate_series(1, 200) p;
INSERT INTO orders (customer, state, coupon, placed)
    SELECT 1 + n % (50 * @SCALE@), (ARRAY['new', 'paid', 'sent', 'back'])[1 + n % 4]::order_state, CASE WHEN n % 10 = 0 THEN 'A' END,
        timestamptz '2026-01-01 00:00:00+00' + n * interval '7 seconds'
    FROM generate_series(1, 200 * @SCALE@) n;
INSERT INTO order_items (order_id, position, product, pieces, price)
    SELECT o, p, 1 + (o + p) % 200, 1 + o % 3, (o % 1000) / 10.0 FROM generate_series(1, 200 * @SCALE@) o, generate_series(1, 2) p;
INSERT INTO payments (order_id, amount, currency)
    SELECT n * 2, n % 500 + 0.5, (ARRAY['EUR', 'USD', 'JPY'])[1 + n % 3] FROM generate_series(1, 50 * @SCALE@) n;
INSERT INTO shipments (order_id, warehouse, sent) SELECT n, 1 + n % 5, CASE WHEN n % 5 > 0 THEN date '2026-02-01' + n % 300 END FROM generate_series(1, 50 * @SCALE@) n;
INSERT INTO reviews (product, customer, stars, text)
    SELECT 1 + n % 200, CASE WHEN n % 9 > 0 THEN 1 + n % 50 END, 1 + n % 5, CASE WHEN n % 2 = 0 THEN repeat('good ', n % 20) END FROM generate_series(1, 50 * @SCALE@) n;
INSERT INTO events SELECT n, CASE n % 3 WHEN 0 THEN 'noise' ELSE 'click' END, timestamp '2026-01-01' + n * interval '1 second', n / 7.0, CASE WHEN n % 2 = 0 THEN jsonb_build_object('n', n) END FROM generate_series(1, 100 * @SCALE@) n;
REFRESH MATERIALIZED VIEW product_stars;
ANALYZE;
