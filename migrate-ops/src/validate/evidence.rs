//! What a validation found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was there before a run, as far as only a comparison can use it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Before {
    /// When it was read (RFC 3339, UTC).
    pub taken: String,
    /// The database, without a password.
    pub database: String,
    /// The versions that were applied.
    pub applied: Vec<String>,
    /// The rows of each table, counted; `None` where they could not be.
    pub rows: BTreeMap<String, Option<u64>>,
    /// What each of `queries/*.sql` took, by the name of its file; those that failed are not here.
    pub queries: BTreeMap<String, QueryTiming>,
}

/// How long a query takes, and how the database goes about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryTiming {
    /// The median of the runs.
    pub seconds: f64,
    /// How often it was run.
    pub runs: u32,
    /// The rows that it returned.
    pub rows: u64,
    /// The steps of the plan: how each table is read, without costs and without conditions.
    pub plan: Vec<String>,
}

/// What a validation found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// The database, without a password.
    pub database: String,
    /// When it began (RFC 3339, UTC).
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// When the reading before the run was made; `None` where there is none to compare with.
    pub before: Option<String>,
    /// The checks, in the order in which they were made.
    pub checks: Vec<Check>,
}

impl Validation {
    /// How many checks ended so.
    pub fn count(&self, state: CheckState) -> usize {
        self.checks.iter().filter(|it| it.state == state).count()
    }

    /// Whether no check failed. Checks that could not be made are no failures, and are not passed
    /// either: look at [`count`](Validation::count).
    pub fn holds(&self) -> bool {
        self.count(CheckState::Failed) == 0
    }

    /// One line: "38 tables counted, 41 foreign keys checked, …; 1 failed".
    pub fn summary(&self) -> String {
        let of = |kind: CheckKind| {
            let made = |it: &&Check| it.kind == kind && it.state != CheckState::NotChecked;
            self.checks.iter().filter(made).count()
        };
        let mut parts = Vec::new();
        for (kind, one, many) in [
            (CheckKind::RowCount, "table counted", "tables counted"),
            (
                CheckKind::ForeignKey,
                "foreign key checked",
                "foreign keys checked",
            ),
            (
                CheckKind::Unique,
                "unique key checked",
                "unique keys checked",
            ),
            (CheckKind::Rule, "rule looked at", "rules looked at"),
            (CheckKind::Query, "query timed", "queries timed"),
            (CheckKind::Statistics, "table analyzed", "tables analyzed"),
            (CheckKind::Command, "command run", "commands run"),
        ] {
            match of(kind) {
                0 => {}
                1 => parts.push(format!("1 {one}")),
                count => parts.push(format!("{count} {many}")),
            }
        }
        let count = |state, word: &str| match self.count(state) {
            0 => None,
            count => Some(format!("{count} {word}")),
        };
        parts.extend(count(CheckState::Failed, "failed"));
        parts.extend(count(CheckState::Warning, "to look at"));
        parts.extend(count(CheckState::NotChecked, "not checked"));
        match parts.is_empty() {
            true => "nothing to check".to_owned(),
            false => parts.join(", "),
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What kind of check it is.
    pub kind: CheckKind,
    /// What was looked at: a table, a constraint, a file.
    pub subject: String,
    /// How it ended.
    pub state: CheckState,
    /// How many rows, or objects, are not as they should be; `None` where nothing was counted.
    pub found: Option<u64>,
    /// What is wrong, or why it was not checked. Holds no value of a row.
    pub message: Option<String>,
    /// Some of the rows that are not as they should be: a hash of the key, or with `show_values` the
    /// key itself.
    pub keys: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}

/// The kinds of checks; the table in the module's documentation has them one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the module's table says what each looks at")]
pub enum CheckKind {
    RowCount,
    ForeignKey,
    Unique,
    NotNull,
    Check,
    Integrity,
    Index,
    Unvalidated,
    Trigger,
    Sequence,
    View,
    Privileges,
    Verify,
    Rule,
    Query,
    Statistics,
    Vacuum,
    Command,
}

impl CheckKind {
    /// In words: "foreign key".
    pub const fn words(self) -> &'static str {
        match self {
            CheckKind::RowCount => "row count",
            CheckKind::ForeignKey => "foreign key",
            CheckKind::Unique => "unique",
            CheckKind::NotNull => "not null",
            CheckKind::Check => "check",
            CheckKind::Integrity => "integrity",
            CheckKind::Index => "index",
            CheckKind::Unvalidated => "unvalidated",
            CheckKind::Trigger => "trigger",
            CheckKind::Sequence => "sequence",
            CheckKind::View => "view",
            CheckKind::Privileges => "privileges",
            CheckKind::Verify => "verify",
            CheckKind::Rule => "rule",
            CheckKind::Query => "query",
            CheckKind::Statistics => "statistics",
            CheckKind::Vacuum => "vacuum",
            CheckKind::Command => "command",
        }
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckState {
    /// It was looked at, and is as it should be.
    Passed,
    /// It is not as it should be.
    Failed,
    /// A person should look at it.
    Warning,
    /// It could not be looked at.
    NotChecked,
}

impl CheckState {
    /// In words: "not checked".
    pub const fn words(self) -> &'static str {
        match self {
            CheckState::Passed => "passed",
            CheckState::Failed => "failed",
            CheckState::Warning => "warning",
            CheckState::NotChecked => "not checked",
        }
    }
}
