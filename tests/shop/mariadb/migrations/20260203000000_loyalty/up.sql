CREATE TABLE loyalty (
    customer BIGINT PRIMARY KEY,
    points INT NOT NULL DEFAULT 0,
    FOREIGN KEY (customer) REFERENCES customers (id)
);
INSERT INTO loyalty (customer, points) SELECT customer, COUNT(*) FROM orders GROUP BY customer;
