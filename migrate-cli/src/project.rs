//! From flags, environment and `migrate.toml` to the migrations and the database.

use std::env;
use std::path::PathBuf;

use migrate_core::config::{Choice, Config, MigrationLock, SetConfig, TransactionMode};
use migrate_core::project::Loaded;
use migrate_core::{Diagnostic, Level};
use migrate_ops::connect::DatabaseUrl;
use migrate_runtime::{LockKind, Settings, Transactions};
use migrate_sql::check;

use crate::cli::{Global, HistoryArgs, LockArg, RunArgs, TransactionArg};
use crate::error::CommandError;
use crate::output::{Kind, Printer};

const BAD_CONFIGURATION: &str = "the configuration cannot be used";

/// The configuration of the chosen set with the flags laid on top.
pub(crate) fn configuration(global: &Global) -> Result<SetConfig, CommandError> {
    let (config, here) = read(global)?;
    Ok(config.choose(Choice {
        set: global.set.as_deref(),
        dir: global.dir.as_ref().map(|dir| here.join(dir)),
        schema_file: None,
        dialect: global.dialect,
    })?)
}

/// The configuration for a program that carries its migrations: which of the sets they are, it does
/// not say, so what the sets share counts.
pub(crate) fn shared_configuration(global: &Global) -> Result<SetConfig, CommandError> {
    read(global).map(|(config, _)| config.top())
}

/// The configuration file, and the current directory.
fn read(global: &Global) -> Result<(Config, PathBuf), CommandError> {
    let here = env::current_dir().map_err(|source| CommandError::Io {
        doing: "cannot find",
        path: "the current directory".to_owned(),
        source,
    })?;
    // A directory that is named brings the configuration that lies above it.
    let start = global
        .dir
        .as_deref()
        .map_or_else(|| here.clone(), |dir| here.join(dir));
    let file = global.config.clone().or_else(|| Config::find(&start));
    let config = match file {
        Some(file) => {
            Config::read(&here.join(file)).map_err(|diagnostics| CommandError::Findings {
                what: BAD_CONFIGURATION,
                diagnostics,
            })?
        }
        None => Config::defaults(&here),
    };
    Ok((config, here))
}

/// The database that a flag or the environment names, where one does.
pub(crate) fn database_url(
    global: &Global,
    config: &SetConfig,
) -> Result<Option<DatabaseUrl>, CommandError> {
    if let Some(url) = &global.database {
        return Ok(Some(
            DatabaseUrl::parse(url).map_err(migrate_ops::connect::ConnectError::from)?,
        ));
    }
    let variable = &config.database;
    let Some(url) = env::var_os(variable).filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    let url =
        DatabaseUrl::parse(&url.to_string_lossy()).map_err(|source| CommandError::BadVariable {
            variable: variable.clone(),
            source,
        })?;
    Ok(Some(url))
}

/// The database, which has to be named.
pub(crate) fn required_url(
    global: &Global,
    config: &SetConfig,
) -> Result<DatabaseUrl, CommandError> {
    database_url(global, config)?.ok_or_else(|| CommandError::NoDatabase {
        variable: config.database.clone(),
    })
}

/// The configuration where only files matter; the dialect may come from the database's URL.
pub(crate) fn configuration_for_files(global: &Global) -> Result<SetConfig, CommandError> {
    let mut config = configuration(global)?;
    if config.dialect.is_none() {
        // A URL that cannot be read is of no interest to a command that does not connect.
        let url = database_url(global, &config).ok().flatten();
        config.dialect = url.map(|url| url.dialect);
    }
    Ok(config)
}

/// Reads and checks the migrations.
pub(crate) fn load(config: &SetConfig) -> Result<Loaded, CommandError> {
    check::load(config).map_err(|finding| CommandError::Findings {
        what: BAD_CONFIGURATION,
        diagnostics: vec![*finding],
    })
}

/// Reads and checks the migrations, and diesel's schema file where one is configured.
pub(crate) fn load_with_schema_file(config: &SetConfig) -> Result<Loaded, CommandError> {
    check::load_with_schema_file(config).map_err(|finding| CommandError::Findings {
        what: BAD_CONFIGURATION,
        diagnostics: vec![*finding],
    })
}

/// Reads the migrations for a run, which needs them without an error.
pub(crate) fn load_for_run(config: &SetConfig) -> Result<Loaded, CommandError> {
    let loaded = load(config)?;
    if !loaded.has_errors() {
        return Ok(loaded);
    }
    Err(CommandError::Findings {
        what: "the migrations have errors, so nothing was run",
        diagnostics: errors(&loaded.diagnostics),
    })
}

/// Reads the migrations for a look, which does with what can be read of them.
pub(crate) fn load_and_warn(config: &SetConfig, printer: &Printer) -> Result<Loaded, CommandError> {
    let loaded = load(config)?;
    if loaded.has_errors() {
        let text = "the migrations have errors, so not all may be here; see `migrate check`";
        printer.say(Kind::Warning, text);
    }
    Ok(loaded)
}

fn errors(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    diagnostics
        .iter()
        .filter(|finding| finding.level == Level::Error)
        .cloned()
        .collect()
}

/// What `migrate.toml` says about running.
pub(crate) fn settings(config: &SetConfig) -> Settings {
    Settings {
        history_schema: config.history.schema.clone().map(Into::into),
        history_table: config.history.table.clone().into(),
        policy: config.policy,
        transactions: match config.transaction {
            TransactionMode::Each => Transactions::Each,
            TransactionMode::All => Transactions::All,
        },
        lock: match config.lock {
            MigrationLock::Auto => LockKind::Auto,
            MigrationLock::Session => LockKind::Session,
            MigrationLock::Lease => LockKind::Lease,
        },
        lock_wait: config.timeouts.lock_wait,
        lock_timeout: config.timeouts.lock_timeout,
        lock_retries: config.timeouts.lock_retries,
        statement_timeout: config.timeouts.statement,
        ..Settings::DEFAULT
    }
}

/// Lays the flags about the history on top.
pub(crate) fn lay_history(settings: &mut Settings, args: &HistoryArgs) {
    if let Some(schema) = &args.history_schema {
        settings.history_schema = Some(schema.clone().into());
    }
    if let Some(table) = &args.history_table {
        settings.history_table = table.clone().into();
    }
}

/// Lays the flags about the run on top.
pub(crate) fn lay_run(settings: &mut Settings, args: &RunArgs) {
    lay_history(settings, &args.history);
    if let Some(lock) = args.lock {
        settings.lock = match lock {
            LockArg::Auto => LockKind::Auto,
            LockArg::Session => LockKind::Session,
            LockArg::Lease => LockKind::Lease,
        };
    }
    if let Some(scope) = args.transaction {
        settings.transactions = match scope {
            TransactionArg::Each => Transactions::Each,
            TransactionArg::All => Transactions::All,
        };
    }
    settings.lock_wait = args.lock_wait.unwrap_or(settings.lock_wait);
    settings.lock_timeout = args.lock_timeout.unwrap_or(settings.lock_timeout);
}
