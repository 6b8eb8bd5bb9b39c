//! Who stands in the way, how far a statement is, what makes a run pause.

use std::time::{Duration, Instant};

use diesel::connection::{LoadConnection, SimpleConnection};
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use migrate_ops::connect::{DatabaseUrl, Engine as Connect, Open, runtime};
use migrate_ops::execute::{ExecutionOutcome, MonitorState};
use migrate_tests::server::{self, Engine};

use crate::case::{Case, Told};

/// A session that holds what others wait for, until it is let go of.
fn holding<T>(case: &Case, sql: &str, work: impl FnOnce() -> T) -> T {
    fn hold<DB: Connect, T>(case: &Case, sql: &str, work: impl FnOnce() -> T) -> T
    where
        DB::Connection: LoadConnection + SimpleConnection,
    {
        let runtime = runtime().unwrap();
        let url = DatabaseUrl::parse(case.database.url()).unwrap();
        let mut session = DB::connect(&url, Open::Existing, &runtime)
            .unwrap()
            .connection;
        for statement in sql.split("; ") {
            session.batch_execute(statement).unwrap();
        }
        let value = work();
        session.batch_execute("ROLLBACK").unwrap();
        value
    }
    match case.engine {
        Engine::Postgres => hold::<Pg, T>(case, sql, work),
        Engine::Mariadb => hold::<Mysql, T>(case, sql, work),
        Engine::Sqlite => panic!("it has no sessions"),
    }
}

fn case(server: &server::Server) -> Case {
    let case = Case::new(server, "watched").with(
        "2_grow.up.sql",
        "ALTER TABLE orders ADD COLUMN note varchar(20);",
    );
    case.database.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, card varchar(20)); \
         INSERT INTO orders VALUES (1, 'x')",
    );
    case
}

const IN_THE_WAY: &str = "BEGIN; UPDATE orders SET card = '4111111111111111' WHERE id = 1";

#[test]
fn a_blocker_is_named_without_values() {
    for server in server::remote() {
        let mut case = case(&server);
        case.lock_retries = 1;
        let mut told = Told::default();
        let applied = holding(&case, IN_THE_WAY, || case.apply_told(&mut told, |_| {}));
        let execution = &applied.execution;
        assert_eq!(
            execution.outcome,
            ExecutionOutcome::Failed,
            "{execution:#?}"
        );
        assert_eq!(execution.monitor, MonitorState::Watching);
        assert_eq!(
            execution.next.as_deref(),
            match server.engine() {
                Engine::Mariadb => Some("migrate resume"),
                _ => Some("migrate run"),
            }
        );
        let statement = &execution.scripts[0].statements[0];
        assert_eq!(statement.attempts, 2, "{statement:#?}");
        let [blocker] = statement.blockers.as_slice() else {
            panic!("{statement:#?}");
        };
        assert!(
            blocker.user.is_some() && blocker.waits_for.is_some(),
            "{blocker:?}"
        );
        if server.engine() == Engine::Postgres {
            assert!(blocker.certain);
            let query = blocker.query.as_deref();
            assert_eq!(query, Some("UPDATE orders SET card = ? WHERE id = ?"));
            let waits_for = blocker.waits_for.as_deref();
            assert_eq!(waits_for, Some("AccessExclusiveLock on orders"));
        }
        let lines = told.lines();
        let named = format!(
            "waits for {}session {}",
            if blocker.certain { "" } else { "perhaps " },
            blocker.session
        );
        assert!(lines.iter().any(|line| line.contains(&named)), "{lines:#?}");
        assert!(
            lines.iter().all(|line| !line.contains("4111111")),
            "{lines:#?}"
        );

        // The way is free: it is done.
        let again = case.apply();
        assert_eq!(
            again.execution.outcome,
            ExecutionOutcome::Done,
            "{again:#?}"
        );
    }
}

