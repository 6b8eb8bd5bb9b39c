//! What SQLite loses when a table is made anew under its old name, or goes under others.

use std::collections::{BTreeMap, BTreeSet};

use migrate_core::{Diagnostic, Dialect, ScriptFile, rule};

use crate::change::{Change, ObjectKind};
use crate::dialect::{self, Parsed};
use crate::name::{ObjectName, QualifiedName, Span};
use crate::schema::{Class, Index, Object, ObjectId, Schema, Table};

/// What a script does to whole tables and to what belongs to them, by names in lower case.
#[derive(Debug, Default)]
struct Moves {
    dropped: BTreeMap<String, Span>,
    created: BTreeMap<String, Span>,
    renamed_from: BTreeMap<String, Span>,
    renamed_to: BTreeMap<String, Span>,
    /// Indexes and triggers that are dropped by their names.
    dropped_parts: BTreeMap<String, Span>,
}

impl Moves {
    fn of(script: &ScriptFile) -> Self {
        let mut moves = Moves::default();
        let place = |name: &ObjectName| (name.name.name.to_lowercase(), name.span());
        for statement in &script.split.statements {
            let text = statement.text(&script.text);
            let Parsed::Changes(changes) =
                dialect::parse(text, statement.span.start, Dialect::Sqlite)
            else {
                continue;
            };
            for change in &changes {
                match change {
                    Change::Drop(drop) if drop.kind == ObjectKind::Table => {
                        moves.dropped.extend(drop.names.iter().map(place));
                    }
                    Change::Drop(drop) => moves.dropped_parts.extend(drop.names.iter().map(place)),
                    Change::CreateTable(create) => moves.created.extend([place(&create.name)]),
                    Change::Rename {
                        kind: ObjectKind::Table,
                        from,
                        to,
                        ..
                    } => {
                        moves.renamed_from.extend([place(from)]);
                        moves.renamed_to.extend([place(to)]);
                    }
                    _ => {}
                }
            }
        }
        moves
    }

    /// Where a table is made anew, if it is.
    fn rebuilt(&self, table: &str) -> Option<Span> {
        let by_new = self.dropped.contains_key(table);
        let by_old = self.renamed_from.contains_key(table);
        let (renamed, created) = (self.renamed_to.get(table), self.created.get(table));
        match (by_new, by_old) {
            (true, _) => renamed.copied(),
            (_, true) => created.copied(),
            _ => None,
        }
    }
}

/// The findings about a script that has run; the schema is the one after it, with what was there before
/// in its innermost journal.
pub(super) fn find(script: &ScriptFile, schema: &Schema) -> Vec<Diagnostic> {
    let moves = Moves::of(script);
    if moves.dropped.is_empty() && moves.renamed_from.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let names: BTreeSet<&String> = moves
        .renamed_to
        .keys()
        .chain(moves.created.keys())
        .collect();
    for name in names {
        let id = id(&QualifiedName::unqualified(name.as_str()));
        let (Some(span), Some(new)) = (moves.rebuilt(name), schema.table_by_id(&id)) else {
            continue;
        };
        let Some(Object::Table(old)) = schema.before(&id) else {
            continue;
        };
        let lost = lost(old, new, script, &moves);
        if lost.is_empty() {
            continue;
        }
        findings.push(
            Diagnostic::new(
                &rule::LOSING_REBUILD,
                format!("`{}` is made anew without {}", old.name, lost.join(", ")),
            )
            .at(&script.source, span.into(), "")
            .note("what belongs to a table goes with it")
            .help("make it again after the rename, or drop it by its name where that is meant"),
        );
    }
    findings.extend(dangling(script, schema, &moves));
    findings
}

fn id(name: &QualifiedName) -> ObjectId {
    ObjectId::new(Class::Relation, name.clone(), Dialect::Sqlite)
}

/// What the new table lacks and nobody has dropped by its name.
fn lost(old: &Table, new: &Table, script: &ScriptFile, moves: &Moves) -> Vec<String> {
    let is_meant = |name: &str| moves.dropped_parts.contains_key(&name.to_lowercase());
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let has_column = |name: &str| new.columns.iter().any(|it| same(&it.name, name));
    let mut lost = Vec::new();
    let serves = |wanted: &Index, it: &Index| {
        same(&it.name, &wanted.name) || (it.keys == wanted.keys && it.unique >= wanted.unique)
    };
    for index in &old.indexes {
        let columns_are_there = index
            .keys
            .iter()
            .all(|key| key.column.as_ref().is_none_or(|name| has_column(name)));
        let is_there = new.indexes.iter().any(|it| serves(index, it));
        if !index.name.is_empty() && columns_are_there && !is_there && !is_meant(&index.name) {
            lost.push(format!("its index `{}`", index.name));
        }
    }
    for trigger in &old.triggers {
        let is_there = new.triggers.iter().any(|it| same(&it.name, &trigger.name));
        if !is_there && !is_meant(&trigger.name) {
            lost.push(format!("its trigger `{}`", trigger.name));
        }
    }
    let counts = |table: &Table| table.columns.iter().any(|it| it.auto_increment);
    let keeps_count = script.text.to_ascii_lowercase().contains("sqlite_sequence");
    if counts(old) && counts(new) && !keeps_count {
        lost.push(
            "the count of its AUTOINCREMENT, so that numbers of deleted rows come again".to_owned(),
        );
    }
    for key in &old.foreign_keys {
        let is_there = new.foreign_keys.iter().any(|it| {
            let mut pairs = it.columns.iter().zip(&key.columns);
            it.columns.len() == key.columns.len() && pairs.all(|(a, b)| same(a, b))
        });
        if !is_there && key.columns.iter().all(|name| has_column(name)) {
            lost.push(format!("its foreign key to `{}`", key.references));
        }
    }
    lost
}

/// Foreign keys to tables that the script has dropped.
fn dangling(script: &ScriptFile, schema: &Schema, moves: &Moves) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for table in schema.tables() {
        for key in &table.foreign_keys {
            let Some(span) = moves.dropped.get(&key.references.name.to_lowercase()) else {
                continue;
            };
            if schema.get(&id(&key.references)).is_some() {
                continue;
            }
            findings.push(
                Diagnostic::new(
                    &rule::DANGLING_FOREIGN_KEY,
                    format!(
                        "the foreign key of `{}` to `{}` is left behind, so that writing to `{}` fails",
                        table.name, key.references, table.name
                    ),
                )
                .at(&script.source, (*span).into(), "")
                .note("a key follows its table when that gets another name")
                .help("make a table anew under another name and give it the old one: never rename the old one away"),
            );
        }
    }
    findings
}
