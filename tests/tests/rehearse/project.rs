//! A project with migrations, and `migrate` run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use migrate_tests::server::{Database, Engine};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Project {
    dir: TempDir,
}

impl Project {
    pub(crate) fn new(engine: Engine) -> Self {
        let dialect = match engine {
            Engine::Postgres => "postgres",
            Engine::Mariadb => "mysql",
            Engine::Sqlite => "sqlite",
        };
        let project = Project {
            dir: tempfile::tempdir().unwrap(),
        };
        project.write("migrate.toml", &format!("dialect = \"{dialect}\"\n"));
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn migration(&self, name: &str, up: &str, down: &str) {
        self.write(&format!("migrations/{name}/up.sql"), up);
        self.write(&format!("migrations/{name}/down.sql"), down);
    }

    fn command(&self, line: &[&str], database: &Database) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-command"));
        command
            .args(line)
            .args(["--database", database.url()])
            .current_dir(self.path());
        command
    }

    /// Applies what is there so far.
    pub(crate) fn up(&self, database: &Database) {
        let output = self.command(&["up", "--quiet"], database).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }

    /// Rehearses, and returns the exit code and the JSON.
    pub(crate) fn rehearse(&self, line: &[&str], database: &Database) -> (i32, Value) {
        let mut command = self.command(&["rehearse", "--format", "json"], database);
        let output = command.args(line).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let value = serde_json::from_str(&text).unwrap_or_else(|error| {
            panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr))
        });
        (output.status.code().unwrap(), value)
    }

    /// Makes a backup that nobody compares.
    pub(crate) fn back_up(&self, database: &Database) {
        let line = ["backup", "--quiet", "--verify", "none"];
        let output = self.command(&line, database).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }

    /// Begins a rehearsal on an empty copy.
    pub(crate) fn begin(&self, database: &Database) -> Child {
        self.command(&["rehearse", "--empty"], database)
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}
