//! The lock file as a whole: reading, writing, vouching.

use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use super::conflict;
use super::{FrozenDown, Line, LineState, LockError};
use crate::checksum::{Checksum, Hasher, normalise};
use crate::dialect::Dialect;
use crate::migration::Migration;
use crate::version::Version;

/// The version of the checks. It is raised when they find more or other things, so that what was
/// frozen before is looked at again.
pub const CHECKER: u32 = 1;

const FORMAT: u32 = 1;
const COMMENT: &str =
    "# Written by `migrate lock`, never by hand. Merge conflict? Run `migrate lock`.";

/// What the findings depend on besides the scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The version of the checks; see [`CHECKER`].
    pub checker: u32,
    /// The dialect.
    pub dialect: Dialect,
    /// A digest of the configuration.
    pub configuration: Checksum,
}

/// A lock file: what its lines rest on, and the lines in the order of their versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFile {
    basis: Basis,
    lines: Vec<Line>,
}

impl LockFile {
    /// A lock file with these lines; of two with the same version the first stays.
    pub fn new(basis: Basis, mut lines: Vec<Line>) -> Self {
        lines.sort_by(|a, b| a.version.cmp(&b.version));
        lines.dedup_by(|a, b| a.version == b.version);
        LockFile { basis, lines }
    }

    /// What the findings depended on when it was written.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// The lines in the order of their versions.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The line of a version.
    pub fn get(&self, version: &Version) -> Option<&Line> {
        let index = self
            .lines
            .binary_search_by(|line| line.version.cmp(version))
            .ok()?;
        self.lines.get(index)
    }

    /// Adds a draft; a version that has a line keeps it.
    pub fn add_draft(&mut self, version: Version, name: &str) {
        if let Err(index) = self
            .lines
            .binary_search_by(|line| line.version.cmp(&version))
        {
            self.lines.insert(index, Line::draft(version, name));
        }
    }

    /// Whether a frozen line says exactly this.
    pub fn vouches_for(&self, migration: &Migration) -> bool {
        let now = LineState::Frozen {
            up: migration.up.checksum,
            down: FrozenDown::of(&migration.down),
        };
        self.get(&migration.version)
            .is_some_and(|line| line.state == now)
    }

    /// Reads the text of a lock file.
    ///
    /// # Errors
    /// [`LockError`], which carries what could be read all the same.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let text = normalise(text);
        if let Some(conflict) = conflict::find(&text)? {
            return Err(LockError::Conflict(conflict));
        }
        let (head, lines) = parse_lines(numbered(&text))?;
        let Some((basis, digest)) = head else {
            return Err(LockError::Malformed {
                span: 0..text.lines().next().map_or(0, str::len),
                problem: "the lock file has no head line".to_owned(),
            });
        };
        let lock = LockFile::new(basis, lines);
        // A file that nobody touched has the lines as they would be written again.
        let content = numbered(&text).map(|(_, line)| line);
        let as_it_stands = content.filter(|line| !is_passed_over(line) && !is_head(line));
        if lock.digest_of(as_it_stands) == digest || lock.digest() == digest {
            Ok(lock)
        } else {
            Err(LockError::Altered(lock))
        }
    }

    /// The text of the file.
    pub fn render(&self) -> String {
        let mut text = format!("{} digest {}\n{COMMENT}\n", self.head(), self.digest());
        for line in &self.lines {
            text.push_str(&line.to_string());
            text.push('\n');
        }
        text
    }

    fn head(&self) -> String {
        let Basis {
            checker,
            dialect,
            configuration,
        } = self.basis;
        format!(
            "migrate-lock {FORMAT} checker {checker} dialect {dialect} configuration {configuration}"
        )
    }

    fn digest(&self) -> Checksum {
        self.digest_of(self.lines.iter().map(Line::to_string))
    }

    /// The digest of these lines under this head.
    fn digest_of(&self, lines: impl Iterator<Item = impl AsRef<str>>) -> Checksum {
        let mut hasher = Hasher::new();
        hasher.part(self.head().as_bytes());
        for line in lines {
            hasher.part(line.as_ref().as_bytes());
        }
        hasher.checksum()
    }

    /// Writes the file so that a reader sees the old one or the new one, never half of it. An
    /// existing file keeps its permissions, and a symbolic link stays one.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let dir = path
            .parent()
            .filter(|dir| !dir.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let temporary = dir.join(format!(".migrate.lock.{}", std::process::id()));
        let written = write_new(&temporary, self.render().as_bytes(), &path)
            .and_then(|()| fs::rename(&temporary, &path));
        if written.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_file(&temporary);
        }
        written?;
        // The rename itself is durable only with the directory; systems that cannot open one as a
        // file do without.
        match fs::File::open(dir) {
            Ok(dir) if cfg!(unix) => dir.sync_all(),
            _ => Ok(()),
        }
    }
}

