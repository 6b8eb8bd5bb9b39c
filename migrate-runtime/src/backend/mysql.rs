//! MySQL and MariaDB.

use std::time::Duration;

use diesel::QueryResult;
use diesel::result::Error as DieselError;
use migrate_core::Dialect;
use migrate_core::statement::{CatalogueChange, ObjectKind, ObjectName, Verb};

use super::{
    Backend, LockName, ObjectState, Server, SessionState, TableName, Types, Verdict,
    is_read_only_transaction, literals, single,
};
use crate::error::{Error, ErrorKind};
use crate::obstacle::Obstacle;
use crate::session::Session;

pub(super) struct Mysql;

/// Session variables that scripts change, with whether their value is text. Only those that the
/// server has are read: MariaDB and MySQL differ, and so do their versions.
const VARIABLES: [(&str, bool); 17] = [
    ("autocommit", false),
    ("foreign_key_checks", false),
    ("unique_checks", false),
    ("sql_mode", true),
    ("time_zone", true),
    ("character_set_client", true),
    ("character_set_connection", true),
    ("character_set_results", true),
    ("collation_connection", true),
    ("default_storage_engine", true),
    ("group_concat_max_len", false),
    ("innodb_lock_wait_timeout", false),
    ("lock_wait_timeout", false),
    ("max_statement_time", false),
    ("sql_safe_updates", false),
    ("transaction_isolation", true),
    ("tx_isolation", true),
];

const DATABASE: &str = "database()";

/// Pieces of the messages of 1044, 1045, 1142, 1143, 1227, 1370, 1419; 1021, 1114, 3 with the system's
/// error 28; 1053, 1927, 2006, 2013, and of the driver without the C library.
const OBSTACLES: [(Obstacle, &[&str]); 3] = [
    (
        Obstacle::Rights,
        &["command denied to user", "Access denied", "SUPER privilege"],
    ),
    (
        Obstacle::Space,
        &["No space left on device", "Disk full", "' is full"],
    ),
    (
        Obstacle::Connection,
        &[
            "Server shutdown in progress",
            "Connection was killed",
            "server has gone away",
            "Lost connection to",
            "Connection to the server is closed",
            "Input/output error",
        ],
    ),
];

impl Mysql {
    /// The database of an object, as an expression.
    fn schema_of(&self, name: &ObjectName) -> String {
        name.schema
            .as_deref()
            .map_or_else(|| "DATABASE()".to_owned(), |schema| self.text(schema))
    }

    fn qualified(&self, name: &ObjectName) -> String {
        match &name.schema {
            Some(schema) => {
                format!(
                    "{}.{}",
                    self.identifier(schema),
                    self.identifier(&name.name)
                )
            }
            None => self.identifier(&name.name),
        }
    }

    fn table(&self, session: &mut dyn Session, name: &ObjectName) -> QueryResult<ObjectState> {
        let kind = single(
            session,
            &format!(
                "SELECT CAST(table_type AS CHAR) FROM information_schema.tables \
                 WHERE table_schema = {} AND table_name = {}",
                self.schema_of(name),
                self.text(&name.name)
            ),
        )?;
        let Some(kind) = kind else { return Ok(None) };
        let show = if kind.contains("VIEW") {
            "VIEW"
        } else {
            "TABLE"
        };
        let rows = session.rows(&format!("SHOW CREATE {show} {}", self.qualified(name)))?;
        let definition = rows
            .into_iter()
            .next()
            .and_then(|row| row.into_iter().nth(1))
            .flatten();
        Ok(definition.map(|text| without_counter(&text)))
    }

    /// The columns of one row of a view of `information_schema`, joined.
    fn described(
        &self,
        session: &mut dyn Session,
        name: &ObjectName,
        (view, prefix, columns): (&str, &str, &[&str]),
    ) -> QueryResult<ObjectState> {
        let columns: Vec<_> = columns
            .iter()
            .map(|column| format!("COALESCE(CAST({column} AS CHAR), '')"))
            .collect();
        single(
            session,
            &format!(
                "SELECT CONCAT_WS(CHAR(10), {}) FROM information_schema.{view} \
                 WHERE {prefix}_schema = {} AND {prefix}_name = {}",
                columns.join(", "),
                self.schema_of(name),
                self.text(&name.name)
            ),
        )
    }

