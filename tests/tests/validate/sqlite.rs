//! Faults of SQLite.

use migrate_tests::server;

use super::each_is_found;

const SHOP: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT UNIQUE, age INT CHECK (age >= 18),
        name TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT REFERENCES customers);
    CREATE INDEX by_name ON customers (name);
    CREATE VIEW adults AS SELECT id FROM customers WHERE age > 20;
    INSERT INTO customers VALUES (1, 'a', 20, 'x'), (2, 'b', NULL, 'y');
    INSERT INTO orders VALUES (1, 1), (2, NULL)";

#[test]
fn faults() {
    let Some(server) = server::sqlite() else {
        return;
    };
    each_is_found(
        &server,
        SHOP,
        &[
            (
                "an orphan that came while keys were off",
                "PRAGMA foreign_keys = 0; INSERT INTO orders VALUES (3, 99)",
                &["failed foreign_key orders to customers"],
            ),
            (
                "a table that is referenced and gone",
                "PRAGMA foreign_keys = 0; DROP VIEW adults; DROP TABLE customers",
                &[
                    "warning row_count customers",
                    "failed foreign_key orders to customers",
                ],
            ),
            (
                "a row that came while checks were off",
                "PRAGMA ignore_check_constraints = 1; UPDATE customers SET age = 3 WHERE id = 1",
                &["failed integrity the file"],
            ),
            (
                "a NULL where none may be",
                "UPDATE customers SET name = NULL WHERE id = 2; PRAGMA writable_schema = 1;
                 UPDATE sqlite_master SET sql = replace(sql, 'name TEXT', 'name TEXT NOT NULL')
                 WHERE name = 'customers'",
                &["failed integrity the file"],
            ),
            (
                "an index that does not have its rows",
                "PRAGMA writable_schema = 1;
                 UPDATE sqlite_master SET sql = 'CREATE INDEX by_name ON customers (email)'
                 WHERE name = 'by_name'",
                &["failed integrity the file", "failed integrity the file"],
            ),
            (
                "a view over a table that is gone",
                "PRAGMA writable_schema = 1;
                 UPDATE sqlite_master SET sql = 'CREATE VIEW adults AS SELECT id FROM nowhere'
                 WHERE name = 'adults'",
                &["failed view adults"],
            ),
            (
                "rows that nobody expected to go",
                "DELETE FROM orders",
                &["warning row_count orders"],
            ),
            (
                "a table that is gone",
                "DROP TABLE orders",
                &["warning row_count orders"],
            ),
        ],
    );
}
