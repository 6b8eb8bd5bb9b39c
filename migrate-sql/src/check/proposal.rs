//! The way down that a way up asks for.

use migrate_core::{CheckContext, ScriptFile, SourceMigration};

use super::schema_in;
use crate::change::{Change, DmlVerb};
use crate::dialect::{self, Parsed};
use crate::emit::sql::{self, Scripted};

/// The statements that take back what the up script of `migration` does after the migrations
/// `before` it, as far as that is its effect on the schema. What it does to rows, and what cannot be
/// followed, is said.
pub fn way_back(
    before: &[SourceMigration],
    migration: &SourceMigration,
    context: CheckContext<'_>,
) -> Scripted {
    let changes = changes(&migration.up, context);
    let mut migrations = before.to_vec();
    let start = schema_in(&migrations, context);
    migrations.push(migration.clone());
    let end = schema_in(&migrations, context);
    // What was renamed gets its name back with all that is in it; the rest is what then differs.
    let renames = sql::undone_renames(&changes, &start, &end);
    let way = match with_script(&renames, migration, context) {
        Some(script) => {
            migrations.push(script);
            sql::revert(&schema_in(&migrations, context), &start)
        }
        None => sql::revert(&end, &start),
    };
    let mut back = Scripted {
        statements: renames.into_iter().chain(way.statements).collect(),
        remarks: way.remarks,
    };
    for change in &changes {
        say(change, &mut back);
    }
    if migration.up.rust.is_some() {
        back.cannot("what the Rust code does is not known, so the way back of it is not either");
    }
    back
}

/// These statements as a migration of their own.
fn with_script(
    statements: &[String],
    migration: &SourceMigration,
    context: CheckContext<'_>,
) -> Option<SourceMigration> {
    if statements.is_empty() {
        return None;
    }
    let text = format!("{};\n", statements.join(";\n"));
    let version = migration.version.clone();
    SourceMigration::of_text(version, "down.sql", text.as_bytes(), context.dialect).ok()
}

fn changes(script: &ScriptFile, context: CheckContext<'_>) -> Vec<Change> {
    script
        .split
        .statements
        .iter()
        .flat_map(|statement| {
            match dialect::parse(
                statement.text(&script.text),
                statement.span.start,
                context.dialect,
            ) {
                Parsed::Changes(changes) => changes,
                Parsed::Broken(_) => Vec::new(),
            }
        })
        .collect()
}

fn say(change: &Change, back: &mut Scripted) {
    match change {
        Change::Dml(dml) => {
            let target = dml.target.as_ref();
            let what = match dml.verb {
                DmlVerb::Insert | DmlVerb::Replace | DmlVerb::Copy => "are added to",
                DmlVerb::Update | DmlVerb::Merge => "are changed in",
                DmlVerb::Delete => "are deleted from",
                _ => return,
            };
            if let Some(target) = target {
                back.cannot(format!(
                    "rows {what} `{target}`, which is not taken back here"
                ));
            }
        }
        Change::Truncate { tables, .. } => {
            for table in tables {
                back.cannot(format!("the rows of `{table}` do not come back"));
            }
        }
        Change::Opaque(opaque) if opaque.touches != crate::change::Touches::Nothing => {
            back.cannot(format!("what {} does is not known", opaque.reason));
        }
        Change::Comment { name, .. } => {
            back.look(format!("the comment on `{name}` stays as it is"));
        }
        Change::Privilege { objects } if !objects.is_empty() => {
            back.look("rights and owners stay as they are");
        }
        _ => {}
    }
}
