//! Replicas that fall behind, and limits that nothing can be measured by. The replicas are real ones.

use std::time::{Duration, Instant};

use migrate_ops::connect::DatabaseUrl;
use migrate_ops::execute::{Applied, ExecuteError, ExecutionOutcome, Options};
use migrate_tests::server::{self, Engine, PrivateServer};

use crate::case::Case;

/// A primary and a replica of it that has caught up, with `delay` seconds between a commit here and
/// its replay there.
fn pair(engine: Engine, delay: u32) -> Option<(PrivateServer, PrivateServer)> {
    let primary = PrivateServer::primary(engine)?;
    let admin = primary.server().admin().clone();
    admin.sql("CREATE TABLE marks (id int); INSERT INTO marks VALUES (1)");
    let setting = match engine {
        Engine::Postgres => format!("recovery_min_apply_delay={delay}s"),
        _ => format!("MASTER_DELAY={delay}"),
    };
    let replica = primary.replica(&[&setting]);
    wait(Duration::from_secs(60), || {
        let seen = replica.server().admin().try_sql("SELECT id FROM marks");
        seen.is_ok_and(|it| it == "1")
    });
    Some((primary, replica))
}

fn wait(longest: Duration, mut until: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !until() {
        assert!(begun.elapsed() < longest, "it takes too long");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn url(server: &PrivateServer) -> DatabaseUrl {
    DatabaseUrl::parse(server.url()).unwrap()
}

/// The first commit is some seconds old when the third script wants to begin.
fn three_steps(server: &server::Server) -> Case {
    let sleep = match server.engine() {
        Engine::Mariadb => "DO SLEEP(4);",
        _ => "SELECT pg_sleep(4);",
    };
    Case::new(server, "replicas")
        .with("1_a.up.sql", "CREATE TABLE a (id int);")
        .with("2_b.up.sql", sleep)
        .with("3_c.up.sql", "CREATE TABLE c (id int);")
}

/// The four seconds of the second script are longer, and the delay of the replica is longer still.
const LIMIT: Duration = Duration::from_secs(2);
const DELAY: u32 = 6;

fn limited(options: &mut Options<'_>) {
    options.limits.replica_lag = Some(LIMIT);
    options.limits.pause = Duration::from_secs(60);
}

fn it_paused_and_went_on(applied: &Applied) {
    let execution = &applied.execution;
    assert_eq!(execution.outcome, ExecutionOutcome::Done, "{execution:#?}");
    assert_eq!(execution.committed, ["1", "2", "3"]);
    // On a busy machine it may have to wait twice.
    assert!(execution.pauses.iter().all(|pause| pause.ended_well));
    let pause = execution.pauses.iter().find(|pause| {
        pause.duration_seconds > 0.5 && pause.reason.contains("s behind, and may be 2 s")
    });
    assert!(pause.is_some(), "{execution:#?}");
    let replica = &execution.replicas[0];
    let longest = replica.longest_lag_seconds.unwrap();
    assert!((2.0..30.0).contains(&longest), "{replica:?}");
    assert!(
        execution
            .samples
            .iter()
            .any(|sample| sample.replica_lag_seconds.is_some_and(|lag| lag > 2.0)),
        "{:#?}",
        execution.samples
    );
}

#[test]
fn a_delayed_standby_pauses_the_run_by_what_its_primary_knows() {
    let Some((primary, _replica)) = pair(Engine::Postgres, DELAY) else {
        return;
    };
    let case = three_steps(&primary.server());
    // What was written to make the database is replayed late, too.
    let replayed = "SELECT bool_and(replay_lsn >= pg_current_wal_lsn()) FROM pg_stat_replication";
    wait(Duration::from_secs(60), || {
        primary.server().admin().sql(replayed) == "t"
    });
    let applied = case.apply_with(limited);
    it_paused_and_went_on(&applied);
    assert!(!applied.execution.replicas[0].asked);
}

#[test]
fn a_delayed_replica_that_is_named_pauses_the_run() {
    for engine in [Engine::Postgres, Engine::Mariadb] {
        let Some((primary, replica)) = pair(engine, DELAY) else {
            continue;
        };
        let case = three_steps(&primary.server());
        // What was written to make the database is replayed late, too.
        wait(Duration::from_secs(60), || {
            let lag = match engine {
                Engine::Postgres => migrate_ops::replica::lag::<diesel::pg::Pg>(
                    &url(&replica),
                    &migrate_ops::connect::runtime().unwrap(),
                ),
                _ => migrate_ops::replica::lag::<diesel::mysql::Mysql>(
                    &url(&replica),
                    &migrate_ops::connect::runtime().unwrap(),
                ),
            };
            lag.unwrap().seconds().is_some_and(|lag| lag < 0.5)
        });
        let applied = case.apply_with(|options| {
            limited(options);
            options.replicas = vec![url(&replica)];
        });
        it_paused_and_went_on(&applied);
        let asked = &applied.execution.replicas[0];
        assert!(
            asked.asked && asked.name == url(&replica).shown(),
            "{asked:?}"
        );
    }
}

#[test]
fn a_replica_that_stands_still_stops_the_run() {
    for engine in [Engine::Postgres, Engine::Mariadb] {
        let Some((primary, replica)) = pair(engine, 0) else {
            continue;
        };
        let case = three_steps(&primary.server());
        let admin = replica.server().admin().clone();
        let (stop, go_on) = match engine {
            Engine::Postgres => (
                "SELECT pg_wal_replay_pause()",
                "SELECT pg_wal_replay_resume()",
            ),
            _ => ("STOP SLAVE SQL_THREAD", "START SLAVE SQL_THREAD"),
        };
        admin.sql(stop);
        let applied = case.apply_with(|options| {
            limited(options);
            options.limits.pause = Duration::from_secs(2);
            options.replicas = vec![url(&replica)];
        });
        let execution = &applied.execution;
        assert_eq!(
            execution.outcome,
            ExecutionOutcome::PausedTooLong,
            "{execution:#?}"
        );
        assert!(!execution.pauses.last().unwrap().ended_well);
        let before = execution.committed.len();
        assert!(before < 3, "{execution:#?}");
        if engine == Engine::Mariadb {
            let reason = &execution.pauses[0].reason;
            assert!(
                reason.contains("the thread that replays does not run"),
                "{reason}"
            );
        }
        admin.sql(go_on);
        let again = case.apply_with(|options| {
            limited(options);
            options.replicas = vec![url(&replica)];
        });
        let execution = &again.execution;
        assert_eq!(execution.outcome, ExecutionOutcome::Done, "{execution:#?}");
        assert_eq!(before + execution.committed.len(), 3);
    }
}

#[test]
fn a_replica_that_goes_away_pauses_the_run_until_it_is_back() {
    let Some((primary, mut replica)) = pair(Engine::Mariadb, 0) else {
        return;
    };
    let case = three_steps(&primary.server());
    let replica_url = url(&replica);
    let applied = std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            case.apply_with(|options| {
                limited(options);
                options.replicas = vec![replica_url.clone()];
            })
        });
        wait(Duration::from_secs(30), || {
            case.database.try_sql("SELECT 1 FROM a").is_ok()
        });
        replica.kill9();
        std::thread::sleep(Duration::from_secs(6));
        replica.start_again();
        run.join().unwrap()
    });
    let execution = &applied.execution;
    assert_eq!(execution.outcome, ExecutionOutcome::Done, "{execution:#?}");
    assert!(
        execution.pauses.iter().any(|pause| pause.ended_well
            && pause.reason.contains("it is not known how far the replica")),
        "{execution:#?}"
    );
}

