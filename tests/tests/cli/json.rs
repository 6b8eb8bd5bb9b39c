//! The JSON of every command.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::Value;

use super::command::Project;

fn json(project: &Project, line: &str) -> Value {
    let ran = project.run(&format!("{line} --format json"));
    let value: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("migrate {line}: {error}\n{}{}", ran.stdout, ran.stderr));
    assert_eq!(value["format"], 1, "{line}");
    assert_eq!(value["exit"], ran.code.unwrap(), "{line}");
    value
}

#[test]
fn one_object_for_every_command() {
    let project = Project::bookshop();
    let mut text = String::new();
    for line in [
        "check",
        "lock",
        "status --database sqlite:none.db",
        "up --dry-run --count 1",
        "up --quiet",
        "status",
        "verify",
        "drift",
        "diff",
        "down",
        "redo",
        "database create",
        "database drop --yes --dry-run",
        "up --to 9",
        "baseline --to 1",
    ] {
        let value = json(&project, line);
        text.push_str(&format!(
            "$ migrate {line}\n{}\n\n",
            project.steady(&format!("{value:#}"))
        ));
    }
    assert_snapshot!(text);
}

#[test]
fn errors_and_findings() {
    let project = Project::bookshop();
    project.migration(
        "3_bad",
        "-- migrate:opaque\nINSERT INTO nowhere VALUES (1);",
        "SELECT 1;",
    );
    let failed = json(&project, "up");
    assert_eq!(failed["exit"], 3);
    assert_eq!(failed["command"], "up");
    assert_eq!(failed["steps"].as_array().unwrap().len(), 2);
    assert_eq!(failed["steps"][0]["version"], "1");
    assert!(failed["error"]["next"].is_string(), "{failed:#}");
    project.write("migrations/3_bad/up.sql", "CREATE TABLE 'x (id int);");
    let checked = json(&project, "check");
    let finding = &checked["findings"][0];
    assert_eq!(finding["rule"], "unterminated", "{checked:#}");
    assert_eq!(finding["line"], 1);
    assert_eq!(finding["path"], "migrations/3_bad/up.sql");
    assert_eq!(json(&project, "up")["findings"][0]["rule"], "unterminated");
}

#[test]
fn every_field_is_documented() {
    // Every key that a command writes stands in json.md.
    let documented = include_str!("../../../migrate-cli/json.md");
    let project = Project::bookshop();
    project.migration(
        "3_bad",
        "-- migrate:opaque\nINSERT INTO nowhere VALUES (1);",
        "SELECT 1;",
    );
    let mut keys = BTreeSet::new();
    for line in [
        "new another",
        "check",
        "lock",
        "up",
        "up --dry-run",
        "status",
        "verify",
        "down",
        "database create",
        "adopt",
        "resume",
    ] {
        collect(&json(&project, line), &mut keys);
    }
    assert!(
        keys.contains("applied_at") && keys.contains("caused_by"),
        "{keys:?}"
    );
    for key in keys {
        assert!(
            documented.contains(&format!("`{key}`")),
            "`{key}` is not in json.md"
        );
    }
}

fn collect(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                keys.insert(key.clone());
                collect(value, keys);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}

#[test]
fn usage_errors_stay_text() {
    // Without arguments that can be read there is no format to follow.
    let ran = Project::new().run("upp --format json");
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stdout.is_empty() && ran.stderr.contains("upp"),
        "{}",
        ran.stderr
    );
}
