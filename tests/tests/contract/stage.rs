//! A database before and after a migration of ten statements, to compare with what remains of it
//! when its runner was disturbed.

use std::thread;

use migrate_core::plan::{DownTarget, UpTarget};
use migrate_tests::contract::{Client, Command, Folder, Job, Kind};
use migrate_tests::server::{Database, Engine, Server, TestDatabase};

use crate::process::{Worker, wait_until};
use crate::scripts::{Mode, folder};

/// Which way the second migration of [`folder`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

impl Way {
    pub(crate) const BOTH: [Way; 2] = [Way::Up, Way::Down];

    /// The worker's command.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Way::Up => "up",
            Way::Down => "down-one",
        }
    }

    pub(crate) fn job(self) -> Job {
        match self {
            Way::Up => Job::up(),
            Way::Down => Job::new(Command::Down(DownTarget::Count(1))),
        }
    }
}

/// A database with the first migration of [`folder`], and what it looks like before and after the
/// second one ran undisturbed.
pub(crate) struct Stage {
    pub(crate) kind: Kind,
    pub(crate) mode: Mode,
    pub(crate) database: TestDatabase,
    pub(crate) folder: Folder,
    before: String,
    applied: String,
    reverted: String,
    looker: Box<dyn Client>,
    /// Of the kind, for going on after another one was disturbed.
    client: Box<dyn Client>,
}

/// Runs a test of each kind of connections to an engine, all at once: they mostly wait.
pub(crate) fn each_kind(server: Option<Server>, test: impl Fn(&Server, Kind) + Sync) {
    let Some(server) = server else { return };
    let (server, test) = (&server, &test);
    thread::scope(|scope| {
        for kind in Kind::of(server.engine()) {
            // A thread that fails fails the scope, and has said why.
            scope.spawn(move || test(server, kind));
        }
    });
}

/// A connection to look with, which waits for others.
fn looker(database: &Database) -> Box<dyn Client> {
    let mut looker = Kind::first(database.engine()).connect(database);
    if database.engine() == Engine::Sqlite {
        looker.batch("PRAGMA busy_timeout = 10000");
    }
    looker
}

/// The columns, indexes and constraints of every table that is not the runner's, one text each.
fn schema(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => {
            "SELECT concat_ws(' ', 'column', table_name, ordinal_position, column_name, data_type, \
             character_maximum_length, is_nullable, column_default) AS value \
             FROM information_schema.columns WHERE table_schema = 'public' \
             AND left(table_name, 9) <> '_migrate_' \
             UNION ALL SELECT concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid) \
             FROM pg_index JOIN pg_class c ON c.oid = indrelid \
             WHERE relnamespace = 'public'::regnamespace AND left(relname, 9) <> '_migrate_' \
             UNION ALL SELECT concat_ws(' ', relname, conname, pg_get_constraintdef(o.oid)) \
             FROM pg_constraint o JOIN pg_class c ON c.oid = conrelid \
             WHERE relnamespace = 'public'::regnamespace AND left(relname, 9) <> '_migrate_' \
             ORDER BY 1"
        }
        Engine::Mariadb => {
            "SELECT CONCAT_WS(' ', 'column', table_name, ordinal_position, column_name, \
             column_type, is_nullable, column_default) AS value \
             FROM information_schema.columns WHERE table_schema = DATABASE() \
             AND LEFT(table_name, 9) <> '_migrate_' \
             UNION ALL SELECT CONCAT_WS(' ', 'index', table_name, index_name, seq_in_index, \
             column_name, non_unique) FROM information_schema.statistics \
             WHERE table_schema = DATABASE() AND LEFT(table_name, 9) <> '_migrate_' \
             UNION ALL SELECT CONCAT_WS(' ', 'key', table_name, constraint_name, column_name, \
             referenced_table_name, referenced_column_name) \
             FROM information_schema.key_column_usage \
             WHERE table_schema = DATABASE() AND LEFT(table_name, 9) <> '_migrate_' ORDER BY 1"
        }
        Engine::Sqlite => {
            "SELECT sql AS value FROM sqlite_schema WHERE sql IS NOT NULL \
             AND substr(tbl_name, 1, 9) <> '_migrate_' ORDER BY 1"
        }
    }
}

impl Stage {
    pub(crate) fn new(kind: Kind, mode: Mode, server: &Server) -> Self {
        Self::with(kind, mode, server, folder(server.engine(), mode))
    }

    /// The stage of another folder, of which the second migration is to be run too.
    pub(crate) fn with(kind: Kind, mode: Mode, server: &Server, folder: Folder) -> Self {
        let database = server.database(kind.name());
        let set = folder.set();
        let mut client = kind.connect(&database);
        let base = Job::new(Command::Up(UpTarget::Count(1)));
        client.migrate(&set, &base).unwrap();
        let looker = looker(&database);
        let mut stage = Stage {
            kind,
            mode,
            database,
            folder,
            before: String::new(),
            applied: String::new(),
            reverted: String::new(),
            looker,
            client,
        };
        stage.before = stage.picture();
        stage.client.migrate(&set, &Way::Up.job()).unwrap();
        stage.applied = stage.picture();
        stage.client.migrate(&set, &Way::Down.job()).unwrap();
        stage.reverted = stage.picture();
        stage.is_as_after(Way::Down, "undisturbed");
        assert_eq!(stage.picture(), stage.before);
        stage
    }

