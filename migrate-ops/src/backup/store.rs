//! The folder that holds the backups.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::BackupError;
use super::evidence::{BackupEvidence, BackupKind, FORMAT};
use crate::run_state::{RunId, write_private};
use crate::tool::{self, Workspace};

/// The file with the evidence.
const MANIFEST: &str = "backup.json";
/// What the name of a backup that is being deleted begins with.
const DELETED: &str = ".deleted-";

/// The name of a backup: when it was begun, and four digits that keep two of one second apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BackupId(String);

impl BackupId {
    /// A new one.
    pub(super) fn new() -> Self {
        BackupId(RunId::new().as_str().to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for BackupId {
    type Err = BackupError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Backups are named as runs are.
        match text.parse::<RunId>() {
            Ok(id) => Ok(BackupId(id.as_str().to_owned())),
            Err(_) => Err(BackupError::BadId(text.to_owned())),
        }
    }
}

impl TryFrom<String> for BackupId {
    type Error = BackupError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<BackupId> for String {
    fn from(id: BackupId) -> Self {
        id.0
    }
}

/// The folder that holds the backups.
#[derive(Clone, Debug)]
pub struct Store {
    directory: PathBuf,
}

/// A backup that is there, whole.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its folder.
    pub folder: PathBuf,
    /// What is known of it.
    pub evidence: BackupEvidence,
}

impl Stored {
    /// Writes the evidence anew.
    pub(super) fn save(&self) -> Result<(), BackupError> {
        write_manifest(&self.folder, &self.evidence)
    }

    /// Keeps it from being thrown away while the value lives.
    pub(super) fn hold(&self) -> Result<File, BackupError> {
        let path = self.folder.join("lock");
        let lock = File::open(&path).map_err(BackupError::file("open", &path))?;
        lock.lock_shared()
            .map_err(BackupError::file("lock", &path))?;
        Ok(lock)
    }
}

impl Store {
    /// The backups in a folder, which need not be there yet.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Store {
            directory: directory.into(),
        }
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A place for a backup that is not whole yet. Removes what crashes have left.
    pub(super) fn begin(&self) -> Result<Workspace, BackupError> {
        let workspace = Workspace::create(&self.directory)?;
        self.sweep();
        Ok(workspace)
    }

    /// Makes a backup of what is in the workspace: its evidence is written last, and then it gets its
    /// name.
    pub(super) fn finish(
        &self,
        workspace: Workspace,
        evidence: BackupEvidence,
    ) -> Result<Stored, BackupError> {
        remove_others(workspace.path(), &evidence)?;
        write_manifest(workspace.path(), &evidence)?;
        let folder = self.directory.join(evidence.id.as_str());
        workspace.keep_as(&folder)?;
        sync(&self.directory)?;
        Ok(Stored { folder, evidence })
    }

    /// All backups, oldest first.
    ///
    /// # Errors
    /// Where the folder or the evidence of one cannot be read.
    pub fn list(&self) -> Result<Vec<Stored>, BackupError> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(BackupError::file("read", &self.directory)(error)),
        };
        let ids = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<BackupId>().ok());
        let mut all: Vec<Stored> = ids.map(|id| self.open(&id)).collect::<Result<_, _>>()?;
        // The names tell the second only.
        all.sort_by(|a, b| {
            let key = |it: &Stored| (it.evidence.started.clone(), it.evidence.id.clone());
            key(a).cmp(&key(b))
        });
        Ok(all)
    }

    /// A backup by its name.
    ///
    /// # Errors
    /// Where there is none, or its evidence cannot be read.
    pub fn open(&self, id: &BackupId) -> Result<Stored, BackupError> {
        let folder = self.directory.join(id.as_str());
        let path = folder.join(MANIFEST);
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => BackupError::NoBackup {
                wanted: id.to_string(),
                directory: self.directory.clone(),
            },
            _ => BackupError::file("read", &path)(error),
        })?;
        let wrong = |source| BackupError::Manifest {
            path: path.clone(),
            source,
        };
        // A newer format may have other fields altogether.
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let Head { format } = serde_json::from_slice(&bytes).map_err(wrong)?;
        if format != FORMAT {
            return Err(BackupError::Format { path, format });
        }
        let mut evidence: BackupEvidence = serde_json::from_slice(&bytes).map_err(wrong)?;
        // It may have been moved.
        evidence.folder = folder.display().to_string();
        Ok(Stored { folder, evidence })
    }

    /// The newest backup of a database.
    ///
    /// # Errors
    /// As [`list`](Store::list); and where there is none.
    pub fn latest(&self, database: &str) -> Result<Stored, BackupError> {
        let newest = self
            .list()?
            .into_iter()
            .rfind(|stored| stored.evidence.database == database);
        newest.ok_or_else(|| BackupError::NoBackup {
            wanted: format!("of {database}"),
            directory: self.directory.clone(),
        })
    }

    /// Throws away all but the newest `keep` backups of a database, and returns their names. The
    /// newest verified one stays in any case, and so does one that is being restored. External ones
    /// do not count.
    ///
    /// Each gets another name first, so that a crash leaves none that looks whole and is not.
    ///
    /// # Errors
    /// Where one cannot be thrown away; those before it are gone then.
    pub fn retain(&self, database: &str, keep: usize) -> Result<Vec<BackupId>, BackupError> {
        let all: Vec<Stored> = self
            .list()?
            .into_iter()
            .filter(|stored| stored.evidence.database == database)
            .filter(|stored| stored.evidence.kind != BackupKind::External)
            .collect();
        let verified = all.iter().rposition(|it| it.evidence.is_verified());
        let surplus = all.len().saturating_sub(keep);
        let mut thrown = Vec::new();
        for (at, stored) in all.into_iter().enumerate().take(surplus) {
            if Some(at) == verified || is_held(&stored.folder) {
                continue;
            }
            let id = stored.evidence.id;
            let aside = self.directory.join(format!("{DELETED}{id}"));
            fs::rename(&stored.folder, &aside).map_err(BackupError::file("rename", &aside))?;
            fs::remove_dir_all(&aside).map_err(BackupError::file("remove", &aside))?;
            thrown.push(id);
        }
        Ok(thrown)
    }

    /// Goes on with deletions that a crash has stopped. What cannot be removed stays for the next
    /// time.
    fn sweep(&self) {
        let entries = fs::read_dir(&self.directory)
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries {
            if entry.file_name().to_string_lossy().starts_with(DELETED) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

fn is_held(folder: &Path) -> bool {
    File::open(folder.join("lock")).is_ok_and(|lock| tool::is_held(&lock))
}

fn write_manifest(folder: &Path, evidence: &BackupEvidence) -> Result<(), BackupError> {
    let path = folder.join(MANIFEST);
    let text = serde_json::to_vec_pretty(evidence).map_err(|source| BackupError::Manifest {
        path: path.clone(),
        source,
    })?;
    Ok(write_private(&path, &text)?)
}

/// Removes what is no part of the backup, as the file that handed the password to a program.
fn remove_others(folder: &Path, evidence: &BackupEvidence) -> Result<(), BackupError> {
    let entries = fs::read_dir(folder).map_err(BackupError::file("read", folder))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_part = name == "lock" || evidence.files.iter().any(|file| *name == *file.name);
        if !is_part {
            let path = entry.path();
            fs::remove_file(&path).map_err(BackupError::file("remove", &path))?;
        }
    }
    Ok(())
}

/// A new name is on the disk only when its folder is.
fn sync(folder: &Path) -> Result<(), BackupError> {
    #[cfg(unix)]
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(BackupError::file("write", folder))?;
    Ok(())
}
