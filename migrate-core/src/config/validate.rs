//! `[validate]`: how a database is looked at after a run.

use std::time::Duration;

use super::command::{self, ShellCommand};
use super::run::positive;
use crate::document::{Document, Value};

/// How a database is looked at after a run. That values of rows are shown is no setting: it is asked
/// for each time, with a flag.
///
/// ```
/// use migrate_core::config::Config;
///
/// let text = "[validate]\nslower = 2\ncommand = './smoke-test'\nanalyze = true\n";
/// let config = Config::parse(text, "/app/migrate.toml".as_ref()).unwrap();
/// let validate = config.set(None).unwrap().validate;
/// assert_eq!(validate.slower, 2.0);
/// assert_eq!(validate.command.unwrap().command, "./smoke-test");
/// assert!(validate.analyze && !validate.vacuum);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ValidateConfig {
    /// How long a statement may take; by default 5 minutes.
    pub statement_timeout: Duration,
    /// How many times slower than before a query may be; by default 1.5 times.
    pub slower: f64,
    /// A command of the application's that fails where the application does not work: a smoke test.
    pub command: Option<ShellCommand>,
    /// Refreshes the statistics of the tables that the run touched; by default not.
    pub analyze: bool,
    /// Gives back the space of dead rows in the tables that the run touched; by default not.
    pub vacuum: bool,
}

impl Default for ValidateConfig {
    fn default() -> Self {
        ValidateOptions::default().resolve()
    }
}

/// What a file says about `[validate]`; nothing is filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ValidateOptions {
    statement_timeout: Option<Duration>,
    slower: Option<f64>,
    command: Option<ShellCommand>,
    analyze: Option<bool>,
    vacuum: Option<bool>,
}

const KEYS: [&str; 5] = [
    "statement_timeout",
    "slower",
    "command",
    "analyze",
    "vacuum",
];

impl ValidateOptions {
    pub(super) fn overlaid(self, over: ValidateOptions) -> ValidateOptions {
        ValidateOptions {
            statement_timeout: over.statement_timeout.or(self.statement_timeout),
            slower: over.slower.or(self.slower),
            command: over.command.or(self.command),
            analyze: over.analyze.or(self.analyze),
            vacuum: over.vacuum.or(self.vacuum),
        }
    }

    pub(super) fn resolve(self) -> ValidateConfig {
        ValidateConfig {
            statement_timeout: self.statement_timeout.unwrap_or(Duration::from_secs(300)),
            slower: self.slower.unwrap_or(1.5),
            command: self.command,
            analyze: self.analyze.unwrap_or(false),
            vacuum: self.vacuum.unwrap_or(false),
        }
    }
}

pub(super) fn read(document: &mut Document, value: &Value<'_>) -> ValidateOptions {
    let mut validate = ValidateOptions::default();
    let Some(table) = document.table("validate", value) else {
        return validate;
    };
    document.known_keys(table, &KEYS);
    for (key, value) in table {
        let key = key.get_ref().as_ref();
        match key {
            "statement_timeout" => validate.statement_timeout = positive(document, key, value),
            "slower" => validate.slower = times(document, key, value),
            "command" => validate.command = command::read(document, key, value),
            "analyze" => validate.analyze = document.boolean(key, value),
            "vacuum" => validate.vacuum = document.boolean(key, value),
            _ => {}
        }
    }
    validate
}

/// How many times; less than once would be faster.
fn times(document: &mut Document, key: &str, value: &Value<'_>) -> Option<f64> {
    let times = document.number(key, value)?;
    if times < 1.0 {
        document.error(value.span(), format!("`{key}` must be 1 or more"));
        return None;
    }
    Some(times)
}
