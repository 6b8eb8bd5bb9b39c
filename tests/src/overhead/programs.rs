//! The programs that are compared.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::server::{Database, Engine};

/// With this variable in its environment the measuring program is the `migrate` command, so that both
/// are of one build.
pub const AS_COMMAND: &str = "MIGRATE_BENCH_AS_COMMAND";

/// A directory in which the command works, with a `migrate.toml`.
pub(super) struct Project(tempfile::TempDir);

impl Project {
    pub(super) fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dialect = match engine {
            Engine::Postgres => "postgres",
            Engine::Mariadb => "mysql",
            Engine::Sqlite => "sqlite",
        };
        let text = format!("dialect = \"{dialect}\"\n");
        fs::write(folder.path().join("migrate.toml"), text).expect("a written file");
        fs::create_dir(folder.path().join("migrations")).expect("a folder");
        Project(folder)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs the command on a database to its good end.
    pub(super) fn migrate(&self, url: &str, arguments: &[&str]) {
        run(self.command(arguments).env("DATABASE_URL", url));
    }

    /// Writes the lock file.
    pub(super) fn lock(&self) {
        run(&mut self.command(&["lock", "--quiet"]));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.path())
            .env(AS_COMMAND, "yes");
        command
    }
}

/// Runs a program to its good end.
pub(super) fn run(command: &mut Command) {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null());
    let output = command.output().expect("a program that runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// Lets one program write to another, whose output goes into a file; both to their good end.
pub(super) fn pipe(from: &mut Command, into: &mut Command, file: Option<&Path>) {
    let mut first = from
        .stdout(Stdio::piped())
        .spawn()
        .expect("a program that runs");
    into.stdin(first.stdout.take().expect("a pipe"));
    match file {
        Some(file) => into.stdout(File::create(file).expect("a new file")),
        None => into.stdout(Stdio::null()),
    };
    let second = into.status().expect("a program that runs");
    let first = first.wait().expect("a program that ends");
    assert!(first.success() && second.success(), "{from:?} | {into:?}");
}

/// The database's own client, reading a script as it is.
pub(super) fn run_script(database: &Database, script: &Path) {
    let name = database.name();
    let mut client = match database.engine() {
        Engine::Postgres => {
            let mut psql = database.program("psql");
            psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1"]);
            psql.arg("-d")
                .arg(database.login_url())
                .arg("-f")
                .arg(script);
            return run(&mut psql);
        }
        Engine::Mariadb => {
            let mut mariadb = database.program("mariadb");
            mariadb.arg("--batch").arg(format!("--database={name}"));
            mariadb
        }
        Engine::Sqlite => {
            let mut sqlite = database.program("sqlite3");
            sqlite.args(["-init", "/dev/null", "-batch", "-bail", name]);
            sqlite
        }
    };
    client.stdin(File::open(script).expect("the script"));
    let status = client.stdout(Stdio::null()).status();
    assert!(status.expect("a client that runs").success(), "{client:?}");
}
