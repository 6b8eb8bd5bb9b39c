//! Whether anybody but the run wrote since the backup's snapshot.

use super::evidence::Writers;
use super::expected::{Contents, Expected};
use crate::backup::Target;
use crate::digest::{DatabaseDigest, compare};

/// More lines than these tell nothing more.
const LINES: usize = 20;

/// Compares what is there with what would be there without others. `backup` is what the tables held
/// when the backup was made; `blind` what cannot be compared on this database, a line each.
pub(super) fn writers(
    expected: &Expected,
    now: &Contents,
    backup: &DatabaseDigest,
    blind: Vec<String>,
) -> Writers {
    let differences = compare(&expected.contents.tables, &now.tables);
    let untouched = |table: &str| {
        let before = backup.tables.get(table).map(|it| (it.rows, &it.sum));
        let after = expected.contents.tables.tables.get(table);
        before.is_some() && before == after.map(|it| (it.rows, &it.sum))
    };
    // No migration changes it, and it has changed.
    let proven: Vec<String> = differences
        .iter()
        .filter(|difference| difference.table().is_some_and(untouched))
        .map(ToString::to_string)
        .collect();
    if !proven.is_empty() {
        return Writers::Somebody {
            what: shortened(proven),
        };
    }
    let mut why = expected.unlike.clone();
    why.extend(differences.iter().map(ToString::to_string));
    // Owners and rights are those of the server's users, which a private server may not have.
    why.extend(
        expected
            .contents
            .definitions
            .lost_in(&now.definitions, Target::Scratch),
    );
    if !why.is_empty() {
        why.insert(
            0,
            "the database is not what the backup and the migrations come to: somebody wrote, or a \
             migration does not do the same twice"
                .to_owned(),
        );
    }
    for digest in [&expected.contents.tables, &now.tables] {
        let not_read = digest.not_read.iter();
        why.extend(not_read.map(|(table, reason)| format!("{table} was not read: {reason}")));
    }
    why.extend(blind);
    if !why.is_empty() {
        return Writers::NotKnown {
            why: shortened(why),
        };
    }
    Writers::Nobody {
        tables: now.tables.tables.len(),
        rows: now.tables.rows(),
    }
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(LINES);
    if more > 0 {
        lines.truncate(LINES);
        lines.push(format!("and {more} more"));
    }
    lines
}
