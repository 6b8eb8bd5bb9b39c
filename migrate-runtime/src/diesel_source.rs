//! Embedded migrations as a source for diesel's own harness: a drop-in.
//!
//! On this path diesel keeps its own history table and ours is not written, so it refuses once ours
//! has rows. What only our own loop can do is refused with a message that says so: Rust code,
//! versions that are not in the order of their text, table rebuilds with foreign keys on.

use std::fmt;

use diesel::connection::BoxableConnection;
use diesel::migration::{
    Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion, Result,
};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use migrate_core::split::split;
use migrate_core::statement::{foreign_key_pragmas, is_table_rebuild};
use migrate_core::{Dialect, Direction, Script};

use crate::backend::{self, TableName};
use crate::database::Database;
use crate::embedded::Migrations;
use crate::history_table::HistoryTable;

impl<DB: Database, K> MigrationSource<DB> for Migrations<DB, K> {
    fn migrations(&self) -> Result<Vec<Box<dyn Migration<DB>>>> {
        let all = self.set().migrations();
        for pair in all.windows(2) {
            if let [older, newer] = pair
                && older.version.as_str() >= newer.version.as_str()
            {
                return Err(format!(
                    "diesel sorts versions as text and would run {newer} before {older}; run these \
                     migrations with `MIGRATIONS.run`, or write all versions with the same number \
                     of digits"
                )
                .into());
            }
        }
        let table = self.settings().history_table.as_ref();
        let schema = self.settings().history_schema.as_deref();
        Ok(all
            .iter()
            .map(|migration| {
                Box::new(Wrapped {
                    migration,
                    dialect: DB::DIALECT,
                    table,
                    schema,
                    name: Name(migration),
                    metadata: Metadata(migration.up.transaction),
                }) as Box<dyn Migration<DB>>
            })
            .collect())
    }
}

impl<DB: Database, K> MigrationSource<DB> for &Migrations<DB, K> {
    fn migrations(&self) -> Result<Vec<Box<dyn Migration<DB>>>> {
        (**self).migrations()
    }
}

struct Wrapped {
    migration: &'static migrate_core::Migration,
    dialect: Dialect,
    table: &'static str,
    schema: Option<&'static str>,
    name: Name,
    metadata: Metadata,
}

struct Name(&'static migrate_core::Migration);

struct Metadata(bool);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl MigrationName for Name {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(self.0.version.as_str())
    }
}

impl MigrationMetadata for Metadata {
    fn run_in_transaction(&self) -> bool {
        self.0
    }
}

impl Wrapped {
    fn send<DB: Database>(
        &self,
        direction: Direction,
        conn: &mut dyn BoxableConnection<DB>,
    ) -> Result<()> {
        let Some(script) = self.migration.script(direction) else {
            return Err(format!("migration {} has no {direction} script", self.migration).into());
        };
        if script.rust {
            return Err(format!(
                "migration {} has Rust code, which diesel's harness cannot run; use \
                 `MIGRATIONS.run`",
                self.migration
            )
            .into());
        }
        self.refuse_our_history(conn)?;
        self.run(script, conn)
    }

    fn run<DB: Database>(
        &self,
        script: &Script,
        conn: &mut dyn BoxableConnection<DB>,
    ) -> Result<()> {
        let text = script.text();
        let split = split(&text, self.dialect);
        if let Some(problem) = split.problems.first() {
            return Err(format!("{}: {}", script.path, problem.kind).into());
        }
        let texts: Vec<&str> = split.texts(&text).collect();
        if self.dialect == Dialect::Sqlite && script.transaction {
            let rebuilds =
                foreign_key_pragmas(&texts).leading.is_some() || is_table_rebuild(&texts);
            if rebuilds && keys_are_on(conn)? {
                return Err(format!(
                    "migration {} rebuilds a table with foreign keys on, which inside diesel's \
                     transaction would delete every cascading child; use `MIGRATIONS.run`",
                    self.migration
                )
                .into());
            }
        }
        for sql in texts {
            conn.batch_execute(sql)?;
        }
        Ok(())
    }

    /// Fails where our own history has rows. Only statements without results can be sent here, so
    /// the question is put as an insert that would violate the primary key.
    fn refuse_our_history<DB: Database>(&self, conn: &mut dyn BoxableConnection<DB>) -> Result<()> {
        let backend = backend::of(self.dialect)?;
        let schema = match (self.dialect, self.schema) {
            (Dialect::Sqlite, _) => "",
            (_, Some(schema)) => schema,
            (Dialect::Postgres, None) => "public",
            (_, None) => "",
        };
        let table = match (self.dialect, schema) {
            (Dialect::Mysql, "") => backend.identifier(self.table),
            _ => HistoryTable::new(
                backend,
                TableName {
                    schema: schema.to_owned(),
                    name: self.table.to_owned(),
                },
            )
            .qualified_name()
            .to_owned(),
        };
        let insert = format!("INSERT INTO {table} SELECT * FROM {table} LIMIT 1");
        let sql = match self.dialect {
            // A failed statement would abort the transaction, so it is asked inside a block.
            Dialect::Postgres => format!(
                "DO $migrate$ BEGIN IF pg_catalog.to_regclass({}) IS NOT NULL THEN {insert}; \
                 END IF; END $migrate$",
                backend.text(&table)
            ),
            _ => insert,
        };
        match conn.batch_execute(&sql) {
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(format!(
                "the history table {table} has rows: this database is run by `MIGRATIONS.run` or \
                 the migrate command, and diesel's harness would keep a second history beside it"
            )
            .into()),
            Ok(()) => Ok(()),
            // There is no such table, and that is how it should be.
            Err(_) if self.dialect != Dialect::Postgres => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether SQLite enforces foreign keys, asked as a check that fails where it does.
fn keys_are_on<DB: Database>(conn: &mut dyn BoxableConnection<DB>) -> Result<bool> {
    conn.batch_execute("CREATE TEMP TABLE _migrate_keys (is_on CHECK (is_on = 0))")?;
    let asked = conn
        .batch_execute("INSERT INTO _migrate_keys SELECT foreign_keys FROM pragma_foreign_keys");
    conn.batch_execute("DROP TABLE temp._migrate_keys")?;
    match asked {
        Ok(()) => Ok(false),
        Err(DieselError::DatabaseError(DatabaseErrorKind::CheckViolation, _)) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

impl<DB: Database> Migration<DB> for Wrapped {
    fn run(&self, conn: &mut dyn BoxableConnection<DB>) -> Result<()> {
        self.send(Direction::Up, conn)
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<DB>) -> Result<()> {
        self.send(Direction::Down, conn)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &self.metadata
    }

    fn name(&self) -> &dyn MigrationName {
        &self.name
    }
}
