//! The way of a file back into a stream.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Stdio};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::error::BackupError;
use super::evidence::{BackupEvidence, BackupFile};
use super::sink::hexadecimal;
use crate::tool::{Running, Tool};

/// A file of a backup that is being read: decrypted and decompressed on the way.
pub(super) struct Source {
    path: PathBuf,
    layers: Layers,
    decrypting: Option<Running>,
}

enum Layers {
    Plain(Start),
    Gzip(Box<MultiGzDecoder<Start>>),
}

enum Start {
    File(File),
    Command(ChildStdout),
}

impl Source {
    /// Opens a file of a backup.
    pub(super) fn open(
        folder: &Path,
        evidence: &BackupEvidence,
        file: &BackupFile,
        decrypt: Option<&str>,
    ) -> Result<Self, BackupError> {
        let path = folder.join(&file.name);
        let opened = File::open(&path).map_err(BackupError::file("read", &path))?;
        let (start, decrypting) = match (evidence.encrypted, decrypt) {
            (false, _) => (Start::File(opened), None),
            (true, None) => return Err(BackupError::NoDecrypt),
            (true, Some(command)) => {
                let mut running = Tool::shell("the command that decrypts", command)
                    .reads(Stdio::from(opened))
                    .start()?;
                match running.output.take() {
                    Some(output) => (Start::Command(output), Some(running)),
                    None => {
                        let broken = io::ErrorKind::BrokenPipe.into();
                        return Err(running.pipe("read from", broken).into());
                    }
                }
            }
        };
        let layers = match file.gzip {
            true => Layers::Gzip(Box::new(MultiGzDecoder::new(start))),
            false => Layers::Plain(start),
        };
        Ok(Source {
            path,
            layers,
            decrypting,
        })
    }

    /// After the end: whether the command, where there is one, came to a good end too.
    pub(super) fn finish(self) -> Result<(), BackupError> {
        drop(self.layers);
        if let Some(decrypting) = self.decrypting {
            decrypting.finish()?;
        }
        Ok(())
    }

    /// Why reading failed: where a command stands between, it knows better than what reads behind it.
    pub(super) fn failed(self, error: io::Error) -> BackupError {
        let path = self.path.clone();
        match self.finish() {
            Err(command) => command,
            Ok(()) => BackupError::file("read", path)(error),
        }
    }
}

impl Read for Source {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match &mut self.layers {
            Layers::Plain(start) => start.read(bytes),
            Layers::Gzip(gzip) => gzip.read(bytes),
        }
    }
}

impl Read for Start {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Start::File(file) => file.read(bytes),
            Start::Command(output) => output.read(bytes),
        }
    }
}

/// Whether all files of a backup are what they were when they were written.
pub(super) fn check_files(folder: &Path, evidence: &BackupEvidence) -> Result<(), BackupError> {
    for file in &evidence.files {
        let path = folder.join(&file.name);
        let why = match digest_file(&path)? {
            (bytes, _) if bytes != file.bytes => {
                format!("it has {bytes} bytes, and had {}", file.bytes)
            }
            (_, sha256) if sha256 != file.sha256 => "its SHA-256 is another".to_owned(),
            _ => continue,
        };
        return Err(BackupError::Damaged { path, why });
    }
    Ok(())
}

/// The size of a file, and its SHA-256 as hexadecimal digits.
pub(super) fn digest_file(path: &Path) -> Result<(u64, String), BackupError> {
    let mut file = File::open(path).map_err(BackupError::file("read", path))?;
    let mut hasher = Sha256::new();
    let mut bytes = vec![0; 256 * 1024];
    let mut size = 0;
    loop {
        let read = file.read(&mut bytes);
        match read.map_err(BackupError::file("read", path))? {
            0 => return Ok((size, hexadecimal(&hasher.finalize()))),
            count => {
                hasher.update(bytes.get(..count).unwrap_or_default());
                size += count as u64;
            }
        }
    }
}
