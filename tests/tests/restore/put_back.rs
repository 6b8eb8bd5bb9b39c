//! The backup takes the place of the database.

use std::fs;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel::sqlite::SqliteConnection;
use migrate_tests::server::{self, Engine};

use crate::project::{Project, servers};

#[test]
fn a_run_that_fails_is_taken_back() {
    for server in servers() {
        let engine = server.engine();
        let project = Project::new(&server, "taken back").failing();
        // What lets writers in again must not run before everything is as it was.
        let toml = fs::read_to_string(project.path().join("migrate.toml")).expect("a file");
        let hook = "[run.hooks]\nafter_run = \"echo $MIGRATE_OUTCOME $MIGRATE_APPLIED > ended\"\n";
        project.write("migrate.toml", &(toml + hook));
        let before = project.contents();
        let ran = project.run(&[
            "--on-failure",
            "restore",
            "--report",
            "out",
            "--format",
            "json",
        ]);
        let json = ran.json();
        assert_eq!(ran.code, Some(3), "{engine}: {json:#}");
        assert_eq!(json["outcome"], "restored", "{engine}: {json:#}");
        let restore = &json["restore"];
        assert_eq!(restore["outcome"], "done", "{engine}: {restore:#}");
        assert_eq!(
            restore["writers"]["state"], "nobody",
            "{engine}: {restore:#}"
        );
        assert_eq!(restore["undone"], serde_json::json!(["2"]), "{engine}");
        assert_eq!(
            json["execution"]["committed"],
            serde_json::json!([]),
            "{engine}"
        );
        assert_eq!(restore["lost"], serde_json::json!([]), "{engine}");
        let next = json["next"].as_str().expect("a next step");
        assert!(next.contains("`migrate run` again"), "{engine}: {next}");
        assert_eq!(project.contents(), before, "{engine}");

        let ended = fs::read_to_string(project.path().join("ended")).expect("what the hook wrote");
        assert_eq!(ended, "restored 0\n", "{engine}");
        let hooks = json["execution"]["hooks"].as_array().expect("hooks");
        assert!(
            hooks.iter().any(|it| it["hook"] == "after_run"),
            "{engine}: {hooks:?}"
        );

        // The old contents are there under the name that is told.
        let kept = restore["kept"].as_str().expect("a name").to_owned();
        let old = project.kept(&kept);
        assert_eq!(
            old.sql("SELECT kind FROM notes WHERE id = 2"),
            "new",
            "{engine}"
        );
        assert_eq!(old.sql("SELECT count(*) FROM tags"), "2", "{engine}");

        // The history is what it was, and the next run is an ordinary one.
        let status = project
            .ran(&["status", "--check", "--format", "json"])
            .json();
        assert_eq!(status["pending"], 2, "{engine}: {status:#}");
        assert!(status.get("interrupted_restore").is_none(), "{engine}");
        for file in ["report.html", "report.md", "report.json"] {
            let text = fs::read_to_string(project.path().join("out").join(file)).expect(file);
            assert!(text.contains(&kept), "{engine}: {file}");
        }
        let report = fs::read_to_string(project.path().join("out/report.json")).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        assert_eq!(report["verdict"]["kind"], "restored", "{engine}");
        project.migration("3_bad", "INSERT INTO tags VALUES (3);\n");
        let again = project.run(&["--on-failure", "restore", "--format", "json"]);
        assert_eq!(again.code, Some(0), "{engine}: {again:?}");
        assert_eq!(
            project.database.sql("SELECT count(*) FROM tags"),
            "3",
            "{engine}"
        );
        project.drop_kept(&server, &kept);
    }
}

#[test]
fn a_validation_that_fails_takes_it_back_too() {
    for server in servers() {
        let engine = server.engine();
        let project = Project::new(&server, "invalid");
        project.write(
            "migrations/checks/kinds.sql",
            "SELECT id FROM notes WHERE kind = 'new'",
        );
        project.write("migrate.toml", &{
            let text = fs::read_to_string(project.path().join("migrate.toml")).expect("a file");
            format!("{text}[run]\non_failure = \"restore\"\n")
        });
        let before = project.contents();
        let ran = project.run(&["--format", "json"]);
        let json = ran.json();
        assert_eq!(ran.code, Some(5), "{engine}: {json:#}");
        assert_eq!(json["outcome"], "restored", "{engine}: {json:#}");
        assert_eq!(project.contents(), before, "{engine}");
        project.drop_kept(&server, json["restore"]["kept"].as_str().expect("a name"));
    }
}

