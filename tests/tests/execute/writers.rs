//! Writers that go on while a run applies: what they were told is committed stays, and they wait no
//! longer than the lock timeout.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use migrate_ops::connect::{DatabaseUrl, Engine as Connect, Open, runtime};
use migrate_ops::execute::ExecutionOutcome;
use migrate_tests::server::{self, Engine};

use crate::case::Case;

/// What a writer saw.
#[derive(Default)]
struct Seen {
    /// The numbers whose commit was acknowledged.
    committed: Vec<u64>,
    latencies: Vec<Duration>,
    errors: usize,
}

fn write<DB: Connect>(url: &str, next: &AtomicU64, stop: &AtomicBool) -> Seen {
    let runtime = runtime().unwrap();
    let url = DatabaseUrl::parse(url).unwrap();
    let mut session = DB::connect(&url, Open::Existing, &runtime)
        .unwrap()
        .connection;
    let mut seen = Seen::default();
    while !stop.load(Ordering::Relaxed) {
        let id = next.fetch_add(1, Ordering::Relaxed);
        let begun = Instant::now();
        let sql = format!("INSERT INTO orders (id, state) VALUES ({id}, 'new')");
        match session.batch_execute(&sql) {
            Ok(()) => seen.committed.push(id),
            Err(_) => seen.errors += 1,
        }
        seen.latencies.push(begun.elapsed());
        std::thread::sleep(Duration::from_millis(2));
    }
    seen
}

#[test]
fn every_acknowledged_commit_is_there_and_no_stall_is_long() {
    for server in server::all() {
        let writer: fn(&str, &AtomicU64, &AtomicBool) -> Seen = match server.engine() {
            Engine::Postgres => write::<Pg>,
            Engine::Mariadb => write::<Mysql>,
            // A writer there waits for the whole of another's transaction, whatever that is.
            Engine::Sqlite => continue,
        };
        let mut case = Case::new(&server, "writers")
            .with("1_note.up.sql", "ALTER TABLE orders ADD COLUMN note varchar(20);")
            .with("2_index.up.sql", match server.engine() {
                Engine::Postgres => "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY orders_state ON orders (state);",
                _ => "CREATE INDEX orders_state ON orders (state);",
            })
            .with("3_small.up.sql", "ALTER TABLE orders ADD COLUMN small int;");
        case.database
            .sql("CREATE TABLE orders (id bigint PRIMARY KEY, state varchar(20))");
        case.lock_timeout = Duration::from_secs(1);
        case.lock_retries = 30;
        let (next, stop) = (AtomicU64::new(1), AtomicBool::new(false));
        let url = case.database.url();
        let (applied, seen) = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| writer(url, &next, &stop)))
                .collect();
            // A reader that is in the way for longer than one attempt waits.
            let reader = scope.spawn(|| {
                let sql = match case.engine {
                    Engine::Postgres => {
                        "BEGIN; SELECT count(*) FROM orders; SELECT pg_sleep(3); COMMIT"
                    }
                    _ => "BEGIN; SELECT count(*) FROM orders; SELECT SLEEP(3); COMMIT",
                };
                case.database.sql(sql)
            });
            std::thread::sleep(Duration::from_millis(700));
            let applied = case.apply();
            reader.join().unwrap();
            std::thread::sleep(Duration::from_millis(300));
            stop.store(true, Ordering::Relaxed);
            let seen: Vec<Seen> = writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .collect();
            (applied, seen)
        });
        let execution = &applied.execution;
        assert_eq!(execution.outcome, ExecutionOutcome::Done, "{execution:#?}");
        assert!(
            execution.scripts[0].statements[0].attempts > 1,
            "{execution:#?}"
        );
        let mut committed: Vec<u64> = seen
            .iter()
            .flat_map(|seen| seen.committed.clone())
            .collect();
        committed.sort_unstable();
        let there = case.database.sql("SELECT id FROM orders ORDER BY id");
        let there: Vec<u64> = there.lines().map(|line| line.parse().unwrap()).collect();
        let lost = committed
            .iter()
            .filter(|id| there.binary_search(id).is_err())
            .count();
        assert_eq!(lost, 0, "of {} acknowledged commits", committed.len());
        let mut latencies: Vec<Duration> = seen
            .iter()
            .flat_map(|seen| seen.latencies.clone())
            .collect();
        latencies.sort_unstable();
        let errors: usize = seen.iter().map(|seen| seen.errors).sum();
        let longest = *latencies.last().unwrap();
        let p99 = latencies[latencies.len() * 99 / 100];
        println!(
            "{:?}: {} commits, p99 {:.1} ms, {errors} errors, longest {:.1} ms",
            server.engine(),
            committed.len(),
            p99.as_secs_f64() * 1e3,
            longest.as_secs_f64() * 1e3
        );
        assert!(
            longest <= case.lock_timeout + Duration::from_secs(1),
            "{longest:?}"
        );
        assert_eq!(errors, 0);
        assert!(committed.len() > 500);
    }
}
