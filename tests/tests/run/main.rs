//! `migrate run` from start to report, on a generated shop under a running write load.
//!
//! `MIGRATE_TEST_SHOP` says how many thousand rows a shop has; by default few, so that the test is
//! quick. `MIGRATE_TEST_REPORT` names a folder in which the reports stay, for a look:
//!
//! ```console
//! $ MIGRATE_TEST_SHOP=1000 MIGRATE_TEST_REPORT=/tmp/reports \
//!     tests/run --test run -- --nocapture from_start_to_report_under_load
//! ```

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and its figures are for people"
)]

mod killed;
mod project;
mod rollback;
mod users;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use migrate_tests::server::{self, Server};
use migrate_tests::shop::{self, Load};
use project::Project;

/// What a writer may have to wait: the time that one attempt of a statement may wait for its lock,
/// and a second for whatever else the machine does.
const LONGEST_STALL: Duration = Duration::from_secs(6);

fn thousands() -> usize {
    std::env::var("MIGRATE_TEST_SHOP")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10)
}

/// SQLite without a write-ahead log has no writers while somebody reads, so a backup of a large shop keeps
/// them waiting for longer than they may be: it is tried on small ones only.
fn servers() -> Vec<Server> {
    match thousands() > 100 {
        true => server::remote(),
        false => server::all(),
    }
}

/// A shop with its first migration applied, and filled.
fn shop_on(server: &Server, name: &str, thousands: usize) -> (Project, server::TestDatabase) {
    let database = server.database(name);
    let project = Project::new(server.engine(), database.url());
    project.done(&["up", "--to", shop::FIRST]);
    shop::fill(&database, thousands);
    (project, database)
}

