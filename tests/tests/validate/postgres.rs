//! Faults of PostgreSQL.

use migrate_tests::server;

use super::{Project, each_is_found};

const SHOP: &str = "
    CREATE TABLE customers (id serial PRIMARY KEY, email text NOT NULL UNIQUE,
        age int CONSTRAINT adult CHECK (age >= 18), score int);
    CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer_id int REFERENCES customers, place int, number int);
    CREATE TABLE lines (place int, number int, what text,
        CONSTRAINT lines_order FOREIGN KEY (place, number) REFERENCES places (place, number));
    CREATE INDEX by_score ON customers (score);
    CREATE UNIQUE INDEX one_open ON orders (customer_id) WHERE place = 0;
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER watch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
    CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM orders;
    INSERT INTO customers (email, age) VALUES ('a', 20), ('b', NULL), ('c', 99);
    INSERT INTO orders (customer_id, place) VALUES (1, 0), (1, 1), (NULL, 0), (NULL, 0);
    INSERT INTO lines VALUES (1, 1, 'x'), (1, NULL, 'y')";

fn make() -> String {
    format!(
        "CREATE TABLE places (place int, number int, PRIMARY KEY (place, number));
         INSERT INTO places VALUES (1, 1), (1, 2); {SHOP}"
    )
}

#[test]
fn faults() {
    let Some(server) = server::postgres() else {
        return;
    };
    each_is_found(
        &server,
        &make(),
        &[
            (
                "an orphan that came while keys were off",
                "SET session_replication_role = replica; INSERT INTO orders (customer_id) VALUES (99)",
                &["failed foreign_key orders.orders_customer_id_fkey"],
            ),
            (
                "an orphan of a key with two columns",
                "SET session_replication_role = replica; INSERT INTO lines VALUES (1, 3, 'z')",
                &["failed foreign_key lines.lines_order"],
            ),
            (
                "an orphan under a key that is not validated",
                "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;
                 INSERT INTO orders (customer_id) VALUES (99);
                 ALTER TABLE orders ADD CONSTRAINT late FOREIGN KEY (customer_id)
                 REFERENCES customers NOT VALID",
                &[
                    "warning unvalidated public.orders.late",
                    "failed foreign_key orders.late",
                ],
            ),
            (
                "equal keys, and an index that could not be made",
                "ALTER TABLE customers DROP CONSTRAINT customers_email_key;
                 INSERT INTO customers (email) VALUES ('a');
                 CREATE UNIQUE INDEX CONCURRENTLY by_email ON customers (email)",
                &[
                    "failed index public.by_email",
                    "failed unique customers.by_email",
                ],
            ),
            (
                "equal keys that the index does not know",
                "UPDATE pg_index SET indisready = false
                 WHERE indexrelid = 'customers_email_key'::regclass;
                 INSERT INTO customers (email) VALUES ('a');
                 UPDATE pg_index SET indisready = true
                 WHERE indexrelid = 'customers_email_key'::regclass",
                &["failed unique customers.customers_email_key"],
            ),
            (
                "equal keys of an index over some rows",
                "UPDATE pg_index SET indisready = false WHERE indexrelid = 'one_open'::regclass;
                 INSERT INTO orders (customer_id, place) VALUES (1, 0);
                 UPDATE pg_index SET indisready = true WHERE indexrelid = 'one_open'::regclass",
                &["failed unique orders.one_open"],
            ),
            (
                "a NULL where none may be",
                "UPDATE pg_attribute SET attnotnull = false
                 WHERE attrelid = 'customers'::regclass AND attname = 'email';
                 INSERT INTO customers (email) VALUES (NULL);
                 UPDATE pg_attribute SET attnotnull = true
                 WHERE attrelid = 'customers'::regclass AND attname = 'email'",
                &["failed not_null public.customers"],
            ),
            (
                "a row that breaks a check that is not validated",
                "INSERT INTO customers (email, score) VALUES ('d', -1);
                 ALTER TABLE customers ADD CONSTRAINT good CHECK (score > 0) NOT VALID",
                &[
                    "warning unvalidated public.customers.good",
                    "failed check customers.good",
                ],
            ),
            (
                "a row that breaks a check that says it is validated",
                "INSERT INTO customers (email, score) VALUES ('d', -1);
                 ALTER TABLE customers ADD CONSTRAINT good CHECK (score > 0) NOT VALID;
                 UPDATE pg_constraint SET convalidated = true WHERE conname = 'good'",
                &["failed check customers.good"],
            ),
            (
                "a check that is not validated, and holds",
                "ALTER TABLE customers ADD CONSTRAINT good CHECK (score > 0) NOT VALID",
                &["warning unvalidated public.customers.good"],
            ),
            (
                "an index that is not valid",
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_score'::regclass",
                &["failed index public.by_score"],
            ),
            (
                "a trigger that is off",
                "ALTER TABLE orders DISABLE TRIGGER watch",
                &["warning trigger public.orders.watch"],
            ),
            (
                "a foreign key that is not enforced",
                "ALTER TABLE lines DISABLE TRIGGER ALL",
                &["failed trigger public.lines.lines_order"],
            ),
            (
                "a sequence behind its column",
                "SELECT setval('customers_id_seq', 2)",
                &["failed sequence public.customers.id"],
            ),
            (
                "a sequence at its start",
                "ALTER SEQUENCE customers_id_seq RESTART",
                &["failed sequence public.customers.id"],
            ),
            (
                "an identity behind its column",
                "INSERT INTO orders (id) OVERRIDING SYSTEM VALUE VALUES (100)",
                &["failed sequence public.orders.id"],
            ),
            (
                "a materialized view without rows",
                "REFRESH MATERIALIZED VIEW totals WITH NO DATA",
                &["failed view public.totals"],
            ),
            (
                "rows that nobody expected to go",
                "DELETE FROM lines",
                &["warning row_count public.lines"],
            ),
            (
                "a table that is gone",
                "DROP TABLE lines",
                &["warning row_count public.lines"],
            ),
        ],
    );
}

