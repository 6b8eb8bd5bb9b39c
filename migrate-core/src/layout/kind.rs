//! The layouts.

use std::fmt;

/// How a directory spreads migrations over files; found by looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Layout {
    /// diesel's: `<version>_<name>/up.sql`, with `down.sql`, `up.rs`, `down.rs`, `verify.sql` and
    /// `metadata.toml` beside it where there are any.
    Directories,
    /// `<version>_<name>.up.sql` and `<version>_<name>.down.sql`.
    Pairs,
    /// `<version>_<name>.sql`, with `-- migrate:up` and `-- migrate:down` sections, or up only.
    SingleFiles,
    /// `V<version>__<name>.sql` and `U<version>__<name>.sql`.
    Prefixed,
}

impl Layout {
    /// The shape of a file name, for messages.
    pub const fn shape(self) -> &'static str {
        match self {
            Layout::Directories => "<version>_<name>/up.sql",
            Layout::Pairs => "<version>_<name>.up.sql",
            Layout::SingleFiles => "<version>_<name>.sql",
            Layout::Prefixed => "V<version>__<name>.sql",
        }
    }

    /// Whether a set in this layout may do without any down script, in silence.
    pub const fn may_be_up_only(self) -> bool {
        matches!(self, Layout::SingleFiles | Layout::Prefixed)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape())
    }
}
