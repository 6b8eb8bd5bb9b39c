//! What goes with its data, and what the data may not allow.

use std::collections::BTreeMap;

use migrate_core::Dialect;

use super::Scripted;
use super::plan::{Plan, Purpose};
use super::table_change::{ChangedTable, TableChange};
use crate::schema::{Column, Object, Table};

/// Says that what goes takes its rows or values with it, and where it may be a rename.
pub(super) fn losses(plan: &Plan<'_>, tables: &[ChangedTable<'_>]) -> Scripted {
    let mut said = Scripted::default();
    let dialect = plan.to.dialect();
    if plan.purpose == Purpose::Back {
        for object in &plan.made {
            if let Object::Table(table) = object {
                let name = &table.name;
                said.loses(format!(
                    "table `{name}` is made again, but its rows do not come back"
                ));
            }
        }
        for changed in tables {
            let (table, change) = (changed.after, &changed.change);
            for column in &change.columns.new {
                if column.generated.is_none() {
                    said.loses(format!(
                        "column `{}` of `{}` is made again, but its values do not come back",
                        column.name, table.name
                    ));
                }
            }
            said.remarks.extend(risks(table, change, dialect).remarks);
        }
        return said;
    }
    let mut columns: BTreeMap<String, Vec<&Table>> = BTreeMap::new();
    for object in &plan.made {
        if let Object::Table(table) = object {
            columns.entry(shape(table)).or_default().push(table);
        }
    }
    for object in &plan.dropped {
        let Object::Table(table) = object else {
            continue;
        };
        match columns.get(&shape(table)).and_then(|it| it.first()) {
            Some(new) => said.loses(format!(
                "table `{}` goes, and its rows with it, and `{}` with the same columns is new; if \
                 it was renamed, write RENAME instead",
                table.name, new.name
            )),
            None => said.loses(format!("table `{}` goes, and its rows with it", table.name)),
        }
    }
    for changed in tables {
        let (table, change) = (changed.after, &changed.change);
        for column in &change.columns.gone {
            if column.generated.is_some() {
                continue;
            }
            let alike: Vec<&&Column> = change
                .columns
                .new
                .iter()
                .filter(|it| it.column_type == column.column_type)
                .collect();
            let renamed = match alike.first() {
                Some(new) => format!(
                    ", and `{}` of the same type is new; if it was renamed, write RENAME COLUMN \
                     instead",
                    new.name
                ),
                None => String::new(),
            };
            said.loses(format!(
                "column `{}` of `{}` goes, and its values with it{renamed}",
                column.name, table.name
            ));
        }
        said.remarks.extend(risks(table, change, dialect).remarks);
    }
    said
}

/// Changes of columns that the rows may not allow.
fn risks(table: &Table, change: &TableChange<'_>, dialect: Dialect) -> Scripted {
    let mut said = Scripted::default();
    for column in &change.columns.new {
        let filled = column.nullable
            || column.default.is_some()
            || column.generated.is_some()
            || column.identity.is_some()
            || column.auto_increment;
        if !filled {
            said.look(format!(
                "column `{}` of `{}` takes no NULL and has no default: it cannot be added \
                     where there are rows",
                column.name, table.name
            ));
        }
    }
    for (before, after, properties) in &change.altered {
        // Where SQLite makes the table anew, the default takes the place of NULL.
        let filled = dialect == Dialect::Sqlite && after.default.is_some();
        if properties.contains("takes") && before.nullable && !after.nullable && !filled {
            said.look(format!(
                "column `{}` of `{}` takes no NULL any more: that fails where it has some",
                after.name, table.name
            ));
        }
        // SQLite keeps values of any type in a column of any type.
        if properties.contains("type") && dialect != Dialect::Sqlite {
            said.look(format!(
                "column `{}` of `{}` gets another type: that fails where a value does not fit",
                after.name, table.name
            ));
        }
    }
    said
}

/// The names and types of a table's columns.
fn shape(table: &Table) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|it| match &it.column_type {
            Some(column_type) => format!("{} {column_type}", it.name),
            None => it.name.clone(),
        })
        .collect();
    columns.join(", ")
}