    /// Connects anew, to a server that was away.
    pub(crate) fn connect_again(&mut self) {
        self.looker = looker(&self.database);
        self.client = self.kind.connect(&self.database);
    }

    /// Everything that a double or half run would change.
    pub(crate) fn picture(&mut self) -> String {
        let mut lines = self.looker.texts(schema(self.database.engine()));
        let t = lines.iter().any(|line| {
            line.starts_with("column t ") || line.to_ascii_lowercase().starts_with("create table t")
        });
        let text = match self.database.engine() {
            Engine::Mariadb => "CHAR",
            Engine::Postgres | Engine::Sqlite => "TEXT",
        };
        let mut queries = vec![
            format!("SELECT CAST(n AS {text}) AS value FROM log ORDER BY n"),
            "SELECT version AS value FROM _migrate_history ORDER BY sequence".to_owned(),
            "SELECT state AS value FROM _migrate_history ORDER BY sequence".to_owned(),
            format!("SELECT CAST(count(*) AS {text}) AS value FROM _migrate_history_statements"),
        ];
        if t {
            for column in ["id", "n", "base"] {
                queries.push(format!(
                    "SELECT CAST({column} AS {text}) AS value FROM t ORDER BY id"
                ));
            }
        }
        for query in queries {
            lines.push(String::new());
            lines.extend(self.looker.texts(&query));
        }
        lines.join("\n")
    }

    pub(crate) fn worker(&self, command: &str, options: &[&str]) -> Worker {
        Worker::start(self.kind, &self.database, &self.folder, command, options)
    }

    /// The command that goes on after a run that way was killed inside the script.
    pub(crate) fn next(&self, way: Way) -> &'static str {
        match self.mode {
            Mode::Transaction => way.command(),
            Mode::Stepwise => "resume",
        }
    }

    /// Finishes what a killed worker left, and looks at the end.
    pub(crate) fn finish(&mut self, way: Way, case: &str) {
        match self.database.engine() {
            // Another process, because the lock of a file belongs to the process.
            Engine::Sqlite => {
                let ended = self.worker(self.next(way), &[]).end();
                assert_eq!(ended.unwrap(), "2", "{case}");
            }
            Engine::Postgres | Engine::Mariadb => {
                let job = match self.mode {
                    Mode::Transaction => way.job(),
                    Mode::Stepwise => Job::resume(),
                };
                let outcome = self.client.migrate(&self.folder.set(), &job);
                assert_eq!(outcome.unwrap().versions(), ["2"], "{case}");
            }
        }
        self.is_as_after(way, case);
    }

    /// Finishes what was left at a moment that need not be inside the script: the history says what
    /// is to be done.
    pub(crate) fn finish_as_recorded(&mut self, way: Way, case: &str) {
        let set = self.folder.set();
        match self.client.migrate(&set, &Job::resume()) {
            Ok(outcome) => {
                assert_eq!(self.mode, Mode::Stepwise, "{case}");
                assert_eq!(outcome.versions(), ["2"], "{case}");
            }
            Err(error) => {
                let error = error.to_string();
                assert!(error.starts_with("nothing to resume"), "{case}: {error}");
                let query = "SELECT version AS value FROM _migrate_history WHERE version = '2'";
                let applied = !self.looker.texts(query).is_empty();
                if applied != (way == Way::Up) {
                    let outcome = self.client.migrate(&set, &way.job());
                    assert_eq!(outcome.unwrap().versions(), ["2"], "{case}");
                }
            }
        }
        self.is_as_after(way, case);
    }

    /// Looks whether it is as if nobody had disturbed it. After the way down it is as before the way
    /// up again.
    #[track_caller]
    pub(crate) fn is_as_after(&mut self, way: Way, case: &str) {
        let found = self.picture();
        let expected = match way {
            Way::Up => &self.applied,
            Way::Down => &self.reverted,
        };
        assert_eq!(found, *expected, "{case}");
        if way == Way::Down {
            self.looker.batch("DELETE FROM log");
        }
    }

    /// Where one transaction holds the script, nothing of it is left.
    pub(crate) fn nothing_remains(&mut self, way: Way, case: &str) {
        if self.mode == Mode::Transaction {
            let found = self.picture();
            let expected = match way {
                Way::Up => &self.before,
                Way::Down => &self.applied,
            };
            assert_eq!(found, *expected, "{case}");
        }
    }

    /// Whether a statement waits for a lock in the server.
    pub(crate) fn waits_for_a_lock(&mut self) -> bool {
        waits_for_a_lock(&mut *self.looker, self.database.engine())
    }

    pub(crate) fn wait_until_blocked(&mut self, case: &str) {
        wait_until(case, || self.waits_for_a_lock());
    }
}

/// Whether a statement in the client's database waits for a lock.
pub(crate) fn waits_for_a_lock(client: &mut dyn Client, engine: Engine) -> bool {
    let sql = match engine {
        Engine::Postgres => {
            "SELECT '1' AS value FROM pg_stat_activity WHERE datname = current_database() \
             AND wait_event_type = 'Lock'"
        }
        _ => {
            "SELECT '1' AS value FROM information_schema.processlist WHERE db = DATABASE() \
             AND state LIKE 'Waiting for table%'"
        }
    };
    !client.texts(sql).is_empty()
}
