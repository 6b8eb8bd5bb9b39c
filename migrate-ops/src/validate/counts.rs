//! Rows, counted before and after.

use std::collections::BTreeMap;

use migrate_core::SourceMigration;
use migrate_core::directive::{DirectiveKind, RowChange};

use super::check::{Finding, check};
use super::evidence::{Check, CheckKind};

/// What the migrations of a run expect to become of a table's rows: by the table as written.
pub(super) fn expected<'a>(
    migrations: impl IntoIterator<Item = &'a SourceMigration>,
) -> BTreeMap<String, RowChange> {
    let mut expected = BTreeMap::new();
    for directive in migrations.into_iter().flat_map(|it| &it.up.directives) {
        let DirectiveKind::ExpectRows { table, change } = &directive.kind else {
            continue;
        };
        expected
            .entry(table.clone())
            .and_modify(|all| *all = both(*all, *change))
            .or_insert(*change);
    }
    expected
}

/// Two changes, one after the other.
fn both(first: RowChange, second: RowChange) -> RowChange {
    match (first, second) {
        (RowChange::By(first), RowChange::By(second)) => first
            .checked_add(second)
            .map_or(RowChange::Any, RowChange::By),
        _ => RowChange::Any,
    }
}

/// Compares counts. `before` is `None` where there was no reading before.
pub(super) fn compared(
    before: Option<&BTreeMap<String, Option<u64>>>,
    after: &BTreeMap<String, Result<u64, String>>,
    expected: &BTreeMap<String, RowChange>,
    checks: &mut Vec<Check>,
) {
    let expectation = |name: &str| {
        let short = name.strip_prefix("public.");
        let plain = |it: &String| it.replace(['"', '`'], "");
        let found = expected.iter().find(|(table, _)| {
            let table = plain(table);
            table == name || Some(table.as_str()) == short
        });
        found.map(|(_, change)| *change)
    };
    for (name, count) in after {
        let was = before.map(|before| before.get(name).copied());
        let finding = match (count, was) {
            (Err(why), _) => Finding::not_checked(why.clone()),
            (Ok(_), None) => Finding::passed_but("counted, with nothing to compare with"),
            (Ok(_), Some(Some(None))) => Finding::not_checked("it could not be counted before"),
            (Ok(now), Some(None)) => judged(None, *now, expectation(name)),
            (Ok(now), Some(Some(Some(was)))) => judged(Some(was), *now, expectation(name)),
        };
        let mut made = check(CheckKind::RowCount, name.as_str(), || Ok(finding));
        made.found = None;
        checks.push(made);
    }
    // What is gone has no rows left; only an expectation makes that right.
    for (name, was) in before.into_iter().flatten() {
        if after.contains_key(name) {
            continue;
        }
        let rows = was.map_or("rows that were not counted".to_owned(), |it| {
            format!("{it} rows")
        });
        let lost = i64::try_from(was.unwrap_or_default()).ok();
        let finding = match expectation(name) {
            Some(RowChange::Any) => Finding::passed_but("the table is gone, as expected"),
            Some(RowChange::By(by)) if was.is_some() && lost == by.checked_neg() => {
                Finding::passed_but("the table is gone, as expected")
            }
            Some(RowChange::By(_)) => Finding::failed(format!("the table is gone, with {rows}")),
            None => Finding::warning(format!("the table is gone, with {rows}")),
        };
        checks.push(check(CheckKind::RowCount, name.as_str(), || Ok(finding)));
    }
    // An expectation about no table at all is a slip that would pass unseen.
    for table in expected.keys() {
        let plain = table.replace(['"', '`'], "");
        let is = |name: &String| *name == plain || name.strip_prefix("public.") == Some(&plain);
        if !after.keys().any(is) && !before.is_some_and(|it| it.keys().any(is)) {
            let finding = Finding::failed("rows are expected in a table that is not there");
            checks.push(check(CheckKind::RowCount, table.as_str(), || Ok(finding)));
        }
    }
}

fn judged(was: Option<u64>, now: u64, expected: Option<RowChange>) -> Finding {
    let change = i128::from(now) - i128::from(was.unwrap_or_default());
    let told = match was {
        Some(was) => format!("{now} rows, {was} before"),
        None => format!("{now} rows, a new table"),
    };
    match expected {
        Some(RowChange::By(by)) if i128::from(by) != change => {
            Finding::failed(format!("{told}, where {by:+} was expected"))
        }
        Some(_) => Finding::passed_but(told),
        None if was.is_none() || change == 0 => Finding::passed_but(told),
        None => Finding::warning(format!("{told}, and nothing says what was expected")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::evidence::CheckState;
    use super::*;

    #[test]
    fn changes_add_up() {
        assert_eq!(both(RowChange::By(2), RowChange::By(-3)), RowChange::By(-1));
        assert_eq!(both(RowChange::By(2), RowChange::Any), RowChange::Any);
        assert_eq!(
            both(RowChange::By(i64::MAX), RowChange::By(1)),
            RowChange::Any
        );
    }

    #[test]
    fn counts() {
        let before = [
            ("public.a", 5),
            ("public.b", 5),
            ("public.gone", 2),
            ("public.c", 1),
        ];
        let before = before
            .map(|(name, rows)| (name.to_owned(), Some(rows)))
            .into();
        let after = [
            ("public.a", 5),
            ("public.b", 6),
            ("public.new", 3),
            ("public.c", 2),
        ];
        let after = after.map(|(name, rows)| (name.to_owned(), Ok(rows))).into();
        let expected = [
            ("\"a\"", RowChange::By(1)),
            ("public.b", RowChange::By(1)),
            ("gone", RowChange::By(-2)),
            ("nowhere", RowChange::Any),
        ];
        let expected = expected
            .map(|(name, change)| (name.to_owned(), change))
            .into();
        let mut checks = Vec::new();
        compared(Some(&before), &after, &expected, &mut checks);
        let states: Vec<(&str, CheckState)> = checks
            .iter()
            .map(|check| (check.subject.as_str(), check.state))
            .collect();
        assert_eq!(
            states,
            [
                ("public.a", CheckState::Failed),
                ("public.b", CheckState::Passed),
                ("public.c", CheckState::Warning),
                ("public.new", CheckState::Passed),
                ("public.gone", CheckState::Passed),
                ("nowhere", CheckState::Failed),
            ]
        );
    }
}
