//! The locks of a statement in full, for a forecast. Rules ask about less: they would only repeat
//! themselves for every partition.

use std::collections::BTreeSet;

use migrate_core::Dialect;
use migrate_core::lex::Lexer;

use super::effect::{Effect, Form, Work};
use super::lock::{Algorithm, Lock, Mode, Online};
use crate::change::{Change, MaintenanceVerb, ObjectKind, Partition, TableAction};
use crate::name::{ObjectName, Span};
use crate::schema::{Class, Object, ObjectId, Schema};

/// The effects of a change, given those that rules ask about, and the text of its statement.
pub(crate) fn beyond(
    change: &Change,
    mut effects: Vec<Effect>,
    schema: &Schema,
    text: &str,
) -> Vec<Effect> {
    match schema.dialect() {
        Dialect::Postgres => postgres(change, &mut effects, schema, text),
        Dialect::Mysql => mysql(change, &mut effects, schema),
        _ => {}
    }
    effects
}

fn postgres(change: &Change, effects: &mut Vec<Effect>, schema: &Schema, text: &str) {
    match change {
        Change::Maintenance {
            verb: MaintenanceVerb::Lock,
            ..
        } => {
            for effect in effects.iter_mut() {
                effect.lock = Lock::Postgres(said_mode(text));
            }
        }
        Change::Drop(drop) if drop.kind == ObjectKind::Schema && drop.cascade => {
            for name in &drop.names {
                let inside = schema.objects().filter(|(id, object)| {
                    matches!(object, Object::Table(_))
                        && id.name.schema.as_ref() == Some(&name.name.name)
                });
                effects.extend(inside.map(|(id, _)| Effect {
                    table: Some(id.clone()),
                    lock: Lock::Postgres(Mode::AccessExclusive),
                    work: Work::Instant,
                    form: Form::DropTable,
                    span: name.span(),
                }));
            }
        }
        _ => {}
    }
    default_partition(change, effects, schema);
    referencing(effects, schema);
    // CREATE INDEX … ON ONLY leaves the partitions out.
    if !matches!(change, Change::CreateIndex(index) if index.only) {
        partitions(effects, schema);
    }
}

/// The mode that LOCK TABLE names; ACCESS EXCLUSIVE where it names none.
fn said_mode(text: &str) -> Mode {
    let words: Vec<String> = Lexer::new(text, Dialect::Postgres)
        .filter(|token| !token.kind.is_trivia())
        .map(|token| token.text(text).to_uppercase())
        .collect();
    let all = [
        Mode::AccessShare,
        Mode::RowExclusive,
        Mode::ShareUpdateExclusive,
        Mode::Share,
        Mode::ShareRowExclusive,
        Mode::Exclusive,
    ];
    let line = words.join(" ");
    let says = |mode: &Mode| line.contains(&format!(" IN {} MODE", Lock::Postgres(*mode)));
    match all.into_iter().find(says) {
        Some(mode) => mode,
        // It stands between these two.
        None if line.contains(" IN ROW SHARE MODE") => Mode::AccessShare,
        None => Mode::AccessExclusive,
    }
}

/// A new partition takes rows from the default one, which is searched for them.
fn default_partition(change: &Change, effects: &mut Vec<Effect>, schema: &Schema) {
    let parent = match change {
        Change::CreateTable(create) => create.partition_of.as_ref().map(|(parent, _)| parent),
        Change::AlterTable(alter) => {
            let is_attach = |it: &TableAction| matches!(it, TableAction::AttachPartition { .. });
            alter.actions.iter().any(is_attach).then_some(&alter.name)
        }
        _ => None,
    };
    let Some(id) = parent.and_then(|name| schema.likely_relation(name)) else {
        return;
    };
    let is_default = |id: &&ObjectId| {
        let table = schema.table_by_id(id);
        table.is_some_and(|table| table.bounds == Some(Partition::Default))
    };
    let parts = partitions_of(&id, schema);
    let more = parts.iter().filter(is_default).map(|part| Effect {
        table: Some(part.clone()),
        lock: Lock::Postgres(Mode::AccessExclusive),
        work: Work::Scan,
        form: Form::Other,
        span: Span::default(),
    });
    add(effects, more.collect());
}

fn partitions_of(parent: &ObjectId, schema: &Schema) -> BTreeSet<ObjectId> {
    let parts = schema.objects().filter(|(_, object)| {
        let of = match object {
            Object::Table(table) => table.partition_of.as_ref(),
            _ => None,
        };
        of.is_some_and(|it| schema.id(Class::Relation, it) == *parent)
    });
    parts.map(|(id, _)| id.clone()).collect()
}

