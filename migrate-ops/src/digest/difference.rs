//! What differs between two readings.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::evidence::{DatabaseDigest, TableDigest};

/// Something in which two databases, or one at two moments, differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Difference {
    /// The two cannot be compared: other versions of this program or other databases made them.
    Form,
    /// A table is gone, or was not read the second time.
    TableMissing {
        /// The table.
        table: String,
        /// Its rows before.
        rows: u64,
    },
    /// A table is there only afterwards, or was not read the first time.
    TableNew {
        /// The table.
        table: String,
        /// Its rows after.
        rows: u64,
    },
    /// A table has other columns, so that its contents cannot be compared.
    Columns {
        /// The table.
        table: String,
        /// Columns that are gone.
        missing: Vec<String>,
        /// Columns that are new.
        new: Vec<String>,
    },
    /// A table has another number of rows.
    Rows {
        /// The table.
        table: String,
        /// Rows before.
        before: u64,
        /// Rows after.
        after: u64,
    },
    /// A table has as many rows, and something in them differs.
    Content {
        /// The table.
        table: String,
        /// Its rows.
        rows: u64,
    },
}

impl Difference {
    /// The table, where it is one.
    pub fn table(&self) -> Option<&str> {
        match self {
            Difference::Form => None,
            Difference::TableMissing { table, .. }
            | Difference::TableNew { table, .. }
            | Difference::Columns { table, .. }
            | Difference::Rows { table, .. }
            | Difference::Content { table, .. } => Some(table),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Form => f.write_str("the digests are of two kinds and cannot be compared"),
            Difference::TableMissing { table, rows } => {
                write!(f, "{table} is missing, with {rows} rows")
            }
            Difference::TableNew { table, rows } => write!(f, "{table} is new, with {rows} rows"),
            Difference::Columns {
                table,
                missing,
                new,
            } => {
                write!(f, "{table} has other columns")?;
                if !missing.is_empty() {
                    write!(f, "; missing: {}", missing.join(", "))?;
                }
                if !new.is_empty() {
                    write!(f, "; new: {}", new.join(", "))?;
                }
                Ok(())
            }
            Difference::Rows {
                table,
                before,
                after,
            } => write!(f, "{table} has {after} rows instead of {before}"),
            Difference::Content { table, rows } => {
                write!(f, "{table} has {rows} rows as before, with other contents")
            }
        }
    }
}

/// What differs, by the names of the tables; nothing where the two hold the same.
pub fn compare(before: &DatabaseDigest, after: &DatabaseDigest) -> Vec<Difference> {
    if before.form != after.form || before.dialect != after.dialect {
        return vec![Difference::Form];
    }
    let mut names: Vec<&String> = before.tables.keys().chain(after.tables.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| table(name, before.tables.get(name), after.tables.get(name)))
        .collect()
}

fn table(
    name: &str,
    before: Option<&TableDigest>,
    after: Option<&TableDigest>,
) -> Option<Difference> {
    let table = name.to_owned();
    let (before, after) = match (before, after) {
        (None, None) => return None,
        (Some(before), None) => {
            let rows = before.rows;
            return Some(Difference::TableMissing { table, rows });
        }
        (None, Some(after)) => {
            let rows = after.rows;
            return Some(Difference::TableNew { table, rows });
        }
        (Some(before), Some(after)) => (before, after),
    };
    if before.columns != after.columns {
        let lacking = |in_it: &TableDigest, of: &TableDigest| -> Vec<String> {
            let lacks = |column: &&String| !in_it.columns.contains(column);
            of.columns.iter().filter(lacks).cloned().collect()
        };
        return Some(Difference::Columns {
            table,
            missing: lacking(after, before),
            new: lacking(before, after),
        });
    }
    if before.rows != after.rows {
        return Some(Difference::Rows {
            table,
            before: before.rows,
            after: after.rows,
        });
    }
    (before.sum != after.sum).then_some(Difference::Content {
        table,
        rows: before.rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(tables: &[(&str, u64, &str, &[&str])]) -> DatabaseDigest {
        let tables = tables.iter().map(|&(name, rows, sum, columns)| {
            let columns = columns.iter().map(|&it| it.to_owned()).collect();
            let sum = sum.to_owned();
            let seconds = 0.0;
            let table = TableDigest {
                rows,
                sum,
                columns,
                seconds,
            };
            (name.to_owned(), table)
        });
        DatabaseDigest {
            form: DatabaseDigest::FORM,
            dialect: "sqlite".to_owned(),
            taken: String::new(),
            tables: tables.collect(),
            not_read: Default::default(),
        }
    }

    #[test]
    fn every_kind() {
        let before = digest(&[
            ("columns", 1, "5", &["a", "b"]),
            ("content", 2, "5", &["a"]),
            ("gone", 3, "5", &["a"]),
            ("rows", 4, "5", &["a"]),
            ("same", 5, "5", &["a"]),
        ]);
        let after = digest(&[
            ("columns", 1, "5", &["a", "c"]),
            ("content", 2, "6", &["a"]),
            ("new", 1, "5", &["a"]),
            ("rows", 3, "5", &["a"]),
            ("same", 5, "5", &["a"]),
        ]);
        let told: Vec<String> = compare(&before, &after)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            told,
            [
                "columns has other columns; missing: b; new: c",
                "content has 2 rows as before, with other contents",
                "gone is missing, with 3 rows",
                "new is new, with 1 rows",
                "rows has 3 rows instead of 4",
            ]
        );
        assert_eq!(compare(&before, &before), []);
        let mut other = before.clone();
        other.form += 1;
        assert_eq!(compare(&before, &other), [Difference::Form]);
    }
}
