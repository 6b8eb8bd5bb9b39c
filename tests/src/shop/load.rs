//! Writers that go on while something is done to a shop, and what they were told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_ops::connect::{self, DatabaseUrl, Open, runtime};

use crate::server::{Database, Engine};

/// How long a writer pauses after a commit.
const PAUSE: Duration = Duration::from_millis(5);

/// Writers at work. Each puts payments in, one a transaction, with an amount that only it uses.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Told>>,
}

/// What one writer was told.
#[derive(Debug, Default)]
struct Told {
    /// The order ids and amounts of the commits that it was told of, as `order_id/amount`.
    committed: Vec<String>,
    times: Vec<Duration>,
    errors: Vec<String>,
}

/// What all writers saw.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The commits that they were told of.
    pub committed: BTreeSet<String>,
    /// How long each took, the longest last.
    pub times: Vec<Duration>,
    /// What failed.
    pub errors: Vec<String>,
}

impl Load {
    /// Lets so many writers begin.
    ///
    /// # Panics
    /// Where a writer cannot connect.
    #[must_use]
    pub fn begin(database: &Database, writers: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let writers = (0..writers)
            .map(|number| {
                let (database, stop) = (database.clone(), Arc::clone(&stop));
                thread::spawn(move || match database.engine() {
                    Engine::Postgres => write::<Pg>(&database, number, &stop),
                    Engine::Mariadb => write::<Mysql>(&database, number, &stop),
                    Engine::Sqlite => write::<Sqlite>(&database, number, &stop),
                })
            })
            .collect();
        Load { stop, writers }
    }

    /// Lets them stop.
    ///
    /// # Panics
    /// Where a writer could not go on.
    #[must_use]
    pub fn end(self) -> Outcome {
        self.stop.store(true, Ordering::SeqCst);
        let mut outcome = Outcome::default();
        for writer in self.writers {
            let told = writer.join().expect("a writer ends in order");
            outcome.committed.extend(told.committed);
            outcome.times.extend(told.times);
            outcome.errors.extend(told.errors);
        }
        outcome.times.sort();
        outcome
    }
}

impl Outcome {
    /// The longest that a writer had to wait.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.times.last().copied().unwrap_or_default()
    }

    /// What 99 of 100 commits took at most.
    #[must_use]
    pub fn p99(&self) -> Duration {
        let at = self.times.len().saturating_sub(1) * 99 / 100;
        self.times.get(at).copied().unwrap_or_default()
    }

    /// The commits that writers were told of and that the database does not have.
    ///
    /// # Panics
    /// Where the database refuses to answer.
    #[must_use]
    pub fn lost(&self, database: &Database) -> Vec<String> {
        let joined = match database.engine() {
            Engine::Mariadb => "CONCAT(order_id, '/', CAST(amount AS INT))",
            Engine::Postgres => "order_id || '/' || amount::bigint",
            Engine::Sqlite => "order_id || '/' || CAST(amount AS INTEGER)",
        };
        let there = database.sql(&format!(
            "SELECT {joined} FROM payments WHERE amount >= 1000000"
        ));
        let there: BTreeSet<&str> = there.lines().collect();
        self.committed
            .iter()
            .filter(|it| !there.contains(it.as_str()))
            .cloned()
            .collect()
    }
}

fn write<DB: connect::Engine>(database: &Database, number: usize, stop: &AtomicBool) -> Told {
    let runtime = runtime().expect("a runtime");
    let url = DatabaseUrl::parse(database.url()).expect("a URL");
    let connect = || {
        let connected = DB::connect(&url, Open::Existing, &runtime);
        let mut conn = connected.expect("a writer connects").connection;
        if database.engine() == Engine::Sqlite {
            conn.batch_execute("PRAGMA busy_timeout = 20000; PRAGMA foreign_keys = ON")
                .expect("settings of SQLite");
        }
        conn
    };
    let mut conn = connect();
    let mut told = Told::default();
    let mut count = 0;
    while !stop.load(Ordering::SeqCst) {
        count += 1;
        let (order, amount) = (1 + count % 100, 1_000_000 + number * 100_000 + count);
        let sql = format!(
            "INSERT INTO payments (order_id, amount, currency) VALUES ({order}, {amount}, 'EUR')"
        );
        let begun = Instant::now();
        match conn.batch_execute(&sql) {
            Ok(()) => {
                told.committed.push(format!("{order}/{amount}"));
                told.times.push(begun.elapsed());
            }
            Err(error) => {
                told.errors.push(error.to_string());
                // A connection that broke is made anew, as a pool would.
                conn = connect();
            }
        }
        thread::sleep(PAUSE);
    }
    told
}
