//! Messages for those who have to know, ready to send.

use serde::{Deserialize, Serialize};

use super::figure::{self, counted};
use super::rollback::Tried;
use super::verdict::VerdictKind;
use super::{Report, section};

/// A message, ready to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// When to send it.
    pub moment: Moment,
    /// Its subject.
    pub subject: String,
    /// Its text, in paragraphs with an empty line between them.
    pub body: String,
}

/// When to send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Before the run.
    Before,
    /// When it begins.
    During,
    /// When it has ended.
    After,
    /// When somebody begins to take it back by hand.
    TakingBack,
    /// When it has been taken back by hand.
    TakenBack,
}

impl Message {
    /// One for each moment that this run has come to or will come to; none where there is nothing to
    /// apply.
    pub(super) fn all(report: &Report) -> Vec<Self> {
        if report.verdict.kind == VerdictKind::NothingToDo {
            return Vec::new();
        }
        let mut all = vec![before(report), during(report), after(report)];
        all.extend(taking_back(report));
        all
    }
}

/// Two for whoever goes back by hand, by the gentlest way that there is; none where nothing is there
/// that could be taken back.
fn taking_back(report: &Report) -> Vec<Message> {
    let is_there = match (&report.execution, report.verdict.kind) {
        (_, VerdictKind::Refused | VerdictKind::RolledBack | VerdictKind::Running) => false,
        (Some(execution), _) => !execution.committed.is_empty(),
        (None, _) => report.log.applied().next().is_some(),
    };
    let mut ways = report.rollback.ways.iter();
    let Some(way) = ways.find(|way| !way.commands.is_empty() && is_there) else {
        return Vec::new();
    };
    let database = &report.identity.database;
    let mut before = vec![
        "Hello,".to_owned(),
        format!("we are going to take back the last change to the database {database}."),
        match &way.tried {
            Tried::Worked { how } => format!("The way back was tried before: {how}."),
            Tried::Failed { .. } => {
                "The way back was tried before and did not bring back everything; somebody watches it."
                    .to_owned()
            }
            Tried::No => "This way back was not tried before; somebody watches it.".to_owned(),
        },
        match way.duration_seconds {
            Some(seconds) => format!("We expect it to take about {}.", figure::duration(seconds)),
            None => "How long it takes is not known.".to_owned(),
        },
    ];
    let mut after = vec![
        "Hello,".to_owned(),
        format!("the last change to the database {database} has been taken back."),
    ];
    match way.loses.as_slice() {
        [] => before.push("Nothing is known to be lost by it.".to_owned()),
        loses => {
            let lines: Vec<String> = loses.iter().map(|it| format!("- {it}")).collect();
            let lines = lines.join("\n");
            before.push(format!("By it is lost:\n{lines}"));
            after.push(format!("By it was lost:\n{lines}"));
        }
    }
    before.push("Please make no other changes to this database meanwhile.".to_owned());
    after.push("We tell you when the change is tried again.".to_owned());
    vec![
        message(
            report,
            Moment::TakingBack,
            format!("Taking back: change to {database}"),
            before,
        ),
        message(
            report,
            Moment::TakenBack,
            format!("Taken back: change to {database}"),
            after,
        ),
    ]
}

fn before(report: &Report) -> Message {
    let database = &report.identity.database;
    let mut body = vec!["Hello,".to_owned()];
    body.push(match report.analysis.as_ref() {
        Some(analysis) => format!(
            "we are going to apply {} to the database {database}.",
            counted(analysis.pending.len(), "migration")
        ),
        None => format!("we are going to change the database {database}."),
    });
    body.push(match section::plan::outlook(report) {
        Some(outlook) => outlook,
        None => "How long users may wait was not forecast.".to_owned(),
    });
    body.push(match section::rehearsal::passed(report) {
        Some(true) => {
            "The change and the way back were tried on a copy, and both worked.".to_owned()
        }
        Some(false) => "The rehearsal on a copy did not go through in all parts.".to_owned(),
        None => "The change was not rehearsed on a copy.".to_owned(),
    });
    body.push(match section::backup::in_words(report) {
        Some(backup) => backup,
        None => "No backup belongs to this run.".to_owned(),
    });
    body.push("Please make no other changes to this database meanwhile.".to_owned());
    message(
        report,
        Moment::Before,
        format!("Planned: change to {database}"),
        body,
    )
}

fn during(report: &Report) -> Message {
    let database = &report.identity.database;
    let mut body = vec![
        "Hello,".to_owned(),
        format!("the change to the database {database} has begun."),
    ];
    if let Some(outlook) = section::plan::outlook(report) {
        body.push(outlook);
    }
    body.push("We tell you as soon as it is done. If something looks wrong, please answer to this message.".to_owned());
    message(
        report,
        Moment::During,
        format!("Begun: change to {database}"),
        body,
    )
}

fn after(report: &Report) -> Message {
    let database = &report.identity.database;
    let verdict = &report.verdict;
    let word = match verdict.kind {
        VerdictKind::Applied | VerdictKind::AppliedWithRemarks => "Done",
        VerdictKind::Refused => "Not begun",
        VerdictKind::RolledBack => "Rolled back",
        VerdictKind::Restored => "Restored from the backup",
        VerdictKind::Stopped => "Stopped",
        VerdictKind::Running => "Still going on",
        _ => "Not done",
    };
    let mut body = vec!["Hello,".to_owned()];
    let end = report.identity.finished.as_deref().map(figure::time);
    body.push(match end {
        Some(end) => format!(
            "the change to the database {database} ended at {end}: {}.",
            lower(&verdict.headline)
        ),
        None => format!(
            "about the change to the database {database}: {}.",
            lower(&verdict.headline)
        ),
    });
    if !verdict.reasons.is_empty() {
        let lines: Vec<String> = verdict.reasons.iter().map(|it| format!("- {it}")).collect();
        body.push(lines.join("\n"));
    }
    body.extend(what_is_there(report));
    body.push(match verdict.kind {
        VerdictKind::Applied | VerdictKind::AppliedWithRemarks => {
            "Nothing has to be done on your side.".to_owned()
        }
        VerdictKind::Refused | VerdictKind::RolledBack => {
            "The database works as it did before.".to_owned()
        }
        VerdictKind::Restored => {
            "The database is what it was when the backup was made; connections to it were ended, and have to be \
             made anew.".to_owned()
        }
        _ => "We are looking into it, and tell you what comes next.".to_owned(),
    });
    message(
        report,
        Moment::After,
        format!("{word}: change to {database}"),
        body,
    )
}

/// Which parts of the change are in the database, where not all of them are.
fn what_is_there(report: &Report) -> Option<String> {
    if matches!(
        report.verdict.kind,
        VerdictKind::Applied | VerdictKind::AppliedWithRemarks | VerdictKind::Refused
    ) {
        return None;
    }
    let execution = report.execution.as_ref()?;
    let mut lines = Vec::new();
    let mut say = |what: &str, versions: &[String]| {
        if !versions.is_empty() {
            lines.push(format!("- {what}: {}", versions.join(", ")));
        }
    };
    say("applied, and in the database", &execution.committed);
    say("applied, and taken back", &execution.undone);
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn message(report: &Report, moment: Moment, subject: String, mut body: Vec<String>) -> Message {
    let operator = report
        .identity
        .surroundings
        .operator
        .clone()
        .unwrap_or_default();
    body.push(
        format!("{operator}\nRun {}", report.identity.run)
            .trim()
            .to_owned(),
    );
    Message {
        moment,
        subject,
        body: body.join("\n\n"),
    }
}

/// The sentence as it stands within another one.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
