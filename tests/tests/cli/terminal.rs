//! What is different on a terminal.

use std::io::Write;
use std::process::{Command, Stdio};

use migrate_tests::server::left_out;

use super::command::{Project, Ran};

/// Runs the command on a terminal of its own, where `keys` are typed. What it says arrives as
/// stdout. `None` where there is no program that makes a terminal.
fn on_terminal(
    project: &Project,
    line: &str,
    keys: &str,
    environment: &[(&str, &str)],
) -> Option<Ran> {
    if Command::new("script").arg("--version").output().is_err() {
        left_out("the command on a terminal: the program script was not found");
        return None;
    }
    let command = project.command(line);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_str().unwrap()).collect();
    let mut script = Command::new("script");
    script
        .args([
            "--quiet",
            "--return",
            "--command",
            &words.join(" "),
            "/dev/null",
        ])
        .current_dir(project.path())
        .env("DATABASE_URL", "sqlite://app.db")
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped());
    let mut child = project.start(&mut script);
    child
        .stdin
        .take()
        .unwrap()
        .write_all(keys.as_bytes())
        .unwrap();
    Some(child.wait_with_output().unwrap().into())
}

#[test]
fn more_than_one_is_asked_about() {
    for (keys, code, left) in [("n\n", 2, 2), ("\n", 2, 2), ("y\n", 0, 0), ("yes\n", 0, 0)] {
        let project = Project::bookshop();
        project.done("up");
        let Some(ran) = on_terminal(&project, "down --all", keys, &[]) else {
            return;
        };
        assert_eq!(ran.code, Some(code), "{keys:?}: {}", ran.stdout);
        let question = "this reverts 2 migrations: 2_books, 1_authors. Go on? [y/N]";
        assert!(ran.stdout.contains(question), "{}", ran.stdout);
        assert_eq!(
            project.done("status").stdout.matches(" applied ").count() - 1,
            left
        );
    }
}

#[test]
fn dropping_is_asked_about() {
    let project = Project::bookshop();
    project.done("up");
    let Some(ran) = on_terminal(&project, "database drop", "n\n", &[]) else {
        return;
    };
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stdout.contains("drops the database sqlite://app.db"),
        "{}",
        ran.stdout
    );
    assert!(project.join("app.db").exists());
    on_terminal(&project, "database drop", "y\n", &[]);
    assert!(!project.join("app.db").exists());
}

#[test]
fn colours_and_progress() {
    let failing = || {
        let project = Project::bookshop();
        project.migration(
            "3_bad",
            "-- migrate:opaque\nINSERT INTO nowhere VALUES (1);",
            "SELECT 1;",
        );
        project
    };
    for (environment, coloured) in [
        (&[][..], true),
        (&[("NO_COLOR", "")][..], true),
        (&[("NO_COLOR", "1")][..], false),
        (&[("TERM", "dumb")][..], false),
    ] {
        let Some(ran) = on_terminal(&failing(), "up", "", environment) else {
            return;
        };
        assert_eq!(ran.code, Some(3), "{}", ran.stdout);
        let red = "\u{1b}[1m\u{1b}[31merror: ";
        assert_eq!(
            ran.stdout.contains(red),
            coloured,
            "{environment:?}: {:?}",
            ran.stdout
        );
        assert!(ran.stdout.contains("applied 1_authors"), "{:?}", ran.stdout);
    }
}
