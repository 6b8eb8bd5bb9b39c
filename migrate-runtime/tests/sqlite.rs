//! The loop on SQLite, which needs no server; the contract over all databases is in the workspace's
//! `tests`.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::borrow::Cow;

use diesel::connection::SimpleConnection;
use diesel::sqlite::Sqlite;
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use migrate_core::plan::{DownTarget, UpTarget};
use migrate_core::{Dialect, Down, Migration, MigrationSet, Script, Version, script_checksum};
use migrate_runtime::{ErrorKind, Migrator};

fn script(name: &str, sql: &str, transaction: bool) -> Script {
    Script {
        path: Cow::Owned(name.to_owned()),
        sql: Cow::Owned(sql.to_owned()),
        checksum: script_checksum(sql, Dialect::Sqlite, transaction, None),
        transaction,
        rust: false,
    }
}

fn migration(version: &str, up: &str, down: Option<&str>) -> Migration {
    Migration {
        version: Version::parse(version).unwrap(),
        name: Cow::Owned(format!("m{version}")),
        up: script("up.sql", up, true),
        down: down.map_or(Down::Missing, |sql| {
            Down::Script(script("down.sql", sql, true))
        }),
    }
}

fn set(migrations: Vec<Migration>) -> MigrationSet {
    MigrationSet::new(Dialect::Sqlite, migrations).unwrap()
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

fn count(conn: &mut SqliteConnection, query: &str) -> i64 {
    let count: Count = sql_query(query).get_result(conn).unwrap();
    count.n
}

fn memory() -> SqliteConnection {
    SqliteConnection::establish(":memory:").unwrap()
}

#[test]
fn up_down_up() {
    let set = set(vec![
        migration(
            "1",
            "CREATE TABLE a (id INTEGER); INSERT INTO a VALUES (1);",
            Some("DROP TABLE a"),
        ),
        migration("2", "CREATE TABLE b (id INTEGER)", Some("DROP TABLE b")),
    ]);
    let conn = &mut memory();
    let mut migrator = Migrator::<Sqlite>::new(&set);
    assert_eq!(migrator.up(conn, &UpTarget::Latest).unwrap().steps.len(), 2);
    assert_eq!(migrator.up(conn, &UpTarget::Latest).unwrap().steps.len(), 0);
    assert_eq!(count(conn, "SELECT count(*) AS n FROM a"), 1);
    assert!(migrator.status(conn).unwrap().is_up_to_date());
    assert_eq!(
        migrator.down(conn, &DownTarget::All).unwrap().steps.len(),
        2
    );
    assert_eq!(
        count(
            conn,
            "SELECT count(*) AS n FROM sqlite_master WHERE name IN ('a', 'b')"
        ),
        0
    );
    assert_eq!(
        migrator.up(conn, &UpTarget::Count(1)).unwrap().steps.len(),
        1
    );
    assert_eq!(migrator.redo(conn, 1).unwrap().steps.len(), 2);
}

#[test]
fn of_many_that_were_committed_before_a_failure_the_message_has_two() {
    let mut migrations: Vec<_> = (1..=200)
        .map(|n| migration(&n.to_string(), "SELECT 1", None))
        .collect();
    migrations.push(migration("201", "INSERT INTO nowhere VALUES (1)", None));
    let set = set(migrations);
    let conn = &mut memory();
    let mut migrator = Migrator::<Sqlite>::new(&set);
    let error = migrator.up(conn, &UpTarget::Latest).unwrap_err();
    assert_eq!(error.completed().len(), 200);
    let message = error.to_string();
    let end = "; nothing of it remains; committed before that (up): 200 migrations, 1 to 200";
    assert!(message.ends_with(end), "{message}");
}

#[test]
fn a_failing_statement_leaves_nothing_of_its_migration() {
    let set = set(vec![
        migration("1", "CREATE TABLE a (id INTEGER)", None),
        migration(
            "2",
            "CREATE TABLE b (id INTEGER); INSERT INTO nowhere VALUES (1)",
            None,
        ),
    ]);
    let conn = &mut memory();
    let error = Migrator::<Sqlite>::new(&set)
        .up(conn, &UpTarget::Latest)
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Failed(f) if f.rolled_back && f.statement == Some(1))
    );
    assert_eq!(
        error.to_string(),
        "migration 2_m2 failed on its way up, statement 2 at up.sql:1: no such table: nowhere; \
         nothing of it remains; committed before that (up): 1"
    );
    assert_eq!(
        count(
            conn,
            "SELECT count(*) AS n FROM sqlite_master WHERE name = 'b'"
        ),
        0
    );
    assert_eq!(count(conn, "SELECT count(*) AS n FROM _migrate_history"), 1);
}

