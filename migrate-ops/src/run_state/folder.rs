//! Folders and files that only their owner may read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::RunStateError;

/// Makes a folder, and those above it, where there is none; only its owner may look into it. One
/// that is there stays as it is, but for others' rights to it.
///
/// # Errors
/// Where it cannot be made or kept from others.
pub fn private_folder(path: &Path) -> Result<(), RunStateError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(path)
        .map_err(RunStateError::io("make the folder", path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let there = fs::metadata(path).map_err(RunStateError::io("read", path))?;
        if there.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))
                .map_err(RunStateError::io("keep others out of", path))?;
        }
    }
    Ok(())
}

/// Opening a file that only its owner may read, where it is made.
pub(super) fn private() -> OpenOptions {
    #[cfg(unix)]
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    options.mode(0o600);
    options
}

/// Writes a file that only its owner may read, all of it or none: whoever reads it, and be it after
/// a crash, sees what was there before or the whole of `bytes`.
///
/// # Errors
/// Where it cannot be written; nothing of it remains.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), RunStateError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = Path::new(&beside);
    let written = write_whole(beside, bytes).and_then(|()| fs::rename(beside, path));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(beside);
    }
    written
        .and_then(|()| sync_folder(path))
        .map_err(RunStateError::io("write", path))
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A new name is on the disk only when its folder is.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|_| cfg!(unix)) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
