//! What holds for the split of every text, and the split of real migration sets.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod invariants;

use std::path::{Path, PathBuf};

use migrate_core::directive::directives;
use migrate_core::statement::{Kind, classify};
use migrate_core::{Dialect, normalise, split};
use proptest::prelude::*;

use invariants::check;

/// Pieces of scripts; what opens something here is closed somewhere, somehow, or not at all.
const FRAGMENTS: &[&str] = &[
    "SELECT ",
    "CREATE ",
    "OR REPLACE ",
    "TABLE ",
    "TRIGGER ",
    "PROCEDURE p() ",
    "FUNCTION f() ",
    "EVENT e ",
    "BEGIN ",
    "BEGIN ATOMIC ",
    "END",
    "END IF",
    "IF ",
    "THEN ",
    "ELSE ",
    "CASE ",
    "WHEN ",
    "LOOP ",
    "REPEAT ",
    "UNTIL ",
    "WHILE ",
    "DO ",
    "FOR EACH ROW ",
    "DECLARE ",
    "HANDLER FOR ",
    "l: ",
    "DELIMITER ",
    "DELIMITER $$\n",
    "\ndelimiter ;\n",
    "$$",
    "$a$",
    "$1",
    ";",
    ";;",
    "'",
    "\"",
    "`",
    "[",
    "]",
    "\\",
    "\\'",
    "E'",
    "U&\"",
    "_utf8'",
    "--",
    "-- ",
    "#",
    "\n",
    " ",
    "/*",
    "*/",
    "/*!40101 ",
    "/*M!999999\\- ",
    "(",
    ")",
    ",",
    ".",
    "@",
    "@x",
    ":=",
    "-|-",
    "1",
    "2e+",
    "a",
    "é",
    "\0",
    "COPY a FROM stdin",
    "\n\\.\n",
    "\\connect x\n",
    "\n.read x\n",
    "source x\n",
    "-- migrate:",
    "-- migrate:allow a b\n",
    "ALTER TABLE t ",
    "ADD ",
    "DROP ",
    "RENAME ",
    "TO ",
    "SET ",
    "PRAGMA foreign_keys=off",
    "INTO ",
    "INSERT ",
    "INDEX ",
    "CONCURRENTLY ",
    "ON ",
    "\u{feff}",
    "\r\n",
    "\u{a0}",
];

fn fragments() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(FRAGMENTS), 0..40).prop_map(|parts| parts.concat())
}

fn dialect() -> impl Strategy<Value = Dialect> {
    prop::sample::select(Dialect::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text(text in any::<String>(), dialect in dialect()) {
        check(&text, dialect);
    }

    #[test]
    fn any_fragments(text in fragments(), dialect in dialect()) {
        check(&text, dialect);
        check(&normalise(&text), dialect);
    }

    /// A statement without a semicolon comes back whole, whatever it stands beside.
    #[test]
    fn simple_statements_come_back(
        statements in prop::collection::vec(
            prop::sample::select(vec![
                "SELECT 1", "SELECT ';'", "INSERT INTO a VALUES ('it''s', \"x;\")", "DROP TABLE a",
                "UPDATE a SET b = /* ; */ 2", "CREATE TABLE a (b int)", "ALTER TABLE a ADD c int",
                "SELECT CASE WHEN a THEN b END", "DELETE FROM a WHERE b IN (1, 2) -- ;\n AND c",
            ]),
            0..12,
        ),
        gap in prop::sample::select(vec!["", " ", "\n", " -- x;\n", "/* ; */"]),
        dialect in dialect(),
    ) {
        let text: String = statements.iter().map(|s| format!("{gap}{s}{gap};")).collect();
        let found = split(&text, dialect);
        prop_assert_eq!(&found.problems, &[]);
        prop_assert_eq!(found.texts(&text).collect::<Vec<_>>(), statements);
    }
}

fn sql_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sql_files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "sql") {
            found.push(path);
        }
    }
}

/// Real sets, where they are beside the repository: no problem is found, every statement is known
/// by its first words, and there are as many as PostgreSQL logs when psql reads the files, and as
/// `sqlite3_complete` finds; the mariadb client agrees but where it needs DELIMITER.
#[test]
fn real_migration_sets() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let sets = [
        ("crates-io/migrations", Dialect::Postgres, 1102),
        ("authelia/postgres", Dialect::Postgres, 332),
        ("authelia/mysql", Dialect::Mysql, 349),
        ("authelia/sqlite", Dialect::Sqlite, 764),
    ];
    for (set, dialect, expected) in sets {
        let folder = corpora.join(set);
        if !folder.is_dir() {
            eprintln!("left out: {set}, which is not beside the repository");
            continue;
        }
        let mut files = Vec::new();
        sql_files(&folder, &mut files);
        let mut statements = 0;
        for file in files {
            let text = normalise(&std::fs::read_to_string(&file).unwrap()).into_owned();
            check(&text, dialect);
            let found = split(&text, dialect);
            assert_eq!(found.problems, [], "{}", file.display());
            assert_eq!(directives(&text, &found).problems, [], "{}", file.display());
            for statement in found.texts(&text) {
                let kind = classify(statement, dialect).kind;
                assert_ne!(kind, Kind::Other, "{}: {statement}", file.display());
            }
            statements += found.statements.len();
        }
        assert_eq!(statements, expected, "{set}");
    }
}
