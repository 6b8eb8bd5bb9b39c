//! Statistics and space of the tables that a run touched.

use migrate_tests::server::{self, Database, Engine};
use serde_json::Value;

use super::Project;

/// Two tables, of which the second migration touches one. The reading before it is recorded.
fn touched<'a>(database: &'a Database, more: &str) -> Project<'a> {
    let project = Project::new(database);
    project.write(
        "migrations/1_make/up.sql",
        "CREATE TABLE busy (x INT); CREATE TABLE quiet (x INT);",
    );
    project.write(
        "migrations/1_make/down.sql",
        "DROP TABLE busy; DROP TABLE quiet;",
    );
    let (code, answer) = project.run(&["up"]);
    assert_eq!(code, Some(0), "{answer:#}");
    project.record();
    project.write(
        "migrations/2_fill/up.sql",
        &format!("-- migrate:expect rows busy = any\nINSERT INTO busy VALUES (1), (2), (3);{more}"),
    );
    project.write("migrations/2_fill/down.sql", "DELETE FROM busy;");
    let (code, answer) = project.run(&["up"]);
    assert_eq!(code, Some(0), "{answer:#}");
    project
}

/// What was done: kind, subject, state.
fn work(answer: &Value) -> Vec<(String, String, String)> {
    let checks = answer["checks"].as_array().expect("checks");
    let part = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
    checks
        .iter()
        .filter(|it| it["kind"] == "statistics" || it["kind"] == "vacuum")
        .map(|it| (part(it, "kind"), part(it, "subject"), part(it, "state")))
        .collect()
}

/// How many rows the server thinks a table has, by its statistics; `None` where it has none.
fn known_rows(database: &Database, table: &str) -> Option<u64> {
    let sql = match database.engine() {
        Engine::Postgres => format!(
            "SELECT CASE WHEN pg_stat_get_last_analyze_time('{table}'::regclass) IS NULL THEN '' \
             ELSE reltuples::bigint::text END FROM pg_class WHERE oid = '{table}'::regclass"
        ),
        // It estimates them at any time.
        Engine::Mariadb => return None,
        Engine::Sqlite => {
            let there =
                database.sql("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'");
            match there.as_str() {
                "0" => return None,
                _ => format!("SELECT stat FROM sqlite_stat1 WHERE tbl = '{table}'"),
            }
        }
    };
    database.sql(&sql).trim().parse().ok()
}

#[test]
fn statistics_of_what_was_touched() {
    for server in server::all() {
        let database = server.database("validate");
        let project = touched(&database, "");
        let before = ["validate", "--before", "before.json"];
        // Nobody asked.
        let (code, answer) = project.run(&before);
        assert_eq!((code, work(&answer)), (Some(0), vec![]), "{answer:#}");
        let (code, answer) = project.run(&[&before[..], &["--analyze"]].concat());
        let busy = match server.engine() {
            Engine::Postgres => "public.busy",
            _ => "busy",
        };
        let done = (
            "statistics".to_owned(),
            busy.to_owned(),
            "passed".to_owned(),
        );
        assert_eq!((code, work(&answer)), (Some(0), vec![done]), "{answer:#}");
        if server.engine() != Engine::Mariadb {
            assert_eq!(
                known_rows(&database, "busy"),
                Some(3),
                "{}",
                server.engine()
            );
            assert_eq!(known_rows(&database, "quiet"), None, "{}", server.engine());
        }
        // What is configured is laid over by a flag.
        let config = std::fs::read_to_string(project.dir.path().join("migrate.toml")).unwrap();
        project.write(
            "migrate.toml",
            &format!("{config}[validate]\nanalyze = true\n"),
        );
        let (_, answer) = project.run(&before);
        assert_eq!(work(&answer).len(), 1, "{answer:#}");
        let (_, answer) = project.run(&[&before[..], &["--analyze=false"]].concat());
        assert_eq!(work(&answer), [], "{answer:#}");
    }
}

#[test]
fn space_of_dead_rows() {
    for server in server::all() {
        let database = server.database("validate");
        let project = touched(&database, "");
        if server.engine() == Engine::Postgres {
            database.sql("DELETE FROM busy WHERE x < 3");
        }
        let (_, answer) = project.run(&["validate", "--before", "before.json", "--vacuum"]);
        let states: Vec<String> = work(&answer)
            .into_iter()
            .map(|(kind, _, state)| format!("{kind} {state}"))
            .collect();
        let vacuum = match server.engine() {
            // It would keep everybody away.
            Engine::Sqlite => "vacuum not_checked",
            _ => "vacuum passed",
        };
        assert_eq!(states, [vacuum, "statistics passed"], "{answer:#}");
        if server.engine() == Engine::Postgres {
            let dead = "SELECT pg_stat_get_dead_tuples('busy'::regclass)";
            assert_eq!(database.sql(dead), "0");
        }
    }
}

/// What cannot be followed may have touched anything.
#[test]
fn every_table_where_a_script_cannot_be_followed() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("validate");
    let project = touched(&database, "\n-- migrate:opaque\nSELECT 1;");
    let (_, answer) = project.run(&["validate", "--before", "before.json", "--analyze"]);
    let tables: Vec<String> = work(&answer).into_iter().map(|(_, it, _)| it).collect();
    assert_eq!(tables, ["public.busy", "public.quiet"], "{answer:#}");
}

/// PostgreSQL passes a table over without an error where its user may not: that is not done.
#[test]
fn who_may_not_has_not_done_it() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("validate");
    let project = touched(&database, "");
    let user = format!("reader_{}", std::process::id());
    database.sql(&format!(
        "CREATE ROLE {user} LOGIN PASSWORD 'p'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}"
    ));
    let reader = database.as_user(&user, "p");
    let project = Project {
        database: &reader,
        ..project
    };
    let (_, answer) = project.run(&["validate", "--before", "before.json", "--analyze"]);
    database.sql(&format!("DROP OWNED BY {user}; DROP ROLE {user}"));
    let done = work(&answer);
    assert_eq!(done.len(), 1, "{answer:#}");
    assert_eq!(done[0].2, "not_checked", "{answer:#}");
}

/// An ALTER TABLE that would lock is refused by the server, and said to be not done.
#[test]
fn what_would_keep_others_away_is_not_done() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("validate");
    let project = touched(&database, "");
    database.sql("ALTER TABLE busy ENGINE = MyISAM");
    let (_, answer) = project.run(&["validate", "--before", "before.json", "--vacuum"]);
    let done = work(&answer);
    assert_eq!(
        (done[0].0.as_str(), done[0].2.as_str()),
        ("vacuum", "not_checked"),
        "{answer:#}"
    );
    assert_eq!(done[1].2, "passed", "{answer:#}");
}
