//! A folder for what must not stay.

use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::run_state::private_folder;

/// What the name of a workspace begins with. It has a lock that its owner holds, or is being removed.
const PREFIX: &str = ".work-";
/// What the name of one begins with that has no lock yet.
const NEW: &str = ".new-";
/// How often a lock is looked at before it counts as held, and how long lies between.
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// The file in it that its owner holds a lock on.
const LOCK: &str = "lock";

/// A folder that only its owner may enter (0700), removed with the value. After a crash it is removed
/// when the next one is made beside it: the lock that its owner held is free then.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
    /// It has another name now, and stays.
    kept: bool,
    /// Held until the folder is removed; the system releases it with the process.
    _lock: File,
}

/// A folder cannot be made or used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {path}")]
pub struct WorkspaceError {
    /// What was done: "create".
    pub doing: &'static str,
    /// The file or folder.
    pub path: String,
    /// Why.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl WorkspaceError {
    /// For `map_err`.
    pub(crate) fn of(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| WorkspaceError {
            doing,
            path,
            source: source.into(),
        }
    }
}

impl Workspace {
    /// Makes one below a folder, which is made (0700) where it is not there, after sweeping what
    /// crashes left.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create(below: &Path) -> Result<Self, WorkspaceError> {
        // One that the operator made stays as open as they made it.
        if !below.exists() {
            private_folder(below).map_err(|source| WorkspaceError {
                doing: "create",
                path: below.display().to_string(),
                source: source.into(),
            })?;
        }
        sweep(below);
        let mut builder = tempfile::Builder::new();
        builder.prefix(NEW);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        let new = builder
            .tempdir_in(below)
            .map_err(WorkspaceError::of("create a folder in", below))?;
        let path = new.path().join(LOCK);
        let lock = File::create(&path).map_err(WorkspaceError::of("create", &path))?;
        lock.lock().map_err(WorkspaceError::of("lock", &path))?;
        let name = new.path().file_name().unwrap_or_default().to_string_lossy();
        let folder = below.join(name.replacen(NEW, PREFIX, 1));
        fs::rename(new.path(), &folder).map_err(WorkspaceError::of("rename to", &folder))?;
        // It has gone from where it was, and is removed by its owner.
        let _ = new.keep();
        Ok(Workspace {
            folder,
            kept: false,
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Gives the folder another name and ends the workspace: now it stays, with its lock file.
    ///
    /// # Errors
    /// Where it cannot be renamed; it is removed then.
    pub(crate) fn keep_as(mut self, path: &Path) -> Result<(), WorkspaceError> {
        fs::rename(&self.folder, path).map_err(WorkspaceError::of("rename to", path))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed is swept with the next one.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Removes the workspaces whose owners are gone. What cannot be removed stays for the next time.
fn sweep(below: &Path) {
    for (path, name) in folders(below) {
        let abandoned = match File::open(path.join(LOCK)) {
            Ok(lock) => !is_held(&lock),
            // Its owner was removing it, or is.
            Err(_) if name.starts_with(PREFIX) => true,
            // Between making the folder and its lock lies an instant; later its owner cannot be there any
            // more.
            Err(_) => is_old(&path),
        };
        if abandoned {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Whether somebody holds a lock on a file. A program that is being started has copies of all open files,
/// locks included, until it runs: what seems to be held is looked at again. Where the system cannot tell, it
/// counts as held, because what nobody holds is removed.
pub(crate) fn is_held(file: &File) -> bool {
    (0..LOOKS).all(|look| {
        if look > 0 {
            thread::sleep(BETWEEN_LOOKS);
        }
        file.try_lock().is_err()
    })
}

/// The workspaces below a folder, with their names.
fn folders(below: &Path) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(below).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            (
                entry.path(),
                entry.file_name().to_string_lossy().into_owned(),
            )
        })
        .filter(|(_, name)| name.starts_with(PREFIX) || name.starts_with(NEW))
        .collect()
}

fn is_old(path: &Path) -> bool {
    let made = fs::metadata(path).and_then(|found| found.modified());
    made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age.as_secs() > 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_holds_is_swept() {
        let below = tempfile::tempdir().unwrap();
        let held = Workspace::create(below.path()).unwrap();
        let left = below.path().join(".work-left");
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        fs::write(left.join("secret"), "hunter2").unwrap();
        let fresh = below.path().join(".new-fresh");
        fs::create_dir(&fresh).unwrap();
        let half_removed = below.path().join(".work-half-removed");
        fs::create_dir(&half_removed).unwrap();
        let other = Workspace::create(below.path()).unwrap();
        assert!(held.path().exists() && other.path().exists() && fresh.exists());
        assert!(!left.exists() && !half_removed.exists());
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_enter() {
        use std::os::unix::fs::PermissionsExt as _;
        let below = tempfile::tempdir().unwrap();
        let work = Workspace::create(&below.path().join("new")).unwrap();
        for path in [work.path(), &below.path().join("new")] {
            let mode = fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }
}
