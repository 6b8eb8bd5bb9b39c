//! Checks of what the catalogue itself tells.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use migrate_runtime::{Database, Row};

use super::check::{Finding, check};
use super::evidence::{Check, CheckKind};
use super::inspect::{Asker, Inspect};

/// Where a dialect's checks of the catalogue go.
pub struct Catalogue<'a, C> {
    pub(super) conn: &'a mut C,
    /// The tables that were there before, where that is known.
    pub(super) known: Option<&'a BTreeSet<String>>,
    pub(super) checks: &'a mut Vec<Check>,
}

impl<C> std::fmt::Debug for Catalogue<'_, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalogue").finish_non_exhaustive()
    }
}

impl<C> Catalogue<'_, C>
where
    C: LoadConnection,
    C::Backend: Inspect,
{
    fn rows(&mut self, sql: &str) -> QueryResult<Vec<Row>> {
        C::Backend::reading(self.conn, Asker::System, |conn| C::Backend::rows(conn, sql))
    }

    /// One check an object. The query has the object, and what is wrong with it or NULL; where it has
    /// a third column that says `warning`, it is no more than that.
    pub(super) fn objects(&mut self, kind: CheckKind, what: &str, sql: &str) {
        let rows = match self.rows(sql) {
            Ok(rows) => rows,
            Err(error) => {
                self.checks.push(check(kind, what, || Err(error)));
                return;
            }
        };
        for row in rows {
            let mut row = row.into_iter();
            let mut field = || row.next().flatten();
            let (object, wrong, level) = (field().unwrap_or_default(), field(), field());
            let finding = match (wrong, level.as_deref()) {
                (None, _) => Finding::passed(),
                (Some(wrong), Some("warning")) => Finding::warning(wrong),
                (Some(wrong), _) => Finding::failed(wrong),
            };
            self.checks.push(check(kind, object, || Ok(finding)));
        }
    }

    /// Counters against the column that they are for. The query has the column in words, the column
    /// and the table as SQL, and the last value that the counter gave or, where nothing was given, NULL.
    pub(super) fn counters(&mut self, what: &str, sql: &str) {
        let rows = match self.rows(sql) {
            Ok(rows) => rows,
            Err(error) => {
                self.checks
                    .push(check(CheckKind::Sequence, what, || Err(error)));
                return;
            }
        };
        for row in rows {
            let counter = Counter::of(row);
            let look = || {
                let largest = C::Backend::text(&format!("MAX({})", counter.column));
                let rows = self.rows(&format!("SELECT {largest} FROM {}", counter.table))?;
                let largest = number(rows.into_iter().flatten().next().flatten());
                if !counter.is_behind(largest) {
                    return Ok(Finding::passed());
                }
                // Where others write, the rows that were just read may be newer than the counter
                // that was read before them.
                let now = self.rows(sql)?.into_iter().map(Counter::of);
                let mut now = now.filter(|it| it.subject == counter.subject);
                Ok(match now.next().is_none_or(|it| it.is_behind(largest)) {
                    true => Finding::failed(
                        "the next value is one that the table has already, or will meet it",
                    ),
                    false => Finding::passed(),
                })
            };
            let check = check(CheckKind::Sequence, counter.subject.clone(), look);
            self.checks.push(check);
        }
    }

    /// Views, each by being read. The query has their names, and how they stand in FROM.
    pub(super) fn views(&mut self, sql: &str) {
        let rows = match self.rows(sql) {
            Ok(rows) => rows,
            Err(error) => {
                self.checks
                    .push(check(CheckKind::View, "the views", || Err(error)));
                return;
            }
        };
        for row in rows {
            let mut row = row.into_iter().flatten();
            let (name, from) = (
                row.next().unwrap_or_default(),
                row.next().unwrap_or_default(),
            );
            let read = self.rows(&format!("SELECT * FROM {from} LIMIT 0"));
            let look = || {
                Ok(match read {
                    Ok(_) => Finding::passed(),
                    Err(error) => Finding::failed(error.to_string()),
                })
            };
            self.checks.push(check(CheckKind::View, name, look));
        }
    }

    /// Rights on tables. The query has the schema, the table as evidence names it, and a grantee with
    /// a privilege, which is NULL for a table that nobody has any on.
    pub(super) fn privileges(&mut self, sql: &str) {
        let kind = CheckKind::Privileges;
        let Some(known) = self.known else {
            let why = "which tables are new is not known without a reading before the run";
            let look = || Ok(Finding::not_checked(why));
            self.checks.push(check(kind, "new tables", look));
            return;
        };
        let rows = match self.rows(sql) {
            Ok(rows) => rows,
            Err(error) => {
                self.checks.push(check(kind, "new tables", || Err(error)));
                return;
            }
        };
        let mut schemas: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for row in rows {
            let mut row = row.into_iter();
            let mut field = || row.next().flatten();
            let (schema, table) = (field().unwrap_or_default(), field().unwrap_or_default());
            let tables = schemas.entry(schema).or_default();
            tables.entry(table).or_default().extend(field());
        }
        for tables in schemas.values() {
            let old: Vec<&BTreeSet<String>> = tables
                .iter()
                .filter(|(table, _)| known.contains(*table))
                .map(|(_, rights)| rights)
                .collect();
            let Some((first, others)) = old.split_first() else {
                continue;
            };
            let shared = first
                .iter()
                .filter(|it| others.iter().all(|o| o.contains(*it)));
            let shared: Vec<&String> = shared.collect();
            for (table, rights) in tables.iter().filter(|(table, _)| !known.contains(*table)) {
                let missing: Vec<&str> = shared
                    .iter()
                    .filter(|it| !rights.contains(**it))
                    .map(|it| it.as_str())
                    .collect();
                let finding = match missing.is_empty() {
                    true => Finding::passed(),
                    false => Finding::warning(format!(
                        "lacks what every other table gives: {}",
                        missing.join(", ")
                    )),
                };
                self.checks
                    .push(check(kind, table.as_str(), || Ok(finding)));
            }
        }
    }
}

/// A counter and the column that it is for.
struct Counter {
    subject: String,
    column: String,
    table: String,
    /// The last value that it gave.
    last: Option<i128>,
}

impl Counter {
    fn of(row: Row) -> Self {
        let mut row = row.into_iter();
        let mut field = || row.next().flatten();
        Counter {
            subject: field().unwrap_or_default(),
            column: field().unwrap_or_default(),
            table: field().unwrap_or_default(),
            last: number(field()),
        }
    }

    /// Whether its next values may be in the table already.
    fn is_behind(&self, largest: Option<i128>) -> bool {
        largest.is_some_and(|largest| self.last.is_none_or(|last| last < largest))
    }
}

fn number(text: Option<String>) -> Option<i128> {
    text.and_then(|text| text.parse().ok())
}
