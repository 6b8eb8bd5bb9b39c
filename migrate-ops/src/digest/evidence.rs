//! What is kept of a reading.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the tables of a database held at one moment. Holds no value of any row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatabaseDigest {
    /// The way in which rows are hashed: digests of two forms say nothing about each other.
    pub form: u32,
    /// The dialect: sums of two dialects say nothing about each other either.
    pub dialect: String,
    /// When reading began (RFC 3339, UTC).
    pub taken: String,
    /// By the name of [`table_name`](super::table_name).
    pub tables: BTreeMap<String, TableDigest>,
    /// Tables that were not read although nobody left them out, with the reason.
    pub not_read: BTreeMap<String, String>,
}

impl DatabaseDigest {
    /// The form that this version makes.
    pub const FORM: u32 = 1;

    /// The rows of all tables that were read.
    pub fn rows(&self) -> u64 {
        self.tables.values().map(|table| table.rows).sum()
    }
}

/// What a table held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableDigest {
    /// How many rows; counted, not estimated.
    pub rows: u64,
    /// The sum of the hashes of the rows, a decimal number.
    pub sum: String,
    /// The columns that were read, in the order in which they were hashed.
    pub columns: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}
