//! kill -9 at every step: neither the database nor the backup is lost, `status` and `run` know where it stopped,
//! and one command brings it to its end.

use std::process::{Command, Stdio};

use migrate_tests::server::{Engine, Server};
use serde_json::Value;

use crate::project::{Project, servers};

/// The steps, as they are told and as they are written down.
const STEPS: [(&str, &str); 7] = [
    ("looking", "looking"),
    ("fencing", "fencing"),
    ("finding out", "comparing"),
    ("restoring beside", "restoring"),
    ("comparing what", "verifying"),
    ("exchanging", "exchanging"),
    ("lifting", "exchanged"),
];

/// A project whose migration is applied after its backup was made.
fn applied(server: &Server, name: &str) -> (Project, String) {
    let project = Project::new(server, name);
    project.done(&["backup"]);
    let backup = project.backup();
    project.done(&["up"]);
    (project, backup)
}

/// Lets it begin, and be killed when it tells of a step.
fn killed_at(project: &Project, backup: &str, step: &str) {
    let ended = Command::new(env!("CARGO_BIN_EXE_restorer"))
        .arg(project.path())
        .args([backup, step])
        .env("DATABASE_URL", &project.url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .expect("a restorer");
    assert_eq!(ended.status.code(), None, "not killed at {step}: {ended:?}");
}

/// The newest record, and where it is.
fn record(project: &Project) -> (std::path::PathBuf, Value) {
    let runs = std::fs::read_dir(project.path().join(".migrate/runs")).expect("runs");
    let mut files: Vec<_> = runs
        .map(|run| run.expect("a run").path().join("restore.json"))
        .filter(|path| path.exists())
        .collect();
    files.sort();
    let file = files.pop().expect("a record");
    let text = std::fs::read_to_string(&file).expect("a record");
    (file, serde_json::from_str(&text).expect("JSON"))
}

/// `status` names the next command, and nothing else is done before it.
fn is_known(project: &Project, stage: &str, engine: Engine) {
    let next = "migrate restore --in-place";
    let status = project.ran(&["status"]);
    assert!(
        status.stderr.contains("was putting the backup") && status.stderr.contains(next),
        "{engine}, {stage}: {status:?}"
    );
    for command in ["run", "up"] {
        let ran = project.ran(&[command]);
        assert_eq!(ran.code, Some(3), "{engine}, {stage}: {ran:?}");
        assert!(
            ran.stderr.contains("was interrupted while") && ran.stderr.contains(next),
            "{engine}, {stage}: {ran:?}"
        );
    }
}

#[test]
fn one_command_ends_it_wherever_it_was_killed() {
    for server in servers() {
        let engine = server.engine();
        let (project, backup) = applied(&server, "killed");
        for (step, stage) in STEPS {
            killed_at(&project, &backup, step);
            assert_eq!(record(&project).1["stage"], stage, "{engine}");
            is_known(&project, stage, engine);

            let ended = project.done(&["restore", "--in-place", "--format", "json"]);
            let json = ended.json();
            assert_eq!(json["outcome"], "done", "{engine}, {stage}: {json:#}");
            assert!(
                project.contents().ends_with('0'),
                "{engine}, {stage}: {}",
                project.contents()
            );
            let kept = json["kept"].as_str().expect("a name").to_owned();
            assert_eq!(
                project.kept(&kept).sql("SELECT count(*) FROM tags"),
                "2",
                "{engine}, {stage}"
            );
            let status = project.done(&["status", "--format", "json"]).json();
            assert_eq!(status["pending"], 1, "{engine}, {stage}: {status:#}");
            assert!(
                status.get("interrupted_restore").is_none(),
                "{engine}, {stage}: {status:#}"
            );
            // Both copies are there, and nothing besides.
            assert!(
                !leftovers(&project, &server).contains("restored"),
                "{engine}, {stage}"
            );
            project.done(&["up"]);
            project.drop_kept(&server, &kept);
        }
    }
}

/// Killed after the two have changed places and before that could be written down.
#[test]
fn the_database_knows_whether_they_have_changed_places() {
    for server in servers() {
        let engine = server.engine();
        let (project, backup) = applied(&server, "unwritten");
        killed_at(&project, &backup, "lifting");
        let (file, mut before) = record(&project);
        before["stage"] = Value::from("exchanging");
        std::fs::write(&file, before.to_string()).expect("a record");
        // Somebody goes on with what was restored: it must not be exchanged a second time.
        if engine == Engine::Postgres {
            project.database.sql("INSERT INTO other VALUES (70, 'new')");
        }
        let json = project
            .done(&["restore", "--in-place", "--format", "json"])
            .json();
        assert_eq!(json["outcome"], "done", "{engine}: {json:#}");
        if engine == Engine::Postgres {
            assert_eq!(
                project.database.sql("SELECT body FROM other WHERE id = 70"),
                "new"
            );
        }
        let kept = json["kept"].as_str().expect("a name").to_owned();
        assert_eq!(
            project.kept(&kept).sql("SELECT count(*) FROM tags"),
            "2",
            "{engine}"
        );
        assert!(project.contents().ends_with('0'), "{engine}");
        project.drop_kept(&server, &kept);
    }
}

#[test]
fn it_can_be_given_up() {
    for server in servers() {
        let engine = server.engine();
        let (project, backup) = applied(&server, "given up");
        for step in ["finding out", "exchanging"] {
            killed_at(&project, &backup, step);
            let json = project
                .done(&["restore", "--in-place", "--abandon", "--format", "json"])
                .json();
            assert_eq!(json["outcome"], "given_up", "{engine}, {step}: {json:#}");
            // As it was, with nothing beside it, and open to everybody.
            assert_eq!(
                project.database.sql("SELECT count(*) FROM tags"),
                "2",
                "{engine}, {step}"
            );
            assert_eq!(leftovers(&project, &server), "", "{engine}, {step}");
            project
                .database
                .sql("INSERT INTO other VALUES (60, 'after'); DELETE FROM other WHERE id = 60");
            project.done(&["status", "--check"]);
            let none = project.ran(&["restore", "--in-place", "--abandon"]);
            assert_eq!(none.code, Some(2), "{engine}: {none:?}");
        }
    }
}

/// What lies beside the database under names like its own.
fn leftovers(project: &Project, server: &Server) -> String {
    match server.engine() {
        Engine::Postgres => server.admin().sql(&format!(
            "SELECT datname FROM pg_database WHERE datname LIKE '{0}\\_re%'",
            project.database.name()
        )),
        _ => {
            let file = std::path::Path::new(project.database.name());
            let entries = std::fs::read_dir(file.parent().expect("a folder")).expect("a folder");
            let names = entries.map(|it| {
                it.expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            });
            let names =
                names.filter(|name| name.contains(".restored-") || name.contains(".replaced-"));
            names.collect::<Vec<_>>().join("\n")
        }
    }
}
