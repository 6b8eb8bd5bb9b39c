//! SQLite has no physical backups of its own: its logical one is a copy of the file, made by SQLite.

use std::path::Path;

use diesel::QueryResult;
use diesel::sqlite::{Sqlite, SqliteConnection};
use tokio::runtime::Runtime;

use super::{Copied, Reach};
use crate::backup::Backup;
use crate::backup::engine::{Job, Place, Survey};
use crate::backup::error::BackupError;
use crate::backup::evidence::Verification;
use crate::backup::log::{Follower, LogPosition};
use crate::backup::options::Options;
use crate::backup::preflight::{Check, Standing};
use crate::backup::store::Stored;
use crate::connect::DatabaseUrl;
use crate::event::Listener;
use crate::scratch::{Brought, ScratchServer};

const WHY: &str = "SQLite has no physical backups: its logical one is a copy of the file already, and there is no \
     log that could be rolled forward";

fn none<T>(stored: &Stored) -> Result<T, BackupError> {
    Err(BackupError::NotPhysical {
        id: stored.evidence.id.to_string(),
    })
}

impl super::Physical for Sqlite {
    fn survey_server(place: &Place<'_, Self>, options: &Options) -> Result<Survey, BackupError> {
        let mut survey = Sqlite::survey(place, options)?;
        survey.checks.push(Check::new("kind", Standing::NoGo, WHY));
        Ok(survey)
    }

    fn copy_server(job: &mut Job<'_, '_, Self>) -> Result<Copied, BackupError> {
        Err(BackupError::OutOfReach {
            wanted: job.place.url.shown(),
            why: WHY.to_owned(),
        })
    }

    fn log_position(_: &mut SqliteConnection) -> QueryResult<Option<LogPosition>> {
        Ok(None)
    }

    fn follow_on(
        _: Place<'_, Self>,
        stored: &Stored,
        _: &Options,
    ) -> Result<Follower, BackupError> {
        none(stored)
    }

    fn unpack(
        stored: &Stored,
        _: &Options,
        _: &Reach,
        _: &Path,
        _: bool,
        _: &mut dyn Listener,
    ) -> Result<(), BackupError> {
        none(stored)
    }

    fn settle(
        stored: &Stored,
        _: &Options,
        _: &Reach,
        _: Brought,
        _: &Runtime,
        _: &mut dyn Listener,
    ) -> Result<Brought, BackupError> {
        none(stored)
    }

    fn start(
        stored: &Stored,
        _: &Options,
        _: &Reach,
        _: Brought,
        _: &Runtime,
        _: &mut dyn Listener,
    ) -> Result<ScratchServer, BackupError> {
        none(stored)
    }

    fn check_server(
        _: &ScratchServer,
        _: &DatabaseUrl,
        _: &Options,
        _: &mut Verification,
    ) -> Result<(), BackupError> {
        Ok(())
    }

    fn next_commands(_: &Path) -> Vec<String> {
        Vec::new()
    }
}
