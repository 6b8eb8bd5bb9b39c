//! Columns.

use super::super::text::{default, enclosed, literal};
use super::DIALECT;
use crate::change::Identity;
use crate::column_type::ColumnType;
use crate::name::QualifiedName;
use crate::quoting::{qualified, quoted};
use crate::schema::{Class, Column, Object, ObjectId, Schema, Sequence, Table, object_name};

/// A type as it stands in a definition. The names of user-defined types are quoted where they have
/// to be; the others are PostgreSQL's own words.
pub(super) fn type_name(column_type: &ColumnType, schema: &Schema) -> String {
    let name = QualifiedName {
        schema: column_type.schema.clone(),
        name: column_type.name.clone(),
    };
    let id = ObjectId::new(Class::Type, name.clone(), DIALECT);
    if column_type.schema.is_none() && schema.get(&id).is_none() {
        return column_type.to_string();
    }
    let bare = ColumnType {
        schema: None,
        name: String::new(),
        ..column_type.clone()
    };
    format!("{}{bare}", qualified(&name, DIALECT))
}

/// A column as CREATE TABLE and ADD COLUMN define it.
/// `from` is the schema before.
pub(super) fn definition(table: &Table, column: &Column, schema: &Schema, from: &Schema) -> String {
    let mut text = quoted(&column.name, DIALECT);
    let serial = serial(table, column, schema, from);
    match (&serial, &column.column_type) {
        (Some(serial), _) => text.push_str(&format!(" {serial}")),
        (None, Some(column_type)) => {
            text.push_str(&format!(" {}", type_name(column_type, schema)));
        }
        (None, None) => {}
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {}", DIALECT.quote_identifier(collation)));
    }
    if let Some(generated) = &column.generated {
        let expression = enclosed(&generated.expression.text, DIALECT);
        let stored = if generated.stored {
            "STORED"
        } else {
            "VIRTUAL"
        };
        text.push_str(&format!(" GENERATED ALWAYS AS {expression} {stored}"));
    }
    if let Some(identity) = column.identity {
        text.push_str(&format!(
            " {}",
            generated_as(table, column, identity, schema)
        ));
    }
    if serial.is_none()
        && let Some(value) = default_of(table, column, schema)
    {
        text.push_str(&format!(" DEFAULT {value}"));
    }
    let in_key = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns.contains(&column.name));
    if !column.nullable && !in_key && serial.is_none() && column.identity.is_none() {
        text.push_str(" NOT NULL");
    }
    text
}

/// `GENERATED … AS IDENTITY`, with the name of its sequence where that is not the one that
/// PostgreSQL chooses.
pub(super) fn generated_as(
    table: &Table,
    column: &Column,
    identity: Identity,
    schema: &Schema,
) -> String {
    let sequence = match sequence_of(schema, table, column) {
        Some(it) if it.name != chosen(table, column) => {
            format!(" (SEQUENCE NAME {})", qualified(&it.name, DIALECT))
        }
        _ => String::new(),
    };
    format!("GENERATED {} AS IDENTITY{sequence}", word(identity))
}

/// `ALWAYS` or `BY DEFAULT`.
pub(super) fn word(identity: Identity) -> &'static str {
    match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault => "BY DEFAULT",
    }
}

/// What stands behind DEFAULT; that of a serial column is its sequence's next value.
pub(super) fn default_of(table: &Table, column: &Column, schema: &Schema) -> Option<String> {
    if column.auto_increment {
        let name = match sequence_of(schema, table, column) {
            Some(sequence) => sequence.name.clone(),
            None => chosen(table, column),
        };
        let name = literal(&qualified(&name, DIALECT));
        return Some(format!("nextval({name})"));
    }
    Some(default(&column.default.as_ref()?.text, DIALECT))
}

/// The serial type that makes just this column and its sequence; `None` also where the sequence is
/// there before the column, or others count with it, which may come before the column.
fn serial(table: &Table, column: &Column, schema: &Schema, from: &Schema) -> Option<&'static str> {
    let column_type = column.column_type.as_ref()?;
    let alike = column.auto_increment
        && !column.nullable
        && sequence_of(schema, table, column).is_none_or(|sequence| {
            let id = ObjectId::new(Class::Relation, sequence.name.clone(), DIALECT);
            let is_there = matches!(
                from.get(&id),
                Some(Object::Sequence(before)) if before.owned_by != sequence.owned_by
            );
            sequence.name == chosen(table, column)
                && sequence.column_type == *column_type
                && !is_there
                && schema.users(&id).is_empty()
        });
    if !alike || column_type.dimensions > 0 {
        return None;
    }
    match column_type.name.as_str() {
        "smallint" => Some("smallserial"),
        "integer" => Some("serial"),
        "bigint" => Some("bigserial"),
        _ => None,
    }
}

/// The sequence that a column owns.
pub(super) fn sequence_of<'s>(
    schema: &'s Schema,
    table: &Table,
    column: &Column,
) -> Option<&'s Sequence> {
    let owns = |sequence: &Sequence| {
        sequence
            .owned_by
            .as_ref()
            .is_some_and(|(owner, name)| *owner == table.name && *name == column.name)
    };
    // Where it has the name that PostgreSQL chooses it is found without looking at all.
    let usual = ObjectId::new(Class::Relation, chosen(table, column), DIALECT);
    if let Some(Object::Sequence(sequence)) = schema.get(&usual)
        && owns(sequence)
    {
        return Some(sequence);
    }
    schema.objects().find_map(|(_, object)| match object {
        Object::Sequence(sequence) if owns(sequence) => Some(sequence),
        _ => None,
    })
}

/// The name that PostgreSQL gives to the sequence of a column.
fn chosen(table: &Table, column: &Column) -> QualifiedName {
    QualifiedName {
        schema: table.name.schema.clone(),
        name: object_name(&table.name.name, Some(&column.name), "seq"),
    }
}

/// Whether a sequence is made with its column, by serial or identity.
pub(super) fn comes_with_column(schema: &Schema, from: &Schema, sequence: &Sequence) -> bool {
    let Some((table, name)) = &sequence.owned_by else {
        return false;
    };
    let Some(table) = schema.table(table) else {
        return false;
    };
    table
        .columns
        .iter()
        .find(|it| it.name == *name)
        .is_some_and(|column| {
            column.identity.is_some() || serial(table, column, schema, from).is_some()
        })
}
