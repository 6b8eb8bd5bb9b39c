//! What the statements of a script will do to a database, before they run.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use migrate_core::config::ServerVersion;
use migrate_core::{Diagnostic, ScriptFile};

use super::script;
use crate::change::{Change, DmlVerb, ObjectKind, Step, TableAction, Touches};
use crate::dialect::{self, Parsed};
use crate::hazard::{self, Effect, Watch, Work};
use crate::schema::{ObjectId, Schema};

/// What one statement will do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Foretold {
    /// The statement, as bytes of the script.
    pub statement: Range<usize>,
    /// What it does to tables that were there before the migration. Always empty on SQLite, where
    /// whoever writes keeps every other writer away.
    pub effects: Vec<Effect>,
    /// The tables over whose rows it goes, also where that keeps nobody away.
    pub rows: Vec<(ObjectId, Work)>,
    /// The tables of which it locks the rows that it writes.
    pub row_locks: Vec<ObjectId>,
    /// Why it is not known what it locks and how much it does; `None` where that is known.
    pub unknown: Option<String>,
    /// It reads or changes rows, and nothing else.
    pub is_dml: bool,
    /// What is risky about it, accepted or not.
    pub hazards: Vec<Diagnostic>,
}

/// What the statements of an up script will do to a database that has this schema and is served by
/// `server`, in their order. The schema is taken over them.
///
/// What could not be read with certainty is unknown, and so is everything of a script whose
/// statements cannot be told apart.
pub fn foretell(
    script: &ScriptFile,
    schema: &mut Schema,
    server: Option<ServerVersion>,
) -> Vec<Foretold> {
    let watch = Watch::new(server, script.transaction);
    let run = script::told(script, schema, Some(watch), true);
    let statements = script.split.statements.iter();
    let mut told = run.statements.into_iter();
    statements
        .map(|statement| {
            let span = statement.span.clone();
            let is_here = |it: &Range<usize>| it.start == span.start;
            let hazards = run.hazards.iter().filter(|it| is_here(&it.statement));
            let hazards = hazards.map(|it| it.diagnostic.clone()).collect();
            let told = told.next();
            let told = told.unwrap_or_else(|| Told::unknown("the script cannot be read"));
            Foretold {
                statement: span,
                effects: told.effects,
                rows: told.rows,
                row_locks: told.row_locks,
                unknown: told.unknown,
                is_dml: told.is_dml,
                hazards,
            }
        })
        .collect()
}

/// What one statement does, while its script is followed.
pub(super) struct Told {
    effects: Vec<Effect>,
    rows: Vec<(ObjectId, Work)>,
    row_locks: Vec<ObjectId>,
    unknown: Option<String>,
    is_dml: bool,
}

impl Told {
    /// Of a statement with these changes.
    pub(super) fn new(changes: &[Change]) -> Self {
        Told {
            effects: Vec::new(),
            rows: Vec::new(),
            row_locks: Vec::new(),
            unknown: None,
            is_dml: changes.iter().all(|it| matches!(it, Change::Dml(_))),
        }
    }

    /// Of a statement of which nothing is known.
    pub(super) fn unknown(why: &str) -> Self {
        Told {
            unknown: Some(why.to_owned()),
            is_dml: false,
            ..Told::new(&[])
        }
    }

    /// Adds a change with the effects that rules ask about. The schema is the one before it.
    pub(super) fn add(
        &mut self,
        change: &Change,
        effects: Vec<Effect>,
        schema: &Schema,
        text: &str,
    ) {
        let effects = hazard::beyond(change, effects, schema, text);
        self.effects.extend(effects);
        self.rows.extend(hazard::rows(change, schema));
        self.row_locks.extend(hazard::row_locks(change, schema));
        if self.unknown.is_none() {
            self.unknown = unknown(change);
        }
    }
}

/// Why it is not known what a change locks, where it is not.
fn unknown(change: &Change) -> Option<String> {
    match change {
        Change::Opaque(opaque) if opaque.touches != Touches::Nothing => Some(opaque.reason.clone()),
        Change::Step(step) => match &**step {
            // These only remember something.
            Step::Declare { .. } | Step::Set { .. } | Step::Prepare { .. } => None,
            _ => Some("what it runs is decided while it runs".to_owned()),
        },
        _ => None,
    }
}

