//! A script: SQL text, the statements in it, its checksum.

use std::borrow::Cow;

use crate::checksum::{Checksum, Hasher, normalise};
use crate::dialect::Dialect;
use crate::split::{Split, split};

/// One direction of a migration: a SQL text, and perhaps Rust code beside it.
#[derive(Clone, Debug)]
pub struct Script {
    /// The file, as messages show it.
    pub path: Cow<'static, str>,
    /// The text as it was read; [`text`](Script::text) normalises it.
    pub sql: Cow<'static, str>,
    /// [`script_checksum`] over the statements, the transaction mode and the Rust code.
    pub checksum: Checksum,
    /// Whether the whole script runs in one transaction.
    pub transaction: bool,
    /// Whether Rust code belongs to it: run after the SQL on the way up, before it on the way down.
    pub rust: bool,
}

impl Script {
    /// The text with the byte order mark stripped and CRLF turned into LF.
    pub fn text(&self) -> Cow<'_, str> {
        normalise(&self.sql)
    }
}

/// The checksum of a script: SHA-256 over its transaction mode, its statements and the tokens of
/// its Rust code, each prefixed by its length.
///
/// White space and comments *between* statements do not count, so that a licence header or an
/// `allow` directive added to an applied script is not an edit.
///
/// ```
/// use migrate_core::{Dialect, script_checksum};
/// let of = |sql| script_checksum(sql, Dialect::Sqlite, true, None);
/// assert_eq!(of("SELECT 1;"), of("-- a comment\r\nSELECT 1 ;\n"));
/// assert_ne!(of("SELECT 1;"), of("SELECT 2;"));
/// ```
pub fn script_checksum(
    sql: &str,
    dialect: Dialect,
    transaction: bool,
    rust_tokens: Option<&str>,
) -> Checksum {
    let text = normalise(sql);
    checksum_of_split(&text, &split(&text, dialect), transaction, rust_tokens)
}

/// [`script_checksum`] of a text that has been normalised and split already.
pub fn checksum_of_split(
    text: &str,
    split: &Split,
    transaction: bool,
    rust_tokens: Option<&str>,
) -> Checksum {
    let mut hasher = Hasher::new();
    hasher.part(if transaction {
        b"transaction"
    } else {
        b"no-transaction"
    });
    for statement in &split.statements {
        hasher.part(
            text.get(statement.span.clone())
                .unwrap_or_default()
                .as_bytes(),
        );
    }
    if let Some(tokens) = rust_tokens {
        hasher.part(b"rust").part(tokens.as_bytes());
    }
    hasher.checksum()
}
