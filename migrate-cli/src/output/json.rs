//! The JSON that `--format json` writes; `json.md` describes it.

use migrate_core::plan::Standing;
use migrate_core::{Diagnostic, Direction, Level, Rule, line_column, rule};
use migrate_ops::reinstate::{Interrupted, Stage};
use migrate_runtime::{Abandoned, Adopted, Done, Report, Status, StatusRow};
use migrate_sql::diff::{Difference, What};
use migrate_sql::emit::sql::Remark;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::human::state;
use crate::error::CommandError;
use crate::exit::Exit;

/// The version of the format, raised when a name changes its meaning or goes away.
const FORMAT: u32 = 1;

/// The object of a command that has an answer.
pub(crate) fn object<T: Serialize>(command: &str, exit: Exit, answer: &T) -> String {
    let mut object = head(command, exit);
    if let Ok(Value::Object(fields)) = serde_json::to_value(answer) {
        object.extend(fields);
    }
    text(object)
}

/// The object of a command that stopped.
pub(crate) fn failure(command: &str, error: &CommandError) -> String {
    let mut object = head(command, error.exit());
    object.insert(
        "error".to_owned(),
        json!({
            "message": error.to_string(),
            "caused_by": error.causes(),
            "next": error.next(),
        }),
    );
    if let CommandError::Run(error) | CommandError::Cancelled(error) = error {
        let steps: Vec<StepJson> = error.completed().iter().map(StepJson::from).collect();
        object.insert("steps".to_owned(), json!(steps));
    }
    if !error.diagnostics().is_empty() {
        object.insert(
            "findings".to_owned(),
            json!(FindingJson::all(error.diagnostics())),
        );
    }
    text(object)
}

fn head(command: &str, exit: Exit) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("format".to_owned(), json!(FORMAT));
    object.insert("command".to_owned(), json!(command));
    object.insert("exit".to_owned(), json!(exit.code()));
    object
}

fn text(object: Map<String, Value>) -> String {
    format!("{:#}\n", Value::Object(object))
}

/// `new`.
#[derive(Debug, Serialize)]
pub(crate) struct NewJson {
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) files: Vec<String>,
    /// What is to be said about the scripts.
    pub(crate) remarks: Vec<RemarkJson>,
}

/// Something to know about emitted SQL.
#[derive(Debug, Serialize)]
pub(crate) struct RemarkJson {
    /// `cannot`, `loses`, `look`.
    kind: &'static str,
    text: String,
}

impl RemarkJson {
    pub(crate) fn all(remarks: &[Remark]) -> Vec<Self> {
        remarks
            .iter()
            .map(|remark| RemarkJson {
                kind: remark.kind.name(),
                text: remark.to_string(),
            })
            .collect()
    }
}

/// `check`.
#[derive(Debug, Serialize)]
pub(crate) struct CheckJson {
    pub(crate) migrations: usize,
    pub(crate) findings: Vec<FindingJson>,
    /// With `--fix`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<FixJson>,
}

/// What `check --fix` has written, or would write.
#[derive(Debug, Serialize)]
pub(crate) struct FixJson {
    pub(crate) dry_run: bool,
    /// The files that are another now.
    pub(crate) changed: Vec<String>,
    /// The files that are new.
    pub(crate) created: Vec<String>,
    /// The findings that are gone.
    pub(crate) fixed: Vec<FindingJson>,
    /// What is left to do by hand.
    pub(crate) left: Vec<String>,
    /// Findings with a safe form that does not fit.
    pub(crate) refused: Vec<RefusedJson>,
    /// What differs, as a unified diff.
    pub(crate) diff: String,
}

/// A finding that `check --fix` could not rewrite.
#[derive(Debug, Serialize)]
pub(crate) struct RefusedJson {
    pub(crate) finding: FindingJson,
    pub(crate) why: String,
}

/// `check --explain`.
#[derive(Debug, Serialize)]
pub(crate) struct ExplainJson {
    rules: Vec<RuleJson>,
}