const REBUILD: &str =
    "CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
INSERT INTO new_parent (id) SELECT id FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;";

const FAMILY: &str = "CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent ON DELETE CASCADE);
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (1, 1), (2, 2), (3, 2);";

#[test]
fn a_rebuild_keeps_every_cascading_child() {
    let with_pragma = format!("PRAGMA foreign_keys = off;\n{REBUILD}\nPRAGMA foreign_keys = on;");
    for rebuild in [REBUILD, with_pragma.as_str()] {
        for keys in ["ON", "OFF"] {
            let set = set(vec![
                migration("1", FAMILY, None),
                migration("2", rebuild, None),
            ]);
            let conn = &mut memory();
            sql_query(format!("PRAGMA foreign_keys = {keys}"))
                .execute(conn)
                .unwrap();
            Migrator::<Sqlite>::new(&set)
                .up(conn, &UpTarget::Latest)
                .unwrap();
            assert_eq!(
                count(conn, "SELECT count(*) AS n FROM child"),
                3,
                "{keys} {rebuild}"
            );
            let on = count(conn, "SELECT foreign_keys AS n FROM pragma_foreign_keys");
            assert_eq!(on, i64::from(keys == "ON"));
        }
    }
}

#[test]
fn existing_orphans_do_not_block_a_rebuild_and_new_ones_do() {
    // The bundled SQLite enforces keys from the start, so the orphan comes in while they are off.
    let with_orphan = || {
        let mut conn = memory();
        let orphan = format!(
            "PRAGMA foreign_keys = OFF; {FAMILY} INSERT INTO child VALUES (4, 99); \
             PRAGMA foreign_keys = ON;"
        );
        conn.batch_execute(&orphan).unwrap();
        conn
    };
    let lossy = REBUILD.replace("FROM parent", "FROM parent WHERE id = 1");
    let conn = &mut with_orphan();
    let fine = set(vec![migration("1", REBUILD, None)]);
    Migrator::<Sqlite>::new(&fine)
        .up(conn, &UpTarget::Latest)
        .unwrap();
    let conn = &mut with_orphan();
    let bad = set(vec![migration("1", &lossy, None)]);
    let error = Migrator::<Sqlite>::new(&bad)
        .up(conn, &UpTarget::Latest)
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::ForeignKeys { .. }),
        "{error}"
    );
    assert_eq!(count(conn, "SELECT count(*) AS n FROM parent"), 2);
}

#[test]
fn a_data_migration_still_cascades() {
    let set = set(vec![
        migration("1", FAMILY, None),
        migration("2", "DELETE FROM parent WHERE id = 2", None),
    ]);
    let conn = &mut memory();
    sql_query("PRAGMA foreign_keys = ON").execute(conn).unwrap();
    Migrator::<Sqlite>::new(&set)
        .up(conn, &UpTarget::Latest)
        .unwrap();
    assert_eq!(count(conn, "SELECT count(*) AS n FROM child"), 1);
}

#[test]
fn a_script_that_wants_keys_on_has_them_and_the_session_does_not_keep_them() {
    let set = set(vec![
        migration("1", FAMILY, None),
        migration(
            "2",
            "PRAGMA foreign_keys = ON; DELETE FROM parent WHERE id = 2",
            None,
        ),
    ]);
    for keys in [0, 1] {
        let conn = &mut memory();
        sql_query(format!("PRAGMA foreign_keys = {keys}"))
            .execute(conn)
            .unwrap();
        Migrator::<Sqlite>::new(&set)
            .up(conn, &UpTarget::Latest)
            .unwrap();
        assert_eq!(count(conn, "SELECT count(*) AS n FROM child"), 1);
        let on = count(conn, "SELECT foreign_keys AS n FROM pragma_foreign_keys");
        assert_eq!(on, keys);
    }
}

