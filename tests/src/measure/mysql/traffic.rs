use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use tokio::task::JoinHandle;

use super::super::Blocked;
use super::tables::Tables;
use super::{LOCK_WAIT_TIMEOUT, Sessions, code};

/// Sessions that try to read from and to write to tables all the time, and never wait.
pub(super) struct Traffic {
    running: Arc<AtomicBool>,
    lanes: Vec<Lane>,
}

/// One session's attempts on one table.
struct Lane {
    table: String,
    writes: bool,
    tries: Arc<Mutex<Tries>>,
    task: JoinHandle<()>,
}

/// Attempts since the last mark.
#[derive(Clone, Copy, Default)]
struct Tries {
    all: u32,
    refused: u32,
}

/// How attempts ended.
pub(super) struct Observed {
    lanes: Vec<(String, bool, Tries)>,
}

impl Observed {
    /// Who was turned away in at least so many per cent of the attempts.
    pub(super) fn kept_away(&self, at_least: u32) -> BTreeMap<String, Blocked> {
        let mut kept_away = BTreeMap::<String, Blocked>::new();
        for (table, writes, tries) in &self.lanes {
            if tries.refused * 100 < tries.all * at_least {
                continue;
            }
            let blocked = match writes {
                true => Blocked::Writes,
                false => Blocked::ReadsAndWrites,
            };
            let strongest = kept_away.entry(table.clone()).or_insert(blocked);
            *strongest = blocked.max(*strongest);
        }
        kept_away
    }
}

fn count(tries: &Mutex<Tries>, refused: bool) {
    let mut tries = tries.lock().unwrap_or_else(PoisonError::into_inner);
    tries.all += 1;
    tries.refused += u32::from(refused);
}

/// Fewer attempts than this say nothing.
const ENOUGH: u32 = 8;

/// Between two attempts, so that the statement gets the processor.
const PAUSE: Duration = Duration::from_micros(500);

impl Traffic {
    pub(super) async fn start(sessions: &Sessions, tables: &Tables) -> Self {
        let running = Arc::new(AtomicBool::new(true));
        let mut lanes = Vec::new();
        for table in tables.names() {
            // Takes a writer's lock on the table, and none on a row.
            let write = format!("DELETE FROM `{table}` WHERE 1 = 0");
            let read = format!("SELECT 1 FROM `{table}` LIMIT 1");
            for (writes, sql) in [(false, read), (true, write)] {
                let mut conn = sessions.open().await;
                super::run(&mut conn, "SET lock_wait_timeout = 0").await;
                let tries = Arc::new(Mutex::new(Tries::default()));
                let (counted, running) = (Arc::clone(&tries), Arc::clone(&running));
                let task = tokio::spawn(async move {
                    while running.load(Ordering::Relaxed) {
                        let result = conn.query_drop(&sql).await;
                        let refused = result.is_err_and(|e| code(&e) == LOCK_WAIT_TIMEOUT);
                        count(&counted, refused);
                        tokio::time::sleep(PAUSE).await;
                    }
                    // It is over: an unclean end harms nobody.
                    let _ = conn.disconnect().await;
                });
                lanes.push(Lane {
                    table: table.to_owned(),
                    writes,
                    tries,
                    task,
                });
            }
        }
        Self { running, lanes }
    }

    /// Begins to count.
    pub(super) fn mark(&self) {
        for lane in &self.lanes {
            let mut tries = lane.tries.lock().unwrap_or_else(PoisonError::into_inner);
            *tries = Tries::default();
        }
    }

    /// How the attempts since the mark ended; `None` where there were too few to tell.
    pub(super) fn since_mark(&self) -> Option<Observed> {
        let mut lanes = Vec::new();
        for lane in &self.lanes {
            let tries = *lane.tries.lock().unwrap_or_else(PoisonError::into_inner);
            if tries.all < ENOUGH {
                return None;
            }
            lanes.push((lane.table.clone(), lane.writes, tries));
        }
        Some(Observed { lanes })
    }

    pub(super) async fn stop(self) {
        self.running.store(false, Ordering::Relaxed);
        for lane in self.lanes {
            lane.task.await.expect("attempts that come to an end");
        }
    }
}
