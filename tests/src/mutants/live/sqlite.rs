//! SQLite: every attempt runs on a copy of the file.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{Binary, Nullable, Text};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use migrate_core::Dialect;
use migrate_core::lex::{Lexer, TokenKind, unquote};
use migrate_core::statement::{foreign_key_pragmas, is_table_rebuild};

use super::stage::{Facts, Session, Stage, Trial, attempt, statements};
use crate::mutants::SetScript;

/// A database file that grows from migration to migration.
pub(super) struct SqliteStage {
    folder: tempfile::TempDir,
}

struct SqliteSession(SqliteConnection);

#[diesel::declare_sql_function]
extern "SQL" {
    /// Bytes as text; a function that an app of the sets registers.
    #[sql_name = "BIN2B64"]
    fn bin2b64(data: Nullable<Binary>) -> Nullable<Text>;

    /// Text as bytes; a function that an app of the sets registers.
    #[sql_name = "B642BIN"]
    fn b642bin(text: Nullable<Text>) -> Nullable<Binary>;
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

impl SqliteStage {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("stage.db"), "").expect("a file");
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("stage.db")
    }
}

impl Stage for SqliteStage {
    fn server(&mut self) -> String {
        let mut session = SqliteSession::open(&self.file());
        format!(
            "SQLite {}",
            session.texts("SELECT sqlite_version() AS value").concat()
        )
    }

    fn advance(&mut self, script: &SetScript) -> Result<(), String> {
        SqliteSession::open(&self.file()).run(script)
    }

    fn attempt(&mut self, ups: &[SetScript], down: Option<&SetScript>) -> Trial {
        let copy = self.folder.path().join("attempt.db");
        fs::copy(self.file(), &copy).expect("room for a copy");
        attempt(&mut SqliteSession::open(&copy), ups, down)
    }
}

impl SqliteSession {
    fn open(path: &Path) -> Self {
        let path = path.to_str().expect("a temporary folder with a UTF-8 path");
        let mut conn = SqliteConnection::establish(path).expect("a SQLite file");
        // There are hardly any rows, so what the functions return does not matter.
        bin2b64_utils::register_impl(&mut conn, |_: Option<Vec<u8>>| Some("AA==".to_owned()))
            .and_then(|()| {
                b642bin_utils::register_impl(&mut conn, |_: Option<String>| Some(vec![0]))
            })
            .expect("room for functions");
        conn.batch_execute(
            "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON",
        )
        .expect("a new connection takes settings");
        Self(conn)
    }

    fn batch(&mut self, sql: &str) -> Result<(), String> {
        self.0.batch_execute(sql).map_err(|error| error.to_string())
    }

    fn texts(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Value> = sql_query(sql)
            .load(&mut self.0)
            .expect("a query that works");
        rows.into_iter().map(|row| row.value).collect()
    }

    fn violations(&mut self) -> Result<usize, String> {
        sql_query("SELECT \"table\" AS value FROM pragma_foreign_key_check")
            .load::<Value>(&mut self.0)
            .map(|rows| rows.len())
            .map_err(|error| error.to_string())
    }

    fn in_transaction(&mut self, statements: &[&str]) -> Result<(), String> {
        self.batch("BEGIN IMMEDIATE")?;
        for statement in statements {
            self.batch(statement)?;
        }
        Ok(())
    }
}

impl Session for SqliteSession {
    fn run(&mut self, script: &SetScript) -> Result<(), String> {
        let statements = statements(script, Dialect::Sqlite);
        if !script.transaction {
            return statements
                .iter()
                .try_for_each(|statement| self.batch(statement));
        }
        // The runner switches keys off around a rebuild, and looks for new violations.
        let pragmas = foreign_key_pragmas(&statements);
        let off = pragmas.leading.is_some() || is_table_rebuild(&statements);
        let sent: Vec<&str> = (statements.iter().enumerate())
            .filter(|(i, _)| Some(*i) != pragmas.leading && Some(*i) != pragmas.trailing)
            .map(|(_, statement)| *statement)
            .collect();
        if off {
            self.batch("PRAGMA foreign_keys = OFF")?;
        }
        let before = if off { self.violations()? } else { 0 };
        self.in_transaction(&sent)?;
        if off && self.violations()? > before {
            return Err("new violations of foreign keys".to_owned());
        }
        self.batch("COMMIT")?;
        self.batch("PRAGMA foreign_keys = ON")
    }

    fn facts(&mut self) -> Facts {
        let schema = "SELECT sql AS value FROM sqlite_schema WHERE sql IS NOT NULL";
        let schema = self.texts(schema);
        schema.iter().flat_map(|sql| facts_of(sql)).collect()
    }
}

/// The facts of a CREATE statement: one for each element of a table, else one. Quotes, letters'
/// case, comments and white space do not count; ALTER TABLE changes some of them.
fn facts_of(sql: &str) -> Vec<String> {
    let (mut head, mut element, mut elements) = (String::new(), String::new(), Vec::new());
    let mut depth = 0_usize;
    for token in Lexer::new(sql, Dialect::Sqlite).filter(|token| !token.kind.is_trivia()) {
        let text = match token.kind {
            TokenKind::Word | TokenKind::QuotedIdentifier => {
                unquote(token.text(sql)).to_lowercase()
            }
            _ => token.text(sql).to_owned(),
        };
        match text.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        match (text.as_str(), depth) {
            ("(", 1) | (")", 0) => {}
            (",", 1) => elements.push(std::mem::take(&mut element)),
            (text, 0) => head.extend([text, " "]),
            (text, _) => element.extend([text, " "]),
        }
    }
    elements.push(element);
    if !head.starts_with("create table ") {
        return vec![format!("{head}({})", elements.join(", "))];
    }
    elements
        .into_iter()
        .map(|element| format!("{head}{element}"))
        .collect()
}
