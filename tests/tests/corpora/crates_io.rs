//! The registry's own set: 285 migrations of PostgreSQL in diesel's layout.

use diesel::Connection as _;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use migrate_core::Dialect;
use migrate_tests::server::{self, Server};

use crate::corpus::Corpus;
use crate::journey::{Broken, Journey, Stuck, reference};

/// Down scripts that do not run, in the order in which they stop a run. Those that cannot run in a
/// transaction do so before anything is reverted.
const BROKEN: [Broken; 8] = [
    // There is no `metadata.toml` that turns the transaction off.
    Broken {
        migration: "20240412144536_remove-downloads-column",
        says: "CREATE INDEX CONCURRENTLY cannot run in",
        wrong: "alter table crates\n",
        right: "-- migrate:no-transaction\nalter table crates\n",
    },
    // The up script makes an index, and an index is no constraint.
    Broken {
        migration: "20241025112826_make-unique-version-unique",
        says: "constraint \"versions_crate_id_num_no_build_uindex\" of relation \"versions\" does not exist",
        wrong: "alter table versions\n    drop constraint",
        right: "drop index",
    },
    // 2019-03-22-170700_remove_crate_downloads brings the table back with a constraint of another
    // name.
    Broken {
        migration: "20170708133715_ensure_crate_id_foreign_keys_cascade",
        says: "constraint \"fk_crate_downloads_crate_id\" of relation \"crate_downloads\" does not exist",
        wrong: "DROP CONSTRAINT \"fk_crate_downloads_crate_id\"",
        right: "DROP CONSTRAINT \"crate_downloads_crate_id_fkey\"",
    },
    // A semicolon is missing.
    Broken {
        migration: "20170318181441_downloads_need_no_id",
        says: "syntax error at or near \"ALTER\"",
        wrong: "DROP CONSTRAINT crate_downloads_pkey\n",
        right: "DROP CONSTRAINT crate_downloads_pkey;\n",
    },
    // 2020-02-14-183929_remove_version_authors_user_id brings the column back without its foreign key.
    Broken {
        migration: "20141007131147_dumped_migration_58",
        says: "constraint \"fk_version_authors_user_id\" of relation \"version_authors\" does not exist",
        wrong: "DROP CONSTRAINT fk",
        right: "DROP CONSTRAINT IF EXISTS fk",
    },
    // 2019-11-11-162609_drop_email_from_user says "not reversible", in a comment.
    Broken {
        migration: "20141001190230_dumped_migration_44",
        says: "column \"email\" of relation \"users\" does not exist",
        wrong: "ALTER TABLE users ALTER COLUMN email SET NOT NULL;",
        right: "",
    },
    // 20140930082104_dumped_migration_36 brings the table back without its indexes.
    Broken {
        migration: "20140929103755_dumped_migration_27",
        says: "index \"index_version_dependencies_depends_on_id\" does not exist",
        wrong: "DROP INDEX",
        right: "DROP INDEX IF EXISTS",
    },
    Broken {
        migration: "20140929103754_dumped_migration_26",
        says: "index \"index_version_dependencies_version_id\" does not exist",
        wrong: "DROP INDEX",
        right: "DROP INDEX IF EXISTS",
    },
];

/// These are broken in themselves; the others trip over what the down script of a newer migration
/// does not bring back.
const IN_ITSELF: [usize; 3] = [0, 1, 3];

fn journey(server: &Server) -> Option<Journey<AsyncConnectionWrapper<AsyncPgConnection>>> {
    // A script that belongs to no migration lies among them.
    let ignore = ["data_oauth_github.sql"];
    let corpus = Corpus::find("crates-io/migrations", Dialect::Postgres, &ignore)?;
    let database = server.database("crates io");
    Some(Journey {
        conn: AsyncConnectionWrapper::establish(database.url()).unwrap(),
        corpus,
        database,
    })
}

#[test]
fn up_down_up() {
    let Some(server) = server::postgres() else {
        return;
    };
    let Some(mut journey) = journey(&server) else {
        return;
    };
    let reference = reference(&server, &journey.corpus);
    let left = journey.there_and_back(&reference, &BROKEN);
    // 20170502181306_drop_schema_migrations brings back the table of a tool that was there before.
    assert_eq!(left, ["CREATE TABLE public.schema_migrations ("]);
}

#[test]
fn redo_of_each() {
    let Some(server) = server::postgres() else {
        return;
    };
    let Some(mut journey) = journey(&server) else {
        return;
    };
    for index in IN_ITSELF {
        journey.correct(&BROKEN[index]);
    }
    // "Not reversible", says its down script, in a comment.
    journey.redo_each(&[Stuck {
        migration: "20191111162609_drop_email_from_user",
        says: "column \"email\" of relation \"users\" does not exist",
        repair: Some("ALTER TABLE users ADD COLUMN email varchar"),
    }]);
}