#[test]
fn a_long_reader_delays_and_the_run_goes_on() {
    for server in server::remote() {
        let mut case = case(&server);
        case.lock_timeout = Duration::from_millis(1000);
        case.lock_retries = 20;
        let reader = "BEGIN; SELECT count(*) FROM orders";
        let begun = Instant::now();
        let applied = std::thread::scope(|scope| {
            let run = holding(&case, reader, || {
                let run = scope.spawn(|| case.apply());
                std::thread::sleep(Duration::from_millis(2500));
                run
            });
            run.join().unwrap()
        });
        let execution = &applied.execution;
        assert_eq!(execution.outcome, ExecutionOutcome::Done, "{execution:#?}");
        let statement = &execution.scripts[0].statements[0];
        assert!(
            statement.attempts >= 2 && !statement.blockers.is_empty(),
            "{statement:#?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}

#[test]
fn something_is_said_while_a_statement_runs() {
    for server in server::remote() {
        let sleep = match server.engine() {
            Engine::Mariadb => "DO SLEEP(2);",
            _ => "SELECT pg_sleep(2);",
        };
        let case = Case::new(&server, "heartbeat").with("1_a.up.sql", sleep);
        let mut told = Told::default();
        let applied = case.apply_told(&mut told, |options| {
            options.heartbeat = Duration::from_millis(500);
        });
        assert_eq!(applied.execution.outcome, ExecutionOutcome::Done);
        let said = told
            .lines()
            .iter()
            .filter(|line| line.contains("statement 1 of 1 of 1_a has run for"))
            .count();
        assert!((2..=4).contains(&said), "{:#?}", told.lines());
        let samples = &applied.execution.samples;
        assert!(
            samples.iter().all(|sample| sample.sessions >= Some(2)),
            "{samples:#?}"
        );
        let figures = &samples.last().unwrap();
        assert!(
            figures.log_bytes.is_some()
                && figures.sessions_limit.is_some()
                && figures.commits.is_some()
                && figures.deadlocks.is_some()
                && figures.waiting_sessions == Some(0),
            "{figures:?}"
        );
        let told = told.lines();
        assert!(told.iter().any(|it| it.starts_with("Sampled")), "{told:#?}");
        let not_sampled = applied.execution.not_sampled.join("; ");
        match server.engine() {
            // Its server runs on this machine, and says so of the process that answers.
            Engine::Postgres => assert!(figures.cpu_seconds > Some(0.0), "{figures:?}"),
            _ => assert!(not_sampled.contains("userstat"), "{not_sampled}"),
        }
    }
}

#[test]
fn processor_time_where_mariadb_counts_it() {
    let Some(server) = server::PrivateServer::start_with(Engine::Mariadb, &["userstat=1"]) else {
        return;
    };
    let case = Case::new(&server.server(), "userstat").with(
        "1_a.up.sql",
        "DO BENCHMARK(5000000, MD5('x'));\nDO SLEEP(3);",
    );
    let applied = case.apply();
    let samples = &applied.execution.samples;
    let used = samples.iter().filter_map(|it| it.cpu_seconds);
    assert!(used.reduce(f64::max) > Some(0.0), "{samples:#?}");
}

#[test]
fn how_far_an_index_is() {
    let Some(server) = server::postgres() else {
        return;
    };
    let case = Case::new(&server, "progress").with(
        "1_index.up.sql",
        "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY big_value ON big (md5(value::text));",
    );
    case.database
        .sql("CREATE TABLE big (value int); INSERT INTO big SELECT generate_series(1, 700000)");
    let mut told = Told::default();
    let applied = case.apply_told(&mut told, |_| {});
    let execution = &applied.execution;
    assert_eq!(execution.outcome, ExecutionOutcome::Done, "{execution:#?}");
    let lines = told.lines();
    let progress =
        |line: &&String| line.starts_with("progress 0.") && line.contains("building index");
    assert!(lines.iter().any(|line| progress(&line)), "{lines:#?}");
    let statement = &execution.scripts[0].statements[0];
    let inside = statement.progress.as_ref().unwrap();
    assert!(
        inside.phase.starts_with("building index: "),
        "{statement:?}"
    );
}

#[test]
fn load_pauses_the_run_where_no_transaction_is_open() {
    for server in server::remote() {
        let (begin, sleep) = match server.engine() {
            Engine::Mariadb => ("", "SELECT SLEEP(4)"),
            _ => ("-- migrate:no-transaction\n", "SELECT pg_sleep(4)"),
        };
        let case = Case::new(&server, "load").with(
            "1_a.up.sql",
            &format!("{begin}CREATE TABLE a (id int);\nCREATE TABLE b (id int);"),
        );
        let applied = std::thread::scope(|scope| {
            scope.spawn(|| case.database.sql(sleep));
            std::thread::sleep(Duration::from_millis(800));
            case.apply_with(|options| {
                options.limits.active_sessions = Some(0);
                // So that the server has been looked at before the first script.
                options.hooks.before_run = Some(migrate_core::config::Hook {
                    command: "sleep 1".to_owned(),
                    timeout: Duration::from_secs(5),
                    on_failure: migrate_core::config::HookFailure::Stop,
                });
            })
        });
        let execution = &applied.execution;
        assert_eq!(execution.outcome, ExecutionOutcome::Done, "{execution:#?}");
        assert!(
            execution
                .pauses
                .iter()
                .any(|pause| pause.ended_well && pause.reason.contains("sessions run statements")),
            "{execution:#?}"
        );
    }
}

#[test]
fn a_pause_that_lasts_too_long_stops_the_run() {
    let Some(server) = server::postgres() else {
        return;
    };
    let case = Case::new(&server, "busy")
        .with("1_a.up.sql", "SELECT pg_sleep(2.5);")
        .with("2_b.up.sql", "CREATE TABLE b (id int);");
    let applied = std::thread::scope(|scope| {
        scope.spawn(|| case.database.sql("SELECT pg_sleep(7)"));
        case.apply_with(|options| {
            options.limits.active_sessions = Some(0);
            options.limits.pause = Duration::from_millis(500);
        })
    });
    let execution = &applied.execution;
    assert_eq!(
        execution.outcome,
        ExecutionOutcome::PausedTooLong,
        "{execution:#?}"
    );
    assert!(execution.pauses.iter().any(|pause| !pause.ended_well));
    assert!(case.database.try_sql("SELECT 1 FROM b").is_err());
}

#[test]
fn a_user_who_may_see_little() {
    let Some(server) = server::postgres() else {
        return;
    };
    let case = case(&server);
    let user = format!("watcher_{}", std::process::id());
    case.database
        .sql(&format!("CREATE ROLE {user} LOGIN PASSWORD 'w'"));
    let watcher = case.database.as_user(&user, "w");
    let url = DatabaseUrl::parse(watcher.url()).unwrap();
    let mut told = Told::default();
    let applied = holding(&case, IN_THE_WAY, || {
        let url: &'static DatabaseUrl = Box::leak(Box::new(url));
        case.apply_told(&mut told, |options| options.monitor = Some(url))
    });
    let statement = &applied.execution.scripts[0].statements[0];
    assert_eq!(statement.blockers.len(), 1, "{applied:#?}");
    assert!(!format!("{:?}", statement.blockers).contains("4111"));
    case.database.sql(&format!("DROP ROLE {user}"));
}
