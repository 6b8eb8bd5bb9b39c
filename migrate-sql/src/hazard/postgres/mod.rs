//! The locks of PostgreSQL, from what was measured on version 15.

mod alter_table;
mod column_type;
mod proof;
mod volatile;

use super::effect::{Effect, Form, Work};
use super::lock::{Lock, Mode};
use super::watch::Watch;
use crate::change::{
    AlterDomain, Change, ConstraintKind, CreateIndex, CreateTable, Dml, DmlVerb, Drop,
    MaintenanceVerb, ObjectKind,
};
use crate::name::{ObjectName, Span};
use crate::schema::{Class, Object, ObjectId, Schema, Table};

/// What a change does to tables.
pub(super) fn effects(change: &Change, schema: &Schema, watch: &mut Watch) -> Vec<Effect> {
    let mut found = Effects {
        schema,
        found: Vec::new(),
    };
    match change {
        Change::AlterTable(alter) => alter_table::effects(alter, watch, &mut found),
        Change::CreateTable(create) => found.create_table(create, watch),
        Change::CreateIndex(index) => found.create_index(index),
        Change::AlterDomain(alter) => found.alter_domain(alter),
        Change::Drop(drop) => found.drop(drop),
        Change::Truncate { tables, cascade } => {
            for name in tables {
                found.truncate(name, *cascade);
            }
        }
        Change::Maintenance {
            verb,
            name,
            concurrently,
            full,
        } => found.maintenance(*verb, name.as_ref(), *concurrently, *full),
        Change::Dml(dml) => found.dml(dml),
        Change::CreateView(view) if view.materialized => {
            for name in view.query.relations() {
                found.brief(name, Mode::AccessShare, Work::Rows, Form::Rows);
            }
        }
        Change::Rename {
            kind: ObjectKind::Table | ObjectKind::MaterializedView | ObjectKind::ForeignTable,
            from: name,
            ..
        }
        | Change::SetSchema {
            kind: ObjectKind::Table | ObjectKind::MaterializedView,
            name,
            ..
        }
        | Change::CreatePolicy { table: name, .. }
        | Change::Rename {
            kind: ObjectKind::Trigger | ObjectKind::Policy | ObjectKind::Rule,
            table: Some(name),
            ..
        }
        | Change::CreateOther {
            kind: ObjectKind::Rule,
            table: Some(name),
            ..
        } => found.brief(name, Mode::AccessExclusive, Work::Instant, Form::Other),
        Change::AlterPolicy(policy) => {
            let table = &policy.table;
            found.brief(table, Mode::AccessExclusive, Work::Instant, Form::Other);
        }
        Change::CreateTrigger(trigger) => {
            if let Some(table) = &trigger.table {
                found.brief(table, Mode::ShareRowExclusive, Work::Instant, Form::Other);
            }
        }
        _ => {}
    }
    found.found
}

/// The effects that have been found.
pub(super) struct Effects<'a> {
    pub(super) schema: &'a Schema,
    found: Vec<Effect>,
}

impl<'a> Effects<'a> {
    pub(super) fn push(&mut self, table: ObjectId, mode: Mode, work: Work, form: Form, span: Span) {
        // Nobody writes to a materialized view, so only what keeps readers away counts.
        let is_view = matches!(self.schema.get(&table), Some(Object::View(_)));
        let mode = match is_view && mode != Mode::AccessExclusive {
            true => mode.min(Mode::ShareUpdateExclusive),
            false => mode,
        };
        self.found.push(Effect {
            table: Some(table),
            lock: Lock::Postgres(mode),
            work,
            form,
            span,
        });
    }

    /// An effect on the table of that name, if there is one.
    fn brief(&mut self, name: &ObjectName, mode: Mode, work: Work, form: Form) {
        if let Some(table) = self.schema.likely_relation(name) {
            self.push(table, mode, work, form, name.span());
        }
    }

