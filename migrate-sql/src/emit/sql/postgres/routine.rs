//! Functions and procedures.

use std::collections::BTreeSet;

use super::super::definition;
use super::{DIALECT, Emission};
use crate::change::RoutineKind;
use crate::expression::Expression;
use crate::quoting::qualified;
use crate::schema::{Object, Routine, Table};

impl Emission<'_> {
    /// The names of functions that the definitions of tables call.
    pub(super) fn routines_that_tables_call(&self) -> BTreeSet<String> {
        let made = self.plan.made.iter().filter_map(|it| match it {
            Object::Table(table) => Some(table),
            _ => None,
        });
        made.chain(self.tables.iter().map(|it| it.after))
            .flat_map(expressions)
            .flat_map(|it| it.scope.walk().flat_map(|scope| &scope.functions))
            .map(|call| call.name.name.name.clone())
            .collect()
    }

    /// A function that returns something else cannot be replaced.
    pub(super) fn drop_routines_to_be_made_anew(&mut self) {
        let anew: Vec<&Routine> = self
            .plan
            .changed
            .iter()
            .filter_map(|it| match (it.before, it.after) {
                (Object::Routine(before), Object::Routine(after))
                    if before.returns != after.returns || before.kind != after.kind =>
                {
                    Some(before)
                }
                _ => None,
            })
            .collect();
        for routine in anew {
            self.out.add(drop(routine));
        }
    }

    pub(super) fn create_routines(&mut self, wanted: impl Fn(&str) -> bool) {
        let made = self.plan.made.iter().copied();
        let changed = self.plan.changed.iter().map(|it| it.after);
        let routines: Vec<(&Object, &Routine)> = made
            .chain(changed)
            .filter_map(|object| match object {
                Object::Routine(routine) => Some((object, routine)),
                _ => None,
            })
            .filter(|(_, routine)| wanted(&routine.name.name))
            .collect();
        for (object, routine) in routines {
            let statement =
                definition::of_object(object, DIALECT).map(|it| or_replace(&it, routine));
            self.out.create(object, statement);
        }
    }

    pub(super) fn drop_routines(&mut self) {
        for object in self.plan.dropped.clone() {
            if let Object::Routine(routine) = object {
                self.out.add(drop(routine));
            }
        }
    }
}

fn drop(routine: &Routine) -> String {
    let word = match routine.kind {
        RoutineKind::Function => "FUNCTION",
        RoutineKind::Procedure => "PROCEDURE",
        RoutineKind::Aggregate => "AGGREGATE",
    };
    // Without arguments the name alone has to tell.
    let arguments = match &routine.arguments {
        Some(arguments) => format!("({})", arguments.join(", ")),
        None => String::new(),
    };
    let name = qualified(&routine.name, DIALECT);
    format!("DROP {word} {name}{arguments}")
}

/// A function that is there already is replaced.
fn or_replace(statement: &str, routine: &Routine) -> String {
    let rest = statement
        .get(..6)
        .filter(|word| word.eq_ignore_ascii_case("create"))
        .and_then(|_| statement.get(6..))
        .map(str::trim_start);
    match rest {
        Some(rest)
            if routine.kind != RoutineKind::Aggregate
                && !rest
                    .get(..2)
                    .is_some_and(|it| it.eq_ignore_ascii_case("or")) =>
        {
            format!("CREATE OR REPLACE {rest}")
        }
        _ => statement.to_owned(),
    }
}

/// All expressions in the definition of a table.
fn expressions(table: &Table) -> impl Iterator<Item = &Expression> {
    let columns = table.columns.iter().flat_map(|column| {
        let generated = column.generated.as_ref().map(|it| &it.expression);
        column.default.iter().chain(generated)
    });
    let checks = table.constraints.iter().filter_map(|it| it.check.as_ref());
    let indexes = table.indexes.iter().flat_map(|index| {
        let keys = index.keys.iter().filter_map(|it| it.expression.as_ref());
        keys.chain(&index.predicate)
    });
    columns.chain(checks).chain(indexes)
}
