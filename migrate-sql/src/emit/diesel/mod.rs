//! The schema as diesel's `table!` macros: what `diesel print-schema` of diesel 2.3 prints for the
//! database that the migrations make, without one.
//!
//! Left out are views, temporary and foreign tables, the tables that tools keep for themselves
//! (their names begin with `__`), and what diesel cannot express; for these
//! [`DieselSchema::left_out`] says why.

mod custom;
mod join;
mod mysql;
mod names;
mod postgres;
mod print;
mod sql_type;
mod sqlite;
mod table;

use std::collections::BTreeMap;

use migrate_core::Dialect;

use crate::name::QualifiedName;
use crate::schema::{Schema, Table};

pub(crate) use custom::is_custom;
pub(crate) use names::rust_name;

pub use custom::CustomType;
pub use join::Join;
pub use sql_type::SqlType;
pub use table::{ColumnDefinition, TableDefinition};

/// Everything that diesel is told about a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DieselSchema {
    /// The default schema first, then the others in the order of their names; only those that have
    /// tables.
    pub modules: Vec<Module>,
    /// The tables that diesel is not told about although it would want to be.
    pub left_out: Vec<LeftOut>,
}

/// The tables of one schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The schema, and the name of its Rust module; `None` for the default one, which has no module.
    pub schema: Option<(String, String)>,
    /// The types of columns that diesel does not bring along, in the order of their Rust names.
    pub custom_types: Vec<CustomType>,
    /// The tables in the order of their names.
    pub tables: Vec<TableDefinition>,
    /// What `joinable!` says.
    pub joins: Vec<Join>,
}

/// A table that diesel is not told about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The table.
    pub table: QualifiedName,
    /// Why, as a clause after the table's name: `has no primary key`.
    pub reason: String,
}

impl DieselSchema {
    /// What diesel is told about a schema.
    pub fn new(schema: &Schema) -> Self {
        let mut left_out = Vec::new();
        let mut modules: BTreeMap<Option<&str>, Vec<(&Table, TableDefinition)>> = BTreeMap::new();
        for table in schema.tables().filter(|table| is_shown(table, schema)) {
            match TableDefinition::new(table, schema) {
                Ok(definition) => modules
                    .entry(table.name.schema.as_deref())
                    .or_default()
                    .push((table, definition)),
                Err(reason) => left_out.push(LeftOut {
                    table: table.name.clone(),
                    reason,
                }),
            }
        }
        let modules = modules
            .into_iter()
            .map(|(name, mut tables)| {
                tables.sort_by(|(_, a), (_, b)| a.sql_name.cmp(&b.sql_name));
                let joins = join::joins(&tables, schema.dialect());
                let tables: Vec<_> = tables.into_iter().map(|(_, table)| table).collect();
                Module {
                    schema: name.map(|name| (name.to_owned(), names::rust_name(name, None))),
                    custom_types: custom::of_tables(&tables, schema.dialect()),
                    tables,
                    joins,
                }
            })
            .collect();
        DieselSchema { modules, left_out }
    }

    /// All tables.
    pub fn tables(&self) -> impl Iterator<Item = &TableDefinition> {
        self.modules.iter().flat_map(|module| &module.tables)
    }
}

/// Whether diesel looks at a table at all.
fn is_shown(table: &Table, schema: &Schema) -> bool {
    let name = &table.name.name;
    let internal = name.starts_with("__")
        || (schema.dialect() == Dialect::Sqlite
            && name
                .get(..6)
                .is_some_and(|start| start.eq_ignore_ascii_case("sqlite")));
    !internal && !table.temporary && !table.foreign
}
