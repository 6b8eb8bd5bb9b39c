//! What would be in the database if nobody but the run had written: the backup, on a private server,
//! with the migrations applied to it that are applied in the database.

use std::collections::BTreeSet;

use migrate_core::Version;
use migrate_core::plan::Standing;
use migrate_runtime::{Code, Status};

use super::error::ReinstateError;
use crate::Deployment;
use crate::backup::definitions::Definitions;
use crate::backup::{self, Stored};
use crate::connect::{Engine, Open};
use crate::digest::{DatabaseDigest, Selection, digest_observed};
use crate::event::Listener;
use crate::rehearse::Replay;
use crate::scratch;

/// Rows and definitions of a database.
pub(super) struct Contents {
    pub(super) tables: DatabaseDigest,
    pub(super) definitions: Definitions,
}

/// What the backup holds, and what it comes to.
pub(super) struct Expected {
    pub(super) backup: Definitions,
    pub(super) contents: Contents,
    /// Versions that the database has applied and the backup has not.
    pub(super) since: Vec<String>,
    /// What keeps the two from being comparable.
    pub(super) unlike: Vec<String>,
}

/// What is applied, and what was begun.
#[derive(Debug, PartialEq, Eq)]
struct Applied {
    done: BTreeSet<Version>,
    begun: BTreeSet<Version>,
}

impl Applied {
    fn of(status: &Status) -> Self {
        let begun = |row: &&migrate_runtime::StatusRow| {
            matches!(row.standing, Standing::Failed(_) | Standing::Unsure(_))
        };
        let version = |row: &migrate_runtime::StatusRow| row.version.clone();
        Applied {
            begun: status.rows.iter().filter(begun).map(version).collect(),
            done: status
                .rows
                .iter()
                .filter(|row| row.applied.is_some() && !begun(row))
                .map(version)
                .collect(),
        }
    }
}

/// Versions that a database has applied or begun and a backup of it has not, as far as its history
/// tells.
fn since(now: &Applied, backup: &Applied) -> Vec<Version> {
    let all = now.done.union(&now.begun);
    all.filter(|version| !backup.done.contains(*version))
        .cloned()
        .collect()
}

/// Makes it. `conn` is to the real database, which is only read.
pub(super) fn expected<DB: Engine, K: Code<DB>>(
    real: &Deployment<'_, DB, K>,
    conn: &mut DB::Connection,
    stored: &Stored,
    options: &backup::Options,
    scratch: &scratch::Options,
    listener: &mut dyn Listener,
) -> Result<Expected, ReinstateError> {
    let now = Applied::of(&real.migrator().status(conn)?);
    let replay = Replay::begin(real, Some(conn), stored, options, scratch, listener)?;
    let copy = real.at(replay.url());
    let mut conn = copy.connect(Open::Existing)?.connection;
    let backup = Definitions::read_from::<DB>(&mut conn, options)?;
    let then = Applied::of(&copy.migrator().status(&mut conn)?);
    let since = since(&now, &then);
    replay.may_run(real.set, &since)?;
    let mut unlike = Vec::new();
    if let Some(newest) = now.done.iter().rfind(|version| since.contains(version)) {
        replay.up(&copy, &mut conn, newest)?;
    }
    for half in &now.begun {
        // It stopped there too, or it does not; what there is then tells.
        if let Err(error) = replay.up(&copy, &mut conn, half) {
            tracing::debug!(%half, error = %error, "a script that was begun");
        }
    }
    let reached = Applied::of(&copy.migrator().status(&mut conn)?);
    if reached != now {
        unlike.push(
            "the migrations that the database has cannot be applied to the backup in the same way"
                .to_owned(),
        );
    }
    let contents = contents::<DB, K>(&copy, &mut conn, options, listener)?;
    Ok(Expected {
        backup,
        contents,
        since: since_names(&since),
        unlike,
    })
}

fn since_names(since: &[Version]) -> Vec<String> {
    since.iter().map(ToString::to_string).collect()
}

/// Reads a database, without the records of migrations.
pub(super) fn contents<DB: Engine, K: Code<DB>>(
    of: &Deployment<'_, DB, K>,
    conn: &mut DB::Connection,
    options: &backup::Options,
    listener: &mut dyn Listener,
) -> Result<Contents, ReinstateError> {
    let history = of.migrator().settings_mut().history_table.to_string();
    let selection = Selection::all().without_records().without([
        history.clone(),
        format!("{history}_statements"),
        format!("{history}_head"),
    ]);
    let mut stopped = false;
    let tables = digest_observed::<DB, _>(conn, &selection, &mut |_| {
        stopped = listener.stop();
        !stopped
    });
    if stopped {
        return Err(ReinstateError::Stopped);
    }
    Ok(Contents {
        tables: tables?,
        definitions: Definitions::read_from::<DB>(conn, options)?,
    })
}
