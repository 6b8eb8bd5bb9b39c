//! The digest of what tables hold: every change of a value is seen, and nothing else.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod changes;
mod hidden;
mod inventory;
mod session;

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_ops::connect::{DatabaseUrl, Engine as Connects, Open, runtime};
use migrate_ops::digest::{DatabaseDigest, DigestError, Selection, compare, digest};
use migrate_tests::server::{Database, Engine};

fn read<DB: Connects>(url: &str, selection: &Selection) -> Result<DatabaseDigest, DigestError> {
    let runtime = runtime().unwrap();
    let url = DatabaseUrl::parse(url).unwrap();
    let mut conn = DB::connect(&url, Open::Existing, &runtime)
        .unwrap()
        .connection;
    digest::<DB, _>(&mut conn, selection)
}

fn try_digest(database: &Database, selection: &Selection) -> Result<DatabaseDigest, DigestError> {
    match database.engine() {
        Engine::Postgres => read::<Pg>(database.url(), selection),
        Engine::Mariadb => read::<Mysql>(database.url(), selection),
        Engine::Sqlite => read::<Sqlite>(database.url(), selection),
    }
}

fn whole(database: &Database) -> DatabaseDigest {
    try_digest(database, &Selection::all()).unwrap()
}

/// What differs between two digests, as text.
fn differences(before: &DatabaseDigest, after: &DatabaseDigest) -> Vec<String> {
    let found = compare(before, after);
    found.iter().map(ToString::to_string).collect()
}

/// Makes changes one after another; each has to be seen in the table `t`, with the rows that it has
/// then, and taken back it has to be what it was.
fn each_is_seen(database: &Database, changes: &[(&str, &str, &str)]) {
    let before = whole(database);
    for (what, change, back) in changes {
        database.sql(change);
        let after = try_digest(database, &Selection::all())
            .unwrap_or_else(|error| panic!("{}: {what}: {error}", database.engine()));
        assert_eq!(
            compare(&before, &after)
                .iter()
                .filter_map(|it| it.table())
                .map(|table| table.trim_start_matches("public."))
                .collect::<Vec<_>>(),
            ["t"],
            "{}: {what}",
            database.engine()
        );
        database.sql(back);
        assert_eq!(
            differences(&before, &whole(database)),
            Vec::<String>::new(),
            "{}: {what}, taken back",
            database.engine()
        );
    }
}
