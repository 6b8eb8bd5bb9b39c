//! The configuration file as a whole: finding it, reading it, resolving its sets.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::options::{KEYS, Options, read_options};
use super::{HistoryTable, SetConfig, Timeouts};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::dialect::Dialect;
use crate::document::Document;
use crate::plan::Policy;
use crate::redact;
use crate::rule;
use crate::visible::visible;

pub use crate::listing::CONFIG_FILE_NAME;

/// A `migrate.toml`, or what holds without one.
///
/// ```
/// use migrate_core::config::Config;
/// let text = "dialect = 'sqlite'\n[sets.analytics]\ndir = 'analytics'\n";
/// let config = Config::parse(text, "/app/migrate.toml".as_ref()).unwrap();
/// let set = config.set(Some("analytics")).unwrap();
/// assert_eq!(set.dir, std::path::Path::new("/app/analytics"));
/// assert_eq!(set.dialect, Some(migrate_core::Dialect::Sqlite));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    file: Option<PathBuf>,
    root: PathBuf,
    top: Options,
    sets: BTreeMap<String, Options>,
}

/// What flags or macro arguments say about the set; they win over the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice<'a> {
    /// A name under `[sets]`; `None` for the set at the top of the file.
    pub set: Option<&'a str>,
    /// The migration directory.
    pub dir: Option<PathBuf>,
    /// The dialect.
    pub dialect: Option<Dialect>,
    /// The file with diesel's `table!` macros.
    pub schema_file: Option<PathBuf>,
}

/// There is no such set, or none at all was chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoSet {
    /// There is no set of that name.
    #[error("there is no set `{}`; {}", visible(.name), if .known.is_empty() { "migrate.toml names none under [sets]".to_owned() } else { format!("known are {}", listed(.known)) })]
    Unknown {
        /// The name.
        name: String,
        /// The sets that there are.
        known: Vec<String>,
    },
    /// The top of the file is no set, and none of the others was named.
    #[error("no set is chosen; migrate.toml has {} under [sets] and no `dir` outside them", listed(.known))]
    NotChosen {
        /// The sets that there are, at least one.
        known: Vec<String>,
    },
}

fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| visible(name)).collect();
    names.join(", ")
}

/// Whether something has this name, be it a link to nowhere: settings that cannot be read are not
/// settings that are not there.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

impl Config {
    /// What holds without a file, for a project at `root`.
    pub fn defaults(root: impl Into<PathBuf>) -> Self {
        Config {
            file: None,
            root: root.into(),
            top: Options::default(),
            sets: BTreeMap::new(),
        }
    }

    /// The `migrate.toml` in `start` or the nearest directory above it.
    pub fn find(start: &Path) -> Option<PathBuf> {
        let start = std::path::absolute(start).ok()?;
        start
            .ancestors()
            .map(|dir| dir.join(CONFIG_FILE_NAME))
            .find(|path| is_there(path))
    }

