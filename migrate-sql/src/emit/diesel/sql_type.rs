//! Types of columns as diesel names them.

use std::fmt;

use migrate_core::Dialect;

use crate::schema::{Column, Schema};

use super::{mysql, postgres, sqlite};

/// The type of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlType {
    /// The Rust name of the type, as `Int4`.
    pub name: String,
    /// The database's name of the type, as `int4`.
    pub sql_name: String,
    /// PostgreSQL: the schema of the type, where it is not the default one.
    pub schema: Option<String>,
    /// `Nullable<…>`.
    pub nullable: bool,
    /// `Array<Nullable<…>>`: every element may be NULL.
    pub array: bool,
    /// `Unsigned<…>`.
    pub unsigned: bool,
    /// How many characters it takes, where the type says so.
    pub max_length: Option<u64>,
}

impl SqlType {
    /// A type that takes NULL or not.
    pub(crate) fn new(
        name: impl Into<String>,
        sql_name: impl Into<String>,
        nullable: bool,
    ) -> Self {
        SqlType {
            name: name.into(),
            sql_name: sql_name.into(),
            schema: None,
            nullable,
            array: false,
            unsigned: false,
            max_length: None,
        }
    }

    /// The type of a column, or why diesel has none for it.
    pub(super) fn of(column: &Column, schema: &Schema) -> Result<Self, String> {
        match schema.dialect() {
            Dialect::Sqlite => sqlite::sql_type(column),
            dialect => match &column.column_type {
                Some(known) if dialect == Dialect::Mysql => mysql::sql_type(column, known),
                Some(known) => Ok(postgres::sql_type(column, known, schema)),
                None => Err(format!(
                    "has a column whose type is not known: `{}`",
                    column.name
                )),
            },
        }
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers = [
            (self.nullable, "Nullable<", ">"),
            (self.array, "Array<Nullable<", ">>"),
            (self.unsigned, "Unsigned<", ">"),
        ];
        for (has, open, _) in layers {
            f.write_str(if has { open } else { "" })?;
        }
        f.write_str(&self.name)?;
        for (has, _, close) in layers.into_iter().rev() {
            f.write_str(if has { close } else { "" })?;
        }
        Ok(())
    }
}
