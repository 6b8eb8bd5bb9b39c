//! The rows that a way writes, as the server counts them.

use std::collections::BTreeMap;

use super::catalogue::questions;
use super::evidence::RowsWritten;
use crate::connect::Engine;
use crate::digest::table_name;

/// Inserted, updated and deleted so far, by table.
pub(super) type Counts = BTreeMap<String, [u64; 3]>;

/// What the server has counted, asked on the session that ran; `None` where it does not.
pub(super) fn read<DB: Engine>(conn: &mut DB::Connection, history: &str) -> Option<Counts> {
    let (first, sql) = questions(DB::DIALECT).rows?;
    DB::rows(conn, first).ok()?.pop()?;
    let mut counts = Counts::new();
    for row in DB::rows(conn, sql).ok()? {
        let mut fields = row.into_iter();
        let (schema, name) = (fields.next().flatten(), fields.next().flatten()?);
        if migrate_runtime::is_history_table(&name) || name == history {
            continue;
        }
        let mut number = || fields.next().flatten()?.parse().ok();
        let numbers = [number()?, number()?, number()?];
        counts.insert(table_name(schema.as_deref(), &name), numbers);
    }
    Some(counts)
}

/// What was written between two readings, without tables in which nothing was.
pub(super) fn between(before: &Counts, after: &Counts) -> Vec<RowsWritten> {
    let written = after.iter().map(|(table, now)| {
        let was = before.get(table).copied().unwrap_or_default();
        // A table that was made anew counts from 0.
        let since = |at: usize| -> u64 {
            let (now, was) = (now.get(at), was.get(at));
            let (now, was) = (now.copied().unwrap_or(0), was.copied().unwrap_or(0));
            now.checked_sub(was).unwrap_or(now)
        };
        RowsWritten {
            table: table.clone(),
            inserted: since(0),
            updated: since(1),
            deleted: since(2),
        }
    });
    written.filter(RowsWritten::is_something).collect()
}

/// Of two ways, one after the other.
pub(super) fn sum(earlier: Vec<RowsWritten>, later: Vec<RowsWritten>) -> Vec<RowsWritten> {
    let mut all: BTreeMap<String, RowsWritten> = BTreeMap::new();
    for one in earlier.into_iter().chain(later) {
        match all.get_mut(&one.table) {
            Some(there) => {
                there.inserted += one.inserted;
                there.updated += one.updated;
                there.deleted += one.deleted;
            }
            None => drop(all.insert(one.table.clone(), one)),
        }
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_since() {
        let before: Counts = [("a".to_owned(), [5, 1, 0]), ("b".to_owned(), [9, 0, 0])].into();
        let after: Counts = [
            ("a".to_owned(), [7, 1, 2]),
            ("b".to_owned(), [9, 0, 0]),
            ("c".to_owned(), [1, 0, 0]),
        ]
        .into();
        let found = between(&before, &after);
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.table.as_str(), it.inserted, it.updated, it.deleted))
            .collect();
        assert_eq!(found, [("a", 2, 0, 2), ("c", 1, 0, 0)]);
        let twice = sum(between(&before, &after), between(&before, &after));
        assert_eq!((twice.len(), twice[0].inserted), (2, 4));
    }
}
