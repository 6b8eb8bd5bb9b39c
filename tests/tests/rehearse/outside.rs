//! Nothing outside of the copy changes: every value of the database and of its neighbour, its roles
//! and its files are the same before and after, whatever triggers, routines and scripts try.

use std::fs;

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_ops::connect::{DatabaseUrl, Engine as Connects, Open, runtime};
use migrate_ops::digest::{DatabaseDigest, Selection, compare, digest};
use migrate_tests::server::{self as real, Database, Engine};
use sha2::{Digest as _, Sha256};

use crate::project::Project;

/// All that may not change.
struct Outside {
    databases: Vec<DatabaseDigest>,
    /// Roles or users with their rights, and the server's databases.
    server: String,
    /// A digest of SQLite's file.
    file: Option<String>,
}

impl Outside {
    fn of(databases: &[&Database]) -> Self {
        let first = databases[0];
        let server = match first.engine() {
            Engine::Postgres => first.sql(
                "SELECT string_agg(r::text, ';' ORDER BY r.rolname) FROM pg_roles r \
                 WHERE rolname NOT LIKE 'reader\\_%'",
            ),
            Engine::Mariadb => first.sql(
                "SELECT GROUP_CONCAT(CONCAT(User, '@', Host, Super_priv, Insert_priv) \
                 ORDER BY User, Host) FROM mysql.user WHERE User NOT LIKE 'app\\_%'",
            ),
            Engine::Sqlite => String::new(),
        };
        let url = DatabaseUrl::parse(first.url()).unwrap();
        let file = url.file().map(|file| {
            let digest = Sha256::digest(fs::read(file).unwrap());
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        });
        Outside {
            databases: databases.iter().map(|it| whole(it)).collect(),
            server,
            file,
        }
    }

    fn is_the_same(&self, databases: &[&Database], after: &str) {
        let now = Outside::of(databases);
        for (before, now) in self.databases.iter().zip(&now.databases) {
            let found = compare(before, now);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, Vec::<String>::new(), "{after}");
            assert!(before.rows() > 0, "{after}");
        }
        assert_eq!(self.server, now.server, "{after}");
        assert_eq!(self.file, now.file, "{after}");
    }
}

/// Every table, the history too.
fn whole(database: &Database) -> DatabaseDigest {
    fn read<DB: Connects>(url: &str) -> DatabaseDigest {
        let runtime = runtime().unwrap();
        let url = DatabaseUrl::parse(url).unwrap();
        let opened = DB::connect(&url, Open::Existing, &runtime).unwrap();
        let mut conn = opened.connection;
        digest::<DB, _>(&mut conn, &Selection::all()).unwrap()
    }
    match database.engine() {
        Engine::Postgres => read::<Pg>(database.url()),
        Engine::Mariadb => read::<Mysql>(database.url()),
        Engine::Sqlite => read::<Sqlite>(database.url()),
    }
}

const ORDERS: &str = "CREATE TABLE orders (id int PRIMARY KEY, total smallint NOT NULL, \
                      note varchar(20) NOT NULL);";

/// The database with two orders, and a migration whose ways fire triggers.
fn orders(engine: Engine, database: &Database) -> Project {
    let project = Project::new(engine);
    project.migration("1_orders", ORDERS, "DROP TABLE orders;");
    project.up(database);
    database.sql("INSERT INTO orders VALUES (1, 10, 'Ann'), (2, 20, 'Zoë')");
    project.migration(
        "2_fill",
        "INSERT INTO orders VALUES (3, 30, 'Bob');\nUPDATE orders SET total = total + 1;",
        "UPDATE orders SET total = total - 1;\nDELETE FROM orders WHERE id = 3;",
    );
    project
}

/// A rehearsal that passes, with rows of the new schema too.
#[test]
fn a_rehearsal_that_passes() {
    for server in real::all() {
        let database = server.database("live");
        let project = orders(server.engine(), &database);
        let (up, down) = match server.engine() {
            Engine::Postgres => (
                "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;",
                "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
            ),
            Engine::Mariadb => (
                "ALTER TABLE orders MODIFY note varchar(20);",
                "ALTER TABLE orders MODIFY note varchar(20) NOT NULL;",
            ),
            Engine::Sqlite => (
                "ALTER TABLE orders ADD COLUMN state int;",
                "ALTER TABLE orders DROP COLUMN state;",
            ),
        };
        project.migration("3_loose", up, down);
        project.back_up(&database);
        let outside = Outside::of(&[&database]);
        let (code, evidence) = project.rehearse(&[], &database);
        assert_eq!(code, 0, "{evidence:#}");
        outside.is_the_same(&[&database], "a rehearsal on the backup");
        let (code, evidence) = project.rehearse(&["--empty"], &database);
        assert_eq!(code, 0, "{evidence:#}");
        outside.is_the_same(&[&database], "a rehearsal on an empty copy");
    }
}

