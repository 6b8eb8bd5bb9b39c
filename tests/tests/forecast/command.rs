//! `migrate plan` as its users see it.

use std::fs;
use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use migrate_core::{Dialect, MigrationSet};
use migrate_ops::connect::Engine;
use migrate_tests::server::{self, Database, Server, TestDatabase};
use serde_json::Value;
use tempfile::TempDir;

use super::set::deployed;

/// A migration directory, and a database for it.
struct Shop {
    folder: TempDir,
    database: TestDatabase,
}

/// What the command left behind.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Shop {
    fn new(server: &Server, migrations: &[(&str, &str, &str)]) -> Self {
        let shop = Shop {
            folder: tempfile::tempdir().unwrap(),
            database: server.database("plan"),
        };
        for (name, up, down) in migrations {
            let folder = shop.folder.path().join("migrations").join(name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("up.sql"), up).unwrap();
            if !down.is_empty() {
                fs::write(folder.join("down.sql"), down).unwrap();
            }
        }
        shop.configure("");
        shop
    }

    fn configure(&self, more: &str) {
        let dialect = match self.database.engine() {
            server::Engine::Postgres => "postgres",
            server::Engine::Mariadb => "mysql",
            server::Engine::Sqlite => "sqlite",
        };
        let text = format!("dialect = \"{dialect}\"\n{more}");
        fs::write(self.folder.path().join("migrate.toml"), text).unwrap();
    }

    fn run(&self, line: &str) -> Ran {
        self.run_at(line, &self.database)
    }

    fn run_at(&self, line: &str, database: &Database) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-command"));
        command
            .args(line.split(' '))
            .current_dir(self.folder.path());
        command.env("DATABASE_URL", database.url());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    fn done(&self, line: &str) -> String {
        let ran = self.run(line);
        assert_eq!(ran.code, Some(0), "{line}\n{}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// The forecast, whatever its verdict.
    fn plan(&self, line: &str) -> Value {
        let ran = self.run(&format!("plan {line} --format json").replace("  ", " "));
        assert!(
            matches!(ran.code, Some(0 | 1)),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
        let value: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(value["verdict"]["go"], ran.code == Some(0));
        value
    }
}

/// The reasons against going.
fn against(plan: &Value) -> Vec<(String, String)> {
    let reasons = plan["verdict"]["reasons"].as_array().unwrap();
    let against = reasons.iter().filter(|it| it["against"] == true);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    against
        .map(|it| (text(&it["about"]), text(&it["text"])))
        .collect()
}

const USERS: (&str, &str, &str) = (
    "1_users",
    "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(50));",
    "DROP TABLE users;",
);

/// As `migrate up` and a script by hand leave it.
fn left(database: &Database) -> (String, String) {
    let history =
        "SELECT version, name, checksum, sequence, state FROM _migrate_history ORDER BY 1";
    let head = "SELECT applied, digest FROM _migrate_history_head";
    let statements = "SELECT count(*) FROM _migrate_history_statements";
    let history: Vec<String> = [history, head, statements]
        .iter()
        .map(|sql| database.sql(sql))
        .collect();
    (database.schema_dump(&[]), history.join("\n"))
}

#[test]
fn a_script_by_hand_does_what_up_does_and_runs_once() {
    for server in server::all() {
        let migrations = [
            USERS,
            (
                "2_more",
                "ALTER TABLE users ADD COLUMN note varchar(50); -- a remark; with a semicolon\n\
                 INSERT INTO users VALUES (1, 'a;b', 'it''s \\:x $$'), (2, 'c', NULL);\n\
                 CREATE INDEX users_name ON users (name) -- the last word",
                "DROP TABLE users;",
            ),
            match server.engine() {
                server::Engine::Postgres => (
                    "3_program",
                    "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY users_note ON users (note);\n",
                    "DROP INDEX users_note;",
                ),
                server::Engine::Mariadb => (
                    "3_program",
                    "DELIMITER //\nCREATE PROCEDURE twice() BEGIN SELECT 1; SELECT 2; END//\n\
                     DELIMITER ;\n",
                    "DROP PROCEDURE twice;",
                ),
                server::Engine::Sqlite => (
                    "3_program",
                    "CREATE TRIGGER named AFTER INSERT ON users BEGIN\n  UPDATE users SET note = 'new' \
                     WHERE id = NEW.id;\nEND;\n",
                    "DROP TRIGGER named;",
                ),
            },
        ];
        for before in [None, Some("up --to 1")] {
            let by_hand = Shop::new(&server, &migrations);
            let by_up = Shop::new(&server, &migrations);
            if server.engine() == server::Engine::Sqlite {
                // The script is made for a database that is there.
                by_hand.database.sql("CREATE TABLE t (a); DROP TABLE t");
            }
            if let Some(before) = before {
                by_hand.done(before);
            }
            let script = by_hand.done("plan --sql");
            by_hand.database.sql(&script);
            by_up.done("up");
            assert_eq!(left(&by_hand.database), left(&by_up.database), "{script}");
            by_hand.done("status --check");
            by_hand.done("verify");
            assert_eq!(by_hand.done("plan --sql"), "");
            // It knows that it has run.
            let after = left(&by_hand.database);
            let refused = by_hand.database.try_sql(&script).unwrap_err();
            assert!(refused.contains("the history has changed"), "{refused}");
            assert_eq!(left(&by_hand.database), after);
        }
    }
}

#[test]
fn an_open_transaction_on_the_table_is_named() {
    fn check<DB: Engine>(server: &Server)
    where
        DB::Connection: SimpleConnection,
    {
        let adds = (
            "2_age",
            "ALTER TABLE users ADD COLUMN age int;",
            "ALTER TABLE users DROP COLUMN age;",
        );
        let shop = Shop::new(server, &[USERS, adds]);
        shop.configure("[plan]\nlong_transaction = \"1ms\"\n");
        shop.done("up --to 1");
        assert_eq!(against(&shop.plan("")), []);
        let empty = MigrationSet::empty(DB::DIALECT);
        deployed::<DB, _>(shop.database.url(), &empty, |_, conn| {
            conn.batch_execute("BEGIN").unwrap();
            conn.batch_execute("SELECT count(*) FROM users WHERE name = 'secret'")
                .unwrap();
            let plan = shop.plan("");
            let found = &plan["in_the_way"][0];
            assert_eq!(found["kind"], "idle_in_transaction", "{plan:#}");
            assert_eq!(found["blocks_run"], true);
            assert!(found["for_seconds"].as_f64().unwrap() > 0.0);
            if DB::DIALECT == Dialect::Postgres {
                assert_eq!(found["tables"][0], "users");
                assert_eq!(found["query"], "SELECT count(*) FROM users WHERE name = ?");
            }
            assert_eq!(against(&plan)[0].0, "in_the_way");
            assert!(!plan.to_string().contains("secret"));
            conn.batch_execute("ROLLBACK").unwrap();
        });
        assert_eq!(against(&shop.plan("")), []);
    }
    if let Some(server) = server::postgres() {
        check::<Pg>(&server);
    }
    if let Some(server) = server::mariadb() {
        check::<Mysql>(&server);
    }
}

#[test]
fn a_prepared_transaction_is_in_the_way() {
    let private = server::PrivateServer::start_with(
        server::Engine::Postgres,
        &["max_prepared_transactions=5"],
    );
    let postgres = private.as_ref().map(server::PrivateServer::server);
    for server in postgres.into_iter().chain(server::mariadb()) {
        let shop = Shop::new(
            &server,
            &[
                USERS,
                (
                    "2_age",
                    "ALTER TABLE users ADD COLUMN age int;",
                    "ALTER TABLE users DROP COLUMN age;",
                ),
            ],
        );
        shop.done("up --to 1");
        shop.configure("[plan]\nlong_transaction = \"1ms\"\n");
        let name = format!("batch-{}", std::process::id());
        let (prepare, end) = match server.engine() {
            server::Engine::Postgres => (
                format!(
                    "BEGIN; INSERT INTO users VALUES (1, 'secret'); PREPARE TRANSACTION '{name}'"
                ),
                format!("ROLLBACK PREPARED '{name}'"),
            ),
            _ => (
                format!(
                    "XA START '{name}'; INSERT INTO users VALUES (1, 'secret'); XA END '{name}'; XA PREPARE '{name}'"
                ),
                format!("XA ROLLBACK '{name}'"),
            ),
        };
        shop.database.sql(&prepare);
        let plan = shop.plan("");
        shop.database.sql(&end);
        let in_the_way = plan["in_the_way"].as_array().unwrap();
        let found = in_the_way.iter().find(|it| {
            it["kind"] == "prepared_transaction" && it["who"].as_str().unwrap().contains(&name)
        });
        let found = found.unwrap_or_else(|| panic!("{plan:#}"));
        assert_eq!(found["blocks_run"], true, "{plan:#}");
        if server.engine() == server::Engine::Postgres {
            assert_eq!(found["tables"][0], "users");
        }
        assert!(
            against(&plan)
                .iter()
                .any(|(about, _)| about == "in_the_way")
        );
        assert!(!plan.to_string().contains("secret"));
    }
}

#[test]
fn what_is_against_it_is_said() {
    for server in server::all() {
        let down = match server.engine() {
            server::Engine::Mariadb => "DROP INDEX users_name ON users;",
            _ => "DROP INDEX users_name;",
        };
        let shop = Shop::new(
            &server,
            &[
                USERS,
                (
                    "2_name",
                    "CREATE INDEX users_name ON users (name);\nUPDATE users SET name = 'x' WHERE id > 7;",
                    down,
                ),
            ],
        );
        shop.done("up --to 1");
        let plan = shop.plan("");
        assert_eq!(against(&plan), [], "{plan:#}");
        assert_eq!(plan["applied"], "1");
        assert_eq!(plan["target"], "2");
        // What is written over does not come back.
        assert_eq!(plan["point_of_no_return"]["version"], "2");
        assert_eq!(
            plan["rollback_loses"][0],
            "values in `users` that are written over"
        );
        let reasons = against(&shop.plan("--window 1ms"));
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert_eq!(reasons[0].0, "window");
        shop.configure("[plan]\nlongest_stall = \"0\"\nmax_backup_age = \"1h\"\n");
        let plan = shop.plan("");
        let stalls = server.engine() != server::Engine::Mariadb;
        // MariaDB builds an index while others go on; the backup is a remark only.
        assert_eq!(against(&plan).len(), usize::from(stalls), "{plan:#}");
        assert!(plan.to_string().contains("no backup is known here"));
        shop.configure("[plan]\nlongest_stal = \"0\"\n");
        assert_eq!(shop.run("plan").code, Some(2));
    }
}

#[test]
fn what_nobody_knows_counts_as_the_worst() {
    let Some(server) = server::postgres() else {
        return;
    };
    let shop = Shop::new(
        &server,
        &[
            USERS,
            ("2_block", "DO $$ BEGIN EXECUTE 'LOCK users'; END $$;", ""),
        ],
    );
    shop.done("up --to 1");
    let plan = shop.plan("");
    let about: Vec<String> = against(&plan).into_iter().map(|(about, _)| about).collect();
    assert_eq!(about, ["unknown_lock", "longest_stall"], "{plan:#}");
    let statement = &plan["migrations"][0]["statements"][0];
    assert_eq!(statement["work"], "unknown");
    assert_eq!(statement["duration"]["basis"], "unknown");
    let ran = shop.run("plan");
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout.contains("may lock anything: a DO block"),
        "{}",
        ran.stdout
    );
    assert!(ran.stderr.contains("no-go"), "{}", ran.stderr);
}

#[test]
fn a_user_who_may_only_read_is_enough() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        let adds = (
            "2_age",
            "ALTER TABLE users ADD COLUMN age int;",
            "ALTER TABLE users DROP COLUMN age;",
        );
        let shop = Shop::new(&server, &[USERS, adds]);
        shop.done("up --to 1");
        let user = format!("reads_{}", std::process::id());
        let name = server.engine().quote_name(&user);
        let database = server.engine().quote_name(shop.database.name());
        let (create, drop) = match server.engine() {
            server::Engine::Postgres => (
                format!(
                    "CREATE USER {name} PASSWORD 'r'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}"
                ),
                format!("DROP OWNED BY {name}; DROP USER {name}"),
            ),
            _ => (
                format!(
                    "CREATE USER {name}@'%' IDENTIFIED BY 'r'; GRANT SELECT ON {database}.* TO {name}@'%'"
                ),
                format!("DROP USER {name}@'%'"),
            ),
        };
        shop.database.sql(&create);
        let ran = shop.run_at("plan --format json", &shop.database.as_user(&user, "r"));
        shop.database.sql(&drop);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let plan: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(
            plan["migrations"][0]["statements"][0]["locks"][0]["table"],
            "users"
        );
        // What such a user is not shown is not said to be in order.
        if server.engine() == server::Engine::Mariadb {
            assert!(
                !plan["not_checked"].as_array().unwrap().is_empty(),
                "{plan:#}"
            );
            assert_eq!(plan["replicas"]["following"], Value::Null);
        }
    }
}

