//! Putting a backup in the place of its database as the command does it, for tests that stop it at a
//! moment of their choice.

use std::path::Path;

use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_core::config::{Choice, Config};
use migrate_ops::Deployment;
use migrate_ops::backup::{self, Store};
use migrate_ops::connect::{DatabaseUrl, Engine, runtime};
use migrate_ops::event::Listener;
use migrate_ops::reinstate::{Options, Reinstatement, interrupted, reinstate};
use migrate_ops::run_state::{About, RunState};
use migrate_ops::scratch;
use migrate_runtime::{Migrator, SqlOnly};
use migrate_sql::check;

/// Puts a backup of the project in a directory in the place of the database at a URL.
///
/// # Panics
/// Where the project cannot be read, or the state not be written.
pub fn put_back(
    project: &Path,
    url: &str,
    backup: &str,
    listener: &mut (dyn Listener + Send),
) -> Reinstatement {
    let url = DatabaseUrl::parse(url).expect("a URL");
    match url.dialect {
        migrate_core::Dialect::Postgres => of::<Pg>(project, &url, backup, listener),
        migrate_core::Dialect::Sqlite => of::<Sqlite>(project, &url, backup, listener),
        other => panic!("not on {other}"),
    }
}

fn of<DB: Engine>(
    project: &Path,
    url: &DatabaseUrl,
    backup: &str,
    listener: &mut (dyn Listener + Send),
) -> Reinstatement {
    let config = Config::read(&project.join("migrate.toml")).expect("a configuration");
    let config = config.choose(Choice::default()).expect("one set");
    let loaded = check::load(&config).expect("migrations");
    let runtime = runtime().expect("a runtime");
    let deployment = Deployment::<DB, SqlOnly> {
        set: &loaded.set,
        url,
        runtime: &runtime,
        make_migrator: &|set| Migrator::new(set),
        on_connect: &|_| Ok(()),
        sources: None,
    };
    let directory = project.join(".migrate/backups");
    let stored = Store::new(&directory)
        .open(&backup.parse().expect("the name of a backup"))
        .expect("a backup");
    let options = Options {
        stored,
        backup: backup::Options::new(&directory),
        scratch: scratch::Options::default(),
        lose_writes_since: None,
        command: "migrate run",
    };
    let state_folder = project.join(".migrate");
    let before = interrupted(&state_folder, &url.shown()).expect("a readable state");
    let about = About {
        database: url.shown(),
    };
    let mut state = RunState::create(&state_folder, &about).expect("a state");
    reinstate(&deployment, &options, &mut state, before.as_ref(), listener).expect("a state")
}
