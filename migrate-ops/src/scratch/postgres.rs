//! A private PostgreSQL server.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::folder::Folder;
use super::process::{run, secret};
use super::server::Login;
use super::{ScratchError, programs};

/// Where distributions put the programs besides `PATH`.
const USUAL: [&str; 4] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql/*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/bin",
];

/// Not to wait for the disk, and to reach nobody: no subscription's worker ever runs. Statistics and
/// dead rows are left alone, so that what is measured does not depend on the moment.
const SETTINGS: [(&str, &str); 6] = [
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("synchronous_commit", "off"),
    ("autovacuum", "off"),
    ("max_logical_replication_workers", "0"),
    ("listen_addresses", ""),
];

/// Ends the server at once; there is nothing to keep.
pub(super) const SIGNAL: &str = "QUIT";

/// The `postgres` program: of the wanted major version where there is one, else the newest.
pub(super) fn find(named: &[PathBuf], major: Option<u32>) -> Result<PathBuf, ScratchError> {
    let directories = programs::directories(named, &USUAL);
    let found = programs::all("postgres", &directories)
        .into_iter()
        .filter(|program| program.with_file_name("initdb").is_file())
        .filter_map(|program| Some((major_in(&programs::version(&program)?)?, program)));
    found
        .max_by_key(|(found, _)| (Some(*found) == major, *found))
        .map(|(_, program)| program)
        .ok_or(ScratchError::NoPrograms {
            program: "postgres",
            looked: directories,
        })
}

/// The major version in `postgres (PostgreSQL) 15.9 (Debian 15.9-0)`.
pub(super) fn major_in(version: &str) -> Option<u32> {
    let number = version.split_once(") ").map_or(version, |(_, rest)| rest);
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Makes the data folder.
pub(super) fn make(folder: &Folder, program: &Path, login: &Login) -> Result<(), ScratchError> {
    secret(folder, "password", &login.password)?;
    let initdb = |locale: &str| {
        let mut command = Command::new(program.with_file_name("initdb"));
        command
            .arg("--pgdata")
            .arg(folder.path().join("data"))
            .arg("--pwfile")
            .arg(folder.path().join("password"))
            .args(["--username", &login.user, "--auth=scram-sha-256"])
            .args(["--encoding=UTF8", "--no-sync", "--no-instructions"])
            .arg(format!("--locale={locale}"));
        run(folder, command)
    };
    // Not every system has the first; what a copy needs, it is given with its database.
    initdb("C.UTF-8").or_else(|_| initdb("C"))?;
    let password = folder.path().join("password");
    std::fs::remove_file(&password).map_err(ScratchError::io("cannot remove", password))
}

/// The command that runs it.
pub(super) fn command(folder: &Folder, program: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(program);
    command
        .arg("-D")
        .arg(folder.path().join("data"))
        .arg("-k")
        .arg(folder.path());
    for (name, value) in settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    command
}

/// The settings: those that are asked for, then those that keep it fast and private.
pub(super) fn settings(asked: &[(String, String)]) -> Vec<(String, String)> {
    let own = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    asked.iter().cloned().chain(own).collect()
}

/// The socket that it makes in a folder.
pub(super) fn socket(folder: &Path) -> PathBuf {
    folder.join(".s.PGSQL.5432")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn majors() {
        for (version, major) in [
            (
                "postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)",
                Some(15),
            ),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres", None),
        ] {
            assert_eq!(major_in(version), major, "{version}");
        }
    }
}
