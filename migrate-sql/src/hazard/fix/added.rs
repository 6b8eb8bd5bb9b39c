//! What a statement adds to a table, by the model after it.

use crate::change::{ConstraintDefinition, ConstraintKind};
use crate::schema::Table;

/// The name that a constraint has: the one that is written, or the one that the database gives it.
pub(crate) fn added(
    constraint: &ConstraintDefinition,
    before: &Table,
    after: &Table,
) -> Option<String> {
    if let Some(name) = &constraint.name {
        return Some(name.name.clone());
    }
    let is_new = |name: &&str| !before.constraint_names().any(|it| it == *name);
    let names = |name: &str| Some(name).filter(is_new).map(str::to_owned);
    let part_names = |parts: &[crate::change::IndexPart]| -> Option<Vec<String>> {
        parts
            .iter()
            .map(|part| Some(part.as_column()?.name.clone()))
            .collect()
    };
    match &constraint.kind {
        ConstraintKind::Check(condition) => after
            .constraints
            .iter()
            .filter(|it| it.check.as_ref() == Some(condition))
            .find_map(|it| names(&it.name)),
        ConstraintKind::ForeignKey { columns, .. } => after
            .foreign_keys
            .iter()
            .filter(|key| key.columns.iter().eq(columns.iter().map(|it| &it.name)))
            .find_map(|key| names(&key.name)),
        ConstraintKind::Unique { columns, .. } => {
            let columns = part_names(columns)?;
            let mut keys = after.unique.iter().filter(|key| key.columns == columns);
            keys.find_map(|key| names(&key.name))
        }
        ConstraintKind::PrimaryKey { .. } => names(&after.primary_key.as_ref()?.name),
        ConstraintKind::Exclude { .. } => None,
    }
}

/// The name of the one index that a table has after a statement and had not before.
pub(crate) fn new_index(before: &Table, after: &Table) -> Option<String> {
    let mut new = after
        .indexes
        .iter()
        .map(|index| &index.name)
        .filter(|name| !before.indexes.iter().any(|it| it.name == **name));
    let name = new.next()?.clone();
    new.next().is_none().then_some(name)
}
