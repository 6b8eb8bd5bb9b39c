//! A command at a database: connect, choose the lock, run, listen for Ctrl-C.

use std::io;

use diesel::QueryResult;
use migrate_core::SourceMigration;
use migrate_runtime::{Code, ErrorKind, LockKind, Migrator};
use tokio::runtime::{Builder, Runtime};

use crate::cli::{HistoryArgs, RunArgs};
use crate::connect::{ConnectError, Connected, DatabaseUrl, Engine, Open};
use crate::context::Context;
use crate::error::CommandError;
use crate::output::Kind;
use crate::project;

/// Migrations and the database that they are for.
pub(crate) struct Live<'a, 'm, DB: Engine, K> {
    pub(crate) context: &'a Context,
    pub(crate) url: &'a DatabaseUrl,
    pub(crate) migrator: Migrator<'m, DB, K>,
    /// The migrations as their files have them, where they come from files.
    pub(crate) files: Option<Files<'a>>,
    /// What the app does with a connection first.
    pub(crate) on_connect: &'a OnConnect<DB::Connection>,
}

/// Migrations as their files have them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Files<'a> {
    pub(crate) sources: &'a [SourceMigration],
    /// SQL functions that the app registers on its SQLite connections.
    pub(crate) functions: &'a [String],
}

/// Makes a connection ready before anything is run on it.
pub(crate) type OnConnect<C> = dyn Fn(&mut C) -> QueryResult<()> + Send + Sync;

/// The runtime of the connections.
pub(crate) fn runtime() -> Result<Runtime, CommandError> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|source| {
            let source = io::Error::other(source);
            CommandError::Io {
                doing: "cannot start",
                path: "the network runtime".to_owned(),
                source,
            }
        })
}

impl<'m, DB: Engine, K: Code<DB>> Live<'_, 'm, DB, K> {
    /// Reads from a database that has to be there.
    pub(crate) fn read<T, E>(
        mut self,
        history: &HistoryArgs,
        work: impl FnOnce(&mut Migrator<'m, DB, K>, &mut DB::Connection) -> Result<T, E>,
    ) -> Result<T, CommandError>
    where
        CommandError: From<E>,
    {
        let runtime = runtime()?;
        self.context
            .interrupt
            .listen(&runtime, &self.context.printer);
        project::lay_history(self.migrator.settings_mut(), history);
        let Connected { mut connection, .. } = DB::connect(self.url, Open::Existing, &runtime)?;
        make_ready::<DB>(self.url, self.on_connect, &mut connection)?;
        Ok(work(&mut self.migrator, &mut connection)?)
    }

    /// Runs under the migration lock.
    pub(crate) fn run<T>(
        self,
        args: &RunArgs,
        work: impl FnOnce(&mut Migrator<'m, DB, K>, &mut DB::Connection) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let Live {
            context,
            url,
            mut migrator,
            on_connect,
            files: _,
        } = self;
        let runtime = runtime()?;
        context.interrupt.listen(&runtime, &context.printer);
        project::lay_run(migrator.settings_mut(), args);
        // A dry run makes no file; an empty database stands in for one that is not there.
        let absent = args.dry_run && url.file().is_some_and(|file| !file.exists());
        let stand_in = url.with_database(Some(":memory:"));
        let url = if absent { &stand_in } else { url };
        let Connected {
            mut connection,
            cancel,
        } = DB::connect(url, Open::Create, &runtime)?;
        make_ready::<DB>(url, on_connect, &mut connection)?;
        let mut migrator = migrator.dry_run(args.dry_run);
        let lock = migrator.settings_mut().lock;
        if DB::HAS_SESSIONS && lock != LockKind::Session && !args.dry_run {
            let mut second = DB::connect(url, Open::Existing, &runtime)?.connection;
            if lock == LockKind::Auto
                && session_lock_fails::<DB>(url, &mut connection, &mut second)?
            {
                let text = "a transaction pooler stands before the server: using the lease as lock";
                context.printer.say(Kind::Detail, text);
                migrator.settings_mut().lock = LockKind::Lease;
            }
            migrator = migrator.second_connection(second);
        }
        context.interrupt.run_begins(cancel);
        let outcome = work(&mut migrator, &mut connection);
        context.interrupt.run_ends();
        context.printer.set_bar(None);
        outcome.map_err(|error| match error {
            CommandError::Run(error)
                if context.interrupt.has_cancelled()
                    && matches!(
                        error.kind(),
                        ErrorKind::Failed(_) | ErrorKind::Database { .. }
                    ) =>
            {
                CommandError::Cancelled(error)
            }
            error => error,
        })
    }
}

fn make_ready<DB: Engine>(
    url: &DatabaseUrl,
    on_connect: &OnConnect<DB::Connection>,
    connection: &mut DB::Connection,
) -> Result<(), ConnectError> {
    on_connect(connection).map_err(|source| ConnectError::NotReady {
        database: url.shown(),
        source,
    })
}

fn session_lock_fails<DB: Engine>(
    url: &DatabaseUrl,
    first: &mut DB::Connection,
    second: &mut DB::Connection,
) -> Result<bool, ConnectError> {
    DB::session_lock_fails(first, second).map_err(|source| ConnectError::Question {
        database: url.shown(),
        source,
    })
}
