//! A small database with one of everything that a dump may lose.

use migrate_tests::server::{Database, Engine};

/// Fills a database.
pub(crate) fn fill(database: &Database) {
    database.sql(match database.engine() {
        Engine::Postgres => POSTGRES,
        Engine::Mariadb => MARIADB,
        Engine::Sqlite => SQLITE,
    });
}

/// What it holds, as text: the values of every table.
pub(crate) fn contents(database: &Database) -> String {
    database.sql(
        "SELECT * FROM customers ORDER BY id; SELECT * FROM orders ORDER BY id;
         SELECT * FROM totals ORDER BY 1",
    )
}

const POSTGRES: &str = r#"
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE TABLE customers (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood mood, born date,
    score double precision, photo bytea, extra jsonb, tags text[]
);
CREATE TABLE orders (
    id int PRIMARY KEY, customer int NOT NULL REFERENCES customers, amount numeric(12, 4),
    at timestamptz, note text
) PARTITION BY RANGE (id);
CREATE TABLE orders_low PARTITION OF orders FOR VALUES FROM (0) TO (100);
CREATE TABLE orders_high PARTITION OF orders FOR VALUES FROM (100) TO (1000000);
CREATE INDEX orders_at ON orders (at);
CREATE VIEW totals AS SELECT customer, sum(amount) AS total FROM orders GROUP BY customer;
CREATE SEQUENCE tickets START 100;
SELECT nextval('tickets');
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := coalesce(NEW.note, 'new'); RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON orders_low FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE SCHEMA "odd ""one""";
CREATE TABLE "odd ""one"""."a 'b'" (id int);
INSERT INTO customers (name, mood, born, score, photo, extra, tags) VALUES
    ('Ünï 漢 ''x'' \n', 'high', '0044-03-15 BC', 'NaN', '\x00ff0a', '{"a": [1, null]}', '{a,NULL,""}'),
    ('', NULL, 'infinity', 0.1, NULL, NULL, NULL), (E'tab\tline\n', 'low', NULL, -0.0, '', 'null', '{}');
INSERT INTO orders VALUES (1, 1, 10.5, '2026-01-01 00:00:00.123456+02', NULL), (200, 2, NULL, NULL, '');
"#;

const MARIADB: &str = r"
CREATE TABLE customers (
    id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) NOT NULL, mood ENUM('low', 'high'), born DATE,
    score DOUBLE, photo BLOB, extra JSON, price FLOAT
) DEFAULT CHARSET = utf8mb4;
CREATE TABLE orders (
    id INT PRIMARY KEY, customer INT NOT NULL, amount DECIMAL(12, 4), at TIMESTAMP(6) NULL, note TEXT,
    twice DECIMAL(13, 4) AS (amount * 2) STORED, FOREIGN KEY (customer) REFERENCES customers (id)
) DEFAULT CHARSET = utf8mb4;
CREATE VIEW totals AS SELECT customer, sum(amount) AS total FROM orders GROUP BY customer;
CREATE SEQUENCE tickets START WITH 100;
DO NEXTVAL(tickets);
DELIMITER //
CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW BEGIN IF NEW.note IS NULL THEN SET NEW.note = 'new'; END IF; END//
CREATE PROCEDURE clean() BEGIN DELETE FROM orders WHERE amount IS NULL; END//
CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM orders WHERE id < 0//
DELIMITER ;
INSERT INTO customers (name, mood, born, score, photo, extra, price) VALUES
    ('Ünï 漢 😀 ''x'' \\n', 'high', '1000-01-01', 0.1, x'00ff0a1a5c27', '{}', 1.5),
    ('', NULL, '9999-12-31', -1e300, NULL, NULL, NULL), ('tab\tline\r\n', 'low', NULL, 0, '', 'null', 3);
INSERT INTO orders (id, customer, amount, at, note) VALUES (1, 1, 10.5, '2026-01-01 00:00:00.123456', NULL), (200, 2, NULL, NULL, '');
";

const SQLITE: &str = r#"
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, score REAL, photo BLOB, anything);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, customer INT NOT NULL REFERENCES customers, amount NUMERIC, note TEXT
);
CREATE INDEX orders_amount ON orders (amount) WHERE amount > 0;
CREATE VIEW totals AS SELECT customer, sum(amount) AS total FROM orders GROUP BY customer;
CREATE TRIGGER stamp AFTER INSERT ON orders WHEN NEW.note IS NULL BEGIN UPDATE orders SET note = 'new' WHERE id = NEW.id; END;
CREATE TABLE "odd ""one""" (a);
INSERT INTO customers VALUES (1, 'Ünï 漢 ''x''', 0.1, x'00ff', '1'), (2, '', NULL, NULL, 1), (3, 'a', 9e999, '', 1.0);
INSERT INTO orders VALUES (1, 1, 10.5, NULL), (200, 2, NULL, '');
PRAGMA user_version = 7;
"#;
