//! A command at a database: connect, choose the lock, run, listen for Ctrl-C.

use migrate_core::config::SetConfig;
use migrate_runtime::{Code, ErrorKind, Migrator};
use tokio::runtime::Runtime;

use crate::cli::{HistoryArgs, RunArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::output::Kind;
use crate::project;
use migrate_ops::Deployment;
use migrate_ops::connect::{self, ConnectError, Connected, Engine, Open};

/// Migrations, the database that they are for, and who is told.
pub(crate) struct Live<'a, 'm, DB: Engine, K> {
    pub(crate) context: &'a Context,
    /// The configuration of the set.
    pub(crate) config: &'a SetConfig,
    pub(crate) deployment: Deployment<'a, DB, K>,
    /// Tells the terminal.
    pub(crate) migrator: Migrator<'m, DB, K>,
}

/// The runtime of the connections, on which Ctrl-C is listened for too.
pub(crate) fn runtime(context: &Context) -> Result<Runtime, CommandError> {
    let runtime = connect::runtime().map_err(|source| CommandError::Io {
        doing: "cannot start",
        path: "the network runtime".to_owned(),
        source,
    })?;
    context.interrupt.listen(&runtime, &context.printer);
    Ok(runtime)
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
        project::lay_history(self.migrator.settings_mut(), history);
        let Connected { mut connection, .. } = self.deployment.connect(Open::Existing)?;
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
            deployment,
            mut migrator,
            config: _,
        } = self;
        let url = deployment.url;
        project::lay_run(migrator.settings_mut(), args);
        // A dry run makes no file; an empty database stands in for one that is not there.
        let absent = args.dry_run && url.file().is_some_and(|file| !file.exists());
        let stand_in = url.with_database(Some(":memory:"));
        let deployment = match absent {
            true => deployment.at(&stand_in),
            false => deployment,
        };
        let Connected {
            mut connection,
            cancel,
        } = deployment.connect(Open::Create)?;
        let mut migrator = migrator.dry_run(args.dry_run);
        if !args.dry_run {
            let pooler;
            (migrator, pooler) =
                deployment.keep_apart(migrator, &mut connection, |_| Ok::<_, ConnectError>(()))?;
            if pooler {
                let text = "a transaction pooler stands before the server: using the lease as lock";
                context.printer.say(Kind::Detail, text);
            }
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
