//! Schemas from somewhere: the migrations, a database, a file of SQL.

use std::fs;
use std::path::Path;

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_core::config::SetConfig;
use migrate_core::project::Loaded;
use migrate_core::{CheckContext, Dialect, Level, SourceMigration, SqlChecks, Version};
use migrate_ops::connect::{Connected, DatabaseUrl, Engine, Open};
use migrate_ops::introspect::Options;
use migrate_sql::check::{Checks, schema_in};
use migrate_sql::schema::Schema;

use super::live;
use crate::cli::SideArg;
use crate::context::Context;
use crate::error::CommandError;
use crate::project;
use crate::source::fits;

/// A schema, and how messages call what it comes from.
pub(super) struct Side {
    pub(super) schema: Schema,
    pub(super) shown: String,
}

/// The configuration for comparing; the dialect may come from the URL of one side.
pub(super) fn configuration(
    context: &Context,
    sides: &[&SideArg],
) -> Result<SetConfig, CommandError> {
    let mut config = project::configuration_for_files(&context.global)?;
    for side in sides {
        if let (None, SideArg::Url(url)) = (config.dialect, side) {
            config.dialect = Some(parse(url)?.dialect);
        }
    }
    Ok(config)
}

/// Reads one side.
pub(super) fn read(
    context: &Context,
    config: &SetConfig,
    side: &SideArg,
) -> Result<Side, CommandError> {
    match side {
        SideArg::Migrations => {
            let loaded = project::load_and_warn(config, &context.printer)?;
            Ok(of_migrations(config, &loaded))
        }
        SideArg::Database => {
            let url = project::required_url(&context.global, config)?;
            of_database(context, config, &url)
        }
        SideArg::Url(url) => of_database(context, config, &parse(url)?),
        SideArg::File(path) => of_file(config, path),
    }
}

/// What the checks of a set are told.
pub(super) fn checks(config: &SetConfig) -> CheckContext<'_> {
    CheckContext {
        // Loading has refused a set without a dialect.
        dialect: config.dialect.unwrap_or(Dialect::Sqlite),
        server: config.server,
        functions: &config.functions,
    }
}

/// The schema that the migrations make.
pub(super) fn of_migrations(config: &SetConfig, loaded: &Loaded) -> Side {
    Side {
        schema: schema_in(&loaded.sources, checks(config)),
        shown: "the migrations".to_owned(),
    }
}

/// The schema of a database.
pub(super) fn of_database(
    context: &Context,
    config: &SetConfig,
    url: &DatabaseUrl,
) -> Result<Side, CommandError> {
    let dialect = config.dialect.unwrap_or(url.dialect);
    fits(dialect, url)?;
    let schema = match dialect {
        Dialect::Postgres => introspect::<Pg>(context, config, url),
        Dialect::Mysql => introspect::<Mysql>(context, config, url),
        _ => introspect::<Sqlite>(context, config, url),
    }?;
    Ok(Side {
        schema,
        shown: url.shown(),
    })
}

fn introspect<DB: Engine>(
    context: &Context,
    config: &SetConfig,
    url: &DatabaseUrl,
) -> Result<Schema, CommandError> {
    let runtime = live::runtime(context)?;
    let Connected { mut connection, .. } = DB::connect(url, Open::Existing, &runtime)?;
    let options = Options {
        left_out: vec![config.history.table.clone()],
        ..Options::default()
    };
    Ok(DB::introspect(&mut connection, &options)?)
}

/// The schema that a file of SQL makes in an empty database.
pub(super) fn of_file(config: &SetConfig, path: &Path) -> Result<Side, CommandError> {
    let shown = path.display().to_string();
    let failed = |source| CommandError::Io {
        doing: "cannot read",
        path: shown.clone(),
        source,
    };
    let text = fs::read(path).map_err(failed)?;
    let checks = checks(config);
    let script = as_migration(Version::from_static("1"), &shown, &text, checks.dialect)?;
    refuse_errors(
        &[],
        &script,
        checks,
        "the schema file has errors, so nothing was compared",
    )?;
    Ok(Side {
        schema: schema_in(&[script], checks),
        shown,
    })
}

/// A text as a migration that lies in no directory.
pub(super) fn as_migration(
    version: Version,
    path: &str,
    text: &[u8],
    dialect: Dialect,
) -> Result<SourceMigration, CommandError> {
    SourceMigration::of_text(version, path, text, dialect).map_err(|error| CommandError::Io {
        doing: "cannot read",
        path: path.to_owned(),
        source: std::io::Error::new(std::io::ErrorKind::InvalidData, error),
    })
}

/// Refuses a script that cannot work after the migrations before it.
pub(super) fn refuse_errors(
    before: &[SourceMigration],
    script: &SourceMigration,
    checks: CheckContext<'_>,
    what: &'static str,
) -> Result<(), CommandError> {
    let mut diagnostics = script.up.problems.clone();
    let mut migrations: Vec<SourceMigration> = before
        .iter()
        .map(|it| SourceMigration {
            vouched: true,
            ..it.clone()
        })
        .collect();
    migrations.push(script.clone());
    let found = Checks.check(&migrations, checks);
    diagnostics.extend(found.into_iter().map(|it| it.diagnostic));
    diagnostics.retain(|it| it.level == Level::Error);
    match diagnostics.is_empty() {
        true => Ok(()),
        false => Err(CommandError::Findings { what, diagnostics }),
    }
}

fn parse(url: &str) -> Result<DatabaseUrl, CommandError> {
    Ok(DatabaseUrl::parse(url).map_err(migrate_ops::connect::ConnectError::from)?)
}
