//! `migrate lock`.

use migrate_core::lockfile::{Change, Disagreement, Line, LockError, LockFile, resolve, update};
use migrate_core::project::Loaded;
use migrate_core::{Diagnostic, Level, Version, rule, visible};

use crate::cli::{LockArgs, Take};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{ChangeJson, Kind, LockJson};
use crate::project;

pub(crate) fn lock(context: &Context, args: &LockArgs) -> Result<Exit, CommandError> {
    let config = project::configuration_for_files(&context.global)?;
    let loaded = project::load(&config)?;
    let path = config.shown(&loaded.lock_path);
    let standing_in_the_way = obstacles(&loaded);
    if !standing_in_the_way.is_empty() {
        return Err(CommandError::Findings {
            what: "the migrations have errors, so they were not frozen",
            diagnostics: standing_in_the_way,
        });
    }
    let (old, named) = old_lines(&loaded, args)?;
    let update = update(old.as_ref(), &loaded.set, loaded.basis, &named)
        .map_err(CommandError::LockRefused)?;
    let readable = loaded.lock.as_ref().and_then(|lock| lock.as_ref().ok());
    let unchanged = readable == Some(&update.lock);
    if !args.dry_run && !unchanged {
        update
            .lock
            .write(&loaded.lock_path)
            .map_err(|source| CommandError::Io {
                doing: "cannot write",
                path: path.clone(),
                source,
            })?;
    }
    let changes = update.changes.iter().filter_map(ChangeJson::new).collect();
    let json = LockJson {
        path: path.clone(),
        dry_run: args.dry_run,
        changes,
    };
    context.answer(Exit::Done, &json, |printer| {
        for change in &json.changes {
            printer.say(
                Kind::Done,
                &format!(
                    "{} {}_{}",
                    change.change,
                    change.version,
                    visible(&change.name)
                ),
            );
        }
        printer.say(
            Kind::Done,
            &match (unchanged, args.dry_run) {
                (true, _) => format!("{path} is up to date"),
                (false, true) => format!("dry run: {path} was not written"),
                (false, false) => format!("wrote {path}"),
            },
        );
        Ok(())
    })
}

/// Errors in the migrations themselves. What is wrong with the lock file is what this command is
/// for, unless it cannot even be read.
fn obstacles(loaded: &Loaded) -> Vec<Diagnostic> {
    let unreadable = matches!(loaded.lock, Some(Err(LockError::Malformed { .. })));
    let own = [
        &rule::LOCK_CONFLICT,
        &rule::NOT_LOCKED,
        &rule::LOCK_WITHOUT_FILE,
        &rule::EDITED_FROZEN,
        &rule::DRAFT,
    ];
    loaded
        .diagnostics
        .iter()
        .filter(|finding| finding.level == Level::Error)
        .filter(|finding| !own.contains(&finding.rule))
        .filter(|finding| unreadable || loaded.lock.is_none() || *finding.rule != rule::LOCK_FILE)
        .cloned()
        .collect()
}

/// What the lock file said so far, and the versions that may be frozen again.
fn old_lines(
    loaded: &Loaded,
    args: &LockArgs,
) -> Result<(Option<LockFile>, Vec<Version>), CommandError> {
    let mut named = args.versions.clone();
    let old = match &loaded.lock {
        None => None,
        Some(Ok(lock)) => Some(lock.clone()),
        Some(Err(LockError::Altered(lock))) => Some(lock.clone()),
        Some(Err(LockError::Conflict(conflict))) => {
            let lines = match resolve(conflict, &named) {
                Ok(lines) => lines,
                Err(disagreements) => {
                    let Some(take) = args.take else {
                        return Err(CommandError::Disagree(disagreements));
                    };
                    let versions = disagreements.iter().map(|d| d.ours.version.clone());
                    named.extend(versions);
                    let lines = resolve(conflict, &named).map_err(CommandError::Disagree)?;
                    chosen(lines, &disagreements, take, &mut named)
                }
            };
            Some(LockFile::new(loaded.basis, lines))
        }
        // A malformed lock file is an obstacle, and so is what may come with a newer format.
        Some(Err(_)) => None,
    };
    Ok((old, named))
}

/// Puts the chosen side of every disagreement into the lines. Then the file has to agree with it,
/// so the version is no longer one that may be frozen whatever the file says.
fn chosen(
    mut lines: Vec<Line>,
    disagreements: &[Disagreement],
    take: Take,
    named: &mut Vec<Version>,
) -> Vec<Line> {
    for disagreement in disagreements {
        let side = match take {
            Take::Ours => &disagreement.ours,
            Take::Theirs => &disagreement.theirs,
            Take::File => continue,
        };
        named.retain(|version| *version != side.version);
        if let Some(line) = lines.iter_mut().find(|line| line.version == side.version) {
            *line = side.clone();
        }
    }
    lines
}

impl ChangeJson {
    fn new(change: &Change) -> Option<Self> {
        let (change, line) = match change {
            Change::Frozen(line) => ("frozen", line),
            Change::Refrozen(line) => ("refrozen", line),
            Change::Renamed(line) => ("renamed", line),
            Change::Removed(line) => ("removed", line),
            _ => return None,
        };
        Some(ChangeJson {
            change,
            version: line.version.to_string(),
            name: line.name.clone(),
        })
    }
}
