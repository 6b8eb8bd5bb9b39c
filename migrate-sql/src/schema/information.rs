//! MySQL's `information_schema`, as far as the model can answer for it.
//!
//! Besides the rows that are there for certain there are rows that may be: of tables that the model
//! is not certain of, of those it does not know, and of other databases.

use std::collections::BTreeMap;

use super::apply::is_equal;
use super::lookup::Found;
use super::session::Known;
use super::{Class, Object, Schema, Table, View};
use crate::name::{Ident, ObjectName, QualifiedName};

/// A field of a row.
#[derive(Clone, Debug)]
pub(super) enum Field {
    Is(Known),
    /// Not known, but not NULL.
    NotNull,
    /// Not known.
    Unknown,
    /// The name of something that the model is not certain of: none that it is certain of.
    Uncertain(Class),
    /// Another database than the current one.
    OtherDatabase,
}

/// A row, perhaps.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// It is there for certain.
    pub(super) certain: bool,
    fields: BTreeMap<&'static str, Field>,
}

impl Field {
    /// Whether it certainly is not that value.
    pub(super) fn is_never(&self, known: &Known, schema: &Schema) -> bool {
        match (self, known) {
            (Field::Is(own), known) => is_equal(own, known) == Some(false),
            (Field::OtherDatabase, Known::Database) => true,
            (Field::Uncertain(class), Known::Text(name)) => {
                let name = ObjectName::unqualified(Ident::new(name.clone(), 0..0));
                match schema.find(*class, &name) {
                    Found::Here(id) => schema.is_certain(&id),
                    Found::Nothing(_) => true,
                    Found::Perhaps(_) => false,
                }
            }
            _ => false,
        }
    }

    /// Whether it certainly is not NULL.
    pub(super) fn is_not_null(&self) -> bool {
        match self {
            Field::Is(known) => *known != Known::Null,
            Field::Unknown => false,
            Field::NotNull | Field::Uncertain(_) | Field::OtherDatabase => true,
        }
    }
}

impl Row {
    fn new(certain: bool) -> Self {
        Row {
            certain,
            fields: BTreeMap::new(),
        }
    }

    /// A field by its name, in lower case.
    pub(super) fn get(&self, name: &str) -> &Field {
        self.fields.get(name).unwrap_or(&Field::Unknown)
    }

    fn with(mut self, name: &'static str, field: Field) -> Self {
        self.fields.insert(name, field);
        self
    }

    fn text(self, name: &'static str, value: &str) -> Self {
        self.with(name, text(value))
    }

    /// In the current database, by all the columns that name one.
    fn here(self) -> Self {
        self.databases(&Field::Is(Known::Database))
    }

    fn databases(mut self, field: &Field) -> Self {
        for name in SCHEMAS {
            self.fields.insert(name, field.clone());
        }
        self
    }
}

/// The columns that name a database.
const SCHEMAS: [&str; 6] = [
    "table_schema",
    "index_schema",
    "constraint_schema",
    "routine_schema",
    "trigger_schema",
    "event_object_schema",
];

/// The rows of a table of `information_schema`; `None` of one that the model cannot answer for.
pub(super) fn rows(schema: &Schema, table: &ObjectName) -> Option<Vec<Row>> {
    let in_information = table
        .schema
        .as_ref()
        .is_some_and(|it| it.name.eq_ignore_ascii_case("information_schema"));
    if !in_information {
        return None;
    }
    let view = table.name.name.to_lowercase();
    let of_table: fn(&Table) -> Vec<Row> = match view.as_str() {
        "tables" => |_| vec![Row::new(true).text("table_type", "BASE TABLE")],
        "columns" => columns,
        "statistics" => statistics,
        "table_constraints" => table_constraints,
        "key_column_usage" => key_column_usage,
        "referential_constraints" => referential_constraints,
        "triggers" => triggers,
        "views" => |_| Vec::new(),
        "routines" => return Some(routines(schema)),
        _ => return None,
    };
    let of_view: fn(&View) -> Vec<Row> = match view.as_str() {
        "tables" => |_| vec![Row::new(true).text("table_type", "VIEW")],
        "views" => |_| vec![Row::new(true)],
        "columns" => view_columns,
        _ => |_| Vec::new(),
    };
    let column = match view.as_str() {
        "triggers" => "event_object_table",
        _ => "table_name",
    };
    let mut found = Vec::new();
    for (id, object) in schema.objects() {
        let name = object.name();
        if id.class != Class::Relation || name.schema.is_some() {
            continue;
        }
        let rows = match object {
            // What exactly it has, or whether it is there at all, is not certain.
            _ if !schema.is_certain(id) => vec![Row::new(false)],
            Object::Table(table) => of_table(table),
            Object::View(view) => of_view(view),
            _ => vec![Row::new(false)],
        };
        found.extend(
            rows.into_iter()
                .map(|row| row.here().text(column, &name.name)),
        );
    }
    let unknown = schema.perhaps.iter().map(|word| {
        let name = QualifiedName::unqualified(word.clone());
        let known = schema.is_certain(&schema.id(Class::Relation, &name));
        (!known).then(|| Row::new(false).here().text(column, word))
    });
    found.extend(unknown.flatten());
    if schema.open {
        let row = Row::new(false).here();
        found.push(row.with(column, Field::Uncertain(Class::Relation)));
    }
    found.push(elsewhere());
    Some(found)
}

