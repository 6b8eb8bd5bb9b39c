//! What others wrote is not lost without a word.

use std::path::Path;
use std::time::{Duration, Instant};

use migrate_tests::server::{self, Server};

use crate::project::{Project, Ran, servers};

/// Runs with `--on-failure restore`, and does something after the backup was made and before anything is
/// applied.
fn run_while(project: &Project, meanwhile: impl FnOnce()) -> Ran {
    let (reached, go) = (project.path().join("reached"), project.path().join("go"));
    let text = std::fs::read_to_string(project.path().join("migrate.toml")).expect("a file");
    let hook = format!(
        "{text}[run.hooks]\nbefore_run = \"touch {}; while [ ! -e {} ]; do sleep 0.05; done\"\n",
        reached.display(),
        go.display()
    );
    project.write("migrate.toml", &hook);
    let ran = std::thread::scope(|scope| {
        let run = scope.spawn(|| project.run(&["--on-failure", "restore", "--format", "json"]));
        wait_for(&reached);
        meanwhile();
        std::fs::write(&go, "").expect("a file");
        run.join().expect("a run")
    });
    // Whatever comes next has no hook.
    project.write("migrate.toml", &text);
    ran
}

fn wait_for(path: &Path) {
    let begun = Instant::now();
    while !path.exists() {
        assert!(begun.elapsed() < Duration::from_secs(300), "never reached");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn is_refused(project: &Project, server: &Server, ran: &Ran, state: &str) {
    let engine = server.engine();
    let json = ran.json();
    let backup = project.backup();
    assert_eq!(ran.code, Some(3), "{engine}: {json:#}");
    assert_eq!(json["outcome"], "failed", "{engine}: {json:#}");
    let restore = &json["restore"];
    assert_eq!(restore["outcome"], "refused", "{engine}: {restore:#}");
    assert_eq!(restore["writers"]["state"], state, "{engine}: {restore:#}");
    let reason = restore["reason"].as_str().expect("a reason");
    assert!(
        reason.contains(&format!("--lose-writes-since {backup}")),
        "{engine}: {reason}"
    );
    assert_eq!(
        json["next"],
        format!("migrate restore {backup} --in-place --lose-writes-since {backup}"),
        "{engine}"
    );
    // What was applied is there still, the fence is gone, and nothing lies beside.
    assert_eq!(
        json["execution"]["committed"],
        serde_json::json!(["2"]),
        "{engine}"
    );
    assert_eq!(
        project.database.sql("SELECT count(*) FROM tags"),
        "2",
        "{engine}"
    );
    project
        .database
        .sql("INSERT INTO other VALUES (50, 'after')");
    let status = project.ran(&["status", "--format", "json"]).json();
    assert!(
        status.get("interrupted_restore").is_none(),
        "{engine}: {status:#}"
    );
}

#[test]
fn rows_that_others_wrote_after_the_backup() {
    for server in servers() {
        let engine = server.engine();
        let project = Project::new(&server, "others wrote").failing();
        let ran = run_while(&project, || {
            project
                .database
                .sql("INSERT INTO other VALUES (7, 'precious')");
        });
        is_refused(&project, &server, &ran, "somebody");
        assert!(
            ran.stdout.contains("other has 2 rows instead of 1"),
            "{engine}: {}",
            ran.stdout
        );

        // Another backup's name is no leave.
        let backup = project.backup();
        let other = "20200101T000000Z-0000";
        let wrong = project.ran(&[
            "restore",
            &backup,
            "--in-place",
            "--lose-writes-since",
            other,
        ]);
        assert_eq!(wrong.code, Some(2), "{engine}: {wrong:?}");
        assert!(wrong.stderr.contains(other), "{engine}: {wrong:?}");
        assert_eq!(
            project.database.sql("SELECT body FROM other WHERE id = 7"),
            "precious"
        );

        // Said so, it is done, and what is lost is in the old database.
        let leave = [
            "restore",
            &backup,
            "--in-place",
            "--lose-writes-since",
            &backup,
            "--format",
            "json",
        ];
        let json = project.done(&leave).json();
        assert_eq!(json["outcome"], "done", "{engine}: {json:#}");
        assert_eq!(
            json["lost"].as_array().map(Vec::len),
            Some(1),
            "{engine}: {json:#}"
        );
        assert_eq!(
            project.database.sql("SELECT count(*) FROM other"),
            "1",
            "{engine}"
        );
        let kept = json["kept"].as_str().expect("a name").to_owned();
        assert_eq!(
            project
                .kept(&kept)
                .sql("SELECT body FROM other WHERE id = 7"),
            "precious",
            "{engine}"
        );
        project.drop_kept(&server, &kept);
    }
}

#[test]
fn a_row_in_a_table_that_a_migration_changed() {
    for server in servers() {
        let project = Project::new(&server, "touched").failing();
        let ran = run_while(&project, || {
            project
                .database
                .sql("UPDATE notes SET body = 'other' WHERE id = 1");
        });
        // The migration writes there too, so that it is not known who it was.
        is_refused(&project, &server, &ran, "not_known");
    }
}

#[test]
fn a_view_that_somebody_made() {
    for server in servers() {
        let project = Project::new(&server, "a view").failing();
        let ran = run_while(&project, || {
            project
                .database
                .sql("CREATE VIEW mine AS SELECT id FROM other");
        });
        is_refused(&project, &server, &ran, "not_known");
        assert!(ran.stdout.contains("view"), "{}", ran.stdout);
    }
}

#[test]
fn a_migration_that_never_does_the_same_twice() {
    for server in servers() {
        let project = Project::new(&server, "random").failing();
        project.migration(
            "2_more",
            "CREATE TABLE tags (id INT PRIMARY KEY, at TEXT);\n\
             INSERT INTO tags VALUES (1, CAST(random() AS TEXT)), (2, CAST(random() AS TEXT));\n",
        );
        let ran = run_while(&project, || ());
        is_refused(&project, &server, &ran, "not_known");
    }
}

#[test]
fn where_it_cannot_be_done_it_is_said_before_anything_is() {
    if let Some(server) = server::mariadb() {
        let project = Project::new(&server, "not on mariadb").failing();
        let ran = project.run(&["--on-failure", "restore"]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("cannot rename a database"), "{ran:?}");
        assert!(project.backups().is_empty(), "a backup was made");
        let pending = project.ran(&["status", "--format", "json"]).json();
        assert_eq!(pending["pending"], 2, "something was applied");
        project.done(&["backup"]);
        let backup = project.backup();
        let restore = project.ran(&[
            "restore",
            &backup,
            "--in-place",
            "--lose-writes-since",
            &backup,
        ]);
        assert_eq!(restore.code, Some(2), "{restore:?}");
        assert!(restore.stderr.contains("--as NAME"), "{restore:?}");
    }
    for server in servers() {
        let project = Project::new(&server, "no backup").failing();
        let ran = project.run(&["--on-failure", "restore", "--no-backup", "a test"]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("no backup is made"), "{ran:?}");
    }
    if let Some(server) = server::postgres() {
        let project = Project::new(&server, "prepared").failing();
        let role = format!("modest_{}", std::process::id());
        let name = project.database.name().to_owned();
        project.database.sql(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT ALL ON SCHEMA public TO {role}; \
             ALTER TABLE notes OWNER TO {role}; ALTER TABLE other OWNER TO {role}; ALTER VIEW bodies OWNER TO {role}; \
             DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP \
             EXECUTE format('ALTER TABLE %I OWNER TO {role}', t); END LOOP; END $$"
        ));
        let mut modest = project;
        modest.url = modest.database.as_user(&role, "secret").url().to_owned();
        let ran = modest.run(&["--on-failure", "restore"]);
        modest.database.sql(&format!(
            "REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}"
        ));
        assert_eq!(ran.code, Some(2), "{ran:?}");
        for right in ["CREATEDB", "does not own the database", "pg_signal_backend"] {
            assert!(ran.stderr.contains(right), "{right}: {ran:?} {name}");
        }
    }
}
