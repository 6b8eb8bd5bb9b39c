//! How long the user's queries take, and how the database goes about them.

use std::collections::BTreeMap;
use std::time::Instant;

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::result::Error as DieselError;

use super::check::{Finding, check};
use super::evidence::{Check, CheckKind, QueryTiming};
use super::inspect::{Asker, Inspect};
use super::scripts::QueryFile;

/// How often a query is run: the first one finds cold caches, and the median does not mind.
const RUNS: u32 = 5;

/// What is slower by less than this many seconds is no slower: it is the noise of a network.
const NOISE: f64 = 0.005;

/// Times the one query of a file.
pub(super) fn time<C>(conn: &mut C, file: &QueryFile) -> QueryResult<QueryTiming>
where
    C: LoadConnection,
    C::Backend: Inspect,
{
    let dialect = <C::Backend as migrate_runtime::Database>::DIALECT;
    let statements = file.statements(dialect);
    let [sql] = statements.as_slice() else {
        let text = format!("the file holds {} queries, not one", statements.len());
        return Err(DieselError::QueryBuilderError(text.into()));
    };
    let mut rows = 0;
    let mut seconds = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        rows = C::Backend::reading(conn, Asker::User, |conn| C::Backend::rows_of(conn, sql))?;
        seconds.push(begun.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let plan = C::Backend::reading(conn, Asker::User, |conn| C::Backend::plan(conn, sql))?;
    Ok(QueryTiming {
        seconds: seconds.get(seconds.len() / 2).copied().unwrap_or_default(),
        runs: RUNS,
        rows,
        plan,
    })
}

/// Times a query, and compares with what it took before; slower by more than `slower` times fails.
pub(super) fn compared<C>(
    conn: &mut C,
    file: &QueryFile,
    before: Option<&BTreeMap<String, QueryTiming>>,
    slower: f64,
) -> Check
where
    C: LoadConnection,
    C::Backend: Inspect,
{
    check(CheckKind::Query, file.name.as_str(), || {
        let now = match time(conn, file) {
            Ok(now) => now,
            Err(error) => return Ok(Finding::failed(error.to_string())),
        };
        let taken = format!("{:.1} ms", now.seconds * 1000.0);
        let Some(was) = before.and_then(|before| before.get(&file.name)) else {
            return Ok(Finding::not_checked(format!(
                "{taken}, with nothing to compare with"
            )));
        };
        let mut text = format!("{taken}, {:.1} ms before", was.seconds * 1000.0);
        if was.plan != now.plan {
            text.push_str(&format!(
                "; another plan: {} instead of {}",
                now.plan.join(", "),
                was.plan.join(", ")
            ));
        }
        Ok(match is_slower(was.seconds, now.seconds, slower) {
            true => Finding::failed(text),
            false => Finding::passed_but(text),
        })
    })
}

fn is_slower(was: f64, now: f64, slower: f64) -> bool {
    now > was * slower && now - was > NOISE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_not_slower() {
        assert!(!is_slower(0.001, 0.004, 1.5));
        assert!(is_slower(0.010, 0.016, 1.5));
        assert!(!is_slower(1.0, 1.4, 1.5));
    }
}
