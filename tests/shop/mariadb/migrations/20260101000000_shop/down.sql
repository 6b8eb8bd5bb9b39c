DROP PROCEDURE forget;
DROP FUNCTION total_of;
DROP VIEW order_totals;
DROP TABLE audit, events, reviews, shipments, payments, order_items, orders, coupons, stock, warehouses,
    product_tags, tags, supplier_products, products, suppliers, categories, addresses, customers,
    currencies, countries;
DROP SEQUENCE invoice_numbers;
