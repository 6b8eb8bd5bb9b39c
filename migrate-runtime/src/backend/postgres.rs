//! PostgreSQL.

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

pub(super) struct Postgres;

/// Settings that are not in `pg_settings` but that a script can change all the same.
const UNLISTED: [&str; 1] = ["role"];

/// Pieces of the messages of 42501; 53100; and of the classes 08 and 57P, with libpq's own.
const OBSTACLES: [(Obstacle, &[&str]); 3] = [
    (
        Obstacle::Rights,
        &[
            "permission denied",
            "must be owner of",
            "must be superuser",
            "must be member of role",
        ],
    ),
    (
        Obstacle::Space,
        &[
            "No space left on device",
            "could not extend file",
            "disk full",
        ],
    ),
    (
        Obstacle::Connection,
        &[
            "terminating connection",
            "server closed the connection",
            "no connection to the server",
            "the database system is shutting down",
        ],
    ),
];

impl Postgres {
    fn regclass(&self, name: &ObjectName) -> String {
        let quoted = match &name.schema {
            Some(schema) => {
                format!(
                    "{}.{}",
                    self.identifier(schema),
                    self.identifier(&name.name)
                )
            }
            None => self.identifier(&name.name),
        };
        format!("to_regclass({})", self.text(&quoted))
    }

    /// `valid` or `invalid` for an index, `exists` for a database, nothing where it is not there.
    fn object(
        &self,
        session: &mut dyn Session,
        kind: ObjectKind,
        name: &ObjectName,
    ) -> QueryResult<ObjectState> {
        let sql = match kind {
            ObjectKind::Index => format!(
                "SELECT CASE WHEN indisvalid THEN 'valid' ELSE 'invalid' END \
                 FROM pg_catalog.pg_index WHERE indexrelid = {}",
                self.regclass(name)
            ),
            ObjectKind::Database => format!(
                "SELECT 'exists' FROM pg_catalog.pg_database WHERE datname = {}",
                self.text(&name.name)
            ),
            _ => return Ok(None),
        };
        single(session, &sql)
    }
}

impl Backend for Postgres {
    fn identifier(&self, name: &str) -> String {
        Dialect::Postgres.quote_identifier(name)
    }

    fn text(&self, text: &str) -> String {
        Dialect::Postgres.quote_text(text)
    }

