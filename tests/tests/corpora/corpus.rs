//! A real set on the disk, or a copy of it with corrected files.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_core::directory::{self, ReadOptions};
use migrate_core::{Diagnostic, Dialect, Direction, Level, Migration, MigrationSet};
use migrate_tests::corpora;

/// A set that was read from a copy of its directory, so that a test can correct scripts.
pub(crate) struct Corpus {
    pub(crate) set: MigrationSet,
    dialect: Dialect,
    ignore: Vec<String>,
    copy: tempfile::TempDir,
}

impl Corpus {
    /// Reads a set, for example `crates-io/migrations`; `None`, said on stderr, where it is not on
    /// this machine.
    pub(crate) fn find(name: &str, dialect: Dialect, ignore: &[&str]) -> Option<Self> {
        let dir = corpora::folder(name)?;
        let copy = tempfile::tempdir().unwrap();
        corpora::copy(&dir, copy.path());
        let mut corpus = Self {
            set: MigrationSet::new(dialect, Vec::new()).unwrap(),
            dialect,
            ignore: ignore.iter().map(|name| (*name).to_owned()).collect(),
            copy,
        };
        corpus.read();
        Some(corpus)
    }

    /// Reads the copy. Configurable rules may find something: real sets are like that.
    fn read(&mut self) {
        let options = ReadOptions {
            ignore: &self.ignore,
            ..ReadOptions::new(self.dialect)
        };
        let reading = directory::read(self.copy.path(), &options);
        let fatal = |d: &Diagnostic| d.level == Level::Error && !d.rule.configurable;
        assert!(
            !reading.diagnostics.iter().any(fatal),
            "{:#?}",
            reading.diagnostics
        );
        self.set = reading.set;
    }

    /// Replaces text in a script of the copy and reads the set again.
    pub(crate) fn correct(&mut self, file: &Path, wrong: &str, right: &str) {
        let text = fs::read_to_string(file).unwrap();
        assert!(text.contains(wrong), "{}: {text}", file.display());
        fs::write(file, text.replace(wrong, right)).unwrap();
        self.read();
    }
}

/// The file of a script.
pub(crate) fn file(migration: &Migration, direction: Direction) -> PathBuf {
    PathBuf::from(migration.script(direction).expect("a script").path.as_ref())
}
