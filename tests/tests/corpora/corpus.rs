//! A real set on the disk, or a copy of it with corrected files.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_core::directory::{self, ReadOptions};
use migrate_core::{Diagnostic, Dialect, Direction, Level, Migration, MigrationSet};
use migrate_tests::server::left_out;

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
        let root = std::env::var_os("MIGRATE_TEST_CORPORA").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"),
            PathBuf::from,
        );
        let dir = root.join(name);
        if !dir.is_dir() {
            missing(name);
            return None;
        }
        let copy = tempfile::tempdir().unwrap();
        copy_files(&dir, copy.path());
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

/// Says that a set is not here. The project does not need them, so in CI too that is no failure.
fn missing(name: &str) {
    let what = format!(
        "the real migrations of {name}: they are not in ../shared/corpora, and \
         MIGRATE_TEST_CORPORA names no folder that has them"
    );
    if std::env::var_os("CI").is_some_and(|ci| ci == "true") {
        eprintln!("left out: {what}");
    } else {
        left_out(&what);
    }
}

/// The file of a script.
pub(crate) fn file(migration: &Migration, direction: Direction) -> PathBuf {
    PathBuf::from(migration.script(direction).expect("a script").path.as_ref())
}

fn copy_files(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_files(&entry.path(), &target);
        } else {
            // `fs::copy` would copy a missing right to write along.
            fs::write(target, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}
