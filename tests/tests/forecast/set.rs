//! Migrations as texts, and deployments of them.

use std::borrow::Cow;

use migrate_core::{Dialect, Down, Migration, MigrationSet, Script, Version, script_checksum};
use migrate_ops::Deployment;
use migrate_ops::connect::{Connected, DatabaseUrl, Engine, Open, runtime};
use migrate_runtime::{Migrator, SqlOnly};

/// Migrations with the versions 1, 2, …, each a way up and a way down; an empty way down is none.
/// What speaks of CONCURRENTLY is no transaction.
pub(crate) fn set(dialect: Dialect, migrations: &[(&str, &str)]) -> MigrationSet {
    let script = |number: usize, direction: &str, sql: &str| {
        let transaction = !sql.contains("CONCURRENTLY") && !sql.starts_with("VACUUM");
        Script {
            path: Cow::Owned(format!("{number}_m/{direction}.sql")),
            sql: Cow::Owned(sql.to_owned()),
            checksum: script_checksum(sql, dialect, transaction, None),
            transaction,
            rust: false,
        }
    };
    let migrations = migrations.iter().enumerate().map(|(index, (up, down))| {
        let number = index + 1;
        Migration {
            version: Version::parse(&number.to_string()).unwrap(),
            name: Cow::Borrowed("m"),
            up: script(number, "up", up),
            down: match down.is_empty() {
                true => Down::Missing,
                false => Down::Script(script(number, "down", down)),
            },
        }
    });
    MigrationSet::new(dialect, migrations.collect()).unwrap()
}

/// Does something with a deployment of these migrations and a connection.
pub(crate) fn deployed<DB: Engine, T>(
    url: &str,
    set: &MigrationSet,
    work: impl FnOnce(&Deployment<'_, DB, SqlOnly>, &mut DB::Connection) -> T,
) -> T {
    let runtime = runtime().unwrap();
    let url = DatabaseUrl::parse(url).unwrap();
    let deployment = Deployment::<DB, SqlOnly> {
        set,
        url: &url,
        runtime: &runtime,
        make_migrator: &|set| Migrator::new(set),
        on_connect: &|_| Ok(()),
        sources: None,
    };
    let Connected { mut connection, .. } = deployment.connect(Open::Create).unwrap();
    work(&deployment, &mut connection)
}
