//! PostgreSQL and MariaDB databases in odd states.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use diesel::Connection as _;
use diesel::connection::LoadConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};
use migrate_core::plan::UpTarget;
use migrate_core::{Dialect, MigrationSet};
use migrate_runtime::{Database as Backend, ErrorKind, Migrator, Settings};
use migrate_tests::server::{self, Database, Engine, Server};

use crate::outcome::{told, told_status};
use crate::project::Project;

/// What it is called, which user runs the migrations, and the SQL that brings the state about.
type Case = (&'static str, User, &'static str);

#[derive(Clone, Copy)]
enum User {
    /// Who owns everything.
    Owner,
    /// One who may read and nothing more.
    Reader,
    /// One who may change every row but not the schema.
    Writer,
}

/// The outcomes of the cases on a server. With `begun` the first two of three migrations are applied
/// before the state is brought about.
fn all<DB, C>(
    server: &Server,
    begun: bool,
    cases: &[Case],
    connect: impl Fn(&Database) -> C,
) -> String
where
    DB: Backend,
    C: LoadConnection<Backend = DB>,
{
    let project = Project::new();
    for (name, table) in [("1_a", "a"), ("2_b", "b"), ("3_c", "c")] {
        project
            .file(
                format!("{name}/up.sql"),
                format!("CREATE TABLE {table} (id int);\n"),
            )
            .file(format!("{name}/down.sql"), format!("DROP TABLE {table};\n"));
    }
    let dialect = match server.engine() {
        Engine::Postgres => Dialect::Postgres,
        _ => Dialect::Mysql,
    };
    let set = project.load(dialect).unwrap().set;
    let mut text = String::new();
    for (title, user, sql) in cases {
        let database = server.database("odd");
        if begun {
            let mut conn = connect(&database);
            migrator::<DB>(&set)
                .up(&mut conn, &UpTarget::Count(2))
                .unwrap();
            database.sql("INSERT INTO a VALUES (42)");
        }
        database.sql(sql);
        let login = login(server, &database, *user);
        let told = tell::<DB, C>(&set, &database, &login, &connect);
        let told = told
            .replace(database.name(), "<database>")
            .replace(&login_name(&database), "<user>")
            .replace("'@'localhost'", "'@'127.0.0.1'");
        drop_login(server, &database, *user);
        write!(text, "# {title}\n{told}\n").unwrap();
    }
    text
}

fn migrator<DB: Backend>(set: &MigrationSet) -> Migrator<'_, DB> {
    Migrator::new(set).settings(Settings {
        lock_wait: Duration::from_millis(300),
        lock_timeout: Duration::from_millis(300),
        lock_retries: 1,
        ..Settings::DEFAULT
    })
}

/// What `status` and `up` say. After an error everything that was there is as it was.
fn tell<DB, C>(
    set: &MigrationSet,
    database: &Database,
    login: &Database,
    connect: impl Fn(&Database) -> C,
) -> String
where
    DB: Backend,
    C: LoadConnection<Backend = DB>,
{
    let status = told_status(&migrator::<DB>(set).status(&mut connect(login)));
    let before = content(database);
    let result = migrator::<DB>(set).up(&mut connect(login), &UpTarget::Latest);
    if let Err(error) = &result {
        let after = content(database);
        if error.completed().is_empty() {
            // A script that is not one transaction is recorded as failed.
            let failed = matches!(error.kind(), ErrorKind::Failed(f) if !f.rolled_back);
            let ours = |table: &str| failed && table.starts_with("_migrate_");
            for (table, rows) in before.iter().filter(|(table, _)| !ours(table)) {
                assert_eq!(after.get(table), Some(rows), "{table}: {error}");
            }
            let new = after.keys().filter(|table| !before.contains_key(*table));
            let new: Vec<_> = new
                .filter(|table| !table.starts_with("_migrate_"))
                .collect();
            assert!(new.is_empty(), "{new:?}: {error}");
        }
    }
    format!("status: {status}up: {}", told(&result))
}

/// The rows of every table.
fn content(database: &Database) -> BTreeMap<String, String> {
    let (schema, quoted) = match database.engine() {
        Engine::Postgres => ("current_schema()", "quote_ident(table_name)"),
        _ => ("database()", "concat('`', table_name, '`')"),
    };
    let tables = database.sql(&format!(
        "SELECT table_name, {quoted} FROM information_schema.tables \
         WHERE table_schema = {schema} AND table_type = 'BASE TABLE'"
    ));
    let tables = tables.lines().filter_map(|line| line.split_once('\t'));
    tables
        .map(|(name, quoted)| {
            (
                name.to_owned(),
                database.sql(&format!("SELECT * FROM {quoted} ORDER BY 1")),
            )
        })
        .collect()
}

/// A user's name is known to the whole server, so that each database has its own.
fn login_name(database: &Database) -> String {
    database.name().replace("odd_", "user_")
}

