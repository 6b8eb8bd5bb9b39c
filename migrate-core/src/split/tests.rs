//! The cases of splitting, one by one; what holds for every text is in `tests/split.rs`.

use super::*;
use Dialect::{Mysql, Postgres, Sqlite};

/// The statements of a text that has no problems.
#[track_caller]
fn cut(dialect: Dialect, text: &str) -> Vec<&str> {
    let split = split(text, dialect);
    assert_eq!(split.problems, [], "{text}");
    split
        .statements
        .iter()
        .map(|s| &text[s.span.clone()])
        .collect()
}

/// The problems of a text, each with the bytes that it points at.
fn problems(dialect: Dialect, text: &str) -> Vec<(ProblemKind, &str)> {
    split(text, dialect)
        .problems
        .into_iter()
        .map(|p| (p.kind, &text[p.span]))
        .collect()
}

#[test]
fn plain_statements() {
    for dialect in Dialect::ALL {
        assert_eq!(cut(dialect, ""), [""; 0]);
        assert_eq!(cut(dialect, " \n-- only a comment\n/* ; */ ;;"), [""; 0]);
        assert_eq!(cut(dialect, "a; b"), ["a", "b"]);
        assert_eq!(
            cut(dialect, "-- x;\n a /*;*/ b -- ;\n c -- end\n;"),
            ["a /*;*/ b -- ;\n c"]
        );
        assert_eq!(
            cut(dialect, "SELECT ';' || ''';' ; b;"),
            ["SELECT ';' || ''';'", "b"]
        );
        assert_eq!(
            cut(dialect, "SELECT '--', '/*'; b"),
            ["SELECT '--', '/*'", "b"]
        );
        assert_eq!(cut(dialect, "é; ☃ -- ☃"), ["é", "☃"]);
    }
}

#[test]
fn spans_of_terminators() {
    let split = split("a ; b", Sqlite);
    assert_eq!(split.statements[0].terminator, Some(2..3));
    assert_eq!(split.statements[1].terminator, None);
}

#[test]
fn comments_are_listed() {
    let text = "-- a\nSELECT '-- no' /* b */; -- c";
    let comments = split(text, Postgres).comments;
    let comments: Vec<&str> = comments.into_iter().map(|c| &text[c]).collect();
    assert_eq!(comments, ["-- a", "/* b */", "-- c"]);
}

// Case 1.
#[test]
fn mysql_delimiter() {
    let text = "a;\n  delimiter ;; -- until then\nCREATE PROCEDURE p() BEGIN a; b; END;;\n\
                DELIMITER ;\nc;";
    assert_eq!(
        cut(Mysql, text),
        ["a", "CREATE PROCEDURE p() BEGIN a; b; END", "c"]
    );
    let text = "DELIMITER '$$'\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN b; END$$ c $$\nDELIMITER ;";
    assert_eq!(
        cut(Mysql, text),
        [
            "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN b; END",
            "c"
        ]
    );
    // The last delimiter is missing; a semicolon before the delimiter is not sent.
    let text = "DELIMITER //\nCREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN a; END; //\n\
                CREATE FUNCTION f() RETURNS INT RETURN 1\nDELIMITER ;\nb;";
    assert_eq!(
        cut(Mysql, text),
        [
            "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN a; END",
            "CREATE FUNCTION f() RETURNS INT RETURN 1",
            "b"
        ]
    );
    // The client sends several statements before one delimiter, and the server runs them one by one.
    assert_eq!(
        cut(Mysql, "DELIMITER //\nDROP TABLE a; DROP TABLE b; //\nc//"),
        ["DROP TABLE a", "DROP TABLE b", "c"]
    );
    // A delimiter of letters is a word.
    assert_eq!(
        cut(Mysql, "DELIMITER go\ncategory go\nb go"),
        ["category", "b"]
    );
    // Not a command: a string, a column.
    assert_eq!(
        cut(
            Mysql,
            "CREATE TABLE a (\n delimiter char(1),\n b int);\nSELECT '\nDELIMITER //\n';"
        ),
        [
            "CREATE TABLE a (\n delimiter char(1),\n b int)",
            "SELECT '\nDELIMITER //\n'"
        ]
    );
    assert_eq!(cut(Postgres, "delimiter //;"), ["delimiter //"]);
}

#[test]
fn bad_delimiters() {
    for text in [
        "DELIMITER",
        "DELIMITER \na;",
        "DELIMITER \\\\\n",
        "DELIMITER 1234567890123456",
    ] {
        assert_eq!(
            problems(Mysql, text),
            [(ProblemKind::BadDelimiter, "DELIMITER")],
            "{text}"
        );
    }
}

