//! Taking back what a run has applied.

use migrate_core::plan::Standing;
use migrate_core::{Down, Version};
use migrate_runtime::{Code, ErrorKind, Status};

use super::keeper::Keeper;
use super::{ExecuteError, Options, Rollback, RollbackOutcome, ScriptState, apply, loss, session};
use crate::Deployment;
use crate::connect::{Engine, Open};
use crate::event::Listener;
use crate::run_state::{Recorder, RunState};

/// What a rollback came to.
#[derive(Debug, Default)]
pub struct RolledBack {
    /// What was done.
    pub rollback: Option<Rollback>,
    /// Versions that are reverted.
    pub undone: Vec<String>,
    /// What is lost for good.
    pub lost: Vec<String>,
}

/// Reverts migrations that a run has applied, newest first, by their down scripts: as after a
/// validation that failed. [`apply`](super::apply()) does it by itself where a migration fails and
/// [`OnFailure::Rollback`](migrate_core::config::OnFailure::Rollback) is asked for.
///
/// It refuses, and reverts nothing, where
/// - a script was left half-way: a down is never run over a half-applied script;
/// - one of the versions has no down script, or one that was not rehearsed
///   ([`Rehearsed`](super::Rehearsed));
/// - a down throws data away that is there now, unless
///   [`accept_loss`](super::RollbackOptions::accept_loss) says so;
/// - something newer was applied meanwhile.
pub fn rollback<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    versions: &[Version],
    state: &mut RunState,
    listener: &mut (dyn Listener + Send),
) -> RolledBack {
    let run_id = state.id().to_string();
    let mut recorder = Recorder::new(state, listener);
    let watched = apply::watched(deployment, options, run_id, &mut recorder, |keeper| {
        revert(keeper, deployment, options, versions)
    });
    watched.value
}

/// [`rollback`], told to whoever listens already.
pub(super) fn revert<DB: Engine, K: Code<DB>>(
    keeper: &mut Keeper<'_, '_>,
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    versions: &[Version],
) -> RolledBack {
    keeper.reverting = true;
    keeper.kept.stop = None;
    let before = keeper.kept.scripts.len();
    let mut lost = Vec::new();
    let (outcome, reason) = match steps(keeper, deployment, options, versions, &mut lost) {
        Ok(()) if versions.is_empty() => (RollbackOutcome::NothingToRevert, None),
        Ok(()) => (RollbackOutcome::Done, None),
        Err(Unable::Refused(reason)) => (RollbackOutcome::Refused, Some(reason)),
        Err(Unable::Failed(error)) => (
            RollbackOutcome::Failed,
            Some(super::monitor::with_causes(&error)),
        ),
    };
    if let Some(reason) = &reason {
        keeper.shared.warn(&format!("not rolled back: {reason}"));
    }
    keeper.reverting = false;
    let scripts = keeper.kept.scripts.split_off(before);
    let undone: Vec<String> = scripts
        .iter()
        .filter(|script| script.state == ScriptState::Done)
        .map(|script| script.version.clone())
        .collect();
    if undone.is_empty() {
        lost.clear();
    }
    RolledBack {
        rollback: Some(Rollback {
            outcome,
            reason,
            scripts,
        }),
        undone,
        lost,
    }
}

/// Why nothing, or not everything, was reverted.
enum Unable {
    Refused(String),
    Failed(ExecuteError),
}

impl<E: Into<ExecuteError>> From<E> for Unable {
    fn from(error: E) -> Self {
        Unable::Failed(error.into())
    }
}

fn steps<DB: Engine, K: Code<DB>>(
    keeper: &mut Keeper<'_, '_>,
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    versions: &[Version],
    lost: &mut Vec<String>,
) -> Result<(), Unable> {
    let refuse = |reason: String| Err(Unable::Refused(reason));
    let mut connection = session::open_again(deployment, options)?;
    keeper.shared.session(session::number(&mut connection));
    let mut status = deployment.migrator().status(&mut connection)?;
    if let Some(half) = half_done(&status) {
        // A script of which nothing has happened is given up; of any other the way back is unknown.
        give_up::<DB, K>(deployment, &mut connection, &half)?;
        status = deployment.migrator().status(&mut connection)?;
        if let Some(half) = half_done(&status) {
            return refuse(format!("migration {half} is done in part"));
        }
    }
    let mut versions = versions.to_vec();
    versions.sort();
    let Some(oldest) = versions.first() else {
        return Ok(());
    };
    let others: Vec<String> = status
        .rows
        .iter()
        .filter(|row| row.applied.is_some() && row.version > *oldest)
        .filter(|row| !versions.contains(&row.version))
        .map(|row| row.version.to_string())
        .collect();
    if !others.is_empty() {
        return refuse(format!(
            "{} {} applied too, and newer than {oldest}",
            others.join(", "),
            if others.len() == 1 { "is" } else { "are" }
        ));
    }
    for version in &versions {
        let down = match deployment.set.get(version).map(|found| &found.down) {
            Some(Down::Script(down)) => down,
            Some(Down::Irreversible { reason }) => {
                return refuse(format!("migration {version} is irreversible: {reason}"));
            }
            _ => return refuse(format!("migration {version} has no way down")),
        };
        if !options.rollback.rehearsed.allows(version) {
            return refuse(format!(
                "the way down of migration {version} was not rehearsed"
            ));
        }
        // On a connection of its own: a question that fails must not spoil the other.
        let mut asked = deployment.connect(Open::Existing)?.connection;
        lost.extend(loss::of(version, down, DB::DIALECT, &mut |sql| {
            DB::rows(&mut asked, sql)
        }));
    }
    if !lost.is_empty() && !options.rollback.accept_loss {
        return refuse(format!(
            "it would lose data, which nobody accepted: {}",
            lost.join("; ")
        ));
    }
    for version in versions.iter().rev() {
        keeper
            .shared
            .progress(&format!("reverting {version}"), None);
        let result = apply::with_migrator(
            deployment,
            options,
            &mut connection,
            keeper,
            |migrator, conn| migrator.down_one(conn, version),
        );
        if let Err(error) = result {
            keeper.broke_off();
            if let (Ok(status), Some(last)) = (
                session::status(deployment, options),
                keeper.kept.scripts.last_mut(),
            ) {
                apply::judge(std::slice::from_mut(last), &status);
            }
            return Err(error.into());
        }
    }
    Ok(())
}

/// The script that was begun and not finished.
fn half_done(status: &Status) -> Option<Version> {
    status
        .rows
        .iter()
        .find(|row| matches!(row.standing, Standing::Failed(_) | Standing::Unsure(_)))
        .map(|row| row.version.clone())
}

/// Gives up a script of which nothing has happened.
fn give_up<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    connection: &mut DB::Connection,
    half: &Version,
) -> Result<(), Unable> {
    match deployment.migrator().abandon(connection, None) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            ErrorKind::PartlyDone { .. } | ErrorKind::Unsure(_) => Err(Unable::Refused(format!(
                "migration {half} is done in part, and nothing leads back from there: {error}"
            ))),
            _ => Err(error.into()),
        },
    }
}
