//! A lock file against the migrations.

use super::{FrozenDown, Line, LineState, LockFile};
use crate::diagnostic::Diagnostic;
use crate::listing::LOCK_FILE_NAME;
use crate::migration::{Down, Migration};
use crate::rule;
use crate::set::MigrationSet;
use crate::version::Version;
use crate::visible::visible;

/// Where the migrations and the lock file differ, in the order of versions.
///
/// `unreadable` are versions that have files but are not in the set; nothing is said about them.
/// `shown` is the lock file's path as messages show it.
pub fn compare(
    lock: &LockFile,
    set: &MigrationSet,
    unreadable: &[Version],
    shown: &str,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for migration in set.migrations() {
        let path = migration.up.path.as_ref();
        let Some(line) = lock.get(&migration.version) else {
            findings.push(
                Diagnostic::new(
                    &rule::NOT_LOCKED,
                    format!("migration `{migration}` is not in {LOCK_FILE_NAME}"),
                )
                .at_path(path)
                .help("run `migrate lock` to freeze it, or add it as a draft with `migrate new`"),
            );
            continue;
        };
        if line.state == LineState::Draft {
            findings.push(
                Diagnostic::new(
                    &rule::DRAFT,
                    format!("migration `{migration}` is a draft in {LOCK_FILE_NAME}"),
                )
                .at_path(path)
                .help("run `migrate lock` to freeze it"),
            );
        } else {
            findings.extend(frozen(line, migration));
        }
    }
    let gone =
        |line: &&Line| set.get(&line.version).is_none() && !unreadable.contains(&line.version);
    for line in lock.lines().iter().filter(gone) {
        findings.push(
            Diagnostic::new(
                &rule::LOCK_WITHOUT_FILE,
                format!(
                    "{LOCK_FILE_NAME} has migration `{}_{}`, but its files are gone",
                    line.version,
                    visible(&line.name)
                ),
            )
            .at_path(shown)
            .help(format!(
                "restore the files, or run `migrate lock {}` to drop the line",
                line.version
            )),
        );
    }
    findings
}

/// What was done to a migration since it was frozen.
fn frozen(line: &Line, migration: &Migration) -> Vec<Diagnostic> {
    let (up, down) = edited(line.state, Line::frozen(migration).state);
    let mut findings = Vec::new();
    if up {
        findings.push(
            Diagnostic::new(
                &rule::EDITED_FROZEN,
                format!("the up script of `{migration}` was edited after it was frozen"),
            )
            .at_path(migration.up.path.as_ref())
            .note("databases that have run it will not run it again")
            .help("put it back as it was and write the change as a new migration")
            .help(format!(
                "if it was never applied anywhere that matters, run `migrate lock {}`",
                migration.version
            )),
        );
    }
    if down {
        let finding = match (&migration.down, line.state) {
            (
                Down::Script(script),
                LineState::Frozen {
                    down: FrozenDown::Script(_),
                    ..
                },
            ) => Diagnostic::new(
                &rule::EDITED_FROZEN,
                format!("the down script of `{migration}` was edited after it was frozen"),
            )
            .at_path(script.path.as_ref()),
            (now, LineState::Frozen { down: then, .. }) => Diagnostic::new(
                &rule::EDITED_FROZEN,
                format!(
                    "`{migration}` has {}; when it was frozen it had {}",
                    FrozenDown::of(now).describe(),
                    then.describe()
                ),
            )
            .at_path(migration.up.path.as_ref()),
            (_, LineState::Draft) => return findings,
        };
        findings.push(finding.help("run `migrate lock` to freeze it as it is now"));
    }
    if line.name != migration.name && !up {
        findings.push(
            Diagnostic::new(
                &rule::EDITED_FROZEN,
                format!(
                    "migration {} is called `{}`, and was frozen as `{}`",
                    migration.version,
                    visible(&migration.name),
                    visible(&line.name)
                ),
            )
            .at_path(migration.up.path.as_ref())
            .help("run `migrate lock` to take over the new name"),
        );
    }
    findings
}

/// Which of its scripts make a frozen migration differ from its line: up, down.
fn edited(state: LineState, now: LineState) -> (bool, bool) {
    match (state, now) {
        (LineState::Frozen { up: a, down: c }, LineState::Frozen { up: b, down: d }) => {
            (a != b, c != d)
        }
        _ => (false, false),
    }
}

impl FrozenDown {
    /// What messages call it.
    const fn describe(self) -> &'static str {
        match self {
            FrozenDown::Script(_) => "a down script",
            FrozenDown::Missing => "no down script",
            FrozenDown::Irreversible => "no down script, being irreversible",
        }
    }
}
