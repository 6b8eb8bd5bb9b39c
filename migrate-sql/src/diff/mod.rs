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
mod table;

use migrate_core::Dialect;

use crate::schema::{Object, Schema};

pub use difference::{Difference, Part, What};

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
    let mut differences = Vec::new();
    for (id, object) in expected.objects() {
        if !expected.is_certain(id) {
            continue;
        }
        match actual.get(id) {
            Some(other) if actual.is_certain(id) => {
                differences.extend(compare(
                    Some(object),
                    Some(other),
                    expected.dialect(),
                    options,
                ));
            }
            None if actual.is_certainly_absent(id) => {
                differences.extend(compare(Some(object), None, expected.dialect(), options));
            }
            _ => {}
        }
    }
    for (id, object) in actual.objects() {
        if actual.is_certain(id) && expected.get(id).is_none() && expected.is_certainly_absent(id) {
            differences.extend(compare(None, Some(object), expected.dialect(), options));
        }
    }
    without_followers(expected, actual, differences)
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

/// Leaves out what only follows from another difference: the sequence of a table or column that is
/// missing itself.
fn without_followers(
    expected: &Schema,
    actual: &Schema,
    differences: Vec<Difference>,
) -> Vec<Difference> {
    differences
        .into_iter()
        .filter(|difference| {
            let schema = match difference.what {
                What::Missing => expected,
                What::Extra => actual,
                What::Differs { .. } => return true,
            };
            let other = match difference.what {
                What::Missing => actual,
                _ => expected,
            };
            !object::follows(difference, schema, other)
        })
        .collect()
}
