//! How to go back, with the commands.

use serde::{Deserialize, Serialize};

use super::Report;
use crate::analyse::WayBack;
use crate::event::Step;

/// How to go back: the ways that there are, the gentlest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RollbackPlan {
    /// The ways.
    pub ways: Vec<RollbackWay>,
}

/// One way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RollbackWay {
    /// What it is.
    pub title: String,
    /// When to take it.
    pub when: String,
    /// What is lost by it; empty where nothing is.
    pub loses: Vec<String>,
    /// Whether it was tried, on what, and what came of it.
    pub tried: Tried,
    /// How long it takes, where that is known.
    pub duration_seconds: Option<f64>,
    /// Commands to paste into a shell, one a line. The database's URL comes from the environment.
    pub commands: Vec<String>,
}

/// Whether a way back was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tried {
    /// Tried, and it led back.
    Worked {
        /// Where and how.
        how: String,
    },
    /// Tried, and it did not lead back.
    Failed {
        /// Why.
        why: String,
    },
    /// Nobody tried.
    No,
}

impl RollbackPlan {
    pub(super) fn of(report: &Report) -> Self {
        let mut ways = Vec::new();
        ways.extend(down(report));
        ways.extend(super::section::backup::way_back(report));
        RollbackPlan { ways }
    }
}

/// By the down scripts.
fn down(report: &Report) -> Option<RollbackWay> {
    let analysis = report.analysis.as_ref()?;
    let newest = analysis.pending.last()?;
    let barred = analysis
        .pending
        .iter()
        .rfind(|one| one.way_back != WayBack::Script);
    if barred.is_some_and(|barred| barred.version == newest.version) {
        return Some(RollbackWay {
            title: "Down scripts".to_owned(),
            when: format!(
                "Not possible: {}_{} has no down script",
                newest.version, newest.name
            ),
            loses: Vec::new(),
            tried: Tried::No,
            duration_seconds: None,
            commands: Vec::new(),
        });
    }
    // No further back than to the newest migration that has no way down.
    let only_to = barred.is_some();
    let to = barred
        .map(|barred| &barred.version)
        .or(analysis.from.as_ref());
    let command = match to {
        Some(version) => format!("migrate down --to {} --yes", shell(version)),
        None => "migrate down --all --yes".to_owned(),
    };
    let mut when =
        "While the application of before can still be brought back and the new columns hold \
         nothing that must be kept"
            .to_owned();
    if only_to {
        when.push_str("; what came before the version in the command has no way down");
    }
    let (tried, duration_seconds) = super::section::rehearsal::way_down(report);
    Some(RollbackWay {
        title: "Down scripts".to_owned(),
        when,
        loses: super::section::plan::rollback_loses(report),
        tried,
        duration_seconds,
        commands: vec![
            "migrate status".to_owned(),
            command,
            "migrate verify".to_owned(),
        ],
    })
}

/// A word that a shell takes as it is.
pub(super) fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Whether anything is there that could be rolled back.
pub(super) fn is_pointless(report: &Report) -> bool {
    report
        .steps
        .iter()
        .all(|step| step.step != Step::Apply || step.started.is_none())
        && report
            .analysis
            .as_ref()
            .is_none_or(|it| it.pending.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_shell() {
        for (word, quoted) in [
            ("20260301", "20260301"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$(rm -rf /)", "'$(rm -rf /)'"),
            ("it's", r"'it'\''s'"),
        ] {
            assert_eq!(shell(word), quoted);
        }
    }
}
