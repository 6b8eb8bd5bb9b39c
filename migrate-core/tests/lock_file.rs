//! The lock file: text, conflicts, updates, and what it vouches for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use migrate_core::config::{Config, SetConfig};
use migrate_core::lockfile::{
    Basis, CHECKER, Change, Conflict, FrozenDown, Line, LineState, LockError, LockFile, resolve,
    update,
};
use migrate_core::project::{Loaded, load};
use migrate_core::{Checksum, Color, Dialect, Hasher, Level, Version, render_all};
use proptest::prelude::*;

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn sum(text: &str) -> Checksum {
    Hasher::new().part(text.as_bytes()).checksum()
}

fn basis() -> Basis {
    Basis {
        checker: CHECKER,
        dialect: Dialect::Sqlite,
        configuration: sum("configuration"),
    }
}

fn frozen(digits: &str, name: &str, up: &str, down: FrozenDown) -> Line {
    let state = LineState::Frozen { up: sum(up), down };
    Line {
        version: version(digits),
        name: name.into(),
        state,
    }
}

fn sample() -> LockFile {
    LockFile::new(
        basis(),
        vec![
            frozen("20260103", "c d", "c", FrozenDown::Irreversible),
            frozen("20260101", "a", "a", FrozenDown::Script(sum("a down"))),
            Line::draft(version("20260104"), "e"),
            frozen("20260102", "b", "b", FrozenDown::Missing),
        ],
    )
}

#[test]
fn the_text() {
    insta::assert_snapshot!(sample().render());
    assert_eq!(LockFile::parse(&sample().render()), Ok(sample()));
    let windows = format!("\u{feff}{}", sample().render().replace('\n', "\r\n"));
    assert_eq!(LockFile::parse(&windows), Ok(sample()));
}

#[test]
fn any_changed_byte_is_found() {
    let text = sample().render();
    for (at, c) in text
        .char_indices()
        .filter(|(_, c)| c.is_ascii_alphanumeric())
    {
        let other = if c == '1' { '2' } else { '1' };
        let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        // The comment is the only thing that may differ.
        let in_comment = text[..at].matches('\n').count() == 1;
        assert_eq!(LockFile::parse(&changed).is_ok(), in_comment, "{changed}");
    }
    let one_line_less = text.replacen(&format!("{}\n", sample().lines()[1]), "", 1);
    let Err(LockError::Altered(lock)) = LockFile::parse(&one_line_less) else {
        panic!()
    };
    assert_eq!(lock.lines().len(), 3);
}

