//! The way of a stream into a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ChildStdin;
use std::thread::{self, JoinHandle};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::error::BackupError;
use super::evidence::{BackupFile, FileRole};
use crate::tool::{Running, Tool, ToolError};

/// A file that is being written: compressed, encrypted and digested on the way.
///
/// Compressed at gzip's fastest level: a dump must keep up with the program that writes it.
pub(super) struct Sink {
    role: FileRole,
    name: String,
    path: PathBuf,
    layers: Layers,
    encrypting: Option<Encrypting>,
}

enum Layers {
    Plain(Box<End>),
    Gzip(Box<GzEncoder<End>>),
}

/// Where the bytes leave this process's hands.
enum End {
    File(HashedFile),
    Command(ChildStdin),
}

struct Encrypting {
    command: Running,
    /// Writes what the command writes.
    writer: JoinHandle<io::Result<HashedFile>>,
}

impl Sink {
    /// A new file in a folder. `name` is that of what is in it, as `roles.sql`.
    pub(super) fn create(
        folder: &Path,
        name: &str,
        role: FileRole,
        gzip: bool,
        encrypt: Option<&str>,
    ) -> Result<Self, BackupError> {
        let mut name = name.to_owned();
        if gzip {
            name.push_str(".gz");
        }
        if encrypt.is_some() {
            name.push_str(".encrypted");
        }
        let path = folder.join(&name);
        let file = HashedFile::create(&path).map_err(BackupError::file("create", &path))?;
        let (end, encrypting) = match encrypt {
            None => (End::File(file), None),
            Some(command) => {
                let (end, encrypting) = encrypting(command, file)?;
                (end, Some(encrypting))
            }
        };
        let layers = match gzip {
            true => Layers::Gzip(Box::new(GzEncoder::new(end, Compression::fast()))),
            false => Layers::Plain(Box::new(end)),
        };
        Ok(Sink {
            role,
            name,
            path,
            layers,
            encrypting,
        })
    }

    /// Writes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        let written = match &mut self.layers {
            Layers::Plain(end) => end.write_all(bytes),
            Layers::Gzip(gzip) => gzip.write_all(bytes),
        };
        match written {
            Ok(()) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Waits until all of it is on the disk.
    pub(super) fn finish(mut self) -> Result<BackupFile, BackupError> {
        let gzip = matches!(self.layers, Layers::Gzip(_));
        let ended = match std::mem::replace(&mut self.layers, Layers::Plain(Box::new(End::none())))
        {
            Layers::Plain(end) => Ok(*end),
            Layers::Gzip(gzip) => gzip.finish(),
        };
        let end = match ended {
            Ok(end) => end,
            Err(error) => return Err(self.failed(error)),
        };
        let path = self.path;
        let file = match (end, self.encrypting) {
            (End::File(file), _) => Ok(file),
            (End::Command(input), Some(encrypting)) => {
                drop(input);
                let written = encrypting.writer.join();
                encrypting.command.finish()?;
                written.unwrap_or_else(|_| Err(io::Error::other("its writer ended early")))
            }
            (End::Command(_), None) => Err(io::Error::other("nothing writes it")),
        };
        let (bytes, sha256) = file
            .and_then(HashedFile::finish)
            .map_err(BackupError::file("write", path))?;
        Ok(BackupFile {
            name: self.name,
            role: self.role,
            gzip,
            bytes,
            sha256,
        })
    }

    /// Why writing failed: where a command stands between, it knows better than its broken pipe.
    fn failed(&mut self, error: io::Error) -> BackupError {
        let path = self.path.clone();
        let Some(encrypting) = self.encrypting.take() else {
            return BackupError::file("write", path)(error);
        };
        self.layers = Layers::Plain(Box::new(End::none()));
        let written = encrypting.writer.join();
        match (encrypting.command.finish(), written) {
            (_, Ok(Err(disk))) => BackupError::file("write", path)(disk),
            (Err(command), _) => command.into(),
            _ => BackupError::file("write", path)(error),
        }
    }
}

impl End {
    /// Where nothing goes any more.
    fn none() -> Self {
        End::File(HashedFile {
            file: None,
            hasher: Sha256::new(),
            bytes: 0,
        })
    }
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            End::File(file) => file.write(bytes),
            End::Command(input) => input.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            End::File(file) => file.flush(),
            End::Command(input) => input.flush(),
        }
    }
}

fn encrypting(command: &str, mut file: HashedFile) -> Result<(End, Encrypting), BackupError> {
    let mut command = Tool::shell("the command that encrypts", command)
        .with_input()
        .start()?;
    let missing = |command: &Running| ToolError::Pipe {
        doing: "reach",
        name: command.name().to_owned(),
        source: io::ErrorKind::BrokenPipe.into(),
    };
    let (Some(input), Some(mut output)) = (command.input.take(), command.output.take()) else {
        return Err(missing(&command).into());
    };
    let writer = thread::spawn(move || {
        io::copy(&mut output, &mut file)?;
        Ok(file)
    });
    Ok((End::Command(input), Encrypting { command, writer }))
}

/// A file that only its owner may read, digested as it is written.
struct HashedFile {
    file: Option<BufWriter<File>>,
    hasher: Sha256,
    bytes: u64,
}

impl HashedFile {
    fn create(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(HashedFile {
            file: Some(BufWriter::with_capacity(256 * 1024, options.open(path)?)),
            hasher: Sha256::new(),
            bytes: 0,
        })
    }

    fn finish(mut self) -> io::Result<(u64, String)> {
        if let Some(file) = self.file.take() {
            file.into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all()?;
        }
        Ok((self.bytes, hexadecimal(&self.hasher.finalize())))
    }
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn written(gzip: bool, encrypt: Option<&str>) -> (tempfile::TempDir, BackupFile) {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = Sink::create(folder.path(), "a.sql", FileRole::Data, gzip, encrypt).unwrap();
        for _ in 0..1000 {
            sink.write(b"a line of text\n").unwrap();
        }
        (folder, sink.finish().unwrap())
    }

    #[test]
    fn all_layers() {
        let (folder, file) = written(true, Some("tr '\\000-\\377' '\\001-\\377\\000'"));
        assert_eq!(file.name, "a.sql.gz.encrypted");
        let path = folder.path().join(&file.name);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let bytes = fs::read(&path).unwrap();
        assert_eq!(bytes.len() as u64, file.bytes);
        assert_eq!(hexadecimal(&Sha256::digest(&bytes)), file.sha256);
        let plain: Vec<u8> = bytes.iter().map(|byte| byte.wrapping_sub(1)).collect();
        let mut text = String::new();
        flate2::read::GzDecoder::new(plain.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "a line of text\n".repeat(1000));
    }

    #[test]
    fn a_command_that_fails_is_the_reason() {
        for command in ["exit 3", "head -c 10; echo why >&2; exit 3"] {
            let folder = tempfile::tempdir().unwrap();
            let mut sink =
                Sink::create(folder.path(), "a", FileRole::Data, false, Some(command)).unwrap();
            let text = [b'x'; 100_000];
            let mut written = Ok(());
            for _ in 0..20 {
                written = sink.write(&text);
                if written.is_err() {
                    break;
                }
            }
            let error = match written {
                Ok(()) => sink.finish().unwrap_err(),
                Err(error) => error,
            };
            let said = error.to_string();
            assert!(said.contains("the command that encrypts failed"), "{said}");
        }
    }
}
