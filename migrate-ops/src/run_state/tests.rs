use std::fs;

use migrate_core::{Direction, Version};

use super::*;
use crate::event::{Event, Listener};

fn about() -> About {
    About {
        database: "sqlite://app.db".to_owned(),
    }
}

fn directory() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/.migrate");
    (dir, path)
}

#[test]
fn one_run_at_a_time() {
    let (_dir, path) = directory();
    let first = RunState::create(&path, &about()).unwrap();
    let error = RunState::create(&path, &about()).unwrap_err();
    assert!(
        matches!(error, RunStateError::Busy { pid: Some(pid), .. } if pid == std::process::id()),
        "{error}"
    );
    let running = RunState::read(&path, first.id()).unwrap();
    let pid = Some(std::process::id());
    assert_eq!(running.standing().unwrap(), Standing::Running { pid });
    drop(first);
    assert_eq!(running.standing().unwrap(), Standing::Interrupted);
    let _second = RunState::create(&path, &about()).unwrap();
    assert_eq!(running.standing().unwrap(), Standing::Interrupted);
    assert_eq!(RunState::list(&path).unwrap().len(), 2);
}

#[test]
fn where_a_run_was() {
    let (_dir, path) = directory();
    let mut state = RunState::create(&path, &about()).unwrap();
    let mut told = 0;
    let mut listener = |_: &Event<'_>| told += 1;
    let mut recorder = Recorder::new(&mut state, &mut listener);
    recorder.event(&Event::Started(Step::Apply));
    let version: Version = Version::parse("3").unwrap();
    let mut migration = |event: &migrate_runtime::Event<'_>| {
        recorder.event(&Event::Migration {
            step: Step::Apply,
            event,
        });
    };
    migration(&migrate_runtime::Event::MigrationStarted {
        version: &version,
        name: "orders",
        direction: Direction::Up,
        statements: 2,
        transaction: false,
        position: 1,
        of: 1,
    });
    for index in 0..2 {
        migration(&migrate_runtime::Event::StatementStarted {
            index,
            of: 2,
            sql: "INSERT INTO secrets VALUES ('hunter2')",
            line: 7 + index,
        });
        if index == 0 {
            migration(&migrate_runtime::Event::StatementFinished {
                index,
                of: 2,
                duration: std::time::Duration::from_millis(1500),
            });
        }
    }
    recorder.finish().unwrap();
    drop(state);
    assert_eq!(told, 5);

    let record = RunState::latest(&path).unwrap().unwrap();
    let at = record.position();
    assert_eq!(at.step, Some(Step::Apply));
    let said = "apply, 3_orders on its way up, statement 2 of 2 (line 8) begun";
    assert_eq!(at.to_string(), said);
    assert_eq!(record.database(), Some("sqlite://app.db"));
    let script = at.script.unwrap();
    assert_eq!((script.version.as_str(), script.transaction), ("3", false));
    let expected = StatementPosition {
        statement: 2,
        line: 8,
        done: false,
    };
    assert_eq!(script.statement, Some(expected));
    let text = fs::read_to_string(record.folder().join("run.jsonl")).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains(r#""duration_seconds":1.5"#), "{text}");
}

#[test]
fn a_line_that_a_crash_cut_off() {
    let (_dir, path) = directory();
    let mut state = RunState::create(&path, &about()).unwrap();
    state.step_started(Step::Backup).unwrap();
    let (id, journal) = (state.id().clone(), state.folder().join("run.jsonl"));
    drop(state);
    let mut bytes = fs::read(&journal).unwrap();
    bytes.extend_from_slice(br#"{"time":"2026-03-01T12:3"#);
    fs::write(&journal, bytes).unwrap();

    let mut state = RunState::open(&path, &id).unwrap();
    state.step_finished(Step::Backup, "done").unwrap();
    state
        .finished(Outcome::Succeeded, "all is well", None)
        .unwrap();
    drop(state);
    let record = RunState::read(&path, &id).unwrap();
    assert_eq!((record.broken_lines, record.entries.len()), (1, 5));
    assert_eq!(record.position(), Position::default());
    let standing = record.standing().unwrap();
    assert_eq!(standing, Standing::Finished(Outcome::Succeeded));
}

#[test]
fn evidence_is_whole_or_not_there() {
    let (_dir, path) = directory();
    let mut state = RunState::create(&path, &about()).unwrap();
    let file = state.evidence(Step::Plan, "plan", &vec![1, 2]).unwrap();
    state.evidence(Step::Plan, "plan", &vec![3]).unwrap();
    let record = RunState::read(&path, state.id()).unwrap();
    assert_eq!(record.evidence::<Vec<u8>>("plan").unwrap(), Some(vec![3]));
    assert_eq!(record.evidence::<Vec<u8>>("backup").unwrap(), None);
    assert!(record.evidence::<String>("plan").is_err());
    let names: Vec<_> = fs::read_dir(state.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(state.folder()), 0o700);
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join("run.lock")), 0o600);
    }
}

#[test]
fn a_newer_version_may_write_more() {
    let (_dir, path) = directory();
    let state = RunState::create(&path, &about()).unwrap();
    let journal = state.folder().join("run.jsonl");
    let line = r#"{"time":"2026-03-01T12:34:56.000Z","event":"teleported","to":"mars"}"#;
    let text = fs::read_to_string(&journal).unwrap() + line + "\n";
    fs::write(&journal, text).unwrap();
    let record = RunState::read(&path, state.id()).unwrap();
    assert_eq!(record.broken_lines, 0);
    assert_eq!(record.entries.last().unwrap().what, What::Unknown);
}

#[test]
fn ids() {
    assert!("20260301T123456Z-9f3a".parse::<RunId>().is_ok());
    for bad in [
        "",
        "../etc",
        "20260301T123456Z-9f3",
        "20260301T123456Z-9fzz",
    ] {
        assert!(bad.parse::<RunId>().is_err(), "{bad}");
    }
}
