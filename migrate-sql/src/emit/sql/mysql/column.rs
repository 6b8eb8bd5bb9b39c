//! Columns.

use super::super::text::{default, enclosed};
use super::DIALECT;
use crate::quoting::quoted;
use crate::schema::{Column, Constraint, Table};

/// A column as CREATE TABLE, ADD COLUMN and MODIFY COLUMN define it.
pub(super) fn definition(table: &Table, column: &Column) -> String {
    let mut text = quoted(&column.name, DIALECT);
    if let Some(column_type) = &column.column_type {
        text.push_str(&format!(" {column_type}"));
    }
    if let Some(charset) = &column.charset {
        text.push_str(&format!(" CHARACTER SET {charset}"));
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(generated) = &column.generated {
        let expression = enclosed(&generated.expression.text, DIALECT);
        let stored = if generated.stored {
            "STORED"
        } else {
            "VIRTUAL"
        };
        text.push_str(&format!(" GENERATED ALWAYS AS {expression} {stored}"));
    }
    let is_timestamp = column
        .column_type
        .as_ref()
        .is_some_and(|it| it.name.eq_ignore_ascii_case("timestamp"));
    match (column.nullable, &column.generated) {
        (false, None) => text.push_str(" NOT NULL"),
        // A timestamp took no NULL by itself for long.
        (true, None) if is_timestamp => text.push_str(" NULL"),
        _ => {}
    }
    if let Some(value) = &column.default {
        text.push_str(&format!(" DEFAULT {}", default(&value.text, DIALECT)));
    }
    if let Some(now) = &column.on_update {
        text.push_str(&format!(" ON UPDATE {now}"));
    }
    if column.auto_increment {
        text.push_str(" AUTO_INCREMENT");
    }
    if let Some(check) = own_check(table, column)
        && let Some(condition) = &check.check
    {
        let condition = enclosed(&condition.text, DIALECT);
        text.push_str(&format!(" CHECK {condition}"));
    }
    text
}

/// The check that MariaDB keeps as a part of the column, under the column's name.
fn own_check<'t>(table: &'t Table, column: &Column) -> Option<&'t Constraint> {
    table.constraints.iter().find(|it| is_of(it, column))
}

fn is_of(constraint: &Constraint, column: &Column) -> bool {
    constraint.name.eq_ignore_ascii_case(&column.name)
}

/// Whether a check is a part of a column.
pub(super) fn is_column_check(table: &Table, constraint: &Constraint) -> bool {
    table.columns.iter().any(|it| is_of(constraint, it))
}