#[test]
fn triggers_and_routines_of_postgres() {
    let Some(server) = real::postgres() else {
        return;
    };
    let (database, neighbour) = (server.database("live"), server.database("neighbour"));
    neighbour.sql("CREATE TABLE seen (id int); INSERT INTO seen VALUES (1)");
    let project = orders(Engine::Postgres, &database);
    database.sql("SELECT lo_from_bytea(0, 'large')");
    let others: &[&Database] = &[&database, &neighbour];
    let target = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777))
        .tempdir()
        .unwrap();
    let file = target.path().join("written");
    let file = file.display();
    let url = DatabaseUrl::parse(neighbour.url()).unwrap();
    let (host, port) = url.hosts[0].clone();
    let connection = format!(
        "host={host} port={} dbname={} user={} password={}",
        port.unwrap_or(5432),
        neighbour.name(),
        url.user.as_deref().unwrap_or_default(),
        url.password.as_deref().unwrap_or_default()
    );
    let trigger = |body: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $f$ \
             BEGIN {body} RETURN NEW; END $f$; \
             CREATE OR REPLACE TRIGGER tell AFTER INSERT OR UPDATE ON orders \
             FOR EACH ROW EXECUTE FUNCTION tell()"
        )
    };
    let has = |extension: &str| {
        let sql =
            format!("SELECT count(*) FROM pg_available_extensions WHERE name = '{extension}'");
        database.sql(&sql) == "1"
    };
    let mut tried = vec![
        (
            "COPY TO PROGRAM",
            trigger(&format!("COPY orders TO PROGRAM 'cat > {file}';")),
            "TO PROGRAM",
        ),
        (
            "a large object to a file",
            trigger(&format!(
                "PERFORM lo_export(oid, '{file}') FROM pg_largeobject_metadata;"
            )),
            "LO_EXPORT",
        ),
    ];
    if has("dblink") {
        database.sql("CREATE EXTENSION dblink");
        let write = "INSERT INTO seen VALUES (2)";
        tried.push((
            "dblink",
            trigger(&format!("PERFORM dblink_exec('{connection}', '{write}');")),
            "DBLINK_EXEC",
        ));
        tried.push((
            "dblink by words that are put together",
            trigger(&format!(
                "EXECUTE 'SELECT dbl' || 'ink_exec(''{connection}'', ''{write}'')';"
            )),
            "the extension dblink",
        ));
    } else {
        real::left_out("dblink is not installed");
    }
    for (what, make, expected) in tried {
        database.sql(&make);
        project.back_up(&database);
        let outside = Outside::of(others);
        let (code, refused) = project.rehearse(&[], &database);
        assert_eq!(code, 2, "{what}: {refused:#}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(expected), "{what}: {message}");
        outside.is_the_same(others, what);
        assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0, "{what}");
    }
    if has("dblink") {
        database.sql("DROP EXTENSION dblink");
    }
    if has("postgres_fdw") {
        database.sql("DROP FUNCTION tell CASCADE");
        database.sql(&format!(
            "CREATE EXTENSION postgres_fdw; \
             CREATE SERVER there FOREIGN DATA WRAPPER postgres_fdw \
             OPTIONS (host '{host}', port '{}', dbname '{}'); \
             CREATE USER MAPPING FOR CURRENT_USER SERVER there OPTIONS (user '{}', password '{}'); \
             CREATE FOREIGN TABLE seen (id int) SERVER there",
            port.unwrap_or(5432),
            neighbour.name(),
            url.user.as_deref().unwrap_or_default(),
            url.password.as_deref().unwrap_or_default()
        ));
        database.sql(&trigger("INSERT INTO seen VALUES (NEW.id);"));
        project.back_up(&database);
        let outside = Outside::of(others);
        let (code, refused) = project.rehearse(&[], &database);
        assert_eq!(code, 2, "{refused:#}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("foreign server there"), "{message}");
        outside.is_the_same(others, "a foreign table");
    } else {
        real::left_out("postgres_fdw is not installed");
    }
}

