//! The databases that other tests stand on: that they are private, unique, equal where they should
//! be, and break when told to.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use migrate_tests::server::{
    self, Database, Engine, MIGRATION_TABLES, PgBouncer, PrivateServer, Proxy,
};

const HOSTILE: &str = "it's `a` \"b\" ü; -- DROP";

#[test]
fn hostile_names_make_databases_of_their_own() {
    for server in server::all() {
        let (one, two) = (server.database(HOSTILE), server.database(HOSTILE));
        assert_ne!(one.url(), two.url());
        one.sql("CREATE TABLE only_here (id int)");
        assert!(
            two.try_sql("SELECT * FROM only_here").is_err(),
            "{} shares",
            one.engine()
        );
        assert_eq!(
            Database::at(one.url()).sql("SELECT count(*) FROM only_here"),
            "0"
        );
        assert!(one.name().contains(HOSTILE), "{}", one.name());
    }
}

#[test]
fn a_dropped_database_is_gone_although_somebody_is_connected() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        let database = server.database("dropped");
        let sleep = match server.engine() {
            Engine::Postgres => "BEGIN; CREATE TABLE t (id int); SELECT pg_sleep(60)",
            _ => "CREATE TABLE t (id int); BEGIN; SELECT * FROM t; SELECT SLEEP(60)",
        };
        let guest = (*database).clone();
        let guest = thread::spawn(move || guest.try_sql(sleep));
        wait_for("the guest", || {
            server
                .admin()
                .sql(SESSIONS[server.engine() as usize])
                .contains("dropped_")
        });
        let (url, started) = (database.url().to_owned(), Instant::now());
        drop(database);
        assert!(
            started.elapsed() < Duration::from_secs(9),
            "{:?}",
            started.elapsed()
        );
        assert!(guest.join().unwrap().is_err(), "the guest was not cut");
        assert!(
            Database::at(&url).try_sql("SELECT 1").is_err(),
            "{url} is still there"
        );
    }
}

/// The databases with a sleeping session, by engine.
const SESSIONS: [&str; 2] = [
    "SELECT datname FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'",
    "SELECT db FROM information_schema.processlist WHERE info LIKE '%SLEEP(60)%'",
];

#[test]
fn rows_come_as_lines_and_errors_as_the_client_says_them() {
    for server in server::all() {
        let database = server.database("rows");
        assert_eq!(
            database.sql("SELECT 1, 'a b' UNION SELECT 2, 'ü' ORDER BY 1"),
            "1\ta b\n2\tü"
        );
        database.sql("CREATE TABLE t (id int)");
        // The client stops at the first error and keeps what came before.
        let error =
            database.try_sql("INSERT INTO t VALUES (1); SELECT nothing; INSERT INTO t VALUES (2)");
        assert!(error.unwrap_err().contains("nothing"));
        assert_eq!(database.sql("SELECT id FROM t"), "1");
    }
}

#[test]
fn scripts_run_with_the_engines_own_client() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a script.sql");
    for server in server::all() {
        let database = server.database("script");
        // What only the client understands.
        let script = match server.engine() {
            Engine::Postgres => "CREATE TABLE t (a text);\nCOPY t FROM STDIN;\nx;y\n\\.\n",
            Engine::Mariadb => {
                "CREATE TABLE t (a text);\nDELIMITER //\n\
                 CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES ('x;y'); END//\nDELIMITER ;\nCALL p();\n"
            }
            Engine::Sqlite => "CREATE TABLE t (a text);\n.print\nINSERT INTO t VALUES ('x;y');\n",
        };
        fs::write(&path, script).unwrap();
        database.try_file(&path).unwrap();
        assert_eq!(database.sql("SELECT a FROM t"), "x;y");
        fs::write(&path, "SELECT broken").unwrap();
        assert!(database.try_file(&path).unwrap_err().contains("broken"));
        assert!(database.try_file(Path::new("missing.sql")).is_err());
    }
}