/// Data that a script throws away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Lost {
    /// A table with its rows.
    Table(String),
    /// A column with its values.
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Rows of a table.
    Rows(String),
    /// Values of rows.
    Values(String),
    /// Whatever is in a statement that cannot be followed.
    Unknown(String),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Table(table) => write!(f, "the table `{table}` with its rows"),
            Lost::Column { table, column } => write!(f, "the column `{column}` of `{table}`"),
            Lost::Rows(table) => write!(f, "rows of `{table}`"),
            Lost::Values(table) => write!(f, "values in `{table}` that are written over"),
            Lost::Unknown(why) => write!(f, "perhaps more: {why}"),
        }
    }
}

/// The data that a script throws away, as its statements say, each thing once. A table that the
/// script makes itself, and one that another gets the name of, does not count.
pub fn lost(script: &ScriptFile, dialect: migrate_core::Dialect) -> Vec<Lost> {
    let mut lost = BTreeSet::new();
    let mut made = BTreeSet::new();
    let mut added = BTreeSet::new();
    for (index, statement) in script.split.statements.iter().enumerate() {
        let text = script.text.get(statement.span.clone()).unwrap_or_default();
        if script.is_opaque(index) {
            lost.insert(Lost::Unknown("`-- migrate:opaque`".to_owned()));
            continue;
        }
        let Parsed::Changes(changes) = dialect::parse(text, statement.span.start, dialect) else {
            lost.insert(Lost::Unknown("a statement cannot be read".to_owned()));
            continue;
        };
        for change in &changes {
            match change {
                Change::CreateTable(create) => {
                    made.insert(create.name.to_string());
                }
                // The table that was copied and dropped before is there again.
                Change::Rename {
                    kind: ObjectKind::Table,
                    from,
                    to,
                    ..
                } if made.contains(&from.to_string()) => {
                    lost.remove(&Lost::Table(to.to_string()));
                    made.insert(to.to_string());
                }
                change => {
                    if let Change::AlterTable(alter) = change {
                        for action in &alter.actions {
                            if let TableAction::AddColumn { column, .. } = action {
                                added.insert((alter.name.to_string(), column.name.name.clone()));
                            }
                        }
                    }
                    losses(change, &added, &mut lost);
                }
            }
        }
    }
    lost.retain(
        |it| !matches!(it, Lost::Rows(table) | Lost::Values(table) if made.contains(table)),
    );
    lost.into_iter().collect()
}

fn losses(change: &Change, added: &BTreeSet<(String, String)>, lost: &mut BTreeSet<Lost>) {
    match change {
        Change::Drop(drop) if drop.kind == ObjectKind::Table => {
            lost.extend(drop.names.iter().map(|it| Lost::Table(it.to_string())));
        }
        Change::Drop(drop) if drop.kind == ObjectKind::Schema => {
            let inside = drop.names.iter().map(|it| format!("{it}.*"));
            lost.extend(inside.map(Lost::Table));
        }
        Change::AlterTable(alter) => {
            for action in &alter.actions {
                if let TableAction::DropColumn { name, .. } = action {
                    lost.insert(Lost::Column {
                        table: alter.name.to_string(),
                        column: name.name.clone(),
                    });
                }
            }
        }
        Change::Truncate { tables, .. } => {
            lost.extend(tables.iter().map(|it| Lost::Rows(it.to_string())));
        }
        Change::Dml(dml) => {
            let Some(target) = &dml.target else { return };
            let table = target.to_string();
            let mut columns = dml.columns.iter();
            let is_new = |name: &String| added.contains(&(table.clone(), name.clone()));
            if !dml.columns.is_empty() && columns.all(|it| is_new(&it.name)) {
                return;
            }
            match dml.verb {
                DmlVerb::Delete | DmlVerb::Replace => lost.insert(Lost::Rows(target.to_string())),
                DmlVerb::Update | DmlVerb::Merge => lost.insert(Lost::Values(target.to_string())),
                _ => false,
            };
        }
        Change::Opaque(opaque) if opaque.touches != Touches::Nothing => {
            lost.insert(Lost::Unknown(opaque.reason.clone()));
        }
        _ => {}
    }
}
