//! The plan: what was expected of the run, and its risks.

use super::super::Report;
use super::super::view::Section;
use super::without_evidence;
use crate::event::Step;

pub(super) fn section(report: &Report) -> Section {
    without_evidence(report, Step::Plan, "plan", "Risk plan")
}

/// What users have to expect, in a sentence or two.
pub(crate) fn outlook(_report: &Report) -> Option<String> {
    None
}

/// What is lost where the whole run is taken back.
pub(crate) fn rollback_loses(_report: &Report) -> Vec<String> {
    Vec::new()
}
