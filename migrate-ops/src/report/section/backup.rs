//! The backup.

use super::super::Report;
use super::super::rollback::RollbackWay;
use super::super::view::Section;
use super::without_evidence;
use crate::event::Step;

pub(super) fn section(report: &Report) -> Section {
    without_evidence(report, Step::Backup, "backup", "Backup")
}

/// Restoring it, as a way back.
pub(crate) fn way_back(_report: &Report) -> Option<RollbackWay> {
    None
}

/// What those who do not run it have to know of it.
pub(crate) fn in_words(_report: &Report) -> Option<String> {
    None
}
