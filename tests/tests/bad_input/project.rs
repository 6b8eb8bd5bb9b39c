//! A project directory with hostile content, what is found in it, and whether it is still the same.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_core::config::Config;
use migrate_core::project::{Loaded, load};
use migrate_core::{Color, Diagnostic, Dialect, Level, render, render_all};

/// A folder with a directory `migrations` in it.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("migrations")).unwrap();
        Self { folder }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the migration directory, any bytes, or beside it where it begins with `../`.
    fn path(&self, name: impl AsRef<[u8]>) -> PathBuf {
        let name = name.as_ref();
        let path = match name.strip_prefix(b"../") {
            Some(name) => self.root().join(OsStr::from_bytes(name)),
            None => self.root().join("migrations").join(OsStr::from_bytes(name)),
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub(crate) fn file(&self, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    pub(crate) fn folder(&self, name: &str) -> &Self {
        fs::create_dir_all(self.path(name)).unwrap();
        self
    }

    pub(crate) fn link(&self, name: &str, target: &str) -> &Self {
        symlink(target, self.path(name)).unwrap();
        self
    }

    pub(crate) fn pipe(&self, name: &str) -> &Self {
        let made = Command::new("mkfifo").arg(self.path(name)).status();
        assert!(made.unwrap().success());
        self
    }

    /// Removes the migration directory.
    pub(crate) fn nowhere(&self) -> &Self {
        fs::remove_dir(self.root().join("migrations")).unwrap();
        self
    }

    /// Everything that is found, as it is shown. Where something is an error, the command refuses to
    /// apply anything, before it connects. No file changes.
    pub(crate) fn findings(&self, dialect: Dialect) -> String {
        let before = fingerprint(self.root());
        let found = match self.load(dialect) {
            Ok(loaded) => loaded.diagnostics,
            Err(findings) => findings,
        };
        if found.iter().any(|finding| finding.level == Level::Error) {
            self.refused_by_the_command(dialect, &found);
        }
        assert_eq!(fingerprint(self.root()), before);
        let text = render_all(&found, Color::Never);
        // migrate.toml is named by its whole path.
        let text = text.replace(self.root().to_str().unwrap(), "<project>");
        if text.is_empty() {
            "nothing\n".to_owned()
        } else {
            text
        }
    }

    /// Runs `up`: every error is on stderr, and there is no database afterwards.
    fn refused_by_the_command(&self, dialect: Dialect, found: &[Diagnostic]) {
        let url = match dialect {
            Dialect::Sqlite => "sqlite://app.db",
            Dialect::Mysql => "mysql://nobody@127.0.0.1:1/nothing",
            _ => "postgres://nobody@127.0.0.1:1/nothing",
        };
        let output = Command::new(env!("CARGO_BIN_EXE_migrate-command"))
            .args(["up", "--database", url, "--dialect", dialect.name()])
            .current_dir(self.root())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
        let errors = found.iter().filter(|finding| finding.level == Level::Error);
        for finding in errors {
            let first = render(finding, Color::Never);
            let first = first.lines().next().unwrap().to_owned();
            assert!(stderr.contains(&first), "{first}\n{stderr}");
        }
        assert!(!self.root().join("app.db").exists());
    }

    pub(crate) fn load(&self, dialect: Dialect) -> Result<Loaded, Vec<Diagnostic>> {
        let mut config = Config::of_crate(self.root())?.top();
        config.dialect.get_or_insert(dialect);
        load(&config).map_err(|finding| vec![*finding])
    }
}

/// Every path below a folder with what is there: links unfollowed, and files with their content,
/// their inode and the time of their last change.
pub(crate) fn fingerprint(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mut state = format!(
            "{:?} {} {:?}",
            metadata.file_type(),
            metadata.ino(),
            metadata.modified()
        );
        if metadata.is_dir() {
            all.extend(fingerprint(&path));
        } else if metadata.is_file() {
            // Of a file with a hole the length is enough.
            if metadata.len() < 1 << 20 {
                state += &format!(" {:?}", fs::read(&path).unwrap());
            }
            state += &format!(" {}", metadata.len());
        } else if metadata.is_symlink() {
            state += &format!(" {:?}", fs::read_link(&path).unwrap());
        }
        all.insert(path, state);
    }
    all
}