#[test]
fn texts_that_are_no_lock_file() {
    let good = sample().render();
    let head = good.lines().next().unwrap();
    let line = sample().lines()[0].to_string();
    for (text, expected) in [
        (String::new(), "the lock file has no head line"),
        (line.clone(), "the lock file has no head line"),
        (
            "migrate-lock 1".into(),
            "the head line cannot be understood",
        ),
        (
            good.replace("migrate-lock 1 ", "migrate-lock 2 "),
            "the lock file has format 2, and this version reads format 1; use the version that wrote it, or a newer one",
        ),
        (
            good.replace("dialect sqlite", "dialect oracle"),
            "unknown dialect `oracle`; known are postgres, mysql (also for MariaDB) and sqlite",
        ),
        (format!("{head}\n{head}\n"), "a second head line"),
        (
            format!("{head}\n{line}\n{line}\n"),
            "version 20260101 has two lines",
        ),
        (format!("{head}\n20260101\n"), "the line has no state"),
        (
            format!("{head}\n20260101 frozen x - a\n"),
            "`x` is not a checksum",
        ),
        (
            format!("{head}\n20260101 melted - - a\n"),
            "`melted` is neither draft nor frozen",
        ),
        (
            format!("{head}\n20260101 draft x - a\n"),
            "a draft has no checksums",
        ),
        (
            format!("{head}\nx draft - - a\n"),
            "`x` is not a version; use digits, or a date with dashes, as in `20260131120000` or `2026-01-31-120000`",
        ),
        (
            format!("{head}\n1 draft - - \\n\n"),
            "`\\n` is not an escape",
        ),
        (
            format!("{head}\n1 draft - - \\u{{d800}}\n"),
            "`\\u{d800}` is not an escape",
        ),
        (
            format!("<<<<<<< ours\n{good}"),
            "the conflict markers do not match each other",
        ),
        (
            format!("{good}=======\n"),
            "the conflict markers do not match each other",
        ),
    ] {
        assert_eq!(
            LockFile::parse(&text).unwrap_err().to_string(),
            expected,
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn any_lock_file_comes_back(
        rows in prop::collection::vec(("[0-9]{1,20}", any::<String>(), 0u8..4, any::<[u8; 32]>()), 0..8)
    ) {
        let line = |(digits, name, state, bytes): (String, String, u8, [u8; 32])| {
            let up = Checksum::from_bytes(bytes);
            let state = match state {
                0 => LineState::Draft,
                1 => LineState::Frozen { up, down: FrozenDown::Missing },
                2 => LineState::Frozen { up, down: FrozenDown::Irreversible },
                _ => LineState::Frozen { up, down: FrozenDown::Script(up) },
            };
            Line { version: version(&digits), name, state }
        };
        let lock = LockFile::new(basis(), rows.into_iter().map(line).collect());
        let text = lock.render();
        prop_assert_eq!(text.lines().count(), lock.lines().len() + 2);
        prop_assert_eq!(LockFile::parse(&text), Ok(lock));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[migrate\\-lock0-9 <=>|\\\\u{}\n]{0,80}") {
        let _ = LockFile::parse(&text);
    }
}

/// A conflict as git writes it where both sides added a line.
fn conflicted(base: Option<&str>) -> String {
    let (ours, theirs) = (two("a", "ours"), two("b", "theirs"));
    let common = "# a comment that did not change";
    let base = base
        .map(|base| format!("||||||| 1234567\n{base}\n"))
        .unwrap_or_default();
    let (our_head, our_lines) = ours.split_once('\n').unwrap();
    let (their_head, their_lines) = theirs.split_once('\n').unwrap();
    format!(
        "<<<<<<< HEAD\n{our_head}\n{base}=======\n{their_head}\n>>>>>>> branch\n{common}\n<<<<<<< HEAD\n{our_lines}{base}=======\n{their_lines}>>>>>>> branch\n"
    )
}

/// A lock file with a migration that both sides know, and one of its own.
fn two(name: &str, up: &str) -> String {
    let digits = if name == "a" { "2" } else { "3" };
    let lines = vec![
        frozen("1", "first", "first", FrozenDown::Missing),
        frozen(digits, name, up, FrozenDown::Missing),
    ];
    LockFile::new(basis(), lines).render()
}

#[test]
fn conflicts_have_two_sides() {
    for text in [
        conflicted(None),
        conflicted(Some("something older")),
        conflicted(None).replace('\n', "\r\n"),
    ] {
        let Err(LockError::Conflict(conflict)) = LockFile::parse(&text) else {
            panic!("{text}")
        };
        let names = |lines: &[Line]| {
            lines
                .iter()
                .map(|line| line.name.clone())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(names(&conflict.ours), "first a");
        assert_eq!(names(&conflict.theirs), "first b");
        assert_eq!(names(&resolve(&conflict, &[]).unwrap()), "first a b");
    }
}

#[test]
fn only_different_up_scripts_are_asked_about() {
    let ours = vec![
        Line::draft(version("1"), "a"),
        frozen("2", "b", "b", FrozenDown::Missing),
        frozen("3", "c", "c", FrozenDown::Script(sum("ours"))),
        frozen("4", "d", "ours", FrozenDown::Missing),
        frozen("5", "e", "e", FrozenDown::Missing),
    ];
    let theirs = vec![
        frozen("1", "a", "a", FrozenDown::Missing),
        Line::draft(version("2"), "b"),
        frozen("3", "c", "c", FrozenDown::Script(sum("theirs"))),
        frozen("4", "d2", "theirs", FrozenDown::Missing),
        frozen("5", "e", "e", FrozenDown::Missing),
    ];
    let conflict = Conflict {
        marker: 0..0,
        ours,
        theirs,
    };
    let disagreements = resolve(&conflict, &[]).unwrap_err();
    assert_eq!(disagreements.len(), 1);
    assert_eq!(
        disagreements[0].to_string(),
        "the two sides of the merge froze different up scripts for version 4 (d and d2); name the version to freeze the file as it is now"
    );
    let lines = resolve(&conflict, &[version("4")]).unwrap();
    let drafts: Vec<bool> = lines
        .iter()
        .map(|line| line.state == LineState::Draft)
        .collect();
    assert_eq!(drafts, [false, false, true, true, false]);
}

/// A project on disk.
struct Project {
    dir: tempfile::TempDir,
    config: SetConfig,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("migrations")).unwrap();
        let mut config = Config::defaults(dir.path()).set(None).unwrap();
        config.dialect = Some(Dialect::Sqlite);
        let project = Project { dir, config };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join("migrations").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn load(&self) -> Loaded {
        load(&self.config).unwrap()
    }

    fn findings(&self) -> String {
        render_all(&self.load().diagnostics, Color::Never)
    }

    /// What `migrate lock` does; the refusals where it refuses.
    fn lock(&self, named: &[&str]) -> Result<Vec<Change>, String> {
        let loaded = self.load();
        let named: Vec<Version> = named.iter().map(|text| version(text)).collect();
        let lock = match loaded.lock {
            Some(Ok(lock)) | Some(Err(LockError::Altered(lock))) => Some(lock),
            _ => None,
        };
        let update =
            update(lock.as_ref(), &loaded.set, loaded.basis, &named).map_err(|refusals| {
                refusals
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n")
            })?;
        update.lock.write(&loaded.lock_path).unwrap();
        Ok(update.changes)
    }
}

const DIRECTORY: [(&str, &str); 4] = [
    ("1_a/up.sql", "CREATE TABLE a (b int);\n"),
    ("1_a/down.sql", "DROP TABLE a;\n"),
    ("2_b/up.sql", "CREATE TABLE b (b int);\n"),
    ("2_b/down.sql", ""),
];

#[test]
fn what_is_frozen_is_not_warned_about_again() {
    let mut project = Project::new(&DIRECTORY);
    assert!(project.findings().contains("empty-script"));
    let changes = project.lock(&[]).unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(project.findings(), "");
    assert_eq!(project.lock(&[]).unwrap(), []);
    // Another configuration is another basis, so everything is looked at again.
    project
        .config
        .levels
        .set("empty-script", Level::Info)
        .unwrap();
    assert!(project.findings().contains("info[empty-script]"));
    assert_eq!(project.lock(&[]).unwrap(), []);
    assert_eq!(project.findings(), "");
    // White space, comments and line ends are no edits.
    project.write(
        "1_a/up.sql",
        "-- A licence.\r\nCREATE TABLE a (b int) ;\r\n",
    );
    assert_eq!(project.findings(), "");
}

#[test]
fn the_files_differ_from_the_lock_file() {
    let project = Project::new(&DIRECTORY);
    project.lock(&[]).unwrap();
    let mut text = String::new();
    let mut shown = |title: &str, project: &Project| {
        text += &format!("# {title}\n{}\n", project.findings());
    };
    project.write("1_a/up.sql", "CREATE TABLE a (c int);\n");
    shown("edited up", &project);
    project.write("1_a/up.sql", DIRECTORY[0].1);
    project.write("1_a/down.sql", "DROP TABLE IF EXISTS a;\n");
    shown("edited down", &project);
    fs::remove_file(project.path("1_a/down.sql")).unwrap();
    shown("down gone", &project);
    project.write("1_a/down.sql", "-- migrate:irreversible who needs it\n");
    shown("down declared irreversible", &project);
    project.write("1_a/down.sql", DIRECTORY[1].1);
    project.write("1_a/metadata.toml", "run_in_transaction = false\n");
    shown("transaction switched off", &project);
    fs::remove_file(project.path("1_a/metadata.toml")).unwrap();
    fs::rename(project.path("1_a"), project.path("1_renamed")).unwrap();
    shown("renamed", &project);
    fs::rename(project.path("1_renamed"), project.path("3_a")).unwrap();
    shown("another version", &project);
    fs::remove_dir_all(project.path("3_a")).unwrap();
    shown("gone", &project);
    project.write("1_a/up.sql", "SELECT '");
    shown("unreadable statements", &project);
    fs::write(project.path("1_a/up.sql"), b"\xff").unwrap();
    shown("there, but not UTF-8", &project);
    insta::assert_snapshot!(text);
}

#[test]
fn the_lock_file_itself_is_broken() {
    let project = Project::new(&DIRECTORY[..2]);
    project.lock(&[]).unwrap();
    let good = fs::read_to_string(project.path("migrate.lock")).unwrap();
    let mut text = String::new();
    for (title, lock) in [
        ("edited by hand", good.replace(" a\n", " b\n")),
        ("a broken line", good.replace("1 frozen", "1 frosted")),
        (
            "a merge conflict",
            format!("<<<<<<< HEAD\n{good}=======\n{good}>>>>>>> branch\n"),
        ),
        ("empty", String::new()),
    ] {
        project.write("migrate.lock", &lock);
        text += &format!("# {title}\n{}\n", project.findings());
    }
    insta::assert_snapshot!(text);
    // A lock file that was edited by hand vouches for nothing, and can be written anew.
    project.write("migrate.lock", &good.replace(" a\n", " b\n"));
    assert!(matches!(
        project.lock(&[]).unwrap().as_slice(),
        [Change::Renamed(_)]
    ));
    assert_eq!(
        fs::read_to_string(project.path("migrate.lock")).unwrap(),
        good
    );
}

#[test]
fn drafts_may_change() {
    let mut project = Project::new(&DIRECTORY);
    project.lock(&[]).unwrap();
    project.write("3_c/up.sql", "CREATE TABLE c (b int);\n");
    project.write("3_c/down.sql", "DROP TABLE c;\n");
    assert!(
        project
            .findings()
            .contains("error[not-locked]: migration `3_c` is not in migrate.lock")
    );
    let loaded = project.load();
    let mut lock = loaded.lock.unwrap().unwrap();
    lock.add_draft(version("3"), "c");
    lock.add_draft(version("1"), "another name");
    lock.write(&loaded.lock_path).unwrap();
    assert_eq!(project.findings(), "");
    project.write("3_c/up.sql", "");
    // It is checked in full all the time.
    assert!(project.findings().contains("warning[empty-script]"));
    project.write("3_c/up.sql", "CREATE TABLE c (d int);\n");
    project.config.levels.set("draft", Level::Error).unwrap();
    assert!(
        project
            .findings()
            .contains("error[draft]: migration `3_c` is a draft in migrate.lock")
    );
    assert!(
        matches!(project.lock(&[]).unwrap().as_slice(), [Change::Frozen(line)] if line.name == "c")
    );
    assert_eq!(project.findings(), "");
}

#[test]
fn freezing_again_takes_the_version() {
    let project = Project::new(&DIRECTORY);
    project.lock(&[]).unwrap();
    let before = fs::read_to_string(project.path("migrate.lock")).unwrap();
    project.write("1_a/up.sql", "CREATE TABLE a (c int);\n");
    fs::remove_dir_all(project.path("2_b")).unwrap();
    assert_eq!(
        project.lock(&["7"]).unwrap_err(),
        "there is no migration 7\n\
         the up script of 1_a was changed after it was frozen; put it back and write the change as a new migration, or name the version to freeze it as it is now, if it was never applied anywhere that matters\n\
         the files of the frozen migration 2_b are gone; restore them, or name the version to drop it from the lock file"
    );
    assert_eq!(
        fs::read_to_string(project.path("migrate.lock")).unwrap(),
        before
    );
    let changes = project.lock(&["1", "2"]).unwrap();
    assert!(
        matches!(changes.as_slice(), [Change::Refrozen(a), Change::Removed(b)] if a.name == "a" && b.name == "b")
    );
    // A down script may be repaired without naming it.
    project.write("1_a/down.sql", "DROP TABLE IF EXISTS a;\n");
    assert!(matches!(
        project.lock(&[]).unwrap().as_slice(),
        [Change::Refrozen(_)]
    ));
    // A draft without files is dropped without naming it.
    let loaded = project.load();
    let mut lock = loaded.lock.unwrap().unwrap();
    lock.add_draft(version("9"), "never written");
    lock.write(&loaded.lock_path).unwrap();
    assert!(project.findings().contains("error[lock-without-file]"));
    assert!(matches!(
        project.lock(&[]).unwrap().as_slice(),
        [Change::Removed(_)]
    ));
}

#[cfg(unix)]
#[test]
fn writing_keeps_permissions_links_and_the_old_file() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    sample().write(&real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real", &link).unwrap();
    LockFile::new(basis(), vec![]).write(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert_eq!(
        LockFile::parse(&fs::read_to_string(&real).unwrap())
            .unwrap()
            .lines(),
        []
    );
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(
        sample()
            .write(Path::new("/nowhere/at/all/migrate.lock"))
            .is_err()
    );
}

#[test]
fn a_thousand_frozen_migrations_load_fast() {
    let project = Project::new(&[]);
    for n in 1..=1000 {
        project.write(
            &format!("{n}_m/up.sql"),
            &format!("CREATE TABLE t{n} (a int);\nINSERT INTO t{n} VALUES (1);\n"),
        );
        project.write(&format!("{n}_m/down.sql"), &format!("DROP TABLE t{n};\n"));
    }
    project.lock(&[]).unwrap();
    let start = std::time::Instant::now();
    let loaded = project.load();
    assert_eq!(
        (loaded.set.migrations().len(), loaded.diagnostics.len()),
        (1000, 0)
    );
    // Well under a second in a debug build; the bound leaves room for a busy machine.
    assert!(
        start.elapsed() < std::time::Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}
