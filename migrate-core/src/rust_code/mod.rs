//! The Rust code of migrations: its tokens, for its checksum, and the function that it must have.

mod signature;
mod tokens;

pub(crate) use signature::{WrongFunction, inspect};
pub use tokens::{BadRust, token_spans, tokens};