fn login(server: &Server, database: &Database, user: User) -> Database {
    let name = login_name(database);
    let rights = match user {
        User::Owner => return database.clone(),
        User::Reader => "SELECT",
        User::Writer => "SELECT, INSERT, UPDATE, DELETE",
    };
    match server.engine() {
        Engine::Postgres => database.sql(&format!(
            "CREATE ROLE {name} LOGIN PASSWORD 'secret'; \
             GRANT {rights} ON ALL TABLES IN SCHEMA public TO {name}"
        )),
        _ => database.sql(&format!(
            "CREATE USER {name}@'%' IDENTIFIED BY 'secret'; \
             GRANT {rights} ON `{}`.* TO {name}@'%'",
            database.name()
        )),
    };
    database.as_user(&name, "secret")
}

fn drop_login(server: &Server, database: &Database, user: User) {
    let name = login_name(database);
    match (user, server.engine()) {
        (User::Owner, _) => {}
        (_, Engine::Postgres) => {
            database.sql(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
        }
        _ => {
            database.sql(&format!("DROP USER {name}@'%'"));
        }
    }
}

const HISTORIES: [Case; 17] = [
    ("untouched", User::Owner, "SELECT 1"),
    (
        "without the statements",
        User::Owner,
        "DROP TABLE _migrate_history_statements",
    ),
    (
        "without the head",
        User::Owner,
        "DROP TABLE _migrate_history_head",
    ),
    (
        "only the companions",
        User::Owner,
        "DROP TABLE _migrate_history",
    ),
    (
        "a state nobody knows",
        User::Owner,
        "UPDATE _migrate_history SET state = 'odd' WHERE version = '2'",
    ),
    (
        "a version that is none",
        User::Owner,
        "UPDATE _migrate_history SET version = 'two' WHERE version = '2'",
    ),
    (
        "one version in two spellings",
        User::Owner,
        "UPDATE _migrate_history SET version = '01' WHERE version = '2'",
    ),
    (
        "half a checksum",
        User::Owner,
        "UPDATE _migrate_history SET checksum = 'abc' WHERE version = '2'",
    ),
    (
        "no head record",
        User::Owner,
        "DELETE FROM _migrate_history_head",
    ),
    (
        "the head counts too few",
        User::Owner,
        "UPDATE _migrate_history_head SET applied = 1",
    ),
    (
        "a row is gone",
        User::Owner,
        "DELETE FROM _migrate_history WHERE version = '2'",
    ),
    (
        "begun and not finished",
        User::Owner,
        "UPDATE _migrate_history SET state = 'up running' WHERE version = '2'",
    ),
    (
        "newer than all files",
        User::Owner,
        "UPDATE _migrate_history SET version = '20300101000000' WHERE version = '2'",
    ),
    (
        "a column is gone",
        User::Owner,
        "ALTER TABLE _migrate_history DROP COLUMN checksum",
    ),
    (
        "a view in place of the table",
        User::Owner,
        "ALTER TABLE _migrate_history RENAME TO h; CREATE VIEW _migrate_history AS SELECT * FROM h",
    ),
    ("a user who may only read", User::Reader, "SELECT 1"),
    (
        "a user who may not change the schema",
        User::Writer,
        "SELECT 1",
    ),
];

const TAKEN: [Case; 5] = [
    (
        "a view",
        User::Owner,
        "CREATE VIEW _migrate_history AS SELECT 1 AS one",
    ),
    (
        "a sequence",
        User::Owner,
        "CREATE SEQUENCE _migrate_history",
    ),
    (
        "a table of another make",
        User::Owner,
        "CREATE TABLE _migrate_history (id int)",
    ),
    ("a user who may only read", User::Reader, "SELECT 1"),
    (
        "a user who may not change the schema",
        User::Writer,
        "SELECT 1",
    ),
];

const OF_POSTGRES: [Case; 3] = [
    // The reader is not the owner, to whom the rows stay visible.
    (
        "rows that the user may not see",
        User::Writer,
        "ALTER TABLE _migrate_history ENABLE ROW LEVEL SECURITY",
    ),
    (
        "read-only by default",
        User::Owner,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$",
    ),
    (
        "no search path",
        User::Owner,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = %L', current_database(), ''); END $$",
    ),
];

const OF_MARIADB: [Case; 2] = [
    (
        "another character set",
        User::Owner,
        "ALTER TABLE _migrate_history CONVERT TO CHARACTER SET latin1",
    ),
    (
        "tables without transactions",
        User::Owner,
        "ALTER TABLE _migrate_history ENGINE = MyISAM; ALTER TABLE _migrate_history_head ENGINE = MyISAM",
    ),
];

#[test]
fn postgres() {
    let Some(server) = server::postgres() else {
        return;
    };
    let connect = |database: &Database| {
        AsyncConnectionWrapper::<AsyncPgConnection>::establish(database.url()).unwrap()
    };
    let begun: Vec<Case> = HISTORIES.into_iter().chain(OF_POSTGRES).collect();
    let text = all(&server, true, &begun, connect) + "\n" + &all(&server, false, &TAKEN, connect);
    insta::assert_snapshot!(text);
}

#[test]
fn mariadb() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let connect = |database: &Database| {
        AsyncConnectionWrapper::<AsyncMysqlConnection>::establish(database.url()).unwrap()
    };
    let begun: Vec<Case> = HISTORIES.into_iter().chain(OF_MARIADB).collect();
    let text = all(&server, true, &begun, connect) + "\n" + &all(&server, false, &TAKEN, connect);
    insta::assert_snapshot!(text);
}
