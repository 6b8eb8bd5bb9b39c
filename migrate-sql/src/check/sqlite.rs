//! SQLite settles its scripts itself: they run up, down and up again in a database in memory.

use std::iter;

use migrate_core::{
    CheckContext, Diagnostic, Direction, ScriptFile, ScriptFinding, SourceMigration, rule,
};

use super::{rebuild, reversibility, script};
use crate::change::Touches;
use crate::diff;
use crate::hazard::Watch;
use crate::sandbox::Sandbox;
use crate::schema::Schema;

/// What SQLite says to the scripts, which come in the order of their versions.
pub(super) fn check(
    migrations: &[SourceMigration],
    context: CheckContext<'_>,
) -> Vec<ScriptFinding> {
    match Sandbox::open(context.functions) {
        Some(sandbox) => check_in(sandbox, migrations, context),
        None => Vec::new(),
    }
}

fn check_in(
    mut sandbox: Sandbox,
    migrations: &[SourceMigration],
    context: CheckContext<'_>,
) -> Vec<ScriptFinding> {
    let mut findings = Vec::new();
    for (index, migration) in migrations.iter().enumerate() {
        if sandbox.is_lost() {
            break;
        }
        let down = migration.down.iter().filter(|_| !migration.vouched);
        sandbox.attend(iter::once(&migration.up).chain(down));
        sandbox.begin();
        let risks = match migration.vouched {
            true => Vec::new(),
            false => risks(&mut sandbox, migration, context),
        };
        let up = sandbox.run(&migration.up);
        if migration.vouched {
            sandbox.end();
            continue;
        }
        let mut find = |direction, found: Vec<Diagnostic>| {
            findings.extend(found.into_iter().map(|diagnostic| ScriptFinding {
                migration: index,
                direction,
                diagnostic,
            }));
        };
        let is_whole = up.complete && !sandbox.is_lost();
        find(Direction::Up, up.findings);
        if is_whole {
            find(Direction::Up, risks);
            find(
                Direction::Up,
                rebuild::find(&migration.up, sandbox.schema()),
            );
        }
        if let Some(down) = &migration.down
            && up.complete
            && !sandbox.is_lost()
        {
            find(Direction::Down, round_trip(&mut sandbox, migration, down));
        }
        sandbox.end();
    }
    findings
}

/// The schema that the up scripts make; uncertain from where SQLite could not follow them.
pub(super) fn schema_of(migrations: &[SourceMigration], context: CheckContext<'_>) -> Schema {
    let sandbox = Sandbox::open(context.functions);
    let (mut schema, lost) = match sandbox {
        Some(mut sandbox) => {
            for migration in migrations {
                sandbox.attend(iter::once(&migration.up));
                sandbox.run(&migration.up);
            }
            (sandbox.schema().clone(), sandbox.is_lost())
        }
        None => (Schema::new(context.dialect), true),
    };
    if lost {
        schema.forget(&Touches::Everything);
    }
    schema
}

/// What is risky about the way up. The model follows the statements for this, since SQLite itself only
/// tells what came out at the end.
fn risks(
    sandbox: &mut Sandbox,
    migration: &SourceMigration,
    context: CheckContext<'_>,
) -> Vec<Diagnostic> {
    let watch = Watch::new(context.server, migration.up.transaction);
    let run = sandbox.foresee(|schema| script::watched(&migration.up, schema, Some(watch)));
    run.hazards
        .into_iter()
        .map(|hazard| hazard.diagnostic)
        .collect()
}

/// Runs the way down and up again, and leaves the database as it was.
fn round_trip(
    sandbox: &mut Sandbox,
    migration: &SourceMigration,
    down: &ScriptFile,
) -> Vec<Diagnostic> {
    let found = sandbox.rehearse(|sandbox| {
        let reverted = sandbox.run(down);
        let mut findings = reverted.findings;
        if reverted.complete && !sandbox.is_lost() && !down.is_empty() {
            let differences = diff::since(sandbox.schema(), 2);
            if !differences.is_empty() {
                findings.push(reversibility::not_reverted(down, &differences));
            } else {
                let again = sandbox.try_out(&migration.up);
                if let Some(refused) = again.findings.into_iter().next() {
                    findings.push(not_again(down, refused));
                }
            }
        }
        findings
    });
    found.unwrap_or_default()
}

