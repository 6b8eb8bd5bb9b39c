//! One step after the other, each written down before it is taken.

use std::time::Instant;

use migrate_runtime::Code;

use super::engine::Ground;
use super::error::ReinstateError;
use super::evidence::{EVIDENCE, Outcome, Reinstatement, Stage, Writers};
use super::expected::{self, Expected};
use super::names::Names;
use super::record::Interrupted;
use super::writers::writers;
use crate::Deployment;
use crate::backup::definitions::Definitions;
use crate::backup::engine::Place;
use crate::backup::verify::with_causes;
use crate::backup::{self, BackupId, BackupKind, Stored, Target};
use crate::connect::{Engine, Open};
use crate::digest::{Selection, compare, digest};
use crate::event::{Event, Listener, Step};
use crate::run_state::{Recorder, RunState, RunStateError};
use crate::scratch;
use crate::time::{self, seconds};

/// How a backup is put in the place of its database.
#[derive(Clone, Debug)]
pub struct Options {
    /// The backup.
    pub stored: Stored,
    /// How it is restored.
    pub backup: backup::Options,
    /// How the private server is started on which it is found out what would be there without others.
    pub scratch: scratch::Options,
    /// What others wrote after this backup may be lost: it has to be the backup that is restored.
    pub lose_writes_since: Option<BackupId>,
    /// The command of the operator's that this is part of, for the advice what comes next.
    pub command: &'static str,
}

/// What makes it impossible to put a backup in the place of this database, a line each; nothing where it is
/// possible, as far as that can be told before.
///
/// # Errors
/// Where the database cannot be asked.
pub fn obstacles<DB: Engine, K>(
    deployment: &Deployment<'_, DB, K>,
) -> Result<Vec<String>, ReinstateError> {
    let names = Names::of(deployment.url, "");
    DB::obstacles(&Ground {
        place: Place::of(deployment),
        names: &names,
        beside: deployment.url,
    })
}

/// Puts a backup in the place of the database that it was made of; what was begun before, and interrupted,
/// is gone on with.
///
/// However it ends, the evidence says so, and is kept in the run's state under [`EVIDENCE`]. Where it is
/// [`Outcome::Unfinished`], not even the fence could be lifted: the same call goes on from there.
///
/// # Errors
/// Where the state cannot be written.
pub fn reinstate<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    state: &mut RunState,
    before: Option<&Interrupted>,
    listener: &mut (dyn Listener + Send),
) -> Result<Reinstatement, RunStateError> {
    let evidence = &options.stored.evidence;
    let names = match before {
        Some(Interrupted { record, .. }) => Names {
            beside: record.beside.clone(),
            kept: record.kept.clone(),
        },
        None => Names::of(deployment.url, state.id().as_str()),
    };
    let record = Reinstatement {
        database: deployment.url.shown(),
        backup: evidence.id.clone(),
        backup_folder: evidence.folder.clone(),
        backup_made: evidence.started.clone(),
        started: time::now(),
        finished: None,
        stage: Stage::Looking,
        outcome: Outcome::Unfinished,
        reason: None,
        fence: None,
        writers: Writers::NotLooked,
        lose_writes_since: options.lose_writes_since.clone(),
        beside: names.beside.clone(),
        kept: names.kept.clone(),
        tables_compared: 0,
        rows_compared: 0,
        undone: Vec::new(),
        lost: Vec::new(),
        notes: Vec::new(),
        next: None,
    };
    let beside = deployment.url.with_database(Some(&names.beside));
    let mut course = Course {
        deployment,
        ground: Ground {
            place: Place::of(deployment),
            names: &names,
            beside: &beside,
        },
        record,
        recorder: Recorder::new(state, listener),
        fenced: None,
    };
    course.recorder.event(&Event::Started(Step::Restore));
    let result = course.whole(options, before.map(|it| &it.record));
    course.end(result, options)
}

/// Gives up what was begun and interrupted: the fence is taken away, what was restored beside is dropped, and
/// the database stays as it is. Where the two have changed places already, that stays, and is finished.
///
/// # Errors
/// Where the state cannot be written.
pub fn give_up<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    before: &Interrupted,
    state: &mut RunState,
    listener: &mut (dyn Listener + Send),
) -> Result<Reinstatement, RunStateError> {
    let names = Names {
        beside: before.record.beside.clone(),
        kept: before.record.kept.clone(),
    };
    let beside = deployment.url.with_database(Some(&names.beside));
    let mut course = Course {
        deployment,
        ground: Ground {
            place: Place::of(deployment),
            names: &names,
            beside: &beside,
        },
        record: before.record.clone(),
        recorder: Recorder::new(state, listener),
        fenced: None,
    };
    course.recorder.event(&Event::Started(Step::Restore));
    let result = course.is_exchanged(&before.record);
    course.finish_what_was(result)
}

