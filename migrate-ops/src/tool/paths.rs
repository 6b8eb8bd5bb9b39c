//! Where the programs are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use migrate_core::Dialect;

use super::ToolError;

/// Folders that are looked into before all others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolPaths {
    /// For PostgreSQL's programs.
    pub postgres: Option<PathBuf>,
    /// For those of MySQL and MariaDB.
    pub mariadb: Option<PathBuf>,
}

/// Finds a program: in the folder that is configured for its database, and nowhere else where one is;
/// otherwise in `PATH`, then where distributions put it, the newest version first. Debian's scripts that
/// choose among versions are taken only where the program itself is not found.
///
/// ```
/// use migrate_core::Dialect;
/// use migrate_ops::tool::{ToolPaths, find};
///
/// let nowhere = ToolPaths { postgres: Some("/nowhere".into()), ..ToolPaths::default() };
/// let error = find("pg_dump", Dialect::Postgres, &nowhere).unwrap_err();
/// assert!(error.to_string().contains("/nowhere"));
/// ```
///
/// # Errors
/// [`ToolError::Missing`], with the folders that were looked into.
pub fn find(name: &str, of: Dialect, paths: &ToolPaths) -> Result<PathBuf, ToolError> {
    let configured = match of {
        Dialect::Postgres => &paths.postgres,
        Dialect::Mysql => &paths.mariadb,
        _ => &None,
    };
    let folders = match configured {
        Some(folder) => vec![folder.clone()],
        None => usual(of),
    };
    let found = folders.iter().map(|folder| folder.join(name));
    // The first of those that are equally good.
    found
        .filter(|path| is_program(path))
        .min_by_key(|path| chooses_a_version(path))
        .ok_or_else(|| {
            let shown: Vec<String> = folders.iter().map(|it| it.display().to_string()).collect();
            ToolError::Missing {
                name: name.to_owned(),
                looked_in: shown.join(", "),
            }
        })
}

/// Whether it is Debian's script in the place of PostgreSQL's programs. It looks for the newest version,
/// as [`usual`] does, but takes longer to start than many of the programs take to end.
fn chooses_a_version(program: &Path) -> bool {
    fs::canonicalize(program).is_ok_and(|path| path.ends_with("pg_wrapper"))
}

fn usual(of: Dialect) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .collect();
    if of == Dialect::Postgres {
        folders.extend(versions(Path::new("/usr/lib/postgresql")));
        folders.extend(versions(Path::new("/usr")));
    }
    for folder in ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"] {
        folders.push(folder.into());
    }
    let mut seen = Vec::new();
    folders.retain(|folder| {
        let new = !seen.contains(folder);
        seen.push(folder.clone());
        new
    });
    folders
}

/// `15/bin` below Debian's folder, `pgsql-15/bin` below `/usr` as the makers' own packages for Red Hat
/// have it; newest first.
fn versions(below: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(below).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = name.strip_prefix("pgsql-").unwrap_or(&name);
            Some((number.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let below = tempfile::tempdir().unwrap();
        for name in ["9", "15", "pgsql-17", "other"] {
            fs::create_dir_all(below.path().join(name)).unwrap();
        }
        let found = versions(below.path());
        let expected = ["pgsql-17/bin", "15/bin", "9/bin"];
        assert_eq!(found, expected.map(|name| below.path().join(name)));
    }

    #[cfg(unix)]
    #[test]
    fn a_script_that_chooses_a_version_is_for_where_there_is_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let wrapper = folder.path().join("pg_wrapper");
        fs::copy("/bin/sh", &wrapper).unwrap();
        std::os::unix::fs::symlink("pg_wrapper", folder.path().join("pg_dump")).unwrap();
        assert!(chooses_a_version(&folder.path().join("pg_dump")));
        assert!(!chooses_a_version(Path::new("/bin/sh")));
        let paths = ToolPaths {
            postgres: Some(folder.path().to_owned()),
            ..ToolPaths::default()
        };
        let found = find("pg_dump", Dialect::Postgres, &paths).unwrap();
        assert_eq!(found, folder.path().join("pg_dump"));
    }

    #[test]
    fn what_cannot_be_run_is_no_program() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("pg_dump"), "text").unwrap();
        let paths = ToolPaths {
            postgres: Some(folder.path().to_owned()),
            ..ToolPaths::default()
        };
        assert!(find("pg_dump", Dialect::Postgres, &paths).is_err());
    }
}
