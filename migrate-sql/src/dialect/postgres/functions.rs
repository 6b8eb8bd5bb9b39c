//! Functions that change no schema.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::name::ObjectName;

/// From `pg_proc` of PostgreSQL 15, without what only the server itself calls; functions of 16 to
/// 18; and those of common extensions, which may be installed into any schema.
static HARMLESS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("functions.txt").split_whitespace().collect());

/// Functions with a syntax of their own, whose names are keywords.
const KEYWORDS: &[&str] = &[
    "coalesce",
    "current_schema",
    "greatest",
    "grouping",
    "least",
    "merge_action",
    "normalize",
    "nullif",
    "xmlconcat",
];

/// Whether calling a function changes no schema for certain.
pub(super) fn is_harmless(name: &ObjectName) -> bool {
    let plain = name.name.name.as_str();
    let catalogue = name
        .schema
        .as_ref()
        .is_some_and(|schema| schema.name == "pg_catalog");
    catalogue
        || HARMLESS.contains(plain)
        || KEYWORDS.contains(&plain)
        || (name.schema.is_none() && plain.starts_with("current_"))
        // PostGIS.
        || plain.starts_with("st_")
        || plain == "set_config"
}

#[cfg(test)]
mod tests {
    use super::is_harmless;
    use crate::name::{Ident, ObjectName};

    #[test]
    fn functions() {
        let call = |name: &str| ObjectName::unqualified(Ident::new(name, 0..0));
        for name in ["now", "nextval", "uuid_generate_v4", "coalesce", "setval"] {
            assert!(is_harmless(&call(name)), "{name}");
        }
        for name in ["refresh_everything", "dblink_exec", "addgeometrycolumn"] {
            assert!(!is_harmless(&call(name)), "{name}");
        }
    }
}
