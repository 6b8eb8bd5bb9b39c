//! What differs from what was there before.

use super::{DiffOptions, Difference, compare};
use crate::schema::{Object, ObjectId, Schema};

/// How the schema differs from what it was when the outermost of the last few journals began.
/// Nothing is said where nobody knows.
pub(crate) fn since(schema: &Schema, journals: usize) -> Vec<Difference> {
    if schema.lost_track_since(journals) {
        return Vec::new();
    }
    schema
        .before_last(journals)
        .into_iter()
        .filter(|(_, (_, certain))| *certain)
        .filter(|(id, _)| match schema.get(id) {
            Some(_) => schema.is_certain(id),
            None => schema.is_certainly_absent(id),
        })
        .filter(|(id, (before, _))| !says_nothing(*before, schema, id))
        .flat_map(|(id, (before, _))| {
            let options = DiffOptions::default();
            compare(before, schema.get(id), schema.dialect(), options)
        })
        .collect()
}

/// A table of which not all is known; and the sequence behind a column, which says nothing that its
/// column does not say: its name changes where a table is made anew beside the old one.
fn says_nothing(before: Option<&Object>, schema: &Schema, id: &ObjectId) -> bool {
    match before {
        Some(Object::Table(table)) => table.uncertain,
        Some(Object::Sequence(sequence)) => sequence.owned_by.is_some(),
        Some(_) => false,
        None => {
            matches!(schema.get(id), Some(Object::Sequence(sequence)) if sequence.owned_by.is_some())
        }
    }
}
