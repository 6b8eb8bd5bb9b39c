//! Directories that hold something else than migrations.

use std::fmt::Write as _;
use std::fs;

use migrate_core::Dialect::{self, Mysql, Postgres, Sqlite};

use crate::project::Project;

const SQL: &str = "CREATE TABLE a (b int);\n";

/// What it is called, for which database, and how it is made.
type Case = (&'static str, Dialect, fn(&Project));

/// The findings in each, one after the other.
fn all(cases: &[Case]) -> String {
    let mut text = String::new();
    for (title, dialect, make) in cases {
        let project = Project::new();
        make(&project);
        writeln!(text, "# {title}\n{}", project.findings(*dialect)).unwrap();
    }
    text
}

#[test]
fn places() {
    let cases: &[Case] = &[
        ("nothing there", Sqlite, |p| {
            p.nowhere();
        }),
        ("a file in its place", Sqlite, |p| {
            fs::write(p.nowhere().root().join("migrations"), SQL).unwrap();
        }),
        ("a link to nowhere in its place", Sqlite, |p| {
            p.nowhere().link("../migrations", "elsewhere");
        }),
        ("a link in circles in its place", Sqlite, |p| {
            p.nowhere().link("../migrations", "migrations");
        }),
        ("a pipe in its place", Sqlite, |p| {
            p.nowhere().pipe("../migrations");
        }),
        ("empty", Sqlite, |_| {}),
        ("only what is no migration", Sqlite, |p| {
            p.file("README.md", "")
                .file(".gitkeep", "")
                .file("checks/a.sql", "")
                .folder("queries");
        }),
        ("migrate.toml is a directory", Sqlite, |p| {
            p.file("1_a.sql", SQL).folder("../migrate.toml");
        }),
        ("migrate.toml leads nowhere", Sqlite, |p| {
            p.file("1_a.sql", SQL).link("../migrate.toml", "nowhere");
        }),
        ("migrate.toml is not UTF-8", Sqlite, |p| {
            p.file("1_a.sql", SQL)
                .file("../migrate.toml", b"# caf\xe9\n");
        }),
        ("migrate.toml with a NUL", Sqlite, |p| {
            p.file("1_a.sql", SQL)
                .file("../migrate.toml", "dir = \"a\0b\"\n");
        }),
        ("the directory is the project", Sqlite, |p| {
            p.file("../migrate.toml", "dir = '.'\n")
                .file("../1_a.sql", SQL);
        }),
        ("migrate.lock is a directory", Sqlite, |p| {
            p.file("1_a.sql", SQL).folder("migrate.lock");
        }),
        ("migrate.lock leads nowhere", Sqlite, |p| {
            p.file("1_a.sql", SQL).link("migrate.lock", "nowhere");
        }),
        ("migrate.lock is not UTF-8", Sqlite, |p| {
            p.file("1_a.sql", SQL).file("migrate.lock", b"\xff\xfe1\0");
        }),
        ("migrate.lock is empty", Sqlite, |p| {
            p.file("1_a.sql", SQL).file("migrate.lock", "");
        }),
        ("migrate.lock is something else", Sqlite, |p| {
            p.file("1_a.sql", SQL).file(
                "migrate.lock",
                "\u{1b}[2J\0\n[[package]]\nname = \"serde\"\n",
            );
        }),
    ];
    insta::assert_snapshot!(all(cases));
}

#[test]
fn names() {
    let cases: &[Case] = &[
        ("not UTF-8", Sqlite, |p| {
            p.file(b"1_caf\xe9.sql", SQL);
        }),
        ("a directory's is not UTF-8", Sqlite, |p| {
            p.file(b"1_caf\xe9/up.sql", SQL);
        }),
        (
            "a newline and an escape code in a name without version",
            Sqlite,
            |p| {
                p.file("a\n\u{1b}[31mred\u{7}.sql", SQL);
            },
        ),
        ("text that runs backwards", Sqlite, |p| {
            p.file("\u{202e}lqs.a_1", SQL);
        }),
        ("digits of another script", Sqlite, |p| {
            p.file("\u{ff11}_a.sql", SQL).file("\u{661}_b.sql", SQL);
        }),
        ("a space at either end", Sqlite, |p| {
            p.file(" 1_a.sql", SQL).file("2_b.sql ", SQL);
        }),
        ("a space nobody sees", Sqlite, |p| {
            p.file("1_a/up\u{200b}.sql", SQL);
        }),
        ("a sign, dashes at the ends", Sqlite, |p| {
            p.file("-1_a.sql", SQL)
                .file("2-_b.sql", SQL)
                .file("3--4_c.sql", SQL);
        }),
        ("no name, no version", Sqlite, |p| {
            p.file("1.sql", SQL)
                .file("2_.sql", SQL)
                .file("_c.sql", SQL)
                .file(".sql", SQL);
        }),
        ("more digits than a history holds", Sqlite, |p| {
            p.file(format!("{}_a.sql", "9".repeat(51)), SQL);
        }),
        ("what editors, systems and merges leave", Sqlite, |p| {
            p.file("1_a.sql", SQL)
                .file("1_a.sql~", SQL)
                .file("#1_a.sql#", SQL);
            p.file("1_a.sql.orig", SQL)
                .file("Thumbs.db", "")
                .file(".1_a.sql.swp", "");
        }),
        ("a copy beside its original", Sqlite, |p| {
            p.file("1_a.sql", SQL).file("1_a (copy).sql", SQL);
        }),
        ("the same letter, written in two ways", Sqlite, |p| {
            p.file("1_\u{e9}.sql", SQL).file("1_e\u{301}.sql", SQL);
        }),
        ("letter case", Sqlite, |p| {
            p.file("1_a/UP.SQL", SQL).file("2_b/Up.sql", SQL);
        }),
        ("SQL in the name", Sqlite, |p| {
            p.file("'; DROP TABLE users; --.sql", SQL);
        }),
        ("too deep", Sqlite, |p| {
            p.file("1_a/up.sql", SQL).file("1_a/2_b/up.sql", SQL);
        }),
    ];
    insta::assert_snapshot!(all(cases));
}

#[test]
fn things_in_place_of_files() {
    let cases: &[Case] = &[
        ("a directory named as a script", Sqlite, |p| {
            p.folder("1_a.sql");
        }),
        ("a directory in place of up.sql", Sqlite, |p| {
            p.file("1_a/up.sql/x", SQL).file("2_b/up.sql", SQL);
        }),
        ("a directory in place of metadata.toml", Postgres, |p| {
            p.file("1_a/up.sql", SQL)
                .file("1_a/down.sql", SQL)
                .folder("1_a/metadata.toml");
        }),
        ("pipes", Sqlite, |p| {
            p.pipe("1_a.sql").pipe("2_b/up.sql");
        }),
        ("a device without end", Sqlite, |p| {
            p.link("1_a.sql", "/dev/zero");
        }),
        ("a file that cannot be read", Sqlite, |p| {
            p.link("1_a.sql", "/proc/self/mem");
        }),
        ("a link to nowhere", Sqlite, |p| {
            p.link("1_a.sql", "nowhere")
                .file("2_b/down.sql", SQL)
                .link("2_b/up.sql", "nowhere");
        }),
        ("links in circles", Sqlite, |p| {
            p.link("1_a.sql", "2_b.sql")
                .link("2_b.sql", "1_a.sql")
                .link("3_c", ".");
        }),
        ("a link to a script elsewhere", Sqlite, |p| {
            p.file("../shared/a.sql", SQL)
                .link("1_a.sql", "../shared/a.sql");
        }),
        ("the same script twice by a link", Sqlite, |p| {
            p.file("1_a.sql", SQL).link("01_a.sql", "1_a.sql");
        }),
    ];
    insta::assert_snapshot!(all(cases));
}

#[test]
fn contents() {
    let cases: &[Case] = &[
        ("Latin-1", Sqlite, |p| {
            p.file("1_a.sql", b"SELECT 1;\nSELECT 'caf\xe9';\n");
        }),
        ("UTF-16, little endian", Sqlite, |p| {
            p.file("1_a.sql", b"\xff\xfeS\0E\0L\0");
        }),
        ("UTF-16 without a mark", Sqlite, |p| {
            p.file("1_a.sql", b"S\0E\0L\0E\0C\0T\0 \x001\0;\0");
        }),
        ("half a character", Sqlite, |p| {
            p.file("1_a.sql", b"SELECT '\xe2\x82");
        }),
        ("compressed", Sqlite, |p| {
            p.file("1_a.sql", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x0bv\xf5");
        }),
        ("a NUL", Postgres, |p| {
            p.file(
                "1_a.sql",
                "CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\0DROP TABLE a;\n",
            );
        }),
        ("a NUL in a string", Mysql, |p| {
            p.file("1_a.sql", "INSERT INTO a VALUES ('\0');\n");
        }),
        (
            "escape codes in a statement that cannot stay",
            Postgres,
            |p| {
                p.file("1_a.sql", "COMMIT /* \u{1b}[2J\u{7}\u{202e} */;\n");
            },
        ),
        ("larger than can be read", Sqlite, |p| {
            p.file("1_a.sql", "");
            let file = p.root().join("migrations/1_a.sql");
            fs::File::options()
                .write(true)
                .open(file)
                .unwrap()
                .set_len((64 << 20) + 1)
                .unwrap();
        }),
        ("only a byte order mark", Sqlite, |p| {
            p.file("1_a.sql", "\u{feff}");
        }),
        ("only semicolons", Sqlite, |p| {
            p.file("1_a.sql", ";;;\n;;");
        }),
        ("ends in the middle of a string", Postgres, |p| {
            p.file(
                "1_a.sql",
                "INSERT INTO a VALUES ('it');\nINSERT INTO a VALUES ('it''s\n",
            );
        }),
        ("ends in the middle of a quoted name", Mysql, |p| {
            p.file("1_a.sql", "DROP TABLE `a;\n");
        }),
        (
            "ends in the middle of a comment in a comment",
            Postgres,
            |p| {
                p.file("1_a.sql", "SELECT 1; /* a /* b */ DROP TABLE a;\n");
            },
        ),
        ("ends in the middle of a dollar quote", Postgres, |p| {
            p.file("1_a.sql", "DO $körper$ BEGIN NULL; END $Körper$;\n");
        }),
        ("ends in the middle of a body", Sqlite, |p| {
            p.file(
                "1_a.sql",
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b;\n",
            );
        }),
        ("a delimiter that never comes", Mysql, |p| {
            p.file(
                "1_a.sql",
                "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1; END;\n",
            );
        }),
        ("commands of client programs", Postgres, |p| {
            p.file("1_a.sql", "\\connect other\n\\! rm -rf /\nDROP TABLE a;\n");
        }),
        ("transaction control", Mysql, |p| {
            p.file("1_a.sql", "START TRANSACTION;\nDROP TABLE a;\nROLLBACK;\n");
        }),
        ("a whole pg_dump", Postgres, |p| {
            p.file(
                "1_a.sql",
                "SET search_path = '';\nCOPY a (b) FROM stdin;\n1\n2\n\\.\n",
            );
        }),
    ];
    insta::assert_snapshot!(all(cases));
}
