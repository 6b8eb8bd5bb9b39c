//! Reading `migrate.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use toml::de::DeTable;

use super::redact::redact;
use super::{
    BadLevel, HistoryTable, Levels, MigrationLock, ServerVersion, SetConfig, Timeouts,
    TransactionMode, parse_duration,
};
use crate::diagnostic::{Diagnostic, Level, SourceFile};
use crate::dialect::Dialect;
use crate::document::{Document, Value};
use crate::plan::{Ahead, OutOfOrder, Policy};
use crate::rule;

/// The name of the configuration file, at the root of a crate.
pub const CONFIG_FILE_NAME: &str = "migrate.toml";

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    file: Option<PathBuf>,
    root: PathBuf,
    top: Options,
    sets: BTreeMap<String, Options>,
}

/// There is no set of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no set `{name}`; {}", if .known.is_empty() { "migrate.toml names none under [sets]".to_owned() } else { format!("known are {}", .known.join(", ")) })]
pub struct UnknownSet {
    /// The name.
    pub name: String,
    /// The sets that there are.
    pub known: Vec<String>,
}

/// What a file says about one set; nothing is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Options {
    dir: Option<String>,
    dialect: Option<Dialect>,
    server: Option<ServerVersion>,
    database: Option<String>,
    ignore: Option<Vec<String>>,
    history_schema: Option<String>,
    history_table: Option<String>,
    lock: Option<MigrationLock>,
    levels: Levels,
    out_of_order: Option<OutOfOrder>,
    ahead: Option<Ahead>,
    transaction: Option<TransactionMode>,
    lock_wait: Option<Duration>,
    lock_timeout: Option<Duration>,
    lock_retries: Option<u32>,
    statement: Option<Duration>,
}

const KEYS: [&str; 11] = [
    "dir",
    "dialect",
    "server",
    "database",
    "ignore",
    "history_schema",
    "history_table",
    "lock",
    "levels",
    "policy",
    "timeouts",
];

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
            .find(|path| path.is_file())
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
        if path.exists() {
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
            text: redact(text),
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
    /// [`UnknownSet`] where there is none of that name.
    pub fn set(&self, name: Option<&str>) -> Result<SetConfig, UnknownSet> {
        let options = match name {
            None => self.top.clone(),
            Some(name) => {
                let over = self.sets.get(name).ok_or_else(|| UnknownSet {
                    name: name.to_owned(),
                    known: self.set_names().map(str::to_owned).collect(),
                })?;
                self.top.overlaid(over)
            }
        };
        Ok(self.resolve(name, options))
    }

    fn resolve(&self, name: Option<&str>, options: Options) -> SetConfig {
        let defaults = Timeouts::default();
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
        }
    }
}

impl Options {
    /// These options, with those of a set laid on top.
    fn overlaid(&self, over: &Options) -> Options {
        let (base, over) = (self.clone(), over.clone());
        // A set for another database does not inherit the server of the first.
        let dialect = over
            .dialect
            .or(over.server.map(|server| server.product.dialect()));
        let fits = |server: &ServerVersion| dialect.is_none_or(|d| d == server.product.dialect());
        Options {
            dir: over.dir.or(base.dir),
            dialect: dialect.or(base.dialect),
            server: over.server.or(base.server.filter(fits)),
            database: over.database.or(base.database),
            ignore: over.ignore.or(base.ignore),
            history_schema: over.history_schema.or(base.history_schema),
            history_table: over.history_table.or(base.history_table),
            lock: over.lock.or(base.lock),
            levels: base.levels.overlaid(&over.levels),
            out_of_order: over.out_of_order.or(base.out_of_order),
            ahead: over.ahead.or(base.ahead),
            transaction: over.transaction.or(base.transaction),
            lock_wait: over.lock_wait.or(base.lock_wait),
            lock_timeout: over.lock_timeout.or(base.lock_timeout),
            lock_retries: over.lock_retries.or(base.lock_retries),
            statement: over.statement.or(base.statement),
        }
    }
}

fn read_options(document: &mut Document, table: &DeTable<'_>) -> Options {
    let mut options = Options::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "dir" => options.dir = non_empty(document, "dir", value),
            "dialect" => options.dialect = parsed(document, "dialect", value, str::parse),
            "server" => options.server = parsed(document, "server", value, str::parse),
            "database" => options.database = database(document, value),
            "ignore" => options.ignore = document.strings("ignore", value),
            "history_schema" => {
                options.history_schema = non_empty(document, "history_schema", value)
            }
            "history_table" => options.history_table = non_empty(document, "history_table", value),
            "lock" => {
                let choices = [
                    ("auto", MigrationLock::Auto),
                    ("session", MigrationLock::Session),
                    ("lease", MigrationLock::Lease),
                ];
                options.lock = document.choice("lock", value, &choices);
            }
            "levels" => options.levels = levels(document, value),
            "policy" => policy(document, value, &mut options),
            "timeouts" => timeouts(document, value, &mut options),
            _ => {}
        }
    }
    if let (Some(dialect), Some(server), Some(value)) =
        (options.dialect, options.server, table.get("server"))
        && dialect != server.product.dialect()
    {
        document.error(
            value.span(),
            format!(
                "`server` is {}, but `dialect` is {dialect}",
                server.product.name()
            ),
        );
    }
    options
}

