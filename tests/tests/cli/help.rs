//! The help texts.

use insta::assert_snapshot;

use super::command::Project;

const COMMANDS: [&str; 25] = [
    "",
    "new",
    "check",
    "schema",
    "lock",
    "status",
    "up",
    "rehearse",
    "down",
    "redo",
    "resume",
    "baseline",
    "adopt",
    "verify",
    "drift",
    "plan",
    "backup",
    "restore",
    "validate",
    "report",
    "diff",
    "database",
    "database create",
    "database drop",
    "database reset",
];

#[test]
fn every_command_teaches() {
    let project = Project::new();
    for command in COMMANDS {
        let help = project.done(&format!("{command} --help")).stdout;
        for part in ["Usage: migrate", "Exit codes:", "Examples:"] {
            assert!(
                help.contains(part),
                "migrate {command} --help lacks `{part}`\n{help}"
            );
        }
    }
}

#[test]
fn help_texts() {
    let project = Project::new();
    assert_snapshot!("help", project.done("--help").stdout);
    assert_snapshot!("help_up", project.done("up --help").stdout);
    assert_snapshot!("help_short", project.done("-h").stdout);
}

#[test]
fn mistakes_get_a_suggestion() {
    let project = Project::new();
    let text = project.transcript(&["statsu", "up --dri", "up --lock leese", "up --lock-wait 5"]);
    assert_snapshot!(text);
}