    fn object(
        &self,
        session: &mut dyn Session,
        kind: ObjectKind,
        name: &ObjectName,
    ) -> QueryResult<ObjectState> {
        let (view, prefix, columns): (&str, &str, &[&str]) = match kind {
            ObjectKind::Table | ObjectKind::View | ObjectKind::Sequence | ObjectKind::Index => {
                return self.table(session, name);
            }
            ObjectKind::Trigger => (
                "triggers",
                "trigger",
                &["event_object_table", "action_statement", "created"],
            ),
            ObjectKind::Procedure | ObjectKind::Function => (
                "routines",
                "routine",
                &[
                    "routine_type",
                    "routine_definition",
                    "created",
                    "last_altered",
                ],
            ),
            ObjectKind::Event => (
                "events",
                "event",
                &["event_definition", "status", "created", "last_altered"],
            ),
            ObjectKind::Database => {
                return single(
                    session,
                    &format!(
                        "SELECT CONCAT(CAST(default_character_set_name AS CHAR), ' ', \
                         CAST(default_collation_name AS CHAR)) \
                         FROM information_schema.schemata WHERE schema_name = {}",
                        self.text(&name.name)
                    ),
                );
            }
            _ => return Ok(None),
        };
        self.described(session, name, (view, prefix, columns))
    }
}

/// A table definition without its AUTO_INCREMENT counter, which grows with every insert.
fn without_counter(definition: &str) -> String {
    const COUNTER: &str = " AUTO_INCREMENT=";
    match definition.rfind(COUNTER) {
        None => definition.to_owned(),
        Some(at) => {
            let (before, rest) = definition.split_at(at);
            let rest = rest.trim_start_matches(COUNTER);
            format!(
                "{before}{}",
                rest.trim_start_matches(|c: char| c.is_ascii_digit())
            )
        }
    }
}

impl Backend for Mysql {
    fn identifier(&self, name: &str) -> String {
        Dialect::Mysql.quote_identifier(name)
    }

    fn text(&self, text: &str) -> String {
        Dialect::Mysql.quote_text(text)
    }

    fn inspect(&self, session: &mut dyn Session) -> Result<Server, Error> {
        let doing = "asking which server this is";
        let rows = session
            .rows(
                "SELECT CAST(VERSION() AS CHAR), CAST(@@version_comment AS CHAR), \
                 CAST(DATABASE() AS CHAR), CAST(CURRENT_USER() AS CHAR)",
            )
            .map_err(Error::database(doing))?;
        let mut row = rows.into_iter().next().unwrap_or_default().into_iter();
        let mut next = || row.next().flatten().unwrap_or_default();
        let (version, comment, database, user) = (next(), next(), next(), next());
        for (mark, engine) in [
            ("TiDB", "TiDB"),
            ("Vitess", "Vitess"),
            ("PlanetScale", "PlanetScale"),
        ] {
            if version.contains(mark) || comment.contains(mark) {
                return Err(ErrorKind::Engine(engine.to_owned()).into());
            }
        }
        let variables = session
            .rows(
                "SHOW GLOBAL VARIABLES WHERE Variable_name IN \
                 ('wsrep_on', 'read_only', 'super_read_only')",
            )
            .map_err(Error::database(doing))?;
        let on = |name: &str| {
            variables.iter().any(|row| {
                matches!(row.as_slice(), [Some(key), Some(value)]
                    if key == name && matches!(value.as_str(), "ON" | "1"))
            })
        };
        Ok(Server {
            schema: database.clone(),
            visible_schemas: vec![database.clone()],
            database,
            user,
            no_session_lock: on("wsrep_on")
                .then_some("GET_LOCK is local to one node of a Galera cluster"),
            read_only: match (on("super_read_only"), on("read_only")) {
                (true, _) => Some("super_read_only is on; connect to the primary"),
                (_, true) => Some("read_only is on; connect to the primary"),
                _ => None,
            },
        })
    }

    fn existing(
        &self,
        session: &mut dyn Session,
        schemas: &[String],
        names: &[&str],
    ) -> QueryResult<Vec<TableName>> {
        let rows = session.rows(&format!(
            "SELECT CAST(table_schema AS CHAR), CAST(table_name AS CHAR) \
             FROM information_schema.tables WHERE table_type = 'BASE TABLE' \
             AND table_name IN ({}) AND table_schema IN ({})",
            literals(self, names.iter().copied()),
            literals(self, schemas.iter().map(String::as_str)),
        ))?;
        Ok(super::table_names(rows))
    }

