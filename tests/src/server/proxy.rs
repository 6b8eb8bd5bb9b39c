use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::Database;
use super::url::ServerUrl;

/// A TCP proxy between a client and a server, to break connections in the ways networks do.
///
/// ```no_run
/// use migrate_tests::server::{self, Proxy};
///
/// let Some(server) = server::postgres() else { return };
/// let database = server.database("cut");
/// let proxy = Proxy::start(&database);
/// let near = proxy.through(&database);
/// assert_eq!(near.sql("SELECT 1"), "1");
/// proxy.refuse(true);
/// assert!(near.try_sql("SELECT 1").is_err());
/// ```
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    frozen: bool,
    refusing: bool,
    ended: bool,
    /// How many messages of clients still go through before everything is cut.
    messages_left: Option<usize>,
    /// Both ends of every connection that was made.
    ends: Vec<TcpStream>,
}

impl Proxy {
    /// Starts a proxy on a free port in front of the server that holds `database`.
    ///
    /// # Panics
    /// Where no port can be had.
    #[must_use]
    pub fn start(database: &Database) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("the listener's address");
        let shared = Arc::new(Shared::default());
        let (upstream, acceptor) = (
            (database.url.host.clone(), database.url.port),
            Arc::clone(&shared),
        );
        thread::spawn(move || acceptor.accept(&listener, &upstream));
        Self { address, shared }
    }

    /// A database reached through the proxy.
    #[must_use]
    pub fn through(&self, database: &Database) -> Database {
        let (host, port) = (self.address.ip().to_string(), self.address.port());
        ServerUrl {
            host,
            port,
            ..database.url.clone()
        }
        .into()
    }

    /// Closes every connection, on both sides; bytes that a freeze held back are lost. New
    /// connections are still accepted.
    pub fn cut(&self) {
        self.shared.cut();
    }

    /// Closes every connection once the servers have been sent so many more messages: the answer to
    /// the last one is lost. A message is what a client writes at once.
    pub fn cut_after(&self, messages: usize) {
        match messages {
            0 => self.cut(),
            _ => self.shared.lock().messages_left = Some(messages),
        }
    }

    /// Takes [`Proxy::cut_after`] back; whether it came too late for that.
    pub fn never_mind(&self) -> bool {
        self.shared.lock().messages_left.take().is_none()
    }

    /// Holds back every byte in both directions, as a network does that lost its route: neither
    /// side learns of it.
    pub fn freeze(&self) {
        self.shared.lock().frozen = true;
    }

    /// Lets the bytes through again that [`Proxy::freeze`] held back.
    pub fn thaw(&self) {
        self.shared.lock().frozen = false;
        self.shared.changed.notify_all();
    }

    /// Closes new connections at once, until called with `false`; others go on.
    pub fn refuse(&self, refuse: bool) {
        self.shared.lock().refusing = refuse;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.cut();
        self.thaw();
        // Wakes the acceptor, which then sees the end.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener, upstream: &(String, u16)) {
        for client in listener.incoming() {
            let (ended, refusing) = {
                let state = self.lock();
                (state.ended, state.refusing)
            };
            if ended {
                return;
            }
            let Ok(client) = client else { continue };
            if refusing {
                continue;
            }
            // A client whose connection fails here sees it closed, as with a server that is down.
            if let Ok(server) = TcpStream::connect((upstream.0.as_str(), upstream.1)) {
                let _ = self.connect(&client, &server);
            }
        }
    }

    fn connect(self: &Arc<Self>, client: &TcpStream, server: &TcpStream) -> std::io::Result<()> {
        for end in [client, server] {
            end.set_nodelay(true)?;
            self.lock().ends.push(end.try_clone()?);
        }
        for (from, to, asks) in [(client, server, true), (server, client, false)] {
            let (from, to) = (from.try_clone()?, to.try_clone()?);
            let shared = Arc::clone(self);
            thread::spawn(move || shared.copy(from, to, asks));
        }
        Ok(())
    }

    /// Copies until one side closes, and then closes the other; `asks` says that it is the client's
    /// side that is read.
    fn copy(&self, mut from: TcpStream, mut to: TcpStream, asks: bool) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let state = self.lock();
            let waited = self.changed.wait_while(state, |state| state.frozen);
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            if asks && let Some(left) = &mut state.messages_left {
                *left -= 1;
                if *left == 0 {
                    // Nobody sees an answer, or that all is closed, before that is written down.
                    let _ = to.write_all(&bytes[..count]);
                    state.cut();
                    break;
                }
            }
            drop(state);
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        for end in [from, to] {
            // It may have been closed from the other side.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    fn cut(&self) {
        self.lock().cut();
    }
}

impl State {
    fn cut(&mut self) {
        self.messages_left = None;
        for end in self.ends.drain(..) {
            // The other side may have closed it.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}
