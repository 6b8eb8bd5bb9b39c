//! Writing several files: all of them, or none.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{File, failed, parent};
use crate::error::CommandError;

/// Writes the files beside the old ones first, so that whatever can fail has failed before anything
/// is changed. New files come first: without them what is left of a changed script would be less than
/// it was.
pub(super) fn all(files: &[File]) -> Result<(), CommandError> {
    let mut waiting: Vec<(PathBuf, &File)> = Vec::new();
    for file in files {
        let temporary = beside(&file.path);
        let written = prepare(&temporary, file);
        waiting.push((temporary, file));
        if let Err(source) = written {
            for (temporary, _) in &waiting {
                // The first error is the one to report.
                let _ = fs::remove_file(temporary);
            }
            return Err(failed("cannot write", file.shown.clone(), source));
        }
    }
    waiting.sort_by_key(|(_, file)| file.before.is_some());
    for (temporary, file) in &waiting {
        fs::rename(temporary, &file.path)
            .map_err(|source| failed("cannot write", file.shown.clone(), source))?;
    }
    Ok(())
}

/// A name that no migration has, since it begins with a dot.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    parent(path).join(format!(".{name}.{}", std::process::id()))
}

fn prepare(temporary: &Path, file: &File) -> io::Result<()> {
    fs::create_dir_all(parent(temporary))?;
    let mut written = fs::File::create(temporary)?;
    if file.before.is_some() {
        written.set_permissions(fs::metadata(&file.path)?.permissions())?;
    }
    written.write_all(file.after.as_bytes())?;
    written.sync_all()
}
