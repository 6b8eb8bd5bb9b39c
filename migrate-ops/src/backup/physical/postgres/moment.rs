//! A moment that a snapshot and the log have in common.
//!
//! A recovery to a place in the log has every transaction whose commit was written before that place. A
//! snapshot has every transaction that had ended when it was taken; its commit was written before, too.
//! The two differ in what was written and had not ended: a commit waits for the disk, or for a replica,
//! before others see it. So a snapshot and the place where the log stands right after it are one moment
//! only if no transaction is in between. There are two ways to be certain:
//!
//! - *Nobody is writing.* A transaction that writes holds a lock on its own number until it has ended,
//!   for everybody to see in `pg_locks`. Where there is none after the place was read, and no
//!   transaction has ended since the snapshot, there was none in between.
//! - *Nobody may write.* Every table is locked against writers for an instant. A transaction lets go of
//!   such a lock only after it has ended, so once all are held, nothing that touched a table is in
//!   between. Writers wait; for how long at most is the operator's to say, and is in the evidence.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::{SimpleConnection as _, TransactionManager as _};
use diesel::pg::Pg;

use super::lsn::Lsn;
use crate::backup::engine::Place;
use crate::backup::engine::postgres::{Held, LOCKED_AT_ONCE, Manager, PgConnection, hold, tables};
use crate::backup::error::BackupError;
use crate::backup::options::Options;
use crate::time::seconds;

/// How often a moment is looked for in which nobody writes.
const LOOKS: u32 = 5;
/// How often writers are kept waiting for one.
const ATTEMPTS: u32 = 3;
/// For how long they are let go on in between.
const PAUSE: Duration = Duration::from_millis(300);

/// A moment.
pub(super) struct Moment {
    /// Its snapshot is open; `None` where nobody is to look at it.
    pub(super) holder: Option<PgConnection>,
    pub(super) held: Held,
    /// Where the log stood.
    pub(super) lsn: Lsn,
    /// The longest that writers were kept waiting for it; `None` where nobody had to.
    pub(super) stall: Option<Duration>,
    /// Why the snapshot is not certain to be of that place in the log.
    pub(super) uncertain: Option<String>,
}

impl Moment {
    /// A place in the log that nobody compares anything with.
    pub(super) fn of_log(place: Place<'_, Pg>) -> Result<Self, BackupError> {
        let held = hold_nothing(place)?;
        Moment::of(None, held)
    }

    /// A place in the log with its snapshot, certain or not.
    pub(super) fn find(place: Place<'_, Pg>, options: &Options) -> Result<Self, BackupError> {
        let mut observer = place.connect()?;
        for _ in 0..LOOKS {
            let mut holder = place.connect()?;
            let held = hold(place, &mut holder, options)?;
            if nobody_wrote(place, &mut observer, &held)? {
                return Moment::of(Some(holder), held);
            }
            thread::sleep(Duration::from_millis(20));
        }
        let mut stall = Duration::ZERO;
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                thread::sleep(PAUSE);
            }
            let begun = Instant::now();
            let found = kept_still(place, options, begun);
            stall = stall.max(begun.elapsed());
            match found {
                Ok((holder, held)) => {
                    let moment = Moment::of(Some(holder), held)?;
                    return Ok(Moment {
                        stall: Some(stall),
                        ..moment
                    });
                }
                Err(error) => why = crate::backup::verify::with_causes(&error),
            }
        }
        let moment = Moment::of_log(place)?;
        Ok(Moment {
            stall: Some(stall),
            uncertain: Some(format!(
                "there was no moment of which copy and tables could be compared: somebody always wrote, and \
                 writers could not be kept waiting within {:.1} s ({why})",
                options.stall.as_secs_f64()
            )),
            ..moment
        })
    }

    fn of(holder: Option<PgConnection>, held: Held) -> Result<Self, BackupError> {
        let lsn = Lsn::parse(&held.wal).ok_or_else(|| BackupError::OutOfReach {
            wanted: held.wal.clone(),
            why: "it is no place in the log".to_owned(),
        })?;
        Ok(Moment {
            holder,
            held,
            lsn,
            stall: None,
            uncertain: None,
        })
    }

    /// How long writers were kept waiting.
    pub(super) fn stall_seconds(&self) -> Option<f64> {
        self.stall.map(seconds)
    }
}

fn hold_nothing(place: Place<'_, Pg>) -> Result<Held, BackupError> {
    let mut conn = place.connect()?;
    let row = place.row(
        &mut conn,
        "to tell where its log stands",
        "SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text",
    )?;
    let mut fields = row.into_iter().map(Option::unwrap_or_default);
    Ok(Held {
        id: String::new(),
        transactions: fields.next().unwrap_or_default(),
        wal: fields.next().unwrap_or_default(),
    })
}

/// Whether no transaction that writes was there between the snapshot and where the log stood after it.
fn nobody_wrote(
    place: Place<'_, Pg>,
    observer: &mut PgConnection,
    held: &Held,
) -> Result<bool, BackupError> {
    // Two statements: the second has to look after the first.
    let doing = "to tell who writes";
    let writers = place.row(
        observer,
        doing,
        "SELECT count(*)::text FROM pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' \
         AND granted",
    )?;
    let now = place.row(observer, doing, "SELECT pg_current_snapshot()::text")?;
    // `100:100:`, nobody between the oldest that runs and the next.
    let mut parts = held.transactions.split(':');
    let nobody_ran = parts.next() == parts.next() && parts.next() == Some("");
    let first = |row: migrate_runtime::Row| row.into_iter().next().flatten();
    Ok(nobody_ran
        && first(writers).as_deref() == Some("0")
        && first(now).as_ref() == Some(&held.transactions))
}

/// Keeps writers waiting until a snapshot is open.
fn kept_still(
    place: Place<'_, Pg>,
    options: &Options,
    begun: Instant,
) -> Result<(PgConnection, Held), BackupError> {
    let mut keeper = place.connect()?;
    let names = tables(place, &mut keeper)?;
    let refuses = place.refuses("a moment without writers (LOCK TABLE … IN SHARE MODE)");
    // A writer that waits for us while we wait for it would be ended by the server after its
    // deadlock_timeout. We are gone before that.
    let row = place.row(
        &mut keeper,
        "to tell a timeout",
        "SELECT (extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000)::bigint::text",
    )?;
    let deadlock = row.into_iter().next().flatten();
    let deadlock: u64 = deadlock.and_then(|it| it.parse().ok()).unwrap_or(1000);
    let wait = options.stall.min(Duration::from_millis(deadlock / 2));
    let wait = wait.as_millis().max(1);
    Manager::begin_transaction(&mut keeper).map_err(&refuses)?;
    keeper
        .batch_execute(&format!(
            "SET LOCAL lock_timeout = {wait}; SET LOCAL statement_timeout = {}",
            options.stall.as_millis().max(1)
        ))
        .map_err(&refuses)?;
    for names in names.chunks(LOCKED_AT_ONCE) {
        let sql = format!("LOCK TABLE {} IN SHARE MODE", names.join(", "));
        keeper.batch_execute(&sql).map_err(&refuses)?;
        if begun.elapsed() > options.stall {
            return Err(BackupError::Stalled {
                limit_seconds: options.stall.as_secs_f64(),
            });
        }
    }
    let mut holder = place.connect()?;
    let held = hold(place, &mut holder, options)?;
    // Writers go on.
    Manager::rollback_transaction(&mut keeper).map_err(&refuses)?;
    Ok((holder, held))
}