struct Course<'c, 'd, DB: Engine, K> {
    deployment: &'c Deployment<'d, DB, K>,
    ground: Ground<'c, DB>,
    record: Reinstatement,
    recorder: Recorder<'c>,
    /// Since when the fence stands.
    fenced: Option<Instant>,
}

impl<DB: Engine, K: Code<DB>> Course<'_, '_, DB, K> {
    /// A step begins: it is on the disk before anything is done.
    fn stage(&mut self, stage: Stage) -> Result<(), ReinstateError> {
        self.record.stage = stage;
        self.keep()?;
        self.recorder.event(&Event::Progress {
            step: Step::Restore,
            text: stage.doing(),
            fraction: None,
        });
        match self.recorder.stop() {
            true if stage < Stage::Exchanged => Err(ReinstateError::Stopped),
            _ => Ok(()),
        }
    }

    fn keep(&mut self) -> Result<(), RunStateError> {
        let record = &self.record;
        self.recorder
            .state()
            .evidence(Step::Restore, EVIDENCE, record)?;
        Ok(())
    }

    /// Whether an interrupted one had come to its end but for the fence.
    fn is_exchanged(&mut self, before: &Reinstatement) -> Result<bool, ReinstateError> {
        match before.stage {
            Stage::Exchanging => DB::is_exchanged(&self.ground),
            stage => Ok(stage == Stage::Exchanged),
        }
    }

    fn whole(
        &mut self,
        options: &Options,
        before: Option<&Reinstatement>,
    ) -> Result<(), ReinstateError> {
        if let Some(before) = before {
            let exchanged = self.is_exchanged(before)?;
            if exchanged {
                let database = self.record.database.clone();
                self.record = before.clone();
                self.record.database = database;
                self.exchanged();
                return self.stage(Stage::Exchanged);
            }
            // From the beginning: what was found out then need not hold any more.
            self.lift(None)?;
            DB::clear(&self.ground, false)?;
        }
        self.stage(Stage::Looking)?;
        self.look(options)?;
        self.stage(Stage::Fencing)?;
        self.fenced = Some(Instant::now());
        let (held, fence) = DB::fence(&self.ground)?;
        self.record.fence = Some(fence);
        let mut held = Some(held);
        let result = self.under_fence(options, &mut held);
        drop(held);
        result
    }

    /// What makes it impossible from the start.
    fn look(&self, options: &Options) -> Result<(), ReinstateError> {
        let stored = &options.stored;
        let evidence = &stored.evidence;
        let mut found = Vec::new();
        if evidence.kind != BackupKind::Logical {
            found.push(
                "only a logical backup is put in the place of a database by itself".to_owned(),
            );
        }
        if without_user(&evidence.database) != without_user(&self.record.database) {
            found.push(format!(
                "the backup {} is of {}, and not of {}",
                evidence.id, evidence.database, self.record.database
            ));
        }
        if evidence.tables.is_none() {
            found.push(
                "what the backup's tables hold was not digested, so that what is restored could not be compared"
                    .to_owned(),
            );
        }
        if let Some(given) = options
            .lose_writes_since
            .as_ref()
            .filter(|given| **given != evidence.id)
        {
            return Err(ReinstateError::OtherBackup {
                given: given.to_string(),
                backup: evidence.id.to_string(),
            });
        }
        found.extend(DB::obstacles(&self.ground)?);
        match found.is_empty() {
            true => Ok(()),
            false => Err(ReinstateError::Obstacles(found)),
        }
    }