#[test]
fn equal_schemas_have_equal_dumps() {
    for server in server::all() {
        let make = |sql: &str| {
            let database = server.database(HOSTILE);
            database.sql(sql);
            database.schema_dump(MIGRATION_TABLES)
        };
        let key = match server.engine() {
            Engine::Postgres => "id serial PRIMARY KEY",
            Engine::Mariadb => "id int AUTO_INCREMENT PRIMARY KEY",
            Engine::Sqlite => "id integer PRIMARY KEY AUTOINCREMENT",
        };
        let base = format!(
            "CREATE TABLE books ({key}, title varchar(20)); CREATE INDEX by_title ON books (title); \
             CREATE VIEW titles AS SELECT title FROM books;"
        );
        let plain = make(&base);
        for expected in ["books", "by_title", "titles"] {
            assert!(plain.contains(expected), "{expected} is missing:\n{plain}");
        }
        let with_rows_and_history = make(&format!(
            "CREATE TABLE _migrate_history (version {}); CREATE TABLE __diesel_schema_migrations (v int);\
             {base} INSERT INTO books (title) VALUES ('a'), ('b');",
            if server.engine() == Engine::Postgres {
                "serial"
            } else {
                "int"
            },
        ));
        assert_eq!(plain, with_rows_and_history);
        assert_ne!(
            plain,
            make(&format!("{base} CREATE TABLE amigrate_x (id int);"))
        );
        assert_ne!(plain, make(&base.replace("varchar(20)", "varchar(21)")));
        assert_ne!(plain, make(&base.replace("(title)", "(title, id)")));
    }
}

#[test]
fn dumps_hold_what_is_stored_in_the_database() {
    if let Some(server) = server::mariadb() {
        let database = server.database("stored");
        database.sql(
            "CREATE TABLE t (id int); CREATE PROCEDURE a_procedure() SELECT 1; \
             CREATE FUNCTION a_function() RETURNS int RETURN 1; \
             CREATE TRIGGER a_trigger BEFORE INSERT ON t FOR EACH ROW SET @x = 1; \
             CREATE EVENT an_event ON SCHEDULE EVERY 1 YEAR DO SELECT 1;",
        );
        let dump = database.schema_dump(&[]);
        for expected in ["a_procedure", "a_function", "a_trigger", "an_event"] {
            assert!(dump.contains(expected), "{expected} is missing:\n{dump}");
        }
    }
    if let Some(server) = server::postgres() {
        let database = server.database("stored");
        database.sql(
            "CREATE TYPE mood AS ENUM ('sad'); CREATE SCHEMA s; CREATE TABLE s.t (id int); \
             CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMENT ON TABLE s.t IS 'told';",
        );
        let dump = database.schema_dump(&[]);
        for expected in ["mood", "s.t", "FUNCTION public.f", "told"] {
            assert!(dump.contains(expected), "{expected} is missing:\n{dump}");
        }
    }
}

#[test]
fn another_user_has_its_own_rights() {
    if let Some(server) = server::postgres() {
        let database = server.database("reader");
        let user = database.name();
        server
            .admin()
            .sql(&format!("CREATE ROLE {user} LOGIN PASSWORD 'p w:/@'"));
        database.sql("CREATE TABLE t (id int)");
        let reader = database.as_user(user, "p w:/@");
        assert_eq!(reader.sql("SELECT 1"), "1");
        assert!(
            reader
                .try_sql("SELECT * FROM t")
                .unwrap_err()
                .contains("permission denied")
        );
        server.admin().sql(&format!("DROP ROLE {user}"));
    }
    if let Some(server) = server::mariadb() {
        let database = server.database("reader");
        server.admin().sql(&format!(
            "CREATE USER '{0}' IDENTIFIED BY 'p w:/@'",
            database.name()
        ));
        let reader = database.as_user(database.name(), "p w:/@");
        assert!(
            reader
                .try_sql("SELECT 1")
                .unwrap_err()
                .contains("Access denied")
        );
        server.admin().sql(&format!(
            "GRANT SELECT ON `{0}`.* TO '{0}'",
            database.name()
        ));
        assert_eq!(reader.sql("SELECT 1"), "1");
        server
            .admin()
            .sql(&format!("DROP USER '{0}'", database.name()));
    }
}