#[test]
fn it_is_read_by_people() {
    for server in server::all() {
        let shop = Shop::new(
            &server,
            &[
                USERS,
                (
                    "2_age",
                    "ALTER TABLE users ADD COLUMN age int;\nCREATE TABLE notes (id int PRIMARY KEY);",
                    "DROP TABLE notes;\nALTER TABLE users DROP COLUMN age;",
                ),
            ],
        );
        shop.done("up --to 1");
        let ran = shop.run("plan");
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let lock = match server.engine() {
            server::Engine::Postgres => {
                "ACCESS EXCLUSIVE on `users`: reads and writes wait about … until COMMIT"
            }
            server::Engine::Mariadb => {
                "ALGORITHM=INSTANT, LOCK=NONE on `users`: nobody waits; shuts everybody out for a moment"
            }
            server::Engine::Sqlite => {
                "write lock on the database: writes wait about … until COMMIT"
            }
        };
        let stdout = without_times(&ran.stdout);
        for line in [
            "1 -> 2, 1 migration, 2 statements",
            "2_age  about …; reverting loses the table `notes` with its rows, the column `age` of `users`",
            "   1  ALTER TABLE users ADD COLUMN age int",
            lock,
            "point of no return  none",
        ] {
            assert!(stdout.contains(line), "no `{line}` in\n{stdout}");
        }
        assert!(ran.stderr.contains("go"), "{}", ran.stderr);
        shop.done("up");
        let ran = shop.run("plan");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
        assert!(ran.stderr.contains("nothing is pending"), "{}", ran.stderr);
    }
}

/// A text with `…` for every estimated time.
fn without_times(text: &str) -> String {
    let mut pieces = text.split("about ");
    let mut steady = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        steady.push_str("about ");
        match piece.split_once(" (estimated)") {
            Some((time, rest)) if time.len() < 12 => {
                steady.push('…');
                steady.push_str(rest.strip_prefix(',').unwrap_or(rest));
            }
            _ => steady.push_str(piece),
        }
    }
    steady
}
