//! `migrate backup` and `migrate restore` against the programs that they run.

use std::path::Path;
use std::process::Command;

use super::clock::{Cost, ServerProcess};
use super::pairs::Pairs;
use super::programs::{Project, pipe, run};
use super::wide;
use crate::server::{Database, Engine, Server};

/// Rows of the large table; the database then has more than 300 MB.
const ROWS: usize = 900_000;
const TARGET: &str = "≤ 1.1";

/// Backups and restores of a database of more than 300 MB.
#[must_use]
pub fn measure(server: &Server, rounds: usize) -> Vec<Pairs> {
    let database = server.database("overhead");
    wide::fill(&database, ROWS);
    let engine = server.engine();
    let size = wide::size(&database) / 1_000_000;
    let project = Project::new(engine);
    let native = project.path().join("native.dump");
    let process = ServerProcess::of(&database);
    let title = |what: &str| format!("{engine}: {what} of {size} MB");
    let backups = project.path().join("backups");
    let directory = backups.to_str().expect("a path in UTF-8");
    let backup = Pairs::measure(
        title("backup"),
        TARGET,
        rounds,
        || {
            remove(&native);
            process.cost(|| dump(&database, &native)).0
        },
        || {
            let _ = std::fs::remove_dir_all(&backups);
            let arguments = [
                "backup",
                "--verify",
                "none",
                "--quiet",
                "--directory",
                directory,
            ];
            process
                .cost(|| project.migrate(database.url(), &arguments))
                .0
        },
    );
    let restore = Pairs::measure(
        title("restore"),
        TARGET,
        rounds,
        || restored(server, process, |target| load(server, target, &native)),
        || {
            restored(server, process, |target| {
                let arguments = [
                    "restore",
                    "--as",
                    target,
                    "--quiet",
                    "--directory",
                    directory,
                ];
                project.migrate(database.url(), &arguments);
            })
        },
    );
    vec![backup, restore]
}

/// What restoring into a database of a name took, which is dropped again.
fn restored(server: &Server, process: ServerProcess, restore: impl FnOnce(&str)) -> Cost {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let target = match server.engine() {
        Engine::Sqlite => folder.path().join("restored").display().to_string(),
        _ => format!("overhead_restored_{}", std::process::id()),
    };
    let (cost, ()) = process.cost(|| restore(&target));
    match server.engine() {
        Engine::Postgres => drop(
            server
                .admin()
                .sql(&format!("DROP DATABASE {target}; CHECKPOINT")),
        ),
        Engine::Mariadb => drop(server.admin().sql(&format!("DROP DATABASE {target}"))),
        Engine::Sqlite => {}
    }
    cost
}

fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

/// What an operator would type, with what `migrate backup` asks for too.
fn dump(database: &Database, file: &Path) {
    match database.engine() {
        Engine::Postgres => {
            let mut dump = database.program("pg_dump");
            dump.arg("--format=custom").arg("--file").arg(file);
            run(dump.arg("-d").arg(database.login_url()));
        }
        Engine::Mariadb => {
            let mut dump = database.program("mariadb-dump");
            dump.args([
                "--single-transaction",
                "--skip-lock-tables",
                "--skip-add-locks",
                "--quick",
                "--routines",
                "--events",
                "--triggers",
                "--hex-blob",
                "--no-tablespaces",
                "--max-allowed-packet=1G",
            ]);
            dump.arg(database.name());
            pipe(&mut dump, Command::new("gzip").arg("--fast"), Some(file));
        }
        Engine::Sqlite => {
            let mut sqlite = database.program("sqlite3");
            let vacuum = format!("VACUUM INTO '{}'", file.display());
            run(sqlite.arg(database.name()).arg(vacuum));
        }
    }
}

/// The way back.
fn load(server: &Server, target: &str, file: &Path) {
    match server.engine() {
        Engine::Postgres => {
            server
                .admin()
                .sql(&format!("CREATE DATABASE {target} TEMPLATE template0"));
            let at = Database::at(&server.url_of(target));
            let mut restore = at.program("pg_restore");
            run(restore
                .args(["--exit-on-error", "-d"])
                .arg(at.login_url())
                .arg(file));
        }
        Engine::Mariadb => {
            server.admin().sql(&format!("CREATE DATABASE {target}"));
            let mut client = server.admin().program("mariadb");
            client.args([
                "--batch",
                "--binary-mode",
                "--max-allowed-packet=1G",
                target,
            ]);
            pipe(
                Command::new("gzip")
                    .arg("--decompress")
                    .arg("--stdout")
                    .arg(file),
                &mut client,
                None,
            );
        }
        Engine::Sqlite => {
            let mut sqlite = Command::new("sqlite3");
            run(sqlite
                .arg(target)
                .arg(format!(".restore '{}'", file.display())));
        }
    }
}
