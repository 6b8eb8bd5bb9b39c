//! Real migration sets: no statement of theirs is called broken, but for one that is.
//!
//! They are no part of this project; without them the test says that it left them out.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::panic,
    reason = "a test"
)]

use std::path::{Path, PathBuf};

use migrate_core::{Dialect, split};
use migrate_sql::dialect::{self, Parsed};

fn corpora() -> Option<PathBuf> {
    let path = std::env::var_os("MIGRATE_TEST_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"),
        PathBuf::from,
    );
    path.is_dir().then_some(path)
}

fn scripts(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            scripts(&path, found);
        } else if path.extension().is_some_and(|it| it == "sql") {
            found.push(path);
        }
    }
}

#[test]
fn real_scripts_are_not_broken() {
    let Some(corpora) = corpora() else {
        eprintln!("left out: the real migration sets are not there");
        return;
    };
    let mut paths = Vec::new();
    scripts(&corpora.join("crates-io"), &mut paths);
    scripts(&corpora.join("authelia/postgres"), &mut paths);
    paths.sort();
    assert!(paths.len() > 500, "{} scripts", paths.len());
    let (mut statements, mut opaque) = (0, 0);
    let mut broken = Vec::new();
    let started = std::time::Instant::now();
    for path in &paths {
        let text = std::fs::read_to_string(path).expect("UTF-8");
        for statement in split(&text, Dialect::Postgres).statements {
            statements += 1;
            let piece = statement.text(&text);
            match dialect::parse(piece, statement.span.start, Dialect::Postgres) {
                Parsed::Broken(errors) => broken.push((path.clone(), errors)),
                Parsed::Changes(changes) => {
                    let unknown = changes
                        .iter()
                        .find(|it| matches!(it, migrate_sql::change::Change::Opaque(_)));
                    if let Some(unknown) = unknown {
                        opaque += 1;
                        if std::env::var_os("SHOW").is_some() {
                            let first: String = piece.chars().take(70).collect();
                            eprintln!("{first:?} {unknown:?}");
                        }
                    }
                }
            }
        }
    }
    eprintln!(
        "{statements} statements, {opaque} opaque, {:?}",
        started.elapsed()
    );
    let broken: Vec<String> = broken
        .iter()
        .map(|(path, errors)| format!("{}: {errors:?}", path.display()))
        .collect();
    assert_eq!(broken.len(), 1, "{broken:#?}");
    assert!(broken[0].contains("20170318181441"), "{broken:?}");
}
