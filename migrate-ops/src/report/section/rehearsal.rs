//! The rehearsal.

use super::super::Report;
use super::super::rollback::Tried;
use super::super::view::Section;
use super::without_evidence;
use crate::event::Step;

pub(super) fn section(report: &Report) -> Section {
    without_evidence(report, Step::Rehearse, "rehearsal", "Rehearsal")
}

/// Whether the way there and back was tried and worked; `None` where nobody tried.
pub(crate) fn passed(_report: &Report) -> Option<bool> {
    None
}

/// What trying the down scripts came to, and how long they took.
pub(crate) fn way_down(_report: &Report) -> (Tried, Option<f64>) {
    (Tried::No, None)
}
