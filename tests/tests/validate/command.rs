//! The application's own command.

use std::time::{Duration, Instant};

use migrate_tests::server;
use serde_json::Value;

use super::Project;

/// The one check of the command.
fn of_command(answer: &Value) -> &Value {
    let checks = answer["checks"].as_array().expect("checks");
    let mut found = checks.iter().filter(|it| it["kind"] == "command");
    let check = found.next().expect("the command is among the checks");
    assert!(found.next().is_none(), "{answer:#}");
    check
}

#[test]
fn a_smoke_test_passes_or_fails() {
    for server in server::all() {
        let database = server.database("validate");
        database.sql("CREATE TABLE a (x INT)");
        let project = Project::new(&database);
        let password = database.url().split(['@', ':']).nth(2).unwrap_or("none");
        project.write(
            "smoke",
            &format!("echo \"$MIGRATE_DATABASE\"; echo as {password}; test -e works"),
        );
        let config = std::fs::read_to_string(project.dir.path().join("migrate.toml")).unwrap();
        project.write(
            "migrate.toml",
            &format!("{config}[validate]\ncommand = \"sh smoke\"\n"),
        );
        let (code, answer) = project.run(&["validate"]);
        assert_eq!(code, Some(5), "{answer:#}");
        let check = of_command(&answer);
        assert_eq!(check["state"], "failed", "{answer:#}");
        assert_eq!(check["subject"], "sh smoke");
        let message = check["message"].as_str().unwrap();
        assert!(message.starts_with("ended with 1: "), "{message}");
        assert!(message.contains(database.name()), "{message}");
        if server.engine() != server::Engine::Sqlite {
            assert!(!answer.to_string().contains(password), "{answer:#}");
        }
        project.write("works", "");
        let (code, answer) = project.run(&["validate"]);
        assert_eq!(code, Some(0), "{answer:#}");
        let check = of_command(&answer);
        assert_eq!(check["state"], "passed", "{answer:#}");
        assert!(check["seconds"].as_f64().unwrap() > 0.0);
        // Flags come first.
        let (code, answer) = project.run(&["validate", "--command", "exit 7"]);
        assert_eq!(code, Some(5), "{answer:#}");
        assert_eq!(of_command(&answer)["message"], "ended with 7");
        let (code, answer) = project.run(&["validate", "--no-command"]);
        assert_eq!(code, Some(0), "{answer:#}");
        let kinds = answer["checks"].as_array().unwrap();
        assert!(kinds.iter().all(|it| it["kind"] != "command"));
    }
}

#[test]
fn a_smoke_test_that_hangs_is_ended() {
    let Some(server) = server::sqlite() else {
        return;
    };
    let database = server.database("validate");
    database.sql("CREATE TABLE a (x INT)");
    let project = Project::new(&database);
    project.write(
        "migrate.toml",
        "dialect = \"sqlite\"\n[validate]\n\
         command = { command = \"(sleep 3; touch alive) & sleep 60\", timeout = \"300ms\" }\n",
    );
    let begun = Instant::now();
    let (code, answer) = project.run(&["validate"]);
    assert_eq!(code, Some(5), "{answer:#}");
    assert!(begun.elapsed() < Duration::from_secs(20));
    let message = of_command(&answer)["message"].as_str().unwrap();
    assert!(message.starts_with("took longer than 0.3 s"), "{message}");
    std::thread::sleep(Duration::from_secs(4));
    assert!(!project.dir.path().join("alive").exists());
}
