//! The runs of this process, told apart by numbers: where a database has no sessions, several
//! threads of one process may each be at a run.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Those that are going on.
static RUNS: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

thread_local! {
    /// The innermost run on this thread; 0 where there is none.
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

/// A run on this thread, from here until the value is dropped.
#[derive(Debug)]
pub(crate) struct OwnRun {
    number: u64,
    /// The one around it: Rust code of a migration may migrate another database.
    outer: u64,
}

impl OwnRun {
    pub(crate) fn begin() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut runs = RUNS.lock().unwrap_or_else(PoisonError::into_inner);
        runs.insert(number);
        OwnRun {
            number,
            outer: CURRENT.replace(number),
        }
    }
}

impl Drop for OwnRun {
    fn drop(&mut self) {
        let mut runs = RUNS.lock().unwrap_or_else(PoisonError::into_inner);
        runs.remove(&self.number);
        CURRENT.set(self.outer);
    }
}

/// The number of the run on this thread.
pub(super) fn current() -> u64 {
    CURRENT.get()
}

/// Whether a run goes on, on another thread.
pub(super) fn goes_on_elsewhere(number: u64) -> bool {
    let runs = RUNS.lock().unwrap_or_else(PoisonError::into_inner);
    number != current() && runs.contains(&number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_for_other_threads_until_it_is_dropped() {
        let outer = OwnRun::begin();
        let number = current();
        let elsewhere = |number| {
            let asked = std::thread::spawn(move || goes_on_elsewhere(number)).join();
            matches!(asked, Ok(true))
        };
        assert!(!goes_on_elsewhere(number) && elsewhere(number));
        let inner = OwnRun::begin();
        assert_ne!(current(), number);
        drop(inner);
        assert_eq!(current(), number);
        drop(outer);
        assert!(!elsewhere(number));
    }
}
