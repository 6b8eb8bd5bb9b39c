//! PostgreSQL.
//!
//! What goes is taken away from the top, what comes is built from the ground: types and sequences,
//! tables, keys, indexes, foreign keys, views, triggers. A view that reads a column which goes or
//! gets another type is dropped before and made again after.

mod alter;
mod column;
mod part;
mod routine;
mod table;
mod types;
mod view;

use migrate_core::Dialect;

use super::Scripted;
use super::definition;
use super::order::by_need;
use super::plan::Plan;
use super::table_change::ChangedTable;
use crate::change::ObjectKind;
use crate::name::QualifiedName;
use crate::quoting::{qualified, quoted};
use crate::schema::{Class, Column, Object, ObjectId, Schema, Sequence, Table};
use view::Views;

const DIALECT: Dialect = Dialect::Postgres;

pub(super) fn emit(plan: Plan<'_>) -> Scripted {
    let tables = plan.changed_tables();
    let views = Views::new(&plan, &tables);
    let mut emission = Emission {
        out: plan.remarks(&tables),
        empty: Schema::new(DIALECT),
        plan,
        tables,
    };
    emission.whole(&views);
    emission.out
}

struct Emission<'s> {
    plan: Plan<'s>,
    /// Tables on both sides: before, after, and what happens.
    tables: Vec<ChangedTable<'s>>,
    empty: Schema,
    out: Scripted,
}

impl<'s> Emission<'s> {
    fn whole(&mut self, views: &Views<'s>) {
        self.drop_triggers_and_policies();
        self.drop_views(views);
        self.drop_routines_to_be_made_anew();
        self.drop_foreign_keys();
        self.drop_indexes();
        self.free_sequences();
        self.drop_tables();
        self.release_columns();

        self.create_schemas_and_extensions();
        self.types();
        self.sequences();
        let early = self.routines_that_tables_call();
        self.create_routines(|name| early.contains(name));
        self.create_tables();
        self.alter_tables();
        self.create_indexes();
        self.add_foreign_keys();
        self.own_sequences();
        self.create_routines(|name| !early.contains(name));
        self.create_views(views);
        self.create_triggers_and_policies(views);
        self.create_others();

        self.drop_the_rest();
    }

    fn from(&self) -> &Schema {
        self.plan.from.unwrap_or(&self.empty)
    }

