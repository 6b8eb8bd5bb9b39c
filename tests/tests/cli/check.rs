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

/// Findings of every level, one that is allowed, and names that are out to do harm.
fn findings() -> Project {
    let project = Project::new();
    std::fs::create_dir(project.join(".git")).expect("a directory");
    project.write(
        "app/migrate.toml",
        "dialect = \"postgres\"\n[levels]\nempty-script = \"info\"\nblocking-index = \"off\"\n",
    );
    let migration = |name: &str, up: &str, down: &str| {
        project.write(&format!("app/migrations/{name}/up.sql"), up);
        project.write(&format!("app/migrations/{name}/down.sql"), down);
    };
    migration(
        "1_users",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
        "DROP TABLE users;",
    );
    migration(
        "2_it's 100%, a: \u{1f980} b\u{1b}[31m",
        "/* \u{1f980}é */ CREATE INDEX users_email ON users (emial);\n",
        "",
    );
    migration(
        "3_index",
        "CREATE INDEX users_email ON users (email);\n",
        "DROP INDEX\n  users_mail;\n",
    );
    migration(
        "4_index",
        "CREATE INDEX users_email_id ON users (email, id);\n",
        "DROP INDEX users_email_id;\n",
    );
    migration("4_again", "SELECT 1;", "SELECT 1;");
    migration(
        "5_nothing",
        "SELECT 1;",
        "-- migrate:allow empty-script it\treads only\n",
    );
    project
}

#[test]
fn as_github_shows_it() {
    let project = findings();
    assert_snapshot!(project.transcript(&[
        "check --dir app/migrations --format github",
        "check --dir app/migrations --format github --locked",
        "check --dir app/migrations --format github --set other",
        "status --format github",
    ]));
}

#[test]
fn as_sarif_has_it() {
    let project = findings();
    let ran = project.run("check --dir app/migrations --format sarif");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    let mut log: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let run = &mut log["runs"][0];
    let rules = run["tool"]["driver"]["rules"]
        .as_array()
        .expect("rules")
        .clone();
    let results = run["results"].as_array().expect("results").clone();
    let mut fingerprints = std::collections::BTreeSet::new();
    for result in &results {
        let rule = &rules[result["ruleIndex"].as_u64().expect("a number") as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["suppressions"].is_array());
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        let uri = uri.as_str().expect("a URI");
        assert!(
            uri.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~/%".contains(c)),
            "{uri}"
        );
        fingerprints.insert(result["partialFingerprints"].to_string());
    }
    assert_eq!(fingerprints.len(), results.len());
    // The pages are another test's.
    for rule in run["tool"]["driver"]["rules"]
        .as_array_mut()
        .expect("rules")
    {
        rule["help"] = "…".into();
    }
    run["tool"]["driver"]["semanticVersion"] = "…".into();
    assert_snapshot!(format!("{log:#}"));
}

#[test]
fn sarif_of_a_check_that_cannot_begin() {
    let project = Project::new();
    project.write("migrate.toml", "dialect = \"oracle\"\n");
    let ran = project.run("check --format sarif");
    assert_eq!(ran.code, Some(2));
    let log: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let run = &log["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(run["invocations"][0]["exitCode"], 2);
    assert_eq!(run["results"][0]["ruleId"], "configuration");
    assert!(ran.stderr.contains("error: "), "{}", ran.stderr);
    project.write("migrate.toml", "dialect = \"sqlite\"\n");
    project.migration("1_a", "SELECT 1;", "SELECT 1;");
    let ran = project.done("check --format sarif");
    let log: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}
