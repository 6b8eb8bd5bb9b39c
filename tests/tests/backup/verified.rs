//! Only what was restored and compared as a whole is called verified.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use migrate_ops::backup::{VerificationState, VerifyLevel};
use migrate_ops::event::Event;
use migrate_tests::server::{self, Database, Engine};
use sha2::{Digest as _, Sha256};

use super::place::Place;
use super::shop;

#[test]
fn a_whole_copy_is_verified() {
    for server in server::all() {
        let database = server.database("shop ünï");
        shop::fill(&database);
        let place = Place::new(server.engine());
        let stored = place.verified(&database).unwrap();
        let found = &stored.evidence.verification;
        assert_eq!(found.differences, [""; 0], "{}", server.engine());
        assert!(stored.evidence.is_verified());
        assert!(found.restore_seconds.is_some_and(|it| it > 0.0));
        assert_eq!(found.tables_compared, found.tables);
        assert_eq!(found.rows_compared, 5);
        let tables = stored.evidence.tables.as_ref().unwrap();
        assert_eq!(tables.rows(), 5);
    }
}

/// The dump and the digest show one moment, however much is written meanwhile.
#[test]
fn verified_under_writers() {
    for server in server::all() {
        let database = server.database("busy");
        let rows: String = (0..2000)
            .map(|id| format!("({id}, 'some text to read {id}', 0)"))
            .collect::<Vec<_>>()
            .join(",");
        let journal = match server.engine() {
            Engine::Sqlite => "PRAGMA journal_mode = wal;",
            _ => "",
        };
        database.sql(&format!(
            "{journal} CREATE TABLE a (id INT PRIMARY KEY, t VARCHAR(100), n INT);
             CREATE TABLE b (id INT PRIMARY KEY, t VARCHAR(100), n INT);
             INSERT INTO a VALUES {rows}; INSERT INTO b VALUES {rows};"
        ));
        let place = Place::new(server.engine());
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut count = 0;
                while !done.load(Ordering::SeqCst) {
                    // Both tables in one transaction: a dump of two moments would differ.
                    let script: String = (0..20)
                        .map(|at| {
                            let id = (count * 20 + at) % 2000;
                            format!(
                                "BEGIN; UPDATE a SET n = n + 1 WHERE id = {id}; \
                                 UPDATE b SET n = n + 1 WHERE id = {id}; COMMIT;"
                            )
                        })
                        .collect();
                    database.sql(&script);
                    count += 1;
                }
                count
            });
            for _ in 0..2 {
                let stored = place.verified(&database).unwrap();
                let found = &stored.evidence.verification;
                assert_eq!(found.differences, [""; 0], "{}", server.engine());
                assert!(stored.evidence.is_verified());
                assert!(stored.evidence.stall_seconds.unwrap_or_default() < 5.0);
            }
            done.store(true, Ordering::SeqCst);
            assert!(writer.join().unwrap() > 0);
        });
    }
}

/// MariaDB's own dump loses digits of FLOAT; nothing says so but the comparison.
#[test]
fn a_lost_digit_of_a_float_is_found() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("floats");
    database
        .sql("CREATE TABLE t (id INT PRIMARY KEY, f FLOAT); INSERT INTO t VALUES (1, 5592405.5)");
    let place = Place::new(server.engine());
    let mut warnings = Vec::new();
    let stored = place
        .back_up(database.url(), VerifyLevel::Full, &mut |event: &Event<
            '_,
        >| {
            if let Event::Warning { text, .. } = event {
                warnings.push((*text).to_owned());
            }
        })
        .unwrap();
    assert!(warnings[0].contains("t.f"), "{warnings:?}");
    let found = &stored.evidence.verification;
    assert_eq!(found.state, VerificationState::Failed);
    assert_eq!(found.differences.len(), 1, "{:?}", found.differences);
    assert!(found.differences[0].contains('t'));
    assert!(!stored.evidence.is_verified());
}

/// Changes the backup behind the back of its evidence, as a faulty program would have written it.
fn tamper(database: &Database, sql: &str) -> Vec<String> {
    let place = Place::new(database.engine());
    let stored = place
        .verified_after(database, |stored| {
            let file = &stored.evidence.files[0];
            let path = stored.folder.join(&file.name);
            let copy = Database::at(&format!("sqlite://{}", path.display()));
            copy.sql(sql);
            // The digest of the file is made to fit, so that only the comparison can find it.
            let bytes = fs::read(&path).unwrap();
            let manifest = stored.folder.join("backup.json");
            let digest: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let text = fs::read_to_string(&manifest).unwrap();
            fs::write(&manifest, text.replace(&file.sha256, &digest)).unwrap();
        })
        .unwrap();
    stored.evidence.verification.differences
}

#[test]
fn every_difference_is_found() {
    let Some(server) = server::sqlite() else {
        return;
    };
    for (what, sql) in [
        (
            "one byte",
            "UPDATE customers SET photo = x'00fe' WHERE id = 1",
        ),
        (
            "two values swapped",
            "UPDATE customers SET name = CASE id WHEN 1 THEN 'a' ELSE 'Ünï 漢 ''x''' END WHERE id IN (1, 3)",
        ),
        (
            "a NULL moved",
            "UPDATE customers SET photo = score, score = NULL WHERE id = 1",
        ),
        (
            "a text for a number",
            "UPDATE customers SET anything = '1' WHERE id = 2",
        ),
        ("a row gone", "DELETE FROM orders WHERE id = 200"),
        ("a trigger gone", "DROP TRIGGER stamp"),
        ("a view gone", "DROP VIEW totals"),
        ("an index gone", "DROP INDEX orders_amount"),
        ("a table more", "CREATE TABLE more (a)"),
    ] {
        let database = server.database("shop");
        shop::fill(&database);
        let found = tamper(&database, sql);
        assert!(!found.is_empty(), "{what} was not found");
    }
    let database = server.database("shop");
    shop::fill(&database);
    assert_eq!(tamper(&database, "SELECT 1"), [""; 0]);
}

#[test]
fn touched_tables_and_their_neighbours() {
    for server in server::all() {
        let database = server.database("shop");
        shop::fill(&database);
        let mut place = Place::new(server.engine());
        place.touched = vec!["orders".to_owned(), "yet_to_come".to_owned()];
        let stored = place
            .back_up(database.url(), VerifyLevel::Touched, &mut |_: &Event<
                '_,
            >| {})
            .unwrap();
        let found = &stored.evidence.verification;
        assert_eq!(found.state, VerificationState::Passed, "{found:?}");
        // Partitions are tables of their own, which foreign keys do not name.
        assert_eq!(found.tables_compared, 2, "{found:?}");
        assert!(!stored.evidence.is_verified());
    }
}
