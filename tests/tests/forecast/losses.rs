//! What a script throws away.

use migrate_core::{Dialect, Direction, ScriptFile};
use migrate_sql::check::lost;

fn losses(dialect: Dialect, sql: &str) -> Vec<String> {
    let script = ScriptFile::of_text(Direction::Up, "1/up.sql", sql, dialect);
    let lost = lost(&script, dialect);
    lost.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_dropped_deleted_and_written_over_is_lost() {
    for (sql, lost) in [
        (
            "DROP TABLE a, b",
            &["the table `a` with its rows", "the table `b` with its rows"][..],
        ),
        ("ALTER TABLE a DROP COLUMN b", &["the column `b` of `a`"]),
        ("TRUNCATE a", &["rows of `a`"]),
        ("DELETE FROM a WHERE b = 1; DELETE FROM a", &["rows of `a`"]),
        (
            "UPDATE a SET b = 1",
            &["values in `a` that are written over"],
        ),
        ("DO $$ BEGIN END $$", &["perhaps more: a DO block"]),
        // Nothing was there before.
        ("ALTER TABLE a ADD COLUMN b int; UPDATE a SET b = 1", &[]),
        (
            "CREATE TABLE a (b int); INSERT INTO a VALUES (1); DELETE FROM a",
            &[],
        ),
        ("CREATE INDEX a_b ON a (b); INSERT INTO a VALUES (1)", &[]),
    ] {
        assert_eq!(losses(Dialect::Postgres, sql), lost, "{sql}");
    }
}

#[test]
fn a_table_that_is_made_anew_is_not_lost() {
    let rebuilt = "CREATE TABLE new_a (b int); INSERT INTO new_a SELECT b FROM a; DROP TABLE a; \
                   ALTER TABLE new_a RENAME TO a";
    assert!(losses(Dialect::Sqlite, rebuilt).is_empty());
}
