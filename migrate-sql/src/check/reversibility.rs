//! Whether the way down undoes the way up.

use std::ops::Range;

use migrate_core::{Diagnostic, ScriptFile, rule};

use crate::diff::{self, Difference, What};
use crate::schema::Schema;

/// The most differences that one finding lists.
const MOST: usize = 12;

/// What to do about a way down that is none.
pub(super) const UNDO: &str = "let the down script undo everything that the up script does";

/// Compares the schema, which has gone up and down inside of two journals, with what it was before.
/// Nothing is said where nobody knows.
pub(super) fn check(down: &ScriptFile, schema: &Schema) -> Option<Diagnostic> {
    let differences = diff::since(schema, 2);
    (!differences.is_empty()).then(|| not_reverted(down, &differences))
}

/// The finding that a way down does not undo the way up.
pub(super) fn not_reverted(down: &ScriptFile, differences: &[Difference]) -> Diagnostic {
    let mut finding = Diagnostic::new(
        &rule::NOT_REVERTED,
        "the schema after this script is not the one before the migration",
    )
    .at(&down.source, first_statement(down), "");
    finding
        .notes
        .extend(differences.iter().take(MOST).map(said));
    if let Some(more) = differences.len().checked_sub(MOST).filter(|more| *more > 0) {
        finding = finding.note(format!("and {more} more differences"));
    }
    finding.help(UNDO)
}

/// The first line of the first statement of a script.
pub(super) fn first_statement(script: &ScriptFile) -> Range<usize> {
    let Some(first) = script.split.statements.first() else {
        return 0..0;
    };
    let line = first
        .text(&script.text)
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end();
    first.span.start..first.span.start + line.len()
}

fn said(difference: &Difference) -> String {
    match &difference.what {
        What::Missing => format!("the way down does not bring back {}", difference.subject()),
        What::Extra => format!("the way down leaves {}", difference.subject()),
        What::Differs { .. } => format!("after the way down, {difference}"),
    }
}
