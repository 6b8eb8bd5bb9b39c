//! Where findings are, as other programs want to be told: from the root of the repository.

use std::path::{Component, Path, PathBuf};

use migrate_core::{Label, SourceFile};

/// Where paths start.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// What messages show paths relative to.
    shown: PathBuf,
    /// The repository: the nearest directory above that has `.git`.
    repository: PathBuf,
}

/// A path from the root of the repository, or an absolute one where it is elsewhere; with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilePath {
    pub(crate) path: String,
    pub(crate) relative: bool,
}

/// Lines and columns from 1, columns in UTF-16; the end is the place after the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) start: (usize, usize),
    pub(crate) end: (usize, usize),
}

impl Root {
    /// For messages that show paths relative to a directory.
    pub(crate) fn new(shown: &Path) -> Self {
        let shown = std::path::absolute(shown).unwrap_or_else(|_| shown.to_owned());
        let shown = without_dots(&shown);
        let repository = shown
            .ancestors()
            .find(|dir| dir.join(".git").exists())
            .unwrap_or(&shown)
            .to_owned();
        Root { shown, repository }
    }

    /// The file that a message shows so.
    pub(crate) fn file(&self, shown: &str) -> FilePath {
        let path = without_dots(&self.shown.join(shown));
        let (path, relative) = match path.strip_prefix(&self.repository) {
            Ok(relative) => (relative.to_owned(), true),
            Err(_) => (path, false),
        };
        let parts: Vec<_> = path
            .components()
            .filter(|part| !matches!(part, Component::RootDir))
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        let root = if relative { "" } else { "/" };
        FilePath {
            path: format!("{root}{}", parts.join("/")),
            relative,
        }
    }
}

/// The path without `.` and `..`, as it reads; links are not followed.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

impl Region {
    pub(crate) fn of(label: &Label) -> Self {
        Region {
            start: position(&label.source, label.span.start),
            end: position(&label.source, label.span.end.max(label.span.start)),
        }
    }

    pub(crate) fn is_in_one_line(self) -> bool {
        self.start.0 == self.end.0
    }
}

fn position(source: &SourceFile, byte: usize) -> (usize, usize) {
    let text = source.text.as_str();
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let column: usize = line.chars().map(char::len_utf16).sum();
    (before.matches('\n').count() + 1, column + 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn columns_count_as_utf_16() {
        let source = SourceFile {
            path: String::new(),
            text: "a\n🦀é b\nc".to_owned(),
        };
        let label = |span: std::ops::Range<usize>| Label {
            source: Arc::new(source.clone()),
            span,
            text: String::new(),
        };
        let region = Region::of(&label(9..10));
        assert_eq!((region.start, region.end), ((2, 5), (2, 6)));
        assert!(region.is_in_one_line());
        let region = Region::of(&label(0..12));
        assert_eq!((region.start, region.end), ((1, 1), (3, 2)));
        // Spans that are none.
        assert_eq!(Region::of(&label(3..900)).start, (2, 1));
    }

    #[test]
    fn paths_start_at_the_repository() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join(".git")).unwrap();
        std::fs::create_dir_all(dir.path().join("app")).unwrap();
        let root = Root::new(&dir.path().join("app/../app"));
        let file = |shown: &str| root.file(shown);
        assert_eq!(
            file("migrations/1_a/up.sql").path,
            "app/migrations/1_a/up.sql"
        );
        assert_eq!(file("../db/1.sql").path, "db/1.sql");
        assert!(file("../db/1.sql").relative);
        assert_eq!(file("/elsewhere/1.sql").path, "/elsewhere/1.sql");
        assert!(!file("/elsewhere/1.sql").relative);
    }
}
