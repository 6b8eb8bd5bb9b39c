//! `migrate up`.

use migrate_core::plan::{OutOfOrder, UpTarget};
use migrate_ops::connect::Engine;
use migrate_runtime::Code;

use super::live::Live;
use super::outcome;
use crate::cli::UpArgs;
use crate::error::CommandError;
use crate::exit::Exit;

pub(super) fn up<DB: Engine, K: Code<DB>>(
    mut live: Live<'_, '_, DB, K>,
    args: &UpArgs,
) -> Result<Exit, CommandError> {
    let target = match (&args.to, args.count) {
        (Some(version), _) => UpTarget::Version(version.clone()),
        (None, Some(count)) => UpTarget::Count(count.get()),
        (None, None) => UpTarget::Latest,
    };
    if args.out_of_order {
        live.migrator.settings_mut().policy.out_of_order = OutOfOrder::Allow;
    }
    let (context, url) = (live.context, live.deployment.url);
    let report = live.run(&args.run, |migrator, conn| Ok(migrator.up(conn, &target)?))?;
    let nothing = match target {
        UpTarget::Version(version) => format!("nothing to apply up to {version}"),
        UpTarget::Latest | UpTarget::Count(_) => {
            "nothing to apply: everything is up to date".to_owned()
        }
    };
    outcome::run(context, url, &args.run, &report, &nothing)
}
