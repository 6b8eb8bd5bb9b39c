//! A statement that the configured server does not know yet.

use migrate_core::{Diagnostic, rule};

use super::super::feature;
use super::super::fix::Fix;
use super::Case;

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    // One finding a statement, whatever it changes.
    if !case.is_first {
        return None;
    }
    let server = case.watch.server()?;
    let (feature, place) = feature::newer(case.text(), server)?;
    let span = match place.is_empty() {
        true => case.statement.clone(),
        false => place.start + case.statement.start..place.end + case.statement.start,
    };
    let [major, minor, patch] = feature.since;
    let since = match (minor, patch) {
        (0, 0) => format!("{major}"),
        (_, 0) => format!("{major}.{minor}"),
        _ => format!("{major}.{minor}.{patch}"),
    };
    let product = server.product.name();
    let message = format!("{} needs {product} {since}", feature.name);
    let finding = Diagnostic::new(&rule::NEWER_THAN_SERVER, message)
        .at(&case.script.source, span, "")
        .note(format!("`server` in migrate.toml says {server}"))
        .help("write it without, or raise `server` when the last server has been upgraded");
    Some((finding, None))
}
