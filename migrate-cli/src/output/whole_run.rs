//! What `migrate run` answers as JSON.

use migrate_ops::analyse::Analysis;
use migrate_ops::backup::BackupEvidence;
use migrate_ops::execute::Execution;
use migrate_ops::forecast::Forecast;
use migrate_ops::rehearse::RehearsalEvidence;
use migrate_ops::reinstate::Reinstatement;
use migrate_ops::run::Finished;
use migrate_ops::run_state::Outcome;
use migrate_ops::validate::Validation;
use serde::Serialize;

/// What a run came to, with the evidence of each step that was taken.
#[derive(Debug, Serialize)]
pub(crate) struct WholeRunJson<'a> {
    run: String,
    outcome: Outcome,
    text: &'a str,
    error: Option<String>,
    next: Option<String>,
    /// The files of the report.
    pub(crate) report: Option<Vec<String>>,
    analysis: Option<&'a Analysis>,
    backup: Option<&'a BackupEvidence>,
    rehearsal: Option<&'a RehearsalEvidence>,
    forecast: Option<&'a Forecast>,
    execution: Option<&'a Execution>,
    validation: Option<&'a Validation>,
    restore: Option<&'a Reinstatement>,
}

impl<'a> WholeRunJson<'a> {
    pub(crate) fn new(finished: &'a Finished, report: Option<Vec<String>>) -> Self {
        let failure = finished.failure.as_ref();
        WholeRunJson {
            run: finished.id.to_string(),
            outcome: finished.outcome,
            text: &finished.text,
            error: failure.map(|failure| failure.with_causes()),
            next: finished.next(),
            report,
            analysis: finished.analysis.as_ref(),
            backup: finished.backup.as_ref(),
            rehearsal: finished.rehearsal.as_ref(),
            forecast: finished.forecast.as_ref(),
            execution: finished.execution.as_ref(),
            validation: finished.validation.as_ref(),
            restore: finished.restore.as_ref(),
        }
    }
}
