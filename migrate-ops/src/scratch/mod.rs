//! Private places for copies of a database: a server of our own, or for SQLite a folder.
//!
//! A server is started from the programs on this machine. Only its owner and root can enter its
//! folder (0700), it listens on a socket in that folder and on no network port, and it asks for a
//! password. It is told nothing of this process's environment. Database servers refuse to run as
//! root: where this process does, the server and all that it can start run as `nobody`.
//!
//! It does not wait for the disk (see [`ScratchServer::settings`]): a copy need not survive a crash
//! of the machine. What it takes to write is therefore less than on a server that does.
//!
//! Nothing stays behind. Dropping a [`ScratchServer`] stops the server and removes its folder. Where
//! this process is killed, a guard process sees its pipe close and does the same; where that was
//! killed too, the next start in the same place does (see [`sweep`]). What is kept on purpose
//! ([`ScratchServer::keep`]) loses the mark by which these know it, and stays.

mod brought;
mod error;
mod folder;
mod mysql;
mod postgres;
mod process;
mod programs;
mod server;
mod system;

pub use brought::Brought;
pub use error::ScratchError;
pub use folder::sweep;
pub(crate) use mysql::TELLS;
pub use server::{Kept, Options, ScratchServer, server};