/// The foreign keys to a column are made anew where its type changes, with a lock on their tables.
fn referencing(effects: &mut Vec<Effect>, schema: &Schema) {
    let mut more = Vec::new();
    for effect in effects.iter() {
        let (Form::ChangeType { column, .. }, Some(id)) = (&effect.form, &effect.table) else {
            continue;
        };
        for child in schema.users(id) {
            let Some(table) = schema.table_by_id(&child) else {
                continue;
            };
            let references = table.foreign_keys.iter().any(|key| {
                schema.id(Class::Relation, &key.references) == *id
                    && key.referenced_columns.contains(column)
            });
            if references && child != *id {
                more.push(Effect {
                    table: Some(child),
                    work: Work::Instant,
                    form: Form::Referenced,
                    ..effect.clone()
                });
            }
        }
    }
    add(effects, more);
}

/// What a statement does to a partitioned table it does to all its partitions.
fn partitions(effects: &mut Vec<Effect>, schema: &Schema) {
    let mut next = 0;
    while let Some(effect) = effects.get(next).cloned() {
        next += 1;
        let Some(id) = &effect.table else { continue };
        let lock = match &effect.form {
            // The index of each is built.
            Form::AddKey { .. } => Lock::Postgres(Mode::Share),
            Form::AddColumn { .. }
            | Form::SetNotNull { .. }
            | Form::AddCheck
            | Form::AddForeignKey
            | Form::ChangeType { .. }
            | Form::CreateIndex
            | Form::DropIndex
            | Form::DropTable
            | Form::Truncate => effect.lock,
            _ => continue,
        };
        let more = partitions_of(id, schema).into_iter().map(|part| Effect {
            table: Some(part),
            lock,
            ..effect.clone()
        });
        add(effects, more.collect());
    }
}

/// Adds effects on tables that have no such lock yet.
fn add(effects: &mut Vec<Effect>, more: Vec<Effect>) {
    for effect in more {
        let is_there = |it: &Effect| it.table == effect.table && it.lock >= effect.lock;
        if !effects.iter().any(is_there) {
            effects.push(effect);
        }
    }
}

/// Statements that shut everybody out for a moment without being an ALTER TABLE, and clauses that the
/// server has its own class for although they take no time.
fn mysql(change: &Change, effects: &mut Vec<Effect>, schema: &Schema) {
    for effect in effects.iter_mut() {
        // The dictionary changes, but ALGORITHM=INSTANT is refused.
        if effect.form == Form::DropIndex
            && let Lock::Mysql(Algorithm::Instant, online) = effect.lock
        {
            effect.lock = Lock::Mysql(Algorithm::NoCopy, online);
        }
    }
    let mut push = |name: &ObjectName, algorithm, online, work| {
        let Some(id) = schema.likely_relation(name) else {
            return;
        };
        effects.push(Effect {
            table: Some(id),
            lock: Lock::Mysql(algorithm, online),
            work,
            form: Form::Other,
            span: Span::default(),
        });
    };
    match change {
        Change::Rename {
            kind: ObjectKind::Table,
            from,
            ..
        } => push(from, Algorithm::Instant, Online::Exclusive, Work::Instant),
        Change::CreateTrigger(trigger) => {
            if let Some(table) = &trigger.table {
                push(table, Algorithm::Instant, Online::Exclusive, Work::Instant);
            }
        }
        Change::Drop(drop) if drop.kind == ObjectKind::Trigger => {
            let has = |object: &Object, name: &str| match object {
                Object::Table(table) => table
                    .triggers
                    .iter()
                    .any(|it| schema.same_name(&it.name, name)),
                _ => false,
            };
            for trigger in &drop.names {
                let mut tables = schema.objects();
                if let Some((id, _)) = tables.find(|(_, it)| has(it, &trigger.name.name)) {
                    effects.push(Effect {
                        table: Some(id.clone()),
                        lock: Lock::Mysql(Algorithm::Instant, Online::None),
                        work: Work::Instant,
                        form: Form::Other,
                        span: trigger.span(),
                    });
                }
            }
        }
        Change::Maintenance {
            verb: MaintenanceVerb::Optimize,
            name: Some(name),
            ..
        } => push(name, Algorithm::Inplace, Online::None, Work::Rewrite),
        _ => {}
    }
}