    fn has_column(
        &self,
        session: &mut dyn Session,
        table: &TableName,
        column: &str,
    ) -> QueryResult<bool> {
        let rows = session.rows(&format!(
            "SELECT '1' FROM information_schema.columns \
             WHERE table_schema = {} AND table_name = {} AND column_name = {}",
            self.text(&table.schema),
            self.text(&table.name),
            self.text(column),
        ))?;
        Ok(!rows.is_empty())
    }

    fn types(&self) -> &'static Types {
        &Types {
            version: "VARCHAR(50)",
            hash: "CHAR(64)",
            word: "VARCHAR(16)",
            text: "LONGTEXT",
            integer: "BIGINT",
            time: "DATETIME(6)",
            table_options: " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        }
    }

    fn as_text(&self, expression: &str) -> String {
        format!("CAST({expression} AS CHAR)")
    }

    fn time_as_text(&self, column: &str) -> String {
        format!("DATE_FORMAT({column}, '%Y-%m-%d %H:%i:%s')")
    }

    fn now(&self) -> &'static str {
        "UTC_TIMESTAMP(6)"
    }

    fn now_plus(&self, seconds: u64) -> String {
        format!("UTC_TIMESTAMP(6) + INTERVAL {seconds} SECOND")
    }

    fn no_table(&self) -> &'static str {
        " FROM DUAL"
    }

    fn try_lock(&self, session: &mut dyn Session, name: &LockName) -> QueryResult<bool> {
        let sql = format!(
            "SELECT CAST(GET_LOCK({}, 0) AS CHAR)",
            self.text(&name.name)
        );
        Ok(single(session, &sql)?.as_deref() == Some("1"))
    }

    fn lock_holder(
        &self,
        session: &mut dyn Session,
        name: &LockName,
    ) -> QueryResult<Option<String>> {
        single(
            session,
            &format!(
                "SELECT CONCAT('connection ', id, ', user ', user, ', host ', host) \
                 FROM information_schema.processlist WHERE id = IS_USED_LOCK({})",
                self.text(&name.name)
            ),
        )
    }

    fn unlock(&self, session: &mut dyn Session, name: &LockName) -> QueryResult<()> {
        let sql = format!(
            "SELECT CAST(RELEASE_LOCK({}) AS CHAR)",
            self.text(&name.name)
        );
        session.rows(&sql).map(|_| ())
    }

    fn lock_condition(&self, name: &LockName) -> String {
        format!(
            "COALESCE(IS_USED_LOCK({}) = CONNECTION_ID(), 0)",
            self.text(&name.name)
        )
    }

    fn session_id(&self) -> String {
        "CAST(CONNECTION_ID() AS CHAR)".to_owned()
    }

    fn session_is_alive(
        &self,
        session: &mut dyn Session,
        id: &str,
        statement: &str,
    ) -> QueryResult<bool> {
        let start: String = statement.chars().take(100).collect();
        let rows = session.rows(&format!(
            "SELECT '1' FROM information_schema.processlist WHERE id <> CONNECTION_ID() \
             AND command <> 'Sleep' AND (id = {} OR LEFT(info, {}) = {})",
            self.text(id),
            start.chars().count(),
            self.text(&start)
        ))?;
        Ok(!rows.is_empty())
    }

    fn save_state(&self, session: &mut dyn Session, _: &[String]) -> QueryResult<SessionState> {
        let rows = session.rows(&format!(
            "SHOW SESSION VARIABLES WHERE Variable_name IN ({})",
            literals(self, VARIABLES.iter().map(|(name, _)| *name))
        ))?;
        let mut state = SessionState::of(rows);
        state.push((
            DATABASE.to_owned(),
            single(session, "SELECT CAST(DATABASE() AS CHAR)")?,
        ));
        Ok(SessionState {
            listed: state,
            ..SessionState::default()
        })
    }

    fn restore_state(&self, session: &mut dyn Session, state: &SessionState) -> QueryResult<()> {
        let now = self.save_state(session, &[])?;
        for ((name, old), (_, new)) in state.listed.iter().zip(&now.listed) {
            let (Some(old), true) = (old, old != new) else {
                continue;
            };
            if name == DATABASE {
                session.batch(&format!("USE {}", self.identifier(old)))?;
                continue;
            }
            let is_text = VARIABLES.iter().any(|(key, text)| key == name && *text);
            let value = match (is_text, old.as_str()) {
                (true, "") if name == "character_set_results" => "NULL".to_owned(),
                (true, text) => self.text(text),
                (false, number) => number.to_owned(),
            };
            session.batch(&format!("SET SESSION {name} = {value}"))?;
        }
        Ok(())
    }

    fn set_timeouts(
        &self,
        session: &mut dyn Session,
        lock: Option<Duration>,
        statement: Option<Duration>,
    ) -> QueryResult<()> {
        let mut settings = Vec::new();
        if let Some(lock) = lock {
            // Whole seconds, and 0 would mean not to wait at all.
            let seconds = lock.as_secs_f64().ceil().max(1.0);
            settings.push(format!("SESSION lock_wait_timeout = {seconds}"));
            settings.push(format!("SESSION innodb_lock_wait_timeout = {seconds}"));
        }
        if let Some(statement) = statement {
            // MariaDB only: MySQL can limit SELECT, but not what a migration does.
            let seconds = statement.as_secs_f64();
            if settings.is_empty() {
                settings.push("@_migrate_unused = NULL".to_owned());
            }
            settings.push(format!("SESSION max_statement_time = {seconds} */"));
        }
        let sql = settings
            .join(", ")
            .replace(", SESSION max_", " /*M!, SESSION max_");
        if sql.is_empty() {
            Ok(())
        } else {
            session.batch(&format!("SET {sql}"))
        }
    }

    fn is_lock_timeout(&self, error: &DieselError) -> bool {
        // 1205 and 1213.
        super::says(error, ["Lock wait timeout exceeded", "Deadlock found"])
    }

    fn obstacle(&self, error: &DieselError) -> Option<Obstacle> {
        Obstacle::of(error, &OBSTACLES)
    }

    fn is_read_only(&self, error: &DieselError) -> bool {
        is_read_only_transaction(error)
    }

    fn why_read_only(&self) -> &'static str {
        "the transaction may only read"
    }

    fn fingerprint(
        &self,
        session: &mut dyn Session,
        change: &CatalogueChange,
    ) -> QueryResult<Vec<ObjectState>> {
        let names = match (change.object, &change.on) {
            (ObjectKind::Index, Some(table)) => std::slice::from_ref(table),
            (ObjectKind::Index, None) => &[],
            _ => &change.names,
        };
        names
            .iter()
            .map(|name| self.object(session, change.object, name))
            .collect()
    }

    fn verdict(
        &self,
        session: &mut dyn Session,
        change: &CatalogueChange,
        before: &[ObjectState],
    ) -> QueryResult<Verdict> {
        if change.verb == Verb::Rename || change.names.len() > 1 {
            let mut names: Vec<_> = change.names.iter().collect();
            names.sort_by_key(|name| (&name.schema, &name.name));
            if names.windows(2).any(|pair| pair[0] == pair[1]) {
                // Two tables of equal definition that swap their names look as if nothing happened.
                return Ok(Verdict::Unsure("it names the same object twice".to_owned()));
            }
        }
        let now = self.fingerprint(session, change)?;
        let drops = change.verb == Verb::Drop && change.object != ObjectKind::Index;
        Ok(super::judge(before, &now, |state| {
            !drops || state.is_some()
        }))
    }

    fn data_outside_transactions(&self, session: &mut dyn Session) -> QueryResult<Option<String>> {
        single(
            session,
            "SELECT CONCAT('table ', table_name, ' has the engine ', engine, \
             ', which has no transactions') FROM information_schema.tables t \
             JOIN information_schema.engines e USING (engine) \
             WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' \
             AND e.transactions <> 'YES' LIMIT 1",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_does_not_depend_on_sql_mode() {
        assert_eq!(Mysql.text("it's"), "'it''s'");
        assert_eq!(Mysql.text("a\\b"), "CONVERT(X'615C62' USING utf8mb4)");
    }

    #[test]
    fn the_counter_is_no_part_of_a_definition() {
        let definition = "CREATE TABLE `t` (…) ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=x";
        assert_eq!(
            without_counter(definition),
            "CREATE TABLE `t` (…) ENGINE=InnoDB DEFAULT CHARSET=x"
        );
        assert_eq!(
            without_counter("CREATE TABLE `t` ()"),
            "CREATE TABLE `t` ()"
        );
    }
}
