CREATE TABLE loyalty (customer INTEGER PRIMARY KEY REFERENCES customers, points INTEGER NOT NULL DEFAULT 0);
INSERT INTO loyalty (customer, points) SELECT customer, count(*) FROM orders GROUP BY customer;
