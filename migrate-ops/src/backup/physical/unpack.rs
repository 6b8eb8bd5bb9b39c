//! Archives and parts of the log become files again.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::backup::error::BackupError;
use crate::backup::evidence::{BackupFile, FileRole};
use crate::backup::log::log_file;
use crate::backup::options::Options;
use crate::backup::restore::feed;
use crate::backup::source::Source;
use crate::backup::store::Stored;
use crate::event::Listener;
use crate::tool::Tool;

/// The file with the server's files.
pub(super) fn data_file(stored: &Stored) -> Result<&BackupFile, BackupError> {
    stored
        .evidence
        .file(FileRole::Data)
        .ok_or(BackupError::External)
}

/// Feeds a program that unpacks with the server's files.
pub(super) fn unpack_with(
    tool: Tool,
    stored: &Stored,
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<(), BackupError> {
    let file = data_file(stored)?;
    let decrypt = options.decrypt.as_deref();
    let source = Source::open(&stored.folder, &stored.evidence, file, decrypt)?;
    feed(tool.with_input().start()?, source, listener)?;
    Ok(())
}

/// Makes a folder that only its owner may enter.
pub(super) fn folder(path: &Path) -> Result<(), BackupError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(BackupError::file("create", path))
}

/// Makes the parts of the log files again, under the names that they have on the server. Of a part that
/// came with several batches the last one has most in it.
pub(super) fn log_into(
    folder: &Path,
    stored: &Stored,
    options: &Options,
) -> Result<Vec<String>, BackupError> {
    let mut names = Vec::new();
    for file in &stored.evidence.files {
        let FileRole::Log = file.role else { continue };
        let Some((name, _)) = log_file(&file.name) else {
            continue;
        };
        let path = folder.join(name);
        let decrypt = options.decrypt.as_deref();
        let mut source = Source::open(&stored.folder, &stored.evidence, file, decrypt)?;
        let mut target = private_file(&path).map_err(BackupError::file("write", &path))?;
        if let Err(error) = io::copy(&mut source, &mut target) {
            return Err(source.failed(error));
        }
        source.finish()?;
        if !names.iter().any(|it| it == name) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// A file that only its owner may read, empty.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Waits until a folder with all that is in it is on the disk.
pub(super) fn sync(folder: &Path) -> Result<(), BackupError> {
    fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
        BackupError::file("write", path.to_owned())
    }
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let (path, kind) = (entry.path(), entry.file_type());
        let kind = kind.map_err(failed(&path))?;
        if kind.is_dir() {
            sync(&path)?;
        } else if kind.is_file() {
            let synced = File::open(&path).and_then(|file| file.sync_all());
            synced.map_err(failed(&path))?;
        }
    }
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(failed(folder))
}
