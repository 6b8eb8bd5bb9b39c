//! Every finding about migration files, as it is shown: one mistake a directory.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use migrate_core::config::{Config, SetConfig};
use migrate_core::{Color, Dialect, project, render_all};

/// What is found in a project with these files, `migrations/` being put before their names where
/// they are no `migrate.toml`.
fn found(root: &Path, dialect: Dialect, files: &[(&str, &str)]) -> String {
    fs::create_dir_all(root.join("migrations")).unwrap();
    for (path, text) in files {
        let path = match *path {
            "migrate.toml" => root.join(path),
            path => root.join("migrations").join(path),
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !text.is_empty() || !path.is_dir() {
            fs::write(path, text).unwrap();
        }
    }
    let config = match Config::of_crate(root) {
        Ok(config) => config,
        Err(findings) => return render_all(&findings, Color::Never),
    };
    let mut config: SetConfig = config.top();
    config.dialect.get_or_insert(dialect);
    match project::load(&config) {
        Ok(loaded) => render_all(&loaded.diagnostics, Color::Never),
        Err(finding) => render_all(&[*finding], Color::Never),
    }
}

type Case<'a> = (&'a str, Dialect, &'a [(&'a str, &'a str)]);

fn all(cases: &[Case<'_>]) -> String {
    let mut text = String::new();
    for (title, dialect, files) in cases {
        let dir = tempfile::tempdir().unwrap();
        let found = found(dir.path(), *dialect, files);
        assert!(
            !found.contains(&dir.path().display().to_string()),
            "{found}"
        );
        let found = if found.is_empty() {
            "nothing\n"
        } else {
            &found
        };
        writeln!(text, "# {title}\n{found}").unwrap();
    }
    text
}

use Dialect::{Mysql, Postgres, Sqlite};

const SQL: &str = "CREATE TABLE a (b int);\n";
const UP_RS: &str = "pub fn up<C: Any>(conn: &mut C) -> Result<(), E> {}\n";

#[test]
fn names() {
    let text = all(&[
        ("no file", Sqlite, &[]),
        (
            "only files that never matter",
            Sqlite,
            &[("README.md", "x"), (".gitkeep", "")],
        ),
        ("no version", Sqlite, &[("create_users.sql", SQL)]),
        (
            "a directory without a version",
            Sqlite,
            &[("create_users/up.sql", SQL)],
        ),
        (
            "a directory of something else",
            Sqlite,
            &[("1_a.sql", SQL), ("notes/a.txt", "x")],
        ),
        ("a dotted version", Sqlite, &[("1.2_users.sql", SQL)]),
        (
            "a dash instead of an underscore",
            Sqlite,
            &[("20260101-users.sql", SQL)],
        ),
        (
            "a version without a name",
            Sqlite,
            &[("20260101/up.sql", SQL), ("20260101/down.sql", SQL)],
        ),
        (
            "a version that is too long",
            Sqlite,
            &[(
                "123456789012345678901234567890123456789012345678901_a.sql",
                SQL,
            )],
        ),
        (
            "equal versions",
            Sqlite,
            &[("2026-01-01_a.sql", SQL), ("20260101_b.sql", SQL)],
        ),
        (
            "equal versions but for zeros",
            Sqlite,
            &[
                ("7_a/up.sql", SQL),
                ("7_a/down.sql", SQL),
                ("007_b/up.sql", SQL),
                ("007_b/down.sql", SQL),
            ],
        ),
        (
            "a pair with two names",
            Sqlite,
            &[("1_a.up.sql", SQL), ("1_b.down.sql", SQL)],
        ),
        (
            "two layouts",
            Sqlite,
            &[
                ("1_a/up.sql", SQL),
                ("1_a/down.sql", SQL),
                ("2_b.up.sql", SQL),
                ("2_b.down.sql", SQL),
            ],
        ),
        (
            "pairs and single files",
            Sqlite,
            &[("1_a.up.sql", SQL), ("1_a.down.sql", SQL), ("2_b.sql", SQL)],
        ),
        ("upper case", Sqlite, &[("1_a/UP.sql", SQL)]),
        (
            "a letter too few",
            Sqlite,
            &[
                ("1_a/up.sql", SQL),
                ("1_a/down.sql", SQL),
                ("1_a/metadata.tml", ""),
            ],
        ),
        (
            "a stranger in a migration",
            Sqlite,
            &[
                ("1_a/up.sql", SQL),
                ("1_a/down.sql", SQL),
                ("1_a/notes.txt", ""),
            ],
        ),
        (
            "a directory in a migration",
            Sqlite,
            &[
                ("1_a/up.sql", SQL),
                ("1_a/down.sql", SQL),
                ("1_a/old/up.sql", ""),
            ],
        ),
        (
            "a misspelt ending",
            Sqlite,
            &[("1_a.up.sql", SQL), ("1_a.dwon.sql", SQL)],
        ),
        ("an ending of another case", Sqlite, &[("1_a.SQL", SQL)]),
        ("half an ending", Sqlite, &[("1_a.sq", SQL)]),
        (
            "Rust code in a flat layout",
            Sqlite,
            &[("1_a.sql", SQL), ("2_b.rs", "")],
        ),
        ("a prefix of another case", Sqlite, &[("v1__a.sql", SQL)]),
        (
            "one underscore after a prefixed version",
            Sqlite,
            &[("V1_a.sql", SQL)],
        ),
        ("a dotted prefixed version", Sqlite, &[("V1.2__a.sql", SQL)]),
        (
            "a repeatable migration",
            Sqlite,
            &[("V1__a.sql", SQL), ("R__views.sql", SQL)],
        ),
        ("a baseline", Sqlite, &[("B1__a.sql", SQL)]),
        ("no up script", Sqlite, &[("1_a/down.sql", SQL)]),
        ("no up script in a pair", Sqlite, &[("1_a.down.sql", SQL)]),
        ("no up script with a prefix", Sqlite, &[("U1__a.sql", SQL)]),
        (
            "a migration without any file",
            Sqlite,
            &[("1_a/.gitkeep", "")],
        ),
        ("no down script", Sqlite, &[("1_a/up.sql", SQL)]),
        (
            "no down script in one of two",
            Sqlite,
            &[("V1__a.sql", SQL), ("U1__a.sql", SQL), ("V2__b.sql", SQL)],
        ),
        (
            "ignored",
            Sqlite,
            &[
                ("migrate.toml", "ignore = ['*.txt', 'old']"),
                ("1_a.sql", SQL),
                ("x.txt", ""),
                ("old/a.sql", ""),
            ],
        ),
        (
            "up only",
            Sqlite,
            &[
                ("1_a b.sql", SQL),
                ("2_é\u{1F980}.sql", SQL),
                ("3_it's \"b\".sql", SQL),
            ],
        ),
        (
            "dates of different lengths",
            Sqlite,
            &[
                ("1_first.sql", SQL),
                ("202601311200_minutes.sql", SQL),
                ("20250101120000_seconds.sql", SQL),
                ("20260131120000_seconds.sql", SQL),
                ("202601301200000001_more.sql", SQL),
            ],
        ),
        (
            "numbers of different lengths, and dates",
            Sqlite,
            &[
                ("00000000000000_setup.sql", SQL),
                ("9_a.sql", SQL),
                ("10_b.sql", SQL),
                ("123456789_c.sql", SQL),
                ("20260131120000_d.sql", SQL),
            ],
        ),
        (
            "prefixed, up only",
            Sqlite,
            &[("V1__a.sql", SQL), ("V2__b.sql", SQL)],
        ),
        (
            "all that a directory may hold",
            Sqlite,
            &[
                ("1_a/up.sql", SQL),
                ("1_a/down.sql", SQL),
                ("1_a/up.rs", UP_RS),
                (
                    "1_a/down.rs",
                    "pub fn down(_: &mut impl Any) -> Result<(), E> {}",
                ),
                ("1_a/verify.sql", ""),
                ("1_a/README", ""),
                ("1_a/metadata.toml", "run_in_transaction = true"),
                ("checks/rows.sql", ""),
                ("queries/all.sql", ""),
            ],
        ),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn scripts() {
    let text = all(&[
        ("empty", Sqlite, &[("1_a.sql", "-- nothing yet\n")]),
        (
            "empty on purpose",
            Sqlite,
            &[(
                "1_a.sql",
                "-- migrate:allow empty-script it was for MySQL only\n",
            )],
        ),
        (
            "unterminated string",
            Postgres,
            &[("1_a.sql", "SELECT 1;\nSELECT 'it;\n")],
        ),
        (
            "unterminated identifier",
            Mysql,
            &[("1_a.sql", "DROP TABLE `a;\n")],
        ),
        (
            "unterminated comment",
            Postgres,
            &[("1_a.sql", "SELECT 1; /* /* */\n")],
        ),
        (
            "unterminated dollar quote",
            Postgres,
            &[("1_a.sql", "DO $x$ BEGIN END $y$;\n")],
        ),
        (
            "unterminated body",
            Sqlite,
            &[(
                "1_a.sql",
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b;\n",
            )],
        ),
        ("NUL", Sqlite, &[("1_a.sql", "SELECT 1;\0\n")]),
        (
            "client command",
            Postgres,
            &[("1_a.sql", "\\connect other\nSELECT 1;\n")],
        ),
        (
            "COPY data",
            Postgres,
            &[("1_a.sql", "COPY a FROM STDIN;\n1\t2\n\\.\n")],
        ),
        (
            "transaction control",
            Postgres,
            &[("1_a.sql", "BEGIN;\nSELECT 1;\nCOMMIT;\n")],
        ),
        (
            "transaction control in MySQL",
            Mysql,
            &[("1_a.sql", "START TRANSACTION;\nDELETE FROM a;\nCOMMIT;\n")],
        ),
        (
            "not in a transaction",
            Postgres,
            &[("1_a.sql", "CREATE INDEX CONCURRENTLY i\n  ON a (b);\n")],
        ),
        (
            "not in a transaction, with metadata.toml in reach",
            Postgres,
            &[("1_a/up.sql", "VACUUM a;\n"), ("1_a/down.sql", SQL)],
        ),
        (
            "without a transaction",
            Postgres,
            &[(
                "1_a.sql",
                "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY i ON a (b);\n",
            )],
        ),
        (
            "without a transaction, as sqlx says it",
            Postgres,
            &[("1_a.sql", "-- no-transaction\nVACUUM a;\n")],
        ),
        (
            "without a transaction, as diesel says it",
            Postgres,
            &[
                ("1_a/up.sql", "VACUUM a;\n"),
                ("1_a/down.sql", "VACUUM a;\n"),
                ("1_a/metadata.toml", "run_in_transaction = false\n"),
            ],
        ),
        (
            "unnamed index",
            Postgres,
            &[(
                "1_a.sql",
                "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY ON a (b);\n",
            )],
        ),
        (
            "foreign keys around a script",
            Sqlite,
            &[(
                "1_a.sql",
                "PRAGMA foreign_keys=off;\nDROP TABLE a;\nPRAGMA foreign_keys=on;\n",
            )],
        ),
        (
            "foreign keys within a script",
            Sqlite,
            &[(
                "1_a.sql",
                "DROP TABLE a;\nPRAGMA foreign_keys=off;\nDROP TABLE b;\n",
            )],
        ),
        ("DDL in MySQL", Mysql, &[("1_a.sql", SQL)]),
        (
            "leaning on the session",
            Mysql,
            &[(
                "1_a.sql",
                "CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\nUPDATE a SET b = LAST_INSERT_ID();\n",
            )],
        ),
        (
            "leaning on the session in one transaction",
            Mysql,
            &[(
                "1_a.sql",
                "INSERT INTO a VALUES (1);\nUPDATE a SET b = LAST_INSERT_ID();\n",
            )],
        ),
        (
            "leaning on the session without a transaction",
            Postgres,
            &[(
                "1_a.sql",
                "-- migrate:no-transaction\nCREATE TEMP TABLE x (a int);\nVACUUM;\n",
            )],
        ),
        (
            "several at once",
            Postgres,
            &[
                ("1_a.sql", "COMMIT;\nVACUUM;\n-- migrate:alow x y\n"),
                ("2_b.sql", "SELECT '"),
            ],
        ),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn directives() {
    let concurrently = "CREATE INDEX CONCURRENTLY i ON a (b);\n";
    let allow = "-- migrate:allow not-in-transaction it is empty\n";
    let text = all(&[
        (
            "misspelt",
            Sqlite,
            &[("1_a.sql", "-- migrate:no-transction\nSELECT 1;\n")],
        ),
        (
            "without a reason",
            Sqlite,
            &[("1_a.sql", "-- migrate:irreversible\nSELECT 1;\n")],
        ),
        (
            "allow the next statement",
            Postgres,
            &[("1_a.sql", &format!("{allow}{concurrently}"))],
        ),
        (
            "allow another statement",
            Postgres,
            &[("1_a.sql", &format!("{allow}SELECT 1;\n{concurrently}"))],
        ),
        (
            "allow the whole script",
            Postgres,
            &[("1_a.sql", &format!("{allow}\nSELECT 1;\n{concurrently}"))],
        ),
        (
            "allow a rule that is none",
            Postgres,
            &[("1_a.sql", "-- migrate:allow emtpy-script because\n")],
        ),
        (
            "allow what cannot be allowed",
            Postgres,
            &[(
                "1_a.sql",
                "-- migrate:allow transaction-control because\nBEGIN;\n",
            )],
        ),
        (
            "allow a missing down script",
            Postgres,
            &[(
                "1_a/up.sql",
                "-- migrate:allow missing-down because\nSELECT 1;\n",
            )],
        ),
        (
            "irreversible",
            Sqlite,
            &[(
                "1_a/up.sql",
                "-- migrate:irreversible the data is gone\nDROP TABLE a;\n",
            )],
        ),
        (
            "irreversible in the down script",
            Sqlite,
            &[
                ("1_a/up.sql", SQL),
                ("1_a/down.sql", "-- migrate:irreversible the data is gone\n"),
            ],
        ),
        (
            "irreversible with a down script",
            Sqlite,
            &[
                (
                    "1_a/up.sql",
                    "-- migrate:irreversible the data is gone\nDROP TABLE a;\n",
                ),
                ("1_a/down.sql", SQL),
            ],
        ),
        (
            "sections",
            Sqlite,
            &[(
                "1_a.sql",
                "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n",
            )],
        ),
        (
            "a down section without statements",
            Sqlite,
            &[("1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n")],
        ),
        (
            "a finding in the down section",
            Postgres,
            &[(
                "1_a.sql",
                "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2; VACUUM;\n",
            )],
        ),
        (
            "a down section without a transaction",
            Postgres,
            &[(
                "1_a.sql",
                "-- migrate:up\nSELECT 1;\n-- migrate:down transaction:false\nVACUUM;\n",
            )],
        ),
        (
            "no down section in one of two",
            Sqlite,
            &[
                (
                    "1_a.sql",
                    "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n",
                ),
                ("2_b.sql", SQL),
            ],
        ),
        (
            "a section in a pair",
            Sqlite,
            &[
                ("1_a.up.sql", "-- migrate:up\nSELECT 1;\n"),
                ("1_a.down.sql", SQL),
            ],
        ),
        (
            "two up sections",
            Sqlite,
            &[(
                "1_a.sql",
                "-- migrate:up\nSELECT 1;\n-- migrate:up\nSELECT 2;\n",
            )],
        ),
        (
            "a statement before the up section",
            Sqlite,
            &[("1_a.sql", "SELECT 0;\n-- migrate:up\nSELECT 1;\n")],
        ),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn metadata_and_rust() {
    let with = |text| {
        [
            ("1_a/up.sql", SQL),
            ("1_a/down.sql", SQL),
            ("1_a/metadata.toml", text),
        ]
    };
    let rust = |text| [("1_a/up.rs", text), ("1_a/down.sql", SQL)];
    let text = all(&[
        ("empty metadata", Postgres, &with("")),
        (
            "unknown key",
            Postgres,
            &with("run_in_transction = false\n"),
        ),
        (
            "wrong type",
            Postgres,
            &with("run_in_transaction = \"false\"\n"),
        ),
        ("not TOML", Postgres, &with("run_in_transaction: false\n")),
        ("Rust", Postgres, &rust(UP_RS)),
        ("Rust without its function", Postgres, &rust("")),
        (
            "Rust that cannot be called",
            Postgres,
            &rust("use a::B;\n\npub async fn up(_: &mut B) {}\n"),
        ),
        (
            "unterminated Rust",
            Postgres,
            &rust("pub fn up() {\n    let x = \"abc;\n}\n"),
        ),
        (
            "unbalanced Rust",
            Postgres,
            &rust("pub fn up() {\n    (]\n}\n"),
        ),
        (
            "Rust without a transaction",
            Postgres,
            &[
                ("1_a/up.sql", "-- migrate:no-transaction\nVACUUM;\n"),
                ("1_a/up.rs", UP_RS),
                ("1_a/down.sql", SQL),
            ],
        ),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn configuration() {
    let with = |text: &'static str| [("migrate.toml", text), ("1_a.sql", SQL)];
    let text = all(&[
        ("unknown key", Sqlite, &with("dailect = 'sqlite'\n")),
        (
            "unknown key far from all",
            Sqlite,
            &with("[policy]\ncolour = 'red'\n"),
        ),
        ("unknown dialect", Sqlite, &with("dialect = 'oracle'\n")),
        (
            "wrong type",
            Sqlite,
            &with("dir = 5\nignore = 'x'\n[sets]\na = 1\n"),
        ),
        (
            "several at once",
            Sqlite,
            &with("lock = 'none'\ndir = ''\n[timeouts]\nlock_wait = '5'\nlock_retries = -1\n"),
        ),
        (
            "a URL",
            Sqlite,
            &with("database = 'postgres://me:secret@host/db'\n"),
        ),
        (
            "no name of a variable",
            Sqlite,
            &with("database = 'my-database'\n"),
        ),
        ("bad server", Sqlite, &with("server = 'postgres'\n")),
        (
            "server of another dialect",
            Sqlite,
            &with("dialect = 'sqlite'\nserver = 'mariadb 10.11'\n"),
        ),
        (
            "unknown rule",
            Sqlite,
            &with("[levels]\nempty-scripts = 'off'\n"),
        ),
        (
            "rule far from all",
            Sqlite,
            &with("[levels]\nxyz = 'off'\n"),
        ),
        (
            "fixed rule",
            Sqlite,
            &with("[levels]\nunterminated = 'warning'\n"),
        ),
        (
            "unknown level",
            Sqlite,
            &with("[levels]\nempty-script = 'warn'\n"),
        ),
        ("not TOML", Sqlite, &with("dir = migrations\n")),
        ("twice", Sqlite, &with("dir = 'a'\ndir = 'b'\n")),
        (
            "in a set",
            Sqlite,
            &with("[sets.analytics]\ndirr = 'x'\n[sets.analytics.levels]\ndraft = 'loud'\n"),
        ),
        (
            "another directory",
            Sqlite,
            &with("dir = 'db/migrations'\n"),
        ),
        (
            "levels",
            Sqlite,
            &[
                (
                    "migrate.toml",
                    "[levels]\nempty-script = 'error'\nmissing-down = 'info'\n",
                ),
                ("1_a/up.sql", ""),
            ],
        ),
        (
            "level off",
            Sqlite,
            &[
                ("migrate.toml", "[levels]\nempty-script = 'off'\n"),
                ("1_a.sql", ""),
            ],
        ),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn places_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let load = |config: &SetConfig| match project::load(config) {
        Ok(loaded) => render_all(&loaded.diagnostics, Color::Never),
        Err(finding) => render_all(&[*finding], Color::Never),
    };
    let mut config = Config::defaults(dir.path()).set(None).unwrap();
    let mut text = load(&config);
    config.dialect = Some(Sqlite);
    text += &load(&config);
    fs::write(dir.path().join("migrations"), "").unwrap();
    text += &load(&config);
    fs::remove_file(dir.path().join("migrations")).unwrap();
    fs::create_dir(dir.path().join("migrations")).unwrap();
    let file = dir.path().join("migrations/1_a.sql");
    for bytes in [
        b"SELECT 1;\nSELECT '\xe9';\n".as_slice(),
        b"\xff\xfeS\0E\0".as_slice(),
    ] {
        fs::write(&file, bytes).unwrap();
        text += &load(&config);
    }
    // A file with a hole, which costs no disk.
    fs::File::create(&file)
        .unwrap()
        .set_len((64 << 20) + 1)
        .unwrap();
    text += &load(&config);
    fs::remove_file(&file).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", &file).unwrap();
        text += &load(&config).replace(" (os error 2)", "");
        fs::remove_file(&file).unwrap();
        std::os::unix::net::UnixListener::bind(&file).unwrap();
        text += &load(&config);
        fs::remove_file(&file).unwrap();
        let name: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"1_\xe9.sql");
        fs::write(dir.path().join("migrations").join(name), SQL).unwrap();
        text += &load(&config);
    }
    insta::assert_snapshot!(text);
}