#[test]
fn a_killed_server_comes_back_with_what_was_committed() {
    for engine in [Engine::Postgres, Engine::Mariadb] {
        let Some(mut private) = PrivateServer::start(engine) else {
            continue;
        };
        let database = private.server().database("survivor");
        database.sql("CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        private.kill9();
        assert!(
            database.try_sql("SELECT 1").is_err(),
            "a killed {engine} answers"
        );
        private.start_again();
        assert_eq!(database.sql("SELECT id FROM t"), "1");
        private.restart();
        assert_eq!(database.sql("SELECT id FROM t"), "1");
    }
}

#[test]
fn private_servers_take_settings_and_leave_nothing() {
    for engine in [Engine::Postgres, Engine::Mariadb] {
        let Some(private) = PrivateServer::start_with(
            engine,
            &["lock_timeout=1234"].map(|pg| {
                if engine == Engine::Postgres {
                    pg
                } else {
                    "lock-wait-timeout=1234"
                }
            }),
        ) else {
            continue;
        };
        let admin = private.server().admin().clone();
        let shown = match engine {
            Engine::Postgres => admin.sql("SHOW lock_timeout"),
            _ => admin.sql("SELECT @@global.lock_wait_timeout"),
        };
        assert!(shown.contains("1234"), "{shown}");
        let folder = private.data_folder();
        assert!(folder.is_dir());
        drop(private);
        assert!(
            !folder.parent().unwrap().exists(),
            "{} was left",
            folder.display()
        );
        assert!(
            admin.try_sql("SELECT 1").is_err(),
            "{engine} was left running"
        );
    }
}

#[test]
fn killing_the_owner_ends_its_server() {
    let Some(bin) = std::env::var_os("MIGRATE_TEST_PG_BIN") else {
        server::left_out(
            "PostgreSQL restarts: MIGRATE_TEST_PG_BIN names no program (tests/run finds it)",
        );
        return;
    };
    // A shell that starts a server as the harness does, and waits; then it is killed.
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/servers.sh");
    let folder = tempfile::tempdir().unwrap();
    let (said, pipe) = (folder.path().join("said"), folder.path().join("pipe"));
    let program =
        "mkfifo \"$2\"; bash \"$0\" serve postgres <\"$2\" >\"$1\" & exec 3>\"$2\"; read -r _ <&0";
    let mut owner = Command::new("bash")
        .args(["-c", program, script])
        .args([&said, &pipe])
        .env("MIGRATE_TEST_PG_BIN", bin)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let line = |beginning: &str| {
        let said = fs::read_to_string(&said).unwrap_or_default();
        said.lines()
            .find_map(|line| line.strip_prefix(beginning).map(str::to_owned))
    };
    wait_for("a server", || line("ready ").is_some());
    let (database, data) = (
        Database::at(&line("ready ").unwrap()),
        line("folder ").unwrap(),
    );
    assert_eq!(database.sql("SELECT 1"), "1");
    owner.kill().unwrap();
    owner.wait().unwrap();
    wait_for("the folder to go", || !Path::new(&data).exists());
    assert!(
        database.try_sql("SELECT 1").is_err(),
        "the server outlived its owner"
    );
}

/// `tests/run` is told to end in the middle of everything: its servers end with it.
#[cfg(unix)]
#[test]
fn a_run_that_is_told_to_end_stops_its_servers() {
    use std::os::unix::fs::PermissionsExt as _;

    if server::postgres().is_none() {
        return;
    }
    // In the place of cargo, something that tells who it is and waits.
    let folder = tempfile::tempdir().unwrap();
    let (cargo, told) = (folder.path().join("cargo"), folder.path().join("told"));
    let waiting =
        "#!/bin/sh\necho $$ >\"$TOLD.new\" && mv \"$TOLD.new\" \"$TOLD\"\nexec sleep 60\n";
    fs::write(&cargo, waiting).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut run = Command::new("bash")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/run"))
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .env("TOLD", &told)
        .env("MIGRATE_TEST_LEFT_OUT", folder.path().join("left-out"))
        .env("MIGRATE_TEST_MARIADB_URL", "mysql://nobody@127.0.0.1/none")
        .env_remove("MIGRATE_TEST_POSTGRES_URL")
        .spawn()
        .unwrap();
    wait_for("the tests to begin", || told.exists());
    for process in [run.id().to_string(), fs::read_to_string(&told).unwrap()] {
        let killed = Command::new("kill").arg(process.trim()).status().unwrap();
        assert!(killed.success());
    }
    if !happens(|| run.try_wait().unwrap().is_some()) {
        run.kill().unwrap();
    }
    assert_eq!(run.wait().unwrap().code(), Some(143));
}

#[test]
fn transaction_mode_shares_sessions() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("pooled");
    let settings = ["pool_mode=transaction", "default_pool_size=1"];
    let Some(mut pooler) = PgBouncer::start(&database, &settings) else {
        return;
    };
    let pooled = pooler.through(&database);
    // Two clients, one session: what session locks fall for.
    let pid = pooled.sql("SELECT pg_backend_pid()");
    assert_eq!(pooled.sql("SELECT pg_backend_pid()"), pid);
    assert_ne!(database.sql("SELECT pg_backend_pid()"), pid);
    pooler.restart();
    assert_ne!(pooled.sql("SELECT pg_backend_pid()"), pid);
}

