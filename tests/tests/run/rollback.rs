//! `--on-failure rollback`: what a run has applied is taken back by the downs that its rehearsal has tried.

use migrate_tests::server::{self, Server, TestDatabase};
use serde_json::Value;

use crate::project::{Project, Ran};

/// A project of its own: one migration is applied, one is pending.
fn project(server: &Server, name: &str) -> (Project, TestDatabase) {
    let database = server.database(name);
    let project = Project::empty(server.engine(), database.url());
    migration(
        &project,
        "1_base",
        "CREATE TABLE notes (id INT PRIMARY KEY, body VARCHAR(20));",
        "DROP TABLE notes;",
    );
    project.done(&["up"]);
    database.sql("INSERT INTO notes VALUES (1, 'one')");
    migration(
        &project,
        "2_more",
        "ALTER TABLE notes ADD COLUMN kind VARCHAR(20);",
        "ALTER TABLE notes DROP COLUMN kind;",
    );
    (project, database)
}

fn migration(project: &Project, name: &str, up: &str, down: &str) {
    project.write(&format!("migrations/{name}/up.sql"), up);
    project.write(&format!("migrations/{name}/down.sql"), down);
}

/// A rule that the second migration breaks.
fn breaks_a_rule(project: &Project) {
    project.write(
        "migrations/checks/kinds.sql",
        "SELECT id FROM notes WHERE kind IS NULL",
    );
}

fn roll_back(project: &Project, more: &[&str]) -> (Ran, Value) {
    let mut arguments = vec!["run", "--on-failure", "rollback", "--go-anyway", "a test"];
    arguments.extend(["--no-backup", "a test", "--format", "json"]);
    arguments.extend(more);
    let ran = project.ran(&arguments);
    let json = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    (ran, json)
}

/// What the report has at its head.
fn verdict(project: &Project) -> Value {
    let report = std::fs::read(project.path().join("out/report.json")).expect("a report");
    let mut report: Value = serde_json::from_slice(&report).expect("JSON");
    report["verdict"].take()
}

fn has_kind(database: &TestDatabase) -> bool {
    database.try_sql("SELECT kind FROM notes").is_ok()
}

#[test]
fn a_validation_that_fails_takes_back_what_was_applied() {
    for server in server::all() {
        let engine = server.engine();
        let (project, database) = project(&server, "rule");
        breaks_a_rule(&project);
        let (ran, json) = roll_back(&project, &["--report", "out"]);
        assert_eq!(ran.code, Some(5), "{engine}: {json:#}");
        assert_eq!(json["outcome"], "rolled_back", "{engine}: {json:#}");
        let next = "correct what failed and run `migrate run` again";
        assert_eq!(json["next"], next, "{engine}");
        let verdict = verdict(&project);
        assert_eq!(verdict["next"], next, "{engine}");
        let reason = verdict["reasons"][0].as_str().expect("a reason");
        assert!(reason.contains("validation failed"), "{engine}: {reason}");
        assert!(
            reason.ends_with("1 migration reverted"),
            "{engine}: {reason}"
        );
        let execution = &json["execution"];
        assert_eq!(execution["rollback"]["outcome"], "done", "{engine}");
        assert_eq!(execution["undone"], serde_json::json!(["2"]), "{engine}");
        assert_eq!(execution["committed"], serde_json::json!([]), "{engine}");
        assert!(!has_kind(&database), "{engine}");
        assert_eq!(database.sql("SELECT body FROM notes"), "one", "{engine}");
        let status = project.ran(&["status", "--check"]);
        assert_eq!(status.code, Some(1), "{engine}");
    }
}

