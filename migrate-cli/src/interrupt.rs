//! Ctrl-C and SIGTERM: the first stops after the current statement, the second cancels it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use migrate_ops::connect::Cancel;
use tokio::runtime::Runtime;

use crate::output::{Kind, Printer};

/// What the main thread waits for.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The command is done, with this exit code.
    Finished(crate::exit::Exit),
    /// Nobody waits for the command any more.
    Abandoned,
}

/// Whether somebody wants the run to stop; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    shared: Arc<Shared>,
}

struct Shared {
    stop: AtomicBool,
    cancelled: AtomicBool,
    /// How to cancel the statement that runs; `None` while no run goes on.
    running: Mutex<Option<Cancel>>,
    ending: Sender<Ending>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}

impl Interrupt {
    pub(crate) fn new(ending: Sender<Ending>) -> Self {
        Interrupt {
            shared: Arc::new(Shared {
                stop: AtomicBool::new(false),
                cancelled: AtomicBool::new(false),
                running: Mutex::new(None),
                ending,
            }),
        }
    }

    /// Listens from now on.
    pub(crate) fn listen(&self, runtime: &Runtime, printer: &Printer) {
        let (interrupt, printer) = (self.clone(), printer.clone());
        runtime.spawn(async move {
            let Some(mut signals) = Signals::new() else {
                return;
            };
            loop {
                signals.next().await;
                interrupt.signalled(&printer).await;
            }
        });
    }

    async fn signalled(&self, printer: &Printer) {
        let running = self.running().clone();
        let Some(cancel) = running else {
            // Nothing runs that would have to end in order.
            self.abandon();
            return;
        };
        if !self.shared.stop.swap(true, Ordering::SeqCst) {
            let text = "stopping after the current statement; once more cancels it";
            printer.say(Kind::Warning, text);
            return;
        }
        if self.shared.cancelled.swap(true, Ordering::SeqCst) {
            self.abandon();
            return;
        }
        printer.say(Kind::Warning, "cancelling the current statement");
        if !cancel.cancel().await {
            self.abandon();
        }
    }

    fn abandon(&self) {
        // The receiver lives as long as the main thread waits.
        let _ = self.shared.ending.send(Ending::Abandoned);
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Cancel>> {
        self.shared
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a statement may run that `cancel` cancels.
    pub(crate) fn run_begins(&self, cancel: Cancel) {
        *self.running() = Some(cancel);
    }

    /// No statement runs any more.
    pub(crate) fn run_ends(&self) {
        *self.running() = None;
    }

    /// Whether the run should stop.
    pub(crate) fn stop_requested(&self) -> bool {
        self.shared.stop.load(Ordering::SeqCst)
    }

    /// Whether a statement was cancelled.
    pub(crate) fn has_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::SeqCst)
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt()).ok()?;
        let terminate = signal(SignalKind::terminate()).ok()?;
        Some(Signals {
            interrupt,
            terminate,
        })
    }

    async fn next(&mut self) {
        // Whichever comes first; without the macro that would need another feature.
        std::future::poll_fn(|context| {
            let interrupted = self.interrupt.poll_recv(context).is_ready();
            if interrupted || self.terminate.poll_recv(context).is_ready() {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Self> {
        Some(Signals)
    }

    async fn next(&mut self) {
        // Where it cannot listen, the system's own handling stays.
        let _ = tokio::signal::ctrl_c().await;
    }
}
