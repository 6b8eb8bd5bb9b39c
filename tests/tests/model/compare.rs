//! What scripts make, beside what a database says.

use std::fs;

use migrate_core::directory::{self, ReadOptions};
use migrate_core::{Dialect, Level};
use migrate_sql::check::{self, Checks};
use migrate_sql::diff::diff;
use migrate_sql::schema::Schema;

/// The schema that a script makes, and what the checks call an error in it.
pub(crate) fn model(script: &str, dialect: Dialect) -> (Schema, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("1_script.sql"), script).unwrap();
    let reading = directory::read(
        dir.path(),
        &ReadOptions {
            sql: Some(&Checks),
            ..ReadOptions::new(dialect)
        },
    );
    let errors = reading
        .diagnostics
        .iter()
        .filter(|finding| finding.level == Level::Error)
        .map(|finding| format!("refused without need: {}", finding.message))
        .collect();
    (check::schema_of(&reading.sources, dialect), errors)
}

/// Compares many scripts with what `live` makes of each; the database's own error is a fault of the
/// test's script.
pub(crate) fn all(
    scripts: &[&str],
    dialect: Dialect,
    mut live: impl FnMut(&str) -> Result<Schema, String>,
) {
    let wrong = differing(scripts, dialect, &mut live);
    assert!(
        wrong.is_empty(),
        "{} of {} scripts:\n{}",
        wrong.len(),
        scripts.len(),
        wrong.join("\n")
    );
}

/// The scripts of which model and database differ, with how.
fn differing(
    scripts: &[&str],
    dialect: Dialect,
    live: &mut impl FnMut(&str) -> Result<Schema, String>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for script in scripts {
        let found = match live(script) {
            Ok(live) => {
                let (model, mut found) = model(script, dialect);
                if model.is_open() {
                    found.push("the model is open".to_owned());
                }
                found.extend(diff(&model, &live).iter().map(ToString::to_string));
                found
            }
            Err(error) => vec![format!("the database refuses it: {error}")],
        };
        if !found.is_empty() {
            wrong.push(format!("{script}\n    {}", found.join("\n    ")));
        }
    }
    wrong
}
