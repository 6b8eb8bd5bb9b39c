//! MariaDB, which commits every DDL statement. Between two attempts the objects that are different
//! are dropped and made again; where an attempt begins with the statements that the one before it
//! has run, as most mutants of a script do, it goes on from there.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, sql_query};
use diesel_async::AsyncMysqlConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use migrate_core::statement::{Kind, Recovery, classify};
use migrate_core::{Dialect, Direction};

use super::stage::{Facts, Stage, Trial, statements};
use crate::mutants::SetScript;
use crate::server::{Engine, Server, TestDatabase};

type Connection = AsyncConnectionWrapper<AsyncMysqlConnection>;

/// A database that grows from migration to migration, and one beside it for attempts.
pub(super) struct MariadbStage {
    stage: TestDatabase,
    copy: TestDatabase,
    /// What the stage holds; read when it is first needed after a step.
    objects: Option<Objects>,
    /// What the copy holds, where that is known.
    copied: Option<Objects>,
    /// The session of the last attempt and what it has run on the copy since that was the stage.
    running: Option<(MariadbSession, Vec<Step>)>,
}

/// A part of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Statement(String),
    /// The end of a script, where the runner puts the session's settings back.
    End,
}

impl Step {
    fn of(script: &SetScript) -> Vec<Self> {
        let statements = statements(script, Dialect::Mysql).into_iter();
        let steps = statements.map(|statement| Self::Statement(statement.to_owned()));
        steps.chain([Self::End]).collect()
    }

    /// Whether nothing is left of it where it fails. Not so of what a routine does, nor of DROP with
    /// several names.
    fn is_atomic(&self) -> bool {
        let Self::Statement(sql) = self else {
            return true;
        };
        let what = classify(sql, Dialect::Mysql);
        let several = match &what.recovery {
            Recovery::Catalogue(change) => change.names.len() > 1,
            _ => false,
        };
        what.kind != Kind::Call && !several
    }
}

struct MariadbSession(Connection);

/// The objects of a database, each with the SQL that makes it and the number of its rows.
type Objects = BTreeMap<(ObjectKind, String), (String, i64)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ObjectKind {
    Table,
    View,
    Routine(&'static str),
    Trigger,
}

impl ObjectKind {
    fn word(self) -> &'static str {
        match self {
            Self::Table => "TABLE",
            Self::View => "VIEW",
            Self::Routine(word) => word,
            Self::Trigger => "TRIGGER",
        }
    }
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    value: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text, column_name = "Create Table")]
    sql: String,
}

#[derive(QueryableByName)]
struct View {
    #[diesel(sql_type = Text, column_name = "Create View")]
    sql: String,
}

#[derive(QueryableByName)]
struct Procedure {
    #[diesel(sql_type = Text, column_name = "Create Procedure")]
    sql: String,
}

#[derive(QueryableByName)]
struct Function {
    #[diesel(sql_type = Text, column_name = "Create Function")]
    sql: String,
}

#[derive(QueryableByName)]
struct Trigger {
    #[diesel(sql_type = Text, column_name = "SQL Original Statement")]
    sql: String,
}

impl MariadbStage {
    pub(super) fn new(server: Server) -> Self {
        Self {
            stage: server.database("mutants"),
            copy: server.database("mutants copy"),
            objects: None,
            copied: None,
            running: None,
        }
    }

    fn objects(&mut self) -> Objects {
        let stage = &self.stage;
        (self.objects)
            .get_or_insert_with(|| MariadbSession::open(stage).objects())
            .clone()
    }