    /// The configuration that holds in `start`: from the file that [`find`](Config::find) finds, or
    /// the defaults.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub fn discover(start: &Path) -> Result<Self, Vec<Diagnostic>> {
        match Config::find(start) {
            Some(path) => Config::read(&path),
            None => Ok(Config::defaults(start)),
        }
    }

    /// The configuration of the crate at `root`: from its `migrate.toml`, or the defaults.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub fn of_crate(root: &Path) -> Result<Self, Vec<Diagnostic>> {
        let path = root.join(CONFIG_FILE_NAME);
        if is_there(&path) {
            Config::read(&path)
        } else {
            Ok(Config::defaults(root))
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        let text = fs::read(path).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))
        });
        match text {
            Ok(text) => Config::parse(&text, path),
            Err(error) => Err(vec![
                Diagnostic::new(
                    &rule::CONFIGURATION,
                    format!("{CONFIG_FILE_NAME} cannot be read: {error}"),
                )
                .at_path(path.display().to_string()),
            ]),
        }
    }

    /// Reads a text that stands at `path`.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Vec<Diagnostic>> {
        let name = path
            .file_name()
            .map_or(CONFIG_FILE_NAME.into(), |name| name.to_string_lossy());
        let source = SourceFile {
            path: name.into_owned(),
            text: redact::urls(text),
        };
        let mut document = Document::new(Arc::new(source), &rule::CONFIGURATION);
        let table = document.parse(text);
        let known: Vec<&str> = KEYS.into_iter().chain(["sets"]).collect();
        document.known_keys(&table, &known);
        let top = read_options(&mut document, &table);
        let mut sets = BTreeMap::new();
        if let Some(value) = table.get("sets")
            && let Some(tables) = document.table("sets", value)
        {
            for (name, value) in tables {
                let name = name.get_ref().as_ref();
                if let Some(table) = document.table(name, value) {
                    document.known_keys(table, &KEYS);
                    sets.insert(name.to_owned(), read_options(&mut document, table));
                }
            }
        }
        let diagnostics = document.finish();
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let root = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Config {
            file: Some(path.to_owned()),
            root,
            top,
            sets,
        })
    }

    /// The names under `[sets]`.
    pub fn set_names(&self) -> impl Iterator<Item = &str> {
        self.sets.keys().map(String::as_str)
    }

    /// The configuration of a set, or without a name what the top of the file says.
    ///
    /// # Errors
    /// As [`choose`](Config::choose).
    pub fn set(&self, name: Option<&str>) -> Result<SetConfig, NoSet> {
        self.choose(Choice {
            set: name,
            ..Choice::default()
        })
    }

    /// The configuration of the chosen set. Where the file has `[sets]`, its top is a set of its own
    /// only if it says its `dir`; otherwise it holds what the sets share.
    ///
    /// # Errors
    /// [`NoSet`] where there is none of that name, or where neither a set nor a directory is chosen
    /// and the top of the file is no set.
    pub fn choose(&self, choice: Choice<'_>) -> Result<SetConfig, NoSet> {
        let known = || self.set_names().map(str::to_owned).collect();
        let mut config = match choice.set {
            Some(name) => {
                let over = self.sets.get(name).ok_or_else(|| NoSet::Unknown {
                    name: name.to_owned(),
                    known: known(),
                })?;
                self.resolve(Some(name), self.top.overlaid(over))
            }
            None if !self.sets.is_empty() && self.top.dir.is_none() && choice.dir.is_none() => {
                return Err(NoSet::NotChosen { known: known() });
            }
            None => self.top(),
        };
        if let Some(dir) = choice.dir {
            config.dir = dir;
        }
        if choice.schema_file.is_some() {
            config.schema_file = choice.schema_file;
        }
        if let Some(dialect) = choice.dialect {
            config.dialect = Some(dialect);
            // A server of another database says nothing about this one.
            config.server = config
                .server
                .filter(|server| server.product.dialect() == dialect);
        }
        Ok(config)
    }

    /// What the top of the file says, be it a set of its own or only what the sets share.
    pub fn top(&self) -> SetConfig {
        self.resolve(None, self.top.clone())
    }

    fn resolve(&self, name: Option<&str>, options: Options) -> SetConfig {
        let defaults = Timeouts::default();
        let run = options.run.resolve(&self.root);
        SetConfig {
            name: name.map(str::to_owned),
            file: self.file.clone(),
            root: self.root.clone(),
            dir: self
                .root
                .join(options.dir.as_deref().unwrap_or("migrations")),
            dialect: options
                .dialect
                .or(options.server.map(|server| server.product.dialect())),
            server: options.server,
            database: options
                .database
                .unwrap_or_else(|| "DATABASE_URL".to_owned()),
            ignore: options.ignore.unwrap_or_default(),
            functions: options.functions.unwrap_or_default(),
            schema_file: options.schema.map(|file| self.root.join(file)),
            history: HistoryTable {
                schema: options.history_schema,
                table: options
                    .history_table
                    .unwrap_or(HistoryTable::default().table),
            },
            lock: options.lock.unwrap_or_default(),
            levels: options.levels,
            policy: Policy {
                out_of_order: options.out_of_order.unwrap_or_default(),
                ahead: options.ahead.unwrap_or_default(),
            },
            transaction: options.transaction.unwrap_or_default(),
            timeouts: Timeouts {
                lock_wait: options.lock_wait.unwrap_or(defaults.lock_wait),
                lock_timeout: options.lock_timeout.unwrap_or(defaults.lock_timeout),
                lock_retries: options.lock_retries.unwrap_or(defaults.lock_retries),
                statement: options.statement,
            },
            rehearse: options.rehearse.resolve(&self.root),
            backup: options.backup.resolve(&self.root, &run.state),
            tools: options.tools.resolve(&self.root),
            run,
            plan: options.plan.resolve(),
            validate: options.validate.resolve(),
        }
    }
}
