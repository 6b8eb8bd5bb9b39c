//! What `migrate check` finds, for people and for other programs.

use insta::assert_snapshot;
use migrate_core::rule;

use super::command::Project;

#[test]
fn rules_are_explained() {
    let project = Project::new();
    assert_snapshot!(project.transcript(&[
        "check --explain missing-down",
        "check --explain missing-dwon",
        "check --explain no-such-thing",
        "check --explain draft --format json",
        "check --explain --locked",
    ]));
    let list = project.done("check --explain").stdout;
    assert_eq!(list.lines().count(), rule::ALL.len() + 1);
    for rule in rule::ALL {
        let line = list
            .lines()
            .find(|line| line.split_whitespace().next() == Some(rule.code));
        assert!(
            line.is_some_and(|line| line.ends_with(rule.summary)),
            "{}",
            rule.code
        );
        project.done(&format!("check --explain {}", rule.code));
    }
}
