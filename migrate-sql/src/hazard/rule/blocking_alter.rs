//! ALTER TABLE on MySQL and MariaDB that is not online.

use migrate_core::{Diagnostic, rule};

use super::super::fix::Fix;
use super::super::lock::{Blocked, Lock};
use super::{Case, with_help};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
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
    with_help(
        case.finding(&rule::BLOCKING_ALTER, effect, message),
        None,
        &[
            "do what copies the table with a tool that copies it beside the running app, as gh-ost or pt-online-schema-change",
            "write `LOCK=NONE` where a statement must be online: the server refuses it rather than block",
        ],
    )
}
