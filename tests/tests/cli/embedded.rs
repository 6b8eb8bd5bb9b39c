//! An app's own program: the command around embedded migrations.

use super::command::{Project, ran};

#[test]
fn rust_code_runs() {
    let project = Project::of_embedded_app();
    let up = project.done("up");
    assert!(up.stderr.contains("applied 2 migrations"), "{}", up.stderr);
    let status = project.done("status --format json").stdout;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["migrations"][1]["rust"], true);
    assert_eq!(status["up_to_date"], true);
    let url = format!("sqlite://{}", project.join("app.db").display());
    if migrate_tests::server::sqlite().is_some() {
        let database = migrate_tests::server::Database::at(&url);
        assert_eq!(database.sql("SELECT sum(length) FROM people"), "8");
    }
    project.done("redo");
    project.done("verify");
    project.done("down --all --yes");
    project.done("database reset --yes");
}

#[test]
fn the_help_names_the_program() {
    let help = Project::of_embedded_app().done("up --help").stdout;
    assert!(help.contains("Usage: embedded-app up"), "{help}");
}

#[test]
fn errors_name_the_program() {
    let project = Project::of_embedded_app();
    project.done("up");
    let mut up = project.command("up");
    let database = project.join("app.db").display().to_string();
    if migrate_tests::server::sqlite().is_none() {
        return;
    }
    migrate_tests::server::Database::at(&format!("sqlite://{database}"))
        .sql("UPDATE _migrate_history SET state = 'running up' WHERE version = '0002'; UPDATE _migrate_history_head SET digest = NULL");
    let ran = ran(&mut up);
    assert_ne!(ran.code, Some(0));
    assert!(!ran.stderr.contains("next: migrate "), "{}", ran.stderr);
}

#[test]
fn flags_that_choose_migrations_are_refused() {
    let project = Project::of_embedded_app();
    project.write("other/1_a.sql", "CREATE TABLE a (id int);");
    for line in [
        "up --dir other",
        "status --set x",
        "up --dialect postgres",
        "up --database postgres://h/x",
    ] {
        let ran = project.run(line);
        assert_eq!(ran.code, Some(2), "{line}: {}", ran.stderr);
    }
    // The commands about files work on the directory as ever.
    project.done("check --dir other --dialect sqlite");
}

#[test]
fn sets_of_the_project_are_not_its_business() {
    let project = Project::of_embedded_app();
    project.write("migrate.toml", "[sets.a]\ndir = 'a'\n[sets.b]\ndir = 'b'\n");
    project.done("up");
}

#[test]
fn functions_of_the_app_are_there() {
    let project = Project::of_function_app();
    let mut without = project.command("up");
    let refused = ran(without.env("NO_FUNCTION", "1"));
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("caused by: no function today"),
        "{}",
        refused.stderr
    );
    project.done("up");
    if migrate_tests::server::sqlite().is_some() {
        let url = format!("sqlite://{}", project.join("app.db").display());
        let database = migrate_tests::server::Database::at(&url);
        let hex = "SELECT group_concat(hex) FROM (SELECT hex FROM keys_as_text ORDER BY id)";
        assert_eq!(database.sql(hex), "00ff,c0de");
    }
    project.done("redo");
    project.done("status --check");
    project.done("database reset --yes");
}
