//! The tables that a script changes.

use std::collections::BTreeSet;

use migrate_core::{Dialect, ScriptFile};

use crate::change::{Change, Dml, DmlVerb, ObjectKind, Step, Touches};
use crate::dialect::{self, Parsed};
use crate::name::ObjectName;

/// The tables that scripts change: their rows, or what they are made of. What triggers and cascades
/// change besides is not among them.
///
/// ```
/// use migrate_core::{Dialect, Direction, ScriptFile};
/// use migrate_sql::check::Touched;
///
/// let text = "ALTER TABLE orders ADD COLUMN note text; UPDATE shop.carts SET open = false;";
/// let script = ScriptFile::of_text(Direction::Up, "up.sql", text, Dialect::Postgres);
/// let mut touched = Touched::default();
/// touched.add(&script, Dialect::Postgres);
/// assert!(touched.includes(Some("public"), "orders"));
/// assert!(touched.includes(Some("shop"), "carts"));
/// assert!(!touched.includes(Some("public"), "carts"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// In lower case: the schema where one is written, and the name.
    tables: BTreeSet<(Option<String>, String)>,
    /// What stands in statements that cannot be followed, in lower case.
    words: BTreeSet<String>,
    everything: bool,
}

impl Touched {
    /// Adds what a script changes.
    pub fn add(&mut self, script: &ScriptFile, dialect: Dialect) {
        self.everything |= script.rust.is_some() || !script.problems.is_empty();
        for (index, statement) in script.split.statements.iter().enumerate() {
            let text = script.text.get(statement.span.clone()).unwrap_or_default();
            let parsed = match script.is_opaque(index) {
                true => None,
                false => Some(dialect::parse(text, statement.span.start, dialect)),
            };
            match parsed {
                Some(Parsed::Changes(changes)) => {
                    for change in &changes {
                        self.change(change);
                    }
                }
                Some(Parsed::Broken(_)) | None => self.everything = true,
            }
        }
    }

    /// Whether a table that is there may be among them. A table that is named without its schema is
    /// taken for each of that name.
    pub fn includes(&self, schema: Option<&str>, table: &str) -> bool {
        let table = table.to_lowercase();
        self.everything
            || self.words.contains(&table)
            || self.tables.iter().any(|(its_schema, name)| {
                let same = |it: &str| schema.is_none_or(|schema| schema.to_lowercase() == it);
                *name == table && its_schema.as_deref().is_none_or(same)
            })
    }

    /// Whether any table may be among them, because of something that cannot be followed.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    fn table(&mut self, name: &ObjectName) {
        let schema = name.schema.as_ref().map(|it| it.name.to_lowercase());
        self.tables.insert((schema, name.name.name.to_lowercase()));
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::CreateTable(create) => self.table(&create.name),
            Change::AlterTable(alter) => self.table(&alter.name),
            Change::CreateIndex(create) => {
                if let Some(table) = &create.table {
                    self.table(table);
                }
            }
            Change::Rename {
                kind: ObjectKind::Table,
                to,
                ..
            } => self.table(to),
            Change::Truncate { tables, .. } => {
                for table in tables {
                    self.table(table);
                }
            }
            Change::Dml(dml) => self.dml(dml),
            Change::Step(step) => {
                let remembers = matches!(
                    &**step,
                    Step::Declare { .. } | Step::Set { .. } | Step::Prepare { .. }
                );
                self.everything |= !remembers;
            }
            Change::Opaque(opaque) => match &opaque.touches {
                Touches::Nothing => {}
                Touches::Words(words) => {
                    self.words.extend(words.iter().map(|it| it.to_lowercase()));
                }
                Touches::Everything => self.everything = true,
            },
            _ => {}
        }
    }

    fn dml(&mut self, dml: &Dml) {
        if dml.verb != DmlVerb::Select
            && let Some(target) = &dml.target
        {
            self.table(target);
        }
        for inner in &dml.inner {
            self.dml(inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use migrate_core::Direction;

    use super::*;

    fn touched(text: &str, dialect: Dialect) -> Touched {
        let script = ScriptFile::of_text(Direction::Up, "up.sql", text, dialect);
        let mut touched = Touched::default();
        touched.add(&script, dialect);
        touched
    }

    #[test]
    fn what_is_only_read_is_not_touched() {
        for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
            let it = touched("INSERT INTO a SELECT * FROM b; SELECT * FROM c;", dialect);
            assert!(it.includes(None, "a"), "{dialect}");
            assert!(
                !it.includes(None, "b") && !it.includes(None, "c"),
                "{dialect}"
            );
        }
    }

    #[test]
    fn what_cannot_be_followed_may_touch_anything() {
        let it = touched("-- migrate:opaque\nSELECT 1;", Dialect::Postgres);
        assert!(it.is_everything() && it.includes(Some("x"), "y"));
        let it = touched("CALL fill();", Dialect::Mysql);
        assert!(it.is_everything());
    }

    #[test]
    fn names_after_a_rename_and_in_any_case() {
        let it = touched("ALTER TABLE a RENAME TO B; TRUNCATE c", Dialect::Mysql);
        assert!(it.includes(None, "b") && it.includes(None, "C"));
    }
}