    pub(super) fn table(&self, id: &ObjectId) -> Option<&'a Table> {
        self.schema.table_by_id(id)
    }

    fn create_table(&mut self, create: &CreateTable, watch: &Watch) {
        let there = self.schema.likely_relation(&create.name);
        if create.if_not_exists && there.is_some_and(|id| self.schema.get(&id).is_some()) {
            return;
        }
        let beside = create.columns.iter().flat_map(|it| &it.constraints);
        for constraint in beside.chain(&create.constraints) {
            if let ConstraintKind::ForeignKey { references, .. } = &constraint.kind {
                let parent = &references.table;
                self.brief(
                    parent,
                    Mode::ShareRowExclusive,
                    Work::Instant,
                    Form::Referenced,
                );
            }
        }
        if let Some((parent, _)) = &create.partition_of {
            self.brief(parent, Mode::AccessExclusive, Work::Instant, Form::Other);
        }
        let read = create.as_query.iter().flat_map(|query| query.relations());
        for name in read {
            let new = self
                .schema
                .likely_relation(name)
                .is_some_and(|it| watch.is_new(&it));
            if !new {
                self.brief(name, Mode::AccessShare, Work::Rows, Form::Rows);
            }
        }
    }

    fn create_index(&mut self, index: &CreateIndex) {
        let Some(name) = &index.table else { return };
        let Some(table) = self.schema.likely_relation(name) else {
            return;
        };
        let there = index.if_not_exists
            && index.name.as_ref().is_some_and(|index| {
                let name = ObjectName {
                    schema: name.schema.clone(),
                    name: index.clone(),
                };
                self.schema.table_of_index(&name).is_some()
            });
        let mode = match index.concurrently {
            true => Mode::ShareUpdateExclusive,
            false => Mode::Share,
        };
        let work = match there || index.only {
            true => Work::Instant,
            false => Work::IndexBuild,
        };
        self.push(table, mode, work, Form::CreateIndex, index.span);
    }

    fn alter_domain(&mut self, alter: &AlterDomain) {
        let name = match alter {
            AlterDomain::AddConstraint(name, constraint) if !constraint.not_valid => name,
            AlterDomain::NotNull(name, true) | AlterDomain::ValidateConstraint(name, _) => name,
            _ => return,
        };
        let Some(domain) = self.schema.likely_type(name) else {
            return;
        };
        for table in self.schema.users(&domain) {
            if table.class != Class::Relation || self.table(&table).is_none() {
                continue;
            }
            let form = Form::DomainConstraint {
                domain: name.to_string(),
            };
            self.push(table, Mode::Share, Work::Scan, form, name.span());
        }
    }

    fn drop(&mut self, drop: &Drop) {
        if let Some(table) = &drop.table {
            return self.brief(table, Mode::AccessExclusive, Work::Instant, Form::Other);
        }
        for name in &drop.names {
            match drop.kind {
                ObjectKind::Table | ObjectKind::MaterializedView | ObjectKind::ForeignTable => {
                    self.drop_table(name, drop.cascade);
                }
                ObjectKind::Index => {
                    let Some(table) = self.schema.table_of_index(name) else {
                        continue;
                    };
                    let mode = match drop.concurrently {
                        true => Mode::ShareUpdateExclusive,
                        false => Mode::AccessExclusive,
                    };
                    self.push(table, mode, Work::Instant, Form::DropIndex, name.span());
                }
                _ => {}
            }
        }
    }

    fn drop_table(&mut self, name: &ObjectName, cascade: bool) {
        let Some(id) = self.schema.likely_relation(name) else {
            return;
        };
        let mode = Mode::AccessExclusive;
        if let Some(table) = self.table(&id) {
            let parents = table.foreign_keys.iter().map(|key| &key.references);
            for parent in parents.chain(&table.partition_of) {
                let parent = self.schema.id(Class::Relation, parent);
                if parent != id {
                    self.push(parent, mode, Work::Instant, Form::Referenced, name.span());
                }
            }
        }
        if cascade {
            for child in self.referencing(&id) {
                self.push(child, mode, Work::Instant, Form::Other, name.span());
            }
        }
        self.push(id, mode, Work::Instant, Form::DropTable, name.span());
    }

    /// The tables with a foreign key to this one.
    pub(super) fn referencing(&self, id: &ObjectId) -> Vec<ObjectId> {
        let references = |child: &ObjectId| {
            self.table(child).is_some_and(|table| {
                let mut keys = table.foreign_keys.iter();
                keys.any(|key| self.schema.id(Class::Relation, &key.references) == *id)
            })
        };
        let mut children = self.schema.users(id);
        children.retain(|child| child != id && references(child));
        children
    }

    fn truncate(&mut self, name: &ObjectName, cascade: bool) {
        let Some(id) = self.schema.likely_relation(name) else {
            return;
        };
        if cascade {
            for child in self.referencing(&id) {
                let mode = Mode::AccessExclusive;
                self.push(child, mode, Work::Instant, Form::Truncate, name.span());
            }
        }
        let mode = Mode::AccessExclusive;
        self.push(id, mode, Work::Instant, Form::Truncate, name.span());
    }

    fn maintenance(
        &mut self,
        verb: MaintenanceVerb,
        name: Option<&ObjectName>,
        concurrently: bool,
        full: bool,
    ) {
        let rewrite = |what: &str| Form::Rewrite {
            what: what.to_owned(),
        };
        let (mode, work, form) = match verb {
            MaintenanceVerb::Vacuum if full => {
                (Mode::AccessExclusive, Work::Rewrite, rewrite("VACUUM FULL"))
            }
            MaintenanceVerb::Cluster => (Mode::AccessExclusive, Work::Rewrite, rewrite("CLUSTER")),
            MaintenanceVerb::Refresh => {
                let mode = match concurrently {
                    true => Mode::Exclusive,
                    false => Mode::AccessExclusive,
                };
                (mode, Work::Rewrite, Form::Refresh)
            }
            MaintenanceVerb::ReindexIndex
            | MaintenanceVerb::ReindexTable
            | MaintenanceVerb::ReindexAll => {
                // The planner locks all indexes of a table that is read, and finds one of them
                // taken by ACCESS EXCLUSIVE: so readers wait as well as writers.
                let mode = match concurrently {
                    true => Mode::ShareUpdateExclusive,
                    false => Mode::AccessExclusive,
                };
                (mode, Work::IndexBuild, Form::Reindex)
            }
            MaintenanceVerb::Lock => (Mode::AccessExclusive, Work::Instant, Form::Other),
            _ => return,
        };
        let span = name.map(ObjectName::span).unwrap_or_default();
        let table = match (name, verb) {
            (Some(name), MaintenanceVerb::ReindexIndex) => self.schema.table_of_index(name),
            (Some(name), _) => self.schema.likely_relation(name),
            (None, _) => {
                return self.found.push(Effect {
                    table: None,
                    lock: Lock::Postgres(mode),
                    work,
                    form,
                    span,
                });
            }
        };
        if let Some(table) = table {
            self.push(table, mode, work, form, span);
        }
    }

    fn dml(&mut self, dml: &Dml) {
        for inner in &dml.inner {
            self.dml(inner);
        }
        let reads: Vec<&ObjectName> = dml.scope.relations().collect();
        if let Some(target) = &dml.target
            && let Some(id) = self.schema.likely_relation(target)
        {
            let all_rows = match dml.verb {
                DmlVerb::Update | DmlVerb::Delete => !dml.restricted || !self.by_key(dml, &id),
                DmlVerb::Merge => true,
                _ => false,
            };
            if all_rows {
                let span = target.span();
                self.push(id, Mode::RowExclusive, Work::Rows, Form::Rows, span);
            }
        }
        let alone = matches!(dml.verb, DmlVerb::Update | DmlVerb::Delete);
        for name in reads {
            let is_target = dml.target.as_ref() == Some(name);
            if !is_target && !alone {
                self.brief(name, Mode::AccessShare, Work::Rows, Form::Rows);
            }
        }
    }

    /// Whether a statement names the first column of a key of its table, and so, most likely, finds
    /// its rows by it.
    fn by_key(&self, dml: &Dml, id: &ObjectId) -> bool {
        let Some(table) = self.table(id) else {
            return true;
        };
        let reads = |name: &str| {
            let mut columns = dml.scope.walk().flat_map(|scope| &scope.columns);
            columns.any(|it| it.column.name == *name)
        };
        let unique = table.indexes.iter().filter(|index| index.unique);
        let mut first = table
            .keys()
            .filter_map(|key| key.columns.first())
            .chain(unique.filter_map(|index| index.keys.first()?.column.as_ref()));
        first.any(|name| reads(name))
    }
}
