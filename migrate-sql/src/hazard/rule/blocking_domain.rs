//! A constraint of a domain.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::Fix;
use super::{Case, with_help};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| matches!(effect.form, Form::DomainConstraint { .. }))?;
    let Form::DomainConstraint { domain } = &effect.form else {
        return None;
    };
    let message = format!(
        "the constraint of the domain `{domain}` is checked in every table that uses it, with writers kept away"
    );
    with_help(
        case.finding(&rule::BLOCKING_DOMAIN, effect, message),
        None,
        &[
            "VALIDATE of a domain locks the same; a CHECK on each table can be added NOT VALID and validated without the lock",
        ],
    )
}
