//! What lies in a migration directory, before anything is read.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// The name of the lock file, which lies beside the migrations.
pub const LOCK_FILE_NAME: &str = "migrate.lock";

/// The name of the configuration file, at the root of a crate.
pub const CONFIG_FILE_NAME: &str = "migrate.toml";

/// Directories that may lie beside migrations and inside one: checks after a run, and queries that
/// a schema has to serve.
const KNOWN_DIRECTORIES: [&str; 2] = ["checks", "queries"];

/// A file or directory that may belong to a migration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name; where that is not UTF-8, as much of it as can be shown.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What an [`Entry`] is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory and what is in it.
    Directory(Vec<Entry>),
    /// A directory in a directory in the migration directory; not looked into.
    DeepDirectory,
    /// Something that cannot be used, and why.
    Unusable(String),
    /// Its name is not UTF-8.
    NameNotUtf8,
}

/// The entries of a migration directory, sorted by name, without what never belongs to a migration:
/// dot files, `README*`, `checks/`, `queries/`, the lock file, the configuration file, and what
/// `ignore` names.
///
/// An ignored name may hold `*` for any run of characters but `/`. Without a `/` it is compared with
/// the names of files at any level, with one with the path below the directory. Symbolic links are
/// followed.
///
/// # Errors
/// Where the directory cannot be read. What cannot be read *in* it is an [`EntryKind::Unusable`].
pub fn list(dir: &Path, ignore: &[String]) -> io::Result<Vec<Entry>> {
    list_level(dir, "", ignore)
}

/// The sorted paths below the directory of all that [`list()`] lists, with `/` between names.
///
/// Compared with the same list of an earlier time it tells that a file was added, removed or
/// renamed.
///
/// # Errors
/// Where the directory cannot be read.
pub fn list_paths(dir: &Path, ignore: &[String]) -> io::Result<Vec<String>> {
    Ok(paths(&list(dir, ignore)?))
}

/// When something was last added to, removed from or renamed in a directory itself, since 1970;
/// `None` where the system does not tell.
///
/// As long as it stands still, so does [`list_paths`], but for files inside the directories of
/// migrations: one call to the system in place of one a migration.
pub fn modified(dir: &Path) -> Option<Duration> {
    let modified = fs::metadata(dir).and_then(|metadata| metadata.modified());
    modified.ok()?.duration_since(UNIX_EPOCH).ok()
}

/// [`list_paths`] of a list that exists already.
pub fn paths(entries: &[Entry]) -> Vec<String> {
    let mut paths = Vec::new();
    for entry in entries {
        match &entry.kind {
            EntryKind::Directory(children) => {
                paths.extend(
                    children
                        .iter()
                        .map(|child| format!("{}/{}", entry.name, child.name)),
                );
            }
            _ => paths.push(entry.name.clone()),
        }
    }
    paths.sort_unstable();
    paths
}

fn list_level(dir: &Path, parent: &str, ignore: &[String]) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for found in fs::read_dir(dir)? {
        let found = found?;
        let os_name = found.file_name();
        let name = os_name.to_string_lossy().into_owned();
        if os_name.to_str().is_none() {
            entries.push(Entry {
                name,
                kind: EntryKind::NameNotUtf8,
            });
            continue;
        }
        let never = name.starts_with('.')
            || name.starts_with("README")
            || (parent.is_empty() && [LOCK_FILE_NAME, CONFIG_FILE_NAME].contains(&name.as_str()))
            || is_ignored(&format!("{parent}{name}"), &name, ignore);
        if never {
            continue;
        }
        // Most systems tell with the name what it is; only of a link that says little.
        let kind = match found.file_type() {
            Ok(kind) if kind.is_file() => Some(EntryKind::File),
            Ok(kind) if kind.is_dir() => directory(&found.path(), &name, parent, ignore),
            _ => kind(&found.path(), &name, parent, ignore),
        };
        entries.extend(kind.map(|kind| Entry { name, kind }));
    }
    entries.sort_unstable();
    Ok(entries)
}

