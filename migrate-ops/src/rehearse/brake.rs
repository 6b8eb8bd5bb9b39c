//! Seeing the locks of a statement where they are over when it is: MariaDB's definitions commit
//! themselves. The statement is made to wait for a moment, by a lock that lets others read, and what it
//! holds and waits for is looked at meanwhile. Only on a server of the rehearsal's own, and not while
//! times are measured.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use tokio::runtime::Runtime;

use super::catalogue::{Braking, questions};
use super::evidence::LockEvidence;
use crate::connect::{DatabaseUrl, Engine, Open};

/// How long a statement is made to wait at most: less than any of its own timeouts.
const LONGEST: Duration = Duration::from_secs(1);
/// How often is looked.
const TICK: Duration = Duration::from_millis(1);

/// What makes statements of one session wait.
pub(super) struct Brake<DB: Engine> {
    braking: &'static Braking,
    session: String,
    state: State<DB>,
}

/// The connection that holds the lock, and the one that looks.
struct Pair<DB: Engine> {
    brake: DB::Connection,
    eye: DB::Connection,
}

enum State<DB: Engine> {
    Off(Box<Pair<DB>>),
    On {
        done: Arc<AtomicBool>,
        thread: JoinHandle<(Box<Pair<DB>>, BTreeSet<LockEvidence>)>,
    },
    /// A thread took the connections with it.
    Broken,
}

impl<DB: Engine> Brake<DB> {
    /// One for a session; `None` where the server does not tell its locks.
    pub(super) fn of(url: &DatabaseUrl, runtime: &Runtime, session: Option<&str>) -> Option<Self> {
        let braking = questions(DB::DIALECT).braking.as_ref()?;
        let session = session?.to_owned();
        let connect = || DB::connect(url, Open::Existing, runtime).ok();
        let (mut brake, mut eye) = (connect()?.connection, connect()?.connection);
        DB::rows(&mut eye, braking.is_possible)
            .ok()?
            .pop()?
            .pop()??;
        brake.batch_execute(braking.ready).ok()?;
        Some(Brake {
            braking,
            session,
            state: State::Off(Box::new(Pair { brake, eye })),
        })
    }

    /// Before a statement: locks the tables that it names.
    pub(super) fn put_on(&mut self, sql: &str, leaves_out: impl Fn(&str) -> bool) {
        self.take_off();
        let State::Off(mut pair) = std::mem::replace(&mut self.state, State::Broken) else {
            return;
        };
        let is_locked = self
            .braking
            .lock(&tables::<DB>(&mut pair.eye, self.braking, sql, leaves_out))
            .is_some_and(|lock| pair.brake.batch_execute(&lock).is_ok());
        if !is_locked {
            self.state = State::Off(pair);
            return;
        }
        let done = Arc::new(AtomicBool::new(false));
        let (locks, release) = ((self.braking.locks)(&self.session), self.braking.release);
        let is_done = done.clone();
        let thread = thread::spawn(move || watch(pair, &locks, release, &is_done));
        self.state = State::On { done, thread };
    }

    /// After a statement: what was seen; `None` where nothing was.
    pub(super) fn take_off(&mut self) -> Option<Vec<LockEvidence>> {
        match std::mem::replace(&mut self.state, State::Broken) {
            State::On { done, thread } => {
                done.store(true, Ordering::Relaxed);
                let (pair, seen) = thread.join().ok()?;
                self.state = State::Off(pair);
                (!seen.is_empty()).then(|| seen.into_iter().collect())
            }
            state => {
                self.state = state;
                None
            }
        }
    }
}

impl<DB: Engine> Drop for Brake<DB> {
    fn drop(&mut self) {
        // A statement that failed is not told to be finished.
        self.take_off();
    }
}

/// The tables that are there and whose names stand in a statement.
fn tables<DB: Engine>(
    conn: &mut DB::Connection,
    braking: &Braking,
    sql: &str,
    leaves_out: impl Fn(&str) -> bool,
) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let words: BTreeSet<String> = sql.split(|c| !is_part(c)).map(str::to_lowercase).collect();
    // A statement that says itself how long it waits would not wait for this.
    if words.contains("nowait") || words.contains("wait") {
        return Vec::new();
    }
    let rows = DB::rows(conn, braking.tables).unwrap_or_default();
    let tables = rows.into_iter().flatten().flatten();
    tables
        .filter(|it| words.contains(&it.to_lowercase()) && !leaves_out(it))
        .collect()
}

/// Looks until the statement is done, and lets it go on as soon as it is seen to wait.
fn watch<DB: Engine>(
    mut pair: Box<Pair<DB>>,
    locks: &str,
    release: &str,
    done: &AtomicBool,
) -> (Box<Pair<DB>>, BTreeSet<LockEvidence>) {
    let begun = Instant::now();
    let (mut seen, mut is_braked) = (BTreeSet::new(), true);
    while !done.load(Ordering::Relaxed) {
        let rows = DB::rows(&mut pair.eye, locks).unwrap_or_default();
        let mut waits = false;
        for row in rows {
            let mut fields = row.into_iter().flatten();
            let (Some(object), Some(mode)) = (fields.next(), fields.next()) else {
                continue;
            };
            waits |= fields.next().is_some_and(|state| state == "PENDING");
            seen.insert(LockEvidence { object, mode });
        }
        if is_braked && (waits || begun.elapsed() > LONGEST) {
            // Where the connection is gone, so is its lock.
            let _ = pair.brake.batch_execute(release);
            is_braked = false;
        }
        thread::sleep(TICK);
    }
    if is_braked {
        let _ = pair.brake.batch_execute(release);
    }
    (pair, seen)
}
