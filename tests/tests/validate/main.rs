//! `migrate validate`: faults that were planted are found, and nothing is found on clean data.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod clean;
mod command;
mod maintain;
mod mariadb;
mod postgres;
mod scripts;
mod sqlite;

use std::fs;
use std::path::Path;
use std::process::Command;

use migrate_tests::server::{Database, Engine};
use serde_json::Value;
use tempfile::TempDir;

/// A directory in which the command runs against a database.
struct Project<'a> {
    dir: TempDir,
    database: &'a Database,
}

impl<'a> Project<'a> {
    fn new(database: &'a Database) -> Self {
        let dialect = match database.engine() {
            Engine::Postgres => "postgres",
            Engine::Mariadb => "mysql",
            Engine::Sqlite => "sqlite",
        };
        let project = Project {
            dir: tempfile::tempdir().unwrap(),
            database,
        };
        project.write("migrate.toml", &format!("dialect = \"{dialect}\"\n"));
        project.write("migrations/0_start/up.sql", "SELECT 1;");
        project.write("migrations/0_start/down.sql", "SELECT 1;");
        project
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs the command; returns its exit code and its answer as JSON.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_migrate-command"))
            .args(arguments)
            .args(["--format", "json", "--database", self.database.url()])
            .current_dir(self.dir.path() as &Path)
            .env_remove("DATABASE_URL")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let json = serde_json::from_str(&text).unwrap_or_else(|_| {
            let talk = String::from_utf8_lossy(&output.stderr);
            panic!("{arguments:?}: {:?}\n{text}\n{talk}", output.status)
        });
        (output.status.code(), json)
    }

    fn record(&self) {
        let (code, answer) = self.run(&["validate", "--record", "before.json"]);
        assert_eq!(code, Some(0), "{answer:#}");
    }

    /// What did not pass, as `state kind subject`, after what was recorded.
    fn found(&self, more: &[&str]) -> Vec<String> {
        let mut arguments = vec!["validate", "--before", "before.json"];
        arguments.extend(more);
        let (code, answer) = self.run(&arguments);
        let checks = answer["checks"].as_array().expect("checks");
        let failed = checks.iter().any(|it| it["state"] == "failed");
        assert_eq!(code, Some(if failed { 5 } else { 0 }), "{answer:#}");
        let found = checks.iter().filter(|it| it["state"] != "passed");
        found
            .map(|it| {
                let part = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
                format!("{} {} {}", part("state"), part("kind"), part("subject"))
            })
            .collect()
    }
}

/// A fault: what it is, the SQL that plants it, and what is found then. The number of rows is a
/// finding of its own only where one is expected, since most faults are rows.
type Fault = (&'static str, &'static str, &'static [&'static str]);

/// Plants each fault in a database of its own.
fn each_is_found(server: &migrate_tests::server::Server, make: &str, faults: &[Fault]) {
    for (what, plant, expected) in faults {
        let database = server.database("validate");
        database.sql(make);
        let project = Project::new(&database);
        project.record();
        assert_eq!(
            project.found(&[]),
            Vec::<String>::new(),
            "{}: clean",
            server.engine()
        );
        // A statement that fails may be how the fault comes about.
        let planted = database.try_sql(plant);
        assert!(
            planted.is_ok() || plant.contains("CONCURRENTLY"),
            "{what}: {planted:?}"
        );
        let mut found = project.found(&[]);
        if !expected.iter().any(|it| it.contains("row_count")) {
            found.retain(|it| !it.contains("row_count"));
        }
        assert_eq!(found, *expected, "{}: {what}", server.engine());
    }
}
