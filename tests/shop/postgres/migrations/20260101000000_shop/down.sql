DROP FUNCTION total_of(bigint);
DROP MATERIALIZED VIEW product_stars;
DROP VIEW order_totals;
DROP TABLE audit, events, reviews, shipments, payments, order_items, orders, coupons, stock, warehouses,
    product_tags, tags, supplier_products, products, suppliers, categories, addresses, customers,
    currencies, countries;
DROP FUNCTION log_payment();
DROP FUNCTION touch();
DROP SEQUENCE invoice_numbers;
DROP DOMAIN money_amount;
DROP TYPE order_state;
