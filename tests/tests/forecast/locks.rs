//! The locks of each statement, against those that were measured on real servers.

use std::collections::BTreeMap;

use migrate_core::{Dialect, Direction, ScriptFile};
use migrate_sql::check::{Foretold, foretell};
use migrate_sql::hazard::{Lock, Mode};
use migrate_sql::schema::Schema;
use migrate_tests::measure::{Case, Facts, Measured, cases, path};

/// From this mode on a lock is foretold: what is weaker stands in nobody's way but VACUUM's.
const WEAKEST: Mode = Mode::ShareUpdateExclusive;

/// Cases whose lock on the table is foretold by what it does to others, not by its name.
const SAID_OTHERWISE: [&str; 6] = [
    // SHARE on the table and ACCESS EXCLUSIVE on its index: readers wait, as for the table itself.
    "indexes/reindex_index",
    "indexes/reindex_table",
    "indexes/reindex_schema",
    // Nobody writes to a materialized view, so that what only keeps writers away keeps nobody away.
    "objects/refresh_concurrently",
    "objects/index_of_materialized_view",
    // The partition is locked in a second transaction, which the measurement did not see.
    "partitions/detach_concurrently",
];

fn foretold(case: &Case, dialect: Dialect, server: &str) -> Vec<Foretold> {
    let server = Some(server.parse().expect("a server"));
    let mut schema = Schema::new(dialect);
    let script = |text: &str| ScriptFile::of_text(Direction::Up, &case.name, text, dialect);
    foretell(&script(&case.given), &mut schema, server);
    foretell(&script(&case.when), &mut schema, server)
}

fn mode(text: &str) -> Mode {
    let modes = [
        Mode::AccessShare,
        Mode::RowExclusive,
        Mode::ShareUpdateExclusive,
        Mode::Share,
        Mode::ShareRowExclusive,
        Mode::Exclusive,
        Mode::AccessExclusive,
    ];
    let is_it = |mode: &Mode| Lock::Postgres(*mode).to_string() == text;
    // ROW SHARE is what a foreign key takes to read; nobody but EXCLUSIVE waits for it.
    modes.into_iter().find(is_it).unwrap_or(Mode::AccessShare)
}

/// The strongest mode on each table, as the server has it after a statement.
fn measured_modes(facts: &Facts, foretold: &BTreeMap<String, Mode>) -> BTreeMap<String, Mode> {
    let strongest =
        |modes: &std::collections::BTreeSet<String>| modes.iter().map(|it| mode(it)).max();
    let modes = facts.locks.iter().filter_map(|(table, modes)| {
        // Indexes and sequences are in the list, too; their tables are what is foretold.
        let is_table = facts.keeps_away.contains_key(table) || foretold.contains_key(table);
        Some((
            table.clone(),
            strongest(modes).filter(|it| is_table && *it >= WEAKEST)?,
        ))
    });
    modes.collect()
}

#[test]
fn the_modes_of_postgres() {
    let measured = Measured::read(&path(Dialect::Postgres, "15")).expect("the measurements");
    let (mut right, mut wrong, mut unknown) = (0, Vec::new(), 0);
    for case in cases(Dialect::Postgres) {
        let Some(measurement) = measured.cases.get(&case.name) else {
            continue;
        };
        if measurement.refused.is_some() {
            continue;
        }
        let mut held: BTreeMap<String, Mode> = BTreeMap::new();
        let mut is_unknown = false;
        for (told, facts) in foretold(&case, Dialect::Postgres, "postgres 15")
            .iter()
            .zip(&measurement.statements)
        {
            if case.no_transaction() {
                held.clear();
            }
            for effect in &told.effects {
                let (Some(table), Lock::Postgres(mode)) = (&effect.table, effect.lock) else {
                    continue;
                };
                if mode >= WEAKEST {
                    let strongest = held.entry(table.name.to_string()).or_insert(mode);
                    *strongest = mode.max(*strongest);
                }
            }
            is_unknown |= told.unknown.is_some();
            if is_unknown {
                unknown += 1;
                continue;
            }
            let truth = measured_modes(facts, &held);
            match truth == held || SAID_OTHERWISE.contains(&&*case.name) {
                true => right += 1,
                false => wrong.push(format!(
                    "{}: {}\n    foretold {held:?}\n    measured {truth:?} {:?}",
                    case.name, facts.sql, facts.locks
                )),
            }
        }
    }
    println!("{right} right, {} wrong, {unknown} unknown", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Cases whose lock is foretold otherwise than it was measured.
const OTHERWISE_ON_MARIADB: [&str; 3] = [
    // Nothing happens, so nobody is shut out; that is foretold as a moment.
    "columns/add_that_exists_already",
    // Clauses that are kept as options of storage; both are foretold as a moment.
    "tables/disable_keys",
    "tables/order_by",
];

/// The lock of each ALTER TABLE and CREATE INDEX, and which other statements shut everybody out for
/// a moment.
#[test]
fn the_classes_of_mariadb() {
    let path = path(Dialect::Mysql, "mariadb-10.11");
    let measured = Measured::read(&path).expect("the measurements");
    let (mut right, mut wrong, mut algorithms) = (0, Vec::new(), [0, 0]);
    for case in cases(Dialect::Mysql) {
        let Some(measurement) = measured.cases.get(&case.name) else {
            continue;
        };
        if measurement.refused.is_some() {
            continue;
        }
        let told = foretold(&case, Dialect::Mysql, "mariadb 10.11");
        for (told, facts) in told.iter().zip(&measurement.statements) {
            if told.unknown.is_some() {
                continue;
            }
            let dearest = told.effects.iter().map(|effect| effect.lock).max();
            let said = match dearest {
                Some(Lock::Mysql(algorithm, online)) => {
                    let text = Lock::Mysql(algorithm, online).to_string();
                    let text = text.replace("ALGORITHM=", "").replace(" LOCK=", " ");
                    Some((text, online))
                }
                _ => None,
            };
            let is_right = match (&facts.class, &said) {
                (Some(class), Some((said, _))) => {
                    algorithms[usize::from(class == said)] += 1;
                    let lock = |class: &str| class.split(", ").nth(1).map(str::to_owned);
                    lock(class) == lock(said)
                }
                (Some(_), None) => false,
                // No class: it matters that it is foretold that everybody is shut out.
                (None, said) => facts.exclusive == (said.is_some() && !told.is_dml),
            };
            let is_right = is_right || OTHERWISE_ON_MARIADB.contains(&&*case.name);
            match is_right {
                true => right += 1,
                false => wrong.push(format!(
                    "{}: {}\n    foretold {said:?}\n    measured {:?}, exclusive {}",
                    case.name, facts.sql, facts.class, facts.exclusive
                )),
            }
        }
    }
    println!(
        "{right} locks right, {} wrong; {algorithms:?} algorithms wrong, right",
        wrong.len()
    );
    // The server accepts ALGORITHM=INSTANT for some statements that copy the table all the same.
    assert!(algorithms[1] >= 9 * algorithms[0], "{algorithms:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
