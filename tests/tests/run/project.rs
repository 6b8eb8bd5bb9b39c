//! A shop's project in a temporary directory, and the command run in it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use migrate_tests::server::Engine;
use migrate_tests::shop;
use tempfile::TempDir;

/// A directory with the migrations of a shop.
pub(crate) struct Project {
    dir: TempDir,
    url: String,
}

/// What a run of the command left behind.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// With the migrations of a shop.
    pub(crate) fn new(engine: Engine, url: &str) -> Self {
        let project = Project::empty(engine, url);
        copy(
            &shop::migrations(engine),
            &project.path().join("migrations"),
        );
        project
    }

    /// Without migrations.
    pub(crate) fn empty(engine: Engine, url: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let dialect = match engine {
            Engine::Postgres => "postgres",
            Engine::Mariadb => "mysql",
            Engine::Sqlite => "sqlite",
        };
        let project = Project {
            dir,
            url: url.to_owned(),
        };
        project.write("migrate.toml", &format!("dialect = \"{dialect}\"\n"));
        project
    }

    /// The same project for another user.
    pub(crate) fn of(&self, url: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        copy(self.path(), dir.path());
        Project {
            dir,
            url: url.to_owned(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Copies one of its folders to where it stays.
    pub(crate) fn keep(&self, folder: &str, to: &Path) {
        copy(&self.dir.path().join(folder), to);
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a written file");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-command"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env("DATABASE_URL", &self.url)
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn ran(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().expect("the command runs");
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Runs and expects exit code 0.
    pub(crate) fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.ran(arguments);
        assert_eq!(
            ran.code,
            Some(0),
            "migrate {arguments:?}\n{}{}",
            ran.stdout,
            ran.stderr
        );
        ran
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a readable directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a copied file")),
        }
    }
}
