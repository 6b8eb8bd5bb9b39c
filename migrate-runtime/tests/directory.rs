//! A debug build notices that its migration directory has changed since it was compiled.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use std::fs;
use std::path::Path;

use diesel::{Connection, SqliteConnection, sqlite::Sqlite};
use migrate_core::plan::UpTarget;
use migrate_core::{Dialect, MigrationSet, head_digest, listing};
use migrate_runtime::{Embedded, EmbeddedDirectory, Event, Migrations, Observer, Settings};

/// What a program has inside that was compiled while the directory was as it is now.
fn compiled(dir: &Path) -> Migrations<Sqlite> {
    let entries = listing::list_paths(dir, &[]).unwrap().join("\0");
    Migrations::new(Box::leak(Box::new(Embedded {
        set: MigrationSet::empty(Dialect::Sqlite),
        head: head_digest([]),
        settings: Settings::DEFAULT,
        directory: Some(EmbeddedDirectory {
            path: dir.to_str().unwrap().to_owned().leak(),
            modified: listing::modified(dir),
            entries: entries.leak(),
            ignore: &[],
        }),
    })))
}

/// The differences that a run tells of.
fn noticed(migrations: Migrations<Sqlite>) -> Vec<String> {
    struct Listener(Vec<String>);
    impl Observer for Listener {
        fn event(&mut self, event: &Event<'_>) {
            if let Event::DirectoryChanged { difference, .. } = event {
                self.0.extend_from_slice(difference);
            }
        }
    }
    let mut listener = Listener(Vec::new());
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let mut migrator = migrations.migrator().observer(&mut listener);
    migrator.up(&mut conn, &UpTarget::Latest).unwrap();
    drop(migrator);
    listener.0
}

#[test]
fn added_renamed_and_removed_files_are_noticed() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    fs::write(dir.join("1_a.up.sql"), "").unwrap();
    let migrations = compiled(dir);
    assert!(noticed(migrations).is_empty());

    // Times of files may advance in steps of some milliseconds; a compiler takes longer.
    std::thread::sleep(std::time::Duration::from_millis(50));
    fs::write(dir.join("2_b.up.sql"), "").unwrap();
    assert_eq!(noticed(migrations), ["2_b.up.sql"]);

    fs::rename(dir.join("2_b.up.sql"), dir.join("3_b.up.sql")).unwrap();
    assert_eq!(noticed(migrations), ["3_b.up.sql"]);

    // As it was, but for the time of the directory.
    fs::remove_file(dir.join("3_b.up.sql")).unwrap();
    assert_ne!(listing::modified(dir), None);
    assert!(noticed(migrations).is_empty());

    fs::remove_file(dir.join("1_a.up.sql")).unwrap();
    assert_eq!(noticed(migrations), ["1_a.up.sql"]);
}
