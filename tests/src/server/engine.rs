use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// A database engine that the tests run against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// PostgreSQL 15 or later.
    Postgres,
    /// MariaDB, standing for MySQL too.
    Mariadb,
    /// SQLite, one file a database.
    Sqlite,
}

impl Engine {
    /// Whether an unquoted-looking name needs these around it, and which: `"` or a backtick.
    fn quote_mark(self) -> char {
        match self {
            Self::Postgres | Self::Sqlite => '"',
            Self::Mariadb => '`',
        }
    }

    /// Quotes a name for use in SQL, whatever it contains.
    ///
    /// ```
    /// use migrate_tests::server::Engine;
    ///
    /// assert_eq!(Engine::Postgres.quote_name(r#"a"b"#), r#""a""b""#);
    /// assert_eq!(Engine::Mariadb.quote_name("a`b"), "`a``b`");
    /// ```
    #[must_use]
    pub fn quote_name(self, name: &str) -> String {
        let mark = self.quote_mark();
        let doubled = name.replace(mark, &format!("{mark}{mark}"));
        format!("{mark}{doubled}{mark}")
    }

    /// Quotes text as a string literal.
    ///
    /// ```
    /// use migrate_tests::server::Engine;
    ///
    /// assert_eq!(Engine::Mariadb.quote_text(r"it's C:\"), r"'it''s C:\\'");
    /// ```
    #[must_use]
    pub fn quote_text(self, text: &str) -> String {
        let text = text.replace('\'', "''");
        match self {
            Self::Mariadb => format!("'{}'", text.replace('\\', r"\\")),
            Self::Postgres | Self::Sqlite => format!("'{text}'"),
        }
    }

    /// The scheme of the engine's URLs.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mariadb => "mysql",
            Self::Sqlite => "sqlite",
        }
    }

    /// The variable that says where the server is that tests share.
    pub(super) fn url_variable(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("MIGRATE_TEST_POSTGRES_URL"),
            Self::Mariadb => Some("MIGRATE_TEST_MARIADB_URL"),
            Self::Sqlite => None,
        }
    }

    /// A program of the engine, from the folder that `tests/run` found, else from `PATH`.
    pub(super) fn program(self, name: &str) -> OsString {
        let folder = match self {
            Self::Postgres => std::env::var_os("MIGRATE_TEST_PG_BIN"),
            Self::Mariadb => std::env::var_os("MIGRATE_TEST_MARIADB_BIN"),
            Self::Sqlite => None,
        };
        match folder {
            Some(folder) => PathBuf::from(folder).join(name).into_os_string(),
            None => name.into(),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::Mariadb => "MariaDB",
            Self::Sqlite => "SQLite",
        })
    }
}
