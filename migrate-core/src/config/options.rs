//! The keys of `migrate.toml`.

use std::time::Duration;

use toml::de::DeTable;

use super::backup::{self, BackupOptions, ToolsOptions};
use super::plan::{self, PlanOptions};
use super::rehearse::{self, RehearseOptions};
use super::run::{self, RunOptions};
use super::validate::{self, ValidateOptions};
use super::{BadLevel, Levels, MigrationLock, ServerVersion, TransactionMode, parse_duration};
use crate::diagnostic::Level;
use crate::dialect::Dialect;
use crate::document::{Document, Value};
use crate::plan::{Ahead, OutOfOrder};
use crate::rule;

/// What a file says about one set; nothing is filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Options {
    pub(super) dir: Option<String>,
    pub(super) dialect: Option<Dialect>,
    pub(super) server: Option<ServerVersion>,
    pub(super) database: Option<String>,
    pub(super) ignore: Option<Vec<String>>,
    pub(super) functions: Option<Vec<String>>,
    pub(super) schema: Option<String>,
    pub(super) history_schema: Option<String>,
    pub(super) history_table: Option<String>,
    pub(super) lock: Option<MigrationLock>,
    pub(super) levels: Levels,
    pub(super) out_of_order: Option<OutOfOrder>,
    pub(super) ahead: Option<Ahead>,
    pub(super) transaction: Option<TransactionMode>,
    pub(super) lock_wait: Option<Duration>,
    pub(super) lock_timeout: Option<Duration>,
    pub(super) lock_retries: Option<u32>,
    pub(super) statement: Option<Duration>,
    pub(super) rehearse: RehearseOptions,
    pub(super) run: RunOptions,
    pub(super) plan: PlanOptions,
    pub(super) backup: BackupOptions,
    pub(super) tools: ToolsOptions,
    pub(super) validate: ValidateOptions,
}

pub(super) const KEYS: [&str; 19] = [
    "dir",
    "dialect",
    "server",
    "database",
    "ignore",
    "functions",
    "schema",
    "history_schema",
    "history_table",
    "lock",
    "levels",
    "policy",
    "timeouts",
    "rehearse",
    "run",
    "plan",
    "backup",
    "tools",
    "validate",
];

impl Options {
    /// These options, with those of a set laid on top.
    pub(super) fn overlaid(&self, over: &Options) -> Options {
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
            functions: over.functions.or(base.functions),
            // The tables of two sets do not stand in one file.
            schema: over.schema,
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
            rehearse: base.rehearse.overlaid(over.rehearse),
            run: base.run.overlaid(over.run),
            plan: base.plan.overlaid(over.plan),
            backup: base.backup.overlaid(over.backup),
            tools: base.tools.overlaid(over.tools),
            validate: base.validate.overlaid(over.validate),
        }
    }
}

pub(super) fn read_options(document: &mut Document, table: &DeTable<'_>) -> Options {
    let mut options = Options::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "dir" => options.dir = non_empty(document, "dir", value),
            "dialect" => options.dialect = parsed(document, "dialect", value, str::parse),
            "server" => options.server = parsed(document, "server", value, str::parse),
            "database" => options.database = variable(document, "database", value),
            "ignore" => options.ignore = document.strings("ignore", value),
            "functions" => options.functions = document.strings("functions", value),
            "schema" => options.schema = non_empty(document, "schema", value),
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
            "rehearse" => options.rehearse = rehearse::read(document, value),
            "run" => options.run = run::read(document, value),
            "plan" => options.plan = plan::read(document, value),
            "backup" => options.backup = backup::read(document, value),
            "tools" => options.tools = backup::read_tools(document, value),
            "validate" => options.validate = validate::read(document, value),
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
pub(super) fn parsed<T, E: std::fmt::Display>(
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

pub(super) fn non_empty(document: &mut Document, key: &str, value: &Value<'_>) -> Option<String> {
    let text = document.string(key, value)?;
    if text.is_empty() || text.contains('\0') {
        document.error(
            value.span(),
            format!("`{key}` must not be empty or hold a NUL byte"),
        );
    }
    Some(text.to_owned())
}

/// The name of an environment variable that holds a database URL.
pub(super) fn variable(document: &mut Document, key: &str, value: &Value<'_>) -> Option<String> {
    named_variable(document, key, value, |name| {
        format!("write `{key} = \"{name}\"` and set {name}")
    })
}

/// The names of environment variables that hold database URLs.
pub(super) fn variables(
    document: &mut Document,
    key: &str,
    value: &Value<'_>,
) -> Option<Vec<String>> {
    document.strings(key, value)?;
    let items = value.get_ref().as_array()?.iter();
    items
        .map(|item| {
            named_variable(document, key, item, |name| {
                format!("write `{key} = [\"{name}\"]` and set {name}")
            })
        })
        .collect()
}

fn named_variable(
    document: &mut Document,
    key: &str,
    value: &Value<'_>,
    help: impl Fn(&str) -> String,
) -> Option<String> {
    let text = document.string(key, value)?;
    let is_name = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.starts_with(|c: char| !c.is_ascii_digit());
    if is_name {
        return Some(text.to_owned());
    }
    if text.contains(':') {
        let name = match key {
            "database" => "DATABASE_URL".to_owned(),
            other => format!("{}_URL", other.trim_end_matches('s').to_ascii_uppercase()),
        };
        // The text is not repeated: it may hold a password.
        document.error_with_help(
            value.span(),
            format!(
                "`{key}` is a URL; it must be the name of an environment variable, because this file is committed and a URL may hold a password"
            ),
            help(&name),
        );
    } else {
        document.error(
            value.span(),
            format!("`{key}` must be the name of an environment variable"),
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
            Err(error @ BadLevel::UnknownRule { .. }) => {
                let help = rule::help_for_unknown(code);
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
