//! One run at a time in a state directory.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::folder::private;
use super::{RunId, RunStateError};

const FILE: &str = "run.lock";

/// A reader holds the lock for a moment to see whether anybody else does.
const READERS: Duration = Duration::from_millis(500);

/// The lock of a state directory. It belongs to the open file: the system lets go of it when the
/// process ends, however that is.
#[derive(Debug)]
pub(super) struct RunLock {
    file: File,
    path: PathBuf,
}

/// Who holds it, as far as the file tells.
#[derive(Debug, Default)]
pub(super) struct Holder {
    pub(super) pid: Option<u32>,
    pub(super) run: Option<RunId>,
}

impl RunLock {
    pub(super) fn take(directory: &Path) -> Result<Self, RunStateError> {
        let path = directory.join(FILE);
        let mut file = private()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(RunStateError::io("open", &path))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if begun.elapsed() < READERS => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(RunStateError::Busy {
                        directory: directory.to_owned(),
                        pid: holder(&mut file).pid,
                    });
                }
                Err(TryLockError::Error(error)) => {
                    return Err(RunStateError::io("lock", path)(error));
                }
            }
        }
        Ok(RunLock { file, path })
    }

    /// Writes down which run this is.
    pub(super) fn is_of(&mut self, run: &RunId) -> Result<(), RunStateError> {
        self.file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .and_then(|()| writeln!(self.file, "{} {run}", std::process::id()))
            .map_err(RunStateError::io("write", &self.path))
    }

    /// Who holds the lock of a state directory, where anybody does.
    pub(super) fn holder(directory: &Path) -> Result<Option<Holder>, RunStateError> {
        let path = directory.join(FILE);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RunStateError::io("open", path)(error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(holder(&mut file))),
            Err(TryLockError::Error(error)) => Err(RunStateError::io("lock", path)(error)),
        }
    }
}

/// What the holder wrote into the file.
fn holder(file: &mut File) -> Holder {
    let mut text = String::new();
    if file
        .rewind()
        .and_then(|()| file.read_to_string(&mut text))
        .is_err()
    {
        return Holder::default();
    }
    let (pid, run) = text.trim().split_once(' ').unwrap_or((&text, ""));
    Holder {
        pid: pid.parse().ok(),
        run: run.parse().ok(),
    }
}
