//! The migration lock: two runs are never at work on one history.
//!
//! A *session lock* belongs to the database session that also runs the statements; when the session
//! ends, however it ends, the lock is gone. It is polled, never waited for: a waiting
//! `pg_advisory_lock` holds a snapshot and deadlocks CREATE INDEX CONCURRENTLY.
//!
//! A *lease* is a row that expires, for poolers and clusters where a session lock does not hold. Its
//! fence grows with every holder, and every write to the history asserts that the fence is still
//! ours, so that a holder who was frozen past its expiry records nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::QueryResult;

use crate::backend::{Backend, LockName, OwnRun, TableName, single};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, Observer};
use crate::history_table::qualified;
use crate::session::Session;
use crate::settings::{LockKind, Settings};

/// A second connection, as far as renewing a lease needs it.
pub(crate) type Renew = Box<dyn FnMut(&str) -> QueryResult<usize> + Send>;

/// The table of leases, beside the history table.
const LEASES: &str = "_migrate_lock";

/// How long to wait between two tries.
const POLL: Duration = Duration::from_millis(100);

/// The lock while it is held.
pub(crate) enum MigrationLock {
    /// The transaction of each migration is the lock; between them others see that this run goes on.
    Transaction(OwnRun),
    /// A session lock.
    Session(LockName),
    /// A lease.
    Lease(Lease),
}

/// What every write to the history asserts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    /// A condition for the write itself.
    pub(crate) condition: Option<String>,
    /// A statement before it, in the same transaction, that must touch one row.
    pub(crate) touch: Option<String>,
}

/// A lease while it is held.
pub(crate) struct Lease {
    table: String,
    name: String,
    fence: String,
    renewal: Option<Renewal>,
}

impl MigrationLock {
    /// Takes the lock, waiting at most `settings.lock_wait`.
    #[expect(clippy::too_many_arguments, reason = "all of them are one run's parts")]
    pub(crate) fn take(
        backend: &'static dyn Backend,
        session: &mut dyn Session,
        observer: &mut dyn Observer,
        settings: &Settings,
        history: &TableName,
        database: &str,
        no_session_lock: Option<&str>,
        renew: &mut Option<Renew>,
    ) -> Result<Self, Error> {
        if backend.lock_is_transaction() {
            return Ok(MigrationLock::Transaction(OwnRun::begin()));
        }
        let name = LockName::of(database, history);
        let lease_because = match (settings.lock, no_session_lock) {
            (LockKind::Lease, _) => Some("the settings ask for a lease".to_owned()),
            (_, Some(reason)) => Some(reason.to_owned()),
            (LockKind::Auto | LockKind::Session, None) => None,
        };
        let Some(reason) = lease_because else {
            wait(observer, settings, |waited, observer| {
                let doing = "taking the migration lock";
                if backend
                    .try_lock(session, &name)
                    .map_err(Error::database(doing))?
                {
                    return Ok(Some(()));
                }
                let holder = backend.lock_holder(session, &name).unwrap_or_default();
                observer.event(&Event::LockWaiting {
                    holder: holder.as_deref(),
                    waited,
                });
                Err(Attempt::Held(holder))
            })?;
            let seen = backend
                .sees_lock(session, &name)
                .map_err(Error::database("looking at the migration lock"))?;
            if !seen {
                return Err(ErrorKind::LockNotSeen.into());
            }
            return Ok(MigrationLock::Session(name));
        };
        let Some(renew) = renew.take() else {
            return Err(ErrorKind::LeaseNeedsConnection { reason }.into());
        };
        session.wrap_reads();
        Lease::take(backend, session, observer, settings, history, &name, renew)
            .map(MigrationLock::Lease)
    }

    /// What every write to the history asserts while this lock is held.
    pub(crate) fn guard(&self, backend: &dyn Backend, settings: &Settings) -> Guard {
        match self {
            MigrationLock::Transaction(_) => Guard::default(),
            MigrationLock::Session(name) => Guard {
                condition: Some(backend.lock_condition(name)),
                touch: None,
            },
            MigrationLock::Lease(lease) => {
                // Touching the row also locks it until the write commits, so that nobody can take
                // the lease over between the assertion and the commit.
                Guard {
                    condition: None,
                    touch: Some(lease.renew_sql(backend, settings.lease)),
                }
            }
        }
    }

    /// Releases the lock. Errors are not told: the session's end releases it, or its expiry does.
    pub(crate) fn release(
        self,
        backend: &dyn Backend,
        session: &mut dyn Session,
        renew: &mut Option<Renew>,
    ) {
        match self {
            MigrationLock::Transaction(run) => drop(run),
            MigrationLock::Session(name) => {
                let _ = backend.unlock(session, &name);
            }
            MigrationLock::Lease(lease) => {
                let (table, name, fence) = (&lease.table, &lease.name, &lease.fence);
                if let Some(renewal) = lease.renewal {
                    *renew = renewal.stop();
                }
                let _ = session.batch(&format!(
                    "UPDATE {table} SET holder = '', until = {} WHERE name = {} AND fence = {fence}",
                    backend.now(),
                    backend.text(name)
                ));
            }
        }
    }
}

