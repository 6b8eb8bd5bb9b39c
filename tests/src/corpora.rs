//! Real migration sets that may lie beside the repository. The project neither has nor needs them.

use std::path::{Path, PathBuf};

use crate::server::left_out;

/// The folder of a set, for example `crates-io/migrations`, in `../shared/corpora` or where
/// `MIGRATE_TEST_CORPORA` says; `None`, said on stderr, where it is not on this machine.
#[must_use]
pub fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MIGRATE_TEST_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"),
        PathBuf::from,
    );
    let dir = root.join(name);
    if dir.is_dir() {
        return Some(dir);
    }
    missing(name);
    None
}

/// Says that a set is not here. The project does not need them, so in CI too that is no failure.
#[expect(clippy::print_stderr, reason = "what is left out is said")]
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

/// Copies a folder with all that is in it; the copy can be written to.
///
/// # Panics
/// Where a file cannot be read or written.
pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            // `fs::copy` would copy a missing right to write along.
            std::fs::write(target, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}