/// A string that a parser reads; its error says what is wrong.
fn parsed<T, E: std::fmt::Display>(
    document: &mut Document,
    key: &str,
    value: &Value<'_>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    match parse(document.string(key, value)?) {
        Ok(read) => Some(read),
        Err(error) => {
            document.error(value.span(), error.to_string());
            None
        }
    }
}

fn non_empty(document: &mut Document, key: &str, value: &Value<'_>) -> Option<String> {
    let text = document.string(key, value)?;
    if text.is_empty() || text.contains('\0') {
        document.error(
            value.span(),
            format!("`{key}` must not be empty or hold a NUL byte"),
        );
    }
    Some(text.to_owned())
}

fn database(document: &mut Document, value: &Value<'_>) -> Option<String> {
    let text = document.string("database", value)?;
    let is_name = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.starts_with(|c: char| !c.is_ascii_digit());
    if is_name {
        return Some(text.to_owned());
    }
    if text.contains(':') {
        // The text is not repeated: it may hold a password.
        document.error_with_help(
            value.span(),
            "`database` is a URL; it must be the name of an environment variable, because this file is committed and a URL may hold a password",
            "write `database = \"DATABASE_URL\"` and set DATABASE_URL",
        );
    } else {
        document.error(
            value.span(),
            "`database` must be the name of an environment variable",
        );
    }
    None
}

fn levels(document: &mut Document, value: &Value<'_>) -> Levels {
    let mut levels = Levels::default();
    let Some(table) = document.table("levels", value) else {
        return levels;
    };
    const CHOICES: [(&str, Level); 4] = [
        ("off", Level::Off),
        ("info", Level::Info),
        ("warning", Level::Warning),
        ("error", Level::Error),
    ];
    for (key, value) in table {
        let code = key.get_ref().as_ref();
        let Some(level) = document.choice(code, value, &CHOICES) else {
            continue;
        };
        match levels.set(code, level) {
            Ok(()) => {}
            Err(BadLevel::UnknownRule {
                meant: Some(meant), ..
            }) => document.error_with_help(
                key.span(),
                format!("there is no rule `{code}`"),
                format!("did you mean `{meant}`?"),
            ),
            Err(error @ BadLevel::UnknownRule { .. }) => {
                let known = rule::ALL.iter().filter(|rule| rule.configurable);
                let codes: Vec<&str> = known.map(|rule| rule.code).collect();
                let help = format!("the rules are {}", codes.join(", "));
                document.error_with_help(key.span(), error.to_string(), help);
            }
            Err(error) => document.error(key.span(), error.to_string()),
        }
    }
    levels
}

fn policy(document: &mut Document, value: &Value<'_>, options: &mut Options) {
    let Some(table) = document.table("policy", value) else {
        return;
    };
    document.known_keys(table, &["out_of_order", "ahead", "transaction"]);
    if let Some(value) = table.get("out_of_order") {
        let choices = [("refuse", OutOfOrder::Refuse), ("allow", OutOfOrder::Allow)];
        options.out_of_order = document.choice("out_of_order", value, &choices);
    }
    if let Some(value) = table.get("ahead") {
        let choices = [("warn", Ahead::Warn), ("refuse", Ahead::Refuse)];
        options.ahead = document.choice("ahead", value, &choices);
    }
    if let Some(value) = table.get("transaction") {
        let choices = [
            ("each", TransactionMode::Each),
            ("all", TransactionMode::All),
        ];
        options.transaction = document.choice("transaction", value, &choices);
    }
}