impl ExplainJson {
    pub(crate) fn new(rules: &[&'static Rule]) -> Self {
        ExplainJson {
            rules: rules.iter().map(|rule| RuleJson::from(*rule)).collect(),
        }
    }
}

/// A rule.
#[derive(Debug, Serialize)]
struct RuleJson {
    rule: &'static str,
    level: &'static str,
    configurable: bool,
    summary: &'static str,
    page: &'static str,
}

impl From<&'static Rule> for RuleJson {
    fn from(rule: &'static Rule) -> Self {
        RuleJson {
            rule: rule.code,
            level: rule.level.name(),
            configurable: rule.configurable,
            summary: rule.summary,
            page: rule::page(rule),
        }
    }
}

/// `schema`.
#[derive(Debug, Serialize)]
pub(crate) struct SchemaJson {
    /// What was asked for, as text; not of `--json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The object of `--json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schema: Option<Value>,
    /// What the text does not have, or not for certain.
    pub(crate) warnings: Vec<String>,
}

/// A finding about a file.
#[derive(Debug, Serialize)]
pub(crate) struct FindingJson {
    rule: &'static str,
    level: &'static str,
    message: String,
    path: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    notes: Vec<String>,
    help: Vec<String>,
}

impl FindingJson {
    pub(crate) fn all(diagnostics: &[Diagnostic]) -> Vec<Self> {
        diagnostics.iter().map(FindingJson::from).collect()
    }
}

impl From<&Diagnostic> for FindingJson {
    fn from(finding: &Diagnostic) -> Self {
        let label = finding.labels.first();
        let place = label.map(|label| line_column(&label.source.text, label.span.start));
        FindingJson {
            rule: finding.rule.code,
            level: Level::name(finding.level),
            message: finding.message.clone(),
            path: label
                .map(|label| label.source.path.clone())
                .or_else(|| finding.path.clone()),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            notes: finding.notes.clone(),
            help: finding.help.clone(),
        }
    }
}

/// `lock`.
#[derive(Debug, Serialize)]
pub(crate) struct LockJson {
    pub(crate) path: String,
    pub(crate) dry_run: bool,
    pub(crate) changes: Vec<ChangeJson>,
}

/// What happens to one line of the lock file.
#[derive(Debug, Serialize)]
pub(crate) struct ChangeJson {
    pub(crate) change: &'static str,
    pub(crate) version: String,
    pub(crate) name: String,
}

/// `status`.
#[derive(Debug, Serialize)]
pub(crate) struct StatusJson {
    pub(crate) database: String,
    pub(crate) history_exists: bool,
    pub(crate) up_to_date: bool,
    pub(crate) pending: usize,
    pub(crate) foreign: Option<ForeignJson>,
    /// Left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unfinished_run: Option<UnfinishedRunJson>,
    /// Left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) interrupted_restore: Option<InterruptedRestoreJson>,
    pub(crate) migrations: Vec<MigrationJson>,
}

/// A backup that was being put in the place of the database when that was interrupted.
#[derive(Debug, Serialize)]
pub(crate) struct InterruptedRestoreJson {
    pub(crate) run: String,
    pub(crate) backup: String,
    pub(crate) stage: Stage,
    pub(crate) text: String,
    /// The one next command.
    pub(crate) next: &'static str,
}

impl InterruptedRestoreJson {
    pub(crate) fn new(interrupted: &Interrupted) -> Self {
        InterruptedRestoreJson {
            run: interrupted.run.to_string(),
            backup: interrupted.record.backup.to_string(),
            stage: interrupted.record.stage,
            text: interrupted.text(),
            next: Interrupted::NEXT,
        }
    }
}

/// A run that has not come to its end.
#[derive(Debug, Serialize)]
pub(crate) struct UnfinishedRunJson {
    pub(crate) run: String,
    /// Whether it goes on; otherwise it was interrupted.
    pub(crate) running: bool,
    pub(crate) pid: Option<u32>,
    pub(crate) position: String,
}

