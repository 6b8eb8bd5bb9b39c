//! A backup on a private server, and the migrations applied to it as they were to the database.

use std::collections::BTreeSet;

use migrate_core::{MigrationSet, Version};
use migrate_runtime::Code;

use super::copy;
use super::error::RehearseError;
use super::reach::{self, Where};
use crate::backup::{self, Stored, Target};
use crate::connect::{DatabaseUrl, Engine, Open};
use crate::deployment::Deployment;
use crate::event::Listener;
use crate::scratch;

/// A backup on a private server, which is gone with the value.
pub(crate) struct Replay {
    private: copy::Private,
}

impl Replay {
    /// Restores a backup. What it holds of triggers, routines and the like may not reach out of the copy.
    ///
    /// # Errors
    /// Where there is no private server, or something would reach out of it.
    pub(crate) fn begin<DB: Engine, K: Code<DB>>(
        real: &Deployment<'_, DB, K>,
        conn: Option<&mut DB::Connection>,
        stored: &Stored,
        options: &backup::Options,
        scratch: &scratch::Options,
        listener: &mut dyn Listener,
    ) -> Result<Self, RehearseError> {
        let replay = Replay {
            private: copy::private(real, scratch, conn, true)?,
        };
        let copy = real.at(replay.url());
        backup::restore(stored, &copy, Target::Private, options, listener)?;
        let mut conn = copy.connect(Open::Existing)?.connection;
        reach::refuse_copy::<DB>(&mut conn, Where::Private)?;
        Ok(replay)
    }

    /// The copy.
    pub(crate) fn url(&self) -> &DatabaseUrl {
        &self.private.url
    }

    /// Looks whether scripts that are going to be run on it would reach out of it.
    ///
    /// # Errors
    /// Where one would.
    pub(crate) fn may_run(
        &self,
        set: &MigrationSet,
        versions: &[Version],
    ) -> Result<(), RehearseError> {
        let is_run = |index: usize| {
            let migration = set.migrations().get(index);
            migration.is_some_and(|migration| versions.contains(&migration.version))
        };
        reach::refuse_scripts(set, is_run, Where::Private, &BTreeSet::new())
    }

    /// Applies what is pending on it, up to a version.
    ///
    /// # Errors
    /// What the migration says that fails there.
    pub(crate) fn up<DB: Engine, K: Code<DB>>(
        &self,
        copy: &Deployment<'_, DB, K>,
        conn: &mut DB::Connection,
        newest: &Version,
    ) -> Result<(), RehearseError> {
        copy::up_to(copy, newest, conn)?;
        Ok(())
    }
}
