//! Taking over from diesel and sqlx, a baseline, and diesel's own harness with our migrations.

use diesel::Connection;
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use migrate_core::{Version, head_digest};
use migrate_runtime::{Embedded, ErrorKind, Migrations, Settings, Tool};
use migrate_tests::contract::{Command, Folder, Job, Kind};
use migrate_tests::server::{self, Database, Engine};

/// In diesel's layout; dashes in a version are its spelling, not part of it.
fn folder(engine: Engine) -> Folder {
    Folder::new(engine)
        .with("2024-01-01-000001_one/up.sql", "CREATE TABLE one (id int);")
        .with("2024-01-01-000001_one/down.sql", "DROP TABLE one;")
        .with("2024-01-02-000001_two/up.sql", "CREATE TABLE two (id int);")
        .with("2024-01-02-000001_two/down.sql", "DROP TABLE two;")
}

const VERSIONS: [&str; 2] = ["20240101000001", "20240102000001"];

/// Has diesel itself apply what is there.
fn diesel_applies(database: &Database, folder: &Folder) {
    fn run<DB, C>(address: &str, folder: &Folder)
    where
        DB: diesel::backend::Backend,
        C: Connection<Backend = DB> + MigrationHarness<DB>,
        FileBasedMigrations: diesel::migration::MigrationSource<DB>,
    {
        let source = FileBasedMigrations::from_path(folder.path()).unwrap();
        let mut conn = C::establish(address).unwrap();
        conn.run_pending_migrations(source).unwrap();
    }
    match database.engine() {
        Engine::Postgres => {
            run::<Pg, AsyncConnectionWrapper<AsyncPgConnection>>(database.url(), folder);
        }
        Engine::Mariadb => {
            run::<Mysql, AsyncConnectionWrapper<AsyncMysqlConnection>>(database.url(), folder);
        }
        Engine::Sqlite => run::<Sqlite, SqliteConnection>(database.name(), folder),
    }
}

#[test]
fn from_diesel() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("adopted");
            let folder = folder(server.engine());
            diesel_applies(&database, &folder);
            folder.write(
                "2024-01-03-000001_three/up.sql",
                "CREATE TABLE three (id int);",
            );
            let set = folder.set();
            let mut client = kind.connect(&database);
            let error = client.migrate(&set, &Job::up()).unwrap_err();
            assert_eq!(
                error.next().as_deref(),
                Some("migrate adopt --from diesel"),
                "{kind:?}"
            );
            let table = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
            let before = database.sql(table);
            let outcome = client
                .migrate(&set, &Job::new(Command::Adopt(None)))
                .unwrap();
            assert_eq!(outcome.versions(), VERSIONS, "{kind:?}");
            // Adopting again finds nothing that is not ours.
            let outcome = client
                .migrate(&set, &Job::new(Command::Adopt(Some(Tool::Diesel))))
                .unwrap();
            assert_eq!(outcome.versions(), [""; 0], "{kind:?}");
            let outcome = client.migrate(&set, &Job::up()).unwrap();
            assert_eq!(outcome.versions(), ["20240103000001"], "{kind:?}");
            assert_eq!(database.sql(table), before, "{kind:?}");
            // Diesel applied something that has no file: nothing is taken over.
            let other = server.database("adopted");
            diesel_applies(&other, &folder);
            folder.remove("2024-01-02-000001_two/up.sql");
            folder.remove("2024-01-02-000001_two/down.sql");
            std::fs::remove_dir(folder.path().join("2024-01-02-000001_two")).unwrap();
            let adopt = Job::new(Command::Adopt(Some(Tool::Diesel)));
            let error = kind
                .connect(&other)
                .migrate(&folder.set(), &adopt)
                .unwrap_err();
            assert_eq!(
                error.to_string(),
                "the history of diesel cannot be adopted: 20240102000001 is applied but has no file",
                "{kind:?}"
            );
        }
    }
}

