//! Where the migrations of a run come from: a directory, or the program itself.

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_core::config::SetConfig;
use migrate_core::{Dialect, MigrationSet};
use migrate_ops::connect::{ConnectError, DatabaseUrl, Engine};
use migrate_ops::{Deployment, OnConnect, Sources};
use migrate_runtime::{Code, Migrations, Migrator, Settings, SqlOnly};

use crate::commands::{self, Work};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
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
            Work::Status(_) | Work::Drift(_) | Work::Backup(_) | Work::Restore(_) => {
                project::load_and_warn(&config, &context.printer)?
            }
            _ => project::load_for_run(&config)?,
        };
        let sources = Sources {
            migrations: &loaded.sources,
            functions: &config.functions,
        };
        let settings = project::settings(&config);
        match dialect {
            Dialect::Postgres => {
                directory::<Pg>(context, &config, url, &loaded.set, sources, &settings, work)
            }
            Dialect::Mysql => {
                directory::<Mysql>(context, &config, url, &loaded.set, sources, &settings, work)
            }
            Dialect::Sqlite => {
                directory::<Sqlite>(context, &config, url, &loaded.set, sources, &settings, work)
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

fn directory<DB: Engine>(
    context: &Context,
    config: &SetConfig,
    url: &DatabaseUrl,
    set: &MigrationSet,
    sources: Sources<'_>,
    settings: &Settings,
    work: Work<'_>,
) -> Result<Exit, CommandError> {
    let runtime = commands::runtime(context)?;
    let deployment = Deployment::<DB, SqlOnly> {
        set,
        url,
        runtime: &runtime,
        make_migrator: &|set| Migrator::new(set).settings(settings.clone()),
        on_connect: &|_| Ok(()),
        sources: Some(sources),
    };
    commands::run(context, config, deployment, work)
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
        config: &SetConfig,
        url: &DatabaseUrl,
        work: Work<'_>,
    ) -> Result<Exit, CommandError> {
        fits(DB::DIALECT, url)?;
        let runtime = commands::runtime(context)?;
        let deployment = Deployment {
            set: self.migrations.set(),
            url,
            runtime: &runtime,
            make_migrator: &|_| self.migrations.migrator(),
            on_connect: &*self.on_connect,
            sources: None,
        };
        commands::run(context, config, deployment, work)
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
