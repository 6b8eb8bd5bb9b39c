//! Making a backup.

use std::time::Instant;

use super::definitions::Definitions;
use super::engine::{Job, Place, Survey};
use super::error::BackupError;
use super::evidence::{BackupEvidence, BackupKind, FORMAT, Verification};
use super::log::Follower;
use super::options::Options;
use super::preflight::{Forecast, Preflight, free_bytes};
use super::store::{BackupId, Store, Stored};
use super::verify::{Verify, selection};
use crate::connect::Engine;
use crate::deployment::Deployment;
use crate::event::{Event, Listener, Step};
use crate::time::{self, seconds};

/// Looks whether a backup can be made, and what it is expected to take. Nothing is written.
///
/// # Errors
/// Where the database cannot be asked. That no backup can be made is no error here.
pub fn preflight<DB: Engine, K>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
) -> Result<Preflight, BackupError> {
    let dumper = options.as_dumper(deployment)?;
    let survey = survey(&Place::of(&dumper), options)?;
    look(&survey, &deployment.url.shown(), options)
}

/// What is known of the database before anything is begun, for the kind that is asked for.
fn survey<DB: Engine>(place: &Place<'_, DB>, options: &Options) -> Result<Survey, BackupError> {
    match options.kind {
        BackupKind::Physical => DB::survey_server(place, options),
        _ => DB::survey(place, options),
    }
}

fn look(survey: &Survey, database: &str, options: &Options) -> Result<Preflight, BackupError> {
    let free = free_bytes(&options.directory);
    let store = Store::new(&options.directory);
    let last = store.list()?.into_iter().rev().find(|stored| {
        let evidence = &stored.evidence;
        evidence.database == database
            && evidence.kind == options.kind
            && evidence.source_bytes.is_some()
    });
    let forecast = match (last, survey.source_bytes) {
        (Some(Stored { evidence, .. }), Some(now)) => {
            let then = evidence.source_bytes.unwrap_or_default();
            Forecast::from_last(
                (evidence.bytes(), evidence.duration_seconds, then),
                now,
                free,
            )
        }
        _ => Forecast::from_size(survey.table_bytes, free),
    };
    let mut preflight = Preflight {
        checks: survey.checks.clone(),
        forecast,
    };
    preflight.checks.extend(preflight.room());
    Ok(preflight)
}

/// A backup that was just made, with what has to be known to verify it.
#[derive(Debug)]
pub struct Taken {
    /// The backup.
    pub stored: Stored,
    /// What the database had besides rows.
    pub(super) definitions: Definitions,
    /// Goes on receiving the server's log, of a physical one.
    pub(super) follower: Option<Follower>,
}

/// Makes a backup of a deployment's database, and digests what [`verify`](super::verify()) will
/// compare. It is not verified yet.
///
/// On any error nothing of it stays.
///
/// # Errors
/// [`BackupError::NoGo`] before anything was begun; [`BackupError::SchemaChanged`] where somebody
/// changed the schema meanwhile; otherwise whatever is in the way.
pub fn take<DB: Engine, K>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    verify: &Verify<'_>,
    listener: &mut dyn Listener,
) -> Result<Taken, BackupError> {
    // Whoever dumps it, it is a backup of the deployment's database.
    let database = deployment.url.shown();
    let dumper = options.as_dumper(deployment)?;
    let place = Place::of(&dumper);
    let survey = survey(&place, options)?;
    let preflight = look(&survey, &database, options)?;
    if !preflight.problems().is_empty() {
        return Err(BackupError::NoGo(Box::new(preflight)));
    }
    for text in preflight.warnings() {
        let step = Step::Backup;
        listener.event(&Event::Warning { step, text: &text });
    }
    let store = Store::new(&options.directory);
    let workspace = store.begin()?;
    let (id, started, begun) = (BackupId::new(), time::now(), Instant::now());
    let mut before = Definitions::read(&place, options)?;
    let mut job = Job {
        place,
        options,
        workspace: &workspace,
        expected_bytes: preflight.forecast.bytes,
        selection: selection(verify, options.sample, &before.schema),
        listener,
    };
    let (dumped, log, follower) = match options.kind {
        BackupKind::Physical => {
            let copied = DB::copy_server(&mut job)?;
            before = copied.definitions;
            (copied.dumped, Some(copied.log), Some(copied.follower))
        }
        _ => (DB::dump(&mut job)?, None, None),
    };
    let changes = before.changes(&Definitions::read(&place, options)?);
    if !changes.is_empty() {
        return Err(BackupError::SchemaChanged { changes });
    }
    let mut notes = Vec::new();
    if log.is_none() {
        let text = "no point-in-time recovery: what was written after its snapshot is not in it";
        notes.push(text.to_owned());
    }
    notes.extend(dumped.notes);
    let evidence = BackupEvidence {
        format: FORMAT,
        folder: options.directory.join(id.as_str()).display().to_string(),
        id,
        kind: options.kind,
        database,
        dialect: DB::DIALECT.name().to_owned(),
        server: survey.server,
        tools: dumped.tools,
        migrate: env!("CARGO_PKG_VERSION").to_owned(),
        started,
        finished: time::now(),
        duration_seconds: seconds(begun.elapsed()),
        snapshot: dumped.snapshot,
        stall_seconds: dumped.stall_seconds,
        source_bytes: survey.source_bytes,
        files: dumped.files,
        encrypted: options.encrypt.is_some(),
        // Only a verification that has rolled it forward knows.
        point_in_time_recovery: false,
        log,
        properties: survey.properties,
        notes,
        tables: dumped.tables,
        preflight,
        verification: Verification::none(),
    };
    let stored = store.finish(workspace, evidence)?;
    Ok(Taken {
        stored,
        definitions: before,
        follower,
    })
}