#[test]
fn from_start_to_report_under_load() {
    for server in servers() {
        let engine = server.engine();
        let (project, database) = shop_on(&server, "whole_run", thousands());
        // How long a statement may keep others waiting is the operator's to say, and depends on the
        // machine; what the writers really waited is looked at below.
        let migrate_toml = fs::read_to_string(project.path().join("migrate.toml")).unwrap();
        project.write(
            "migrate.toml",
            &format!("{migrate_toml}[plan]\nlongest_stall = \"60s\"\n"),
        );
        let load = Load::begin(&database, 4);
        let begun = Instant::now();
        let ran = project.done(&["run", "--report", "out", "--format", "json"]);
        let took = begun.elapsed();
        let seen = load.end();
        println!(
            "{engine}: {took:.1?}; {} commits, p99 {:.1?}, longest {:.1?}, {} errors",
            seen.committed.len(),
            seen.p99(),
            seen.longest(),
            seen.errors.len()
        );
        assert_eq!(seen.errors, Vec::<String>::new(), "{engine}");
        assert!(seen.committed.len() > 10, "{engine}: nobody wrote");
        assert_eq!(seen.lost(&database), Vec::<String>::new(), "{engine}");
        assert!(
            seen.longest() <= LONGEST_STALL,
            "{engine}: {:?}",
            seen.longest()
        );

        let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(json["outcome"], "succeeded", "{engine}");
        assert_eq!(json["backup"]["verification"]["level"], "full", "{engine}");
        assert_eq!(
            json["backup"]["verification"]["state"], "passed",
            "{engine}"
        );
        assert_eq!(json["rehearsal"]["copy_of"]["kind"], "backup", "{engine}");
        assert_eq!(json["forecast"]["verdict"]["go"], true, "{engine}");
        let checks = json["validation"]["checks"].as_array().expect("checks");
        let failed: Vec<_> = checks.iter().filter(|it| it["state"] == "failed").collect();
        assert!(
            failed.is_empty() && checks.len() > 20,
            "{engine}: {failed:?}"
        );
        for file in ["report.html", "report.md", "report.json"] {
            let text = fs::read_to_string(project.path().join("out").join(file)).expect(file);
            assert!(text.contains("20260203000000"), "{engine}: {file}");
        }
        if let Some(folder) = std::env::var_os("MIGRATE_TEST_REPORT") {
            project.keep("out", &Path::new(&folder).join(engine.to_string()));
        }
        project.done(&["status", "--check"]);

        let again = project.done(&["run", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&again.stdout).expect("JSON");
        assert_eq!(json["outcome"], "nothing_to_do", "{engine}");
    }
}

#[test]
fn a_rehearsal_that_fails_stops_the_run_before_anything_changed() {
    for server in server::all() {
        let engine = server.engine();
        let (project, database) = shop_on(&server, "bad_down", 1);
        // It takes more away than came.
        project.write(
            "migrations/20260301000000_forgetful/up.sql",
            "CREATE TABLE notes (id INT PRIMARY KEY);",
        );
        project.write(
            "migrations/20260301000000_forgetful/down.sql",
            "DROP TABLE notes; DELETE FROM events;",
        );
        let events = database.sql("SELECT count(*) FROM events");
        let ran = project.ran(&["run"]);
        assert_ne!(ran.code, Some(0), "{engine}\n{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("events"), "{engine}: {}", ran.stderr);
        assert_eq!(
            database.sql("SELECT count(*) FROM events"),
            events,
            "{engine}"
        );
        let pending = project.ran(&["status", "--check"]);
        assert_eq!(pending.code, Some(1), "{engine}: something was applied");
    }
}

#[test]
fn rights_that_are_missing_are_named_before_anything_is_done() {
    let Some(server) = server::postgres() else {
        return;
    };
    let (project, database) = shop_on(&server, "rights", 1);
    let role = format!("clerk_{}", std::process::id());
    database.sql(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'secret'; \
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let clerk = project.of(database.as_user(&role, "secret").url());
    let ran = clerk.ran(&["run"]);
    database.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("the user lacks rights"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("orders"), "{}", ran.stderr);
    assert!(
        !clerk.path().join(".migrate/backups").exists(),
        "a backup was begun"
    );
}

#[test]
fn the_history_table_that_is_named_is_used_by_every_step() {
    for server in server::all() {
        let engine = server.engine();
        let database = server.database("named_history");
        let project = Project::new(engine, database.url());
        let named = ["--history-table", "shop_history"];
        project.done(&[&["up", "--to", shop::FIRST][..], &named].concat());
        shop::fill(&database, 1);
        let ran =
            project.done(&[&["run", "--format", "json", "--report", "out"][..], &named].concat());
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(json["outcome"], "succeeded", "{engine}");
        let count = |list: &serde_json::Value| list.as_array().map(Vec::len);
        let pending = count(&json["analysis"]["pending"]);
        assert!(pending > Some(1), "{engine}");
        let rehearsed = count(&json["rehearsal"]["up"]["migrations"]);
        assert_eq!(rehearsed, pending, "{engine}: the copy has another history");
        project.done(&[&["status", "--check"][..], &named].concat());
        let other = project.ran(&["status", "--check"]);
        assert_eq!(
            other.code,
            Some(1),
            "{engine}: the other history was written to"
        );
        let other = database.try_sql("SELECT count(*) FROM _migrate_history");
        assert!(other.is_err(), "{engine}: there are two histories");
    }
}

#[test]
fn a_report_holds_no_values_of_rows() {
    for server in server::all() {
        let engine = server.engine();
        let (project, database) = shop_on(&server, "values", 1);
        database.sql("INSERT INTO tags VALUES (800, 'hush-hush')");
        project.write(
            "migrations/20260301000000_words/up.sql",
            "INSERT INTO tags VALUES (900, 'hush-hush');",
        );
        project.write(
            "migrations/20260301000000_words/down.sql",
            "DELETE FROM tags WHERE id >= 900;",
        );
        let reason = "this is about the report";
        let ran = project.ran(&[
            "run",
            "--no-backup",
            reason,
            "--no-rehearsal",
            reason,
            "--go-anyway",
            reason,
            "--report",
            "out",
        ]);
        assert_eq!(ran.code, Some(3), "{engine}: {}{}", ran.stdout, ran.stderr);
        for file in ["report.html", "report.md", "report.json"] {
            let text = fs::read_to_string(project.path().join("out").join(file)).expect(file);
            assert!(
                !text.contains("hush-hush"),
                "{engine}: {file} tells a value"
            );
            assert!(text.contains("20260301000000"), "{engine}: {file}");
        }
    }
}

#[test]
fn a_smoke_test_that_fails_is_a_failed_validation() {
    let Some(server) = server::sqlite() else {
        return;
    };
    let (project, database) = shop_on(&server, "smoke", 1);
    project.write(
        "migrate.toml",
        "dialect = \"sqlite\"\n[validate]\ncommand = \"echo nobody answers; exit 9\"\n\
         analyze = true\n",
    );
    let ran = project.ran(&["run", "--report", "out", "--format", "json"]);
    assert_eq!(ran.code, Some(5), "{}{}", ran.stdout, ran.stderr);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let checks = json["validation"]["checks"].as_array().expect("checks");
    let of = |kind: &str| checks.iter().filter(|it| it["kind"] == kind).count();
    assert_eq!(of("command"), 1);
    assert!(of("statistics") > 0, "{checks:#?}");
    for file in ["report.html", "report.md", "report.json"] {
        let text = fs::read_to_string(project.path().join("out").join(file)).expect(file);
        assert!(text.contains("ended with 9: nobody answers"), "{file}");
    }
    let touched = database.sql("SELECT count(DISTINCT tbl) > 0 FROM sqlite_stat1");
    assert_eq!(touched, "1");
}

#[test]
fn a_way_down_that_new_rows_stand_in_is_told_as_a_risk() {
    let Some(server) = server::sqlite() else {
        return;
    };
    let (project, _database) = shop_on(&server, "new_rows", 1);
    project.write(
        "migrations/20260301000000_codes/up.sql",
        "CREATE TABLE codes (id INT PRIMARY KEY, code TEXT NOT NULL);\n\
         CREATE UNIQUE INDEX one_code ON codes (code);",
    );
    project.write(
        "migrations/20260301000000_codes/down.sql",
        "DROP TABLE codes;",
    );
    project.done(&["up"]);
    project.write(
        "migrations/20260302000000_loose/up.sql",
        "DROP INDEX one_code;",
    );
    project.write(
        "migrations/20260302000000_loose/down.sql",
        "CREATE UNIQUE INDEX one_code ON codes (code);",
    );
    let ran = project.done(&["run", "--report", "out", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(json["rehearsal"]["verdict"], "partly", "{json:#}");
    assert_eq!(json["rehearsal"]["new_rows"]["state"], "down_fails");
    let risk = "the way down fails once rows of the new schema exist (a key twice in codes.code)";
    let reasons = json["forecast"]["verdict"]["reasons"].to_string();
    assert!(reasons.contains(risk), "{reasons}");
    assert_eq!(json["forecast"]["verdict"]["go"], true);
    for file in ["report.html", "report.md"] {
        let text = fs::read_to_string(project.path().join("out").join(file)).expect(file);
        assert!(
            text.contains("Rows that only the new schema allows"),
            "{file}"
        );
        assert!(
            text.contains("fails once rows of the new schema exist"),
            "{file}"
        );
    }
}
