//! PostgreSQL's types for diesel, which goes by the names in `pg_type`.

use heck::ToUpperCamelCase;

use crate::column_type::ColumnType;
use crate::name::QualifiedName;
use crate::schema::{Class, Column, Domain, Object, ObjectId, Schema, builtin};

use super::SqlType;

/// Types that `pg_type` calls otherwise than `format_type` prints them.
const INTERNAL: &[(&str, &str)] = &[
    ("\"char\"", "char"),
    ("bigint", "int8"),
    ("bit varying", "varbit"),
    ("boolean", "bool"),
    ("character", "bpchar"),
    ("character varying", "varchar"),
    ("double precision", "float8"),
    ("integer", "int4"),
    ("real", "float4"),
    ("smallint", "int2"),
    ("time with time zone", "timetz"),
    ("time without time zone", "time"),
    ("timestamp with time zone", "timestamptz"),
    ("timestamp without time zone", "timestamp"),
];

pub(super) fn sql_type(column: &Column, declared: &ColumnType, schema: &Schema) -> SqlType {
    // A domain counts as what it is made from, one step down.
    let domain = domain(declared, schema);
    let base = domain.map_or(declared, |domain| &domain.base);
    let not_null = domain.is_some_and(|domain| domain.not_null);
    let (internal, type_schema) = internal_name(base, schema);
    // Diesel takes whatever begins with an underscore for an array.
    let element = internal.strip_prefix('_').unwrap_or(&internal);
    SqlType {
        array: base.dimensions > 0 || element.len() < internal.len(),
        schema: type_schema,
        max_length: max_length(base),
        ..SqlType::new(
            element.to_upper_camel_case(),
            element,
            column.nullable && !not_null,
        )
    }
}

fn domain<'a>(declared: &ColumnType, schema: &'a Schema) -> Option<&'a Domain> {
    match find(declared, schema)? {
        Object::Domain(domain) if declared.dimensions == 0 => Some(domain),
        _ => None,
    }
}

fn find<'a>(declared: &ColumnType, schema: &'a Schema) -> Option<&'a Object> {
    let name = QualifiedName {
        schema: declared.schema.clone(),
        name: declared.name.clone(),
    };
    schema.get(&ObjectId::new(Class::Type, name, schema.dialect()))
}

/// The name in `pg_type`, and the schema where it is not the default one.
fn internal_name(declared: &ColumnType, schema: &Schema) -> (String, Option<String>) {
    let name = &declared.name;
    if declared.schema.is_some() || find(declared, schema).is_some() {
        return (name.clone(), declared.schema.clone());
    }
    let internal = match INTERNAL.binary_search_by_key(&name.as_str(), |(printed, _)| printed) {
        Ok(found) => INTERNAL[found].1,
        Err(_) if name.starts_with("interval ") => "interval",
        Err(_) => name,
    };
    // What neither a migration nor the server made comes from an extension.
    let built_in = internal == "interval" || builtin::is_type(name);
    (
        internal.to_owned(),
        built_in.then(|| "pg_catalog".to_owned()),
    )
}

/// What `character_maximum_length` of `information_schema.columns` says.
fn max_length(declared: &ColumnType) -> Option<u64> {
    let counted = matches!(
        declared.name.as_str(),
        "character varying" | "character" | "bpchar" | "bit" | "bit varying"
    );
    match declared.modifiers.first() {
        Some(length) if counted && declared.dimensions == 0 => length.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::INTERNAL;

    #[test]
    fn the_names_are_sorted() {
        assert!(INTERNAL.is_sorted());
    }
}
