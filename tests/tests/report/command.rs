//! `migrate report`.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::journal::Journal;
use crate::samples;

/// Runs the command where `migrate.toml` names a run's state directory.
fn migrate(run: Option<&Journal>, arguments: &[&str]) -> (TempDir, Output) {
    let project = tempfile::tempdir().expect("a directory");
    let state = match run {
        Some(run) => {
            run.record();
            run.directory().display().to_string()
        }
        None => ".migrate".to_owned(),
    };
    let text = format!("dialect = \"sqlite\"\n[run]\nstate = \"{state}\"\n");
    fs::write(project.path().join("migrate.toml"), text).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_migrate-command"))
        .arg("report")
        .args(arguments)
        .current_dir(project.path())
        .env_remove("DATABASE_URL")
        .output()
        .expect("a command that starts");
    (project, output)
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_newest_run_in_every_form() {
    let run = samples::failed();
    let (_dir, markdown) = migrate(Some(&run), &[]);
    assert!(stdout(&markdown).starts_with("# ❌ Failed: 5 of 12 migrations are applied"));
    let (_dir, html) = migrate(Some(&run), &["--html"]);
    assert!(stdout(&html).starts_with("<!doctype html>"));
    let (_dir, json) = migrate(Some(&run), &["20260301T220000Z-5ea1", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&json)).expect("JSON");
    assert_eq!(json["verdict"]["kind"], "failed");
    let (dir, written) = migrate(Some(&run), &["-o", "report.html"]);
    assert_eq!(stdout(&written), "");
    let page = fs::read_to_string(dir.path().join("report.html")).expect("a page");
    assert!(page.starts_with("<!doctype html>"));
}

#[test]
fn runs_are_listed() {
    let (_dir, list) = migrate(Some(&samples::killed()), &["--list"]);
    let list = stdout(&list);
    assert!(list.contains("20260301T220000Z-5ea1"), "{list}");
    assert!(list.contains("Interrupted"), "{list}");
    let (_dir, none) = migrate(None, &["--list"]);
    assert_eq!(stdout(&none), "");
}

#[test]
fn without_runs_there_is_no_report() {
    for arguments in [&[][..], &["20260301T220000Z-0000"]] {
        let (_dir, output) = migrate(None, arguments);
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            text.contains("there are no runs") || text.contains("there is no run"),
            "{text}"
        );
    }
}
