//! Real migration sets, where they are at hand: read without a false finding, in the right order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::path::PathBuf;

use migrate_core::directory::{ReadOptions, Reading, read};
use migrate_core::{Dialect, Layout};

/// The set, or `None` where there is none on this machine.
fn corpus(path: &str) -> Option<PathBuf> {
    let dir =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora")).join(path);
    if !dir.is_dir() {
        eprintln!("left out: {} is not here", dir.display());
    }
    dir.is_dir().then_some(dir)
}

fn read_as(dir: &std::path::Path, dialect: Dialect, ignore: &[&str]) -> Reading {
    let ignore: Vec<String> = ignore.iter().map(|name| name.to_string()).collect();
    let options = ReadOptions {
        ignore: &ignore,
        shown_as: Some(""),
        ..ReadOptions::new(dialect)
    };
    read(dir, &options)
}

/// `code path:line` of every finding.
fn findings(reading: &Reading) -> Vec<String> {
    let mut all: Vec<String> = reading
        .diagnostics
        .iter()
        .map(|finding| {
            let place = match finding.labels.first() {
                Some(label) => {
                    let (line, _) = migrate_core::line_column(&label.source.text, label.span.start);
                    format!("{}:{line}", label.source.path)
                }
                None => finding.path.clone().unwrap_or_default(),
            };
            format!("{} {place}", finding.rule.code)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn crates_io() {
    let Some(dir) = corpus("crates-io/migrations") else {
        return;
    };
    let reading = read_as(&dir, Dialect::Postgres, &["data_oauth_github.sql"]);
    assert_eq!(reading.layout, Some(Layout::Directories));
    assert_eq!(reading.set.migrations().len(), 285);
    let versions: Vec<&str> = reading
        .set
        .migrations()
        .iter()
        .map(|migration| migration.version.as_str())
        .collect();
    // Dashed and plain spellings take turns, and the newest are longer numbers than the rest.
    let position = |version: &str| versions.iter().position(|v| *v == version).unwrap();
    assert_eq!(versions[0], "00000000000000");
    assert!(position("20170926200549") < position("20171006234455"));
    assert!(position("20170728002039") < position("20170926200549"));
    assert_eq!(versions.last(), Some(&"202607301400000000"));
    let no_transaction = reading
        .set
        .migrations()
        .iter()
        .filter(|migration| !migration.up.transaction)
        .count();
    assert_eq!(no_transaction, 7);

    let (empty, rest): (Vec<String>, Vec<String>) = findings(&reading)
        .into_iter()
        .partition(|finding| finding.starts_with("empty-script "));
    assert!(empty.len() == 9 && empty.iter().all(|finding| finding.ends_with("/down.sql")));
    // A fault of their own: two indexes are built concurrently in a transactional down script.
    assert_eq!(
        rest,
        [
            "not-in-transaction 2024-04-12-144536_remove-downloads-column/down.sql:4",
            "not-in-transaction 2024-04-12-144536_remove-downloads-column/down.sql:7",
        ]
    );
}

#[test]
fn a_file_that_is_no_migration_is_found() {
    let Some(dir) = corpus("crates-io/migrations") else {
        return;
    };
    let reading = read_as(
        &dir,
        Dialect::Postgres,
        &["2024-04-12-144536_remove-downloads-column"],
    );
    let errors: Vec<String> = findings(&reading)
        .into_iter()
        .filter(|f| !f.starts_with("empty-script"))
        .collect();
    assert_eq!(errors, ["unknown-file data_oauth_github.sql"]);
}

#[test]
fn authelia() {
    for (name, dialect) in [
        ("postgres", Dialect::Postgres),
        ("mysql", Dialect::Mysql),
        ("sqlite", Dialect::Sqlite),
    ] {
        let Some(dir) = corpus(&format!("authelia/{name}")) else {
            return;
        };
        let reading = read_as(&dir, dialect, &[]);
        assert_eq!(reading.layout, Some(Layout::Pairs));
        assert_eq!(reading.set.migrations().len(), 26);
        let findings = findings(&reading);
        assert!(
            findings.iter().all(|f| f.starts_with("empty-script ")),
            "{findings:#?}"
        );
    }
}
