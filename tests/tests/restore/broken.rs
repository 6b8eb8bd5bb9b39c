//! Connections that are cut and servers that go away in the middle of it.

use migrate_ops::event::{Event, Listener, Step};
use migrate_ops::reinstate::{Outcome, Reinstatement};
use migrate_tests::reinstating::put_back;
use migrate_tests::server::{self, Engine, PrivateServer, Proxy};

use crate::project::Project;

/// Does something once, when a step is told of.
struct At<F> {
    step: &'static str,
    work: Option<F>,
}

impl<F: FnOnce()> Listener for At<F> {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Progress {
            step: Step::Restore,
            text,
            ..
        } = event
            && text.starts_with(self.step)
            && let Some(work) = self.work.take()
        {
            work();
        }
    }
}

fn at<F: FnOnce() + Send>(
    project: &Project,
    url: &str,
    backup: &str,
    step: &'static str,
    work: F,
) -> Reinstatement {
    let mut listener = At {
        step,
        work: Some(work),
    };
    let done = put_back(project.path(), url, backup, &mut listener);
    assert!(listener.work.is_none(), "{step} was not reached: {done:#?}");
    done
}

fn applied(server: &server::Server, name: &str) -> (Project, String) {
    let project = Project::new(server, name);
    project.done(&["backup"]);
    let backup = project.backup();
    project.done(&["up"]);
    (project, backup)
}

#[test]
fn a_connection_that_is_cut() {
    let Some(server) = server::postgres() else {
        return;
    };
    let (project, backup) = applied(&server, "cut");
    let proxy = Proxy::start(&project.database);
    let near = proxy.through(&project.database);
    // The backup is of the same database, however it is reached.
    let manifest = project
        .path()
        .join(".migrate/backups")
        .join(&backup)
        .join("backup.json");
    let text = std::fs::read_to_string(&manifest).expect("evidence");
    let hosts = |url: &str| {
        url.rsplit_once('@')
            .and_then(|(_, it)| it.split_once('/'))
            .map(|it| it.0.to_owned())
    };
    let (there, here) = (hosts(project.database.url()), hosts(near.url()));
    let text = text.replace(&there.expect("a host"), &here.expect("a host"));
    std::fs::write(&manifest, text).expect("evidence");
    for step in ["finding out", "restoring beside", "comparing what"] {
        let done = at(&project, near.url(), &backup, step, || proxy.cut());
        // A step that needs no connection that was open may go through; then the two have changed places.
        match done.outcome {
            Outcome::Done => {
                assert!(project.contents().ends_with('0'), "{step}: {done:#?}");
                project.database.sql("SELECT 1");
                project.drop_kept(&server, &done.kept);
                return;
            }
            Outcome::Failed | Outcome::Refused => {
                assert_eq!(
                    project.database.sql("SELECT count(*) FROM tags"),
                    "2",
                    "{step}: {done:#?}"
                );
            }
            other => panic!("{step}: {other:?} {done:#?}"),
        }
    }
    let done = at(&project, near.url(), &backup, "exchanging", || proxy.cut());
    assert_ne!(done.outcome, Outcome::Done, "{done:#?}");
    assert_eq!(project.database.sql("SELECT count(*) FROM tags"), "2");
    let done = put_back(project.path(), near.url(), &backup, &mut |_: &Event<'_>| {});
    assert_eq!(done.outcome, Outcome::Done, "{done:#?}");
    project.drop_kept(&server, &done.kept);
}

#[test]
fn a_server_that_is_restarted() {
    let Some(mut private) = PrivateServer::start(Engine::Postgres) else {
        return;
    };
    let server = private.server();
    let (project, backup) = applied(&server, "restarted");
    for step in ["restoring beside", "exchanging"] {
        let done = at(&project, &project.url, &backup, step, || {
            private.kill9();
            private.start_again();
        });
        assert_ne!(done.outcome, Outcome::Unfinished, "{step}: {done:#?}");
        if done.outcome != Outcome::Done {
            assert_eq!(
                project.database.sql("SELECT count(*) FROM tags"),
                "2",
                "{step}"
            );
        }
    }
    // A server that does not come back: what was begun is known, and ended later.
    let done = at(&project, &project.url, &backup, "comparing what", || {
        private.stop()
    });
    assert_eq!(done.outcome, Outcome::Unfinished, "{done:#?}");
    assert_eq!(done.next.as_deref(), Some("migrate restore --in-place"));
    private.start_again();
    let json = project
        .done(&["restore", "--in-place", "--format", "json"])
        .json();
    assert_eq!(json["outcome"], "done", "{json:#}");
    assert!(project.contents().ends_with('0'));
}
