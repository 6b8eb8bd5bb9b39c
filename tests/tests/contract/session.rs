//! The session's settings are the runner's: what they were before every script, and on the way
//! back to a pool.

use migrate_tests::contract::{Client, Folder, Job, Kind};
use migrate_tests::server::{self, Engine, Server};

/// What a script may change, and a query that shows it.
const POSTGRES: &str = "SELECT concat_ws(' | ', current_setting('search_path'), session_user, \
    current_user, current_setting('TimeZone'), current_setting('DateStyle'), \
    current_setting('lock_timeout'), current_setting('statement_timeout'), \
    current_setting('standard_conforming_strings'), current_setting('client_min_messages'), \
    current_setting('session_replication_role'), current_setting('app.tenant', true), \
    coalesce(current_setting('app.other', true), '')) AS value";
const MARIADB: &str = "SELECT CAST(CONCAT_WS(' | ', DATABASE(), @@SESSION.sql_mode, \
    @@SESSION.foreign_key_checks, @@SESSION.unique_checks, @@SESSION.time_zone, \
    @@SESSION.lock_wait_timeout, @@SESSION.innodb_lock_wait_timeout, @@SESSION.autocommit, \
    @@SESSION.character_set_client, @@SESSION.collation_connection, @@SESSION.max_statement_time, \
    @@SESSION.group_concat_max_len, @@SESSION.default_storage_engine, \
    @@SESSION.sql_safe_updates) AS CHAR) AS value";
const SQLITE: &str = "SELECT (SELECT foreign_keys FROM pragma_foreign_keys) || ' | ' || \
    (SELECT timeout FROM pragma_busy_timeout) || ' | ' || \
    (SELECT recursive_triggers FROM pragma_recursive_triggers) || ' | ' || \
    (SELECT group_concat(name) FROM pragma_database_list) AS value";

fn state(client: &mut dyn Client, engine: Engine) -> String {
    client
        .texts(match engine {
            Engine::Postgres => POSTGRES,
            Engine::Mariadb => MARIADB,
            Engine::Sqlite => SQLITE,
        })
        .concat()
}

/// Statements that change the session; `{mode}` makes names of their own.
fn changes(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::Postgres => &[
            "CREATE SCHEMA one_{mode}; SET search_path = one_{mode}, public",
            "SET SESSION search_path = ''",
            "SELECT set_config('search_path', 'pg_catalog', false)",
            "DO $$ BEGIN PERFORM set_config('search_path', '', false); END $$",
            "SET ROLE pg_monitor",
            "SET SESSION AUTHORIZATION pg_monitor",
            "SET TIME ZONE 'Asia/Tokyo'; SET DateStyle = 'German'",
            "SET lock_timeout = '1ms'; SET statement_timeout = '10min'",
            "SET standard_conforming_strings = off",
            "SET session_replication_role = replica",
            "SET client_min_messages = error; RESET ALL",
            "SET app.tenant = 'x'; SET SESSION app.other TO 'y'",
            "RESET app.tenant; SELECT pg_catalog.set_config('app.other', 'y', false)",
            "DO $$ BEGIN PERFORM set_config('app.tenant', 'x', false); SET app.other = 'y'; END $$",
        ],
        Engine::Mariadb => &[
            "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
            "SET foreign_key_checks = 0, unique_checks = 0",
            "SET SESSION time_zone = '+09:00'",
            "SET @@session.lock_wait_timeout = 1, innodb_lock_wait_timeout = 1",
            "USE mysql",
            "SET NAMES latin1",
            "SET SESSION group_concat_max_len = 4, sql_safe_updates = 1",
            "SET default_storage_engine = MyISAM",
            "SET max_statement_time = 100",
        ],
        Engine::Sqlite => &[
            "PRAGMA foreign_keys = off",
            "PRAGMA busy_timeout = 1; PRAGMA recursive_triggers = on",
            "ATTACH DATABASE ':memory:' AS side",
            "ATTACH DATABASE ':memory:' AS side; CREATE TABLE side.t (id int)",
        ],
    }
}

fn session_is_kept(server: Option<Server>) {
    let Some(server) = server else { return };
    let engine = server.engine();
    for kind in Kind::of(engine) {
        let database = server.database("session");
        let mut client = kind.connect(&database);
        for (number, change) in changes(engine).iter().enumerate() {
            // PostgreSQL does not list such settings; only a script that names them keeps them.
            if change.contains("app.tenant") {
                client.batch("SET app.tenant = 'ours'");
            }
            let before = state(&mut *client, engine);
            for (mode, name) in [("", "all"), ("-- migrate:no-transaction\n", "single")] {
                // Each run has a history of its own.
                let run = |client: &mut dyn Client, sql: &str, what: &str| {
                    let table = format!("t_{number}_{name}_{what}");
                    // The migration after it finds the schema that it had before.
                    let folder = Folder::new(engine)
                        .with("1_change.sql", &format!("{mode}{sql};\n"))
                        .with("2_table.sql", &format!("CREATE TABLE {table} (id int);"));
                    let history = format!("history of {table}").into();
                    client.migrate(&folder.set(), &Job::up().set(|s| s.history_table = history))
                };
                if mode.is_empty() && refused_in_a_transaction(engine, change) {
                    continue;
                }
                let case = format!("{kind:?}, {name}: {change}");
                let change = change.replace("{mode}", name);
                let outcome = run(&mut *client, &change, "good");
                let outcome = outcome.unwrap_or_else(|e| panic!("{case}: {e:?}"));
                assert_eq!(outcome.versions(), ["1", "2"], "{case}");
                assert_eq!(state(&mut *client, engine), before, "{case}");
                database.sql(&format!("SELECT id FROM t_{number}_{name}_good"));
                let failing = format!("{change};\nSELECT broken");
                let error = run(&mut *client, &failing, "bad").unwrap_err();
                assert!(error.to_string().contains("statement"), "{case}: {error}");
                assert_eq!(state(&mut *client, engine), before, "failed {case}");
            }
        }
    }
}

/// SQLite's settings do nothing inside a transaction, and PostgreSQL refuses some.
fn refused_in_a_transaction(engine: Engine, change: &str) -> bool {
    engine == Engine::Sqlite && change.contains("PRAGMA") && !change.contains("recursive")
}

#[test]
fn on_postgres() {
    session_is_kept(server::postgres());
}

#[test]
fn on_mariadb() {
    session_is_kept(server::mariadb());
}

#[test]
fn on_sqlite() {
    session_is_kept(server::sqlite());
}
