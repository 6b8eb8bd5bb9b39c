CREATE TABLE loyalty (
    customer bigint PRIMARY KEY REFERENCES customers,
    points int NOT NULL DEFAULT 0
);
INSERT INTO loyalty (customer, points) SELECT customer, count(*) FROM orders GROUP BY customer;
