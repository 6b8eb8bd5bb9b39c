//! A PostgreSQL database as a whole.

use diesel::pg::Pg;
use diesel::sql_types::Text;
use diesel::{RunQueryDsl, sql_query};
use migrate_core::Dialect;
use migrate_ops::connect::{DatabaseUrl, Engine, Open};
use tokio::runtime::Runtime;

use super::{Count, Deed, Deeds, name, on_server};
use crate::error::CommandError;

/// Connects to a database that every cluster has, since nobody can drop the one they are in.
pub(super) fn perform(
    deed: Deed,
    url: &DatabaseUrl,
    dry_run: bool,
    runtime: &Runtime,
) -> Result<Deeds, CommandError> {
    let name = name(url)?;
    let connect =
        |database| Pg::connect(&url.with_database(Some(database)), Open::Existing, runtime);
    let mut connection = connect("postgres")
        .or_else(|_| connect("template1"))?
        .connection;
    let exists = sql_query("SELECT count(*) AS count FROM pg_database WHERE datname = $1")
        .bind::<Text, _>(name)
        .get_result::<Count>(&mut connection)
        .map(|found| found.count > 0);
    let quoted = Dialect::Postgres.quote_identifier(name);
    let sql = match deed {
        Deed::Create => format!("CREATE DATABASE {quoted}"),
        Deed::Drop => format!("DROP DATABASE {quoted}"),
    };
    on_server(&mut connection, deed, exists, sql, dry_run)
}
