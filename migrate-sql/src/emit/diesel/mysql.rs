//! MySQL's types for diesel, which goes by the words of `COLUMN_TYPE`.

use heck::ToUpperCamelCase;

use crate::column_type::ColumnType;
use crate::schema::Column;

use super::SqlType;

pub(super) fn sql_type(column: &Column, declared: &ColumnType) -> Result<SqlType, String> {
    let name = declared.name.to_lowercase();
    let unsigned = declared.suffix.to_lowercase().contains("unsigned");
    let one_digit = matches!(declared.modifiers.as_slice(), [digits] if digits.trim() == "1");
    let name = if name == "tinyint" && one_digit && declared.suffix.is_empty() {
        "bool".to_owned()
    } else if name.starts_with("int") {
        "integer".to_owned()
    } else {
        name
    };
    if name.contains(' ') {
        return Err(format!(
            "has a column of a type that diesel does not know: `{}` is `{declared}`",
            column.name
        ));
    }
    Ok(SqlType {
        unsigned,
        max_length: max_length(declared),
        ..SqlType::new(name.to_upper_camel_case(), name, column.nullable)
    })
}

/// What `CHARACTER_MAXIMUM_LENGTH` says of types with a length.
fn max_length(declared: &ColumnType) -> Option<u64> {
    let values = || declared.modifiers.iter().map(|value| characters(value));
    match declared.name.to_lowercase().as_str() {
        "char" | "varchar" | "binary" | "varbinary" => {
            declared.modifiers.first()?.trim().parse().ok()
        }
        // The longest value.
        "enum" => values().max(),
        // All of them, with commas between.
        "set" => {
            let commas = (declared.modifiers.len() as u64).saturating_sub(1);
            (!declared.modifiers.is_empty()).then(|| values().sum::<u64>() + commas)
        }
        _ => None,
    }
}

/// How many characters a quoted value has.
fn characters(quoted: &str) -> u64 {
    let value = quoted.trim();
    let value = value
        .strip_prefix('\'')
        .and_then(|value| value.strip_suffix('\''))
        .unwrap_or(value);
    value.replace("''", "'").chars().count() as u64
}
