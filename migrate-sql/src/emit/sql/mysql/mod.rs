//! MySQL and MariaDB.
//!
//! What happens to one table is one ALTER TABLE, so that the server makes it anew at most once.
//! Foreign keys go first and come last.

mod column;
mod table;

use migrate_core::Dialect;

use super::Scripted;
use super::definition;
use super::order::by_need;
use super::plan::Plan;
use super::table_change::ChangedTable;
use crate::change::{ObjectKind, RoutineKind};
use crate::name::QualifiedName;
use crate::quoting::{qualified, quoted};
use crate::schema::{Object, Routine, Trigger, View};

const DIALECT: Dialect = Dialect::Mysql;

pub(super) fn emit(plan: Plan<'_>) -> Scripted {
    let tables = plan.changed_tables();
    let mut emission = Emission {
        out: plan.remarks(&tables),
        plan,
        tables,
    };
    emission.whole();
    emission.out
}

struct Emission<'s> {
    plan: Plan<'s>,
    tables: Vec<ChangedTable<'s>>,
    out: Scripted,
}

impl<'s> Emission<'s> {
    fn whole(&mut self) {
        self.drop_triggers();
        self.drop_views();
        self.drop_foreign_keys();
        self.drop_tables();
        self.drop_routines();
        self.create_schemas();
        self.create_sequences();
        self.create_tables();
        self.alter_tables();
        self.add_foreign_keys();
        self.create_routines();
        self.create_views();
        self.create_triggers();
        self.others();
        self.drop_sequences_and_schemas();
    }

    fn drop_triggers(&mut self) {
        let gone = self.tables.iter().flat_map(|it| &it.change.triggers.gone);
        let statements: Vec<String> = gone
            .map(|it| format!("DROP TRIGGER {}", quoted(&it.name, DIALECT)))
            .collect();
        self.out.statements.extend(statements);
    }

    fn create_triggers(&mut self) {
        let mut triggers: Vec<(&QualifiedName, &Trigger)> = Vec::new();
        for object in &self.plan.made {
            if let Object::Table(table) = object {
                triggers.extend(table.triggers.iter().map(|it| (&table.name, it)));
            }
        }
        for changed in &self.tables {
            let new = changed.change.triggers.new.iter();
            triggers.extend(new.map(|it| (&changed.after.name, *it)));
        }
        for (table, trigger) in triggers {
            let statement = definition::of_trigger(trigger, table, DIALECT);
            let what = format_args!("trigger `{}` on `{table}`", trigger.name);
            self.out.create(what, statement);
        }
    }

    /// Views that another one takes the place of are replaced.
    fn drop_views(&mut self) {
        let dropped = self.plan.dropped.iter().filter_map(|it| match it {
            Object::View(view) => Some(&view.name),
            _ => None,
        });
        let statements: Vec<String> = dropped
            .map(|name| format!("DROP VIEW {}", qualified(name, DIALECT)))
            .collect();
        self.out.statements.extend(statements);
    }

    fn create_views(&mut self) {
        let made = self.plan.made.iter().copied();
        let changed = self.plan.changed.iter().map(|it| it.after);
        let views: Vec<(&Object, &View)> = made
            .chain(changed)
            .filter_map(|it| match it {
                Object::View(view) => Some((it, view)),
                _ => None,
            })
            .collect();
        let views = by_need(views, |(_, one), (_, other)| {
            one.reads.contains_key(&other.name)
        });
        for (object, _) in views {
            let statement = definition::of_object(object, DIALECT).map(|it| or_replace(&it));
            self.out.create(object, statement);
        }
    }

    /// A routine that becomes another is dropped, too: MySQL replaces none.
    fn drop_routines(&mut self) {
        let changed = self.plan.changed.iter().map(|it| it.before);
        let dropped = self.plan.dropped.iter().copied().chain(changed);
        let statements: Vec<String> = dropped
            .filter_map(|it| match it {
                Object::Routine(routine) => Some(drop(routine)),
                _ => None,
            })
            .collect();
        self.out.statements.extend(statements);
    }

    fn create_routines(&mut self) {
        let made = self.plan.made.iter().copied();
        let changed = self.plan.changed.iter().map(|it| it.after);
        let routines: Vec<&Object> = made
            .chain(changed)
            .filter(|it| matches!(it, Object::Routine(_)))
            .collect();
        for object in routines {
            let statement = definition::of_object(object, DIALECT);
            self.out.create(object, statement);
        }
    }

    fn create_schemas(&mut self) {
        for object in self.plan.made.clone() {
            if let Object::Schema(name) = object {
                self.out
                    .add(format!("CREATE DATABASE {}", quoted(name, DIALECT)));
            }
        }
    }

    fn create_sequences(&mut self) {
        for object in self.plan.made.clone() {
            if let Object::Sequence(sequence) = object {
                let name = qualified(&sequence.name, DIALECT);
                let statement = definition::of_object(object, DIALECT)
                    .unwrap_or_else(|| format!("CREATE SEQUENCE {name}"));
                self.out.add(statement);
            }
        }
    }

    fn others(&mut self) {
        for object in self.plan.made.clone() {
            if matches!(object, Object::Other(_)) {
                let statement = definition::of_object(object, DIALECT);
                self.out.create(object, statement);
            }
        }
        for object in self.plan.dropped.clone() {
            let Object::Other(other) = object else {
                continue;
            };
            match other.kind {
                ObjectKind::Event => {
                    let name = qualified(&other.name, DIALECT);
                    self.out.add(format!("DROP EVENT {name}"));
                }
                kind => self.out.cannot(format!(
                    "{} `{}` is to be dropped by hand",
                    kind.name(),
                    other.name
                )),
            }
        }
    }

    fn drop_sequences_and_schemas(&mut self) {
        for object in self.plan.dropped.clone() {
            match object {
                Object::Sequence(sequence) => {
                    let name = qualified(&sequence.name, DIALECT);
                    self.out.add(format!("DROP SEQUENCE {name}"));
                }
                Object::Schema(name) => {
                    let name = quoted(name, DIALECT);
                    self.out.add(format!("DROP DATABASE {name}"));
                }
                _ => {}
            }
        }
    }
}

fn drop(routine: &Routine) -> String {
    let word = match routine.kind {
        RoutineKind::Procedure => "PROCEDURE",
        _ => "FUNCTION",
    };
    format!("DROP {word} {}", qualified(&routine.name, DIALECT))
}

fn or_replace(statement: &str) -> String {
    let mut words = statement.split_whitespace();
    let create = words
        .next()
        .is_some_and(|it| it.eq_ignore_ascii_case("create"));
    let or = words.next().is_some_and(|it| it.eq_ignore_ascii_case("or"));
    match statement.get(6..) {
        Some(rest) if create && !or => format!("CREATE OR REPLACE{rest}"),
        _ => statement.to_owned(),
    }
}
