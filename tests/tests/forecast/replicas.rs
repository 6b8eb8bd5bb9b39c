//! Replicas in the plan: how far they are behind, what of that is not known, who reads on them. They
//! are real ones.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use diesel::connection::{LoadConnection, SimpleConnection};
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use migrate_ops::connect::{DatabaseUrl, Engine as Connect, Open, runtime};
use migrate_tests::server::{Engine, PrivateServer, TestDatabase};
use serde_json::Value;
use tempfile::TempDir;

/// A primary with a database and one migration that is pending, and a replica.
struct Pair {
    primary: PrivateServer,
    replica: PrivateServer,
    database: TestDatabase,
    folder: TempDir,
}

impl Pair {
    fn start(engine: Engine) -> Option<Self> {
        let primary = PrivateServer::primary(engine)?;
        let database = primary.server().database("followed");
        let folder = tempfile::tempdir().unwrap();
        for (name, up, down) in [
            (
                "1_users",
                "CREATE TABLE users (id int PRIMARY KEY);\nINSERT INTO users VALUES (1);",
                "DROP TABLE users;",
            ),
            (
                "2_age",
                "ALTER TABLE users ADD COLUMN age int;",
                "ALTER TABLE users DROP COLUMN age;",
            ),
        ] {
            let migration = folder.path().join("migrations").join(name);
            fs::create_dir_all(&migration).unwrap();
            fs::write(migration.join("up.sql"), up).unwrap();
            fs::write(migration.join("down.sql"), down).unwrap();
        }
        let dialect = match engine {
            Engine::Postgres => "postgres",
            _ => "mysql",
        };
        let text = format!(
            "dialect = \"{dialect}\"\n[run]\nreplicas = [\"FOLLOWER_URL\"]\n\
             [plan]\nmax_replica_lag = \"2s\"\nlong_transaction = \"1s\"\n"
        );
        fs::write(folder.path().join("migrate.toml"), text).unwrap();
        let pair = Pair {
            replica: primary.replica(&[]),
            primary,
            database,
            folder,
        };
        let up = pair.command(&["up", "--to", "1"], "").output().unwrap();
        assert!(up.status.success(), "{up:?}");
        pair.until(|pair| {
            let there = pair.on_replica().try_sql("SELECT id FROM users");
            there.is_ok_and(|it| it == "1")
        });
        Some(pair)
    }

    fn until(&self, mut until: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !until(self) {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "it takes too long"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn replica_url(&self) -> String {
        self.replica.server().url_of(self.database.name())
    }

    fn on_replica(&self) -> migrate_tests::server::Database {
        migrate_tests::server::Database::at(&self.replica_url())
    }

    fn command(&self, arguments: &[&str], follower: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-command"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("DATABASE_URL", self.database.url())
            .env("FOLLOWER_URL", follower);
        command
    }

    fn plan(&self, follower: &str) -> Value {
        let plan = ["plan", "--format", "json"];
        let output = self.command(&plan, follower).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{stdout}{stderr}"
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn of_replicas(plan: &Value) -> Vec<String> {
    let reasons = plan["verdict"]["reasons"].as_array().unwrap().iter();
    let of_replicas = reasons.filter(|it| it["about"] == "replicas" && it["against"] == true);
    of_replicas
        .map(|it| it["text"].as_str().unwrap().to_owned())
        .collect()
}

/// Reads on the replica and stays in its transaction.
fn reading<T>(pair: &Pair, work: impl FnOnce() -> T) -> T {
    fn read<DB: Connect, T>(url: &str, work: impl FnOnce() -> T) -> T
    where
        DB::Connection: LoadConnection + SimpleConnection,
    {
        let (url, runtime) = (DatabaseUrl::parse(url).unwrap(), runtime().unwrap());
        let connected = DB::connect(&url, Open::Existing, &runtime);
        let mut session = connected.unwrap().connection;
        session.batch_execute("BEGIN").unwrap();
        session
            .batch_execute("SELECT count(*) FROM users WHERE id <> 4711")
            .unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        let value = work();
        session.batch_execute("ROLLBACK").unwrap();
        value
    }
    match pair.database.engine() {
        Engine::Postgres => read::<Pg, T>(&pair.replica_url(), work),
        _ => read::<Mysql, T>(&pair.replica_url(), work),
    }
}

#[test]
fn a_replica_is_asked_and_what_it_does_not_say_is_against_going() {
    for engine in [Engine::Postgres, Engine::Mariadb] {
        let Some(pair) = Pair::start(engine) else {
            continue;
        };
        let url = pair.replica_url();
        pair.until(|pair| of_replicas(&pair.plan(&url)).is_empty());
        let plan = pair.plan(&url);
        let following = plan["replicas"]["following"].as_array().unwrap();
        let asked = following.iter().find(|it| it["asked"] == true).unwrap();
        let lag = asked["lag_seconds"].as_f64().unwrap();
        assert!((0.0..2.0).contains(&lag), "{plan:#}");
        if engine == Engine::Mariadb {
            // It replays an ALTER for as long as it took, once that is done.
            let lag = &plan["replicas"]["lag"];
            let statement = &plan["migrations"][0]["statements"][0]["duration"];
            assert_eq!(lag, statement, "{plan:#}");
            assert_eq!(following.len(), 1, "{plan:#}");
        }

        let plan = reading(&pair, || pair.plan(&url));
        let in_the_way = plan["in_the_way"].as_array().unwrap();
        let reader = in_the_way
            .iter()
            .find(|it| it["kind"] == "replica_transaction");
        let reader = reader.unwrap_or_else(|| panic!("{engine}: {plan:#}"));
        assert!(reader["for_seconds"].as_f64().unwrap() >= 1.0, "{reader}");
        assert!(!reader.to_string().contains("4711"), "{reader}");

        let admin = pair.replica.server().admin().clone();
        match engine {
            Engine::Postgres => {
                admin.sql("SELECT pg_wal_replay_pause()");
                pair.database.sql("INSERT INTO users VALUES (2)");
                std::thread::sleep(Duration::from_millis(2500));
            }
            _ => drop(admin.sql("STOP SLAVE SQL_THREAD")),
        }
        let said = of_replicas(&pair.plan(&url)).join("; ");
        let expected = match engine {
            Engine::Postgres => "s behind already",
            _ => "the thread that replays does not run",
        };
        assert!(said.contains(expected), "{engine}: {said}");

        let nobody = match engine {
            Engine::Postgres => "postgres://u:hush@127.0.0.1:1/x",
            _ => "mysql://u:hush@127.0.0.1:1/x",
        };
        let plan = pair.plan(nobody);
        assert_eq!(plan["verdict"]["go"], false);
        assert!(
            of_replicas(&plan).join("; ").contains("is not known"),
            "{plan:#}"
        );
        assert!(!plan.to_string().contains("hush"), "{plan:#}");
        let primary = pair.primary.url().to_owned();
        let said = of_replicas(&pair.plan(&primary)).join("; ");
        assert!(said.contains("is no replica"), "{said}");
    }
}
