//! A primary key, UNIQUE or EXCLUDE that builds its own index.

use migrate_core::{Diagnostic, rule};

use super::super::effect::{Effect, Form};
use super::super::fix::{Fix, Later, Moved, Revert, Stage, added, after_word};
use super::{Case, with_help};
use crate::change::{Change, ConstraintDefinition, ConstraintKind, TableAction};
use crate::name::Ident;

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| matches!(effect.form, Form::AddKey { .. }))?;
    let Form::AddKey { kind, using_index } = effect.form else {
        return None;
    };
    let message = format!(
        "adding the {kind} keeps everybody away from {}",
        effect.table_name()
    );
    let finding = case.finding(&rule::BLOCKING_KEY, effect, message);
    match (kind, using_index) {
        (_, true) => with_help(
            finding.note("a column of the index may hold NULL, so that all rows are looked at"),
            None,
            &["make the columns NOT NULL before, with the help of a CHECK that is validated"],
        ),
        ("EXCLUDE", _) => with_help(
            finding,
            None,
            &[
                "there is no way without the lock; do it while the table is small or the app is stopped",
            ],
        ),
        _ => with_help(
            finding,
            using_an_index(case, effect),
            &[
                "build the index before: `CREATE UNIQUE INDEX CONCURRENTLY …`, in a migration of its own with `-- migrate:no-transaction`",
                "then `ALTER TABLE … ADD CONSTRAINT … USING INDEX …`; the columns of a primary key have to be NOT NULL before",
            ],
        ),
    }
}

/// The index first, and then the key that takes it over.
fn using_an_index(case: &Case<'_>, effect: &Effect) -> Option<Fix> {
    let (before, after) = case.tables?;
    let Change::AlterTable(alter) = case.change else {
        return None;
    };
    if before.partition_by.is_some() {
        return None;
    }
    let is_it = |constraint: &&ConstraintDefinition| constraint.span == effect.span;
    let mut actions = alter.actions.iter().enumerate();
    let (at, constraint, column): (usize, &ConstraintDefinition, Option<&Ident>) = actions
        .find_map(|(at, action)| match action {
            TableAction::AddConstraint { constraint, .. } => {
                Some(constraint).filter(is_it).map(|it| (at, it, None))
            }
            TableAction::AddColumn {
                column,
                if_not_exists: false,
                ..
            } => {
                let found = column.constraints.iter().find(is_it)?;
                Some((at, found, Some(&column.name)))
            }
            _ => None,
        })?;
    let (kind, words) = match &constraint.kind {
        ConstraintKind::Unique { .. } => ("UNIQUE", "unique"),
        ConstraintKind::PrimaryKey { columns, .. } => {
            let mut columns = columns.iter().filter_map(|part| part.as_column());
            let has_null = columns.any(|name| {
                let mut columns = before.columns.iter();
                !columns.any(|it| it.name == name.name && !it.nullable)
            });
            if has_null {
                return None;
            }
            ("PRIMARY KEY", "key")
        }
        _ => return None,
    };
    let name = added(constraint, before, after)?;
    let written = case.quoted(&name);
    let mut body = case.written(constraint.span)?;
    if let Some(name) = &constraint.name {
        body = case.script.text.get(name.span.end..constraint.span.end)?;
    }
    // What stands after the words must be the columns and nothing else.
    let rest = body.get(after_word(body, words)?..)?.trim();
    let columns = match column {
        Some(column) if rest.is_empty() => format!("({})", case.written(column.span)?),
        None if is_one_list(rest) => rest.to_owned(),
        _ => return None,
    };
    let clauses = case.clauses(alter)?;
    let here = match column {
        Some(_) => {
            let start = constraint.span.start - case.statement.start;
            let end = constraint.span.end - case.statement.start;
            let (kept, rest) = (case.text().get(..start)?, case.text().get(end..)?);
            Some(format!("{}{rest}", kept.trim_end()))
        }
        None if clauses.is_single() => None,
        None => Some(clauses.without(at)?),
    };
    let table = case.written(alter.name.span())?;
    let create = format!("CREATE UNIQUE INDEX CONCURRENTLY {written} ON {table} {columns}");
    let head = clauses.head();
    let add = format!("{head} ADD CONSTRAINT {written} {kind} USING INDEX {written}");
    if !case.watch.is_transaction() {
        let all: Vec<String> = here.into_iter().chain([create, add]).collect();
        return Some(Fix::here(all.join(";\n")));
    }
    Some(Fix {
        here,
        moved: vec![Moved::Constraint(name)],
        loosens: true,
        ..Fix::later(Later {
            stage: Stage::Concurrently,
            work: vec![create],
            finish: vec![add],
            revert: Revert::By(vec![format!("{head} DROP CONSTRAINT {written}")]),
        })
    })
}

/// Whether a text is one pair of parentheses with something in it.
fn is_one_list(text: &str) -> bool {
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    inner.is_some_and(|inner| !inner.contains(['(', ')']))
}
