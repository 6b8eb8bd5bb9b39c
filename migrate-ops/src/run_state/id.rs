//! The name of a run.

use std::fmt;
use std::fs::DirBuilder;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::Timestamp;

use super::RunStateError;

/// The name of a run: the time of its start in UTC, and four hexadecimal digits that keep two runs of
/// one second apart. Text order is the order in which runs were begun, also within a second and where
/// the clock was set back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

impl RunId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn new() -> Self {
        let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        // The keys of a new hasher are random. Half of the numbers are left for those that come after.
        let random = RandomState::new().hash_one(()) & 0x7fff;
        RunId(format!("{time}-{random:04x}"))
    }

    /// A new name that comes after another.
    fn after(newest: Option<&RunId>) -> Self {
        let id = RunId::new();
        match newest {
            Some(newest) if id <= *newest => newest.next(),
            _ => id,
        }
    }

    /// The name after this one.
    fn next(&self) -> Self {
        let (time, number) = self.0.split_once('-').unwrap_or((&self.0, ""));
        let number = u16::from_str_radix(number, 16).unwrap_or_default();
        RunId(format!("{time}-{:04x}", number.saturating_add(1)))
    }

    /// A new name, and its folder in `runs`.
    pub(super) fn claim(runs: &Path) -> Result<(Self, PathBuf), RunStateError> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        loop {
            let id = RunId::after(RunId::list(runs)?.last());
            let folder = runs.join(&id.0);
            match builder.create(&folder) {
                Ok(()) => return Ok((id, folder)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(RunStateError::io("make the folder", folder)(error)),
            }
        }
    }

    /// All names in `runs`, oldest first; anything else that lies there is left aside.
    pub(super) fn list(runs: &Path) -> Result<Vec<Self>, RunStateError> {
        let entries = match std::fs::read_dir(runs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RunStateError::io("read", runs)(error)),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let entry = entry.map_err(RunStateError::io("read", runs))?;
            if let Some(id) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            {
                ids.push(id);
            }
        }
        ids.sort();
        Ok(ids)
    }
}

impl FromStr for RunId {
    type Err = RunStateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shape: String = text
            .chars()
            .map(|c| match c {
                '0'..='9' => '0',
                other => other,
            })
            .collect();
        let is_id = shape.get(..17) == Some("00000000T000000Z-")
            && text.len() == 21
            && text
                .get(17..)
                .is_some_and(|random| random.bytes().all(|b| b.is_ascii_hexdigit()));
        match is_id {
            true => Ok(RunId(text.to_owned())),
            false => Err(RunStateError::BadId(text.to_owned())),
        }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_after_all_that_are_there() {
        let id = |text: &str| text.parse::<RunId>().unwrap();
        // The clock was set back since.
        let newest = id("29990101T000000Z-7fff");
        let next = RunId::after(Some(&newest));
        assert_eq!(next, id("29990101T000000Z-8000"));
        assert!(RunId::after(None) < newest);

        let runs = tempfile::tempdir().unwrap();
        let names: Vec<RunId> = (0..50)
            .map(|_| RunId::claim(runs.path()).unwrap().0)
            .collect();
        assert!(names.is_sorted());
        assert_eq!(RunId::list(runs.path()).unwrap(), names);
    }
}