#[test]
fn nothing_is_restored_where_nothing_was_done() {
    for server in servers() {
        let engine = server.engine();
        let project = Project::new(&server, "nothing done");
        project.migration(
            "2_more",
            "INSERT INTO notes (id, body) VALUES (5, 'again');\n",
        );
        let ran = project.run(&["--on-failure", "restore", "--format", "json"]);
        let json = ran.json();
        assert_eq!(ran.code, Some(3), "{engine}: {json:#}");
        assert!(json["restore"].is_null(), "{engine}: {json:#}");
    }
}

#[test]
fn what_belongs_to_the_database_itself_is_kept() {
    let Some(server) = server::postgres() else {
        return;
    };
    let project = Project::new(&server, "settings").failing();
    let name = project.database.name().to_owned();
    let role = format!("reader_{}", std::process::id());
    project.database.sql(&format!(
        "CREATE ROLE {role}; REVOKE ALL ON DATABASE \"{name}\" FROM PUBLIC; \
         GRANT CONNECT ON DATABASE \"{name}\" TO {role}; \
         COMMENT ON DATABASE \"{name}\" IS 'it''s ours'; ALTER DATABASE \"{name}\" CONNECTION LIMIT 77; \
         ALTER DATABASE \"{name}\" SET search_path TO public, \"$user\"; \
         ALTER DATABASE \"{name}\" SET application_name TO 'a, b'"
    ));
    let about = format!(
        "SELECT datconnlimit, datacl, shobj_description(oid, 'pg_database'), pg_get_userbyid(datdba), \
         (SELECT array_agg(c ORDER BY c) FROM pg_db_role_setting s, unnest(setconfig) c WHERE s.setdatabase = d.oid) \
         FROM pg_database d WHERE datname = '{name}'"
    );
    let before = server.admin().sql(&about);
    let ran = project.run(&["--on-failure", "restore", "--format", "json"]);
    let json = ran.json();
    assert_eq!(json["outcome"], "restored", "{json:#}");
    let after = server.admin().sql(&about);
    project.drop_kept(&server, json["restore"]["kept"].as_str().expect("a name"));
    drop(project);
    server.admin().sql(&format!("DROP ROLE {role}"));
    assert_eq!(after, before);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Integer)]
    count: i32,
}

#[test]
fn who_has_the_file_open_sees_what_was_restored() {
    let Some(server) = server::sqlite() else {
        return;
    };
    for journal in ["delete", "wal"] {
        let project = Project::new(&server, "open").failing();
        project
            .database
            .sql(&format!("PRAGMA journal_mode = {journal}"));
        let mut open = SqliteConnection::establish(project.database.name()).expect("a connection");
        open.batch_execute("PRAGMA busy_timeout = 20000")
            .expect("a setting");
        let mut count = |sql: &str| -> i32 {
            let rows: Vec<Count> = diesel::sql_query(sql).load(&mut open).expect("an answer");
            rows[0].count
        };
        let columns = "SELECT count(*) AS count FROM pragma_table_info('notes')";
        assert_eq!(count(columns), 2, "{journal}");
        let ran = project.run(&["--on-failure", "restore", "--format", "json"]);
        assert_eq!(ran.json()["outcome"], "restored", "{journal}: {ran:?}");
        assert_eq!(count(columns), 2, "{journal}");
        assert_eq!(count("SELECT count(*) AS count FROM notes"), 3, "{journal}");
        assert_eq!(
            count("SELECT count(*) AS count FROM sqlite_schema WHERE name = 'tags'"),
            0,
            "{journal}"
        );
        // And what it writes is in the database.
        open.batch_execute("INSERT INTO notes VALUES (9, 'after')")
            .expect("a row");
        assert_eq!(
            project.database.sql("SELECT body FROM notes WHERE id = 9"),
            "after"
        );
        assert_eq!(
            project
                .database
                .sql("PRAGMA journal_mode; PRAGMA integrity_check"),
            format!("{journal}\nok")
        );
        assert_eq!(server.engine(), Engine::Sqlite);
    }
}
