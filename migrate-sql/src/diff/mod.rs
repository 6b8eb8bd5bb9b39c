//! What differs between two schemas, object by object.
//!
//! ```
//! use migrate_core::Dialect;
//! use migrate_sql::diff::diff;
//! use migrate_sql::schema::{Object, Schema, Table};
//! use migrate_sql::QualifiedName;
//!
//! let mut expected = Schema::new(Dialect::Postgres);
//! expected.insert(Object::Table(Table::new(QualifiedName::unqualified("users"))));
//! let differences = diff(&expected, &Schema::new(Dialect::Postgres));
//! assert_eq!(differences[0].to_string(), "table `users` is missing");
//! ```

mod difference;
mod object;
mod quotes;
mod since;
mod table;

use migrate_core::Dialect;

use crate::schema::{Object, ObjectId, Schema};

pub use difference::{Difference, Part, What};
pub(crate) use since::since;

/// What counts as a difference.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiffOptions {
    /// The same columns in another order.
    pub column_order: bool,
}

/// What of `expected` is missing in `actual`, what is there besides, and what is there but another.
///
/// Where an object was made does not count, and whatever one of the two does not know for certain
/// is no difference.
pub fn diff(expected: &Schema, actual: &Schema) -> Vec<Difference> {
    diff_with(expected, actual, DiffOptions::default())
}

/// As [`diff`], with options.
pub fn diff_with(expected: &Schema, actual: &Schema, options: DiffOptions) -> Vec<Difference> {
    by_object(expected, actual, options)
        .into_iter()
        .flat_map(|(_, differences)| differences)
        .collect()
}

/// As [`diff_with`], object by object: what is missing or another, then what is there besides.
pub(crate) fn by_object<'s>(
    expected: &'s Schema,
    actual: &'s Schema,
    options: DiffOptions,
) -> Vec<(&'s ObjectId, Vec<Difference>)> {
    let mut found = Vec::new();
    let dialect = expected.dialect();
    for (id, object) in expected.objects() {
        if !expected.is_certain(id) {
            continue;
        }
        match actual.get(id) {
            Some(other) if actual.is_certain(id) => {
                found.push((id, compare(Some(object), Some(other), dialect, options)));
            }
            None if actual.is_certainly_absent(id) => {
                found.push((id, compare(Some(object), None, dialect, options)));
            }
            _ => {}
        }
    }
    for (id, object) in actual.objects() {
        if actual.is_certain(id) && expected.get(id).is_none() && expected.is_certainly_absent(id) {
            found.push((id, compare(None, Some(object), dialect, options)));
        }
    }
    for (_, differences) in &mut found {
        differences.retain(|difference| !is_follower(expected, actual, difference));
    }
    found.retain(|(_, differences)| !differences.is_empty());
    found
}

/// What differs between two states of one object; `None` is that it is not there.
pub(crate) fn compare(
    expected: Option<&Object>,
    actual: Option<&Object>,
    dialect: Dialect,
    options: DiffOptions,
) -> Vec<Difference> {
    match (expected, actual) {
        (Some(expected), Some(actual)) => object::compare(expected, actual, dialect, options),
        (Some(object), None) if object::counts(object) => {
            vec![Difference::of(object, None, What::Missing)]
        }
        (None, Some(object)) if object::counts(object) => {
            vec![Difference::of(object, None, What::Extra)]
        }
        _ => Vec::new(),
    }
}

/// Whether a difference only follows from another one: the sequence of a table or column that is
/// missing itself.
fn is_follower(expected: &Schema, actual: &Schema, difference: &Difference) -> bool {
    match difference.what {
        What::Missing => object::follows(difference, expected, actual),
        What::Extra => object::follows(difference, actual, expected),
        What::Differs { .. } => false,
    }
}