/// Rows of other databases, of which nothing is known.
fn elsewhere() -> Row {
    Row::new(false).databases(&Field::OtherDatabase)
}

fn text(value: &str) -> Field {
    Field::Is(Known::Text(value.to_owned()))
}

fn yes(holds: bool) -> Field {
    text(if holds { "YES" } else { "NO" })
}

fn columns(table: &Table) -> Vec<Row> {
    let rows = table.columns.iter().map(|column| {
        let row = Row::new(true)
            .text("column_name", &column.name)
            .with("is_nullable", yes(column.nullable))
            .with("data_type", Field::NotNull)
            .with("column_type", Field::NotNull);
        match &column.column_type {
            // MariaDB keeps JSON as a text.
            Some(it) if it.name != "json" => row.text("data_type", &it.name),
            _ => row,
        }
    });
    rows.collect()
}

fn view_columns(view: &View) -> Vec<Row> {
    match &view.columns {
        Some(columns) => {
            let row = |name: &String| Row::new(true).text("column_name", name);
            columns.iter().map(row).collect()
        }
        None => vec![Row::new(false)],
    }
}

/// The indexes of a table with their columns, and whether they are unique.
fn indexes(table: &Table) -> Vec<(&str, bool, Vec<Option<&str>>)> {
    let primary = table.primary_key.iter().map(|key| {
        let columns = key.columns.iter().map(|it| Some(it.as_str())).collect();
        ("PRIMARY", true, columns)
    });
    let others = table.indexes.iter().map(|index| {
        let columns = index.keys.iter().map(|it| it.column.as_deref()).collect();
        (index.name.as_str(), index.unique, columns)
    });
    primary.chain(others).collect()
}

fn statistics(table: &Table) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, unique, columns) in indexes(table) {
        for (column, place) in columns.into_iter().zip(1_i64..) {
            let row = Row::new(true)
                .text("index_name", name)
                .with("non_unique", Field::Is(Known::Number(i64::from(!unique))))
                .with("seq_in_index", Field::Is(Known::Number(place)));
            rows.push(match column {
                Some(column) => row.text("column_name", column),
                None => row,
            });
        }
    }
    rows
}

fn table_constraints(table: &Table) -> Vec<Row> {
    let row = |name: &str, kind| {
        let row = Row::new(true).text("constraint_name", name);
        row.text("constraint_type", kind)
    };
    let keys = indexes(table).into_iter().filter(|(_, unique, _)| *unique);
    let keys = keys.map(|(name, ..)| match name {
        "PRIMARY" => row(name, "PRIMARY KEY"),
        _ => row(name, "UNIQUE"),
    });
    let foreign = table
        .foreign_keys
        .iter()
        .map(|it| row(&it.name, "FOREIGN KEY"));
    // Older servers read checks and forget them.
    let checks = table.constraints.iter().map(|it| Row {
        certain: false,
        ..row(&it.name, "CHECK")
    });
    keys.chain(foreign).chain(checks).collect()
}

fn key_column_usage(table: &Table) -> Vec<Row> {
    let null = || Field::Is(Known::Null);
    let mut rows = Vec::new();
    for (name, unique, columns) in indexes(table) {
        for (column, place) in columns.into_iter().zip(1_i64..).filter(|_| unique) {
            let row = Row::new(true)
                .text("constraint_name", name)
                .with("ordinal_position", Field::Is(Known::Number(place)))
                .with("referenced_table_schema", null())
                .with("referenced_table_name", null())
                .with("referenced_column_name", null());
            rows.push(match column {
                Some(column) => row.text("column_name", column),
                None => row,
            });
        }
    }
    for key in &table.foreign_keys {
        let columns = key.columns.iter().zip(&key.referenced_columns).zip(1_i64..);
        for ((column, referenced), place) in columns {
            let there = match key.references.schema {
                None => Field::Is(Known::Database),
                Some(_) => Field::NotNull,
            };
            let row = Row::new(true)
                .text("constraint_name", &key.name)
                .text("column_name", column)
                .with("referenced_table_schema", there)
                .with("ordinal_position", Field::Is(Known::Number(place)))
                .text("referenced_table_name", &key.references.name)
                .text("referenced_column_name", referenced);
            rows.push(row);
        }
    }
    rows
}

fn referential_constraints(table: &Table) -> Vec<Row> {
    let rows = table.foreign_keys.iter().map(|key| {
        Row::new(true)
            .text("constraint_name", &key.name)
            .text("referenced_table_name", &key.references.name)
    });
    rows.collect()
}

fn triggers(table: &Table) -> Vec<Row> {
    let row = |name: &str| Row::new(true).text("trigger_name", name);
    table.triggers.iter().map(|it| row(&it.name)).collect()
}

fn routines(schema: &Schema) -> Vec<Row> {
    let mut rows = Vec::new();
    for (id, object) in schema.objects() {
        let Object::Routine(routine) = object else {
            continue;
        };
        if routine.name.schema.is_some() {
            continue;
        }
        let row = Row::new(schema.is_certain(id))
            .here()
            .text("routine_name", &routine.name.name)
            .text("routine_type", &id.arguments.to_uppercase());
        rows.push(row);
    }
    let words = schema.perhaps.iter();
    rows.extend(words.map(|word| Row::new(false).here().text("routine_name", word)));
    if schema.open {
        rows.push(Row::new(false).here());
    }
    rows.push(elsewhere());
    rows
}
