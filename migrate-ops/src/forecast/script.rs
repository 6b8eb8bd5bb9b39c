//! A script to run by hand with the database's own client, history and all.

use std::fmt::Write as _;

use migrate_core::{Dialect, head_digest, split};
use migrate_runtime::{Code, Status};

use super::error::ForecastError;
use super::options::Options;
use crate::Deployment;
use crate::connect::Engine;
use crate::time;

/// What is said where the database is not as the script was made for. It is also the name of a
/// constraint and the text of a prepared statement, because that is how MySQL and SQLite can say it.
const CHANGED: &str = "the history has changed since this script was made";

/// The statements that the runtime would send, as a script for `psql`, `mariadb` or `sqlite3`. It
/// first asks whether the history is still as it was when it was made, and stops where it is not: so
/// that running it twice applies nothing twice. Empty where nothing is pending.
///
/// The script takes no migration lock; beside another run one of the two stops at the primary key of
/// the history.
///
/// # Errors
/// As [`forecast()`](super::forecast()), and where a migration has Rust code.
pub fn script<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    conn: &mut DB::Connection,
) -> Result<String, ForecastError> {
    let mut migrator = super::migrator(deployment, options);
    let settings = migrator.settings_mut().clone();
    let status = migrator.status(conn)?;
    let report = migrator.dry_run(true).up(conn, &options.target)?;
    if report.steps.is_empty() {
        return Ok(String::new());
    }
    let versions: Vec<String> = report
        .steps
        .iter()
        .map(|step| step.version.to_string())
        .collect();
    for migration in deployment.set.migrations() {
        let version = migration.version.to_string();
        if migration.up.rust && versions.contains(&version) {
            return Err(ForecastError::RustCode { version });
        }
    }
    let dialect = DB::DIALECT;
    let schema = settings.history_schema.as_deref();
    let default = match dialect {
        Dialect::Postgres => Some("public"),
        _ => None,
    };
    let table = Table {
        dialect,
        schema: schema.or(default).filter(|_| dialect != Dialect::Sqlite),
        name: &settings.history_table,
    };
    let mut text = String::new();
    let client = match dialect {
        Dialect::Postgres => "psql",
        Dialect::Mysql => "mariadb or mysql",
        _ => "sqlite3",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "-- Migrations {} for {}, made at {}.\n-- For {client}. Stops at the first error; make a new \
         script then.",
        versions.join(", "),
        deployment.url.shown(),
        time::now()
    );
    match dialect {
        Dialect::Postgres => text.push_str("\\set ON_ERROR_STOP on\n"),
        Dialect::Mysql => {}
        _ => text.push_str(".bail on\n"),
    }
    text.push_str(&table.guard(&status));
    for statement in &report.sql {
        text.push_str(&terminated(statement.trim_end(), dialect));
    }
    Ok(text)
}

/// A statement as the client has to read it to send it whole.
fn terminated(statement: &str, dialect: Dialect) -> String {
    let statement = statement.strip_suffix(';').unwrap_or(statement);
    // A comment at the end must not take the terminator in.
    let plain = format!("{statement}\n;\n");
    let short = format!("{statement};\n");
    let is_one = |text: &str| split(text, dialect).statements.len() == 1;
    // The client of MySQL knows nothing of the statements inside of a routine.
    if dialect == Dialect::Mysql && statement.contains(';') {
        let mut mark = "$$".to_owned();
        while statement.contains(&mark) {
            mark.push('$');
        }
        return format!("DELIMITER {mark}\n{statement}\n{mark}\nDELIMITER ;\n");
    }
    match is_one(&short) && !statement.lines().last().unwrap_or_default().contains("--") {
        true => short,
        false => plain,
    }
}

/// The history table.
struct Table<'a> {
    dialect: Dialect,
    schema: Option<&'a str>,
    name: &'a str,
}

impl Table<'_> {
    /// A table beside the history.
    fn quoted(&self, suffix: &str) -> String {
        let name = self
            .dialect
            .quote_identifier(&format!("{}{suffix}", self.name));
        match self.schema {
            Some(schema) => format!("{}.{name}", self.dialect.quote_identifier(schema)),
            None => name,
        }
    }

    /// Stops the client where the history is not as it was.
    fn guard(&self, status: &Status) -> String {
        let unchanged = match status.history_exists {
            true => {
                let applied = status.rows.iter().filter_map(|row| row.applied.as_ref());
                let rows: Vec<_> = applied.map(|row| (&row.version, &row.checksum)).collect();
                format!(
                    "(SELECT count(*) FROM {head} WHERE id = 1 AND applied = {} AND digest = '{}') = 1",
                    rows.len(),
                    head_digest(rows.into_iter()),
                    head = self.quoted("_head"),
                )
            }
            false => self.is_absent(),
        };
        match self.dialect {
            Dialect::Postgres => format!(
                "DO $guard$ BEGIN IF NOT ({unchanged}) THEN RAISE EXCEPTION '{CHANGED}'; END IF; \
                 END $guard$;\n"
            ),
            // A text that is no statement is the one way to stop with a message that both know.
            Dialect::Mysql => format!(
                "SET @migrate_guard = IF({unchanged}, 'DO 0', '{CHANGED}');\n\
                 PREPARE migrate_guard FROM @migrate_guard;\nEXECUTE migrate_guard;\n\
                 DEALLOCATE PREPARE migrate_guard;\n"
            ),
            _ => format!(
                "CREATE TEMP TABLE migrate_guard (unchanged INTEGER CONSTRAINT \"{CHANGED}\" \
                 CHECK (unchanged));\nINSERT INTO migrate_guard SELECT {unchanged};\n\
                 DROP TABLE migrate_guard;\n"
            ),
        }
    }

    fn is_absent(&self) -> String {
        let text = |text: &str| self.dialect.quote_text(text);
        let name = text(self.name);
        match self.dialect {
            Dialect::Postgres => {
                format!("pg_catalog.to_regclass({}) IS NULL", text(&self.quoted("")))
            }
            Dialect::Mysql => {
                let schema = match self.schema {
                    Some(schema) => text(schema),
                    None => "DATABASE()".to_owned(),
                };
                format!(
                    "(SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {schema} \
                     AND TABLE_NAME = {name}) = 0"
                )
            }
            _ => format!("(SELECT count(*) FROM sqlite_schema WHERE name = {name}) = 0"),
        }
    }
}
