//! How a run goes.

use std::path::{Path, PathBuf};

use migrate_core::config::{Levels, ServerVersion};

use crate::backup::{self, Verify};
use crate::connect::DatabaseUrl;
use crate::{execute, forecast, rehearse, validate};

/// How a run goes.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// Where the run keeps what it did.
    pub state: PathBuf,
    /// Where the migrations lie, where they are files.
    pub directory: Option<&'a Path>,
    /// The levels of rules.
    pub levels: &'a Levels,
    /// The oldest server that the migrations have to run on, where it is configured.
    pub server: Option<ServerVersion>,
    /// Whether a backup is made.
    pub backup: BackUp<'a>,
    /// Whether a rehearsal is held.
    pub rehearsal: Rehearsal,
    /// What speaks against going; the window counts from the first statement on.
    pub thresholds: forecast::Thresholds,
    /// The reason to go on although the plan says no.
    pub anyway: Option<String>,
    /// How far, and how.
    pub apply: execute::Options<'a>,
    /// How it is validated.
    pub validate: validate::Options,
}

/// Whether a backup is made.
#[derive(Clone, Debug)]
pub enum BackUp<'a> {
    /// It is.
    Take {
        /// How.
        options: Box<backup::Options>,
        /// How it is verified.
        verify: Verify<'a>,
    },
    /// It is not.
    Skip {
        /// Why.
        reason: String,
    },
}

/// Whether a rehearsal is held.
#[derive(Clone, Debug)]
pub enum Rehearsal {
    /// On a copy on a private server: of the backup where one is made, else of the schema alone.
    Copy {
        /// What hides personal data, run before anything else reads the copy.
        mask: rehearse::Mask,
    },
    /// On a database that is there, which is left as the last way leaves it.
    Staging(DatabaseUrl),
    /// It is not.
    Skip {
        /// Why.
        reason: String,
    },
}
