//! Asking before something is lost.

use std::io::{self, IsTerminal};

use crate::context::Context;
use crate::error::CommandError;

/// Asks on a terminal; elsewhere only `--yes` will do. `what` says what would happen.
pub(super) fn confirm(context: &Context, yes: bool, what: &str) -> Result<(), CommandError> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(CommandError::NotConfirmed {
            what: what.to_owned(),
        });
    }
    let answer = context
        .printer
        .ask(&format!("{what}. Go on?"))
        .map_err(|source| CommandError::Io {
            doing: "cannot read",
            path: "the answer".to_owned(),
            source,
        })?;
    if answer {
        Ok(())
    } else {
        Err(CommandError::Declined)
    }
}
