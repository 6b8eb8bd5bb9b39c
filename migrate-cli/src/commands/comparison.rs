//! Two schemas beside one another: what `diff` and `drift` have in common.

use migrate_core::visible;
use migrate_sql::diff::Difference;
use migrate_sql::schema::Schema;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, Printer};

/// What of `actual` is not as in `expected`.
pub(super) struct Comparison {
    pub(super) differences: Vec<Difference>,
    /// Not everything could be compared.
    pub(super) is_partial: bool,
}

impl Comparison {
    pub(super) fn new(expected: &Schema, actual: &Schema) -> Self {
        Comparison {
            differences: migrate_sql::diff::diff(expected, actual),
            is_partial: expected.is_open() || actual.is_open(),
        }
    }

    /// The exit code where differences count.
    pub(super) fn exit(&self) -> Exit {
        match self.differences.is_empty() {
            true => Exit::Done,
            false => Exit::Findings,
        }
    }

    /// Says where only a part was compared.
    pub(super) fn say_partial(&self, printer: &Printer) {
        if self.is_partial {
            let text = "something in the migrations cannot be followed, so that only a part of \
                        the schema was compared";
            printer.say(Kind::Warning, text);
        }
    }

    /// The differences, one a line.
    pub(super) fn print(&self, printer: &Printer) -> Result<(), CommandError> {
        let mut lines = String::new();
        for difference in &self.differences {
            lines.push_str(&visible(&difference.to_string()));
            lines.push('\n');
        }
        printer.data(&lines)
    }
}
