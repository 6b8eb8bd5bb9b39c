use std::path::{Path, PathBuf};

use migrate_core::directory::{self, ReadOptions};
use migrate_core::{Dialect, Direction, Hasher, Migration};

use crate::corpora;

/// Where a real set is, and how it is read.
#[derive(Clone, Copy, Debug)]
pub struct SetSource {
    /// The folder below the corpora.
    pub folder: &'static str,
    /// The dialect.
    pub dialect: Dialect,
    /// Files that are no migrations.
    pub ignore: &'static [&'static str],
    /// Functions that its app registers.
    pub functions: &'static [&'static str],
}

impl SetSource {
    /// The sets that mutants are made of.
    pub const ALL: [Self; 4] = [
        Self {
            folder: "crates-io/migrations",
            dialect: Dialect::Postgres,
            // A script that belongs to no migration lies among them.
            ignore: &["data_oauth_github.sql"],
            functions: &[],
        },
        Self::plain("authelia/postgres", Dialect::Postgres),
        Self::plain("authelia/mysql", Dialect::Mysql),
        Self {
            functions: &["BIN2B64", "B642BIN"],
            ..Self::plain("authelia/sqlite", Dialect::Sqlite)
        },
    ];

    const fn plain(folder: &'static str, dialect: Dialect) -> Self {
        Self {
            folder,
            dialect,
            ignore: &[],
            functions: &[],
        }
    }

    /// The set; `None`, said on stderr, where it is not on this machine.
    #[must_use]
    pub fn read(&self) -> Option<MutableSet> {
        corpora::folder(self.folder).map(|dir| MutableSet::read(self, &dir))
    }
}

/// A set of migrations as texts in memory.
#[derive(Clone, Debug)]
pub struct MutableSet {
    /// Where it comes from.
    pub source: SetSource,
    /// The folder that was read.
    pub dir: PathBuf,
    /// Up script, and down script where there is one, in the order of versions.
    pub migrations: Vec<(SetScript, Option<SetScript>)>,
}

/// A script as text.
#[derive(Clone, Debug)]
pub struct SetScript {
    /// The file below the set's folder.
    pub path: PathBuf,
    /// What stands in it, normalised.
    pub text: String,
    /// Whether it runs as one transaction.
    pub transaction: bool,
}

impl MutableSet {
    fn read(source: &SetSource, dir: &Path) -> Self {
        let ignore: Vec<String> = source.ignore.iter().map(|&name| name.to_owned()).collect();
        let options = ReadOptions {
            ignore: &ignore,
            ..ReadOptions::new(source.dialect)
        };
        let reading = directory::read(dir, &options);
        let script = |migration: &Migration, direction| {
            let script = migration.script(direction)?;
            let path = Path::new(&*script.path);
            Some(SetScript {
                path: path.strip_prefix(dir).unwrap_or(path).to_owned(),
                text: script.text().into_owned(),
                transaction: script.transaction,
            })
        };
        let migrations = reading.set.migrations().iter().map(|migration| {
            let up = script(migration, Direction::Up).expect("a migration has an up script");
            (up, script(migration, Direction::Down))
        });
        Self {
            source: *source,
            dir: dir.to_owned(),
            migrations: migrations.collect(),
        }
    }

    /// A set of pairs of scripts.
    #[cfg(test)]
    pub(super) fn of(dialect: Dialect, migrations: &[(&str, &str)]) -> Self {
        let script = |index: usize, direction: Direction, text: &str| SetScript {
            path: format!("{index}_m.{direction}.sql").into(),
            text: text.to_owned(),
            transaction: true,
        };
        let migrations = migrations.iter().enumerate().map(|(index, (up, down))| {
            let up = script(index, Direction::Up, up);
            (up, Some(script(index, Direction::Down, down)))
        });
        Self {
            source: SetSource::plain("of a test", dialect),
            dir: PathBuf::new(),
            migrations: migrations.collect(),
        }
    }

    /// The dialect.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.source.dialect
    }

    /// The script of a migration and a direction, where there is one.
    #[must_use]
    pub fn script(&self, migration: usize, direction: Direction) -> Option<&SetScript> {
        let (up, down) = self.migrations.get(migration)?;
        match direction {
            Direction::Up => Some(up),
            Direction::Down => down.as_ref(),
        }
    }

    /// Every script with its place, the way up before the way down.
    pub fn scripts(&self) -> impl Iterator<Item = (usize, Direction, &SetScript)> {
        self.migrations
            .iter()
            .enumerate()
            .flat_map(|(index, (up, down))| {
                let up = (index, Direction::Up, up);
                let down = down.as_ref().map(|down| (index, Direction::Down, down));
                std::iter::once(up).chain(down)
            })
    }

    /// A digest of all that the judgement of a mutant rests on, besides the edit.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = Hasher::new();
        hasher.part(self.dialect().name().as_bytes());
        for (index, direction, script) in self.scripts() {
            hasher.part(index.to_string().as_bytes());
            hasher.part(direction.name().as_bytes());
            hasher.part(script.text.as_bytes());
            hasher.part(if script.transaction { b"1" } else { b"0" });
        }
        hasher.checksum().to_string()
    }
}
