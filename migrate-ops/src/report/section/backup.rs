//! The backup.

use super::super::Report;
use super::super::figure::{bytes, count, counted, duration, time};
use super::super::rollback::{RollbackWay, Tried, shell};
use super::super::view::{Block, Section, State, Table, Text};
use super::without_evidence;
use crate::backup::{BackupEvidence, BackupKind, VerificationState, VerifyLevel};
use crate::event::Step;

const TITLE: &str = "Backup";

pub(super) fn section(report: &Report) -> Section {
    let Some(backup) = &report.backup else {
        return without_evidence(report, Step::Backup, "backup", TITLE);
    };
    let (state, word) = standing(backup);
    let mut section = Section::new("backup", TITLE)
        .status(state, word)
        .block(Block::Facts(facts(backup)));
    let verification = &backup.verification;
    for (heading, lines, state, word) in [
        (
            "What differs",
            &verification.differences,
            State::Bad,
            "differs",
        ),
        (
            "What could not be compared",
            &verification.not_compared,
            State::NotChecked,
            "not compared",
        ),
        ("To be known", &backup.notes, State::Neutral, "note"),
    ] {
        if !lines.is_empty() {
            let items = lines.iter().map(|line| {
                Text::new()
                    .badge(state, word)
                    .plain(" ")
                    .then(Text::marked(line))
            });
            section = section
                .block(Block::Heading(heading.to_owned()))
                .block(Block::List(items.collect()));
        }
    }
    let mut files = Table::new(["File", "Size", "SHA-256"]).numbers(&["Size"]);
    for file in &backup.files {
        files.row([
            Text::new().code(&file.name),
            bytes(file.bytes).into(),
            Text::new().code(&file.sha256),
        ]);
    }
    section.block(Block::Details {
        summary: format!(
            "{} in {}",
            counted(backup.files.len(), "file"),
            backup.folder
        )
        .into(),
        blocks: vec![Block::Table(files)],
    })
}

/// Only a backup that was restored in full and compared is verified.
fn standing(backup: &BackupEvidence) -> (State, &'static str) {
    let is_sample = backup.verification.level == VerifyLevel::Sampled;
    match (backup.verification.state, backup.is_verified()) {
        (VerificationState::Passed, _) if is_sample => (State::NotChecked, "a sample compared"),
        (VerificationState::Failed, _) => (State::Bad, "verification failed"),
        (_, true) => (State::Good, "verified"),
        (VerificationState::Passed, false) => (State::NotChecked, "verified in part"),
        (VerificationState::NotChecked, _) => (State::NotChecked, "not verified"),
    }
}

fn facts(backup: &BackupEvidence) -> Vec<(String, Text)> {
    let verification = &backup.verification;
    let (state, word) = standing(backup);
    let compared = match verification.level {
        VerifyLevel::None => Text::new(),
        VerifyLevel::External => " by the operator's command".into(),
        VerifyLevel::Full | VerifyLevel::Touched | VerifyLevel::Sampled => format!(
            " {} of {} compared, {} rows",
            count(verification.tables_compared),
            counted(verification.tables, "table"),
            count(verification.rows_compared)
        )
        .into(),
    };
    let place = verification
        .place
        .as_deref()
        .map(|it| format!(", on a {it}"));
    let mut facts = vec![
        ("Backup".to_owned(), Text::new().code(backup.id.to_string())),
        ("Kind".to_owned(), kind(backup).into()),
        ("Made".to_owned(), time(&backup.finished).into()),
        ("Took".to_owned(), duration(backup.duration_seconds).into()),
        ("Size".to_owned(), bytes(backup.bytes()).into()),
        (
            "Verified".to_owned(),
            Text::new()
                .badge(state, word)
                .then(compared)
                .plain(place.unwrap_or_default()),
        ),
        (
            "Time to restore".to_owned(),
            match verification.restore_seconds {
                Some(seconds) => Text::new()
                    .plain(duration(seconds))
                    .plain(" ")
                    .badge(State::Estimated, "as long as the trial took"),
                None => Text::new().badge(State::NotChecked, "not known"),
            },
        ),
        (
            "Point-in-time recovery".to_owned(),
            match backup.point_in_time_recovery {
                true => Text::new()
                    .badge(State::Good, "possible")
                    .plain(reach(backup)),
                false => Text::new()
                    .badge(State::Attention, "no")
                    .plain(" what was written after the backup is not in it"),
            },
        ),
        (
            "Encrypted".to_owned(),
            if backup.encrypted { "yes" } else { "no" }.into(),
        ),
        ("Tools".to_owned(), backup.tools.join(", ").into()),
    ];
    if let Some(seconds) = backup.stall_seconds {
        facts.push(("Writers waited".to_owned(), duration(seconds).into()));
    }
    facts
}

fn kind(backup: &BackupEvidence) -> &'static str {
    match backup.kind {
        BackupKind::Logical => "logical: the database, dumped",
        BackupKind::Physical => "physical: the files of the whole server, and its log",
        BackupKind::External => "external: made by the operator's command",
    }
}

/// Up to which moment it can be rolled forward.
fn reach(backup: &BackupEvidence) -> String {
    match &backup.log {
        Some(log) => format!(
            " to any moment from {} ({}) to {} ({})",
            time(&log.from.time),
            log.from.position,
            time(&log.to.time),
            log.to.position
        ),
        None => String::new(),
    }
}

/// Restoring it, as a way back.
pub(crate) fn way_back(report: &Report) -> Option<RollbackWay> {
    let backup = report.backup.as_ref()?;
    let verification = &backup.verification;
    let until = match backup.point_in_time_recovery {
        true => format!(" --until {}", shell(&report.identity.run)),
        false => String::new(),
    };
    let name = format!(
        "before_{}",
        report.identity.run.replace('-', "_").to_lowercase()
    );
    Some(RollbackWay {
        title: "Restore the backup".to_owned(),
        when: "Where the down scripts do not help: the backup is restored beside the database, \
               which stays as it is, and the application is pointed at the restored one"
            .to_owned(),
        loses: vec![match backup.point_in_time_recovery {
            true => "everything written after the run's first statement".to_owned(),
            false => format!("everything written after {}", time(&backup.started)),
        }],
        tried: match (verification.state, backup.is_verified()) {
            (VerificationState::Failed, _) => Tried::Failed {
                why: "what was restored is not what was backed up".to_owned(),
            },
            (_, true) => Tried::Worked {
                how: format!(
                    "restored in full and {} compared",
                    counted(verification.tables_compared, "table")
                ),
            },
            _ => Tried::No,
        },
        duration_seconds: verification.restore_seconds,
        commands: vec![
            "migrate backup --list".to_owned(),
            format!(
                "migrate restore {}{until} --as {}",
                shell(&backup.id.to_string()),
                shell(&name)
            ),
        ],
    })
}

/// What those who do not run it have to know of it.
pub(crate) fn in_words(report: &Report) -> Option<String> {
    let backup = report.backup.as_ref()?;
    Some(match standing(backup) {
        (State::Good, _) => {
            "A backup was made, restored elsewhere for trial, and compared table by table."
                .to_owned()
        }
        (State::Bad, _) => "A backup was made, and its trial restore failed.".to_owned(),
        _ => "A backup was made; it was not restored and compared in full.".to_owned(),
    })
}

/// What keeps it from being plainly good.
pub(super) fn remark(report: &Report) -> Option<String> {
    let (state, word) = standing(report.backup.as_ref()?);
    (state != State::Good).then(|| format!("the backup is {word}"))
}
