//! CHECK and FOREIGN KEY that are added NOT VALID, and validated later: what two rules share.

use super::super::effect::Effect;
use super::super::fix::{Fix, Later, Revert, Stage, added, insert};
use super::Case;
use crate::change::{Change, ConstraintDefinition, ConstraintKind, TableAction};

/// The statement with the constraint of an effect NOT VALID, and its validation in another migration.
pub(super) fn not_valid(case: &Case<'_>, effect: &Effect) -> Option<Fix> {
    let (before, after) = case.tables?;
    let Change::AlterTable(alter) = case.change else {
        return None;
    };
    let is_it = |constraint: &&ConstraintDefinition| constraint.span == effect.span;
    let (constraint, column) = alter.actions.iter().find_map(|action| match action {
        TableAction::AddConstraint { constraint, .. } => {
            Some(constraint).filter(is_it).map(|it| (it, None))
        }
        // Where the column may be there already, its constraint may be, too.
        TableAction::AddColumn {
            column,
            if_not_exists: false,
            ..
        } => {
            let found = column.constraints.iter().find(is_it)?;
            Some((found, Some(&column.name)))
        }
        _ => None,
    })?;
    let is_key = matches!(constraint.kind, ConstraintKind::ForeignKey { .. });
    // PostgreSQL takes no foreign key NOT VALID on a partitioned table.
    if is_key && before.partition_by.is_some() {
        return None;
    }
    let name = case.quoted(&added(constraint, before, after)?);
    // What follows CONSTRAINT and the name.
    let mut body = case.written(constraint.span)?;
    if let Some(name) = &constraint.name {
        body = case.script.text.get(name.span.end..constraint.span.end)?;
    }
    let body = body.trim();
    let here = match column {
        None => {
            let (start, end) = (
                constraint.span.start - case.statement.start,
                constraint.span.end - case.statement.start,
            );
            let text = insert(case.text(), end, " NOT VALID")?;
            match constraint.name {
                Some(_) => text,
                None => insert(&text, start, &format!("CONSTRAINT {name} "))?,
            }
        }
        Some(column) => {
            let start = constraint.span.start - case.statement.start;
            let end = constraint.span.end - case.statement.start;
            let (kept, rest) = (case.text().get(..start)?, case.text().get(end..)?);
            let columns = match is_key {
                true => format!("FOREIGN KEY ({}) ", case.written(column.span)?),
                false => String::new(),
            };
            format!(
                "{}{rest}, ADD CONSTRAINT {name} {columns}{body} NOT VALID",
                kept.trim_end()
            )
        }
    };
    let columns = match (is_key, column) {
        (true, Some(column)) => format!("FOREIGN KEY ({}) ", case.written(column.span)?),
        _ => String::new(),
    };
    let table = case.clauses(alter)?.head().to_owned();
    let validate = format!("{table} VALIDATE CONSTRAINT {name}");
    if !case.watch.is_transaction() {
        return Some(Fix::here(format!("{here};\n{validate}")));
    }
    let mut fix = Fix::here(here);
    fix.later = Some(Later {
        stage: Stage::Validate,
        work: vec![validate],
        finish: Vec::new(),
        revert: Revert::By(vec![format!(
            "{table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {columns}{body} NOT VALID"
        )]),
    });
    Some(fix)
}

/// The validation of a constraint that the same migration adds NOT VALID, in another migration.
pub(super) fn validated_later(case: &Case<'_>, constraint: &str) -> Option<Fix> {
    let Change::AlterTable(alter) = case.change else {
        return None;
    };
    let table = case.step.effects.iter().find_map(|it| it.table.as_ref())?;
    let place = case.watch.added_not_valid(table, constraint)?;
    let clauses = case.clauses(alter)?;
    if !clauses.is_single() {
        return None;
    }
    let (head, name) = (clauses.head(), case.quoted(constraint));
    let added = case.written(place)?;
    Some(Fix::later(Later {
        stage: Stage::Validate,
        work: vec![case.text().to_owned()],
        finish: Vec::new(),
        revert: Revert::By(vec![format!("{head} DROP CONSTRAINT {name}, ADD {added}")]),
    }))
}
