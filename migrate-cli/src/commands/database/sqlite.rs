//! A SQLite database as a whole: its file, and what SQLite puts beside it.

use migrate_ops::connect::DatabaseUrl;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Deed, Deeds};
use crate::error::CommandError;

/// The first bytes of every database file that is not empty
/// (<https://www.sqlite.org/fileformat.html#magic_header_string>).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

pub(super) fn perform(deed: Deed, url: &DatabaseUrl, dry_run: bool) -> Result<Deeds, CommandError> {
    let in_memory = "a database in memory is neither created nor dropped";
    let file = url.file().ok_or(CommandError::NotADatabase(in_memory))?;
    let changed = deed.is_due(file.exists());
    if changed && deed == Deed::Drop && !is_database(file).map_err(failed("cannot read", file))? {
        let other = "the file is not a SQLite database, so it is left alone";
        return Err(CommandError::NotADatabase(other));
    }
    if changed && !dry_run {
        match deed {
            Deed::Create => {
                let opened = OpenOptions::new().write(true).create_new(true).open(file);
                opened.map_err(failed("cannot create", file))?;
            }
            Deed::Drop => remove(file)?,
        }
    }
    Ok(Deeds {
        changed,
        sql: Vec::new(),
    })
}

fn is_database(file: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(file)?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut start)?;
    Ok(start.is_empty() || start == MAGIC)
}

fn remove(file: &Path) -> Result<(), CommandError> {
    // The journals go first: one that outlived its database would be played into the next.
    for suffix in ["-journal", "-wal", "-shm", ""] {
        let mut path: OsString = file.into();
        path.push(suffix);
        let path = PathBuf::from(path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("cannot remove", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> CommandError {
    let path = path.display().to_string();
    move |source| CommandError::Io {
        doing,
        path: path.clone(),
        source,
    }
}
