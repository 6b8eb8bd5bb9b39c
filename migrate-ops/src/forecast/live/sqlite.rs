//! SQLite: what its own tables tell. Other processes at the file cannot be seen.

use diesel::QueryResult;
use migrate_core::Dialect;
use migrate_core::config::ServerVersion;

use super::{Ask, Traffic, number, text};
use crate::forecast::evidence::{Replicas, RowsBasis, TableSize};

/// Above this size the pages of each table are not counted, because that reads all of the file.
const COUNTED: u64 = 1 << 30;

pub(super) fn server(ask: &mut Ask<'_>) -> QueryResult<Option<ServerVersion>> {
    let rows = ask("SELECT sqlite_version()")?;
    let version = rows.first().map(|row| format!("sqlite {}", text(row, 0)));
    Ok(version.and_then(|it| it.parse().ok()))
}

pub(super) fn sizes(ask: &mut Ask<'_>) -> QueryResult<Vec<TableSize>> {
    // Virtual tables have no root page.
    let tables = ask("SELECT name FROM main.sqlite_schema
         WHERE type = 'table' AND rootpage <> 0 AND substr(name, 1, 7) <> 'sqlite_' ORDER BY 1")?;
    let file = ask(
        "SELECT CAST(page_count * page_size AS TEXT) FROM pragma_page_count, pragma_page_size",
    )?;
    let file: u64 = file.first().and_then(|row| number(row, 0)).unwrap_or(0);
    let pages = pages(ask, file);
    // A file without ANALYZE has no such table.
    let statistics = ask(
        "SELECT tbl, CAST(max(CAST(stat AS INTEGER)) AS TEXT) FROM main.sqlite_stat1 GROUP BY tbl",
    )
    .unwrap_or_default();
    let mut sizes = Vec::new();
    for table in &tables {
        let name = text(table, 0);
        let of = |rows: &[migrate_runtime::Row], column| {
            let row = rows.iter().find(|row| text(row, 0) == name);
            row.and_then(|row| number::<u64>(row, column))
        };
        let (rows, rows_basis) = match of(&statistics, 1) {
            Some(rows) => (Some(rows), RowsBasis::Statistics),
            None => match newest_rowid(ask, &name) {
                Some(rows) => (Some(rows), RowsBasis::UpperBound),
                None => (None, RowsBasis::Unknown),
            },
        };
        sizes.push(TableSize {
            rows,
            rows_basis,
            table_bytes: of(&pages, 1).or(Some(file)),
            index_bytes: of(&pages, 2),
            table: name.to_lowercase(),
        });
    }
    Ok(sizes)
}

/// The bytes of each table and of its indexes; nothing where counting would read too much, or the
/// library cannot do it.
fn pages(ask: &mut Ask<'_>, file: u64) -> Vec<migrate_runtime::Row> {
    if file > COUNTED {
        return Vec::new();
    }
    ask("SELECT s.tbl_name,
             CAST(sum(CASE s.type WHEN 'table' THEN d.pgsize ELSE 0 END) AS TEXT),
             CAST(sum(CASE s.type WHEN 'index' THEN d.pgsize ELSE 0 END) AS TEXT)
         FROM main.sqlite_schema s JOIN dbstat d ON d.name = s.name AND d.aggregate = TRUE
         GROUP BY s.tbl_name")
    .unwrap_or_default()
}

/// The highest row id, which is found without reading the table; there are seldom more rows.
fn newest_rowid(ask: &mut Ask<'_>, table: &str) -> Option<u64> {
    let table = Dialect::Sqlite.quote_identifier(table);
    // A table WITHOUT ROWID has none.
    let rows = ask(&format!(
        "SELECT CAST(coalesce(max(rowid), 0) AS TEXT) FROM main.{table}"
    ));
    let rows = rows.ok()?;
    number(rows.first()?, 0)
}

pub(super) fn traffic() -> Traffic {
    Traffic {
        replicas: Replicas {
            following: Some(Vec::new()),
            ..Replicas::default()
        },
        not_checked: vec![
            "other processes that have the file open: SQLite does not tell who they are".to_owned(),
        ],
        ..Traffic::default()
    }
}
