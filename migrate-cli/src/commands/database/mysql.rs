//! A MySQL or MariaDB database as a whole.

use diesel::mysql::Mysql;
use diesel::sql_types::Text;
use diesel::{RunQueryDsl, sql_query};
use migrate_core::Dialect;
use migrate_ops::connect::{DatabaseUrl, Engine, Open};
use tokio::runtime::Runtime;

use super::{Count, Deed, Deeds, name, on_server};
use crate::error::CommandError;

/// Connects to no database at all.
pub(super) fn perform(
    deed: Deed,
    url: &DatabaseUrl,
    dry_run: bool,
    runtime: &Runtime,
) -> Result<Deeds, CommandError> {
    let name = name(url)?;
    let mut connection =
        Mysql::connect(&url.with_database(None), Open::Existing, runtime)?.connection;
    let query = "SELECT count(*) AS count FROM information_schema.schemata WHERE schema_name = ?";
    let exists = sql_query(query)
        .bind::<Text, _>(name)
        .get_result::<Count>(&mut connection)
        .map(|found| found.count > 0);
    let quoted = Dialect::Mysql.quote_identifier(name);
    let sql = match deed {
        Deed::Create => format!("CREATE DATABASE {quoted}"),
        Deed::Drop => format!("DROP DATABASE {quoted}"),
    };
    on_server(&mut connection, deed, exists, sql, dry_run)
}