#[test]
fn a_way_back_that_loses_data_is_taken_only_where_that_is_accepted() {
    for server in server::all() {
        let engine = server.engine();
        let (project, database) = project(&server, "lossy");
        migration(
            &project,
            "2_more",
            "ALTER TABLE notes ADD COLUMN kind VARCHAR(20);\nINSERT INTO notes VALUES (2, 'two', 'new');",
            "DELETE FROM notes WHERE id = 2;\nALTER TABLE notes DROP COLUMN kind;",
        );
        breaks_a_rule(&project);
        let (ran, json) = roll_back(&project, &["--report", "out"]);
        assert_eq!(ran.code, Some(5), "{engine}: {json:#}");
        assert_eq!(json["outcome"], "failed", "{engine}: {json:#}");
        assert_eq!(json["next"], "migrate validate", "{engine}");
        assert_eq!(verdict(&project)["next"], "migrate validate", "{engine}");
        let rollback = &json["execution"]["rollback"];
        assert_eq!(rollback["outcome"], "refused", "{engine}: {rollback:#}");
        let reason = rollback["reason"].as_str().expect("a reason");
        assert!(reason.contains("nobody accepted"), "{engine}: {reason}");
        assert!(has_kind(&database), "{engine}");
        assert_eq!(
            json["execution"]["committed"],
            serde_json::json!(["2"]),
            "{engine}"
        );
    }
    for server in server::all() {
        let engine = server.engine();
        let (project, database) = project(&server, "lossy accepted");
        migration(
            &project,
            "2_more",
            "ALTER TABLE notes ADD COLUMN kind VARCHAR(20);\nINSERT INTO notes VALUES (2, 'two', 'new');",
            "DELETE FROM notes WHERE id = 2;\nALTER TABLE notes DROP COLUMN kind;",
        );
        breaks_a_rule(&project);
        let (ran, json) = roll_back(&project, &["--accept-loss"]);
        assert_eq!(ran.code, Some(5), "{engine}: {json:#}");
        assert_eq!(json["outcome"], "rolled_back", "{engine}: {json:#}");
        let lost = json["execution"]["lost"].as_array().expect("what is lost");
        assert!(!lost.is_empty(), "{engine}: {json:#}");
        assert!(!has_kind(&database), "{engine}");
    }
}

#[test]
fn a_migration_that_fails_in_the_middle() {
    for server in server::all() {
        let engine = server.engine();
        let (project, database) = project(&server, "middle");
        // It went well on the copy, which has one row.
        migration(
            &project,
            "3_unique",
            "CREATE UNIQUE INDEX notes_body ON notes (body);",
            match engine {
                server::Engine::Mariadb => "DROP INDEX notes_body ON notes;",
                _ => "DROP INDEX notes_body;",
            },
        );
        let hook =
            "[run.hooks]\nbefore_run = \"touch reached; while [ ! -e go ]; do sleep 0.05; done\"\n";
        let text = std::fs::read_to_string(project.path().join("migrate.toml")).expect("a file");
        project.write("migrate.toml", &format!("{text}{hook}"));
        let (ran, json) = std::thread::scope(|scope| {
            let run = scope.spawn(|| {
                let backed_up = [
                    "run",
                    "--on-failure",
                    "rollback",
                    "--go-anyway",
                    "a test",
                    "--format",
                    "json",
                ];
                let ran = project.ran(&backed_up);
                let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
                (ran, json)
            });
            while !project.path().join("reached").exists() && !run.is_finished() {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            // Two rows alike: the index cannot be made any more.
            database.sql("INSERT INTO notes VALUES (2, 'one')");
            std::fs::write(project.path().join("go"), "").expect("a file");
            run.join().expect("a run")
        });
        assert_eq!(ran.code, Some(3), "{engine}: {json:#}");
        assert_eq!(json["outcome"], "rolled_back", "{engine}: {json:#}");
        assert_eq!(
            json["execution"]["undone"],
            serde_json::json!(["2"]),
            "{engine}"
        );
        assert!(!has_kind(&database), "{engine}");
        // What others wrote meanwhile is there.
        assert_eq!(database.sql("SELECT count(*) FROM notes"), "2", "{engine}");
    }
}