fn refused(applied: &Applied) -> String {
    assert_eq!(
        applied.execution.outcome,
        ExecutionOutcome::Refused,
        "{applied:#?}"
    );
    assert!(applied.execution.scripts.is_empty());
    assert!(matches!(
        applied.error,
        Some(ExecuteError::Unmeasurable { .. })
    ));
    applied.execution.error.clone().unwrap()
}

#[test]
fn a_limit_that_cannot_be_measured_is_refused() {
    if let Some((primary, _replica)) = pair(Engine::Mariadb, 0) {
        let case = three_steps(&primary.server());
        let said = refused(&case.apply_with(limited));
        assert!(
            said.contains("only a replica itself knows") && said.contains("`replicas`"),
            "{said}"
        );
        // A server that is named and is no replica says nothing either.
        let said = refused(&case.apply_with(|options| {
            limited(options);
            options.replicas = vec![url(&primary)];
        }));
        assert!(said.contains("is no replica"), "{said}");
        let gone = DatabaseUrl::parse("mysql://u:hush@127.0.0.1:1/mysql").unwrap();
        let said = refused(&case.apply_with(|options| {
            limited(options);
            options.replicas = vec![gone];
        }));
        assert!(
            said.contains("cannot connect") && !said.contains("hush"),
            "{said}"
        );
    }
    if let Some((primary, _replica)) = pair(Engine::Postgres, 0) {
        let mut case = three_steps(&primary.server());
        case.database
            .sql("CREATE ROLE clerk LOGIN PASSWORD 'c'; GRANT CREATE ON SCHEMA public TO clerk");
        case.url = case.database.as_user("clerk", "c").url().to_owned();
        let said = refused(&case.apply_with(limited));
        assert!(said.contains("GRANT pg_monitor"), "{said}");
    }
    if let Some(server) = server::sqlite() {
        let case = Case::new(&server, "limits").with("1_a.up.sql", "CREATE TABLE a (id int);");
        let said = refused(&case.apply_with(limited));
        assert!(said.contains("`max_replica_lag` is configured"), "{said}");
        let said = refused(&case.apply_with(|options| {
            options.limits.active_sessions = Some(1);
        }));
        assert!(
            said.contains("`max_active_sessions` is configured"),
            "{said}"
        );
    }
}

#[test]
fn a_primary_that_nobody_follows_needs_no_measuring() {
    for server in server::remote() {
        let case = Case::new(&server, "alone").with("1_a.up.sql", "CREATE TABLE a (id int);");
        let applied = case.apply_with(limited);
        let execution = &applied.execution;
        assert_eq!(execution.outcome, ExecutionOutcome::Done, "{execution:#?}");
        assert!(execution.replicas.is_empty() && execution.pauses.is_empty());
    }
}
