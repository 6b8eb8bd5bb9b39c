//! `[backup]` and `[tools]`: how backups are made, and where the databases' programs are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::options::{non_empty, parsed, variable};
use super::parse_duration;
use crate::document::{Document, Value};

/// How a backup is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackupKind {
    /// The database, as the database's own program dumps it.
    #[default]
    Logical,
    /// The files of the whole server, and its log behind them.
    Physical,
}

impl BackupKind {
    /// The words for it.
    pub const CHOICES: [(&str, BackupKind); 2] = [
        ("logical", BackupKind::Logical),
        ("physical", BackupKind::Physical),
    ];
}

/// How much of a backup is restored and compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackupVerify {
    /// Everything. Only this makes a backup verified.
    #[default]
    Full,
    /// Everything is restored; compared are the tables that the run touches and their neighbours.
    Touched,
    /// Everything is restored; compared is a share of the tables.
    Sampled,
    /// Nothing.
    None,
}

impl BackupVerify {
    /// The words for it.
    pub const CHOICES: [(&str, BackupVerify); 4] = [
        ("full", BackupVerify::Full),
        ("touched", BackupVerify::Touched),
        ("sampled", BackupVerify::Sampled),
        ("none", BackupVerify::None),
    ];
}

/// How backups are made.
///
/// ```
/// use migrate_core::config::Config;
///
/// let text = "[backup]\nkeep = 3\n[tools]\npostgres = '/opt/pg/bin'\n";
/// let config = Config::parse(text, "/app/migrate.toml".as_ref()).unwrap();
/// let set = config.set(None).unwrap();
/// assert_eq!(set.backup.keep, Some(3));
/// assert_eq!(set.backup.directory, std::path::Path::new("/app/.migrate/backups"));
/// assert_eq!(set.tools.postgres.unwrap(), std::path::Path::new("/opt/pg/bin"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupConfig {
    /// Where backups are; by default `backups` in the state directory of runs.
    pub directory: PathBuf,
    /// How many backups of a database are kept, at least 1; by default all. The newest verified one
    /// is kept besides.
    pub keep: Option<u32>,
    /// How a backup is made.
    pub kind: BackupKind,
    /// How much of a backup is restored and compared.
    pub verify: BackupVerify,
    /// Of how many percent of the tables a sample is, from 1 to 100; by default 20.
    pub sample: u8,
    /// A command that makes backups instead of the database's own program.
    pub command: Option<String>,
    /// A command that the backup goes through on its way to the disk.
    pub encrypt: Option<String>,
    /// The command that takes this back.
    pub decrypt: Option<String>,
    /// How long writers may be kept waiting for the moment that dump and digest have in common; by
    /// default 5 seconds.
    pub stall: Duration,
    /// The environment variable with the URL of the database as the user that dumps it; by default
    /// the database's own.
    pub database: Option<String>,
    /// The environment variable with the URL of a server on which backups are restored to be
    /// verified; by default a private server.
    pub scratch: Option<String>,
}

/// Where the databases' programs are; by default where they are found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolsConfig {
    /// The folder of PostgreSQL's programs.
    pub postgres: Option<PathBuf>,
    /// The folder of MySQL's or MariaDB's programs.
    pub mariadb: Option<PathBuf>,
}

/// What a file says about `[backup]`; nothing is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BackupOptions {
    directory: Option<String>,
    keep: Option<u32>,
    kind: Option<BackupKind>,
    verify: Option<BackupVerify>,
    sample: Option<u32>,
    command: Option<String>,
    encrypt: Option<String>,
    decrypt: Option<String>,
    stall: Option<Duration>,
    database: Option<String>,
    scratch: Option<String>,
}

/// What a file says about `[tools]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ToolsOptions {
    postgres: Option<String>,
    mariadb: Option<String>,
}

impl BackupOptions {
    pub(super) fn overlaid(self, over: BackupOptions) -> BackupOptions {
        BackupOptions {
            directory: over.directory.or(self.directory),
            keep: over.keep.or(self.keep),
            kind: over.kind.or(self.kind),
            verify: over.verify.or(self.verify),
            sample: over.sample.or(self.sample),
            command: over.command.or(self.command),
            encrypt: over.encrypt.or(self.encrypt),
            decrypt: over.decrypt.or(self.decrypt),
            stall: over.stall.or(self.stall),
            database: over.database.or(self.database),
            scratch: over.scratch.or(self.scratch),
        }
    }

    pub(super) fn resolve(self, root: &Path, state: &Path) -> BackupConfig {
        BackupConfig {
            directory: self
                .directory
                .map_or_else(|| state.join("backups"), |it| root.join(it)),
            keep: self.keep,
            kind: self.kind.unwrap_or_default(),
            verify: self.verify.unwrap_or_default(),
            sample: self.sample.and_then(|it| it.try_into().ok()).unwrap_or(20),
            command: self.command,
            encrypt: self.encrypt,
            decrypt: self.decrypt,
            stall: self.stall.unwrap_or(Duration::from_secs(5)),
            database: self.database,
            scratch: self.scratch,
        }
    }
}

