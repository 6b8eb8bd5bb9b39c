//! A validation, for people and as JSON.

use std::path::Path;

use migrate_ops::validate::{Before, Check, CheckState, Validation};
use serde::Serialize;

use super::human::table;

/// What `migrate validate --record` answers.
#[derive(Debug, Serialize)]
pub(crate) struct RecordedJson {
    database: String,
    file: String,
    tables: usize,
    queries: usize,
}

impl RecordedJson {
    pub(crate) fn new(path: &Path, before: &Before) -> Self {
        RecordedJson {
            database: before.database.clone(),
            file: path.display().to_string(),
            tables: before.rows.len(),
            queries: before.queries.len(),
        }
    }
}

/// The checks as a table: those that did not simply pass, or all.
pub(crate) fn validation_text(validation: &Validation, all: bool) -> String {
    let shown = |check: &&Check| all || check.state != CheckState::Passed;
    let rows: Vec<[String; 4]> = validation.checks.iter().filter(shown).map(row).collect();
    match rows.is_empty() {
        true => String::new(),
        false => table(["state", "check", "of", "what"], &rows),
    }
}

fn row(check: &Check) -> [String; 4] {
    let mut what = String::new();
    if let Some(found) = check.found.filter(|found| *found > 0) {
        what = format!("{found} ");
    }
    what.push_str(check.message.as_deref().unwrap_or_default());
    if !check.keys.is_empty() {
        what.push_str(&format!(": {}", check.keys.join(", ")));
    }
    [
        check.state.words().to_owned(),
        check.kind.words().to_owned(),
        check.subject.clone(),
        what,
    ]
}
