//! Where the programs of servers are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ScratchError;

/// The directories to look in: those that are named, else those of `PATH` and the `usual` ones. A
/// `*` in a usual one stands for any name.
pub(super) fn directories(named: &[PathBuf], usual: &[&str]) -> Vec<PathBuf> {
    if !named.is_empty() {
        return named.to_vec();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<PathBuf> = env::split_paths(&path).collect();
    for usual in usual {
        match usual.split_once("/*/") {
            None => directories.push(usual.into()),
            Some((parent, rest)) => {
                let entries = fs::read_dir(parent).into_iter().flatten().flatten();
                let mut found: Vec<PathBuf> =
                    entries.map(|entry| entry.path().join(rest)).collect();
                found.sort();
                directories.extend(found);
            }
        }
    }
    directories
}

/// Every file of a name in the directories.
pub(super) fn all(program: &str, directories: &[PathBuf]) -> Vec<PathBuf> {
    directories
        .iter()
        .map(|directory| directory.join(program))
        .filter(|path| path.is_file())
        .collect()
}

/// The first file of a name in the directories.
pub(super) fn first(
    program: &'static str,
    directories: &[PathBuf],
) -> Result<PathBuf, ScratchError> {
    all(program, directories)
        .into_iter()
        .next()
        .ok_or_else(|| ScratchError::NoPrograms {
            program,
            looked: directories.to_vec(),
        })
}

/// What a program says of its version: `postgres (PostgreSQL) 15.9`.
pub(super) fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}
