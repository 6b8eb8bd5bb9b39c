//! Backups that a command of the operator's makes.

use std::time::Instant;

use migrate_core::redact;

use super::engine::Place;
use super::error::BackupError;
use super::evidence::{BackupEvidence, BackupKind, FORMAT, Snapshot, Verification, VerifyLevel};
use super::options::Options;
use super::preflight::{Preflight, free_bytes};
use super::store::{BackupId, Store, Stored};
use crate::connect::Engine;
use crate::deployment::Deployment;
use crate::event::{Event, Listener, Step};
use crate::time::{self, seconds};
use crate::tool::Tool;

/// How much of what the command wrote is kept: the end of it, in characters.
const KEPT: usize = 2000;

/// Runs a command of the operator's that makes a backup, as a snapshot of the disk or pgBackRest, and
/// records that it did. The shell runs it, with `MIGRATE_BACKUP` as the name of the backup and
/// `MIGRATE_DATABASE` as the database, without its password.
///
/// What it made is not looked at: the evidence says so, and that nothing is verified.
///
/// # Errors
/// Where the command fails; nothing is recorded then. The command is not stopped on its way.
pub fn external<DB: Engine, K>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    command: &str,
    listener: &mut dyn Listener,
) -> Result<Stored, BackupError> {
    let place = Place::of(deployment);
    let database = place.url.shown();
    let survey = DB::survey(&place, options)?;
    let store = Store::new(&options.directory);
    let workspace = store.begin()?;
    let (id, started, begun) = (BackupId::new(), time::now(), Instant::now());
    listener.event(&Event::Progress {
        step: Step::Backup,
        text: "running the command that makes the backup",
        fraction: None,
    });
    let said = Tool::shell("the command that makes the backup", command)
        .variable("MIGRATE_BACKUP", id.as_str())
        .variable("MIGRATE_DATABASE", &database)
        .output()?;
    let mut notes = vec![
        "made by a command of the operator's: what it made was not looked at, and whether it can be \
         rolled forward is not known here"
            .to_owned(),
    ];
    let said = redact::urls(said.trim());
    if !said.is_empty() {
        let skipped = said.chars().count().saturating_sub(KEPT);
        let end: String = said.chars().skip(skipped).collect();
        notes.push(format!("the command said: {end}"));
    }
    let mut preflight = Preflight::default();
    preflight.forecast.free_bytes = free_bytes(&options.directory);
    let evidence = BackupEvidence {
        format: FORMAT,
        folder: options.directory.join(id.as_str()).display().to_string(),
        id,
        kind: BackupKind::External,
        database,
        dialect: DB::DIALECT.name().to_owned(),
        server: survey.server,
        tools: Vec::new(),
        migrate: env!("CARGO_PKG_VERSION").to_owned(),
        started,
        finished: time::now(),
        duration_seconds: seconds(begun.elapsed()),
        snapshot: Snapshot::Unknown,
        stall_seconds: None,
        source_bytes: survey.source_bytes,
        files: Vec::new(),
        encrypted: false,
        point_in_time_recovery: false,
        log: None,
        properties: survey.properties,
        notes,
        tables: None,
        preflight,
        verification: Verification {
            level: VerifyLevel::External,
            ..Verification::none()
        },
    };
    store.finish(workspace, evidence)
}
