//! diesel's `metadata.toml`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, SourceFile};
use crate::document::Document;
use crate::rule;

const RUN_IN_TRANSACTION: &str = "run_in_transaction";

/// Whether the scripts beside a `metadata.toml` run in a transaction, and what is wrong with it.
///
/// The key must be there: diesel takes a file without it as `false`, which is hardly ever what its
/// author means, and ignores a malformed file.
pub(crate) fn read(source: Arc<SourceFile>) -> (bool, Vec<Diagnostic>) {
    let mut document = Document::new(Arc::clone(&source), &rule::BAD_METADATA);
    let table = document.parse(&source.text);
    document.known_keys(&table, &[RUN_IN_TRANSACTION]);
    let transaction = match table.get(RUN_IN_TRANSACTION) {
        Some(value) => document.boolean(RUN_IN_TRANSACTION, value),
        // A misspelt key or a broken line has been found already.
        None if document.is_faulty() => None,
        None => {
            document.error_with_help(
                0..0,
                "`run_in_transaction` is missing, which turns the transaction off in diesel",
                "write `run_in_transaction = false` if that is meant; otherwise delete the file",
            );
            None
        }
    };
    (transaction.unwrap_or(true), document.finish())
}
