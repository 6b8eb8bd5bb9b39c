//! The report as data.

use migrate_core::{Dialect, redact};
use serde::{Deserialize, Serialize};

use super::follow_up::FollowUp;
use super::log::Log;
use super::message::Message;
use super::rollback::RollbackPlan;
use super::steps::StepRecord;
use super::surroundings::{SURROUNDINGS, Surroundings};
use super::verdict::{Verdict, VerdictKind};
use crate::analyse::Analysis;
use crate::backup::BackupEvidence;
use crate::event::Step;
use crate::execute::Execution;
use crate::forecast::Forecast;
use crate::rehearse::RehearsalEvidence;
use crate::reinstate::Reinstatement;
use crate::run_state::{Entry, RunRecord, RunStateError, What};
use crate::time;
use crate::validate::Validation;

/// The version of the report's JSON, raised when a name changes its meaning or goes away. New names
/// may come without it being raised.
pub const FORMAT: u32 = 1;

/// All that is known of a run: what it told, the evidence of its steps, and what follows from both.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The version of this format: [`FORMAT`].
    pub format: u32,
    /// When the report was made (RFC 3339, UTC).
    pub made: String,
    /// Which run, on which database, by whom.
    pub identity: Identity,
    /// How it ended.
    pub verdict: Verdict,
    /// Its steps, in order.
    pub steps: Vec<StepRecord>,
    /// What it was for: the evidence of the analysis.
    pub analysis: Option<Analysis>,
    /// The evidence of the backup.
    pub backup: Option<BackupEvidence>,
    /// The evidence of the rehearsal.
    pub rehearsal: Option<RehearsalEvidence>,
    /// The evidence of the plan; its SQL is without values and passwords.
    pub plan: Option<Forecast>,
    /// The evidence of applying.
    pub execution: Option<Execution>,
    /// The evidence of the validation.
    pub validation: Option<Validation>,
    /// The evidence of putting the backup in the place of the database; `null` where that was not begun.
    pub restore: Option<Reinstatement>,
    /// What happened when.
    pub log: Log,
    /// How to go back.
    pub rollback: RollbackPlan,
    /// What is left to do.
    pub follow_ups: Vec<FollowUp>,
    /// Messages, ready to send.
    pub messages: Vec<Message>,
    /// What could not be read of the run's state: sentences without a final period.
    pub unreadable: Vec<String>,
}

/// Which run, on which database, by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The run's id.
    pub run: String,
    /// The database, without its password.
    pub database: String,
    /// The version of this program that ran it.
    pub tool_version: String,
    /// When it began (RFC 3339, UTC).
    pub started: Option<String>,
    /// When it ended; `null` where it has not, or was interrupted.
    pub finished: Option<String>,
    /// Who ran what, where from, and on which server.
    #[serde(flatten)]
    pub surroundings: Surroundings,
}

impl Report {
    /// The report of a run, as far as the run has come. Each step keeps its evidence under its own
    /// name (`analyse`, `backup` …), what no step measures stands under [`SURROUNDINGS`].
    ///
    /// # Errors
    /// Where it cannot be found out whether the run goes on. Evidence that cannot be read is named in
    /// [`unreadable`](Report::unreadable).
    pub fn of(record: &RunRecord) -> Result<Self, RunStateError> {
        let standing = record.standing()?;
        let mut unreadable = Vec::new();
        if record.broken_lines > 0 {
            let lines = super::figure::counted(record.broken_lines, "line");
            unreadable.push(format!("{lines} of the run's journal"));
        }
        let surroundings: Option<Surroundings> = evidence(record, SURROUNDINGS, &mut unreadable);
        let mut report = Report {
            format: FORMAT,
            made: time::now(),
            identity: Identity::of(record, surroundings.unwrap_or_default()),
            verdict: Verdict {
                kind: VerdictKind::Running,
                headline: String::new(),
                reasons: Vec::new(),
                next: None,
            },
            steps: StepRecord::all(&record.entries, standing),
            analysis: evidence(record, Step::Analyse, &mut unreadable),
            backup: evidence(record, Step::Backup, &mut unreadable),
            rehearsal: evidence(record, Step::Rehearse, &mut unreadable),
            plan: evidence(record, Step::Plan, &mut unreadable).map(redacted),
            execution: evidence(record, Step::Apply, &mut unreadable).map(without_values),
            validation: evidence(record, Step::Validate, &mut unreadable),
            restore: evidence(record, Step::Restore, &mut unreadable).map(unspoken),
            log: Log::of(&record.entries),
            rollback: RollbackPlan::default(),
            follow_ups: Vec::new(),
            messages: Vec::new(),
            unreadable: Vec::new(),
        };
        report.unreadable = unreadable;
        // Each of these builds on those before it.
        report.verdict = Verdict::of(&report, standing, record.ending());
        report.rollback = RollbackPlan::of(&report);
        report.follow_ups = FollowUp::all(&report);
        report.messages = Message::all(&report);
        Ok(report)
    }

    /// As JSON, with line breaks.
    ///
    /// # Errors
    /// Where a number in it is none that JSON has.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

impl Identity {
    fn of(record: &RunRecord, surroundings: Surroundings) -> Self {
        let mut identity = Identity {
            run: record.id.to_string(),
            database: String::new(),
            tool_version: String::new(),
            started: None,
            finished: None,
            surroundings,
        };
        for Entry { time, what } in &record.entries {
            match what {
                What::RunStarted {
                    database,
                    tool_version,
                    ..
                } => {
                    identity.started = Some(time.clone());
                    identity.database.clone_from(database);
                    identity.tool_version.clone_from(tool_version);
                }
                What::RunContinued { .. } => identity.finished = None,
                What::RunFinished { .. } => identity.finished = Some(time.clone()),
                _ => {}
            }
        }
        identity
    }
}

/// A forecast has its statements as the scripts have them; a report is read by more people.
fn redacted(mut plan: Forecast) -> Forecast {
    let dialect = match plan.database.split_once("://") {
        Some(("sqlite", _)) => Dialect::Sqlite,
        Some(("mysql" | "mariadb", _)) => Dialect::Mysql,
        _ => Dialect::Postgres,
    };
    for migration in &mut plan.migrations {
        for statement in &mut migration.statements {
            statement.sql = redact::values(&statement.sql, dialect);
        }
    }
    plan
}

/// What the database said may repeat values of rows.
fn without_values(mut execution: Execution) -> Execution {
    execution.error = execution.error.as_deref().map(redact::message);
    if let Some(rollback) = &mut execution.rollback {
        rollback.reason = rollback.reason.as_deref().map(redact::message);
    }
    execution
}

/// As [`without_values`].
fn unspoken(mut restore: Reinstatement) -> Reinstatement {
    restore.reason = restore.reason.as_deref().map(redact::message);
    restore
}

fn evidence<T: serde::de::DeserializeOwned>(
    record: &RunRecord,
    name: impl std::fmt::Display,
    unreadable: &mut Vec<String>,
) -> Option<T> {
    match record.evidence(&name.to_string()) {
        Ok(evidence) => evidence,
        Err(error) => {
            let cause = std::error::Error::source(&error);
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            unreadable.push(format!("the evidence `{name}`{cause}"));
            None
        }
    }
}