#[test]
fn a_cut_connection_fails_its_client_and_new_ones_work() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        let database = server.database("cut");
        let proxy = Proxy::start(&database);
        let near = proxy.through(&database);
        assert_eq!(near.sql("SELECT 1"), "1");

        let client = sleeping_client(&near, &server);
        proxy.cut();
        let error = client.join().unwrap().unwrap_err();
        assert!(error.contains("server"), "{error}");
        assert_eq!(near.sql("SELECT 2"), "2");

        proxy.refuse(true);
        assert!(near.try_sql("SELECT 3").is_err());
        proxy.refuse(false);
        assert_eq!(near.sql("SELECT 4"), "4");
    }
}

#[test]
fn a_frozen_connection_waits_until_thawed() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        let database = server.database("frozen");
        let proxy = Proxy::start(&database);
        proxy.freeze();
        let near = proxy.through(&database);
        let client = thread::spawn(move || near.try_sql("SELECT 1"));
        thread::sleep(Duration::from_millis(300));
        assert!(
            !client.is_finished(),
            "{} answered through the ice",
            server.engine()
        );
        proxy.thaw();
        assert_eq!(client.join().unwrap().unwrap(), "1");

        // Frozen and then cut: what was held back never arrives.
        proxy.freeze();
        let near = proxy.through(&database);
        let client = thread::spawn(move || near.try_sql("CREATE TABLE late (id int)"));
        thread::sleep(Duration::from_millis(300));
        proxy.cut();
        assert!(client.join().unwrap().is_err());
        proxy.thaw();
        assert!(database.try_sql("SELECT * FROM late").is_err());
    }
}

/// A client in the middle of a statement of one minute.
fn sleeping_client(
    near: &Database,
    server: &server::Server,
) -> thread::JoinHandle<Result<String, String>> {
    let (near, sleep) = match server.engine() {
        Engine::Postgres => (near.clone(), "SELECT pg_sleep(60)"),
        _ => (near.clone(), "SELECT SLEEP(60)"),
    };
    let name = near.name().to_owned();
    let client = thread::spawn(move || near.try_sql(sleep));
    wait_for("the client", || {
        server
            .admin()
            .sql(SESSIONS[server.engine() as usize])
            .contains(&name)
    });
    client
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    assert!(happens(condition), "waited too long for {what}");
}

/// Whether it comes true within half a minute.
fn happens(mut condition: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if started.elapsed() >= Duration::from_secs(30) {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
}