    fn made_tables(&self) -> Vec<&'s Table> {
        let tables = self.plan.made.iter().filter_map(|it| match it {
            Object::Table(table) => Some(table),
            _ => None,
        });
        // A partition and an heir come after their parents.
        by_need(tables.collect(), |one, other| {
            one.partition_of.as_ref() == Some(&other.name) || one.inherits.contains(&other.name)
        })
    }

    fn dropped_tables(&self) -> Vec<&'s Table> {
        let tables = self.plan.dropped.iter().filter_map(|it| match it {
            Object::Table(table) => Some(table),
            _ => None,
        });
        // What references goes before what is referenced.
        let mut tables = by_need(tables.collect(), |one: &&Table, other| {
            let references = one
                .foreign_keys
                .iter()
                .any(|key| key.references == other.name);
            references
                || one.partition_of.as_ref() == Some(&other.name)
                || one.inherits.contains(&other.name)
        });
        tables.reverse();
        tables
    }

    fn create_schemas_and_extensions(&mut self) {
        for object in self.plan.made.clone() {
            if let Object::Schema(name) = object {
                self.out
                    .add(format!("CREATE SCHEMA {}", quoted(name, DIALECT)));
            }
        }
        for object in self.plan.made.clone() {
            if let Object::Extension(extension) = object {
                let statement = definition::of_object(object, DIALECT).unwrap_or_else(|| {
                    format!(
                        "CREATE EXTENSION IF NOT EXISTS {}",
                        quoted(&extension.name, DIALECT)
                    )
                });
                self.out.add(statement);
            }
        }
    }

    /// Sequences that do not come with a column.
    fn sequences(&mut self) {
        for (before, after) in self.renamed_sequences() {
            self.out.add(format!(
                "ALTER SEQUENCE {} RENAME TO {}",
                qualified(&before.name, DIALECT),
                quoted(&after.name.name, DIALECT)
            ));
            self.retype_sequence(before, after);
        }
        for (object, sequence) in self.made_sequences() {
            self.create_sequence(object, sequence);
        }
        let changed = self.plan.changed.iter().map(|it| (it.before, it.after));
        for (before, after) in changed.collect::<Vec<_>>() {
            let (Object::Sequence(before), Object::Sequence(after)) = (before, after) else {
                continue;
            };
            self.retype_sequence(before, after);
        }
    }

    fn retype_sequence(&mut self, before: &Sequence, after: &Sequence) {
        if before.column_type != after.column_type {
            let name = qualified(&after.name, DIALECT);
            self.out
                .add(format!("ALTER SEQUENCE {name} AS {}", after.column_type));
        }
    }

    /// The sequences to make: those of the plan, and those of columns that are new or numbered in
    /// another way. A comparison says nothing of the latter, since they follow from their columns.
    fn made_sequences(&self) -> Vec<(&'s Object, &'s Sequence)> {
        let renamed = self.renamed_sequences();
        let to = self.plan.to;
        to.objects()
            .filter_map(|(id, object)| match object {
                Object::Sequence(sequence) => Some((id, object, sequence)),
                _ => None,
            })
            .filter(|(id, object, sequence)| {
                if renamed.iter().any(|(_, it)| std::ptr::eq(*it, *sequence)) {
                    return false;
                }
                let planned = self.plan.made.iter().any(|it| std::ptr::eq(*it, *object));
                match self.owner(to, sequence) {
                    Some((table, column)) => {
                        let before = self.from().table(&table.name);
                        let before = before
                            .and_then(|it| it.columns.iter().find(|it| it.name == column.name));
                        match before {
                            None => {
                                (planned || self.from().get(id).is_none())
                                    && !column::comes_with_column(to, self.from(), sequence)
                            }
                            Some(_) if column.identity.is_some() => false,
                            Some(before) => planned || before.identity.is_some(),
                        }
                    }
                    None => planned,
                }
            })
            .map(|(_, object, sequence)| (object, sequence))
            .collect()
    }

    /// Sequences that go and come for one column: it is the same one with another name.
    fn renamed_sequences(&self) -> Vec<(&'s Sequence, &'s Sequence)> {
        let sequences = |objects: &[&'s Object]| -> Vec<&'s Sequence> {
            objects
                .iter()
                .filter_map(|it| match it {
                    Object::Sequence(sequence) if sequence.owned_by.is_some() => Some(sequence),
                    _ => None,
                })
                .collect()
        };
        let made = sequences(&self.plan.made);
        sequences(&self.plan.dropped)
            .into_iter()
            .filter_map(|old| {
                let new = made.iter().find(|it| it.owned_by == old.owned_by)?;
                let serial = |schema: &Schema, it: &Sequence| {
                    self.owner(schema, it)
                        .is_some_and(|(_, it)| it.auto_increment)
                };
                (serial(self.from(), old) && serial(self.plan.to, new)).then_some((old, *new))
            })
            .collect()
    }

    /// The column that a sequence goes with.
    fn owner<'a>(
        &self,
        schema: &'a Schema,
        sequence: &Sequence,
    ) -> Option<(&'a Table, &'a Column)> {
        let (table, name) = sequence.owned_by.as_ref()?;
        let table = schema.table(table)?;
        let column = table.columns.iter().find(|it| it.name == *name)?;
        Some((table, column))
    }

    fn create_sequence(&mut self, object: &Object, sequence: &Sequence) {
        let bare = format!("CREATE SEQUENCE {}", qualified(&sequence.name, DIALECT));
        // A sequence that serial or identity made has no statement of its own.
        let statement = definition::of_object(object, DIALECT).unwrap_or_else(|| {
            match sequence.column_type.name.as_str() {
                "bigint" => bare,
                other => format!("{bare} AS {other}"),
            }
        });
        self.out.add(statement);
    }

    /// A sequence that stays does not go with the column that it belonged to.
    fn free_sequences(&mut self) {
        for changed in &self.plan.changed {
            if let (Object::Sequence(before), Object::Sequence(after)) =
                (changed.before, changed.after)
                && before.owned_by != after.owned_by
                && self.owner(self.from(), before).is_some()
                && self.owner(self.plan.to, before).is_none()
            {
                let name = qualified(&before.name, DIALECT);
                self.out.add(format!("ALTER SEQUENCE {name} OWNED BY NONE"));
            }
        }
    }

    fn own_sequences(&mut self) {
        let own = |sequence: &Sequence| {
            let owner = match &sequence.owned_by {
                Some((table, column)) => {
                    format!("{}.{}", qualified(table, DIALECT), quoted(column, DIALECT))
                }
                None => "NONE".to_owned(),
            };
            let name = qualified(&sequence.name, DIALECT);
            format!("ALTER SEQUENCE {name} OWNED BY {owner}")
        };
        let made = self.made_sequences().into_iter().map(|(_, it)| it);
        let changed = self
            .plan
            .changed
            .iter()
            .filter_map(|it| match (it.before, it.after) {
                (Object::Sequence(before), Object::Sequence(after))
                    if before.owned_by != after.owned_by =>
                {
                    Some(after)
                }
                _ => None,
            });
        let sequences: Vec<&Sequence> = made
            .filter(|it| it.owned_by.is_some())
            .chain(changed)
            .collect();
        for sequence in sequences {
            self.out.add(own(sequence));
            if let Some((table, column)) = self.owner(self.plan.to, sequence)
                && self.counted_with_another(table, column, sequence)
            {
                let value = column::default_of(table, column, self.plan.to).unwrap_or_default();
                let column = quoted(&column.name, DIALECT);
                let action = format!("ALTER COLUMN {column} SET DEFAULT {value}");
                self.alter(&qualified(&table.name, DIALECT), &[action]);
            }
        }
    }

    /// Whether a column that is numbered on both sides has another sequence now, of which a
    /// comparison of columns says nothing.
    fn counted_with_another(&self, table: &Table, column: &Column, sequence: &Sequence) -> bool {
        let from = self.from();
        let before = from
            .table(&table.name)
            .and_then(|it| Some((it, it.columns.iter().find(|it| it.name == column.name)?)));
        before.is_some_and(|(table, before)| {
            before.auto_increment
                && column.auto_increment
                && column::sequence_of(from, table, before)
                    .is_none_or(|it| it.name != sequence.name)
        })
    }

    /// What the model knows by its statement only.
    fn create_others(&mut self) {
        for object in self.plan.made.clone() {
            if !matches!(object, Object::Other(_)) {
                continue;
            }
            let statement = definition::of_object(object, DIALECT);
            self.out.create(object, statement);
        }
        for object in self.plan.dropped.clone() {
            let Object::Other(other) = object else {
                continue;
            };
            let word = match other.kind {
                ObjectKind::Collation => "COLLATION",
                ObjectKind::Statistics => "STATISTICS",
                ObjectKind::Publication => "PUBLICATION",
                _ => {
                    self.out.cannot(format!(
                        "{} `{}` is to be dropped by hand",
                        other.kind.name(),
                        other.name
                    ));
                    continue;
                }
            };
            self.out
                .add(format!("DROP {word} {}", qualified(&other.name, DIALECT)));
        }
    }

    /// Routines, sequences, types, extensions and schemas, which others stand on.
    fn drop_the_rest(&mut self) {
        let dropped = self.plan.dropped.clone();
        self.drop_routines();
        for object in &dropped {
            if let Object::Sequence(sequence) = object {
                let renamed = self.renamed_sequences();
                let goes_with = renamed.iter().any(|(it, _)| std::ptr::eq(*it, sequence))
                    || self
                        .owner(self.from(), sequence)
                        .is_some_and(|(_, column)| {
                            column.identity.is_some()
                                || self.owner(self.plan.to, sequence).is_none()
                        });
                if !goes_with {
                    let name = qualified(&sequence.name, DIALECT);
                    self.out.add(format!("DROP SEQUENCE {name}"));
                }
            }
        }
        self.drop_types();
        for object in &dropped {
            if let Object::Extension(extension) = object {
                let name = quoted(&extension.name, DIALECT);
                self.out.add(format!("DROP EXTENSION {name}"));
            }
        }
        for object in &dropped {
            if let Object::Schema(name) = object {
                self.out
                    .add(format!("DROP SCHEMA {}", quoted(name, DIALECT)));
            }
        }
    }
}

/// The identity of a table, view or sequence.
fn relation(name: &QualifiedName) -> ObjectId {
    ObjectId::new(Class::Relation, name.clone(), DIALECT)
}