    /// Makes the copy what the stage is.
    fn restore(&mut self) {
        if let Some((mut session, _)) = self.running.take() {
            self.copied = Some(session.objects());
        }
        let wanted = self.objects();
        let mut session = MariadbSession::open(&self.copy);
        let found = match self.copied.take() {
            Some(found) => found,
            None => session.objects(),
        };
        let same = |(key, object): &(&(ObjectKind, String), &(String, i64)), other: &Objects| {
            other.get(key) == Some(object)
        };
        session.sure("SET foreign_key_checks = 0, sql_mode = ''");
        for ((kind, name), _) in found.iter().filter(|found| !same(found, &wanted)) {
            // A trigger goes with its table.
            session.sure(&format!("DROP {} IF EXISTS {}", kind.word(), quoted(name)));
        }
        for ((kind, name), (sql, rows)) in wanted.iter().filter(|object| !same(object, &found)) {
            session.sure(sql);
            if *kind == ObjectKind::Table && *rows > 0 {
                let (name, stage) = (quoted(name), quoted(self.stage.name()));
                session.sure(&format!("INSERT INTO {name} SELECT * FROM {stage}.{name}"));
            }
        }
        self.copied = Some(wanted);
    }
}

impl Stage for MariadbStage {
    fn server(&mut self) -> String {
        let version = "SELECT CONCAT('MariaDB ', VERSION()) AS value";
        MariadbSession::open(&self.stage).texts(version).concat()
    }

    fn advance(&mut self, script: &SetScript) -> Result<(), String> {
        if self.running.is_some() {
            self.restore();
        }
        self.objects = None;
        let mut session = MariadbSession::open(&self.stage);
        Step::of(script)
            .iter()
            .try_for_each(|step| session.step(step))
    }

    fn attempt(&mut self, ups: &[SetScript], down: Option<&SetScript>) -> Trial {
        let Some((last, rest)) = ups.split_last() else {
            return Trial::default();
        };
        let up: Vec<Step> = ups.iter().flat_map(Step::of).collect();
        let boundary = up.len() - Step::of(last).len();
        let down_steps = down.map(Step::of).unwrap_or_default();
        let steps: Vec<&Step> = up.iter().chain(&down_steps).collect();

        let goes_on = |(_, done): &(MariadbSession, Vec<Step>)| {
            // The schema before the last way up has to be looked at on the way.
            done.len() <= steps.len()
                && done.iter().eq(steps[..done.len()].iter().copied())
                && (rest.is_empty() || done.len() <= boundary)
        };
        if !self.running.as_ref().is_some_and(goes_on) {
            self.restore();
        }
        let before_first = rest.is_empty().then(|| facts_of(&self.objects()));
        let copy = &self.copy;
        let (mut session, mut done) =
            (self.running.take()).unwrap_or_else(|| (MariadbSession::open(copy), Vec::new()));

        let mut before = before_first;
        for (place, step) in steps.iter().enumerate().skip(done.len()) {
            if place == boundary && before.is_none() {
                before = Some(session.facts());
            }
            if let Err(message) = session.step(step) {
                if step.is_atomic() {
                    self.running = Some((session, done));
                } else {
                    self.copied = Some(session.objects());
                }
                let direction = match place < up.len() {
                    true => Direction::Up,
                    false => Direction::Down,
                };
                return Trial::failed(direction, message);
            }
            done.push((*step).clone());
        }
        let trial = match (down, before) {
            (Some(_), Some(before)) => Trial::between(&before, &session.facts()),
            _ => Trial::default(),
        };
        self.running = Some((session, done));
        trial
    }
}

fn quoted(name: &str) -> String {
    Engine::Mariadb.quote_name(name)
}

