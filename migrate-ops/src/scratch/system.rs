//! What differs from system to system: users, process groups.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::ScratchError;

/// Exists everywhere, owns nothing, and so can do the least harm.
#[cfg(unix)]
const NOBODY: &str = "nobody";

/// Another user than the one this process runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct User {
    uid: u32,
    gid: u32,
}

/// Who runs servers that this process starts: another user where this one is root.
#[cfg(unix)]
pub(super) fn server_user(folder: &Path) -> Result<Option<User>, ScratchError> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = fs::metadata(folder).map_err(ScratchError::io("cannot look at", folder))?;
    if ours.uid() != 0 {
        return Ok(None);
    }
    let users = Path::new("/etc/passwd");
    let text = fs::read_to_string(users).map_err(ScratchError::io("cannot read", users))?;
    match user_in(&text, NOBODY) {
        Some(user) => Ok(Some(user)),
        None => Err(ScratchError::NoUser { user: NOBODY }),
    }
}

/// The name of the user of this process, who has just made something in the folder.
#[cfg(unix)]
pub(super) fn our_name(folder: &Path) -> Result<String, ScratchError> {
    use std::os::unix::fs::MetadataExt as _;
    let probe = tempfile::Builder::new()
        .tempdir_in(folder)
        .map_err(ScratchError::io("cannot make a folder in", folder))?;
    let ours = fs::metadata(probe.path()).map_err(ScratchError::io("cannot look at", folder))?;
    let users = Path::new("/etc/passwd");
    let text = fs::read_to_string(users).map_err(ScratchError::io("cannot read", users))?;
    let uid = ours.uid().to_string();
    let name = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    name.ok_or(ScratchError::Nameless { uid: ours.uid() })
}

/// The user of this process.
#[cfg(unix)]
pub(super) fn us(folder: &Path) -> Result<Option<User>, ScratchError> {
    use std::os::unix::fs::MetadataExt as _;
    let probe = tempfile::Builder::new()
        .tempdir_in(folder)
        .map_err(ScratchError::io("cannot make a folder in", folder))?;
    let ours = fs::metadata(probe.path()).map_err(ScratchError::io("cannot look at", folder))?;
    let (uid, gid) = (ours.uid(), ours.gid());
    Ok(Some(User { uid, gid }))
}

#[cfg(not(unix))]
pub(super) fn us(_: &Path) -> Result<Option<User>, ScratchError> {
    Err(ScratchError::Platform)
}

#[cfg(not(unix))]
pub(super) fn our_name(_: &Path) -> Result<String, ScratchError> {
    Err(ScratchError::Platform)
}

#[cfg(not(unix))]
pub(super) fn server_user(_: &Path) -> Result<Option<User>, ScratchError> {
    Err(ScratchError::Platform)
}

#[cfg(unix)]
fn user_in(passwd: &str, name: &str) -> Option<User> {
    let line = passwd
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut ids = line.split(':').skip(2);
    let uid = ids.next()?.parse().ok()?;
    let gid = ids.next()?.parse().ok()?;
    (uid != 0).then_some(User { uid, gid })
}

/// Hands a file or folder over to a user.
pub(super) fn give(path: &Path, user: Option<User>) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(user) = user {
        std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid))?;
    }
    #[cfg(not(unix))]
    let _ = (path, user);
    Ok(())
}

/// Whether a folder belongs to this process's user, whose `probe` is, or to the user of its servers.
pub(super) fn is_ours(folder: &Path, probe: &Path, user: Option<User>) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let found = fs::symlink_metadata(folder)?;
        let ours = fs::symlink_metadata(probe)?.uid();
        let owner = found.uid();
        Ok(found.is_dir() && (owner == ours || user.is_some_and(|user| user.uid == owner)))
    }
    #[cfg(not(unix))]
    {
        let _ = (probe, user);
        Ok(fs::symlink_metadata(folder)?.is_dir())
    }
}

/// Makes a command run as `user`, apart from the terminal: Ctrl-C reaches this process, which ends
/// the other one in its own time.
pub(super) fn apart(command: &mut Command, user: Option<User>) {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        command.process_group(0);
        if let Some(user) = user {
            // The groups of root go with it.
            command.gid(user.gid).uid(user.uid);
        }
    }
    #[cfg(not(unix))]
    let _ = (command, user);
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nnobody2:x:7:7::/:\nnobody:x:65534:65533::/:\n";
        let nobody = User {
            uid: 65534,
            gid: 65533,
        };
        assert_eq!(user_in(passwd, "nobody"), Some(nobody));
        assert_eq!(user_in(passwd, "no"), None);
        assert_eq!(user_in(passwd, "root"), None, "root is not another user");
    }
}
