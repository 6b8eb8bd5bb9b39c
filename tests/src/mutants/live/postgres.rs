//! PostgreSQL: an attempt is a transaction that is rolled back. Where a script has to commit, it is
//! a database of its own, made from the stage as a template.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, sql_query};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use migrate_core::Dialect;

use super::stage::{Facts, Session, Stage, Trial, attempt, statements};
use crate::mutants::SetScript;
use crate::server::{Database, Server, TestDatabase};

type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

/// A database that grows from migration to migration.
pub(super) struct PostgresStage {
    server: Server,
    database: TestDatabase,
    session: Option<PostgresSession>,
}

struct PostgresSession {
    conn: Connection,
    /// The attempt is one transaction, which its scripts share.
    shared: bool,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

impl PostgresStage {
    pub(super) fn new(server: Server) -> Self {
        let database = server.database("mutants");
        Self {
            server,
            database,
            session: None,
        }
    }

    fn session(&mut self) -> &mut PostgresSession {
        let database = &self.database;
        (self.session).get_or_insert_with(|| PostgresSession::open(database))
    }
}

impl Stage for PostgresStage {
    fn server(&mut self) -> String {
        let version = "SELECT 'PostgreSQL ' || current_setting('server_version') AS value";
        self.session().texts(version).concat()
    }

    fn advance(&mut self, script: &SetScript) -> Result<(), String> {
        self.session().run(script)
    }

    fn attempt(&mut self, ups: &[SetScript], down: Option<&SetScript>) -> Trial {
        if !ups.iter().chain(down).any(has_to_commit) {
            let session = self.session();
            session
                .batch("BEGIN")
                .expect("a session that is not in a transaction");
            session.shared = true;
            let trial = attempt(session, ups, down);
            session.shared = false;
            session
                .batch("ROLLBACK")
                .expect("a transaction can be rolled back");
            return trial;
        }
        // Nobody may be connected to a template.
        self.session = None;
        let copy = self.server.copy(&self.database);
        attempt(&mut PostgresSession::open(&copy), ups, down)
    }
}

/// Whether a script cannot be part of a transaction with others: it has none, or uses what only
/// counts after the commit.
fn has_to_commit(script: &SetScript) -> bool {
    !script.transaction || script.text.to_ascii_uppercase().contains("ADD VALUE")
}

impl PostgresSession {
    fn open(database: &Database) -> Self {
        let mut conn = Connection::establish(database.url()).expect("a connection");
        conn.batch_execute("SET statement_timeout = '20s'; SET client_min_messages = error")
            .expect("a new session takes settings");
        Self {
            conn,
            shared: false,
        }
    }

    fn batch(&mut self, sql: &str) -> Result<(), String> {
        self.conn
            .batch_execute(sql)
            .map_err(|error| error.to_string())
    }

    fn texts(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Value> = sql_query(sql)
            .load(&mut self.conn)
            .expect("a query that works");
        rows.into_iter().map(|row| row.value).collect()
    }

    fn all(&mut self, statements: &[&str]) -> Result<(), String> {
        statements
            .iter()
            .try_for_each(|statement| self.batch(statement))
    }
}

impl Session for PostgresSession {
    fn run(&mut self, script: &SetScript) -> Result<(), String> {
        let statements = statements(script, Dialect::Postgres);
        if !script.transaction {
            return self.all(&statements);
        }
        if self.shared {
            self.all(&statements)?;
            // What COMMIT would check.
            return self.batch("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED");
        }
        self.batch("BEGIN")?;
        self.all(&statements)?;
        self.batch("COMMIT")
    }

    fn facts(&mut self) -> Facts {
        self.texts(SCHEMA).into_iter().collect()
    }
}

/// One row for each thing in the schema, without what belongs to extensions.
const SCHEMA: &str = r"
WITH space AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), foreign_to_us AS (
    SELECT objid FROM pg_depend WHERE deptype = 'e'
), relation AS (
    SELECT c.* FROM pg_class c
    WHERE relnamespace IN (SELECT oid FROM space) AND c.oid NOT IN (SELECT objid FROM foreign_to_us)
)
SELECT format('schema %s', nspname) AS value FROM space
UNION ALL
SELECT format('extension %s', extname) FROM pg_extension
UNION ALL
SELECT format('relation %s %s %s %s %s', relkind, oid::regclass, reloptions, relacl, relpersistence)
FROM relation WHERE relkind NOT IN ('i', 'I')
UNION ALL
SELECT format('view %s %s', oid::regclass, pg_get_viewdef(oid)) FROM relation WHERE relkind IN ('v', 'm')
UNION ALL
SELECT format('sequence %s %s %s %s %s', r.oid::regclass, s.seqtypid::regtype, s.seqincrement, s.seqmax, s.seqcycle)
FROM pg_sequence s JOIN relation r ON r.oid = s.seqrelid
UNION ALL
SELECT format('column %s.%s %s %s %s %s %s %s', r.oid::regclass, a.attname,
    format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
    a.attidentity, a.attgenerated, a.attcollation)
FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid
LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p', 'f', 'c')
UNION ALL
SELECT format('constraint %s on %s %s %s %s', conname, conrelid::regclass, contypid::regtype, convalidated,
    pg_get_constraintdef(c.oid))
FROM pg_constraint c WHERE connamespace IN (SELECT oid FROM space) AND contype <> 't'
UNION ALL
SELECT format('index %s valid %s', pg_get_indexdef(i.indexrelid), i.indisvalid)
FROM pg_index i JOIN relation r ON r.oid = i.indrelid
UNION ALL
SELECT format('trigger %s %s', pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT CASE WHEN prokind = 'a' THEN format('aggregate %s', oid::regprocedure) ELSE pg_get_functiondef(oid) END
FROM pg_proc p
WHERE pronamespace IN (SELECT oid FROM space) AND oid NOT IN (SELECT objid FROM foreign_to_us)
UNION ALL
SELECT format('type %s %s %s %s', t.oid::regtype, t.typtype, t.typbasetype::regtype,
    (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
FROM pg_type t
WHERE typnamespace IN (SELECT oid FROM space) AND typtype IN ('e', 'd', 'r')
    AND oid NOT IN (SELECT objid FROM foreign_to_us)
UNION ALL
SELECT format('comment on %s %s %s: %s', classoid::regclass,
    CASE WHEN classoid = 'pg_class'::regclass THEN objoid::regclass::text
         WHEN classoid = 'pg_proc'::regclass THEN objoid::regprocedure::text ELSE '' END,
    objsubid, description)
FROM pg_description WHERE objoid NOT IN (SELECT objid FROM foreign_to_us) AND objoid >= 16384
UNION ALL
SELECT format('policy %s on %s', polname, polrelid::regclass) FROM pg_policy";