// Case 2.
#[test]
fn version_comments() {
    let text = "/*M!999999\\- enable the sandbox mode */ \n-- dump\n\
                /*!40101 SET NAMES utf8mb4 */;\n/*M!100100 SET x = '*/;' */;";
    assert_eq!(
        cut(Mysql, text),
        [
            "/*!40101 SET NAMES utf8mb4 */",
            "/*M!100100 SET x = '*/;' */"
        ]
    );
    let text = "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON a \
                FOR EACH ROW BEGIN IF a THEN SET b = 1; END IF; END */;\nb;";
    assert_eq!(cut(Mysql, text).len(), 2);
    assert_eq!(
        cut(
            Mysql,
            &format!("DELIMITER ;;\n{}", text.replace("*/;", "*/;;"))
        )
        .len(),
        2
    );
    // Elsewhere these are comments.
    assert_eq!(cut(Postgres, "/*!40101 a */; b"), ["b"]);
    assert_eq!(
        problems(Mysql, "/*!40101 SET NAMES utf8;"),
        [(ProblemKind::UnterminatedComment, "/*!40101")]
    );
}

// Case 3.
#[test]
fn stored_programs_without_delimiter() {
    let programs = [
        "CREATE PROCEDURE p(IN begin INT, x ENUM('a','b')) BEGIN a; END",
        "CREATE DEFINER=`root`@`%` PROCEDURE p() COMMENT 'x' MODIFIES SQL DATA BEGIN a; END",
        "CREATE DEFINER = event@localhost OR REPLACE PROCEDURE p() BEGIN a; END",
        "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN IF(a > 1, 2, 3)",
        "CREATE FUNCTION f() RETURNS SET('a') CHARACTER SET utf8 BEGIN RETURN 'a'; END",
        "CREATE FUNCTION f() RETURNS INT BEGIN RETURN CASE 1 WHEN 1 THEN 2 ELSE 3 END; END",
        "CREATE PROCEDURE p() BEGIN CASE x WHEN 1 THEN a; ELSE BEGIN END; END CASE; b; END",
        "CREATE PROCEDURE p() BEGIN CASE WHEN CASE x WHEN 1 THEN 2 END THEN a; END CASE; b; END",
        "CREATE PROCEDURE p() BEGIN SELECT `case`, `begin`, t.end, start, end FROM t; a; END",
        "CREATE PROCEDURE p() BEGIN IF a THEN b; ELSEIF c THEN d; ELSE e; END IF; f; END",
        "CREATE PROCEDURE p() BEGIN IF IF(a, b, c) THEN b; END IF; SELECT IF(1, 2, 3); f; END",
        "CREATE PROCEDURE p() l1: BEGIN l2: LOOP LEAVE l2; END LOOP l2; a; END l1",
        "CREATE PROCEDURE p() BEGIN WHILE a DO b; DO SLEEP(1); END WHILE; c; END",
        "CREATE PROCEDURE p() BEGIN REPEAT a; UNTIL x > 1 END REPEAT; SELECT REPEAT('x', 3); b; END",
        "CREATE PROCEDURE p() BEGIN REPEAT a; UNTIL CASE WHEN x THEN y END END REPEAT; b; END",
        "CREATE PROCEDURE p() BEGIN FOR i IN 1..10 DO a; END FOR; b; END",
        "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN a; END; b; END",
        "CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1; a; END",
        "CREATE PROCEDURE p() BEGIN DECLARE c CURSOR FOR SELECT CASE WHEN 1 THEN 2 END; a; END",
        "CREATE PROCEDURE p() IF a THEN b; END IF",
        "CREATE PROCEDURE p() UPDATE t SET begin = 1",
        "CREATE PROCEDURE IF NOT EXISTS p() BEGIN DROP TABLE IF EXISTS a; b; END",
        "CREATE TRIGGER t AFTER UPDATE ON a FOR EACH ROW FOLLOWS u BEGIN b; END",
        "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW SET NEW.x = CASE WHEN 1 THEN 2 END",
        "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW IF NEW.x THEN b; END IF",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS NOW() ON COMPLETION PRESERVE DO BEGIN a; END",
        "CREATE EVENT e ON SCHEDULE AT NOW() DO DELETE FROM a WHERE end < NOW()",
        "ALTER EVENT e DO BEGIN a; b; END",
        "CREATE AGGREGATE FUNCTION f RETURNS INT SONAME 'x.so'",
        "BEGIN NOT ATOMIC a; IF b THEN c; END IF; END",
        "IF a THEN b; END IF",
        "create procedure p() begin begin a; end; while b do c; end while; end",
    ];
    for program in programs {
        let text = format!("x; {program}; y");
        assert_eq!(cut(Mysql, &text), ["x", program, "y"], "{program}");
        let text = format!("DELIMITER $$\n{program}$$\nx $$\nDELIMITER ;\ny;");
        assert_eq!(cut(Mysql, &text), [program, "x", "y"], "{program}");
    }
    assert_eq!(
        cut(Mysql, "BEGIN; a; COMMIT; ALTER TABLE x ADD y INT; z").len(),
        5
    );
    assert_eq!(cut(Mysql, "DROP PROCEDURE p; DROP TRIGGER t; c").len(), 3);
    assert_eq!(
        problems(Mysql, "CREATE PROCEDURE p() BEGIN a; IF b THEN c; END; d;"),
        [(
            ProblemKind::UnterminatedBlock {
                opening: "BEGIN".into()
            },
            "BEGIN"
        )]
    );
    assert_eq!(
        problems(Mysql, "CREATE PACKAGE p AS x;")
            .first()
            .map(|p| p.0.clone()),
        Some(ProblemKind::PackageWithoutDelimiter)
    );
    assert_eq!(
        cut(Mysql, "DELIMITER //\nCREATE PACKAGE p AS a; b; END//"),
        ["CREATE PACKAGE p AS a; b; END"]
    );
}

