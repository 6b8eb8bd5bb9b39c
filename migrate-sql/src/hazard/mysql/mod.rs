//! How MariaDB and MySQL carry out DDL: MariaDB from what was measured on 10.11, MySQL 8 from its
//! manual. Where the product is not known, the dearer of both is assumed.

mod alter_table;
mod modify;

use super::effect::{Effect, Form, Work};
use super::lock::{Algorithm, Lock, Online};
use super::watch::Watch;
use crate::change::{Change, CreateIndex, Dml, DmlVerb, ObjectKind};
use crate::name::{ObjectName, Span};
use crate::schema::{ObjectId, Schema, Table};

/// What one clause costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Class {
    algorithm: Algorithm,
    online: Online,
}

impl Class {
    const INSTANT: Class = Class::of(Algorithm::Instant, Online::None);
    const INDEX: Class = Class::of(Algorithm::NoCopy, Online::None);
    const REBUILD: Class = Class::of(Algorithm::Inplace, Online::None);
    const REBUILD_SHARED: Class = Class::of(Algorithm::Inplace, Online::Shared);
    const COPY: Class = Class::of(Algorithm::Copy, Online::Shared);

    const fn of(algorithm: Algorithm, online: Online) -> Class {
        Class { algorithm, online }
    }

    fn work(self) -> Work {
        match self.algorithm {
            Algorithm::Instant => Work::Instant,
            Algorithm::NoCopy => Work::IndexBuild,
            Algorithm::Inplace | Algorithm::Copy => Work::Rewrite,
        }
    }

    fn effect(self, table: ObjectId, form: Form, span: Span) -> Effect {
        Effect {
            table: Some(table),
            lock: Lock::Mysql(self.algorithm, self.online),
            work: self.work(),
            form,
            span,
        }
    }
}

/// What a change does to tables.
pub(super) fn effects(change: &Change, schema: &Schema, watch: &Watch) -> Vec<Effect> {
    match change {
        Change::AlterTable(alter) => alter_table::effects(alter, schema, watch),
        Change::CreateIndex(index) => create_index(index, schema).into_iter().collect(),
        Change::Drop(drop) if drop.kind == ObjectKind::Table => {
            let ids = drop.names.iter().filter_map(|name| {
                let id = schema.likely_relation(name)?;
                Some(Class::INSTANT.effect(id, Form::DropTable, name.span()))
            });
            ids.collect()
        }
        Change::Drop(drop) if drop.kind == ObjectKind::Index => {
            let name = drop.table.as_ref();
            let table = name.and_then(|name| Some((schema.likely_relation(name)?, name.span())));
            table
                .map(|(id, span)| Class::INSTANT.effect(id, Form::DropIndex, span))
                .into_iter()
                .collect()
        }
        Change::Truncate { tables, .. } => {
            let ids = tables.iter().filter_map(|name| {
                let id = schema.likely_relation(name)?;
                Some(Class::INSTANT.effect(id, Form::Truncate, name.span()))
            });
            ids.collect()
        }
        Change::Dml(dml) => rows(dml, schema).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn create_index(index: &CreateIndex, schema: &Schema) -> Option<Effect> {
    let name: &ObjectName = index.table.as_ref()?;
    let id = schema.likely_relation(name)?;
    let table = schema.table_by_id(&id);
    if index.if_not_exists
        && let (Some(table), Some(index)) = (table, &index.name)
        && table
            .index_names()
            .any(|it| schema.same_name(it, &index.name))
    {
        return None;
    }
    let class = said(
        add_index(index, table),
        index.algorithm.as_deref(),
        index.lock.as_deref(),
    );
    Some(class.effect(id, Form::CreateIndex, index.span))
}

/// What building an index costs.
fn add_index(index: &CreateIndex, table: Option<&Table>) -> Class {
    if table.is_some_and(|table| !is_innodb(table)) {
        return Class::COPY;
    }
    match index.method.as_deref() {
        // The first one adds a hidden column.
        Some("fulltext") => Class::REBUILD_SHARED,
        Some("spatial") => Class::of(Algorithm::NoCopy, Online::Shared),
        _ => Class::INDEX,
    }
}

/// What ALGORITHM and LOCK make of it. A server refuses what is cheaper than it can do, so what is
/// said holds.
fn said(class: Class, algorithm: Option<&str>, lock: Option<&str>) -> Class {
    let class = match algorithm {
        Some("COPY") => class.max(Class::COPY),
        Some("INSTANT") => Class::INSTANT,
        _ => class,
    };
    let online = match lock {
        Some("NONE") => Online::None,
        Some("SHARED") => Online::Shared,
        Some("EXCLUSIVE") => Online::Exclusive,
        _ => class.online,
    };
    Class { online, ..class }
}

/// Statements over rows lock rows, but whole tables where the engine knows no row locks.
fn rows(dml: &Dml, schema: &Schema) -> Option<Effect> {
    let name = dml.target.as_ref()?;
    let id = schema.likely_relation(name)?;
    let all = match dml.verb {
        DmlVerb::Update | DmlVerb::Delete => !dml.restricted,
        DmlVerb::Insert | DmlVerb::Replace => dml.scope.relations().next().is_some(),
        _ => false,
    };
    let table = schema.table_by_id(&id)?;
    (all && !is_innodb(table)).then(|| Effect {
        table: Some(id.clone()),
        lock: Lock::Mysql(Algorithm::Inplace, Online::Exclusive),
        work: Work::Rows,
        form: Form::Rows,
        span: name.span(),
    })
}

/// The value of an option of a table, in lower case.
fn option(table: &Table, name: &str) -> Option<String> {
    table
        .options
        .iter()
        .rfind(|option| option.name.trim_start_matches("DEFAULT ") == name)
        .map(|option| option.value.trim_matches(['\'', '"']).to_lowercase())
}

fn is_innodb(table: &Table) -> bool {
    option(table, "ENGINE").is_none_or(|engine| engine == "innodb")
}