#[test]
fn a_function_that_only_the_app_has_is_refused_before_the_first_step() {
    let set = set(vec![
        migration("1", "CREATE TABLE a (id TEXT)", None),
        migration("2", "INSERT INTO a SELECT upper(BIN2B64(id)) FROM a", None),
    ]);
    let conn = &mut memory();
    let error = Migrator::<Sqlite>::new(&set)
        .up(conn, &UpTarget::Latest)
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NeedsFunction { function, .. } if function == "BIN2B64")
    );
    assert_eq!(error.next().as_deref(), Some("migrate up --to 1"));
    assert_eq!(count(conn, "SELECT count(*) AS n FROM sqlite_master"), 0);
}

#[test]
fn on_the_way_down_a_missing_function_says_how_far_to_revert() {
    let set = set(vec![
        migration("1", "CREATE TABLE a (id TEXT)", Some("DROP TABLE a")),
        migration(
            "2",
            "INSERT INTO a VALUES (1)",
            Some("SELECT B642BIN(id) FROM a"),
        ),
        migration(
            "3",
            "INSERT INTO a VALUES (2)",
            Some("DELETE FROM a WHERE id = 2"),
        ),
    ]);
    let conn = &mut memory();
    let mut migrator = Migrator::<Sqlite>::new(&set);
    migrator.up(conn, &UpTarget::Latest).unwrap();
    let error = migrator.down(conn, &DownTarget::All).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the down script of migration 2_m2 calls the function B642BIN, which this connection does \
         not have; run it by the app that registers the function; this program can go down to \
         version 2: `--to 2`"
    );
    assert_eq!(error.next().as_deref(), Some("migrate down --to 2"));
    assert_eq!(count(conn, "SELECT count(*) AS n FROM a"), 2);
    let to = DownTarget::Version(Version::parse("2").unwrap());
    assert_eq!(migrator.down(conn, &to).unwrap().steps.len(), 1);
    let error = migrator.down(conn, &DownTarget::All).unwrap_err();
    assert_eq!(error.next(), None);
}

#[test]
fn a_dry_run_changes_nothing_and_names_every_statement() {
    let set = set(vec![migration("1", "CREATE TABLE a (id INTEGER)", None)]);
    let conn = &mut memory();
    let report = Migrator::<Sqlite>::new(&set)
        .dry_run(true)
        .up(conn, &UpTarget::Latest)
        .unwrap();
    assert!(
        report
            .sql
            .iter()
            .any(|sql| sql == "CREATE TABLE a (id INTEGER)"),
        "{:#?}",
        report.sql
    );
    assert_eq!(count(conn, "SELECT count(*) AS n FROM sqlite_master"), 0);
}

#[test]
fn the_sql_of_a_dry_run_does_the_whole_job() {
    let set = set(vec![migration("1", "CREATE TABLE a (id INTEGER)", None)]);
    let conn = &mut memory();
    let report = Migrator::<Sqlite>::new(&set)
        .dry_run(true)
        .up(conn, &UpTarget::Latest)
        .unwrap();
    for sql in &report.sql {
        sql_query(sql).execute(conn).unwrap();
    }
    assert!(
        Migrator::<Sqlite>::new(&set)
            .status(conn)
            .unwrap()
            .is_up_to_date()
    );
    assert_eq!(
        Migrator::<Sqlite>::new(&set)
            .up(conn, &UpTarget::Latest)
            .unwrap()
            .steps
            .len(),
        0
    );
}

#[test]
fn a_script_that_fails_twice_is_corrected_and_resumed() {
    let stepwise = |up: &str| {
        let mut migration = migration("1", up, None);
        migration.up = script("up.sql", up, false);
        set(vec![migration])
    };
    let good = "CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1); VACUUM;";
    for bad in [
        good.replace("INTO a", "INTO nowhere"),
        good.replace("VACUUM", "VACUUM nowhere"),
        good.replace("VACUUM", "PRAGMA foreign_keys = nonsense nonsense"),
    ] {
        let conn = &mut memory();
        let broken = stepwise(&bad);
        let mut migrator = Migrator::<Sqlite>::new(&broken);
        migrator.up(conn, &UpTarget::Latest).unwrap_err();
        migrator.resume(conn, None).unwrap_err();
        let corrected = stepwise(good);
        let mut migrator = Migrator::<Sqlite>::new(&corrected);
        migrator.resume(conn, None).unwrap();
        assert_eq!(count(conn, "SELECT count(*) AS n FROM a"), 1, "{bad}");
        assert!(migrator.status(conn).unwrap().is_up_to_date());
    }
}
