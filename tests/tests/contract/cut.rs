//! Connections that are cut and servers that go away, at every event and after every message.

use std::thread;

use migrate_runtime::{Error, Event};
use migrate_tests::contract::{Kind, Outcome, moment};
use migrate_tests::server::{self, Engine, PrivateServer, Proxy, Server};

use crate::process::Worker;
use crate::scripts::Mode;
use crate::stage::{Stage, Way, each_kind};

/// Runs the second migration that way over a connection through the proxy, and does something at
/// each of its moments.
fn through(
    proxy: &Proxy,
    stage: &Stage,
    way: Way,
    mut at: impl FnMut(&str),
) -> Result<Outcome, Error> {
    let mut client = stage.kind.connect(&proxy.through(&stage.database));
    let mut observer = |event: &Event<'_>| {
        if let Some(moment) = moment(event) {
            at(&moment);
        }
    };
    client.observe(&stage.folder.set(), &way.job(), &mut observer)
}

/// A run that was cut says so, unless it had nothing left to do.
fn was_cut(outcome: Result<Outcome, Error>, case: &str) {
    match outcome {
        Ok(outcome) => assert_eq!(outcome.versions(), ["2"], "{case}"),
        Err(error) => assert!(!error.to_string().is_empty(), "{case}"),
    }
}

fn connection_is_cut_at_every_event(server: Option<Server>, mode: Mode) {
    each_kind(server, |server, kind| {
        let mut stage = Stage::new(kind, mode, server);
        let proxy = Proxy::start(&stage.database);
        let mut moments = Vec::new();
        for way in Way::BOTH {
            let ran = through(&proxy, &stage, way, |moment| {
                moments.push(moment.to_owned())
            });
            assert_eq!(ran.unwrap().versions(), ["2"]);
            stage.is_as_after(way, "through the proxy");
        }
        moments.truncate(moments.len() / 2);
        assert!(moments.len() >= 25, "{moments:?}");
        for moment in &moments {
            for way in Way::BOTH {
                let case = format!("{kind:?}, {mode:?}: {way:?} cut at '{moment}'");
                let mut cuts = 0;
                let outcome = through(&proxy, &stage, way, |now| {
                    if now == moment {
                        proxy.cut();
                        cuts += 1;
                    }
                });
                assert_eq!(cuts, 1, "{case}");
                was_cut(outcome, &case);
                stage.finish_as_recorded(way, &case);
            }
        }
    });
}

#[test]
fn the_connection_at_every_event_of_a_transaction_on_postgres() {
    connection_is_cut_at_every_event(server::postgres(), Mode::Transaction);
}

#[test]
fn the_connection_at_every_event_without_a_transaction_on_postgres() {
    connection_is_cut_at_every_event(server::postgres(), Mode::Stepwise);
}

#[test]
fn the_connection_at_every_event_on_mariadb() {
    connection_is_cut_at_every_event(server::mariadb(), Mode::Stepwise);
}

/// The server gets so many messages and their answers get lost: also those to a COMMIT. Each kind
/// takes its share, so that together they lose the answer to every message.
fn answers_are_lost(server: Option<Server>, mode: Mode) {
    each_kind(server, |server, kind| {
        let mut stage = Stage::new(kind, mode, server);
        let proxy = Proxy::start(&stage.database);
        let kinds = Kind::of(kind.engine());
        let share = kinds.iter().position(|other| *other == kind).unwrap();
        for messages in (share..).step_by(kinds.len()) {
            let mut cut = false;
            for way in Way::BOTH {
                let case = format!("{kind:?}, {mode:?}: {way:?} cut after {messages} messages");
                let mut begun = false;
                let outcome = through(&proxy, &stage, way, |_| {
                    // Before the first event nothing is written.
                    if !std::mem::replace(&mut begun, true) {
                        proxy.cut_after(messages);
                    }
                });
                cut |= proxy.never_mind();
                was_cut(outcome, &case);
                stage.finish_as_recorded(way, &case);
            }
            if !cut {
                assert!(messages > 20, "{kind:?}: only {messages} messages");
                break;
            }
        }
    });
}

#[test]
fn the_answer_to_every_message_of_a_transaction_on_postgres() {
    answers_are_lost(server::postgres(), Mode::Transaction);
}

#[test]
fn the_answer_to_every_message_without_a_transaction_on_postgres() {
    answers_are_lost(server::postgres(), Mode::Stepwise);
}

#[test]
fn the_answer_to_every_message_on_mariadb() {
    answers_are_lost(server::mariadb(), Mode::Stepwise);
}

/// The server stops or is killed under runs of every kind of connection at once.
fn server_goes_away(engine: Engine, modes: &[Mode]) {
    let Some(mut server) = PrivateServer::start(engine) else {
        return;
    };
    let mut stages: Vec<Stage> = Kind::of(engine)
        .into_iter()
        .flat_map(|kind| modes.iter().map(move |mode| (kind, *mode)))
        .map(|(kind, mode)| Stage::new(kind, mode, &server.server()))
        .collect();
    let events = [
        "locked",
        "started 1",
        "finished 4",
        "finished 5",
        "finished 9",
    ];
    for (index, event) in events.into_iter().enumerate() {
        for way in Way::BOTH {
            let orderly = (index % 2 == 0) == (way == Way::Up);
            let case = |stage: &Stage| {
                let (kind, mode) = (stage.kind, stage.mode);
                format!("{kind:?}, {mode:?}: {way:?} at '{event}', orderly {orderly}")
            };
            let options = ["--pause-at", event];
            let workers: Vec<Worker> = stages
                .iter()
                .map(|stage| stage.worker(way.command(), &options))
                .map(|mut worker| {
                    worker.wait_for("paused");
                    worker
                })
                .collect();
            match orderly {
                true => server.stop(),
                false => server.kill9(),
            }
            for (mut worker, stage) in workers.into_iter().zip(&stages) {
                worker.go_on();
                let ended = worker.end();
                assert!(!ended.unwrap_error().is_empty(), "{}", case(stage));
            }
            server.start_again();
            thread::scope(|scope| {
                for stage in &mut stages {
                    scope.spawn(move || {
                        let case = case(stage);
                        stage.connect_again();
                        stage.finish_as_recorded(way, &case);
                    });
                }
            });
        }
    }
}

#[test]
fn the_server_on_postgres() {
    server_goes_away(Engine::Postgres, &[Mode::Transaction, Mode::Stepwise]);
}

#[test]
fn the_server_on_mariadb() {
    server_goes_away(Engine::Mariadb, &[Mode::Stepwise]);
}
