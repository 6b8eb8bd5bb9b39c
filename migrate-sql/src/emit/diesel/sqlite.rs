//! SQLite's types for diesel, which goes by the declared type.

use crate::schema::Column;

use super::SqlType;

pub(super) fn sql_type(column: &Column) -> Result<SqlType, String> {
    let declared = column.column_type.as_ref().map(ToString::to_string);
    let declared = declared.unwrap_or_default();
    match name(&declared.to_lowercase()) {
        Some(name) => Ok(SqlType::new(name, name, column.nullable)),
        None => Err(format!(
            "has a column of a type that diesel does not know: `{}` is `{declared}`",
            column.name
        )),
    }
}

/// The type for what is declared, in lower case; the order of the rules matters.
fn name(declared: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    let integer = |size: &str| declared.contains(size) && declared.contains("int");
    Some(match declared {
        // SQLite takes the first words of a generated column without a type for its type.
        "" | "generated always" => "Binary",
        "bool" | "boolean" => "Bool",
        _ if integer("tiny") => "Bool",
        "int2" => "SmallInt",
        _ if integer("small") => "SmallInt",
        "int8" => "BigInt",
        _ if integer("big") => "BigInt",
        _ if has(&["int"]) => "Integer",
        _ if has(&["char", "clob", "text"]) => "Text",
        _ if has(&["blob", "binary"]) => "Binary",
        _ if has(&["float", "real"]) => "Float",
        _ if has(&["double", "num", "dec"]) => "Double",
        "datetime" | "timestamp" => "Timestamp",
        "date" => "Date",
        "time" => "Time",
        _ => return None,
    })
}