impl UnfinishedRunJson {
    pub(crate) fn text(&self) -> String {
        let UnfinishedRunJson { run, position, .. } = self;
        match (self.running, self.pid) {
            (true, Some(pid)) => format!("the run {run} goes on (process {pid}): {position}"),
            (true, None) => format!("the run {run} goes on: {position}"),
            (false, _) => format!("the run {run} was interrupted: {position}"),
        }
    }
}

impl StatusJson {
    pub(crate) fn new(
        database: String,
        status: &Status,
        unfinished_run: Option<UnfinishedRunJson>,
        interrupted_restore: Option<InterruptedRestoreJson>,
    ) -> Self {
        StatusJson {
            database,
            history_exists: status.history_exists,
            up_to_date: status.is_up_to_date(),
            pending: status.pending().count(),
            foreign: status.foreign.as_ref().map(|foreign| ForeignJson {
                tool: foreign.tool.to_owned(),
                table: foreign.table.clone(),
                versions: foreign.versions.clone(),
            }),
            unfinished_run,
            interrupted_restore,
            migrations: status.rows.iter().map(MigrationJson::from).collect(),
        }
    }
}

/// Another tool's history.
#[derive(Debug, Serialize)]
pub(crate) struct ForeignJson {
    pub(crate) tool: String,
    pub(crate) table: String,
    pub(crate) versions: Vec<String>,
}

/// A migration and where it stands.
#[derive(Debug, Serialize)]
pub(crate) struct MigrationJson {
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) direction: Option<&'static str>,
    pub(crate) rust: bool,
    pub(crate) applied_at: Option<String>,
    pub(crate) applied_by: Option<String>,
    pub(crate) tool: Option<String>,
    pub(crate) error: Option<String>,
}

impl From<&StatusRow> for MigrationJson {
    fn from(row: &StatusRow) -> Self {
        let applied = row.applied.as_ref();
        MigrationJson {
            version: row.version.to_string(),
            name: row.name.clone(),
            state: state(row.standing),
            direction: match row.standing {
                Standing::Failed(direction) | Standing::Unsure(direction) => Some(direction.name()),
                _ => None,
            },
            rust: row.rust,
            applied_at: applied.and_then(|row| row.finished_at.clone()),
            applied_by: applied.map(|row| row.applied_by.clone()),
            tool: applied.map(|row| row.tool.clone()),
            error: applied.and_then(|row| row.error.clone()),
        }
    }
}

/// `up`, `down`, `redo`, `resume`, `baseline`.
#[derive(Debug, Serialize)]
pub(crate) struct RunJson {
    pub(crate) database: String,
    pub(crate) dry_run: bool,
    pub(crate) steps: Vec<StepJson>,
    pub(crate) ahead: Vec<String>,
    pub(crate) out_of_order: Vec<String>,
    pub(crate) sql: Vec<String>,
}

impl RunJson {
    pub(crate) fn new(database: String, dry_run: bool, report: &Report) -> Self {
        RunJson {
            database,
            dry_run,
            steps: report.steps.iter().map(StepJson::from).collect(),
            ahead: report.ahead.iter().map(ToString::to_string).collect(),
            out_of_order: report
                .out_of_order
                .iter()
                .map(ToString::to_string)
                .collect(),
            sql: report.sql.clone(),
        }
    }
}

/// `resume --abandon`: as `resume`, and what was given up.
#[derive(Debug, Serialize)]
pub(crate) struct AbandonJson {
    #[serde(flatten)]
    run: RunJson,
    abandoned: AbandonedJson,
}

#[derive(Debug, Serialize)]
struct AbandonedJson {
    version: String,
    name: String,
    direction: &'static str,
}

