//! Reading a project: any names and any contents in its migration directory, any `migrate.toml`.
//!
//! An input is a text of entries, each begun by a line `=== file <path>` or `=== link <path> <target>`;
//! the lines up to the next are the file's content. The first line names the dialect.

#![no_main]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use migrate_core::config::{Config, SetConfig};
use migrate_core::lockfile::{self, LockFile};
use migrate_core::project::{self, Loaded};
use migrate_core::{Color, Diagnostic, Dialect, Level, listing, render};

fuzz_target!(|data: &[u8]| -> Corpus {
    let (first, rest) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => data.split_at(end),
        None => return Corpus::Reject,
    };
    let Some(dialect) = std::str::from_utf8(first)
        .ok()
        .and_then(|name| name.parse().ok())
    else {
        return Corpus::Reject;
    };
    let root = root();
    let _ = fs::remove_dir_all(root);
    fs::create_dir_all(root.join("migrations")).expect("a temporary directory");
    lay_out(root, rest);
    match config(root, dialect) {
        Ok(config) => check(&config),
        Err(findings) => shown(&findings),
    }
    Corpus::Keep
});

/// One directory for all inputs of this process.
fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| std::env::temp_dir().join(format!("migrate-fuzz-{}", std::process::id())))
}

/// Writes the entries. One that the system refuses, such as a file in a file, is not there.
fn lay_out(root: &Path, text: &[u8]) {
    const MARK: &[u8] = b"\n=== ";
    let mut rest = text;
    while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK) {
        let entry = &rest[at + MARK.len()..];
        let end = entry.windows(MARK.len()).position(|window| window == MARK);
        let (entry, next) = entry.split_at(end.unwrap_or(entry.len()));
        rest = next;
        let line_end = entry
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(entry.len());
        let (line, content) = entry.split_at(line_end);
        let content = content.strip_prefix(b"\n").unwrap_or(content);
        if let Some(path) = line.strip_prefix(b"file ") {
            if let Some(path) = inside(root, path) {
                let _ = fs::create_dir_all(path.parent().expect("a parent"));
                let _ = fs::write(path, content);
            }
        } else if let Some(link) = line.strip_prefix(b"link ") {
            let mut parts = link.splitn(2, |byte| *byte == b' ');
            if let (Some(path), Some(target)) = (parts.next(), parts.next())
                && let Some(path) = inside(root, path)
                && inside(root, target).is_some()
            {
                let _ = fs::create_dir_all(path.parent().expect("a parent"));
                let _ = symlink(OsStr::from_bytes(target), path);
            }
        }
    }
}

/// The path below the root; `None` where it would lead out.
fn inside(root: &Path, path: &[u8]) -> Option<PathBuf> {
    let path = Path::new(OsStr::from_bytes(path));
    let normal = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let named = path.file_name().is_some() && !path.as_os_str().as_bytes().contains(&0);
    (normal && named).then(|| root.join(path))
}

fn config(root: &Path, dialect: Dialect) -> Result<SetConfig, Vec<Diagnostic>> {
    let mut config = Config::of_crate(root)?.top();
    config.dialect.get_or_insert(dialect);
    // Wherever it says that the migrations are, these are read.
    config.dir = root.join("migrations");
    Ok(config)
}

fn check(config: &SetConfig) {
    let loaded = project::load(config).expect("the dialect is known");
    shown(&loaded.diagnostics);
    let again = project::load(config).expect("the dialect is known");
    assert_eq!(summary(&loaded), summary(&again), "two readings differ");

    let migrations = loaded.set.migrations();
    let ordered = migrations
        .windows(2)
        .all(|pair| pair[0].version < pair[1].version);
    assert!(ordered, "versions are unordered or not unique");
    if let Ok(paths) = listing::list_paths(&config.dir, &config.ignore) {
        assert_eq!(paths, loaded.entries);
    }
    if !loaded.has_errors() && config.levels.iter().next().is_none() {
        nothing_is_passed_over(config, &loaded);
    }
    lock_file_survives(&loaded);
}

/// Without an error and with every rule at its own level, every file is part of a migration.
fn nothing_is_passed_over(config: &SetConfig, loaded: &Loaded) {
    for entry in &loaded.entries {
        let read = loaded.files.contains(&config.dir.join(entry));
        assert!(
            read || entry.ends_with("/verify.sql"),
            "{entry} was passed over"
        );
    }
}

/// A lock file made of the set is read back as it is, and vouches for all of it.
fn lock_file_survives(loaded: &Loaded) {
    let made = lockfile::update(None, &loaded.set, loaded.basis, &[]).expect("nothing to refuse");
    let read = LockFile::parse(&made.lock.render()).expect("a lock file that was just made");
    assert_eq!(read.render(), made.lock.render());
    for migration in loaded.set.migrations() {
        assert!(
            read.vouches_for(migration),
            "{migration} is not vouched for"
        );
    }
}

/// Every finding can be shown, points to characters that exist, and says nothing that a terminal
/// would obey.
fn shown(findings: &[Diagnostic]) {
    for finding in findings {
        for label in &finding.labels {
            let within = label.source.text.get(label.span.clone());
            assert!(within.is_some(), "{finding:?} points nowhere");
        }
        assert!(finding.level != Level::Off);
        let text = render(finding, Color::Never);
        let obeyed = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(obeyed, None, "{text}");
    }
}

fn summary(loaded: &Loaded) -> Vec<String> {
    let migrations = loaded.set.migrations().iter();
    let migrations = migrations.map(|m| format!("{m} {} {:?}", m.up.checksum, m.down));
    let findings = loaded
        .diagnostics
        .iter()
        .map(|finding| render(finding, Color::Never));
    migrations.chain(findings).collect()
}
