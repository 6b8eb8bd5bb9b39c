//! Applying a change to the model.

use std::sync::Arc;

use migrate_core::SourceFile;

use super::Schema;
use crate::change::{Change, Touches};
use crate::conflict::Conflict;

/// Where a change comes from.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The script.
    pub source: &'a Arc<SourceFile>,
}

impl Schema {
    /// Makes a change, as far as it can be made, and says what the database would refuse.
    pub fn apply(&mut self, change: &Change, _place: Place<'_>) -> Vec<Conflict> {
        if let Change::Opaque(opaque) = change {
            self.forget(&opaque.touches);
        }
        Vec::new()
    }

    /// Makes uncertain what something that cannot be followed may have touched.
    pub fn forget(&mut self, touches: &Touches) {
        if *touches == Touches::Everything {
            self.open = true;
        }
    }
}
