//! Which rows may be why a way down failed.

use super::super::evidence::{NewRow, Pass};

/// The rows of those tables that the statement that failed names; all of them where it names none,
/// because it may come to them in another way.
pub(in super::super) fn of_statement(rows: Vec<NewRow>, pass: &Pass) -> Vec<NewRow> {
    let last = pass.migrations.last().and_then(|it| it.statements.last());
    let Some(statement) = last else { return rows };
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let words: Vec<String> = statement
        .sql
        .split(|c| !is_part(c))
        .map(str::to_lowercase)
        .collect();
    let names = |row: &NewRow| {
        let table = row.table.rsplit('.').next().unwrap_or_default();
        let table = table.trim_matches('"').to_lowercase();
        words.contains(&table)
    };
    match rows.iter().any(names) {
        true => rows.into_iter().filter(|row| names(row)).collect(),
        false => rows,
    }
}