#[test]
fn a_new_table_without_the_rights_of_its_neighbours() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("validate");
    let role = format!("app_{}", std::process::id());
    database.sql(&format!(
        "CREATE ROLE {role}; CREATE TABLE a (x int); CREATE TABLE b (x int);
         GRANT SELECT, INSERT ON a TO {role}; GRANT SELECT ON b TO {role}"
    ));
    let project = Project::new(&database);
    project.record();
    database.sql("CREATE TABLE c (x int)");
    let without = project.found(&[]);
    database.sql(&format!("GRANT SELECT ON c TO {role}"));
    let with = project.found(&[]);
    database.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    assert_eq!(without, ["warning privileges public.c"]);
    assert_eq!(with, Vec::<String>::new());
}

/// What takes too long was not checked, and that is not the same as passed.
#[test]
fn a_check_that_takes_too_long() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("validate");
    database.sql(
        "CREATE FUNCTION slow(int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
         'BEGIN IF current_setting(''application_name'') = ''migrate validate'' THEN
          PERFORM pg_sleep(20); END IF; RETURN true; END';
         CREATE TABLE t (a int CONSTRAINT slow CHECK (slow(a))); INSERT INTO t VALUES (1)",
    );
    let project = Project::new(&database);
    project.record();
    assert_eq!(
        project.found(&["--statement-timeout", "300ms"]),
        ["not_checked check t.slow"]
    );
}

/// Keys are told as hashes, unless values are asked for.
#[test]
fn keys_are_hashes() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("validate");
    database.sql(
        "CREATE TABLE p (id text PRIMARY KEY); CREATE TABLE c (id text PRIMARY KEY, p text);
         INSERT INTO c VALUES ('somebody@example.org', 'x');
         ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p NOT VALID",
    );
    let project = Project::new(&database);
    let keys = |arguments: &[&str]| {
        let (_, answer) = project.run(arguments);
        let checks = answer["checks"].as_array().unwrap().clone();
        let check = checks.into_iter().find(|it| it["kind"] == "foreign_key");
        let check = check.unwrap();
        assert_eq!(check["found"], 1);
        check["keys"].to_string()
    };
    let hashed = keys(&["validate"]);
    assert!(
        !hashed.contains("somebody") && hashed.len() == 20,
        "{hashed}"
    );
    assert_eq!(
        keys(&["validate", "--show-values"]),
        "[\"somebody@example.org\"]"
    );
}
