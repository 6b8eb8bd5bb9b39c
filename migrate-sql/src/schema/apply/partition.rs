//! Partitions and inheritance, which PostgreSQL has.

use migrate_core::rule;

use super::{Applier, Target};
use crate::change::{IndexPart, PartKind, Partition};
use crate::conflict::Conflict;
use crate::name::ObjectName;
use crate::schema::auto_name::columns_part;
use crate::schema::{ForeignKey, Index, Key, ObjectId, Table};

impl Applier<'_> {
    /// INHERITS: columns, NOT NULL, defaults and checks come from the parent.
    pub(super) fn inherit(&mut self, target: &Target, parent: &ObjectName) {
        let Some(from) = self.other_table(parent) else {
            self.schema
                .edit_table(&target.id, |table| table.uncertain = true);
            return;
        };
        let Some(parent) = self.schema.table_by_id(&from.id).cloned() else {
            return;
        };
        self.schema.edit_table(&target.id, |table| {
            take_columns(table, &parent);
            table.inherits.push(parent.name.clone());
            table.uncertain |= !from.certain;
        });
    }

    /// PARTITION OF: as INHERITS; its keys follow once its own constraints are there.
    pub(super) fn make_partition(
        &mut self,
        target: &Target,
        name: &ObjectName,
        bounds: &Partition,
    ) {
        if self.is_mysql() {
            return;
        }
        let Some(from) = self.other_table(name) else {
            self.schema
                .edit_table(&target.id, |table| table.uncertain = true);
            return;
        };
        let Some(parent) = self.schema.table_by_id(&from.id).cloned() else {
            return;
        };
        self.must_be_partitioned(&from, name);
        self.schema.edit_table(&target.id, |table| {
            take_columns(table, &parent);
            table.partition_of = Some(parent.name.clone());
            table.bounds = Some(bounds.clone());
            table.uncertain |= !from.certain;
        });
    }

    fn must_be_partitioned(&mut self, target: &Target, name: &ObjectName) {
        let plain = self
            .schema
            .table_by_id(&target.id)
            .is_some_and(|table| table.partition_by.is_none());
        if plain && target.certain {
            let conflict = Conflict::new(
                &rule::WRONG_KIND,
                format!("table `{name}` is not partitioned"),
                name.span(),
                "not partitioned",
            )
            .note_maybe(self.schema.note(&target.id));
            self.refuse(conflict);
        }
    }

    /// Gives a partition the keys, indexes, foreign keys and row triggers of its parent.
    pub(super) fn inherit_keys(&mut self, target: &Target) {
        let Some(parent) = self
            .schema
            .table_by_id(&target.id)
            .and_then(|table| table.partition_of.clone())
            .and_then(|name| self.schema.table(&name).cloned())
        else {
            return;
        };
        for index in &parent.indexes {
            self.clone_index(target, index);
        }
        if let Some(key) = &parent.primary_key {
            let has = |table: &Table| table.primary_key.is_some();
            self.clone_key(target, key, "pkey", has, |table, key| {
                table.primary_key = Some(key);
            });
        }
        for key in &parent.unique {
            let has = |table: &Table| table.unique.iter().any(|it| it.columns == key.columns);
            self.clone_key(target, key, "key", has, |table, key| table.unique.push(key));
        }
        for key in &parent.foreign_keys {
            self.clone_foreign_key(target, key);
        }
        self.schema.edit_table(&target.id, |table| {
            for trigger in &parent.triggers {
                if table.triggers.iter().all(|it| it.name != trigger.name) {
                    table.triggers.push(trigger.clone());
                }
            }
        });
    }

    fn clone_key(
        &mut self,
        target: &Target,
        key: &Key,
        label: &str,
        has: impl Fn(&Table) -> bool,
        add: impl FnOnce(&mut Table, Key),
    ) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        if has(table) {
            return;
        }
        let part = columns_part(key.columns.iter().map(String::as_str));
        let middle = (label != "pkey").then_some(part.as_str());
        let name = self.schema.choose_relation_name(
            table.name.schema.as_deref(),
            &table.name.name,
            middle,
            label,
            true,
        );
        let made = Key {
            name,
            ..key.clone()
        };
        self.schema.edit_table(&target.id, |table| {
            for column in &mut table.columns {
                if label == "pkey" && made.columns.contains(&column.name) {
                    column.nullable = false;
                }
            }
            add(table, made);
        });
    }

    fn clone_index(&mut self, target: &Target, index: &Index) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let same = |it: &Index| {
            it.keys == index.keys
                && it.unique == index.unique
                && it.method == index.method
                && it.predicate == index.predicate
        };
        if table.indexes.iter().any(same) {
            return;
        }
        let parts: Vec<IndexPart> = index
            .keys
            .iter()
            .filter_map(|key| {
                let kind = match (&key.column, &key.expression) {
                    (Some(column), _) => PartKind::Column(super::create_table::unplaced(column)),
                    (None, Some(expression)) => PartKind::Expression(expression.clone()),
                    (None, None) => return None,
                };
                Some(IndexPart {
                    kind,
                    ..IndexPart::column(super::create_table::unplaced(""))
                })
            })
            .collect();
        let include: Vec<_> = index
            .include
            .iter()
            .map(|it| super::create_table::unplaced(it))
            .collect();
        let name = self
            .schema
            .choose_index_name(&table.name, table, &parts, &include, "idx");
        let made = Index {
            name,
            ..index.clone()
        };
        self.schema
            .edit_table(&target.id, |table| table.indexes.push(made));
    }

    fn clone_foreign_key(&mut self, target: &Target, key: &ForeignKey) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let same = |it: &ForeignKey| {
            it.columns == key.columns
                && it.references == key.references
                && it.referenced_columns == key.referenced_columns
        };
        if table.foreign_keys.iter().any(same) {
            return;
        }
        let taken = table.constraint_names().any(|it| it == key.name);
        let name = if taken {
            let part = columns_part(key.columns.iter().map(String::as_str));
            self.schema.choose_constraint_name(
                table.name.schema.as_deref(),
                &table.name.name,
                Some(&part),
                "fkey",
            )
        } else {
            key.name.clone()
        };
        let made = ForeignKey {
            name,
            ..key.clone()
        };
        self.schema
            .edit_table(&target.id, |table| table.foreign_keys.push(made));
    }

    pub(super) fn add_foreign_key_to_partitions(&mut self, target: &Target, key: &ForeignKey) {
        for partition in self.partitions(&target.id) {
            let partition = Target {
                id: partition,
                certain: target.certain,
            };
            self.clone_foreign_key(&partition, key);
            self.add_foreign_key_to_partitions(&partition, key);
        }
    }

    /// A key or index that a partitioned table gets, its partitions get too.
    pub(super) fn keys_to_partitions(&mut self, target: &Target) {
        for partition in self.partitions(&target.id) {
            let partition = Target {
                id: partition,
                certain: target.certain,
            };
            self.inherit_keys(&partition);
            self.keys_to_partitions(&partition);
        }
    }

    fn partitions(&self, table: &ObjectId) -> Vec<ObjectId> {
        self.children(table)
            .into_iter()
            .filter(|id| {
                self.schema
                    .table_by_id(id)
                    .is_some_and(|child| child.partition_of.is_some())
            })
            .collect()
    }

    /// The index of a partition that stands for one of its parent goes with it.
    pub(super) fn drop_child_index(&mut self, parent: &ObjectId, child: &ObjectId, name: &str) {
        let Some(index) = self
            .schema
            .table_by_id(parent)
            .and_then(|table| table.indexes.iter().find(|it| it.name == name))
            .cloned()
        else {
            return;
        };
        self.schema.edit_table(child, |table| {
            if table.partition_of.is_none() {
                return;
            }
            let at = table.indexes.iter().position(|it| {
                it.keys == index.keys
                    && it.unique == index.unique
                    && it.predicate == index.predicate
            });
            if let Some(at) = at {
                table.indexes.remove(at);
            }
        });
    }

    /// ATTACH PARTITION.
    pub(super) fn attach_partition(
        &mut self,
        target: &Target,
        partition: &ObjectName,
        bounds: &Partition,
    ) {
        let Some(child) = self.other_table(partition) else {
            return;
        };
        let Some(parent) = self
            .schema
            .table_by_id(&target.id)
            .map(|table| table.name.clone())
        else {
            return;
        };
        self.schema.edit_table(&child.id, |table| {
            table.partition_of = Some(parent);
            table.bounds = Some(bounds.clone());
        });
        self.inherit_keys(&child);
    }

    /// DETACH PARTITION.
    pub(super) fn detach_partition(&mut self, target: &Target, partition: &ObjectName) {
        let Some(child) = self.other_table(partition) else {
            return;
        };
        let attached = self
            .schema
            .table_by_id(&child.id)
            .is_some_and(|table| table.partition_of.is_some());
        if !attached && child.certain && target.certain {
            self.refuse(Conflict::new(
                &rule::BAD_DEFINITION,
                format!("table `{partition}` is not a partition"),
                partition.span(),
                "not a partition",
            ));
        }
        self.schema.edit_table(&child.id, |table| {
            table.partition_of = None;
            table.bounds = None;
        });
    }

    /// INHERIT and NO INHERIT.
    pub(super) fn alter_inherit(&mut self, target: &Target, parent: &ObjectName, no: bool) {
        let Some(from) = self.other_table(parent) else {
            return;
        };
        let Some(name) = self
            .schema
            .table_by_id(&from.id)
            .map(|table| table.name.clone())
        else {
            return;
        };
        self.schema.edit_table(&target.id, |table| {
            table.inherits.retain(|it| *it != name);
            if !no {
                table.inherits.push(name);
            }
        });
    }
}

/// Columns and checks of a parent that the table does not have yet.
fn take_columns(table: &mut Table, parent: &Table) {
    for column in &parent.columns {
        if table.columns.iter().all(|it| it.name != column.name) {
            let mut column = column.clone();
            // An identity is the parent's own; the sequence of a serial column is shared.
            column.identity = None;
            table.columns.push(column);
        }
    }
    for constraint in &parent.constraints {
        if constraint.check.is_some()
            && table
                .constraints
                .iter()
                .all(|it| it.name != constraint.name)
        {
            table.constraints.push(constraint.clone());
        }
    }
}
