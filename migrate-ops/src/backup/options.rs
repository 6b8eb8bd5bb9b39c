//! How a backup is made and restored.

use std::path::PathBuf;
use std::time::Duration;

use migrate_core::Dialect;
use migrate_runtime::Database;

use super::error::BackupError;
use super::evidence::BackupKind;
use crate::connect::{DatabaseUrl, Engine};
use crate::deployment::Deployment;
use crate::introspect;
use crate::tool::ToolPaths;

/// How a backup is made and restored.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds all backups.
    pub directory: PathBuf,
    /// Logical or physical; a command makes an external one whatever stands here.
    pub kind: BackupKind,
    /// Where the database's programs are.
    pub tools: ToolPaths,
    /// The database as the user that dumps it, where that is not the user of the deployment.
    pub login: Option<DatabaseUrl>,
    /// How many backups of a database to keep; all where it is `None`. The newest verified one is
    /// kept besides.
    pub keep: Option<usize>,
    /// A command that the stream goes through on its way to the file, as `age -r …`. The shell runs
    /// it.
    pub encrypt: Option<String>,
    /// The command that takes this back.
    pub decrypt: Option<String>,
    /// A command of the operator's that makes backups instead ([`external`](super::external())).
    pub command: Option<String>,
    /// How long to wait for locks that keep the schema as it is.
    pub lock_timeout: Duration,
    /// How long writers may be kept waiting for the moment that dump and digest have in common. On
    /// PostgreSQL nobody has to wait.
    pub stall: Duration,
    /// Of how many percent of the tables a sample is ([`VerifyLevel::Sampled`](super::VerifyLevel)).
    pub sample: u8,
    /// What counts as the schema.
    pub schema: introspect::Options,
}

impl Options {
    /// Where the programs of private servers are, besides the usual places.
    pub fn programs<DB: Database>(&self) -> Vec<PathBuf> {
        let folder = match DB::DIALECT {
            Dialect::Postgres => self.tools.postgres.clone(),
            Dialect::Mysql => self.tools.mariadb.clone(),
            _ => None,
        };
        folder.into_iter().collect()
    }

    /// A deployment as the user that dumps its database.
    pub(super) fn as_dumper<'d, DB: Engine, K>(
        &'d self,
        deployment: &Deployment<'d, DB, K>,
    ) -> Result<Deployment<'d, DB, K>, BackupError> {
        let Some(login) = &self.login else {
            return Ok(*deployment);
        };
        if !login.is_same_database(deployment.url) {
            return Err(BackupError::OtherDatabase {
                login: login.shown(),
                database: deployment.url.shown(),
            });
        }
        let url = login;
        Ok(Deployment { url, ..*deployment })
    }

    /// The defaults, with a folder for the backups.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Options {
            directory: directory.into(),
            kind: BackupKind::Logical,
            tools: ToolPaths::default(),
            login: None,
            keep: None,
            encrypt: None,
            decrypt: None,
            command: None,
            lock_timeout: Duration::from_secs(5),
            stall: Duration::from_secs(5),
            sample: 20,
            schema: introspect::Options::default(),
        }
    }
}
