//! The validation.

use super::super::Report;
use super::super::view::Section;
use super::without_evidence;
use crate::event::Step;

pub(super) fn section(report: &Report) -> Section {
    without_evidence(report, Step::Validate, "validation", "Validation")
}
