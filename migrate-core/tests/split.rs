//! What holds for the split of every text, and the split of real migration sets.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::ops::Range;
use std::path::{Path, PathBuf};

use migrate_core::directive::directives;
use migrate_core::lex::{Lexer, TokenKind};
use migrate_core::statement::{
    Kind, classify, foreign_key_pragmas, is_table_rebuild, leans_on_session,
};
use migrate_core::{Dialect, normalise, split};
use proptest::prelude::*;

/// Pieces of scripts; what opens something here is closed somewhere, somehow, or not at all.
const FRAGMENTS: &[&str] = &[
    "SELECT ", "CREATE ", "OR REPLACE ", "TABLE ", "TRIGGER ", "PROCEDURE p() ", "FUNCTION f() ",
    "EVENT e ", "BEGIN ", "BEGIN ATOMIC ", "END", "END IF", "IF ", "THEN ", "ELSE ", "CASE ",
    "WHEN ", "LOOP ", "REPEAT ", "UNTIL ", "WHILE ", "DO ", "FOR EACH ROW ", "DECLARE ",
    "HANDLER FOR ", "l: ", "DELIMITER ", "DELIMITER $$\n", "\ndelimiter ;\n", "$$", "$a$", "$1",
    ";", ";;", "'", "\"", "`", "[", "]", "\\", "\\'", "E'", "U&\"", "_utf8'", "--", "-- ", "#",
    "\n", " ", "/*", "*/", "/*!40101 ", "/*M!999999\\- ", "(", ")", ",", ".", "@", "@x", ":=", "-|-",
    "1", "2e+", "a", "é", "\0", "COPY a FROM stdin", "\n\\.\n", "\\connect x\n", "\n.read x\n",
    "source x\n", "-- migrate:", "-- migrate:allow a b\n", "ALTER TABLE t ", "ADD ", "DROP ",
    "RENAME ", "TO ", "SET ", "PRAGMA foreign_keys=off", "INTO ", "INSERT ", "INDEX ",
    "CONCURRENTLY ", "ON ", "\u{feff}", "\r\n", "\u{a0}",
];

fn fragments() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(FRAGMENTS), 0..40).prop_map(|parts| parts.concat())
}

fn dialect() -> impl Strategy<Value = Dialect> {
    prop::sample::select(Dialect::ALL.to_vec())
}

/// Everything that reads a script, and what holds for all of it.
fn check(text: &str, dialect: Dialect) {
    let mut end = 0;
    for token in Lexer::new(text, dialect) {
        assert_eq!(token.start, end, "the tokens cover every byte, in order");
        assert!(token.end > token.start, "a token is not empty");
        assert!(text.get(token.span()).is_some(), "a token has whole characters");
        end = token.end;
    }
    assert_eq!(end, text.len());

    let split = split(text, dialect);
    let mut end = 0;
    let mut rebuilt = String::new();
    let mut piece = |span: &Range<usize>| {
        assert!(span.start >= end, "no statement starts before the last one ended");
        rebuilt.push_str(&text[end..span.start]);
        rebuilt.push_str(&text[span.clone()]);
        end = span.end;
    };
    for statement in &split.statements {
        assert!(!statement.span.is_empty());
        piece(&statement.span);
        let [terminator, data] = [&statement.terminator, &statement.copy_data];
        terminator.iter().for_each(&mut piece);
        data.iter().for_each(&mut piece);
    }
    rebuilt.push_str(&text[end..]);
    assert_eq!(rebuilt, text, "statements and gaps are the text");
    for statement in split.texts(text).filter(|_| split.problems.is_empty()) {
        assert_eq!(statement.trim_matches([' ', '\n', '\t']), statement);
    }
    for problem in &split.problems {
        assert!(text.get(problem.span.clone()).is_some());
        assert!(!problem.to_string().is_empty() && !problem.help().is_empty());
    }
    // Nothing but white space, comments, client's lines and terminators is left out.
    if split.problems.is_empty() && dialect != Dialect::Mysql {
        let mut end = 0;
        for statement in &split.statements {
            assert!(is_gap(&text[end..statement.span.start], dialect));
            let mut last = statement.span.end;
            if let Some(terminator) = &statement.terminator {
                assert!(is_gap(&text[last..terminator.start], dialect));
                last = terminator.end;
            }
            if let Some(data) = &statement.copy_data {
                assert!(is_gap(&text[last..data.start], dialect));
                last = data.end + text[data.end..].find('\n').map_or(2, |i| i + 1);
            }
            end = last;
        }
        assert!(is_gap(&text[end.min(text.len())..], dialect));
    }

    directives(text, &split);
    let texts: Vec<&str> = split.texts(text).collect();
    for statement in &texts {
        classify(statement, dialect);
    }
    foreign_key_pragmas(&texts);
    is_table_rebuild(&texts);
    for lean in leans_on_session(text, &split.statements, dialect) {
        let span = &split.statements[lean.statement].span;
        assert!(span.start <= lean.span.start && lean.span.end <= span.end);
    }
}

fn is_gap(text: &str, dialect: Dialect) -> bool {
    Lexer::new(text, dialect).all(|t| t.kind.is_trivia() || t.kind == TokenKind::Terminator)
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
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
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
/// by its first words, and their numbers are those counted by hand for whole sets.
#[test]
fn real_migration_sets() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let sets = [
        ("crates-io/migrations", Dialect::Postgres),
        ("authelia/postgres", Dialect::Postgres),
        ("authelia/mysql", Dialect::Mysql),
        ("authelia/sqlite", Dialect::Sqlite),
    ];
    for (set, dialect) in sets {
        let folder = corpora.join(set);
        if !folder.is_dir() {
            eprintln!("left out: {set}, which is not beside the repository");
            continue;
        }
        let mut files = Vec::new();
        sql_files(&folder, &mut files);
        let mut statements = 0;
        let mut semicolons = 0;
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
            semicolons += found.statements.iter().filter(|s| s.terminator.is_some()).count();
        }
        eprintln!("{set}: {statements} statements, {semicolons} terminated");
    }
}