impl ToolsOptions {
    pub(super) fn overlaid(self, over: ToolsOptions) -> ToolsOptions {
        ToolsOptions {
            postgres: over.postgres.or(self.postgres),
            mariadb: over.mariadb.or(self.mariadb),
        }
    }

    pub(super) fn resolve(self, root: &Path) -> ToolsConfig {
        ToolsConfig {
            postgres: self.postgres.map(|it| root.join(it)),
            mariadb: self.mariadb.map(|it| root.join(it)),
        }
    }
}

pub(super) fn read(document: &mut Document, value: &Value<'_>) -> BackupOptions {
    let mut backup = BackupOptions::default();
    let Some(table) = document.table("backup", value) else {
        return backup;
    };
    document.known_keys(
        table,
        &[
            "directory",
            "keep",
            "kind",
            "verify",
            "sample",
            "command",
            "encrypt",
            "decrypt",
            "stall",
            "database",
            "scratch",
        ],
    );
    for (key, value) in table {
        let key = key.get_ref().as_ref();
        match key {
            "directory" => backup.directory = non_empty(document, key, value),
            "keep" => {
                backup.keep = document.count(key, value);
                if backup.keep == Some(0) {
                    document.error(value.span(), "`keep` must be 1 or more");
                }
            }
            "kind" => backup.kind = document.choice(key, value, &BackupKind::CHOICES),
            "verify" => backup.verify = document.choice(key, value, &BackupVerify::CHOICES),
            "sample" => {
                backup.sample = document.count(key, value);
                if backup.sample.is_some_and(|it| !(1..=100).contains(&it)) {
                    document.error(value.span(), "`sample` is a percentage, from 1 to 100");
                }
            }
            "command" => backup.command = non_empty(document, key, value),
            "encrypt" => backup.encrypt = non_empty(document, key, value),
            "decrypt" => backup.decrypt = non_empty(document, key, value),
            "stall" => backup.stall = parsed(document, key, value, parse_duration),
            "database" | "scratch" => {
                let variable = variable(document, key, value);
                match key {
                    "database" => backup.database = variable,
                    _ => backup.scratch = variable,
                }
            }
            _ => {}
        }
    }
    if backup.stall.is_some_and(|stall| stall.is_zero())
        && let Some(value) = table.get("stall")
    {
        document.error(value.span(), "`stall` must be more than 0");
    }
    backup
}

pub(super) fn read_tools(document: &mut Document, value: &Value<'_>) -> ToolsOptions {
    let mut tools = ToolsOptions::default();
    let Some(table) = document.table("tools", value) else {
        return tools;
    };
    document.known_keys(table, &["postgres", "mariadb"]);
    for (key, value) in table {
        let key = key.get_ref().as_ref();
        match key {
            "postgres" => tools.postgres = non_empty(document, key, value),
            "mariadb" => tools.mariadb = non_empty(document, key, value),
            _ => {}
        }
    }
    tools
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    #[test]
    fn what_is_wrong() {
        for (text, expected) in [
            ("[backup]\nkep = 1", "unknown key `kep`"),
            ("[backup]\nkeep = 0", "`keep` must be 1 or more"),
            ("[backup]\nstall = '0'", "`stall` must be more than 0"),
            ("[backup]\nverify = 'some'", "`verify` cannot be `some`"),
            (
                "[backup]\nscratch = 'postgres://u:p@h/d'",
                "`scratch` is a URL",
            ),
            ("[backup]\nkind = 'cold'", "`kind` cannot be `cold`"),
            ("[backup]\nsample = 101", "`sample` is a percentage"),
            ("[tools]\nmysql = '/usr/bin'", "unknown key `mysql`"),
        ] {
            let found = Config::parse(text, Path::new("/app/migrate.toml")).unwrap_err();
            let message = &found[0].message;
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_set_lays_its_own_on_top() {
        let text = "[backup]\nkeep = 3\nverify = 'none'\ndatabase = 'DUMP_URL'\n[sets.x]\ndir = 'x'\n\
            [sets.x.backup]\nkeep = 1\ndirectory = 'b'\nscratch = 'SCRATCH_URL'\n";
        let config = Config::parse(text, Path::new("/app/migrate.toml")).unwrap();
        let backup = config.set(Some("x")).unwrap().backup;
        assert_eq!((backup.keep, backup.verify), (Some(1), BackupVerify::None));
        assert_eq!(backup.directory, Path::new("/app/b"));
        assert_eq!(backup.database.as_deref(), Some("DUMP_URL"));
        assert_eq!(backup.scratch.as_deref(), Some("SCRATCH_URL"));
        assert_eq!(backup.stall, Duration::from_secs(5));
        assert_eq!((backup.kind, backup.sample), (BackupKind::Logical, 20));
    }

    #[test]
    fn a_physical_one_of_which_a_sample_is_compared() {
        let text = "[backup]\nkind = 'physical'\nverify = 'sampled'\nsample = 5\n";
        let config = Config::parse(text, Path::new("/app/migrate.toml")).unwrap();
        let backup = config.set(None).unwrap().backup;
        assert_eq!(backup.kind, BackupKind::Physical);
        assert_eq!((backup.verify, backup.sample), (BackupVerify::Sampled, 5));
    }
}
