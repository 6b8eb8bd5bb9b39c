//! The JSON of `migrate report`.

use migrate_ops::report::Report;
use serde::Serialize;

/// `report`.
#[derive(Debug, Serialize)]
pub(crate) struct ReportJson {
    pub(crate) run: String,
    /// In a few words.
    pub(crate) verdict: String,
    /// The file that was written, with `--output`.
    pub(crate) written: Option<String>,
    /// The report itself, where no file was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<Report>,
}

/// `report --list`.
#[derive(Debug, Serialize)]
pub(crate) struct RunsJson {
    /// The newest first.
    pub(crate) runs: Vec<RunRowJson>,
}

/// A run.
#[derive(Debug, Serialize)]
pub(crate) struct RunRowJson {
    pub(crate) run: String,
    pub(crate) database: String,
    pub(crate) verdict: String,
}
