//! A small project, its database, and the command run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use migrate_tests::server::{self, Engine, Server, TestDatabase};
use serde_json::Value;
use tempfile::TempDir;

/// What is there before the run.
const BASE: &str = "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT);\n\
    CREATE TABLE other (id INT PRIMARY KEY, body TEXT);\n\
    CREATE VIEW bodies AS SELECT body FROM notes;\n\
    INSERT INTO notes VALUES (1, 'one'), (2, 'two');\n\
    INSERT INTO other VALUES (1, 'ä');\n";

/// The servers on which a backup is put in the place of a database.
pub(crate) fn servers() -> Vec<Server> {
    [server::postgres(), server::sqlite()]
        .into_iter()
        .flatten()
        .collect()
}

/// A project whose first migration is applied.
pub(crate) struct Project {
    dir: TempDir,
    pub(crate) database: TestDatabase,
    pub(crate) url: String,
}

/// What a run of the command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Project {
    pub(crate) fn new(server: &Server, name: &str) -> Self {
        let database = server.database(name);
        let project = Project {
            dir: tempfile::tempdir().expect("a temporary directory"),
            url: database.url().to_owned(),
            database,
        };
        let dialect = match project.database.engine() {
            Engine::Postgres => "postgres",
            Engine::Mariadb => "mysql",
            Engine::Sqlite => "sqlite",
        };
        project.write("migrate.toml", &format!("dialect = \"{dialect}\"\n"));
        project.migration("1_base", BASE);
        project.done(&["up"]);
        // No migration knows of it, so that a check of the scripts does not find what fails on it.
        project.database.sql("INSERT INTO notes VALUES (5, 'five')");
        project.migration(
            "2_more",
            "ALTER TABLE notes ADD COLUMN kind TEXT;\nCREATE TABLE tags (id INT PRIMARY KEY);\n\
             INSERT INTO tags VALUES (1), (2);\nUPDATE notes SET kind = 'new' WHERE id = 2;\n",
        );
        project
    }

    /// A last migration that fails.
    pub(crate) fn failing(self) -> Self {
        self.migration(
            "3_bad",
            "INSERT INTO notes (id, body) VALUES (5, 'again');\n",
        );
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a written file");
    }

    pub(crate) fn migration(&self, name: &str, up: &str) {
        self.write(&format!("migrations/{name}/up.sql"), up);
        self.write(
            &format!("migrations/{name}/down.sql"),
            "-- migrate:irreversible it is about restoring\n",
        );
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-command"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env("DATABASE_URL", &self.url)
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn ran(&self, arguments: &[&str]) -> Ran {
        self.command(arguments)
            .output()
            .expect("the command")
            .into()
    }

    /// Runs and expects exit code 0.
    pub(crate) fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.ran(arguments);
        assert_eq!(ran.code, Some(0), "migrate {arguments:?}\n{ran:?}");
        ran
    }

    /// The safe run, without the rehearsal: what fails has to get as far as the database.
    pub(crate) fn run(&self, more: &[&str]) -> Ran {
        let mut arguments = vec!["run", "--no-rehearsal", "a test", "--go-anyway", "a test"];
        arguments.extend(more);
        self.ran(&arguments)
    }

    /// What the tables hold that were there before the run, and which tables there are besides.
    pub(crate) fn contents(&self) -> String {
        let tables = match self.database.engine() {
            Engine::Postgres => "SELECT count(*) FROM pg_tables WHERE tablename = 'tags'",
            _ => "SELECT count(*) FROM sqlite_schema WHERE name = 'tags'",
        };
        self.database.sql(&format!(
            "SELECT id, body FROM notes ORDER BY id; SELECT id, body FROM other ORDER BY id; {tables}"
        ))
    }

    /// What the old contents are kept in.
    pub(crate) fn kept(&self, name: &str) -> migrate_tests::server::Database {
        let url = match self.database.engine() {
            Engine::Sqlite => format!("sqlite://{name}"),
            _ => {
                let (server, _) = self.database.url().rsplit_once('/').expect("a URL");
                format!("{server}/{name}")
            }
        };
        migrate_tests::server::Database::at(&url)
    }

    /// Removes what the old contents are kept in, which no test's database does.
    pub(crate) fn drop_kept(&self, server: &Server, name: &str) {
        if self.database.engine() == Engine::Postgres {
            server
                .admin()
                .sql(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"));
        }
    }

    /// The folders of the backups.
    pub(crate) fn backups(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path().join(".migrate/backups"));
        entries
            .into_iter()
            .flatten()
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.join("backup.json").exists())
            .collect()
    }

    /// The name of the only backup.
    pub(crate) fn backup(&self) -> String {
        let backups = self.backups();
        assert_eq!(backups.len(), 1, "{backups:?}");
        let name = backups[0].file_name().expect("a name");
        name.to_string_lossy().into_owned()
    }
}
