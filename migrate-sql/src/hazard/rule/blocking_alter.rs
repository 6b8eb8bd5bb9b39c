//! ALTER TABLE on MySQL and MariaDB that is not online.

use migrate_core::{Diagnostic, rule};

use super::super::lock::{Blocked, Lock};
use super::Case;

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
    let effect = case.step.effects.iter().find(|effect| {
        matches!(effect.lock, Lock::Mysql(..)) && effect.blocks_while_it_works() != Blocked::Nobody
    })?;
    let away = match effect.lock.blocks() {
        Blocked::ReadsAndWrites => "everybody",
        _ => "writers",
    };
    let message = format!(
        "the statement keeps {away} away from {}",
        effect.table_name()
    );
    Some(
        case.finding(&rule::BLOCKING_ALTER, effect, message)
            .help("do what copies the table with a tool that copies it beside the running app, as gh-ost or pt-online-schema-change")
            .help("write `LOCK=NONE` where a statement must be online: the server refuses it rather than block"),
    )
}
