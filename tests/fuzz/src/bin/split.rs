//! Lexing, splitting, directives and classification of any text, in every dialect.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use migrate_core::Dialect;

#[path = "../../../../migrate-core/tests/split/invariants.rs"]
mod invariants;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(data) else {
        return Corpus::Reject;
    };
    for dialect in Dialect::ALL {
        invariants::check(text, dialect);
    }
    Corpus::Keep
});
