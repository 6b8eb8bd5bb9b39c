//! `[rehearse]`: how migrations are tried on a copy.

use std::path::{Path, PathBuf};

use super::command::{self, ShellCommand};
use super::options::non_empty;
use crate::document::{Document, Value};

/// How migrations are tried on a copy.
///
/// ```
/// use migrate_core::config::Config;
///
/// let text = "[rehearse]\nmask = 'masking.sql'\n";
/// let config = Config::parse(text, "/app/migrate.toml".as_ref()).unwrap();
/// let rehearse = config.set(None).unwrap().rehearse;
/// assert_eq!(rehearse.mask.as_deref(), Some("/app/masking.sql".as_ref()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RehearseConfig {
    /// A script that hides personal data in the copy before anything else reads it.
    pub mask: Option<PathBuf>,
    /// A command that hides personal data in the copy; it runs after `mask`, where both are given.
    pub mask_command: Option<ShellCommand>,
    /// Where private servers have their folders; by default in the system's place for temporary
    /// files.
    pub folder: Option<PathBuf>,
}

/// What a file says about `[rehearse]`; nothing is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RehearseOptions {
    mask: Option<String>,
    mask_command: Option<ShellCommand>,
    folder: Option<String>,
}

impl RehearseOptions {
    pub(super) fn overlaid(self, over: RehearseOptions) -> RehearseOptions {
        RehearseOptions {
            mask: over.mask.or(self.mask),
            mask_command: over.mask_command.or(self.mask_command),
            folder: over.folder.or(self.folder),
        }
    }

    pub(super) fn resolve(self, root: &Path) -> RehearseConfig {
        RehearseConfig {
            mask: self.mask.map(|path| root.join(path)),
            mask_command: self.mask_command,
            folder: self.folder.map(|path| root.join(path)),
        }
    }
}

pub(super) fn read(document: &mut Document, value: &Value<'_>) -> RehearseOptions {
    let mut rehearse = RehearseOptions::default();
    let Some(table) = document.table("rehearse", value) else {
        return rehearse;
    };
    document.known_keys(table, &["mask", "mask_command", "folder"]);
    for (key, value) in table {
        let key = key.get_ref().as_ref();
        match key {
            "mask" => rehearse.mask = non_empty(document, key, value),
            "mask_command" => rehearse.mask_command = command::read(document, key, value),
            "folder" => rehearse.folder = non_empty(document, key, value),
            _ => {}
        }
    }
    rehearse
}
