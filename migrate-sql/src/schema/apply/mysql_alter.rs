//! The order in which MySQL's ALTER TABLE means its actions.
//!
//! One statement compares the table before with the table after: columns, keys and indexes that are
//! dropped, changed or renamed are those of the table before, whatever the order in the text, and
//! what is added stands on the table after (`mysql_prepare_alter_table` in `sql_table.cc`). So names
//! may be swapped in one statement.

use std::borrow::Cow;

use migrate_core::rule;

use super::{Applier, Target};
use crate::change::{ColumnPosition, ConstraintKind, TableAction};
use crate::conflict::Conflict;
use crate::name::Ident;
use crate::schema::Table;

/// Actions in the order in which they are made.
pub(super) type Ordered<'a> = Vec<Cow<'a, TableAction>>;

/// What an action renames.
struct Rename {
    /// Its place among the actions.
    at: usize,
    from: Ident,
    to: Ident,
}

impl Applier<'_> {
    /// The actions in the order in which the model can make them one by one.
    pub(super) fn mysql_order<'a>(
        &mut self,
        target: &Target,
        actions: &'a [TableAction],
    ) -> Ordered<'a> {
        let Some(table) = self.schema.table_by_id(&target.id).cloned() else {
            return actions.iter().map(Cow::Borrowed).collect();
        };
        let mut ordered: Ordered<'a> = actions.iter().map(Cow::Borrowed).collect();
        ordered.sort_by_key(|action| self.pass(&table, action));
        let columns = ordered
            .iter()
            .enumerate()
            .filter_map(column_rename)
            .collect();
        let indexes = ordered
            .iter()
            .enumerate()
            .filter_map(index_rename)
            .collect();
        if target.certain {
            self.changed_once(&table, &ordered);
        }
        let mut first = self.out_of_the_way(columns, &mut ordered);
        first.extend(self.out_of_the_way(indexes, &mut ordered));
        // What is dropped makes place before anything gets another name.
        let place = ordered
            .iter()
            .position(|action| self.pass(&table, action).0 >= CHANGED)
            .unwrap_or(ordered.len());
        ordered.splice(place..place, first);
        ordered
    }

    /// What the table that comes out must be.
    pub(super) fn mysql_result(&mut self, target: &Target, actions: &Ordered<'_>) {
        let mut changed = Vec::new();
        for action in actions {
            match &**action {
                TableAction::DropIndex { name, .. } => {
                    self.foreign_keys_keep_their_indexes(target, name);
                }
                TableAction::DropPrimaryKey { span } => {
                    let name = Ident::new("PRIMARY", *span);
                    self.foreign_keys_keep_their_indexes(target, &name);
                    self.counter_has_a_key(target, Some(*span));
                }
                TableAction::AddColumn { column, .. } => self.definition_is_sound(target, column),
                TableAction::ModifyColumn { column, .. } => {
                    self.definition_is_sound(target, column);
                    changed.push((&column.name, false));
                }
                TableAction::DropColumn { name, .. } => changed.push((name, true)),
                _ => {}
            }
        }
        self.mysql_altered(target, &changed);
    }

    fn pass(&self, table: &Table, action: &TableAction) -> (u8, usize) {
        let before = |name: &Ident| self.schema.column_index(table, &name.name);
        let pass = match action {
            TableAction::DropForeignKey { .. } => 0,
            TableAction::DropConstraint { .. }
            | TableAction::DropPrimaryKey { .. }
            | TableAction::DropIndex { .. } => 1,
            TableAction::DropColumn { name, .. } => {
                // A generated column reads only columns before it: the last goes first.
                let generated = before(name).filter(|&at| {
                    let column = table.columns.get(at);
                    column.is_some_and(|column| column.generated.is_some())
                });
                return match generated {
                    Some(at) => (2, table.columns.len() - at),
                    None => (3, 0),
                };
            }
            TableAction::AlterColumn { .. } => CHANGED,
            TableAction::RenameColumn { .. } => 5,
            // A place is looked for among the columns that are there by then.
            TableAction::ModifyColumn {
                from,
                position: None | Some(ColumnPosition::First),
                ..
            } if before(from).is_some() => 5,
            TableAction::ModifyColumn { .. } | TableAction::AddColumn { .. } => 6,
            TableAction::AddIndex(_) => 8,
            TableAction::AddConstraint { constraint, .. } => match constraint.kind {
                ConstraintKind::ForeignKey { .. } => 9,
                _ => 8,
            },
            TableAction::RenameTable { .. } => 10,
            _ => 7,
        };
        (pass, 0)
    }

    /// A column of the table before is changed at most once.
    fn changed_once(&mut self, table: &Table, actions: &Ordered<'_>) {
        let mut seen: Vec<&Ident> = Vec::new();
        let mut conflicts = Vec::new();
        for action in actions {
            let (TableAction::ModifyColumn { from, .. } | TableAction::RenameColumn { from, .. }) =
                &**action
            else {
                continue;
            };
            if self.schema.column_index(table, &from.name).is_none() {
                continue;
            }
            if seen
                .iter()
                .any(|it| self.schema.same_name(&it.name, &from.name))
            {
                conflicts.push(
                    Conflict::new(
                        &rule::BAD_DEFINITION,
                        format!("column `{from}` is changed twice in one statement"),
                        from.span,
                        "changed before",
                    )
                    .help("make it one change, or two statements"),
                );
            }
            seen.push(from);
        }
        for conflict in conflicts {
            self.refuse(conflict);
        }
    }

    /// Renames to a name that another rename frees: the actions that first give what bears it a
    /// name that nothing has. The actions themselves then begin from there.
    fn out_of_the_way<'a>(&self, renames: Vec<Rename>, ordered: &mut Ordered<'a>) -> Ordered<'a> {
        let mut first = Vec::new();
        for rename in &renames {
            let taken = renames.iter().any(|other| {
                other.at != rename.at && self.schema.same_name(&other.to.name, &rename.from.name)
            });
            let Some(action) = ordered.get_mut(rename.at).filter(|_| taken) else {
                continue;
            };
            let aside = Ident::new(format!("{}{ASIDE}", rename.from), rename.from.span);
            first.push(Cow::Owned(match &**action {
                TableAction::RenameIndex { from, .. } => TableAction::RenameIndex {
                    from: from.clone(),
                    to: aside.clone(),
                },
                _ => TableAction::RenameColumn {
                    from: rename.from.clone(),
                    to: aside.clone(),
                },
            }));
            match action.to_mut() {
                TableAction::RenameIndex { from, .. }
                | TableAction::RenameColumn { from, .. }
                | TableAction::ModifyColumn { from, .. } => *from = aside,
                _ => {}
            }
        }
        first
    }
}

/// A letter that no name can have: MySQL's end at U+FFFF.
const ASIDE: char = '\u{10000}';

/// The pass of the first action that changes a column.
const CHANGED: u8 = 4;

fn column_rename((at, action): (usize, &Cow<'_, TableAction>)) -> Option<Rename> {
    let (from, to) = match &**action {
        TableAction::RenameColumn { from, to } => (from, to),
        TableAction::ModifyColumn { from, column, .. } => (from, &column.name),
        _ => return None,
    };
    let (from, to) = (from.clone(), to.clone());
    Some(Rename { at, from, to })
}

fn index_rename((at, action): (usize, &Cow<'_, TableAction>)) -> Option<Rename> {
    match &**action {
        TableAction::RenameIndex { from, to } => {
            let (from, to) = (from.clone(), to.clone());
            Some(Rename { at, from, to })
        }
        _ => None,
    }
}
