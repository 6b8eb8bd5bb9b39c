//! Hiding personal data in a copy before anything else reads it.

use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use migrate_core::split::split;
use migrate_core::{line_column, normalise};

use super::error::RehearseError;
use crate::connect::Engine;

/// Runs a script of SQL on the copy, statement by statement.
pub(super) fn mask<DB: Engine>(
    path: &Path,
    conn: &mut DB::Connection,
) -> Result<(), RehearseError> {
    let text = fs::read_to_string(path).map_err(|source| RehearseError::MaskFile {
        path: path.to_owned(),
        source,
    })?;
    let text = normalise(&text);
    for statement in &split(&text, DB::DIALECT).statements {
        conn.batch_execute(statement.text(&text))
            .map_err(|source| RehearseError::Mask {
                path: path.to_owned(),
                line: line_column(&text, statement.span.start).0,
                source,
            })?;
    }
    Ok(())
}
