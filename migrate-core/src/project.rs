//! Loading a set of migrations as its configuration says: the one way in for macro and command.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::allow::Allowed;
use crate::config::{CONFIG_FILE_NAME, SetConfig};
use crate::diagnostic::{Diagnostic, Level, SourceFile};
use crate::directory::{self, ReadOptions, Reading, RustFile};
use crate::layout::Layout;
use crate::listing::LOCK_FILE_NAME;
use crate::lockfile::{Basis, CHECKER, LockError, LockFile, compare};
use crate::rule;
use crate::set::MigrationSet;
use crate::sql_checks::{SourceMigration, SqlChecks};

/// A set of migrations, and everything that was found.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The migrations that could be read.
    pub set: MigrationSet,
    /// The same migrations as their files have them.
    pub sources: Vec<SourceMigration>,
    /// The layout; `None` where there is no migration.
    pub layout: Option<Layout>,
    /// Findings at their configured levels, without those that are off.
    pub diagnostics: Vec<Diagnostic>,
    /// What `-- migrate:allow` accepts, at the configured levels, without what is off.
    pub allowed: Vec<Allowed>,
    /// Every file whose content matters, the lock file and `migrate.toml` among them where they
    /// exist.
    pub files: Vec<PathBuf>,
    /// What lies in the directory; see [`list_paths`](crate::listing::list_paths).
    pub entries: Vec<String>,
    /// The files with Rust code that can be called.
    pub rust: Vec<RustFile>,
    /// The lock file as it was read, where there is one.
    pub lock: Option<Result<LockFile, LockError>>,
    /// Where the lock file is or would be.
    pub lock_path: PathBuf,
    /// What a lock file written now rests on.
    pub basis: Basis,
}

impl Loaded {
    /// Whether anything was found that is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|finding| finding.level == Level::Error)
    }
}

/// Reads the directory and the lock file of a set, and checks them.
///
/// A migration that the lock file vouches for is read but not checked again, as long as the lock
/// file rests on the same checks, dialect and configuration.
///
/// # Errors
/// A finding where the configuration names no dialect. Everything else that is wrong is among the
/// [diagnostics](Loaded::diagnostics).
///
/// ```
/// # let dir = tempfile::tempdir().unwrap();
/// # std::fs::create_dir(dir.path().join("migrations")).unwrap();
/// # std::fs::write(dir.path().join("migrations/1_users.sql"), "CREATE TABLE users (id int);").unwrap();
/// use migrate_core::{config::Config, project, Dialect};
/// let mut config = Config::defaults(dir.path()).set(None).unwrap();
/// config.dialect = Some(Dialect::Sqlite);
/// let loaded = project::load(&config).unwrap();
/// assert!(!loaded.has_errors());
/// assert_eq!(loaded.set.migrations().len(), 1);
/// ```
pub fn load(config: &SetConfig) -> Result<Loaded, Box<Diagnostic>> {
    load_with(config, None)
}

/// [`load`], with checks that understand SQL.
///
/// # Errors
/// As [`load`].
pub fn load_with(
    config: &SetConfig,
    sql: Option<&dyn SqlChecks>,
) -> Result<Loaded, Box<Diagnostic>> {
    let basis = basis(config)?;
    let shown = config.shown(&config.dir);
    let lock_path = config.dir.join(LOCK_FILE_NAME);
    let lock_shown = config.shown(&lock_path);
    let (lock, lock_finding) = read_lock(&lock_path, &lock_shown);
    let intact = lock.as_ref().and_then(|lock| lock.as_ref().ok());
    let options = ReadOptions {
        dialect: basis.dialect,
        ignore: &config.ignore,
        shown_as: Some(&shown),
        vouched: intact.filter(|lock| lock.basis() == basis),
        sql,
        server: config.server,
        functions: &config.functions,
    };
    let Reading {
        set,
        layout,
        mut diagnostics,
        mut allowed,
        mut files,
        entries,
        rust,
        unreadable,
        sources,
    } = directory::read(&config.dir, &options);
    diagnostics.extend(lock_finding);
    if let Some(lock) = intact {
        diagnostics.extend(compare(lock, &set, &unreadable, &lock_shown));
    }
    config.levels.apply(&mut diagnostics);
    allowed.retain_mut(|Allowed { finding, .. }| {
        finding.level = config.levels.of(finding.rule);
        finding.level != Level::Off
    });
    files.extend(
        [&lock_path]
            .into_iter()
            .chain(&config.file)
            .filter(|path| path.exists())
            .cloned(),
    );
    Ok(Loaded {
        set,
        sources,
        layout,
        diagnostics,
        allowed,
        files,
        entries,
        rust,
        lock,
        lock_path,
        basis,
    })
}

/// What a lock file that is written under this configuration rests on.
fn basis(config: &SetConfig) -> Result<Basis, Box<Diagnostic>> {
    let dialect = config.dialect.ok_or_else(|| {
        let path = config.root.join(CONFIG_FILE_NAME);
        let finding = Diagnostic::new(
            &rule::CONFIGURATION,
            "the dialect of the migrations is not known",
        )
        .at_path(config.shown(&path))
        .help("write `dialect = \"postgres\"`, `\"mysql\"` or `\"sqlite\"` into migrate.toml");
        Box::new(finding)
    })?;
    Ok(Basis {
        checker: CHECKER,
        dialect,
        configuration: config.digest(),
    })
}

/// The lock file, where there is one, and what is wrong with it.
fn read_lock(
    path: &Path,
    shown: &str,
) -> (Option<Result<LockFile, LockError>>, Option<Diagnostic>) {
    let text = match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()),
        // A link to nowhere is a lock file that cannot be read, not one that is not there.
        Err(error)
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
                && fs::symlink_metadata(path).is_err() =>
        {
            return (None, None);
        }
        Err(error) => Err(error.to_string()),
    };
    let text = match text {
        Ok(text) => text,
        Err(reason) => {
            let finding = Diagnostic::new(
                &rule::LOCK_FILE,
                format!("the lock file cannot be read: {reason}"),
            );
            return (None, Some(finding.at_path(shown)));
        }
    };
    let lock = LockFile::parse(&text);
    let finding = lock.as_ref().err().map(|error| {
        error.diagnostic(&Arc::new(SourceFile {
            path: shown.to_owned(),
            text,
        }))
    });
    (Some(lock), finding)
}
