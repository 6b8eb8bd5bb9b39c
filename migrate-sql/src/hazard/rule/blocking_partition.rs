//! ATTACH PARTITION without a CHECK that proves the bounds.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::Fix;
use super::Case;
use crate::quoting::qualified;

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| effect.form == Form::AttachPartition)?;
    let message = format!(
        "attaching {} keeps everybody away from it",
        effect.table_name()
    );
    let table = match &effect.table {
        Some(id) => qualified(&id.name, case.schema.dialect()),
        None => String::new(),
    };
    let finding = case
        .finding(&rule::BLOCKING_PARTITION, effect, message)
        .help(format!(
            "before, `ALTER TABLE {table} ADD CONSTRAINT … CHECK (the bounds) NOT VALID` and, in a second migration, VALIDATE it"
        ))
        .help("give it the indexes of the partitioned table before, too");
    Some((finding, None))
}
