DROP INDEX orders_placed ON orders;
