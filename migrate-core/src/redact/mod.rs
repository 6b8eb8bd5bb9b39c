//! Keeping passwords and values of rows out of messages, logs and reports.
//!
//! Rather too much is hidden than too little: what is written down is read by people who may not
//! read the database.

mod message;
mod sql;
mod url;

pub use message::message;
pub use sql::{passwords, values};
pub use url::urls;
