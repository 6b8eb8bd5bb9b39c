//! Merge conflicts in a lock file.

use std::collections::BTreeMap;
use std::ops::Range;

use super::file::{numbered, parse_lines};
use super::{Line, LineState, LockError};
use crate::version::Version;
use crate::visible::visible;

/// Both sides of an unresolved merge.
///
/// The markers may be git's short or long ones (`merge` or `diff3`); the common ancestor of the
/// latter is not needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The bytes of the first marker.
    pub marker: Range<usize>,
    /// The lines of the side that was merged into.
    pub ours: Vec<Line>,
    /// The lines of the side that was merged.
    pub theirs: Vec<Line>,
}

/// The two sides vouch for different up scripts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the two sides of the merge froze different up scripts for version {} ({} and {}); name the version to freeze the file as it is now", .ours.version, visible(&.ours.name), visible(&.theirs.name))]
pub struct Disagreement {
    /// The line of the side that was merged into.
    pub ours: Line,
    /// The line of the side that was merged.
    pub theirs: Line,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Ours,
    Base,
    Theirs,
}

/// The conflict in a text; `None` where it has no markers.
pub(super) fn find(text: &str) -> Result<Option<Conflict>, LockError> {
    let mut marker = None;
    let mut side = Side::Both;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (span, line) in numbered(text) {
        let next = match (marker_of(line), side) {
            (None, _) => {
                if matches!(side, Side::Both | Side::Ours) {
                    ours.push((span.clone(), line));
                }
                if matches!(side, Side::Both | Side::Theirs) {
                    theirs.push((span, line));
                }
                continue;
            }
            (Some('<'), Side::Both) => Side::Ours,
            (Some('|'), Side::Ours) => Side::Base,
            (Some('='), Side::Ours | Side::Base) => Side::Theirs,
            (Some('>'), Side::Theirs) => Side::Both,
            (Some(_), _) => return Err(unbalanced(span)),
        };
        marker.get_or_insert(span);
        side = next;
    }
    let Some(marker) = marker else {
        return Ok(None);
    };
    if side != Side::Both {
        return Err(unbalanced(marker));
    }
    // The heads digest lines of which the merge may have moved some, so they say nothing here.
    let (_, ours) = parse_lines(ours.into_iter())?;
    let (_, theirs) = parse_lines(theirs.into_iter())?;
    Ok(Some(Conflict {
        marker,
        ours,
        theirs,
    }))
}

fn unbalanced(span: Range<usize>) -> LockError {
    let problem = "the conflict markers do not match each other".to_owned();
    LockError::Malformed { span, problem }
}

fn marker_of(line: &str) -> Option<char> {
    let first = line.chars().next().filter(|c| "<|=>".contains(*c))?;
    let rest = line.trim_start_matches(first);
    (line.len() - rest.len() == 7 && (rest.is_empty() || rest.starts_with(' '))).then_some(first)
}

/// The lines of both sides. A frozen line goes before a draft; where only the down scripts differ,
/// or the version is `named`, the migration becomes a draft, to be frozen as its files are now.
///
/// # Errors
/// A [`Disagreement`] for every other version whose sides vouch for different up scripts.
pub fn resolve(conflict: &Conflict, named: &[Version]) -> Result<Vec<Line>, Vec<Disagreement>> {
    let mut lines: BTreeMap<&Version, Line> = BTreeMap::new();
    let mut disagreements = Vec::new();
    for line in &conflict.ours {
        lines.insert(&line.version, line.clone());
    }
    for theirs in &conflict.theirs {
        let Some(ours) = lines.get_mut(&theirs.version) else {
            lines.insert(&theirs.version, theirs.clone());
            continue;
        };
        match (ours.state, theirs.state) {
            (a, b) if a == b => {}
            (_, LineState::Draft) => {}
            (LineState::Draft, _) => *ours = theirs.clone(),
            (LineState::Frozen { up: a, .. }, LineState::Frozen { up: b, .. }) => {
                if a != b && !named.contains(&theirs.version) {
                    disagreements.push(Disagreement {
                        ours: ours.clone(),
                        theirs: theirs.clone(),
                    });
                }
                ours.state = LineState::Draft;
            }
        }
    }
    if disagreements.is_empty() {
        Ok(lines.into_values().collect())
    } else {
        Err(disagreements)
    }
}
