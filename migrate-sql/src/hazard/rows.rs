//! Over which tables a change goes row by row, whatever it locks.

use migrate_core::Dialect;

use super::effect::Work;
use crate::change::{Change, ColumnChange, Dml, DmlVerb, MaintenanceVerb, TableAction};
use crate::name::ObjectName;
use crate::schema::{ObjectId, Schema};

/// The tables over whose rows a change goes, beyond what its effects say.
pub(crate) fn rows(change: &Change, schema: &Schema) -> Vec<(ObjectId, Work)> {
    let mut found = Found {
        schema,
        found: Vec::new(),
    };
    match change {
        Change::Dml(dml) => found.dml(dml),
        Change::CreateTable(create) => {
            for name in create.as_query.iter().flat_map(|query| query.relations()) {
                found.push(name, Work::Rows);
            }
        }
        Change::CreateView(view) if view.materialized => {
            for name in view.query.relations() {
                found.push(name, Work::Rows);
            }
        }
        _ if schema.dialect() == Dialect::Sqlite => found.sqlite(change),
        _ => {}
    }
    found.found
}

/// The tables of which a change locks the rows that it writes, so that nobody else writes them.
pub(crate) fn row_locks(change: &Change, schema: &Schema) -> Vec<ObjectId> {
    let Change::Dml(dml) = change else {
        return Vec::new();
    };
    let inner = dml.inner.iter();
    let all = inner.chain(std::iter::once(&**dml)).filter(|dml| {
        matches!(
            dml.verb,
            DmlVerb::Update | DmlVerb::Delete | DmlVerb::Merge | DmlVerb::Replace
        )
    });
    all.filter_map(|dml| schema.likely_relation(dml.target.as_ref()?))
        .collect()
}

struct Found<'a> {
    schema: &'a Schema,
    found: Vec<(ObjectId, Work)>,
}

impl Found<'_> {
    fn push(&mut self, name: &ObjectName, work: Work) {
        if let Some(id) = self.schema.likely_relation(name)
            && !self.found.iter().any(|(other, _)| *other == id)
        {
            self.found.push((id, work));
        }
    }

    fn dml(&mut self, dml: &Dml) {
        for inner in &dml.inner {
            self.dml(inner);
        }
        let reads = dml.scope.relations();
        // INSERT … VALUES does not go over the table that it writes to.
        let over_target = !matches!(dml.verb, DmlVerb::Insert | DmlVerb::Replace | DmlVerb::Copy);
        for name in dml.target.iter().filter(|_| over_target).chain(reads) {
            self.push(name, Work::Rows);
        }
    }

    /// SQLite knows no table locks, so there are no effects that would say it.
    fn sqlite(&mut self, change: &Change) {
        match change {
            Change::CreateIndex(index) => {
                if let Some(table) = &index.table {
                    self.push(table, Work::IndexBuild);
                }
            }
            Change::AlterTable(alter) => {
                let actions = alter.actions.iter().map(action);
                if let Some(work) = actions.max()
                    && work != Work::Instant
                {
                    self.push(&alter.name, work);
                }
            }
            Change::Drop(drop) => {
                // Its pages go to the free list one by one.
                for name in &drop.names {
                    self.push(name, Work::Rows);
                }
            }
            Change::Maintenance { verb, name, .. } => {
                let work = match verb {
                    MaintenanceVerb::ReindexIndex
                    | MaintenanceVerb::ReindexTable
                    | MaintenanceVerb::ReindexAll => Work::IndexBuild,
                    MaintenanceVerb::Vacuum => Work::Rewrite,
                    _ => return,
                };
                match name {
                    Some(name) => self.push(name, work),
                    None => {
                        let tables = self.schema.objects().map(|(id, _)| (id.clone(), work));
                        self.found.extend(tables);
                    }
                }
            }
            _ => {}
        }
    }
}

/// What SQLite does for an action of ALTER TABLE.
fn action(action: &TableAction) -> Work {
    match action {
        // The rows are checked where a value may not fit.
        TableAction::AddColumn { column, .. }
            if column.generated.is_some()
                || column.nullable == Some(false)
                || !column.constraints.is_empty() =>
        {
            Work::Scan
        }
        TableAction::DropColumn { .. } => Work::Rewrite,
        TableAction::AlterColumn { change, .. } if matches!(**change, ColumnChange::SetNotNull) => {
            Work::Scan
        }
        _ => Work::Instant,
    }
}
