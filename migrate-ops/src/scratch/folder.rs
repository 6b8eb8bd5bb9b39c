//! A folder that goes when its owner does.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::ScratchError;
use super::system::{self, User};
use crate::tool::is_held;

/// Begins the name of every scratch folder.
const PREFIX: &str = "migrate-scratch-";
/// Is locked for as long as the owner lives: the system lets go of it however a process ends.
const OWNER: &str = "owner";
/// What the server writes to, and keeps locked for as long as one of its processes lives.
pub(super) const LOG: &str = "log";
/// Where servers write their process id.
const PIDS: [&str; 2] = ["data/postmaster.pid", "pid"];

/// A folder of our own, 0700, removed when dropped.
#[derive(Debug)]
pub(super) struct Folder {
    folder: TempDir,
    /// Held for its lock.
    _owner: File,
    /// Who runs servers in it, where that is another user than ours.
    pub(super) user: Option<User>,
}

impl Folder {
    /// Makes one in a directory, after removing what killed processes left there.
    pub(super) fn make(parent: &Path, for_server: bool) -> Result<Self, ScratchError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder
            .tempdir_in(parent)
            .map_err(ScratchError::io("cannot make a folder in", parent))?;
        let user = match for_server {
            true => system::server_user(folder.path())?,
            false => None,
        };
        let path = folder.path().join(OWNER);
        let owner = File::create(&path).map_err(ScratchError::io("cannot make", &path))?;
        owner
            .lock()
            .map_err(ScratchError::io("cannot lock", &path))?;
        system::give(folder.path(), user)
            .map_err(ScratchError::io("cannot hand over", folder.path()))?;
        remove_left(parent, folder.path(), user);
        Ok(Folder {
            folder,
            _owner: owner,
            user,
        })
    }

    /// Leaves it there for good: without the mark that tells a sweep that it can go.
    pub(super) fn keep(self) -> Result<PathBuf, ScratchError> {
        let mark = self.path().join(OWNER);
        fs::remove_file(&mark).map_err(ScratchError::io("cannot remove", &mark))?;
        Ok(self.folder.keep())
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the scratch folders in a directory whose owners are gone, after ending what still runs in
/// them; returns those that are removed. Starting a server does this first.
///
/// # Errors
/// Where the directory cannot be used.
pub fn sweep(parent: &Path) -> Result<Vec<PathBuf>, ScratchError> {
    // Its owner is this process's user.
    let probe = tempfile::Builder::new()
        .tempdir_in(parent)
        .map_err(ScratchError::io("cannot make a folder in", parent))?;
    let user = system::server_user(probe.path()).unwrap_or_default();
    Ok(remove_left(parent, probe.path(), user))
}

fn remove_left(parent: &Path, probe: &Path, user: Option<User>) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let left = entries.flatten().map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(PREFIX)) && path != probe
    });
    // What cannot be removed now stays for the next time.
    left.filter(|path| remove_if_left(path, probe, user).unwrap_or(false))
        .collect()
}

fn remove_if_left(folder: &Path, probe: &Path, user: Option<User>) -> io::Result<bool> {
    if !system::is_ours(folder, probe, user)? {
        return Ok(false);
    }
    let owner = File::open(folder.join(OWNER))?;
    if is_held(&owner) {
        return Ok(false);
    }
    if let Ok(log) = File::open(folder.join(LOG))
        && is_locked(&log)?
    {
        // The process id is that of the server: one of its processes lives, or there would be no
        // lock.
        let pid = PIDS
            .iter()
            .find_map(|name| fs::read_to_string(folder.join(name)).ok())
            .and_then(|text| text.lines().next()?.trim().parse::<u32>().ok());
        if let Some(pid) = pid {
            // Sent as the server's user, who can hit nothing else.
            signal(pid, "QUIT", user)?;
            if !released(&log, Duration::from_secs(5))? {
                signal(pid, "KILL", user)?;
            }
        }
        if !released(&log, Duration::from_secs(5))? {
            return Ok(false);
        }
    }
    fs::remove_dir_all(folder)?;
    Ok(true)
}

fn is_locked(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Waits until nobody holds the lock.
fn released(file: &File, patience: Duration) -> io::Result<bool> {
    let begun = Instant::now();
    while is_locked(file)? {
        if begun.elapsed() > patience {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(true)
}

fn signal(pid: u32, name: &str, user: Option<User>) -> io::Result<()> {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -\"$0\" \"$1\"", name])
        .arg(pid.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    system::apart(&mut kill, user);
    kill.status().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_stays() {
        let parent = tempfile::tempdir().unwrap();
        let used = Folder::make(parent.path(), false).unwrap();
        fs::write(used.path().join("copy.db"), "data").unwrap();
        assert!(sweep(parent.path()).unwrap().is_empty());
        let path = used.path().to_owned();
        assert!(path.join("copy.db").exists());
        drop(used);
        assert!(!path.exists());
    }

    #[test]
    fn what_nobody_owns_goes() {
        let parent = tempfile::tempdir().unwrap();
        let left = parent.path().join("migrate-scratch-left");
        fs::create_dir(&left).unwrap();
        fs::write(left.join(OWNER), "").unwrap();
        // Nobody says that these are scratch folders.
        let unmarked = parent.path().join("migrate-scratch-unmarked");
        let other = parent.path().join("other");
        fs::create_dir(&unmarked).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(other.join(OWNER), "").unwrap();
        assert_eq!(sweep(parent.path()).unwrap(), [left]);
        assert!(unmarked.exists() && other.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_behind_a_link_stays() {
        let parent = tempfile::tempdir().unwrap();
        let target = tempfile::tempdir().unwrap();
        fs::write(target.path().join(OWNER), "").unwrap();
        let link = parent.path().join("migrate-scratch-link");
        std::os::unix::fs::symlink(target.path(), &link).unwrap();
        assert!(sweep(parent.path()).unwrap().is_empty());
        assert!(target.path().join(OWNER).exists());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_enter() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::make(parent.path(), false).unwrap();
        let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
