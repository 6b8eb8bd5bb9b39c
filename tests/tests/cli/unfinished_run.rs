//! `status` says where a run was that has not come to its end.

use migrate_ops::event::Step;
use migrate_ops::run_state::{About, Outcome, RunState, What};

use super::command::Project;

#[test]
fn status_says_where_a_run_is_or_was() {
    let project = Project::bookshop();
    let database = "sqlite://app.db".to_owned();
    let status = || project.run_on("sqlite://app.db", "status");
    project.done_on("sqlite://app.db", "up");
    let mut state = RunState::create(&project.join(".migrate"), &About { database }).unwrap();
    let started = What::MigrationStarted {
        step: Step::Apply,
        version: "2".to_owned(),
        name: "books".to_owned(),
        direction: "up".to_owned(),
        statements: 1,
        transaction: true,
        position: 2,
        of: 2,
    };
    state.step_started(Step::Apply).unwrap();
    state.write(started).unwrap();
    let id = state.id().clone();
    let at = "apply, 2_books on its way up, before its first statement";
    let running = format!(
        "the run {id} goes on (process {}): {at}",
        std::process::id()
    );
    let said = status().stderr;
    assert!(said.contains(&running), "{said}");
    let json = project
        .run_on("sqlite://app.db", "status --format json")
        .stdout;
    assert!(
        json.contains(r#""running": true"#) || json.contains(r#""running":true"#),
        "{json}"
    );

    drop(state);
    let said = status().stderr;
    assert!(
        said.contains(&format!("the run {id} was interrupted: {at}")),
        "{said}"
    );
    let other = project.run_on("sqlite://other.db", "status").stderr;
    assert!(!other.contains(id.as_str()), "{other}");

    let mut state = RunState::open(&project.join(".migrate"), &id).unwrap();
    state.finished(Outcome::Succeeded, "done", None).unwrap();
    drop(state);
    let said = status().stderr;
    assert!(!said.contains(id.as_str()), "{said}");
}
