//! What stands in the files of a new migration.

use std::io;

use migrate_core::config::SetConfig;
use migrate_core::project::Loaded;
use migrate_core::{SourceMigration, Version};
use migrate_sql::check::way_back;
use migrate_sql::diff::diff;
use migrate_sql::emit::sql::{self, Remark};

use crate::cli::{NewArgs, SideArg};
use crate::commands::{script_text, side};
use crate::context::Context;
use crate::error::CommandError;

/// The texts of the scripts, and what is to be said about them.
pub(super) struct Scripts {
    pub(super) up: String,
    pub(super) down: String,
    pub(super) remarks: Vec<Remark>,
}

/// What is to be written.
pub(super) enum Wanted {
    Scripts(Scripts),
    /// The migrations make the schema that is wanted.
    Nothing {
        target: String,
    },
}

pub(super) fn wanted(
    context: &Context,
    args: &NewArgs,
    config: &SetConfig,
    loaded: &Loaded,
    version: &Version,
    name: &str,
) -> Result<Wanted, CommandError> {
    if args.from_diff {
        return from_diff(context, args, config, loaded, name);
    }
    match &args.sql {
        Some(text) => from_sql(text, config, loaded, version, name),
        None => Ok(Wanted::Scripts(Scripts {
            up: format!("-- Applies {name}.\n"),
            down: empty_down(name),
            remarks: Vec::new(),
        })),
    }
}

/// What a down script says that has nothing in it yet.
pub(super) fn empty_down(name: &str) -> String {
    format!(
        "-- Reverts {name}; where that cannot be, write `-- migrate:irreversible` and the reason.\n"
    )
}

/// The way from the migrations to the database or the schema file, and back.
fn from_diff(
    context: &Context,
    args: &NewArgs,
    config: &SetConfig,
    loaded: &Loaded,
    name: &str,
) -> Result<Wanted, CommandError> {
    let made = side::of_migrations(config, loaded);
    let target = match &args.schema {
        Some(path) => SideArg::File(path.clone()),
        None => SideArg::Database,
    };
    let target = side::read(context, config, &target)?;
    if diff(&target.schema, &made.schema).is_empty() {
        return Ok(Wanted::Nothing {
            target: target.shown,
        });
    }
    let up = sql::migrate(&made.schema, &target.schema);
    let down = sql::revert(&target.schema, &made.schema);
    let head = format!(
        "Applies {name}: from what the migrations make to {}.",
        target.shown
    );
    let mut remarks = up.remarks.clone();
    let more = down.remarks.iter().filter(|it| !up.remarks.contains(it));
    remarks.extend(more.cloned());
    Ok(Wanted::Scripts(Scripts {
        up: script_text::script(&head, &up),
        down: script_text::script(&format!("Reverts {name}."), &down),
        remarks,
    }))
}

/// The script that is given, and the proposed way back.
fn from_sql(
    text: &str,
    config: &SetConfig,
    loaded: &Loaded,
    version: &Version,
    name: &str,
) -> Result<Wanted, CommandError> {
    let mut up = match text {
        "-" => io::read_to_string(io::stdin()).map_err(|source| CommandError::Io {
            doing: "cannot read",
            path: "stdin".to_owned(),
            source,
        })?,
        text => text.to_owned(),
    };
    if !up.ends_with('\n') {
        up.push('\n');
    }
    let checks = side::checks(config);
    let script = side::as_migration(version.clone(), "--sql", up.as_bytes(), checks.dialect)?;
    let before = before(loaded, version);
    let what = "these statements cannot work after the migrations that are there";
    side::refuse_errors(&before, &script, checks, what)?;
    let back = way_back(&before, &script, checks);
    Ok(Wanted::Scripts(Scripts {
        up,
        down: script_text::script(&format!("Reverts {name}."), &back),
        remarks: back.remarks,
    }))
}

/// The migrations before a version.
pub(super) fn before(loaded: &Loaded, version: &Version) -> Vec<SourceMigration> {
    loaded
        .sources
        .iter()
        .filter(|it| it.version < *version)
        .cloned()
        .collect()
}
