//! Faults of MariaDB.

use migrate_tests::server;

use super::{Project, each_is_found};

const SHOP: &str = "
    CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(20) NOT NULL UNIQUE,
        age INT, CONSTRAINT adult CHECK (age >= 18));
    CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer_id INT,
        CONSTRAINT by_customer FOREIGN KEY (customer_id) REFERENCES customers (id));
    CREATE TABLE words (a INT, KEY by_a (a)) ENGINE=MyISAM;
    CREATE VIEW adults AS SELECT id, age FROM customers WHERE age > 20;
    INSERT INTO customers (email, age) VALUES ('a', 20), ('b', NULL);
    INSERT INTO orders (customer_id) VALUES (1), (NULL);
    INSERT INTO words VALUES (1)";

#[test]
fn faults() {
    let Some(server) = server::mariadb() else {
        return;
    };
    each_is_found(
        &server,
        SHOP,
        &[
            (
                "an orphan that came while keys were off",
                "SET foreign_key_checks = 0; INSERT INTO orders (customer_id) VALUES (99)",
                &["failed foreign_key orders.by_customer"],
            ),
            (
                "a parent that was deleted while keys were off",
                "SET foreign_key_checks = 0; DELETE FROM customers WHERE id = 1",
                &["failed foreign_key orders.by_customer"],
            ),
            (
                "a table that is referenced and gone",
                "SET foreign_key_checks = 0; DROP VIEW adults; DROP TABLE customers",
                &[
                    "warning row_count customers",
                    "failed foreign_key orders.by_customer",
                ],
            ),
            (
                "a row that came while checks were off",
                "SET check_constraint_checks = 0; UPDATE customers SET age = 3 WHERE id = 1",
                &["failed check customers.adult"],
            ),
            (
                "a view over a column that is gone",
                "ALTER TABLE customers DROP CONSTRAINT adult, DROP COLUMN age",
                &["failed view adults"],
            ),
            (
                "an index that is off",
                "ALTER TABLE words DISABLE KEYS",
                &["failed index words.by_a"],
            ),
            (
                "rows that nobody expected to go",
                "DELETE FROM orders",
                &["warning row_count orders"],
            ),
            (
                "a table that is gone",
                "DROP TABLE words",
                &["warning row_count words"],
            ),
        ],
    );
}

#[test]
fn a_new_table_without_the_rights_of_its_neighbours() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("validate");
    let (user, name) = (format!("app_{}", std::process::id()), database.name());
    database.sql(&format!(
        "CREATE USER {user}; CREATE TABLE a (x INT); CREATE TABLE b (x INT);
         GRANT SELECT ON `{name}`.a TO {user}; GRANT SELECT ON `{name}`.b TO {user}"
    ));
    let project = Project::new(&database);
    project.record();
    database.sql("CREATE TABLE c (x INT)");
    let found = project.found(&[]);
    database.sql(&format!("DROP USER {user}"));
    assert_eq!(found, ["warning privileges c"]);
}
