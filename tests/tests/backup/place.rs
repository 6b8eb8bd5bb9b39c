//! A database, a folder for its backups, and the calls that tests make.

use std::path::PathBuf;

use migrate_core::MigrationSet;
use migrate_ops::Deployment;
use migrate_ops::backup::{
    self, BackupError, Options, Restored, ScratchPlace, Stored, Target, Verify, VerifyLevel,
};
use migrate_ops::connect::{self, DatabaseUrl};
use migrate_ops::event::{Event, Listener};
use migrate_runtime::diesel::mysql::Mysql;
use migrate_runtime::diesel::pg::Pg;
use migrate_runtime::diesel::sqlite::Sqlite;
use migrate_runtime::{Migrator, SqlOnly};
use migrate_tests::server::{Database, Engine};
use tempfile::TempDir;

/// A folder for backups of a database.
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) options: Options,
    pub(crate) touched: Vec<String>,
    engine: Engine,
}

impl Place {
    pub(crate) fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = Options::new(folder.path().join("backups"));
        Place {
            folder,
            options,
            touched: Vec::new(),
            engine,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What lies in the folder of the backups, also what is hidden.
    pub(crate) fn entries(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.options.directory);
        let mut names: Vec<String> = entries
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A backup that nobody looks at.
    pub(crate) fn take(&self, of: &Database) -> Result<Stored, BackupError> {
        self.back_up(of.url(), VerifyLevel::None, &mut |_: &Event<'_>| {})
    }

    /// A backup that is restored and compared.
    pub(crate) fn verified(&self, of: &Database) -> Result<Stored, BackupError> {
        self.back_up(of.url(), VerifyLevel::Full, &mut |_: &Event<'_>| {})
    }

    /// A backup of the database at a URL.
    pub(crate) fn back_up(
        &self,
        url: &str,
        level: VerifyLevel,
        listener: &mut dyn Listener,
    ) -> Result<Stored, BackupError> {
        let verify = Verify {
            level,
            touched: self.touched.clone(),
            place: ScratchPlace::Private,
        };
        match self.engine {
            Engine::Postgres => self.back_up_as::<Pg>(url, &verify, listener),
            Engine::Mariadb => self.back_up_as::<Mysql>(url, &verify, listener),
            Engine::Sqlite => self.back_up_as::<Sqlite>(url, &verify, listener),
        }
    }

    /// A backup whose files a test changes before it is compared.
    pub(crate) fn verified_after(
        &self,
        of: &Database,
        change: impl FnOnce(&Stored),
    ) -> Result<Stored, BackupError> {
        match self.engine {
            Engine::Postgres => self.verified_after_as::<Pg>(of.url(), change),
            Engine::Mariadb => self.verified_after_as::<Mysql>(of.url(), change),
            Engine::Sqlite => self.verified_after_as::<Sqlite>(of.url(), change),
        }
    }

    pub(crate) fn restore(
        &self,
        stored: &Stored,
        url: &str,
        target: Target,
    ) -> Result<Restored, BackupError> {
        match self.engine {
            Engine::Postgres => self.restore_as::<Pg>(stored, url, target),
            Engine::Mariadb => self.restore_as::<Mysql>(stored, url, target),
            Engine::Sqlite => self.restore_as::<Sqlite>(stored, url, target),
        }
    }

    fn back_up_as<DB: connect::Engine>(
        &self,
        url: &str,
        verify: &Verify<'_>,
        listener: &mut dyn Listener,
    ) -> Result<Stored, BackupError> {
        with::<DB, _>(url, |deployment| {
            backup::back_up(deployment, &self.options, verify, listener)
        })
    }

    fn verified_after_as<DB: connect::Engine>(
        &self,
        url: &str,
        change: impl FnOnce(&Stored),
    ) -> Result<Stored, BackupError> {
        let verify = Verify {
            level: VerifyLevel::Full,
            touched: Vec::new(),
            place: ScratchPlace::Private,
        };
        let mut listener = |_: &Event<'_>| {};
        with::<DB, _>(url, |deployment| {
            let mut taken = backup::take(deployment, &self.options, &verify, &mut listener)?;
            change(&taken.stored);
            // What the change made of the evidence counts.
            let store = backup::Store::new(&self.options.directory);
            taken.stored = store.open(&taken.stored.evidence.id)?;
            backup::verify(taken, deployment, &self.options, &verify, &mut listener)
        })
    }

    fn restore_as<DB: connect::Engine>(
        &self,
        stored: &Stored,
        url: &str,
        target: Target,
    ) -> Result<Restored, BackupError> {
        with::<DB, _>(url, |deployment| {
            backup::restore(
                stored,
                deployment,
                target,
                &self.options,
                &mut |_: &Event<'_>| {},
            )
        })
    }
}

/// Does something with a deployment of no migrations.
pub(crate) fn with<DB: connect::Engine, T>(
    url: &str,
    work: impl FnOnce(&Deployment<'_, DB, SqlOnly>) -> T,
) -> T {
    let url = DatabaseUrl::parse(url).expect("a URL");
    let runtime = connect::runtime().expect("a runtime");
    let set = MigrationSet::empty(DB::DIALECT);
    let deployment = Deployment {
        set: &set,
        url: &url,
        runtime: &runtime,
        make_migrator: &|set| Migrator::new(set),
        on_connect: &|_| Ok(()),
        sources: None,
    };
    work(&deployment)
}