/// Tries until it works, the deadline passes, or the observer asks to stop. An attempt answers with
/// the error that ends everything, or with who holds the lock.
fn wait<T>(
    observer: &mut dyn Observer,
    settings: &Settings,
    mut attempt: impl FnMut(Duration, &mut dyn Observer) -> Result<Option<T>, Attempt>,
) -> Result<T, Error> {
    let begun = Instant::now();
    loop {
        let holder = match attempt(begun.elapsed(), observer) {
            Ok(Some(value)) => {
                observer.event(&Event::LockAcquired {
                    waited: begun.elapsed(),
                });
                return Ok(value);
            }
            Ok(None) => None,
            Err(Attempt::Held(holder)) => holder,
            Err(Attempt::Failed(error)) => return Err(error),
        };
        if observer.stop() {
            return Err(ErrorKind::Stopped { resumable: false }.into());
        }
        if begun.elapsed() >= settings.lock_wait {
            return Err(ErrorKind::LockHeld {
                waited: begun.elapsed(),
                holder,
            }
            .into());
        }
        std::thread::sleep(POLL.min(settings.lock_wait));
    }
}

/// Why an attempt did not get the lock.
enum Attempt {
    Held(Option<String>),
    Failed(Error),
}

impl From<Error> for Attempt {
    fn from(error: Error) -> Self {
        Attempt::Failed(error)
    }
}

/// A holder's name that no other has: the session, the time and a counter.
fn holder_name() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let time = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("process {} at {time} #{count}", std::process::id())
}

impl Lease {
    fn take(
        backend: &'static dyn Backend,
        session: &mut dyn Session,
        observer: &mut dyn Observer,
        settings: &Settings,
        history: &TableName,
        name: &LockName,
        renew: Renew,
    ) -> Result<Self, Error> {
        let table = qualified(backend, &history.schema, LEASES);
        let doing = "taking the lease";
        prepare(backend, session, history, &table, &name.name).map_err(Error::database(doing))?;
        let me = holder_name();
        let (b, key) = (backend, backend.text(&name.name));
        let fence = wait(observer, settings, |waited, observer| {
            let taken = session
                .execute(&format!(
                    "UPDATE {table} SET holder = {}, fence = fence + 1, until = {} \
                     WHERE name = {key} AND until < {}",
                    b.text(&me),
                    b.now_plus(settings.lease.as_secs().max(1)),
                    b.now()
                ))
                .map_err(Error::database(doing))?;
            if taken == 1 {
                let fence = single(
                    session,
                    &format!(
                        "SELECT {} FROM {table} WHERE name = {key} AND holder = {}",
                        b.as_text("fence"),
                        b.text(&me)
                    ),
                )
                .map_err(Error::database(doing))?;
                return Ok(fence);
            }
            let holder = single(
                session,
                &format!("SELECT holder FROM {table} WHERE name = {key}"),
            )
            .unwrap_or_default();
            observer.event(&Event::LockWaiting {
                holder: holder.as_deref(),
                waited,
            });
            Err(Attempt::Held(holder))
        })?;
        let mut lease = Lease {
            table,
            name: name.name.clone(),
            fence,
            renewal: None,
        };
        let sql = lease.renew_sql(backend, settings.lease);
        lease.renewal = Some(Renewal::start(renew, sql, settings.lease / 3));
        Ok(lease)
    }

    fn renew_sql(&self, backend: &dyn Backend, lease: Duration) -> String {
        format!(
            "UPDATE {} SET until = {} WHERE name = {} AND fence = {}",
            self.table,
            backend.now_plus(lease.as_secs().max(1)),
            backend.text(&self.name),
            self.fence
        )
    }
}

/// Makes the table and the row of a lease, where they are not there yet.
fn prepare(
    backend: &dyn Backend,
    session: &mut dyn Session,
    history: &TableName,
    table: &str,
    name: &str,
) -> QueryResult<()> {
    let schemas = std::slice::from_ref(&history.schema);
    let exists = |session: &mut dyn Session| {
        backend
            .existing(session, schemas, &[LEASES])
            .map(|found| !found.is_empty())
    };
    let t = backend.types();
    if !exists(session)? {
        let created = session.batch(&format!(
            "CREATE TABLE IF NOT EXISTS {table} (name {} NOT NULL PRIMARY KEY, \
             holder {} NOT NULL, fence {} NOT NULL, until {} NOT NULL){}",
            t.hash, t.text, t.integer, t.time, t.table_options
        ));
        // Two runs may make it at once; PostgreSQL then fails one of them in spite of IF NOT EXISTS.
        if let Err(error) = created
            && !exists(session)?
        {
            return Err(error);
        }
    }
    let key = backend.text(name);
    let row = format!("SELECT '1' FROM {table} WHERE name = {key}");
    if single(session, &row)?.is_none() {
        let inserted = session.batch(&format!(
            "INSERT INTO {table} (name, holder, fence, until) VALUES ({key}, '', 0, {})",
            backend.now()
        ));
        if let Err(error) = inserted
            && single(session, &row)?.is_none()
        {
            return Err(error);
        }
    }
    Ok(())
}

/// A thread that renews a lease on a connection of its own.
struct Renewal {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: std::thread::JoinHandle<Renew>,
}

impl Renewal {
    fn start(mut renew: Renew, sql: String, every: Duration) -> Self {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let (flag, condition) = &*stopped;
            loop {
                let guard = flag.lock().unwrap_or_else(PoisonError::into_inner);
                let (guard, _) = condition
                    .wait_timeout_while(guard, every, |stop| !*stop)
                    .unwrap_or_else(PoisonError::into_inner);
                let stop = *guard;
                drop(guard);
                if stop {
                    return renew;
                }
                match renew(&sql) {
                    // A lease that was taken over is noticed by the assertion of the next write.
                    Ok(_) => {}
                    // The next round tries again; if none succeeds the lease expires, and the
                    // assertion of the next write notices.
                    Err(error) => tracing::warn!(%error, "the lease could not be renewed"),
                }
            }
        });
        Renewal { stop, thread }
    }

    fn stop(self) -> Option<Renew> {
        let (flag, condition) = &*self.stop;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        condition.notify_all();
        self.thread.join().ok()
    }
}