/// A table as sqlx 0.8 makes it (`ensure_migrations_table`), with one row a file.
fn sqlx_applies(database: &Database, files: &[(&str, &str, &str)]) {
    let (bytes, time) = match database.engine() {
        Engine::Postgres => ("BYTEA", "TIMESTAMPTZ NOT NULL DEFAULT now()"),
        _ => ("BLOB", "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP"),
    };
    database.sql(&format!(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on {time}, success BOOLEAN NOT NULL, checksum {bytes} NOT NULL, \
         execution_time BIGINT NOT NULL)"
    ));
    for (version, sql, sha384) in files {
        database.sql(sql);
        let checksum = match database.engine() {
            Engine::Postgres => format!("decode('{sha384}', 'hex')"),
            _ => format!("X'{sha384}'"),
        };
        database.sql(&format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES ({version}, 'a', true, {checksum}, 1)"
        ));
    }
}

/// Texts with what `sha384sum` says of them.
const FILES: [(&str, &str, &str); 2] = [
    (
        "1",
        "CREATE TABLE one (id int);\n",
        "fae7d979e4530c6b8d362c56b227c65201d0fea0ae7218e9a62ce5b8e40782f167abf9950e32ddb39efae22ef15f6eaf",
    ),
    (
        "2",
        "CREATE TABLE two (id int);\n",
        "a19274d90fb5a906a003748855cb0da65acb7af9f2e01386dc0531a773931c61484f59c8b141ae993f5e7f5fef6fd7d0",
    ),
];

#[test]
fn from_sqlx() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("adopted");
            sqlx_applies(&database, &FILES);
            let folder = Folder::new(server.engine())
                .with("1_one.sql", FILES[0].1)
                // The same file in a checkout with other line ends.
                .with("2_two.sql", &FILES[1].1.replace('\n', "\r\n"))
                .with("3_three.sql", "CREATE TABLE three (id int);");
            let mut client = kind.connect(&database);
            let adopt = Job::new(Command::Adopt(None));
            let outcome = client.migrate(&folder.set(), &adopt).unwrap();
            assert_eq!(outcome.versions(), ["1", "2"], "{kind:?}");
            assert_eq!(
                client
                    .migrate(&folder.set(), &Job::up())
                    .unwrap()
                    .versions(),
                ["3"]
            );

            let database = server.database("adopted");
            sqlx_applies(&database, &FILES);
            folder.write("2_two.sql", "CREATE TABLE two (id bigint);\n");
            let mut client = kind.connect(&database);
            let error = client.migrate(&folder.set(), &adopt).unwrap_err();
            assert_eq!(
                error.to_string(),
                "the history of sqlx cannot be adopted: 2_two was edited after sqlx applied it",
                "{kind:?}"
            );
            let none = database.try_sql("SELECT count(*) FROM _migrate_history");
            assert!(matches!(none.as_deref(), Err(_) | Ok("0")), "{kind:?}");
            folder.write("2_two.sql", FILES[1].1);
            database.sql("UPDATE _sqlx_migrations SET success = false WHERE version = 2");
            let error = client.migrate(&folder.set(), &adopt).unwrap_err();
            assert!(
                error.to_string().contains("2 failed half-way"),
                "{kind:?}: {error}"
            );
        }
    }
}

