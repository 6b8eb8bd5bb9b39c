//! The schema of a live database, as the model that scripts make too.
//!
//! One query per catalogue, whatever the number of tables. Expressions and types go through the
//! dialect's canonical forms, so that [`migrate_sql::diff`] finds what differs and not how it is
//! spelt. What an extension owns is left out, and so are the tables in which migration tools keep
//! their records.

mod fields;
pub mod mysql;
mod name;
pub mod postgres;
pub mod sqlite;

pub(crate) use name::{sql_name, table_name_of};

use diesel::connection::LoadConnection;
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::result::Error as DieselError;
use diesel::sqlite::Sqlite;
use migrate_core::Dialect;
use migrate_runtime::Database;
use migrate_sql::schema::Schema;
use migrate_sql::{Expression, dialect};

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The schema that an unqualified name means in scripts; `None` for `public` on PostgreSQL. On
    /// MySQL it is always the current database, on SQLite `main`.
    pub default_schema: Option<String>,
    /// Tables to leave out besides those of migration tools, as a history table of another name.
    pub left_out: Vec<String>,
}

impl Options {
    fn leaves_out(&self, table: &str) -> bool {
        migrate_runtime::is_history_table(table) || self.left_out.iter().any(|it| it == table)
    }
}

/// Why a schema cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {reading} from the database's catalogue")]
pub struct IntrospectError {
    /// What was read: "the columns".
    pub reading: &'static str,
    /// What the database said.
    #[source]
    pub source: DieselError,
}

impl IntrospectError {
    fn of(reading: &'static str) -> impl FnOnce(DieselError) -> Self {
        move |source| IntrospectError { reading, source }
    }
}

/// A diesel backend whose catalogue can be read.
pub trait Introspect: Database {
    /// Reads the schema of the database that a connection is to.
    ///
    /// # Errors
    /// What the database says.
    fn introspect<C: LoadConnection<Backend = Self>>(
        conn: &mut C,
        options: &Options,
    ) -> Result<Schema, IntrospectError>;
}

macro_rules! introspect {
    ($backend:ty, $room:ident) => {
        impl Introspect for $backend {
            fn introspect<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
                options: &Options,
            ) -> Result<Schema, IntrospectError> {
                $room::read(conn, options)
            }
        }
    };
}

introspect!(Pg, postgres);
introspect!(Mysql, mysql);
introspect!(Sqlite, sqlite);

fn expression(text: Option<String>, dialect: Dialect) -> Option<Expression> {
    text.map(|text| dialect::expression(&text, dialect))
}