    fn inspect(&self, session: &mut dyn Session) -> Result<Server, Error> {
        let rows = session
            .rows(
                "SELECT pg_catalog.version(), current_database()::text, session_user::text, \
                 pg_catalog.pg_is_in_recovery()::text, \
                 pg_catalog.current_setting('default_transaction_read_only'), \
                 pg_catalog.array_to_string(pg_catalog.current_schemas(false), chr(10)), \
                 pg_catalog.current_setting('crdb_version', true)",
            )
            .map_err(Error::database("asking which server this is"))?;
        let mut row = rows.into_iter().next().unwrap_or_default().into_iter();
        let mut next = || row.next().flatten().unwrap_or_default();
        let (version, database, user) = (next(), next(), next());
        let (recovery, read_only, schemas, cockroach) = (next(), next(), next(), next());
        for (mark, engine) in [
            ("CockroachDB", "CockroachDB"),
            ("-YB-", "YugabyteDB"),
            ("Aurora DSQL", "Aurora DSQL"),
            ("Spanner", "Spanner"),
        ] {
            if version.contains(mark) {
                return Err(ErrorKind::Engine(engine.to_owned()).into());
            }
        }
        if !cockroach.is_empty() {
            return Err(ErrorKind::Engine("CockroachDB".to_owned()).into());
        }
        Ok(Server {
            database,
            schema: "public".to_owned(),
            visible_schemas: schemas.lines().map(str::to_owned).collect(),
            user,
            no_session_lock: None,
            read_only: match (recovery.as_str(), read_only.as_str()) {
                ("true", _) => Some("the server is a standby in recovery; connect to the primary"),
                (_, "on") => Some(
                    "default_transaction_read_only is on; turn it off for this user, database or session",
                ),
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
            "SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p') AND c.relname IN ({}) AND n.nspname IN ({})",
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
            "SELECT '1' FROM pg_catalog.pg_attribute a \
             JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = {} AND c.relname = {} AND a.attname = {} AND NOT a.attisdropped",
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
            text: "TEXT",
            integer: "BIGINT",
            time: "TIMESTAMPTZ",
            table_options: "",
        }
    }

    fn as_text(&self, expression: &str) -> String {
        format!("({expression})::text")
    }

    fn time_as_text(&self, column: &str) -> String {
        format!("pg_catalog.to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')")
    }

    fn now(&self) -> &'static str {
        "pg_catalog.clock_timestamp()"
    }

    fn now_plus(&self, seconds: u64) -> String {
        format!("pg_catalog.clock_timestamp() + interval '{seconds} seconds'")
    }

    fn try_lock(&self, session: &mut dyn Session, name: &LockName) -> QueryResult<bool> {
        let sql = format!("SELECT pg_catalog.pg_try_advisory_lock({})::text", name.key);
        Ok(single(session, &sql)?.as_deref() == Some("true"))
    }

    fn lock_holder(
        &self,
        session: &mut dyn Session,
        name: &LockName,
    ) -> QueryResult<Option<String>> {
        single(
            session,
            &format!(
                "SELECT 'pid ' || l.pid || coalesce(', user ' || a.usename, '') \
                 || coalesce(', since ' || pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', \
                 'YYYY-MM-DD HH24:MI:SS') || ' UTC', '') \
                 FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a USING (pid) \
                 WHERE l.granted AND {}",
                advisory_row(name)
            ),
        )
    }

    fn unlock(&self, session: &mut dyn Session, name: &LockName) -> QueryResult<()> {
        let sql = format!("SELECT pg_catalog.pg_advisory_unlock({})::text", name.key);
        session.rows(&sql).map(|_| ())
    }

    fn lock_condition(&self, name: &LockName) -> String {
        format!(
            "EXISTS (SELECT 1 FROM pg_catalog.pg_locks l WHERE l.granted \
             AND l.pid = pg_catalog.pg_backend_pid() AND {})",
            advisory_row(name)
        )
    }

    fn session_id(&self) -> String {
        "pg_catalog.pg_backend_pid()::text".to_owned()
    }

    fn session_is_alive(
        &self,
        session: &mut dyn Session,
        id: &str,
        statement: &str,
    ) -> QueryResult<bool> {
        // The server keeps the first track_activity_query_size - 1 bytes (1023 by default) of a
        // query; a hundred characters are enough to know ours.
        let start: String = statement.chars().take(100).collect();
        let rows = session.rows(&format!(
            "SELECT '1' FROM pg_catalog.pg_stat_activity \
             WHERE pid <> pg_catalog.pg_backend_pid() AND datname = pg_catalog.current_database() \
             AND state = 'active' AND (pid::text = {} OR pg_catalog.left(query, {}) = {})",
            self.text(id),
            start.chars().count(),
            self.text(&start)
        ))?;
        Ok(!rows.is_empty())
    }

    fn save_state(
        &self,
        session: &mut dyn Session,
        custom: &[String],
    ) -> QueryResult<SessionState> {
        let rows = session.rows(&format!(
            "SELECT name, setting FROM pg_catalog.pg_settings \
             WHERE source = 'session' AND context IN ('user', 'superuser') \
             UNION ALL SELECT n, pg_catalog.current_setting(n) FROM (VALUES {}) AS u (n) \
             UNION ALL SELECT 'session_authorization', session_user::text ORDER BY 1",
            self.values(UNLISTED)
        ))?;
        let listed = SessionState::of(rows);
        if custom.is_empty() {
            let custom = Vec::new();
            return Ok(SessionState { listed, custom });
        }
        // Once a custom setting was set, it is empty for the rest of the session, whatever is done:
        // a rollback does not make it unknown again either. So unknown and empty are the same. One
        // that an extension has defined is listed.
        let rows = session.rows(&format!(
            "SELECT n, coalesce(pg_catalog.current_setting(n, true), '') \
             FROM (VALUES {}) AS u (n) WHERE NOT EXISTS \
             (SELECT 1 FROM pg_catalog.pg_settings s WHERE pg_catalog.lower(s.name) = pg_catalog.lower(n)) ORDER BY 1",
            self.values(custom.iter().map(String::as_str))
        ))?;
        let custom = SessionState::of(rows);
        Ok(SessionState { listed, custom })
    }

    fn restore_state(&self, session: &mut dyn Session, state: &SessionState) -> QueryResult<()> {
        let names: Vec<String> = state.custom.iter().map(|(name, _)| name.clone()).collect();
        let now = self.save_state(session, &names)?;
        if now == *state {
            return Ok(());
        }
        let mut sql = Vec::new();
        // The identity first: what follows may need its rights.
        let identity = |name: &str| name == "session_authorization" || name == "role";
        let value = |of: &SessionState, name: &str| {
            of.listed
                .iter()
                .find(|(key, _)| key == name)
                .and_then(|(_, value)| value.clone())
        };
        for name in ["session_authorization", "role"] {
            let (old, new) = (value(state, name), value(&now, name));
            if old != new {
                let old = old.unwrap_or_else(|| "none".to_owned());
                let old = if old == "none" { old } else { self.text(&old) };
                let name = if name == "role" {
                    "ROLE"
                } else {
                    "SESSION AUTHORIZATION"
                };
                sql.push(format!("SET {name} {old}"));
            }
        }
        for (name, new) in now.listed.iter().filter(|(name, _)| !identity(name)) {
            match state.listed.iter().find(|(key, _)| key == name) {
                None => sql.push(format!("RESET {}", self.setting(name))),
                Some((_, old)) if old != new => sql.push(self.set_config(name, old)),
                Some(_) => {}
            }
        }
        for (name, old) in state.listed.iter().filter(|(name, _)| !identity(name)) {
            if !now.listed.iter().any(|(key, _)| key == name) {
                sql.push(self.set_config(name, old));
            }
        }
        for (name, old) in &state.custom {
            let new = now.custom.iter().find(|(key, _)| key == name);
            if new.is_some_and(|(_, new)| new != old) {
                // It may have its value from the role, the database or the connection's options.
                sql.push(format!("RESET {}", self.setting(name)));
                sql.push(format!(
                    "{} WHERE coalesce(pg_catalog.current_setting({name}, true), '') <> {}",
                    self.set_config(name, old),
                    self.text(old.as_deref().unwrap_or_default()),
                    name = self.text(name),
                ));
            }
        }
        if sql.is_empty() {
            return Ok(());
        }
        session.batch(&sql.join("; "))
    }

    fn set_timeouts(
        &self,
        session: &mut dyn Session,
        lock: Option<Duration>,
        statement: Option<Duration>,
    ) -> QueryResult<()> {
        let local = if session.in_transaction() {
            "LOCAL "
        } else {
            ""
        };
        let mut sql = Vec::new();
        let mut set = |name: &str, limit: Duration| {
            sql.push(format!(
                "SET {local}{name} = {}",
                limit.as_millis().min(i32::MAX as u128)
            ));
        };
        if let Some(lock) = lock {
            set("lock_timeout", lock);
        }
        if let Some(statement) = statement {
            set("statement_timeout", statement);
        }
        if sql.is_empty() {
            Ok(())
        } else {
            session.batch(&sql.join("; "))
        }
    }

    fn is_lock_timeout(&self, error: &DieselError) -> bool {
        // 55P03 and 40P01.
        super::says(error, ["due to lock timeout", "deadlock detected"])
    }

    fn obstacle(&self, error: &DieselError) -> Option<Obstacle> {
        Obstacle::of(error, &OBSTACLES)
    }

    fn mixes_up_statements(&self, error: &DieselError) -> bool {
        // 42P05 and 26000.
        match error {
            DieselError::DatabaseError(_, information) => {
                let message = information.message();
                message.starts_with("prepared statement \"")
                    && (message.ends_with("\" already exists")
                        || message.ends_with("\" does not exist"))
            }
            _ => false,
        }
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
        change
            .names
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
        let now = self.fingerprint(session, change)?;
        if change.object == ObjectKind::Index && change.verb == Verb::Create {
            // An index that is not valid is what an interrupted CREATE INDEX CONCURRENTLY leaves.
            return Ok(match (before, now.as_slice()) {
                (_, [Some(state)]) if state == "invalid" => {
                    let name = match change.names.first() {
                        Some(ObjectName {
                            schema: Some(schema),
                            name,
                        }) => {
                            format!("{}.{}", self.identifier(schema), self.identifier(name))
                        }
                        Some(ObjectName { schema: None, name }) => self.identifier(name),
                        None => return Ok(Verdict::Unsure("it names no index".to_owned())),
                    };
                    Verdict::Remnant(format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))
                }
                ([None], [Some(_)]) => Verdict::Done,
                ([Some(state)], [Some(_)]) if state == "invalid" => Verdict::Done,
                _ => Verdict::NotDone,
            });
        }
        Ok(super::judge(before, &now, |state| match change.verb {
            Verb::Drop => state.is_some(),
            _ => true,
        }))
    }
}

impl Postgres {
    /// A setting's name; custom ones have a dot that is not part of an identifier.
    fn setting(&self, name: &str) -> String {
        name.split('.')
            .map(|part| self.identifier(part))
            .collect::<Vec<_>>()
            .join(".")
    }

    /// Rows of one text each.
    fn values<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> String {
        let rows = texts
            .into_iter()
            .map(|text| format!("({})", self.text(text)));
        rows.collect::<Vec<_>>().join(", ")
    }

    fn set_config(&self, name: &str, value: &Option<String>) -> String {
        format!(
            "SELECT pg_catalog.set_config({}, {}, false)",
            self.text(name),
            self.text(value.as_deref().unwrap_or_default())
        )
    }
}

/// The row of `pg_locks` of an advisory lock with a 64-bit key: it is split into two halves.
fn advisory_row(name: &LockName) -> String {
    let bits = name.key as u64;
    format!(
        "l.locktype = 'advisory' AND l.objsubid = 1 AND l.classid = {} AND l.objid = {} \
         AND l.database = (SELECT oid FROM pg_catalog.pg_database \
         WHERE datname = pg_catalog.current_database())",
        bits >> 32,
        bits & 0xffff_ffff
    )
}
