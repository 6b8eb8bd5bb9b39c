//! Which tables are read.

use std::collections::{BTreeMap, BTreeSet};

use super::name::table_name;

/// Which tables are read. Names are those of [`table_name`]; one without a schema is in `public` on
/// PostgreSQL.
///
/// ```
/// use migrate_ops::digest::Selection;
///
/// let whole = Selection::all();
/// let without_histories = Selection::all().without_records();
/// let some = Selection::tables(["orders", "shop.customers"]);
/// # drop((whole, without_histories, some));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    named: Option<BTreeSet<String>>,
    without: BTreeSet<String>,
    without_columns: BTreeMap<String, BTreeSet<String>>,
    without_records: bool,
}

impl Selection {
    /// Every table.
    pub fn all() -> Self {
        Selection::default()
    }

    /// These tables alone. Each has to be there. A partition is read by its own name only here.
    pub fn tables(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Selection {
            named: Some(names.into_iter().map(Into::into).collect()),
            ..Selection::default()
        }
    }

    /// Leaves tables out.
    #[must_use]
    pub fn without(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.without.extend(names.into_iter().map(Into::into));
        self
    }

    /// Leaves out the tables in which migration tools, this one included, keep their records.
    #[must_use]
    pub fn without_records(mut self) -> Self {
        self.without_records = true;
        self
    }

    /// Leaves columns out, by the name of the table as [`table_name`] has it.
    #[must_use]
    pub fn without_columns(mut self, columns: BTreeMap<String, BTreeSet<String>>) -> Self {
        self.without_columns.extend(columns);
        self
    }

    /// Whether a column is read.
    pub(super) fn takes_column(&self, table: &str, column: &str) -> bool {
        let without = self.without_columns.get(table);
        !without.is_some_and(|columns| columns.contains(column))
    }

    /// Whether tables are named one by one.
    pub(super) fn is_named(&self) -> bool {
        self.named.is_some()
    }

    /// Whether a table is read; a partition only where it is named.
    pub(super) fn takes(&self, schema: Option<&str>, table: &str, is_partition: bool) -> bool {
        let names = Names::of(schema, table);
        let taken = match &self.named {
            Some(named) => names.any_in(named),
            None => !is_partition,
        };
        taken
            && !names.any_in(&self.without)
            && !(self.without_records && migrate_runtime::is_history_table(table))
    }

    /// A table that is named and not among those that are there.
    pub(super) fn missing<'a>(
        &'a self,
        there: impl IntoIterator<Item = (Option<&'a str>, &'a str)>,
    ) -> Option<&'a str> {
        let mut missing: BTreeSet<&str> = self.named.iter().flatten().map(String::as_str).collect();
        for (schema, table) in there {
            let names = Names::of(schema, table);
            missing.remove(names.full.as_str());
            if let Some(short) = &names.short {
                missing.remove(short.as_str());
            }
        }
        missing.into_iter().next()
    }
}

/// By what a table may be named.
struct Names {
    full: String,
    short: Option<String>,
}

impl Names {
    fn of(schema: Option<&str>, table: &str) -> Self {
        Names {
            full: table_name(schema, table),
            short: (schema == Some("public")).then(|| table_name(None, table)),
        }
    }

    fn any_in(&self, names: &BTreeSet<String>) -> bool {
        names.contains(&self.full) || self.short.as_ref().is_some_and(|it| names.contains(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_schema() {
        let some = Selection::tables(["orders", "shop.customers"]);
        assert!(some.takes(Some("public"), "orders", true));
        assert!(some.takes(None, "orders", false));
        assert!(!some.takes(Some("shop"), "orders", false));
        assert!(some.takes(Some("shop"), "customers", false));
        let there = [(Some("public"), "orders"), (Some("x"), "customers")];
        assert_eq!(some.missing(there), Some("shop.customers"));
    }

    #[test]
    fn partitions_and_records() {
        let all = Selection::all().without(["b"]).without_records();
        assert!(all.takes(None, "a", false));
        assert!(!all.takes(None, "a", true));
        assert!(!all.takes(Some("public"), "b", false));
        assert!(!all.takes(None, "_migrate_history", false));
        assert!(Selection::all().takes(None, "_migrate_history", false));
    }
}
