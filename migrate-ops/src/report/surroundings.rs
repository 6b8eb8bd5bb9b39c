//! Who runs what, where from, and on which server: the part of a report that no step measures.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use migrate_core::{Dialect, MigrationSet, head_digest};
use migrate_runtime::Database;
use serde::{Deserialize, Serialize};

/// The name under which a run keeps it as evidence.
pub const SURROUNDINGS: &str = "surroundings";

/// Who runs what, where from, and on which server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    /// Who runs it, as the system's environment says.
    pub operator: Option<String>,
    /// The machine that it runs on.
    pub host: Option<String>,
    /// The commit of the migrations, where they lie in a Git repository.
    pub git: Option<Git>,
    /// The migrations.
    pub migrations: Option<MigrationsDigest>,
    /// The server.
    pub server: Option<Server>,
}

/// The commit of the migrations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Git {
    /// The commit, in full.
    pub commit: String,
    /// Whether anything in the migration directory differs from it.
    pub changed: bool,
}

/// All migrations in one digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationsDigest {
    /// How many there are.
    pub count: usize,
    /// SHA-256 over versions and checksums, in hexadecimal digits: what the head record of the
    /// history says once all of them are applied.
    pub sha256: String,
}

/// The server and what it is set to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// As the server calls itself, with its version.
    pub version: String,
    /// Settings that say how a migration goes, in the order in which they are shown.
    pub settings: Vec<Setting>,
}

/// A setting of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value, as the server says it.
    pub value: String,
}

impl Surroundings {
    /// What this process and the files tell; [`Server::read`] asks the server.
    pub fn here(set: &MigrationSet, directory: Option<&Path>) -> Self {
        Surroundings {
            operator: operator(),
            host: host(),
            git: directory.and_then(Git::of),
            migrations: Some(MigrationsDigest::of(set)),
            server: None,
        }
    }
}

impl MigrationsDigest {
    /// Of a whole set.
    pub fn of(set: &MigrationSet) -> Self {
        let rows = set.migrations().iter();
        MigrationsDigest {
            count: set.len(),
            sha256: head_digest(rows.map(|one| (&one.version, &one.up.checksum))).to_string(),
        }
    }
}

impl Git {
    /// Of a directory; `None` where it is in no repository, or where there is no `git`.
    pub fn of(directory: &Path) -> Option<Self> {
        let commit = git(directory, &["rev-parse", "HEAD"])?;
        let status = git(directory, &["status", "--porcelain", "--", "."])?;
        Some(Git {
            commit: commit.trim().to_owned(),
            changed: !status.trim().is_empty(),
        })
    }
}

impl Server {
    /// Asks the server. Where the user may not read a setting, it is left out.
    ///
    /// # Errors
    /// Where the server does not say its version.
    pub fn read<C>(conn: &mut C, dialect: Dialect) -> QueryResult<Self>
    where
        C: LoadConnection,
        C::Backend: Database,
    {
        let questions = match dialect {
            Dialect::Postgres => &POSTGRES,
            Dialect::Mysql => &MYSQL,
            Dialect::Sqlite => &SQLITE,
            other => {
                return Ok(Server {
                    version: other.to_string(),
                    settings: Vec::new(),
                });
            }
        };
        let version = first(C::Backend::rows(conn, questions.version)?).unwrap_or_default();
        let settings = questions
            .settings
            .iter()
            .filter_map(|name| {
                // The names are those below, and need no quoting.
                let question = questions.setting.replace("{}", name);
                let value = first(C::Backend::rows(conn, &question).ok()?)?;
                Some(Setting {
                    name: (*name).to_owned(),
                    value,
                })
            })
            .collect();
        Ok(Server { version, settings })
    }
}

/// What to ask a server.
struct Questions {
    version: &'static str,
    /// With `{}` for a setting's name.
    setting: &'static str,
    settings: &'static [&'static str],
}

const POSTGRES: Questions = Questions {
    version: "SELECT version()",
    setting: "SELECT current_setting('{}', true)",
    settings: &[
        "max_connections",
        "shared_buffers",
        "maintenance_work_mem",
        "wal_level",
        "max_wal_size",
        "synchronous_commit",
        "lock_timeout",
        "statement_timeout",
        "idle_in_transaction_session_timeout",
        "default_transaction_isolation",
        "server_encoding",
        "TimeZone",
    ],
};
const MYSQL: Questions = Questions {
    version: "SELECT concat(@@version_comment, ' ', @@version)",
    setting: "SELECT CAST(@@{} AS CHAR)",
    settings: &[
        "max_connections",
        "innodb_buffer_pool_size",
        "innodb_flush_log_at_trx_commit",
        "innodb_lock_wait_timeout",
        "lock_wait_timeout",
        "log_bin",
        "binlog_format",
        "sql_mode",
        "character_set_server",
        "collation_server",
        "foreign_key_checks",
        "time_zone",
    ],
};
const SQLITE: Questions = Questions {
    version: "SELECT 'SQLite ' || sqlite_version()",
    setting: "SELECT CAST({} AS TEXT) FROM pragma_{}",
    settings: &[
        "journal_mode",
        "synchronous",
        "foreign_keys",
        "page_size",
        "encoding",
        "auto_vacuum",
    ],
};

fn first(rows: Vec<migrate_runtime::Row>) -> Option<String> {
    rows.into_iter().next()?.into_iter().next()?
}

fn operator() -> Option<String> {
    // Who became another user with sudo is still who they are.
    ["SUDO_USER", "USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
}

fn host() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    name.map(|name| name.trim().to_owned())
        .or_else(|| env::var("HOSTNAME").ok())
        .or_else(|| env::var("COMPUTERNAME").ok())
        .filter(|name| !name.is_empty())
}

fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        // Reading must not take the repository's lock.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use diesel::Connection;
    use diesel::sqlite::SqliteConnection;

    use super::*;

    #[test]
    fn sqlite_tells_its_settings() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        let server = Server::read(&mut conn, Dialect::Sqlite).unwrap();
        assert!(server.version.starts_with("SQLite 3."), "{server:?}");
        let names: Vec<&str> = server.settings.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, SQLITE.settings);
    }

    #[test]
    fn a_directory_outside_of_git_has_no_commit() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Git::of(dir.path()), None);
    }
}