    fn under_fence(
        &mut self,
        options: &Options,
        held: &mut Option<DB::Held>,
    ) -> Result<(), ReinstateError> {
        self.stage(Stage::Comparing)?;
        let expected = match held.as_mut() {
            Some(held) => self.compare(options, held)?,
            None => None,
        };
        self.stage(Stage::Restoring)?;
        let beside = self.deployment.at(self.ground.beside);
        let restored = backup::restore(
            &options.stored,
            &beside,
            Target::Database,
            &options.backup,
            &mut self.recorder,
        )?;
        self.record.notes.extend(
            restored
                .notes
                .into_iter()
                // Of the database itself everything is made like the old one.
                .filter(|note| !note.contains("of the database itself")),
        );
        self.stage(Stage::Verifying)?;
        self.verify(options, expected.as_ref())?;
        self.stage(Stage::Exchanging)?;
        let notes = DB::exchange(&self.ground, held)?;
        self.record.notes.extend(notes);
        self.exchanged();
        self.stage(Stage::Exchanged)
    }

    fn exchanged(&mut self) {
        let record = &mut self.record;
        record.lost.clear();
        if let Writers::Somebody { .. } | Writers::NotKnown { .. } = record.writers {
            record.lost.push(format!(
                "what others wrote after {} is not in the database any more, but in {}",
                record.backup_made, record.kept
            ));
        }
    }

    /// Whether anybody else wrote. Where that need not be known, and cannot, it is not.
    fn compare(
        &mut self,
        options: &Options,
        held: &mut DB::Held,
    ) -> Result<Option<Expected>, ReinstateError> {
        let backup = options.stored.evidence.tables.as_ref();
        let made = expected::expected(
            self.deployment,
            DB::reader(held),
            &options.stored,
            &options.backup,
            &options.scratch,
            &mut self.recorder,
        );
        let expected = match made {
            Ok(expected) => Some(expected),
            Err(ReinstateError::Stopped) => return Err(ReinstateError::Stopped),
            Err(error) => {
                self.record.writers = Writers::NotKnown {
                    why: vec![format!(
                        "what would be there without others cannot be made: {}",
                        with_causes(&error)
                    )],
                };
                None
            }
        };
        if let (Some(expected), Some(backup)) = (&expected, backup) {
            self.record.undone.clone_from(&expected.since);
            let blind = DB::blind(&self.ground, held)?;
            let now = expected::contents(
                self.deployment,
                DB::reader(held),
                &options.backup,
                &mut self.recorder,
            )?;
            self.record.writers = writers(expected, &now, backup, blind);
        }
        let why = match &self.record.writers {
            Writers::Nobody { .. } => return Ok(expected),
            Writers::Somebody { what } => what.clone(),
            Writers::NotKnown { why } => why.clone(),
            Writers::NotLooked => vec!["it was not looked at".to_owned()],
        };
        match options.lose_writes_since {
            Some(_) => Ok(expected),
            None => Err(ReinstateError::Writers {
                backup: self.record.backup.to_string(),
                why,
            }),
        }
    }

    /// Compares what was restored with what the backup had.
    fn verify(
        &mut self,
        options: &Options,
        expected: Option<&Expected>,
    ) -> Result<(), ReinstateError> {
        let beside = self.deployment.at(self.ground.beside);
        let mut conn = beside.connect(Open::Existing)?.connection;
        let whole = digest::<DB, _>(&mut conn, &Selection::all())?;
        let mut differences: Vec<String> = Vec::new();
        if let Some(backup) = &options.stored.evidence.tables {
            differences.extend(compare(backup, &whole).iter().map(ToString::to_string));
        }
        match expected {
            Some(expected) => {
                let restored = Definitions::read_from::<DB>(&mut conn, &options.backup)?;
                differences.extend(expected.backup.lost_in(&restored, Target::Scratch));
            }
            None => self.record.notes.push(
                "definitions of what was restored were not compared with the backup's".to_owned(),
            ),
        }
        if !differences.is_empty() {
            return Err(ReinstateError::Differs(differences));
        }
        self.record.tables_compared = whole.tables.len();
        self.record.rows_compared = whole.rows();
        Ok(())
    }

    fn lift(&mut self, held: Option<DB::Held>) -> Result<(), ReinstateError> {
        DB::lift(&self.ground, held)?;
        if let (Some(fence), Some(since)) = (&mut self.record.fence, self.fenced) {
            fence.held_seconds = Some(seconds(since.elapsed()));
        }
        Ok(())
    }

