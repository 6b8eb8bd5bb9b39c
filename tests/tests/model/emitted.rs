//! What is emitted leads where it should: statements from one model to another, run on a live
//! database, make the other one.

use migrate_core::Dialect;
use migrate_sql::diff::diff;
use migrate_sql::emit::sql::{self, RemarkKind, Scripted};
use migrate_sql::schema::Schema;

use crate::compare::model;

/// Runs a script in an empty database and reads what it makes.
pub(crate) type Live<'l> = dyn FnMut(&str) -> Result<Schema, String> + 'l;

/// Creates what each script makes, from its model and from the live schema, and goes from each script's
/// schema to the next one's and back. `known` are the beginnings of lines about what does not work.
pub(crate) fn all(scripts: &[&str], known: &[&str], dialect: Dialect, live: &mut Live<'_>) {
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut judge = |what: String, sql: &str, expected: &Schema, found: Result<Schema, String>| {
        count += 1;
        let found = match found {
            Ok(found) => diff(expected, &found)
                .iter()
                .map(ToString::to_string)
                .collect(),
            Err(error) => vec![format!("refused: {error}")],
        };
        if !found.is_empty() {
            wrong.push(format!("{what}\n  {}\n{sql}", found.join("\n  ")));
        }
    };
    let mut last: Option<(&str, Schema)> = None;
    for script in scripts {
        let (made, _) = model(script, dialect);
        let created = sql::create(&made);
        if !has_cannot(&created) {
            let created = created.script();
            let found = live(&created);
            judge(format!("create: {script}"), &created, &made, found);
        }
        if let Ok(read) = live(script) {
            let again = sql::create(&read).script();
            let found = live(&again);
            judge(format!("dump: {script}"), &again, &read, found);
        }
        if let Some((before, from)) = &last {
            for (one, beginning, from, to) in [
                ("forth", *before, from, &made),
                ("back", *script, &made, from),
            ] {
                let way = sql::migrate(from, to);
                if has_cannot(&way) {
                    continue;
                }
                let way = way.script();
                let found = live(&format!("{beginning}\n{way}"));
                judge(format!("{one}: {before}\n  and {script}"), &way, to, found);
            }
        }
        last = Some((script, made));
    }
    let unknown: Vec<&String> = wrong
        .iter()
        .filter(|it| !known.iter().any(|known| it.starts_with(known)))
        .collect();
    println!(
        "{} of {count} ways lead to where they should",
        count - wrong.len()
    );
    assert!(
        unknown.is_empty(),
        "{} of {count}:\n{}",
        unknown.len(),
        unknown
            .iter()
            .map(|it| it.as_str())
            .collect::<Vec<_>>()
            .join("\n\n")
    );
    let learnt: Vec<_> = known
        .iter()
        .filter(|known| !wrong.iter().any(|it| it.starts_with(**known)))
        .collect();
    assert!(learnt.is_empty(), "these lead there by now: {learnt:#?}");
}

fn has_cannot(way: &Scripted) -> bool {
    way.remarks.iter().any(|it| it.kind == RemarkKind::Cannot)
}

/// A database of its own for one set of migrations.
pub(crate) trait Database {
    /// Runs a script.
    fn run(&mut self, script: &str) -> Result<(), String>;

    /// Reads its schema.
    fn read(&mut self) -> Result<Schema, String>;
}

/// Goes from the schema after each migration to the next one's, back and forth again.
pub(crate) fn along(set: &str, models: &[Schema], mut fresh: impl FnMut() -> Box<dyn Database>) {
    let mut database = fresh();
    let (mut count, mut said, mut wrong) = (0, 0, Vec::new());
    let mut go = |database: &mut Box<dyn Database>, from: Option<&Schema>, to: &Schema| {
        let way = match from {
            Some(from) => sql::migrate(from, to),
            None => sql::create(to),
        };
        // Of a model that is open not everything is known.
        if has_cannot(&way) || to.is_open() {
            said += 1;
            return false;
        }
        count += 1;
        let done = match way.statements.is_empty() {
            true => Ok(()),
            false => database.run(&way.script()),
        };
        let found = done.and_then(|()| database.read());
        let found: Vec<String> = match found {
            Ok(found) => diff(to, &found).iter().map(ToString::to_string).collect(),
            Err(error) => vec![format!("refused: {error}")],
        };
        if !found.is_empty() {
            wrong.push(format!("{found:#?}\n{}", way.script()));
        }
        found.is_empty()
    };
    let mut at: Option<&Schema> = None;
    for model in models {
        let there = match at {
            Some(last) => {
                go(&mut database, Some(last), model)
                    && go(&mut database, Some(model), last)
                    && go(&mut database, Some(last), model)
            }
            None => false,
        };
        if !there {
            database = fresh();
            go(&mut database, None, model);
        }
        at = Some(model);
    }
    // What a database is read as makes the same one again.
    let dumped = database.read().map(|read| {
        let mut second = fresh();
        go(&mut second, None, &read)
    });
    println!(
        "{set}: {} of {count} ways lead to where they should; {said} were not gone, since not \
         everything is known",
        count - wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    assert_eq!(dumped, Ok(true));
}
