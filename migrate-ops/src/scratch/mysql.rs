//! A private MariaDB server.
//!
//! MySQL's own programs are not used: its data folder is made in another way.

use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_core::Dialect;

use super::folder::Folder;
use super::process::{run, secret};
use super::server::Login;
use super::{ScratchError, programs};

/// Where distributions put the programs besides `PATH`.
const USUAL: [&str; 5] = [
    "/usr/sbin",
    "/usr/bin",
    "/usr/local/mysql/bin",
    "/opt/homebrew/bin",
    "/usr/libexec",
];

/// Not to wait for the disk, and to reach no file outside of the data folder. utf8mb4 is what
/// distributions configure; the server's own default is latin1.
const SETTINGS: [(&str, &str); 7] = [
    ("character-set-server", "utf8mb4"),
    ("collation-server", "utf8mb4_general_ci"),
    ("innodb-flush-log-at-trx-commit", "2"),
    ("innodb-flush-method", "nosync"),
    ("innodb-doublewrite", "OFF"),
    ("event-scheduler", "OFF"),
    ("local-infile", "OFF"),
];

/// What makes the server tell which locks on tables are held and how many rows are written, and nothing
/// else that costs time.
pub(crate) const TELLS: [(&str, &str); 5] = [
    ("performance-schema", "ON"),
    ("performance-schema-instrument", "%=OFF"),
    ("performance-schema-instrument", "thread/%=ON"),
    (
        "performance-schema-instrument",
        "wait/lock/metadata/sql/mdl=ON",
    ),
    (
        "performance-schema-instrument",
        "wait/io/table/sql/handler=COUNTED",
    ),
];

/// Ends the server at once; there is nothing to keep.
pub(super) const SIGNAL: &str = "KILL";

/// The programs.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) server: PathBuf,
    install: PathBuf,
}

pub(super) fn find(named: &[PathBuf]) -> Result<Programs, ScratchError> {
    let directories = programs::directories(named, &USUAL);
    Ok(Programs {
        server: programs::first("mariadbd", &directories)?,
        install: programs::first("mariadb-install-db", &directories)?,
    })
}

/// Makes the data folder.
pub(super) fn make(
    folder: &Folder,
    programs: &Programs,
    login: &Login,
) -> Result<(), ScratchError> {
    let user = Dialect::Mysql.quote_identifier(&login.user);
    // The password is made of digits and letters.
    secret(
        folder,
        "init.sql",
        &format!(
            "CREATE USER {user}@localhost IDENTIFIED BY '{}';\n\
             GRANT ALL PRIVILEGES ON *.* TO {user}@localhost WITH GRANT OPTION;\n",
            login.password
        ),
    )?;
    let mut install = Command::new(&programs.install);
    install
        .arg("--no-defaults")
        .arg(argument("datadir", &folder.path().join("data")))
        .args(["--auth-root-authentication-method=socket", "--skip-test-db"])
        .arg("--skip-name-resolve");
    run(folder, install)
}

/// The command that runs it.
pub(super) fn command(
    folder: &Folder,
    programs: &Programs,
    settings: &[(String, String)],
) -> Command {
    let path = folder.path();
    let mut command = Command::new(&programs.server);
    command
        .arg("--no-defaults")
        .arg(argument("datadir", &path.join("data")))
        .arg(argument("socket", &socket(path)))
        .arg(argument("pid-file", &path.join("pid")))
        .arg(argument("init-file", &path.join("init.sql")))
        .arg(argument("secure-file-priv", &path.join("data")))
        .args(["--skip-networking", "--skip-log-bin"]);
    for (name, value) in settings {
        command.arg(format!("--{name}={value}"));
    }
    command
}

/// The settings: those that keep it fast and private, then those that are asked for.
pub(super) fn settings(asked: &[(String, String)]) -> Vec<(String, String)> {
    let own = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    own.into_iter().chain(asked.iter().cloned()).collect()
}

/// The socket that it makes in a folder.
pub(super) fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

fn argument(name: &str, path: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(format!("--{name}="));
    argument.push(path);
    argument
}
