//! Names of files and directories.

use migrate_core::Dialect::Sqlite;

use super::{SQL, UP_RS, all};

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
