//! Types of columns that diesel does not bring along: the module `sql_types`.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use migrate_core::Dialect;

use super::{ColumnDefinition, SqlType, TableDefinition};

/// A type that diesel does not bring along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomType {
    /// Its Rust name.
    pub name: String,
    /// What stands in `#[diesel(…)]`.
    pub attribute: String,
}

/// Types of diesel that every backend has, with their other names; sorted.
const COMMON: &[&str] = &[
    "BigInt",
    "Bigint",
    "Binary",
    "Bit",
    "Blob",
    "Bool",
    "Char",
    "Date",
    "Decimal",
    "Double",
    "Float",
    "Float4",
    "Float8",
    "Int2",
    "Int4",
    "Int8",
    "Integer",
    "Longblob",
    "Longtext",
    "Mediumblob",
    "Mediumtext",
    "Numeric",
    "SmallInt",
    "Smallint",
    "Text",
    "Time",
    "Timestamp",
    "Tinyblob",
    "Tinytext",
    "VarChar",
    "Varbinary",
    "Varchar",
];

/// Those that only PostgreSQL has; sorted.
const POSTGRES: &[&str] = &[
    "BigSerial",
    "Bpchar",
    "Bytea",
    "Cidr",
    "Citext",
    "Datemultirange",
    "Daterange",
    "Inet",
    "Int4multirange",
    "Int4range",
    "Int8multirange",
    "Int8range",
    "Interval",
    "Json",
    "Jsonb",
    "MacAddr",
    "MacAddr8",
    "Macaddr",
    "Macaddr8",
    "Money",
    "Nummultirange",
    "Numrange",
    "Oid",
    "PgLsn",
    "Range",
    "Record",
    "Serial",
    "SmallSerial",
    "Timestamptz",
    "Tsmultirange",
    "Tsrange",
    "Tstzmultirange",
    "Tstzrange",
    "Uuid",
];

/// Those that only MySQL has; sorted.
const MYSQL: &[&str] = &["Datetime", "Json", "TinyInt", "Tinyint"];

/// Whether diesel has no type of that name.
pub(crate) fn is_custom(name: &str, dialect: Dialect) -> bool {
    let more = match dialect {
        Dialect::Postgres => POSTGRES,
        Dialect::Mysql => MYSQL,
        _ => &[],
    };
    COMMON.binary_search(&name).is_err() && more.binary_search(&name).is_err()
}

/// The name of a custom type: on MySQL every column has its own, since the type itself has no name
/// there.
pub(super) fn name(table: &str, column: &str, sql_type: &SqlType, dialect: Dialect) -> String {
    match dialect {
        Dialect::Mysql => format!("{table} {column} {}", sql_type.name).to_upper_camel_case(),
        _ => sql_type.name.clone(),
    }
}

/// The custom types of all columns, each once.
pub(super) fn of_tables(tables: &[TableDefinition], dialect: Dialect) -> Vec<CustomType> {
    let mut types = BTreeMap::new();
    for column in tables.iter().flat_map(|table| &table.columns) {
        if column.custom {
            types
                .entry(column.sql_type.name.as_str())
                .or_insert_with(|| attribute(column, dialect));
        }
    }
    types
        .into_iter()
        .map(|(name, attribute)| CustomType {
            name: name.to_owned(),
            attribute,
        })
        .collect()
}

fn attribute(column: &ColumnDefinition, dialect: Dialect) -> String {
    let sql_type = &column.sql_type;
    if dialect == Dialect::Mysql {
        let mut name = sql_type.sql_name.chars();
        let capital = name.next().map(|first| first.to_ascii_uppercase());
        let name: String = capital.into_iter().chain(name).collect();
        return format!("mysql_type(name = {})", super::print::literal(&name));
    }
    let name = super::print::literal(&sql_type.sql_name);
    match &sql_type.schema {
        Some(schema) => {
            let schema = super::print::literal(schema);
            format!("postgres_type(name = {name}, schema = {schema})")
        }
        None => format!("postgres_type(name = {name})"),
    }
}

#[cfg(test)]
mod tests {
    use super::{COMMON, MYSQL, POSTGRES};

    #[test]
    fn the_types_are_sorted() {
        assert!(COMMON.is_sorted() && MYSQL.is_sorted() && POSTGRES.is_sorted());
    }
}
