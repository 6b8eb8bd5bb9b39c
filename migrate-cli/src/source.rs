//! Where the migrations of a run come from: a directory, or the program itself.

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_core::Dialect;
use migrate_core::config::SetConfig;
use migrate_runtime::{Code, Migrations, Migrator, SqlOnly};

use crate::commands::{self, Files, OnConnect, Work};
use crate::connect::{ConnectError, DatabaseUrl, Engine};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::Progress;
use crate::project;

/// Runs commands that need a database on migrations from somewhere.
pub(crate) trait Source: Sync {
    /// Runs one.
    fn run(
        &self,
        context: &Context,
        config: &SetConfig,
        url: &DatabaseUrl,
        work: Work<'_>,
    ) -> Result<Exit, CommandError>;

    /// The configuration that holds for it. Refuses flags that make no sense with this source.
    fn configuration(&self, context: &Context) -> Result<SetConfig, CommandError>;
}

/// The migration directory.
pub(crate) struct Directory;

impl Source for Directory {
    fn run(
        &self,
        context: &Context,
        config: &SetConfig,
        url: &DatabaseUrl,
        work: Work<'_>,
    ) -> Result<Exit, CommandError> {
        let dialect = config.dialect.unwrap_or(url.dialect);
        fits(dialect, url)?;
        let config = SetConfig {
            dialect: Some(dialect),
            ..config.clone()
        };
        let loaded = match work {
            // What is in the database can be told whatever is wrong with the files.
            Work::Status(_) | Work::Drift(_) => project::load_and_warn(&config, &context.printer)?,
            _ => project::load_for_run(&config)?,
        };
        let files = Files {
            sources: &loaded.sources,
            functions: &config.functions,
        };
        let settings = project::settings(&config);
        let mut progress = Progress::new(&context.printer, &context.interrupt, work.is_dry_run());
        match dialect {
            Dialect::Postgres => {
                let migrator = Migrator::<Pg, SqlOnly>::new(&loaded.set).settings(settings);
                commands::run(
                    context,
                    url,
                    migrator.observer(&mut progress),
                    Some(files),
                    &|_| Ok(()),
                    work,
                )
            }
            Dialect::Mysql => {
                let migrator = Migrator::<Mysql, SqlOnly>::new(&loaded.set).settings(settings);
                commands::run(
                    context,
                    url,
                    migrator.observer(&mut progress),
                    Some(files),
                    &|_| Ok(()),
                    work,
                )
            }
            Dialect::Sqlite => {
                let migrator = Migrator::<Sqlite, SqlOnly>::new(&loaded.set).settings(settings);
                commands::run(
                    context,
                    url,
                    migrator.observer(&mut progress),
                    Some(files),
                    &|_| Ok(()),
                    work,
                )
            }
            other => Err(ConnectError::Dialect {
                migrations: other,
                database: url.shown(),
                found: url.dialect,
            }
            .into()),
        }
    }

    fn configuration(&self, context: &Context) -> Result<SetConfig, CommandError> {
        project::configuration(&context.global)
    }
}

/// Migrations that are part of the program, Rust code included.
pub(crate) struct Embedded<DB: Engine, K> {
    pub(crate) migrations: Migrations<DB, K>,
    /// Makes a connection ready.
    pub(crate) on_connect: Box<OnConnect<DB::Connection>>,
}

impl<DB: Engine, K: Code<DB>> Source for Embedded<DB, K> {
    fn run(
        &self,
        context: &Context,
        _: &SetConfig,
        url: &DatabaseUrl,
        work: Work<'_>,
    ) -> Result<Exit, CommandError> {
        fits(DB::DIALECT, url)?;
        let mut progress = Progress::new(&context.printer, &context.interrupt, work.is_dry_run());
        commands::run(
            context,
            url,
            self.migrations.migrator().observer(&mut progress),
            None,
            &*self.on_connect,
            work,
        )
    }

    fn configuration(&self, context: &Context) -> Result<SetConfig, CommandError> {
        let global = &context.global;
        if global.dir.is_some() {
            return Err(CommandError::Embedded { flag: "--dir" });
        }
        if global.set.is_some() {
            return Err(CommandError::Embedded { flag: "--set" });
        }
        match global.dialect {
            Some(flag) if flag != DB::DIALECT => Err(CommandError::EmbeddedDialect {
                flag,
                embedded: DB::DIALECT,
            }),
            _ => project::shared_configuration(global),
        }
    }
}

pub(crate) fn fits(migrations: Dialect, url: &DatabaseUrl) -> Result<(), CommandError> {
    if migrations == url.dialect {
        return Ok(());
    }
    Err(ConnectError::Dialect {
        migrations,
        database: url.shown(),
        found: url.dialect,
    }
    .into())
}
