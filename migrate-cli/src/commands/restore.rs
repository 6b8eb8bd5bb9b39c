//! `migrate restore`.

use std::path::Path;

use migrate_core::Dialect;
use migrate_ops::backup::{self, Store, Target};
use migrate_ops::connect::Engine;
use migrate_runtime::Code;

use super::backup::{Telling, options};
use super::live::Live;
use crate::cli::RestoreArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::Kind;

pub(super) fn restore<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &RestoreArgs,
) -> Result<Exit, CommandError> {
    let (context, deployment) = (live.context, live.deployment);
    let options = options(live.config, &args.backups);
    let store = Store::new(&options.directory);
    let stored = match &args.backup {
        Some(id) => store.open(&id.parse()?)?,
        None => store.latest(&deployment.url.shown())?,
    };
    let url = match args.new_name.as_deref() {
        None => deployment.url.clone(),
        // Beside the file, as it would be beside a database.
        Some(name) if DB::DIALECT == Dialect::Sqlite => {
            let beside = deployment.url.file().and_then(Path::parent);
            let path = beside.unwrap_or(Path::new("")).join(name);
            deployment.url.with_database(path.to_str())
        }
        Some(name) => deployment.url.with_database(Some(name)),
    };
    let mut telling = Telling::new(context);
    let restored = backup::restore(
        &stored,
        &deployment.at(&url),
        Target::Database,
        &options,
        &mut telling,
    )?;
    context.answer(Exit::Done, &restored, |printer| {
        for note in &restored.notes {
            printer.say(Kind::Warning, note);
        }
        let text = format!(
            "restored {} into {}, {:.1} s",
            restored.backup, restored.database, restored.duration_seconds
        );
        printer.say(Kind::Done, &text);
        if !stored.evidence.is_verified() {
            let text = "the backup was never verified: look at what it holds before it is used";
            printer.say(Kind::Warning, text);
        }
        Ok(())
    })
}
