//! What is written: data to stdout, talk to stderr.

mod annotations;
mod backup;
mod human;
mod json;
mod place;
mod plan;
mod printer;
mod progress;
mod report;
mod schema;
mod steps;
mod validate;
mod whole_run;

pub(crate) use annotations::Annotations;
pub(crate) use backup::BackupJson;
pub(crate) use human::{counted, state, table};
pub(crate) use json::{
    AbandonJson, AdoptJson, ChangeJson, CheckJson, DatabaseJson, DiffJson, DifferenceJson,
    DriftJson, ExplainJson, FindingJson, FixJson, InterruptedRestoreJson, LockJson, NewJson,
    RefusedJson, RemarkJson, RunJson, SchemaJson, StatusJson, UnfinishedRunJson, VerifyJson,
    failure, object,
};
pub(crate) use plan::{PlanJson, forecast_text};
pub(crate) use printer::{Kind, Printer};
pub(crate) use progress::Progress;
pub(crate) use report::{ReportJson, RunRowJson, RunsJson};
pub(crate) use schema::schema_json;
pub(crate) use steps::Steps;
pub(crate) use validate::{RecordedJson, validation_text};
pub(crate) use whole_run::WholeRunJson;