fn timeouts(document: &mut Document, value: &Value<'_>, options: &mut Options) {
    let Some(table) = document.table("timeouts", value) else {
        return;
    };
    document.known_keys(
        table,
        &["lock_wait", "lock_timeout", "lock_retries", "statement"],
    );
    let mut duration = |key: &str| {
        table
            .get(key)
            .and_then(|value| parsed(document, key, value, parse_duration))
    };
    options.lock_wait = duration("lock_wait");
    options.lock_timeout = duration("lock_timeout");
    options.statement = duration("statement");
    if let Some(value) = table.get("lock_retries") {
        options.lock_retries = document.count("lock_retries", value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Config {
        Config::parse(text, Path::new("/app/migrate.toml")).unwrap()
    }

    #[test]
    fn everything_has_a_default() {
        let set = Config::defaults("/app").set(None).unwrap();
        assert_eq!(
            set,
            SetConfig {
                file: None,
                ..parse("").set(None).unwrap()
            }
        );
        assert_eq!(set.dir, Path::new("/app/migrations"));
        assert_eq!(
            set.shown(&set.dir.join("1_a/up.sql")),
            "migrations/1_a/up.sql"
        );
        assert_eq!(set.shown(Path::new("/elsewhere/1_a")), "/elsewhere/1_a");
        assert_eq!((set.dialect, set.database.as_str()), (None, "DATABASE_URL"));
        assert_eq!(set.history.table, "_migrate_history");
        assert_eq!(set.timeouts.lock_wait, Duration::from_secs(60));
    }

    const FULL: &str = r#"
        dir = "db"
        server = "postgres 15"
        database = "MAIN_URL"
        ignore = ["*.md"]
        history_schema = "ops"
        history_table = "done"
        lock = "session"
        [levels]
        missing-down = "off"
        empty-script = "error"
        [policy]
        out_of_order = "allow"
        ahead = "refuse"
        transaction = "all"
        [timeouts]
        lock_wait = "2min"
        lock_timeout = "500ms"
        lock_retries = 3
        statement = "1h"
        [sets.analytics]
        dir = "analytics"
        dialect = "mysql"
        ignore = []
        lock = "lease"
        levels = { empty-script = "info" }
        policy.ahead = "warn"
        timeouts.lock_retries = 0
        [sets.other]
    "#;

    #[test]
    fn every_key_is_read() {
        let set = parse(FULL).set(None).unwrap();
        assert_eq!(set.dir, Path::new("/app/db"));
        assert_eq!(set.dialect, Some(Dialect::Postgres));
        assert_eq!(set.server.unwrap().version, [15, 0, 0]);
        assert_eq!(set.database, "MAIN_URL");
        assert_eq!(set.ignore, ["*.md"]);
        assert_eq!(
            set.history,
            HistoryTable {
                schema: Some("ops".into()),
                table: "done".into()
            }
        );
        assert_eq!(set.lock, MigrationLock::Session);
        assert_eq!(set.levels.of(&rule::MISSING_DOWN), Level::Off);
        assert_eq!(set.levels.of(&rule::EMPTY_SCRIPT), Level::Error);
        assert_eq!(set.levels.of(&rule::UNKNOWN_FILE), Level::Error);
        assert_eq!(
            set.policy,
            Policy {
                out_of_order: OutOfOrder::Allow,
                ahead: Ahead::Refuse
            }
        );
        assert_eq!(set.transaction, TransactionMode::All);
        assert_eq!(
            set.timeouts,
            Timeouts {
                lock_wait: Duration::from_secs(120),
                lock_timeout: Duration::from_millis(500),
                lock_retries: 3,
                statement: Some(Duration::from_secs(3600)),
            }
        );
    }

    #[test]
    fn a_set_overrides_key_by_key() {
        let config = parse(FULL);
        assert_eq!(
            config.set_names().collect::<Vec<_>>(),
            ["analytics", "other"]
        );
        let (top, set) = (
            config.set(None).unwrap(),
            config.set(Some("analytics")).unwrap(),
        );
        assert_eq!(set.dir, Path::new("/app/analytics"));
        // The server of the first database is none for another dialect.
        assert_eq!((set.dialect, set.server), (Some(Dialect::Mysql), None));
        assert_eq!(
            (set.database, set.history),
            (top.database.clone(), top.history.clone())
        );
        assert_eq!((set.ignore.len(), set.lock), (0, MigrationLock::Lease));
        assert_eq!(set.levels.of(&rule::MISSING_DOWN), Level::Off);
        assert_eq!(set.levels.of(&rule::EMPTY_SCRIPT), Level::Info);
        assert_eq!(
            set.policy,
            Policy {
                out_of_order: OutOfOrder::Allow,
                ahead: Ahead::Warn
            }
        );
        assert_eq!(
            set.timeouts,
            Timeouts {
                lock_retries: 0,
                ..top.timeouts
            }
        );
        let other = config.set(Some("other")).unwrap();
        assert_eq!(
            SetConfig {
                name: None,
                ..other
            },
            top
        );
        assert_eq!(
            config.set(Some("analytic")).unwrap_err().to_string(),
            "there is no set `analytic`; known are analytics, other"
        );
        assert_eq!(
            parse("").set(Some("x")).unwrap_err().to_string(),
            "there is no set `x`; migrate.toml names none under [sets]"
        );
    }

    #[test]
    fn the_nearest_file_counts() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(dir.path().join(CONFIG_FILE_NAME), "dir = 'far'").unwrap();
        assert_eq!(Config::find(&deep), Some(dir.path().join(CONFIG_FILE_NAME)));
        fs::write(dir.path().join("a").join(CONFIG_FILE_NAME), "dir = 'near'").unwrap();
        let set = Config::discover(&deep).unwrap().set(None).unwrap();
        assert_eq!(set.dir, dir.path().join("a/near"));
        // A crate takes its own file only.
        let set = Config::of_crate(&deep).unwrap().set(None).unwrap();
        assert_eq!((set.file, set.dir), (None, deep.join("migrations")));
        fs::write(deep.join(CONFIG_FILE_NAME), b"\xff").unwrap();
        let findings = Config::discover(&deep).unwrap_err();
        assert_eq!(
            findings[0].message,
            "migrate.toml cannot be read: it is not UTF-8"
        );
    }
}