/// `None` for a known directory that belongs to no migration.
fn kind(path: &Path, name: &str, parent: &str, ignore: &[String]) -> Option<EntryKind> {
    // `metadata` follows links; one that leads in circles or nowhere is an error here.
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            let reason = match fs::read_link(path) {
                Ok(target) => format!("is a symbolic link to `{}`: {error}", target.display()),
                Err(_) => format!("cannot be read: {error}"),
            };
            return Some(EntryKind::Unusable(reason));
        }
    };
    if metadata.is_file() {
        return Some(EntryKind::File);
    }
    if !metadata.is_dir() {
        return Some(EntryKind::Unusable(
            "is neither a file nor a directory".to_owned(),
        ));
    }
    directory(path, name, parent, ignore)
}

/// `None` for a known directory that belongs to no migration.
fn directory(path: &Path, name: &str, parent: &str, ignore: &[String]) -> Option<EntryKind> {
    if KNOWN_DIRECTORIES.contains(&name) {
        return None;
    }
    if !parent.is_empty() {
        return Some(EntryKind::DeepDirectory);
    }
    Some(match list_level(path, &format!("{name}/"), ignore) {
        Ok(children) => EntryKind::Directory(children),
        Err(error) => EntryKind::Unusable(format!("cannot be read: {error}")),
    })
}

fn is_ignored(path: &str, name: &str, ignore: &[String]) -> bool {
    ignore.iter().any(|pattern| {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        matches_pattern(pattern, if pattern.contains('/') { path } else { name })
    })
}

/// Whether the whole text matches, where `*` is any run of characters but `/`.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    // The leftmost place of each piece leaves the most for those after it.
    for piece in pieces {
        let Some(at) = text.find(piece) else {
            return false;
        };
        if text.get(..at).is_none_or(|skipped| skipped.contains('/')) {
            return false;
        }
        text = text.get(at + piece.len()..).unwrap_or_default();
    }
    text.strip_suffix(last)
        .is_some_and(|skipped| !skipped.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("a.sql", "a.sql", true),
            ("a.sql", "aXsql", false),
            ("*.md", "notes.md", true),
            ("*.md", ".md", true),
            ("*.md", "a/notes.md", false),
            ("*/notes.md", "a/notes.md", true),
            ("a*b*c", "a--b--b-c", true),
            ("a*b*c", "a--c", false),
            ("*a", "aba", true),
            ("ab*ba", "aba", false),
            ("**", "é", true),
            ("", "a", false),
        ] {
            assert_eq!(
                matches_pattern(pattern, text),
                expected,
                "{pattern:?} {text:?}"
            );
        }
    }

    fn touch(dir: &Path, path: &str) {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    #[test]
    fn only_what_may_matter_is_listed() {
        let dir = tempfile::tempdir().unwrap();
        for path in [
            "2_b/up.sql",
            "2_b/.up.sql.swp",
            "2_b/checks/rows.sql",
            "2_b/deep/x.sql",
            "1_a.sql",
            "README.md",
            "README",
            ".gitkeep",
            "checks/a.sql",
            "queries/a.sql",
            "migrate.lock",
            "2_b/migrate.lock",
            "old.sql",
            "notes/plan.md",
        ] {
            touch(dir.path(), path);
        }
        let ignore = ["old.sql".to_owned(), "./notes/".to_owned()];
        assert_eq!(
            list_paths(dir.path(), &ignore).unwrap(),
            ["1_a.sql", "2_b/deep", "2_b/migrate.lock", "2_b/up.sql"]
        );
        let all = list_paths(dir.path(), &["*.md".to_owned(), "2_b/*".to_owned()]).unwrap();
        assert_eq!(all, ["1_a.sql", "old.sql"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_where_they_lead_somewhere() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        touch(dir.path(), "real/up.sql");
        symlink(dir.path().join("real"), dir.path().join("1_link")).unwrap();
        symlink("nowhere", dir.path().join("2_dangling.sql")).unwrap();
        symlink("3_loop.sql", dir.path().join("3_loop.sql")).unwrap();
        symlink(".", dir.path().join("4_self")).unwrap();
        let entries = list(dir.path(), &["real".to_owned()]).unwrap();
        let unusable = |i: usize| match &entries[i].kind {
            EntryKind::Unusable(reason) => reason.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(paths(&entries[..1]), ["1_link/up.sql"]);
        assert!(unusable(1).starts_with("is a symbolic link to `nowhere`: No such file"));
        assert!(unusable(2).starts_with("is a symbolic link to `3_loop.sql`: "));
        assert!(paths(&entries).contains(&"4_self/1_link".to_owned()));
    }
}
