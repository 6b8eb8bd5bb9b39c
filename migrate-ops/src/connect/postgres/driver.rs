//! Drives a connection from the thread that uses it.
//!
//! tokio-postgres leaves it to a task of its own to write what is sent and to read what is answered. On
//! a runtime with threads every message then wakes two of them, which takes longer than most statements
//! of a migration do. Here whoever waits for an answer drives the connection meanwhile.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{Connection, Error, Socket};

/// How long a connection that is given up may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// A runtime of the thread that waits, for one connection.
///
/// # Errors
/// Where the system cannot watch one more socket.
pub(super) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// What a connection writes and reads, until it ends.
type Driven = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// What writes and reads for a connection.
pub(super) struct Driver {
    runtime: Runtime,
    /// `None` once it has ended.
    connection: Option<Driven>,
    /// What the server said when it closed the connection.
    closed: Option<Error>,
}

impl Driver {
    /// Of a connection that was made on this runtime.
    pub(super) fn new<S>(runtime: Runtime, connection: Connection<Socket, S>) -> Self
    where
        S: TlsStream + Unpin + Send + 'static,
    {
        Driver {
            runtime,
            connection: Some(Box::pin(connection)),
            closed: None,
        }
    }

    /// Waits for something that the server has to answer.
    pub(super) fn wait<T>(&mut self, answer: impl Future<Output = T>) -> T {
        let Driver {
            runtime,
            connection,
            closed,
        } = self;
        let mut answer = pin!(answer);
        runtime.block_on(both(move |context| {
            if let Poll::Ready(answer) = answer.as_mut().poll(context) {
                return Poll::Ready(answer);
            }
            if let Some(driven) = connection
                && let Poll::Ready(ended) = driven.as_mut().poll(context)
            {
                *closed = ended.err();
                *connection = None;
            }
            answer.as_mut().poll(context)
        }))
    }

    /// What the server said when it closed the connection.
    pub(super) fn closed(&self) -> Option<&Error> {
        self.closed.as_ref()
    }
}

/// Polls until there is an answer. Two futures that wait for each other wake one another all the time:
/// what is woken while it is polled is polled again at once, without a word to the system.
async fn both<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    let woken = Arc::new(Woken::default());
    poll_fn(move |context| {
        let wakes = Arc::new(Wakes {
            woken: Arc::clone(&woken),
            waiting: context.waker().clone(),
        });
        let waker = Waker::from(wakes);
        loop {
            woken.again.store(false, Ordering::SeqCst);
            woken.polling.store(true, Ordering::SeqCst);
            let polled = poll(&mut Context::from_waker(&waker));
            woken.polling.store(false, Ordering::SeqCst);
            if polled.is_ready() || !woken.again.load(Ordering::SeqCst) {
                return polled;
            }
        }
    })
    .await
}

/// In one order for all threads: whoever wakes sees that nobody polls, or the poll sees that it was woken.
#[derive(Default)]
struct Woken {
    polling: AtomicBool,
    again: AtomicBool,
}

struct Wakes {
    woken: Arc<Woken>,
    waiting: Waker,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.again.store(true, Ordering::SeqCst);
        if !self.woken.polling.load(Ordering::SeqCst) {
            self.waiting.wake_by_ref();
        }
    }
}

impl Drop for Driver {
    /// Sends what is still to be sent: its client is dropped before, which says goodbye.
    fn drop(&mut self) {
        // Where a runtime is at work on this thread, no other can be.
        if let Some(driven) = self.connection.take()
            && Handle::try_current().is_err()
        {
            // Nobody is there whom an error would matter to.
            let _ = self
                .runtime
                .block_on(async { tokio::time::timeout(GOODBYE, driven).await });
        }
    }
}
