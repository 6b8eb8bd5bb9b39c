//! One application on three databases: 26 migrations in pairs of files.

use diesel::connection::LoadConnection;
use diesel::sql_types::{Binary, Nullable, Text};
use diesel::{Connection, SqliteConnection};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};
use migrate_core::plan::{DownTarget, UpTarget};
use migrate_core::{Dialect, Version};
use migrate_runtime::Database as Backend;
use migrate_tests::server::{self, Server, TestDatabase};

use crate::corpus::Corpus;
use crate::journey::{Broken, Journey, Stuck, reference};

/// What follows has a database of its own for each journey.
fn start<C>(
    server: &Server,
    dialect: Dialect,
    connect: impl Fn(&TestDatabase) -> C,
) -> Option<Journey<C>> {
    let corpus = Corpus::find(&format!("authelia/{dialect}"), dialect, &[])?;
    let database = server.database("authelia");
    Some(Journey {
        conn: connect(&database),
        corpus,
        database,
    })
}

fn whole<DB: Backend, C: LoadConnection<Backend = DB>>(
    server: Option<Server>,
    dialect: Dialect,
    connect: impl Fn(&TestDatabase) -> C,
    broken: &[Broken],
    stuck: &[Stuck],
) {
    let Some(server) = server else { return };
    let Some(mut journey) = start(&server, dialect, &connect) else {
        return;
    };
    let reference = reference(&server, &journey.corpus);
    assert_eq!(
        journey.there_and_back(&reference, broken),
        Vec::<String>::new()
    );
    let mut again = start(&server, dialect, &connect).unwrap();
    again.redo_each(stuck);
}

#[test]
fn postgres() {
    // The down script makes a table anew while an index of the old one still has its name. All the
    // way down it works, because 0007_ConsistencyFixes renames that index.
    let stuck = Stuck {
        migration: "0002_WebAuthn",
        says: "relation \"totp_configurations_username_key\" already exists",
        repair: None,
    };
    let connect = |database: &TestDatabase| {
        AsyncConnectionWrapper::<AsyncPgConnection>::establish(database.url()).unwrap()
    };
    whole(
        server::postgres(),
        Dialect::Postgres,
        connect,
        &[],
        &[stuck],
    );
}

#[test]
fn mariadb() {
    // 0012_WebAuthnMultiCookieDomain brings the table back with indexes that were only made here.
    let broken = Broken {
        migration: "0007_ConsistencyFixes",
        says: "Duplicate key name 'kid'",
        wrong: "INDEX kid ON webauthn_devices (kid);\nCREATE UNIQUE INDEX username ON webauthn_devices",
        right: "INDEX IF NOT EXISTS kid ON webauthn_devices (kid);\n\
                CREATE UNIQUE INDEX IF NOT EXISTS username ON webauthn_devices",
    };
    let connect = |database: &TestDatabase| {
        AsyncConnectionWrapper::<AsyncMysqlConnection>::establish(database.url()).unwrap()
    };
    whole(server::mariadb(), Dialect::Mysql, connect, &[broken], &[]);
}

#[test]
fn sqlite() {
    let connect = |database: &TestDatabase| app(database.name());
    whole(server::sqlite(), Dialect::Sqlite, connect, &[], &[]);
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Bytes as base64; a function of the app.
    #[sql_name = "BIN2B64"]
    fn bin2b64(data: Nullable<Binary>) -> Nullable<Text>;

    /// Base64 as bytes; a function of the app.
    #[sql_name = "B642BIN"]
    fn b642bin(text: Nullable<Text>) -> Nullable<Binary>;
}

/// A connection as the app opens it: its functions are registered before anything is migrated.
fn app(path: &str) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path).unwrap();
    bin2b64_utils::register_impl(&mut conn, |data: Option<Vec<u8>>| {
        data.map(|data| to_base64(&data))
    })
    .unwrap();
    b642bin_utils::register_impl(&mut conn, |text: Option<String>| {
        text.map(|text| from_base64(&text))
    })
    .unwrap();
    conn
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, section 4.
fn to_base64(data: &[u8]) -> String {
    let mut text = String::new();
    for bytes in data.chunks(3) {
        let byte = |index: usize| bytes.get(index).map_or(0, |byte| usize::from(*byte));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        text.extend((0..4).map(|place| match place <= bytes.len() {
            true => char::from(DIGITS[group >> (18 - 6 * place) & 63]),
            false => '=',
        }));
    }
    text
}

fn from_base64(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter(|byte| *byte != b'=');
    let values: Vec<usize> = digits
        .map(|d| DIGITS.iter().position(|x| *x == d).unwrap())
        .collect();
    let bytes = values.chunks(4).flat_map(|values| {
        let group = (0..4).fold(0, |group, i| {
            group << 6 | values.get(i).copied().unwrap_or(0)
        });
        let [_, bytes @ ..] = u32::try_from(group).unwrap().to_be_bytes();
        bytes.into_iter().take(values.len() - 1)
    });
    bytes.collect()
}

/// Without the app's functions everything is refused before the first step; with them the rows go
/// through them there and back.
#[test]
fn functions_of_the_app() {
    let Some(server) = server::sqlite() else {
        return;
    };
    let connect = |database: &TestDatabase| SqliteConnection::establish(database.name()).unwrap();
    let Some(mut journey) = start(&server, Dialect::Sqlite, connect) else {
        return;
    };
    let error = journey.up(&UpTarget::Latest).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the up script of migration 0002_WebAuthn calls the function BIN2B64, which this connection \
         does not have; run it by the app that registers the function; this program can go up to \
         version 0001: `--to 0001`"
    );
    assert_eq!(error.next().as_deref(), Some("migrate up --to 0001"));
    assert_eq!(
        journey.database.sql("SELECT count(*) FROM sqlite_schema"),
        "0"
    );

    let first = Version::parse("1").unwrap();
    assert_eq!(journey.up(&UpTarget::Version(first.clone())).unwrap(), 1);
    let rows = "SELECT hex(key_handle) FROM u2f_devices ORDER BY id";
    journey.database.sql(
        "INSERT INTO u2f_devices (username, description, key_handle, public_key) \
         VALUES ('a', 'one', X'00FF10', X'01'), ('b', 'two', X'DEADBEEF', X'02'), ('c', 'three', X'', X'03')",
    );
    journey.conn = app(journey.database.name());
    assert_eq!(journey.up(&UpTarget::Count(2)).unwrap(), 2);
    let kid = journey
        .database
        .sql("SELECT kid FROM webauthn_devices ORDER BY id");
    assert_eq!(kid, "AP8Q\n3q2+7w==\n");
    assert_eq!(journey.down(&DownTarget::Version(first)).unwrap(), 2);
    assert_eq!(journey.database.sql(rows), "00FF10\nDEADBEEF\n");
}