fn write_new(temporary: &Path, bytes: &[u8], replaced: &Path) -> io::Result<()> {
    let mut file = fs::File::create(temporary)?;
    if let Ok(metadata) = fs::metadata(replaced) {
        file.set_permissions(metadata.permissions())?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

/// Lines with the bytes where they stand.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let content = line.trim_end_matches('\n');
        let span = start..start + content.len();
        start += line.len();
        (span, content)
    })
}

/// Whether a line says nothing.
fn is_passed_over(line: &str) -> bool {
    line.starts_with('#') || line.trim().is_empty()
}

fn is_head(line: &str) -> bool {
    line.starts_with("migrate-lock ")
}

type Head = (Basis, Checksum);

/// The head, where there is one, and the lines.
pub(super) fn parse_lines<'a>(
    numbered: impl Iterator<Item = (Range<usize>, &'a str)>,
) -> Result<(Option<Head>, Vec<Line>), LockError> {
    let (mut head, mut lines) = (None, Vec::<Line>::new());
    for (span, text) in numbered {
        let problem = if is_passed_over(text) {
            continue;
        } else if is_head(text) {
            match parse_head(text) {
                Ok(read) if head.is_none() => {
                    head = Some(read);
                    continue;
                }
                Ok(_) => "a second head line".to_owned(),
                Err(problem) => problem,
            }
        } else {
            match Line::parse(text) {
                Ok(line) => {
                    lines.push(line);
                    continue;
                }
                Err(problem) => problem,
            }
        };
        return Err(LockError::Malformed { span, problem });
    }
    let mut versions: Vec<&Version> = lines.iter().map(|line| &line.version).collect();
    versions.sort_unstable();
    if let Some([version, _]) = versions.array_windows().find(|[a, b]| a == b) {
        let problem = format!("version {version} has two lines");
        return Err(LockError::Malformed {
            span: 0..0,
            problem,
        });
    }
    Ok((head, lines))
}

fn parse_head(text: &str) -> Result<Head, String> {
    let fields: Vec<&str> = text.split(' ').collect();
    if let ["migrate-lock", format, ..] = fields.as_slice()
        && format.parse().is_ok_and(|format: u32| format > FORMAT)
    {
        return Err(format!(
            "the lock file has format {format}, and this version reads format {FORMAT}; use the version that wrote it, or a newer one"
        ));
    }
    match fields.as_slice() {
        [
            "migrate-lock",
            "1",
            "checker",
            checker,
            "dialect",
            dialect,
            "configuration",
            configuration,
            "digest",
            digest,
        ] => {
            let checksum = |text: &str| {
                Checksum::from_hex(text).ok_or_else(|| format!("`{text}` is not a checksum"))
            };
            let basis = Basis {
                checker: checker
                    .parse()
                    .map_err(|_| format!("`{checker}` is not a number"))?,
                dialect: dialect.parse().map_err(|error| format!("{error}"))?,
                configuration: checksum(configuration)?,
            };
            Ok((basis, checksum(digest)?))
        }
        _ => Err("the head line cannot be understood".to_owned()),
    }
}