#[test]
fn triggers_and_routines_of_mariadb() {
    let Some(server) = real::mariadb() else {
        return;
    };
    let (database, neighbour) = (server.database("live"), server.database("neighbour"));
    neighbour.sql("CREATE TABLE seen (id int); INSERT INTO seen VALUES (1)");
    let project = orders(Engine::Mariadb, &database);
    let others: &[&Database] = &[&database, &neighbour];
    let name = neighbour.name();
    for (what, make, drop) in [
        (
            "a trigger",
            format!(
                "CREATE TRIGGER tell AFTER INSERT ON orders FOR EACH ROW \
                 INSERT INTO {name}.seen VALUES (NEW.id)"
            ),
            "DROP TRIGGER tell",
        ),
        (
            "a routine with words that are put together",
            format!(
                "CREATE PROCEDURE tell() EXECUTE IMMEDIATE CONCAT('INSERT INTO {}', '{}.seen VALUES (2)')",
                &name[..3],
                &name[3..]
            ),
            "DROP PROCEDURE tell",
        ),
    ] {
        database.sql(&make);
        // A trigger may not put words together, so the way up calls the routine itself.
        let calls = make.contains("PROCEDURE");
        if calls {
            project.migration(
                "2_fill",
                "-- migrate:opaque\nCALL tell();",
                "DELETE FROM orders WHERE id = 3;",
            );
        }
        project.back_up(&database);
        let outside = Outside::of(others);
        // On a server of its own there is no such neighbour.
        let (code, evidence) = project.rehearse(&[], &database);
        assert_eq!(code, 5, "{what}: {evidence:#}");
        let reasons = evidence["reasons"].to_string();
        assert!(reasons.contains("the way up failed"), "{what}: {reasons}");
        outside.is_the_same(others, what);
        // Beside the database it would find it.
        let staging = server.database("beside");
        let beside = ["--staging", staging.url(), "--same-server"];
        let (code, refused) = project.rehearse(&beside, &database);
        assert_eq!(code, 2, "{what}: {refused:#}");
        outside.is_the_same(others, what);
        database.sql(drop);
    }
    project.migration(
        "2_fill",
        "SELECT * FROM orders INTO OUTFILE '/tmp/migrate-rehearsal-out';",
        "SELECT 1;",
    );
    let outside = Outside::of(others);
    let (code, refused) = project.rehearse(&["--empty"], &database);
    assert_eq!(code, 2, "{refused:#}");
    outside.is_the_same(others, "a file");
}

#[test]
fn scripts_of_sqlite() {
    let Some(server) = real::sqlite() else { return };
    let (database, neighbour) = (server.database("live"), server.database("neighbour"));
    neighbour.sql("CREATE TABLE seen (id int); INSERT INTO seen VALUES (1)");
    let project = orders(Engine::Sqlite, &database);
    // A trigger can name tables of its own file only.
    database.sql("CREATE TABLE seen (id int)");
    database.sql(
        "CREATE TRIGGER tell AFTER INSERT ON orders BEGIN INSERT INTO seen VALUES (NEW.id); END",
    );
    let url = DatabaseUrl::parse(neighbour.url()).unwrap();
    let path = url.file().unwrap().display().to_string();
    let others: &[&Database] = &[&database, &neighbour];
    project.migration(
        "2_fill",
        "INSERT INTO orders VALUES (3, 30, 'Bob');",
        "DELETE FROM orders WHERE id = 3;\n-- migrate:opaque\nDELETE FROM seen;",
    );
    project.back_up(&database);
    let outside = Outside::of(others);
    let (code, evidence) = project.rehearse(&[], &database);
    assert_eq!(code, 0, "{evidence:#}");
    outside.is_the_same(others, "a trigger");
    for script in [
        format!("-- migrate:opaque\nATTACH '{path}' AS there; INSERT INTO there.seen VALUES (2);"),
        format!("-- migrate:opaque\n-- migrate:no-transaction\nVACUUM INTO '{path}.copy';"),
    ] {
        project.migration("2_fill", &script, "SELECT 1;");
        let (code, refused) = project.rehearse(&[], &database);
        assert_eq!(code, 2, "{refused:#}");
        outside.is_the_same(others, &script);
        assert!(!fs::exists(format!("{path}.copy")).unwrap());
    }
}
