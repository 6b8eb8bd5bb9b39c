//! What is found about a project beside its scripts.

use std::fs;

use migrate_core::Dialect::{Postgres, Sqlite};
use migrate_core::config::{Config, SetConfig};
use migrate_core::{Color, project, render_all};

use super::{SQL, UP_RS, all};

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