impl MariadbSession {
    fn open(database: &TestDatabase) -> Self {
        let mut conn = Connection::establish(database.url()).expect("a connection");
        conn.batch_execute("SET max_statement_time = 20, lock_wait_timeout = 20")
            .expect("a new session takes settings");
        Self(conn)
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Statement(sql) => self.batch(sql),
            Step::End => self.batch("SET foreign_key_checks = 1"),
        }
    }

    fn facts(&mut self) -> Facts {
        facts_of(&self.objects())
    }

    fn batch(&mut self, sql: &str) -> Result<(), String> {
        self.0.batch_execute(sql).map_err(|error| error.to_string())
    }

    /// Runs SQL of our own.
    fn sure(&mut self, sql: &str) {
        if let Err(error) = self.batch(sql) {
            panic!("{error}\n{sql}");
        }
    }

    fn texts(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Value> = sql_query(sql)
            .load(&mut self.0)
            .expect("a query that works");
        rows.into_iter().map(|row| row.value).collect()
    }

    fn names(&mut self, kind: ObjectKind) -> Vec<String> {
        let (column, table, condition) = match kind {
            ObjectKind::Table => (
                "table_name",
                "tables WHERE table_schema",
                "table_type = 'BASE TABLE'",
            ),
            ObjectKind::View => (
                "table_name",
                "tables WHERE table_schema",
                "table_type = 'VIEW'",
            ),
            ObjectKind::Routine("PROCEDURE") => (
                "routine_name",
                "routines WHERE routine_schema",
                "routine_type = 'PROCEDURE'",
            ),
            ObjectKind::Routine(_) => (
                "routine_name",
                "routines WHERE routine_schema",
                "routine_type = 'FUNCTION'",
            ),
            ObjectKind::Trigger => ("trigger_name", "triggers WHERE trigger_schema", "TRUE"),
        };
        self.texts(&format!(
            "SELECT {column} AS value FROM information_schema.{table} = DATABASE() AND {condition}"
        ))
    }

    fn objects(&mut self) -> Objects {
        let mut objects = Objects::new();
        let kinds = [
            ObjectKind::Table,
            ObjectKind::View,
            ObjectKind::Routine("PROCEDURE"),
            ObjectKind::Routine("FUNCTION"),
            ObjectKind::Trigger,
        ];
        for kind in kinds {
            for name in self.names(kind) {
                let sql = self.sql_of(kind, &name);
                objects.insert((kind, name), (sql, 0));
            }
        }
        let counts: Vec<String> = (objects
            .keys()
            .filter(|(kind, _)| *kind == ObjectKind::Table))
        .map(|(_, name)| {
            let text = Engine::Mariadb.quote_text(name);
            format!(
                "SELECT {text} AS value, COUNT(*) AS count FROM {}",
                quoted(name)
            )
        })
        .collect();
        if counts.is_empty() {
            return objects;
        }
        let counts: Vec<Count> = sql_query(counts.join(" UNION ALL "))
            .load(&mut self.0)
            .expect("a query that works");
        for Count { value, count } in counts {
            if let Some(object) = objects.get_mut(&(ObjectKind::Table, value)) {
                object.1 = count;
            }
        }
        objects
    }

    /// The SQL that makes an object, without the counter of AUTO_INCREMENT.
    fn sql_of(&mut self, kind: ObjectKind, name: &str) -> String {
        let show = sql_query(format!("SHOW CREATE {} {}", kind.word(), quoted(name)));
        let conn = &mut self.0;
        let loaded = match kind {
            ObjectKind::Table => show
                .get_result::<Table>(conn)
                .map(|row| without_counter(&row.sql)),
            ObjectKind::View => show.get_result::<View>(conn).map(|row| row.sql),
            ObjectKind::Routine("PROCEDURE") => {
                show.get_result::<Procedure>(conn).map(|row| row.sql)
            }
            ObjectKind::Routine(_) => show.get_result::<Function>(conn).map(|row| row.sql),
            ObjectKind::Trigger => show.get_result::<Trigger>(conn).map(|row| row.sql),
        };
        loaded.expect("an object that is there")
    }
}

fn without_counter(sql: &str) -> String {
    const COUNTER: &str = " AUTO_INCREMENT=";
    match sql.rsplit_once(COUNTER) {
        Some((before, after)) if before.contains(") ENGINE=") => {
            format!(
                "{before}{}",
                after.trim_start_matches(|c: char| c.is_ascii_digit())
            )
        }
        _ => sql.to_owned(),
    }
}

fn facts_of(objects: &Objects) -> Facts {
    let facts = objects.iter().flat_map(|((kind, name), (sql, _))| {
        let head = format!("{} {name}", kind.word());
        match kind {
            // A line a column, key or constraint.
            ObjectKind::Table => (sql.lines())
                .map(|line| format!("{head}: {}", line.trim().trim_end_matches(',')))
                .collect(),
            _ => vec![format!("{head}: {sql}")],
        }
    });
    facts.collect()
}