    /// However it ended, the fence goes, and what was restored beside where it is of no use.
    fn end(
        mut self,
        result: Result<(), ReinstateError>,
        options: &Options,
    ) -> Result<Reinstatement, RunStateError> {
        let fenced = self.record.stage >= Stage::Fencing;
        let exchanged = self.record.stage == Stage::Exchanged;
        let mut left = Vec::new();
        // It waits for a server that is on its way back, so it comes first.
        if fenced && let Err(error) = self.lift(None) {
            left.push(error);
        }
        if !exchanged && self.record.stage >= Stage::Restoring {
            // A cut connection may hide that they did change places: then nothing is dropped.
            match DB::is_exchanged(&self.ground) {
                Ok(false) => left.extend(DB::clear(&self.ground, false).err()),
                Ok(true) => {
                    self.exchanged();
                    self.record.stage = Stage::Exchanged;
                }
                Err(error) => left.push(error),
            }
        }
        let exchanged = exchanged || self.record.stage == Stage::Exchanged;
        if exchanged {
            left.extend(DB::clear(&self.ground, true).err());
        }
        self.record.finished = Some(time::now());
        let backup = self.record.backup.clone();
        match (&result, exchanged) {
            (_, true) => {
                self.record.outcome = Outcome::Done;
                self.record.reason = None;
                self.record.next = Some(format!(
                    "correct what failed and run `{}` again",
                    options.command
                ));
            }
            (Err(error), false) => {
                self.record.outcome = match error.is_refusal() {
                    true => Outcome::Refused,
                    false => Outcome::Failed,
                };
                self.record.reason = Some(with_causes(error));
                self.record.next = Some(match error {
                    ReinstateError::Writers { .. } => {
                        format!("migrate restore {backup} --in-place --lose-writes-since {backup}")
                    }
                    _ => "migrate status".to_owned(),
                });
            }
            (Ok(()), false) => {}
        }
        if !left.is_empty() {
            let lines: Vec<String> = left.iter().map(|error| with_causes(error)).collect();
            let left = format!(
                "what was begun could not be taken back: {}",
                lines.join("; ")
            );
            self.record.reason = Some(match self.record.reason.take() {
                Some(reason) => format!("{reason}; {left}"),
                None => left,
            });
            self.record.outcome = Outcome::Unfinished;
            self.record.finished = None;
            self.record.next = Some(Interrupted::NEXT.to_owned());
        }
        self.close()
    }

    /// After an interruption: finishes what was exchanged, and takes back the rest.
    fn finish_what_was(
        mut self,
        exchanged: Result<bool, ReinstateError>,
    ) -> Result<Reinstatement, RunStateError> {
        let ended = exchanged.and_then(|exchanged| {
            self.lift(None)?;
            DB::clear(&self.ground, exchanged)?;
            Ok(exchanged)
        });
        self.record.finished = Some(time::now());
        match ended {
            Ok(true) => {
                self.exchanged();
                self.record.stage = Stage::Exchanged;
                self.record.outcome = Outcome::Done;
                self.record.reason = None;
                self.record.next = Some("migrate status".to_owned());
            }
            Ok(false) => {
                self.record.outcome = Outcome::GivenUp;
                self.record.next = Some("migrate status".to_owned());
            }
            Err(error) => {
                self.record.finished = None;
                self.record.reason = Some(with_causes(&error));
                self.record.next = Some(format!("{} --abandon", Interrupted::NEXT));
            }
        }
        self.close()
    }

    fn close(mut self) -> Result<Reinstatement, RunStateError> {
        self.keep()?;
        let record = self.record;
        let summary = record.summary();
        if record.is_done() || record.outcome == Outcome::GivenUp {
            self.recorder.event(&Event::Finished {
                step: Step::Restore,
                summary: &summary,
            });
        } else {
            self.recorder.state().step_failed(Step::Restore, &summary)?;
        }
        self.recorder.finish()?;
        Ok(record)
    }
}

/// The database, whoever connects to it.
fn without_user(shown: &str) -> String {
    match shown.split_once("://") {
        // A path may hold the sign.
        Some((scheme, rest)) if scheme != "sqlite" => {
            let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
            format!("{scheme}://{rest}")
        }
        _ => shown.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::DatabaseUrl;

    #[test]
    fn the_user_does_not_matter() {
        let of = |text: &str| without_user(&DatabaseUrl::parse(text).unwrap().shown());
        assert_eq!(of("postgres://a@h:1/x"), of("postgres://b@h:1/x"));
        assert_ne!(of("postgres://a@h:1/x"), of("postgres://a@h:1/y"));
        assert_ne!(of("sqlite:///a@b"), of("sqlite:///c@b"));
    }
}
