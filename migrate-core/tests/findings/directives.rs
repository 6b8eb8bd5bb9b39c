//! Directives.

use migrate_core::Dialect::{Postgres, Sqlite};

use super::{SQL, all};

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
