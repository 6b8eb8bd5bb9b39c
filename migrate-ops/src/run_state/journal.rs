//! The file of lines: written at its end only, read whatever its end looks like.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::folder::{private, sync_folder};
use super::{Entry, RunStateError};

const FILE: &str = "run.jsonl";

/// The journal of a run, to write to.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal in a run's folder. A last line that a crash cut off is ended, so that the
    /// next one stands alone.
    pub(super) fn append(folder: &Path) -> Result<Self, RunStateError> {
        let path = folder.join(FILE);
        let mut file = private()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(RunStateError::io("open", &path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(RunStateError::io("read", &path))?;
        if bytes.last().is_some_and(|last| *last != b'\n') {
            file.write_all(b"\n")
                .map_err(RunStateError::io("write", &path))?;
        }
        sync_folder(&path).map_err(RunStateError::io("write", &path))?;
        Ok(Journal { file, path })
    }

    pub(super) fn write(&mut self, entry: &Entry) -> Result<(), RunStateError> {
        let mut line = serde_json::to_vec(entry).map_err(|source| RunStateError::Json {
            path: self.path.clone(),
            source,
        })?;
        line.push(b'\n');
        // One write a line: a killed process leaves whole lines.
        self.file
            .write_all(&line)
            .and_then(|()| match entry.what.is_milestone() {
                true => self.file.sync_data(),
                false => Ok(()),
            })
            .map_err(RunStateError::io("write", &self.path))
    }
}

/// The lines of a run, and how many of them are not whole: a crash may leave one, a full disk
/// another.
pub(super) fn read(folder: &Path) -> Result<(Vec<Entry>, usize), RunStateError> {
    let path = folder.join(FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        // Killed between the folder and the file.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(RunStateError::io("read", path)(error)),
    };
    let mut entries = Vec::new();
    let mut broken = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(entry) => entries.push(entry),
            Err(_) => broken += 1,
        }
    }
    Ok((entries, broken))
}