// Case 4.
#[test]
fn backslashes_and_prefixes() {
    assert_eq!(
        cut(
            Mysql,
            r#"SELECT 'it\'s; x', "a\";", _utf8'\';', N'\';', x'00'; b"#
        ),
        [
            r#"SELECT 'it\'s; x', "a\";", _utf8'\';', N'\';', x'00'"#,
            "b"
        ]
    );
    assert_eq!(cut(Postgres, r"SELECT 'c:\'; b"), [r"SELECT 'c:\'", "b"]);
    assert_eq!(
        cut(Sqlite, r"SELECT 'c:\', x'00'; b"),
        [r"SELECT 'c:\', x'00'", "b"]
    );
    assert_eq!(
        cut(Postgres, r#"SELECT "a;""b"; b"#),
        [r#"SELECT "a;""b""#, "b"]
    );
    assert_eq!(
        cut(Mysql, "SELECT `a;``'`, \\N; b"),
        ["SELECT `a;``'`, \\N", "b"]
    );
    assert_eq!(cut(Sqlite, "SELECT [a;'b], `c;`, \"d;\"; b").len(), 2);
}

// Case 5.
#[test]
fn mysql_comments() {
    assert_eq!(
        cut(Mysql, "SELECT 1--1; # x;\nb --\n;--"),
        ["SELECT 1--1", "b"]
    );
    assert_eq!(cut(Postgres, "SELECT 1--1;\n; b"), ["SELECT 1", "b"]);
    assert_eq!(cut(Sqlite, "SELECT 1--1;\n; b"), ["SELECT 1", "b"]);
}

// Case 6.
#[test]
fn dollar_quotes() {
    for text in [
        "DO $$ a; $1 '; $$",
        "DO $tag$ a; $$ b; $other$ ' $tag$",
        "DO $größe_1$ a; $größe_1$",
        "SELECT $1, $2, a$b, x$$",
    ] {
        let script = format!("{text}; b");
        assert_eq!(cut(Postgres, &script), [text, "b"]);
    }
    assert_eq!(
        problems(Postgres, "a; DO $x$ b; $X$"),
        [(
            ProblemKind::UnterminatedDollarQuote { tag: "$x$".into() },
            "$x$"
        )]
    );
}

// Case 7.
#[test]
fn begin_atomic() {
    let routines = [
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN 1 THEN 2 END; SELECT 2; END",
        "CREATE OR REPLACE PROCEDURE p() LANGUAGE SQL BEGIN ATOMIC a; SELECT t.end AS case; END",
        "CREATE FUNCTION f() RETURNS int RETURN 1",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT 2'",
        "CREATE RULE r AS ON INSERT TO a DO ALSO (INSERT INTO b VALUES (1); DELETE FROM c)",
        "CREATE TABLE a (begin int, \"end\" int)",
    ];
    for routine in routines {
        let text = format!("{routine}; b");
        assert_eq!(cut(Postgres, &text), [routine, "b"]);
    }
    assert_eq!(
        problems(
            Postgres,
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;"
        ),
        [(
            ProblemKind::UnterminatedBlock {
                opening: "BEGIN ATOMIC".into()
            },
            "BEGIN ATOMIC"
        )]
    );
    // A missing bracket must not take the rest of the script with it.
    assert_eq!(
        cut(Postgres, "CREATE TABLE a (b int; c"),
        ["CREATE TABLE a (b int", "c"]
    );
    assert_eq!(cut(Postgres, "BEGIN; a; END; b").len(), 4);
}

// Case 8.
#[test]
fn postgres_strings() {
    assert_eq!(
        cut(
            Postgres,
            r"SELECT E'it\'s; x', e'\\', U&'d\0061;\', U&'x', b'1', N'a'; b"
        ),
        [
            r"SELECT E'it\'s; x', e'\\', U&'d\0061;\', U&'x', b'1', N'a'",
            "b"
        ]
    );
    // A string that goes on after a line end keeps its escapes.
    let text = "SELECT E'a' -- c\n 'b\\'; c'; d";
    assert_eq!(cut(Postgres, "SELECT E'a'\n 'b\\'; c'; d").len(), 2);
    assert_eq!(cut(Postgres, text.replace(" -- c", "").as_str()).len(), 2);
    assert_eq!(cut(Postgres, "SELECT E'a\\'' 'b\\'; d").len(), 2);
    assert_eq!(
        problems(
            Postgres,
            "SET standard_conforming_strings = off; SELECT 'a\\';"
        ),
        [(
            ProblemKind::StringMode {
                setting: "standard_conforming_strings"
            },
            "SET standard_conforming_strings = off"
        )]
    );
    assert_eq!(
        cut(Postgres, "SET standard_conforming_strings = off; b").len(),
        2
    );
    assert_eq!(
        cut(
            Postgres,
            "SET standard_conforming_strings = on; SELECT 'a\\'"
        )
        .len(),
        2
    );
}

// Case 9.
#[test]
fn nested_comments() {
    assert_eq!(cut(Postgres, "/* /* ; */ ; */ a; b"), ["a", "b"]);
    assert_eq!(cut(Mysql, "/* /* ; */ a; b"), ["a", "b"]);
    assert_eq!(cut(Sqlite, "/* /* ; */ a; b"), ["a", "b"]);
    assert_eq!(
        problems(Postgres, "a; /* /* */ b"),
        [(ProblemKind::UnterminatedComment, "/*")]
    );
}

// Case 10.
#[test]
fn copy_from_stdin() {
    let text = "COPY a (b, c) FROM stdin WITH (FORMAT text); -- data\n1\t;'\n2\t$$\n\\.\nb;";
    let split = split(text, Postgres);
    assert_eq!(split.problems, []);
    assert_eq!(
        split.texts(text).collect::<Vec<_>>(),
        ["COPY a (b, c) FROM stdin WITH (FORMAT text)", "b"]
    );
    assert_eq!(
        split.statements[0].copy_data.clone().map(|d| &text[d]),
        Some("1\t;'\n2\t$$\n")
    );
    assert_eq!(cut(Postgres, "COPY a FROM STDIN;\n\\.\n").len(), 1);
    assert_eq!(
        cut(
            Postgres,
            "COPY a FROM '/x'; b\n; COPY (SELECT 1) TO stdout; c"
        )
        .len(),
        4
    );
    assert_eq!(
        problems(Postgres, "COPY a FROM stdin;\n1\n"),
        [(ProblemKind::UnterminatedCopyData, "COPY a FROM stdin")]
    );
    assert_eq!(
        problems(Postgres, "COPY a FROM stdin"),
        [(ProblemKind::UnterminatedCopyData, "COPY a FROM stdin")]
    );
    assert_eq!(
        problems(Postgres, "COPY a FROM stdin; b;\n1"),
        [(ProblemKind::TextBeforeCopyData, "b")]
    );
}

// Case 11.
#[test]
fn client_commands() {
    let command = |command: &str, client| ProblemKind::ClientCommand {
        command: command.into(),
        client,
    };
    assert_eq!(
        problems(
            Postgres,
            "\\restrict abc'd\nSELECT 1 \\gset\n\\connect x\nb;"
        ),
        [
            (command("\\restrict", "psql"), "\\restrict"),
            (command("\\gset", "psql"), "\\gset"),
            (command("\\connect", "psql"), "\\connect")
        ]
    );
    assert_eq!(split("SELECT 1 \\g\nb", Postgres).statements.len(), 2);
    assert_eq!(
        problems(Mysql, "SELECT 1\\G b;\nsource x'y.sql\nSELECT 1;\\! ls"),
        [
            (command("\\G", "mysql"), "\\G"),
            (command("source", "mysql"), "source"),
            (command("\\!", "mysql"), "\\!")
        ]
    );
    assert_eq!(
        problems(Sqlite, "a;\n.read x'y\nb;"),
        [(command(".read", "sqlite3"), ".read")]
    );
    let problem = &split("\\d\n", Postgres).problems[0];
    assert_eq!(
        problem.to_string(),
        "`\\d` is a command of the psql client, not SQL"
    );
    assert!(problem.help().starts_with("remove the line"));
}

// Case 12.
#[test]
fn operators() {
    assert_eq!(
        cut(Postgres, "SELECT a -|- b, c #>> '{;}', d ?| e, f @> g; b"),
        ["SELECT a -|- b, c #>> '{;}', d ?| e, f @> g", "b"]
    );
    assert_eq!(
        cut(Postgres, "SELECT a *--;\n b; c"),
        ["SELECT a *--;\n b", "c"]
    );
    assert_eq!(cut(Postgres, "SELECT a #/*;*/ b; c").len(), 2);
}

// Case 13.
#[test]
fn sqlite_triggers() {
    let triggers = [
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; END",
        "CREATE TEMP TRIGGER IF NOT EXISTS t AFTER INSERT ON a WHEN CASE WHEN 1 THEN 0 END BEGIN \
         UPDATE a SET b = 1; DELETE FROM c; END",
        "create temporary trigger t after insert on a begin select 'end;'; -- x\n end",
    ];
    for trigger in triggers {
        for text in [format!("x; {trigger}; y"), format!("x; y; {trigger}")] {
            let cut = cut(Sqlite, &text);
            assert_eq!(cut.len(), 3, "{text}");
            assert!(cut.contains(&trigger));
        }
    }
    assert_eq!(
        problems(Sqlite, "CREATE TRIGGER t AFTER INSERT ON a BEGIN b; c;"),
        [(
            ProblemKind::UnterminatedBlock {
                opening: "BEGIN".into()
            },
            "BEGIN"
        )]
    );
    assert_eq!(
        cut(Sqlite, "PRAGMA foreign_keys=off; BEGIN; a; END; b").len(),
        5
    );
    assert_eq!(cut(Sqlite, "CREATE TRIGGER t; a").len(), 2);
}

// Case 16; the byte order mark and CRLF are gone after normalisation.
#[test]
fn odd_texts() {
    assert_eq!(
        cut(Postgres, &crate::normalise("\u{feff}a;\r\nb;\r\n")),
        ["a", "b"]
    );
    assert_eq!(
        problems(Sqlite, "a; b 'c;\n"),
        [(ProblemKind::UnterminatedString, "'")]
    );
    assert_eq!(
        problems(Postgres, "a; E'c\\';\n"),
        [(ProblemKind::UnterminatedString, "E'")]
    );
    assert_eq!(
        problems(Sqlite, "a; \"c;\n"),
        [(ProblemKind::UnterminatedIdentifier, "\"")]
    );
    assert_eq!(
        problems(Sqlite, "a; [c;"),
        [(ProblemKind::UnterminatedIdentifier, "[")]
    );
    assert_eq!(
        problems(Mysql, "a; `c;"),
        [(ProblemKind::UnterminatedIdentifier, "`")]
    );
    for dialect in Dialect::ALL {
        assert_eq!(
            problems(dialect, "a; b /* c"),
            [(ProblemKind::UnterminatedComment, "/*")]
        );
        assert_eq!(split("a; b /* c", dialect).statements.len(), 2);
        assert_eq!(
            problems(dialect, "a\0b; \0"),
            [(ProblemKind::NulByte, "\0")]
        );
    }
}

/// Time is linear: these texts take very long where it is quadratic.
#[test]
fn long_runs_of_one_thing() {
    let pieces = [
        "+",
        "$a",
        "$",
        "a$",
        "'",
        "E'a'\n",
        "/*",
        "*/",
        "/*!1 ",
        "--",
        "-- \n",
        "(",
        "delimiter ",
        "DELIMITER $\n",
        "\\",
        "CASE ",
        "BEGIN ",
        "é",
        "@a.",
        "[",
        "1e+",
        ";",
        "COPY a FROM stdin;\n",
        "SET standard_conforming_strings=off;",
        " ",
        "\0",
        "#",
        "`",
        "\n",
    ];
    for dialect in Dialect::ALL {
        for piece in pieces {
            for head in ["", "CREATE PROCEDURE p() BEGIN ", "DELIMITER $\n"] {
                let text = format!("{head}{}", piece.repeat(60_000 / piece.len()));
                let split = split(&text, dialect);
                assert!(split.statements.iter().all(|s| s.span.end <= text.len()));
            }
        }
    }
}
