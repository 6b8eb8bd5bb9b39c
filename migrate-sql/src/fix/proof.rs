//! That a rewriting does the same, and finds less.

use std::collections::BTreeMap;

use migrate_core::{CheckContext, Diagnostic, Direction, Level, SourceMigration};

use super::draft::Draft;
use crate::check;
use crate::diff::{DiffOptions, diff_with};
use crate::hazard::{Hazard, Watch};
use crate::schema::Schema;

/// What a sequence of migrations makes, and what is found in each.
struct Run {
    schema: Schema,
    findings: Vec<Vec<(Direction, Diagnostic)>>,
}

fn run(migrations: &[SourceMigration], before: &Schema, context: CheckContext<'_>) -> Run {
    let mut schema = before.clone();
    let findings = migrations
        .iter()
        .map(|migration| {
            let watch = Watch::new(context.server, migration.up.transaction);
            check::migration(migration, &mut schema, watch)
        })
        .collect();
    Run { schema, findings }
}

type Counts = BTreeMap<(Direction, &'static str), usize>;

fn counts(findings: &[(Direction, Diagnostic)]) -> Counts {
    let mut counts = Counts::new();
    for (direction, finding) in findings {
        *counts.entry((*direction, finding.rule.code)).or_default() += 1;
    }
    counts
}

/// Proves that what comes after makes the same schema as what was before, without the hazard and
/// without anything new to find; or says what does not hold.
pub(super) fn prove(
    old: &Draft,
    new: &Draft,
    hazard: &Hazard,
    before: &Schema,
    context: CheckContext<'_>,
) -> Result<(), String> {
    let (expected, found) = (
        run(&old.migrations(), before, context),
        run(&new.migrations(), before, context),
    );
    let mut touched = hazard.tables.iter();
    let certain = |table| expected.schema.is_certain(table) && found.schema.is_certain(table);
    if hazard.tables.is_empty() || !touched.all(certain) {
        return Err("what the migrations make of the table cannot be followed".to_owned());
    }
    let options = DiffOptions { column_order: true };
    let differences = diff_with(&expected.schema, &found.schema, options);
    if let Some(difference) = differences.first() {
        return Err(format!("the schema would be another: {difference}"));
    }
    let mut old_counts = Counts::new();
    for findings in &expected.findings {
        for (key, count) in counts(findings) {
            *old_counts.entry(key).or_default() += count;
        }
    }
    let mut new_counts = Counts::new();
    for findings in &found.findings {
        for (direction, finding) in findings {
            let key = (*direction, finding.rule.code);
            let count = new_counts.entry(key).or_default();
            *count += 1;
            // What is only worth knowing stands in the way of nothing.
            let weighs = finding.rule.level >= Level::Warning;
            if weighs && *count > old_counts.get(&key).copied().unwrap_or_default() {
                return Err(format!("it would be found that {}", finding.message));
            }
        }
    }
    match said(&found, &hazard.diagnostic) < said(&expected, &hazard.diagnostic) {
        true => Ok(()),
        false => Err("the finding would stay".to_owned()),
    }
}

/// How often the rule of a finding speaks of the same clause. A statement has one finding a rule, so
/// that the next clause comes up when one is gone.
fn said(run: &Run, wanted: &Diagnostic) -> usize {
    let clause = |finding: &Diagnostic| {
        let label = finding.labels.first()?;
        label.source.text.get(label.span.clone()).map(str::to_owned)
    };
    let all = run.findings.iter().flatten();
    all.filter(|(_, it)| it.rule == wanted.rule && clause(it) == clause(wanted))
        .count()
}
