//! Foreign keys whose own columns have no index, when all migrations have run.

use std::sync::Arc;

use migrate_core::{Diagnostic, Direction, ScriptFinding, SourceMigration, rule};

use crate::schema::{ForeignKey, Schema, Table};

/// The findings about keys that unvouched migrations make. An index may come in any later migration, so
/// this is asked at the end.
pub(super) fn find(schema: &Schema, migrations: &[SourceMigration]) -> Vec<ScriptFinding> {
    let mut findings = Vec::new();
    for (id, _) in schema.objects() {
        let Some(table) = schema.table_by_id(id).filter(|_| schema.is_certain(id)) else {
            continue;
        };
        for key in &table.foreign_keys {
            let Some(origin) = key.origin.as_ref().filter(|_| !has_index(table, key)) else {
                continue;
            };
            let made_by = migrations.iter().position(|migration| {
                !migration.vouched && Arc::ptr_eq(&migration.up.source, &origin.source)
            });
            let Some(migration) = made_by else { continue };
            let diagnostic = Diagnostic::new(
                &rule::UNINDEXED_FOREIGN_KEY,
                format!(
                    "no index begins with {}, so that who deletes from `{}` reads all of `{}`",
                    columns(key),
                    key.references,
                    table.name
                ),
            )
            .at(&origin.source, origin.span.into(), "")
            .help(format!("make an index on {}", columns(key)));
            findings.push(ScriptFinding {
                migration,
                direction: Direction::Up,
                diagnostic,
            });
        }
    }
    findings
}

fn columns(key: &ForeignKey) -> String {
    let quoted: Vec<String> = key.columns.iter().map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}

/// Whether the first columns of an index or key are those of a foreign key, in whatever order.
fn has_index(table: &Table, key: &ForeignKey) -> bool {
    let count = key.columns.len();
    let covers = |names: &[Option<&str>]| {
        names.get(..count).is_some_and(|first| {
            let mut wanted = key.columns.iter();
            wanted.all(|name| first.contains(&Some(name.as_str())))
        })
    };
    let mut keys = table.keys();
    let by_key = keys.any(|it| {
        let names: Vec<Option<&str>> = it.columns.iter().map(|it| Some(it.as_str())).collect();
        covers(&names)
    });
    let whole = table.indexes.iter().filter(|it| it.predicate.is_none());
    by_key
        || whole.into_iter().any(|index| {
            let names: Vec<Option<&str>> =
                index.keys.iter().map(|it| it.column.as_deref()).collect();
            covers(&names)
        })
}
