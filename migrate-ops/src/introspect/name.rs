//! Names of the model, as SQL and evidence have them.

use migrate_core::Dialect;
use migrate_sql::QualifiedName;

use crate::digest::table_name;

/// A name as it stands in a statement, whatever the search path.
pub(crate) fn sql_name(dialect: Dialect, name: &QualifiedName) -> String {
    let quote = |name: &str| dialect.quote_identifier(name);
    match schema_of(dialect, name) {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    }
}

/// A table as evidence names it.
pub(crate) fn table_name_of(dialect: Dialect, name: &QualifiedName) -> String {
    table_name(schema_of(dialect, name), &name.name)
}

/// The model has no schema where it is the default one.
fn schema_of(dialect: Dialect, name: &QualifiedName) -> Option<&str> {
    let default = match dialect {
        Dialect::Postgres => Some("public"),
        _ => None,
    };
    name.schema.as_deref().or(default)
}
