//! A table as `table!` has it.

use migrate_core::Dialect;

use crate::schema::{Column, Schema, Table};

use super::{SqlType, custom, names};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDefinition {
    /// Its schema, where that is not the default one, and the schema's name in Rust.
    pub schema: Option<(String, String)>,
    /// Its name.
    pub sql_name: String,
    /// Its name in Rust.
    pub rust_name: String,
    /// The Rust names of the columns of its primary key.
    pub primary_key: Vec<String>,
    /// Its columns in the order of the table.
    pub columns: Vec<ColumnDefinition>,
    /// The model knows for certain that the table is just so.
    pub certain: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDefinition {
    /// Its name.
    pub sql_name: String,
    /// Its name in Rust.
    pub rust_name: String,
    /// Its type.
    pub sql_type: SqlType,
    /// Its type is one that diesel does not bring along.
    pub custom: bool,
}

/// The names under which SQLite keeps the key of a table without one; a column may have taken some.
const ROWID: [&str; 3] = ["rowid", "oid", "_rowid_"];

impl TableDefinition {
    /// A table, or why diesel cannot be told of it.
    pub(super) fn new(table: &Table, schema: &Schema) -> Result<Self, String> {
        let dialect = schema.dialect();
        let rust_name = names::rust_name(&table.name.name, None);
        let mut columns = table
            .columns
            .iter()
            .map(|column| ColumnDefinition::of(column, &rust_name, schema))
            .collect::<Result<Vec<_>, String>>()?;
        let primary_key = match &table.primary_key {
            // Diesel reads SQLite's key in the order of the table.
            Some(key) if dialect == Dialect::Sqlite => table
                .columns
                .iter()
                .filter(|column| key.columns.contains(&column.name))
                .map(|column| column.name.clone())
                .collect(),
            Some(key) => key.columns.clone(),
            None if dialect == Dialect::Sqlite => {
                let rowid = ROWID
                    .into_iter()
                    .find(|alias| columns.iter().all(|column| column.sql_name != *alias))
                    .ok_or_else(|| "has no primary key".to_owned())?;
                let integer = SqlType::new("Integer", "Integer", false);
                columns.insert(
                    0,
                    ColumnDefinition::new(&rust_name, rowid, integer, dialect)?,
                );
                vec![rowid.to_owned()]
            }
            None => return Err("has no primary key".to_owned()),
        };
        Ok(TableDefinition {
            schema: table
                .name
                .schema
                .as_ref()
                .map(|name| (name.clone(), names::rust_name(name, None))),
            sql_name: table.name.name.clone(),
            primary_key: primary_key
                .iter()
                .map(|column| names::rust_name(column, Some(&rust_name)))
                .collect(),
            rust_name,
            columns,
            certain: schema.is_certain(&schema.id(crate::schema::Class::Relation, &table.name)),
        })
    }

    /// Its name in SQL, with the schema where that is not the default one.
    pub fn full_sql_name(&self) -> String {
        match &self.schema {
            Some((schema, _)) => format!("{schema}.{}", self.sql_name),
            None => self.sql_name.clone(),
        }
    }
}

impl ColumnDefinition {
    /// A column of the table with that Rust name, or why diesel has no type for it.
    pub(crate) fn of(column: &Column, table: &str, schema: &Schema) -> Result<Self, String> {
        let sql_type = SqlType::of(column, schema)?;
        ColumnDefinition::new(table, &column.name, sql_type, schema.dialect())
    }

    fn new(
        table: &str,
        name: &str,
        mut sql_type: SqlType,
        dialect: Dialect,
    ) -> Result<Self, String> {
        let rust_name = names::rust_name(name, Some(table));
        let custom = custom::is_custom(&sql_type.name, dialect);
        if custom {
            sql_type.name = custom::name(table, &rust_name, &sql_type, dialect);
        }
        Ok(ColumnDefinition {
            sql_name: name.to_owned(),
            rust_name,
            sql_type,
            custom,
        })
    }
}