impl AbandonJson {
    pub(crate) fn new(database: String, dry_run: bool, abandoned: &Abandoned) -> Self {
        AbandonJson {
            run: RunJson {
                database,
                dry_run,
                steps: Vec::new(),
                ahead: Vec::new(),
                out_of_order: Vec::new(),
                sql: abandoned.sql.clone(),
            },
            abandoned: AbandonedJson {
                version: abandoned.version.to_string(),
                name: abandoned.name.clone(),
                direction: Direction::name(abandoned.direction),
            },
        }
    }
}

/// A script that ran.
#[derive(Debug, Serialize)]
pub(crate) struct StepJson {
    version: String,
    name: String,
    direction: &'static str,
    statements: usize,
    milliseconds: u64,
}

impl From<&Done> for StepJson {
    fn from(done: &Done) -> Self {
        StepJson {
            version: done.version.to_string(),
            name: done.name.clone(),
            direction: Direction::name(done.direction),
            statements: done.statements,
            milliseconds: u64::try_from(done.duration.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// `adopt`.
#[derive(Debug, Serialize)]
pub(crate) struct AdoptJson {
    pub(crate) database: String,
    pub(crate) dry_run: bool,
    pub(crate) tool: &'static str,
    pub(crate) versions: Vec<String>,
    pub(crate) verified: usize,
    pub(crate) sql: Vec<String>,
}

impl AdoptJson {
    pub(crate) fn new(database: String, dry_run: bool, adopted: &Adopted) -> Self {
        AdoptJson {
            database,
            dry_run,
            tool: adopted.tool.name(),
            versions: adopted
                .migrations
                .iter()
                .map(|done| done.version.to_string())
                .collect(),
            verified: adopted.verified,
            sql: adopted.sql.clone(),
        }
    }
}

/// `verify`.
#[derive(Debug, Serialize)]
pub(crate) struct VerifyJson {
    pub(crate) database: String,
    pub(crate) applied: usize,
    pub(crate) problems: Vec<MigrationJson>,
}

impl VerifyJson {
    pub(crate) fn new(database: String, applied: usize, problems: &[StatusRow]) -> Self {
        VerifyJson {
            database,
            applied,
            problems: problems.iter().map(MigrationJson::from).collect(),
        }
    }
}

/// `drift`.
#[derive(Debug, Serialize)]
pub(crate) struct DriftJson {
    pub(crate) database: String,
    pub(crate) applied: usize,
    pub(crate) differences: Vec<DifferenceJson>,
}

/// `diff`.
#[derive(Debug, Serialize)]
pub(crate) struct DiffJson {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) differences: Vec<DifferenceJson>,
    /// With `--sql`: the statements in order.
    pub(crate) sql: Option<Vec<String>>,
    /// What is to be said about the statements.
    pub(crate) remarks: Vec<RemarkJson>,
}

/// A difference between two schemas.
#[derive(Debug, Serialize)]
pub(crate) struct DifferenceJson {
    /// `missing`, `extra`, `differs`.
    what: &'static str,
    subject: String,
    property: Option<&'static str>,
    expected: Option<String>,
    actual: Option<String>,
    message: String,
}

impl From<&Difference> for DifferenceJson {
    fn from(difference: &Difference) -> Self {
        let (what, property, expected, actual) = match &difference.what {
            What::Missing => ("missing", None, None, None),
            What::Extra => ("extra", None, None, None),
            What::Differs {
                property,
                expected,
                actual,
            } => (
                "differs",
                Some(*property),
                Some(expected.clone()),
                Some(actual.clone()),
            ),
        };
        DifferenceJson {
            what,
            subject: difference.subject(),
            property,
            expected,
            actual,
            message: difference.to_string(),
        }
    }
}

/// `database create`, `database drop`.
#[derive(Debug, Serialize)]
pub(crate) struct DatabaseJson {
    pub(crate) database: String,
    pub(crate) dry_run: bool,
    pub(crate) changed: bool,
    pub(crate) sql: Vec<String>,
}
