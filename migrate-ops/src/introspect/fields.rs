//! The fields of a row, taken in the order of the query.

use migrate_runtime::Row;

/// A row that is taken apart from the left. NULL is an empty text, false or 0 where the caller does
/// not ask for it.
pub(super) struct Fields(std::vec::IntoIter<Option<String>>);

impl Fields {
    pub(super) fn new(row: Row) -> Self {
        Fields(row.into_iter())
    }

    pub(super) fn option(&mut self) -> Option<String> {
        self.0.next().flatten()
    }

    pub(super) fn text(&mut self) -> String {
        self.option().unwrap_or_default()
    }

    /// PostgreSQL says `true`, MySQL `1` or `YES`.
    pub(super) fn flag(&mut self) -> bool {
        matches!(self.option().as_deref(), Some("true" | "1" | "YES"))
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.option()?.parse().ok()
    }
}
