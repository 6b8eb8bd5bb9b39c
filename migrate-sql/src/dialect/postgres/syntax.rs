//! What PostgreSQL's grammar refuses.

use squawk_syntax::{Parse, SourceFile};

use crate::dialect::SyntaxError;
use crate::name::Span;

/// The errors in a statement that begins at `offset` of its script.
pub(super) fn errors(parse: &Parse<SourceFile>, offset: usize) -> Vec<SyntaxError> {
    parse
        .errors()
        .iter()
        .map(|error| {
            let range = error.range();
            SyntaxError {
                message: lower_first(error.message()),
                span: Span::new(range.start().into(), range.end().into()).shifted(offset),
                help: None,
            }
        })
        .collect()
}

fn lower_first(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