#[test]
fn not_while_sqlx_itself_is_running() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        let kind = Kind::first(server.engine());
        let database = server.database("adopted");
        sqlx_applies(&database, &FILES);
        let set = Folder::new(server.engine())
            .with("1_one.sql", FILES[0].1)
            .with("2_two.sql", FILES[1].1)
            .set();
        let mut sqlx = kind.connect(&database);
        match server.engine() {
            Engine::Postgres => {
                let number = 0x3d32_ad9e * i64::from(crc32(database.name().as_bytes()));
                sqlx.batch(&format!("SELECT pg_advisory_lock({number})"));
            }
            // Let the server compute it.
            _ => sqlx.batch(
                "SELECT GET_LOCK(LOWER(HEX(CAST(0x3d32ad9e AS UNSIGNED) * CRC32(DATABASE()))), 0)",
            ),
        }
        let adopt = Job::new(Command::Adopt(None));
        let mut client = kind.connect(&database);
        let error = client.migrate(&set, &adopt).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Adoption { .. }),
            "{kind:?}: {error:?}"
        );
        assert!(
            error.to_string().contains("running right now"),
            "{kind:?}: {error}"
        );
        drop(sqlx);
        let outcome = client.migrate(&set, &adopt);
        // The server may take a moment to see that the other one is gone.
        let outcome = outcome.or_else(|_| {
            std::thread::sleep(std::time::Duration::from_secs(1));
            client.migrate(&set, &adopt)
        });
        assert_eq!(outcome.unwrap().versions(), ["1", "2"], "{kind:?}");
    }
}

/// As zlib computes it, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let odd = crc % 2 == 1;
            crc /= 2;
            if odd {
                crc ^= 0xEDB8_8320;
            }
        }
    }
    !crc
}

#[test]
fn a_baseline_is_recorded_and_not_run() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("baseline");
            database.sql("CREATE TABLE one (id int)");
            let set = folder(server.engine()).set();
            let mut client = kind.connect(&database);
            let version = Version::parse(VERSIONS[0]).unwrap();
            let baseline = Job::new(Command::Baseline(version));
            let outcome = client.migrate(&set, &baseline).unwrap();
            assert_eq!(outcome.versions(), VERSIONS[..1], "{kind:?}");
            let outcome = client.migrate(&set, &Job::up()).unwrap();
            assert_eq!(outcome.versions(), VERSIONS[1..], "{kind:?}");
            let error = client.migrate(&set, &baseline).unwrap_err();
            assert!(
                error.to_string().contains("a baseline is for a database"),
                "{error}"
            );
        }
    }
}

#[test]
fn diesels_own_harness_runs_ours_and_refuses_beside_our_history() {
    fn check<DB, C>(database: &Database, address: &str)
    where
        DB: migrate_runtime::Database,
        C: Connection<Backend = DB> + MigrationHarness<DB> + diesel::connection::LoadConnection,
    {
        let set = folder(database.engine()).set();
        let head = head_digest(
            set.migrations()
                .iter()
                .map(|m| (&m.version, &m.up.checksum)),
        );
        let embedded: &'static Embedded = Box::leak(Box::new(Embedded {
            set,
            head,
            settings: Settings::DEFAULT,
            directory: None,
        }));
        let migrations = Migrations::<DB>::new(embedded);
        let mut conn = C::establish(address).unwrap();
        conn.run_pending_migrations(migrations).unwrap();
        database.sql("SELECT id FROM one; SELECT id FROM two");
        assert!(database.try_sql("SELECT 1 FROM _migrate_history").is_err());
        // Our own path then asks to adopt.
        let error = migrations.run(&mut conn).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Foreign(_)), "{error:?}");
        conn.revert_all_migrations(migrations).unwrap();
        assert_eq!(migrations.run(&mut conn).unwrap().steps.len(), 2);
        let error = conn.revert_last_migration(migrations);
        assert!(error.is_err(), "there is nothing in diesel's table");
        database.sql("DROP TABLE one; DROP TABLE two");
        let error = conn.run_pending_migrations(migrations).unwrap_err();
        assert!(error.to_string().contains("has rows"), "{error}");
        assert!(database.try_sql("SELECT 1 FROM one").is_err());
    }
    for server in server::all() {
        let database = server.database("harness");
        match server.engine() {
            Engine::Postgres => {
                check::<Pg, AsyncConnectionWrapper<AsyncPgConnection>>(&database, database.url());
            }
            Engine::Mariadb => {
                check::<Mysql, AsyncConnectionWrapper<AsyncMysqlConnection>>(
                    &database,
                    database.url(),
                );
            }
            Engine::Sqlite => check::<Sqlite, SqliteConnection>(&database, database.name()),
        }
    }
}
