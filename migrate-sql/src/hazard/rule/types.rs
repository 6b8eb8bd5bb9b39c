//! Types of columns that one may regret.

use migrate_core::{Diagnostic, Dialect, Rule, rule};

use super::super::fix::Fix;
use super::{Case, columns};
use crate::change::{Change, ColumnDefinition, ConstraintKind};

/// `json`, which keeps the text.
pub(super) fn json(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    find(
        case,
        &rule::JSON_COLUMN,
        |column| is_named(column, &["json"]),
        "is json, which cannot be compared, and is read anew by every function",
        "use jsonb",
    )
}

/// `serial`, which is less than an identity.
pub(super) fn serial(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    find(
        case,
        &rule::SERIAL_COLUMN,
        |column| column.auto_increment,
        "is a serial, whose sequence has rights and a life of its own",
        "use GENERATED ALWAYS AS IDENTITY, which PostgreSQL has from version 10",
    )
}

/// `timestamp`, which is no point in time.
pub(super) fn timestamp(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    find(
        case,
        &rule::NAIVE_TIMESTAMP,
        |column| is_named(column, &["timestamp without time zone", "timestamp"]),
        "is a timestamp without time zone, which does not say when",
        "use timestamptz",
    )
}

/// `char(n)`, which pads.
pub(super) fn char(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    find(
        case,
        &rule::CHAR_COLUMN,
        |column| is_named(column, &["character", "bpchar"]),
        "is a char, which fills up with spaces",
        "use text, with a CHECK where the length matters",
    )
}

/// `int` as a key, which ends at 2,147,483,647.
pub(super) fn int_key(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let listed: Vec<&str> = match case.change {
        Change::CreateTable(create) => create
            .constraints
            .iter()
            .filter_map(|it| match &it.kind {
                ConstraintKind::PrimaryKey { columns, .. } => Some(columns),
                _ => None,
            })
            .filter(|columns| columns.len() == 1)
            .flatten()
            .filter_map(|part| Some(part.as_column()?.name.as_str()))
            .collect(),
        _ => Vec::new(),
    };
    let is_key = |column: &ColumnDefinition| {
        let beside = |it: &crate::change::ConstraintDefinition| {
            matches!(it.kind, ConstraintKind::PrimaryKey { .. })
        };
        column.constraints.iter().any(beside) || listed.contains(&column.name.name.as_str())
    };
    find(
        case,
        &rule::INT_PRIMARY_KEY,
        |column| is_named(column, &["integer", "smallint"]) && is_key(column),
        "is a key that ends at 2,147,483,647 at the latest",
        "use bigint: to change it later rewrites the table",
    )
}

fn is_named(column: &ColumnDefinition, names: &[&str]) -> bool {
    let column_type = column.column_type.as_ref();
    column_type.is_some_and(|it| it.schema.is_none() && names.contains(&it.name.as_str()))
}

/// The first column of a PostgreSQL table that is so.
fn find(
    case: &Case<'_>,
    rule: &'static Rule,
    is_it: impl Fn(&ColumnDefinition) -> bool,
    message: &str,
    help: &str,
) -> Option<(Diagnostic, Option<Fix>)> {
    if case.schema.dialect() != Dialect::Postgres {
        return None;
    }
    let column = columns(case.change).find(|column| is_it(column))?;
    let finding = Diagnostic::new(rule, format!("column `{}` {message}", column.name))
        .at(&case.script.source, column.span.into(), "")
        .help(help);
    Some((finding, None))
}