/// After its own way down, a migration cannot be applied again.
fn not_again(down: &ScriptFile, refused: Diagnostic) -> Diagnostic {
    let mut finding = Diagnostic::new(
        &rule::NOT_REVERTED,
        format!(
            "after this script the migration cannot be applied again: {}",
            refused.message
        ),
    )
    .at(&down.source, reversibility::first_statement(down), "");
    finding.labels.extend(refused.labels);
    finding.help(reversibility::UNDO)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::fs;
    use std::path::Path;

    use migrate_core::config::Config;
    use migrate_core::{Dialect, project};

    use super::*;

    fn sources(root: &Path) -> Vec<SourceMigration> {
        let mut config = Config::defaults(root).set(None).unwrap();
        config.dialect = Some(Dialect::Sqlite);
        project::load(&config).unwrap().sources
    }

    /// What is found where what the scripts are not about is set aside, or not.
    fn found(migrations: &[SourceMigration], crowd: Option<usize>) -> String {
        let mut sandbox = Sandbox::open(&[]).unwrap();
        sandbox.set_aside_beyond(crowd);
        let mut text = String::new();
        let context = CheckContext {
            dialect: migrate_core::Dialect::Sqlite,
            server: None,
            functions: &[],
        };
        for found in check_in(sandbox, migrations, context) {
            let at: Vec<_> = found.diagnostic.labels.iter().map(|it| &it.span).collect();
            let name = &migrations[found.migration].name;
            let finding = &found.diagnostic;
            // What is only worth knowing is found by the model alone.
            if finding.level < migrate_core::Level::Warning {
                continue;
            }
            let (message, notes) = (&finding.message, &finding.notes);
            writeln!(text, "{name} {at:?} {message} {notes:?} {:?}", finding.help).unwrap();
        }
        text
    }

    /// The findings, which are the same whatever is set aside.
    fn same(migrations: &[SourceMigration]) -> String {
        let whole = found(migrations, None);
        for crowd in [0, 1, 3] {
            assert_eq!(found(migrations, Some(crowd)), whole, "beyond {crowd}");
        }
        whole
    }

    /// Six tables with all that a table can have, and then these scripts.
    fn after_six_tables(scripts: &[(&str, &str)]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let write = |number: usize, up: &str, down: &str| {
            let folder = dir.path().join(format!("migrations/{number:03}_m{number}"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("up.sql"), up).unwrap();
            fs::write(folder.join("down.sql"), down).unwrap();
        };
        for n in 0..6 {
            let parent = n / 2;
            let up = format!(
                "CREATE TABLE t{n} (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, parent INTEGER REFERENCES t{parent} (id), amount INTEGER CHECK (amount > 0));\nCREATE INDEX t{n}_amount ON t{n} (amount) WHERE amount > 1;\nCREATE VIEW v{n} AS SELECT id, name FROM t{n};\nCREATE VIEW w{n} AS SELECT name FROM v{n};\nCREATE TRIGGER g{n} AFTER INSERT ON t{n} BEGIN UPDATE t{parent} SET amount = 2; END;\nINSERT INTO t{n} (name, amount) VALUES ('a', 1);\n"
            );
            let down = format!("DROP VIEW w{n};\nDROP VIEW v{n};\nDROP TABLE t{n};\n");
            write(n, &up, &down);
        }
        for (number, (up, down)) in (10..).zip(scripts) {
            write(number, up, down);
        }
        same(&sources(dir.path()))
    }

    #[test]
    fn nothing_is_found_whatever_is_set_aside() {
        let found = after_six_tables(&[
            (
                "ALTER TABLE t0 RENAME TO u0;\n",
                "ALTER TABLE u0 RENAME TO t0;\n",
            ),
            (
                "ALTER TABLE t3 RENAME COLUMN amount TO total;\n",
                "ALTER TABLE t3 RENAME COLUMN total TO amount;\n",
            ),
            (
                "INSERT INTO t5 (name, amount) SELECT name || 'b', 3 FROM w4;\n",
                "DELETE FROM t5 WHERE name = 'ab';\n",
            ),
            (
                "ALTER TABLE t2 ADD COLUMN note TEXT;\n",
                "ALTER TABLE t2 DROP COLUMN note;\n",
            ),
            (
                "CREATE VIRTUAL TABLE s USING fts5 (name, content='t1');\nINSERT INTO s (s) VALUES ('rebuild');\n",
                "DROP TABLE s;\n",
            ),
            ("CREATE TABLE x (a);\n", "DROP TABLE x;\n"),
            (
                "INSERT INTO s (s) VALUES ('rebuild');\nDELETE FROM sqlite_sequence WHERE name = 't1';\n",
                "",
            ),
            ("PRAGMA foreign_key_check;\nANALYZE;\nREINDEX;\n", ""),
            ("DROP INDEX t1_amount;\nDROP TRIGGER g5;\n", ""),
            (
                "CREATE TEMP TABLE y (a);\nCREATE TEMP TRIGGER z AFTER INSERT ON t4 BEGIN DELETE FROM y; END;\n",
                "",
            ),
            ("ALTER TABLE t4 RENAME COLUMN name TO title;\n", ""),
        ]);
        assert_eq!(found, "");
    }

    #[test]
    fn what_is_set_aside_is_still_in_the_way() {
        for (up, expected) in [
            ("CREATE TABLE T3 (a);\n", "`T3` is there already"),
            ("CREATE TABLE t2_amount (a);\n", "t2_amount"),
            (
                "CREATE INDEX t1_amount ON t4 (name);\n",
                "`t1_amount` is there already",
            ),
            (
                "CREATE TRIGGER g1 AFTER DELETE ON t4 BEGIN SELECT 1; END;\n",
                "`g1` is there already",
            ),
            ("ALTER TABLE t2 DROP COLUMN name;\n", "name"),
            ("ALTER TABLE t2 DROP COLUMN amount;\n", "amount"),
            ("CREATE TABLE x (a);\nALTER TABLE x RENAME TO v4;\n", "v4"),
            (
                "INSERT INTO 't1' (name, amount) VALUES ('a', 1);\n",
                "UNIQUE",
            ),
            ("SELECT nowhere FROM w5;\n", "`nowhere` does not exist"),
        ] {
            let found = after_six_tables(&[("CREATE TABLE z (a);\n", "DROP TABLE z;\n"), (up, "")]);
            assert!(found.contains(expected), "{up}{found}");
        }
    }

    #[test]
    fn a_view_without_its_table_is_in_the_way_of_every_rename() {
        let found = after_six_tables(&[
            (
                "CREATE VIEW stray AS SELECT a FROM nowhere;\n",
                "DROP VIEW stray;\n",
            ),
            ("CREATE TABLE z (a);\n", "DROP TABLE z;\n"),
            (
                "ALTER TABLE z RENAME TO y;\n",
                "ALTER TABLE y RENAME TO z;\n",
            ),
        ]);
        assert!(
            found.contains("m12") && found.contains("error in"),
            "{found}"
        );
    }

    #[test]
    fn strings_in_double_quotes_are_judged_the_same() {
        // SQLite takes them for strings where no column has the name, and ALTER TABLE looks at them.
        for quoted in [
            "CREATE VIEW quoted AS SELECT \"no such\" FROM t0;\n",
            "CREATE INDEX quoted ON t1 (name, \"no such\");\n",
            "CREATE TRIGGER quoted AFTER INSERT ON t2 BEGIN UPDATE t3 SET name = \"no such\"; END;\n",
        ] {
            after_six_tables(&[
                (quoted, ""),
                ("CREATE TABLE z (a);\n", ""),
                ("ALTER TABLE z RENAME COLUMN a TO b;\n", ""),
                (
                    "ALTER TABLE z RENAME TO y;\nALTER TABLE y ADD COLUMN c;\n",
                    "",
                ),
                ("ALTER TABLE y DROP COLUMN c;\n", ""),
            ]);
        }
    }

    #[test]
    fn sqlite_writing_a_string_in_other_quotes_is_no_change() {
        let found = after_six_tables(&[
            (
                "CREATE TABLE q (a TEXT CHECK (a IN (\"x y\", \"z\")), b TEXT);\nCREATE VIEW quoted AS SELECT b FROM q WHERE a = \"x y\";\nCREATE TRIGGER quoted_g AFTER INSERT ON q BEGIN UPDATE q SET b = \"done\"; END;\n",
                "DROP VIEW quoted;\nDROP TABLE q;\n",
            ),
            (
                "ALTER TABLE q RENAME COLUMN b TO c;\n",
                "ALTER TABLE q RENAME COLUMN c TO b;\n",
            ),
            (
                "ALTER TABLE t0 RENAME COLUMN amount TO total;\n",
                "ALTER TABLE t0 RENAME COLUMN total TO amount;\n",
            ),
            (
                "DROP VIEW quoted;\n",
                "CREATE VIEW quoted AS SELECT c FROM q WHERE a = x;\n",
            ),
        ]);
        assert!(found.contains("m13"), "{found}");
        assert!(!found.contains("m11") && !found.contains("m12"), "{found}");
    }

    #[test]
    fn real_sets_are_judged_the_same() {
        let corpora = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora"));
        let set = corpora.join("authelia/sqlite");
        if !set.is_dir() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let migrations = dir.path().join("migrations");
        fs::create_dir(&migrations).unwrap();
        for file in fs::read_dir(&set).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), migrations.join(file.file_name())).unwrap();
        }
        let sources = sources(dir.path());
        assert!(sources.len() > 10);
        same(&sources);
    }
}
