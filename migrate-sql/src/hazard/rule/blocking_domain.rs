//! A constraint of a domain.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::Case;

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
    let effect = case.blocking(|effect| matches!(effect.form, Form::DomainConstraint { .. }))?;
    let Form::DomainConstraint { domain } = &effect.form else {
        return None;
    };
    let message = format!(
        "the constraint of the domain `{domain}` is checked in every table that uses it, with writers kept away"
    );
    Some(
        case.finding(&rule::BLOCKING_DOMAIN, effect, message)
            .help("VALIDATE of a domain locks the same; a CHECK on each table can be added NOT VALID and validated without the lock"),
    )
}
