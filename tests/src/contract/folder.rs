use std::fs;
use std::path::Path;

use migrate_core::directory::{self, ReadOptions};
use migrate_core::{Dialect, MigrationSet};

use crate::server::Engine;

/// A temporary folder of migrations.
#[derive(Debug)]
pub struct Folder {
    folder: tempfile::TempDir,
    dialect: Dialect,
}

impl Folder {
    /// An empty folder.
    ///
    /// # Panics
    /// Where none can be made.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Folder {
            folder: tempfile::tempdir().expect("a temporary folder"),
            dialect: dialect(engine),
        }
    }

    /// Adds a file, with the folders that it is in, or replaces it.
    #[must_use]
    pub fn with(self, file: &str, sql: &str) -> Self {
        self.write(file, sql);
        self
    }

    /// Adds a file, with the folders that it is in, or replaces it.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn write(&self, file: &str, sql: &str) {
        let path = self.path().join(file);
        let parent = path.parent().expect("a folder");
        fs::create_dir_all(parent).expect("room for a folder");
        fs::write(path, sql).expect("room for a file");
    }

    /// Removes a file.
    ///
    /// # Panics
    /// Where it is not there.
    pub fn remove(&self, file: &str) {
        fs::remove_file(self.path().join(file)).expect("the file");
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Reads it.
    ///
    /// # Panics
    /// With what is wrong, where a migration cannot be read.
    #[must_use]
    pub fn set(&self) -> MigrationSet {
        read(self.path(), self.dialect)
    }
}

/// The dialect of an engine's scripts.
pub(super) fn dialect(engine: Engine) -> Dialect {
    match engine {
        Engine::Postgres => Dialect::Postgres,
        Engine::Mariadb => Dialect::Mysql,
        Engine::Sqlite => Dialect::Sqlite,
    }
}

fn read(path: &Path, dialect: Dialect) -> MigrationSet {
    let reading = directory::read(path, &ReadOptions::new(dialect));
    assert!(reading.unreadable.is_empty(), "{:#?}", reading.diagnostics);
    reading.set
}

impl Engine {
    /// Reads a folder of migrations for this engine.
    ///
    /// # Panics
    /// With what is wrong, where a migration cannot be read.
    #[must_use]
    pub fn read_folder(self, path: &Path) -> MigrationSet {
        read(path, dialect(self))
    }
}
