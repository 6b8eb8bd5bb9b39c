//! `migrate check --explain`.

use migrate_core::{Rule, closest, rule};

use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{ExplainJson, table};

/// Prints the page about a rule, or the list of all.
pub(super) fn explain(context: &Context, name: Option<&str>) -> Result<Exit, CommandError> {
    let rules: Vec<&'static Rule> = match name {
        None => rule::ALL.to_vec(),
        Some(name) => {
            let found = rule::find(name).ok_or_else(|| CommandError::UnknownRule {
                name: name.to_owned(),
                meant: closest(name, rule::ALL.iter().map(|rule| rule.code)),
            })?;
            vec![found]
        }
    };
    let json = ExplainJson::new(&rules);
    context.answer(Exit::Done, &json, |printer| match name {
        Some(_) => rules
            .iter()
            .try_for_each(|rule| printer.data(rule::page(rule))),
        None => printer.data(&list(&rules)),
    })
}

fn list(rules: &[&Rule]) -> String {
    let rows: Vec<[String; 3]> = rules
        .iter()
        .map(|rule| {
            let fixed = if rule.configurable { "" } else { ", fixed" };
            [
                rule.code.to_owned(),
                format!("{}{fixed}", rule.level),
                rule.summary.to_owned(),
            ]
        })
        .collect();
    table(["rule", "level", "what it finds"], &rows)
}
