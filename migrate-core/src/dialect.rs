//! The database families whose SQL this crate reads.

use std::fmt;
use std::str::FromStr;

/// A family of databases that share one SQL lexing and one set of rules.
///
/// MySQL and MariaDB are one dialect: their scripts are split alike, and where the servers differ
/// the runner asks the server, not the dialect.
///
/// ```
/// use migrate_core::Dialect;
/// assert_eq!("mariadb".parse::<Dialect>().unwrap(), Dialect::Mysql);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// Every dialect, in the order in which help texts name them.
    pub const ALL: [Dialect; 3] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];

    /// The name in `migrate.toml`, in macro arguments and in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Dialect::Postgres => "postgres",
            Dialect::Mysql => "mysql",
            Dialect::Sqlite => "sqlite",
        }
    }

    /// A name as an identifier, whatever it holds.
    ///
    /// ```
    /// use migrate_core::Dialect;
    /// assert_eq!(Dialect::Sqlite.quote_identifier("a\"b"), "\"a\"\"b\"");
    /// assert_eq!(Dialect::Mysql.quote_identifier("a`b"), "`a``b`");
    /// ```
    pub fn quote_identifier(self, name: &str) -> String {
        match self {
            Dialect::Postgres | Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
            // Unlike double quotes these do not depend on sql_mode.
            Dialect::Mysql => format!("`{}`", name.replace('`', "``")),
        }
    }

    /// A text as a literal, whatever it holds. A NUL, which PostgreSQL does not take in text and which
    /// would end the SQL of SQLite, is left out there.
    ///
    /// ```
    /// use migrate_core::Dialect;
    /// assert_eq!(Dialect::Sqlite.quote_text("it's"), "'it''s'");
    /// assert_eq!(Dialect::Postgres.quote_text(r"a\b"), r"E'a\\b'");
    /// assert_eq!(Dialect::Mysql.quote_text(r"a\b"), "CONVERT(X'615C62' USING utf8mb4)");
    /// ```
    pub fn quote_text(self, text: &str) -> String {
        match self {
            // What a backslash means depends on sql_mode, which is the user's; hexadecimal does not.
            Dialect::Mysql if text.contains(['\\', '\0']) => {
                let hex: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
                return format!("CONVERT(X'{hex}' USING utf8mb4)");
            }
            // It means the same under both values of standard_conforming_strings in an E literal only.
            Dialect::Postgres if text.contains('\\') => {
                let quoted = text.replace('\0', "").replace('\'', "''");
                return format!("E'{}'", quoted.replace('\\', "\\\\"));
            }
            _ => {}
        }
        // Nearly every text, and the quickest way to see it.
        if !text.bytes().any(|byte| matches!(byte, b'\'' | 0)) {
            return format!("'{text}'");
        }
        format!("'{}'", text.replace('\0', "").replace('\'', "''"))
    }

    /// Whether DDL takes part in transactions. MySQL and MariaDB commit implicitly around it.
    pub const fn transactional_ddl(self) -> bool {
        !matches!(self, Dialect::Mysql)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown dialect `{0}`; known are postgres, mysql (also for MariaDB) and sqlite")]
pub struct UnknownDialect(pub String);

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" | "pg" => Ok(Dialect::Postgres),
            "mysql" | "mariadb" => Ok(Dialect::Mysql),
            "sqlite" | "sqlite3" => Ok(Dialect::Sqlite),
            _ => Err(UnknownDialect(text.to_owned())),
        }
    }
}
