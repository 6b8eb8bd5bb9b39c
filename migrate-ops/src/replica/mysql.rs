//! MySQL and MariaDB: what a replica says of its two threads.

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::deserialize::{self, QueryableByName};
use diesel::mysql::Mysql;
use diesel::query_dsl::RunQueryDsl;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Nullable, Text};
use migrate_runtime::Database;

use super::{Lag, Replicate};

/// One channel that a replica follows.
struct Channel {
    receives: String,
    replays: String,
    behind: Option<i64>,
    error: Option<String>,
}

/// A column by the name that it has on MariaDB and old servers, or by MySQL's new one.
macro_rules! column {
    ($row:expr, $kind:ty, $of:ty, $old:literal, $new:literal) => {
        NamedRow::get::<$kind, $of>($row, $old).or_else(|_| NamedRow::get::<$kind, $of>($row, $new))
    };
}

impl QueryableByName<Mysql> for Channel {
    fn build<'a>(row: &impl NamedRow<'a, Mysql>) -> deserialize::Result<Self> {
        type Word = Nullable<Text>;
        Ok(Channel {
            receives: column!(
                row,
                Word,
                Option<String>,
                "Slave_IO_Running",
                "Replica_IO_Running"
            )?
            .unwrap_or_default(),
            replays: column!(
                row,
                Word,
                Option<String>,
                "Slave_SQL_Running",
                "Replica_SQL_Running"
            )?
            .unwrap_or_default(),
            behind: column!(
                row,
                Nullable<BigInt>,
                Option<i64>,
                "Seconds_Behind_Master",
                "Seconds_Behind_Source"
            )?,
            error: column!(
                row,
                Word,
                Option<String>,
                "Last_SQL_Error",
                "Last_SQL_Error"
            )?
            .filter(|text| !text.is_empty()),
        })
    }
}

impl Replicate for Mysql {
    const RIGHT: &'static str =
        "GRANT REPLICA MONITOR (on MySQL and before MariaDB 10.5: REPLICATION CLIENT)";

    /// The channel that is furthest behind.
    fn lag<C: LoadConnection<Backend = Self>>(conn: &mut C) -> QueryResult<Option<Lag>> {
        let version = Mysql::rows(conn, "SELECT CAST(VERSION() AS CHAR)")?;
        let version = version.into_iter().flatten().flatten().next();
        let is_mariadb = version.is_some_and(|it| it.to_lowercase().contains("mariadb"));
        let channels: Vec<Channel> = match is_mariadb {
            true => diesel::sql_query("SHOW ALL SLAVES STATUS").load(conn)?,
            // Only from 8.0.22 on, and then soon the only one.
            false => match diesel::sql_query("SHOW REPLICA STATUS").load(conn) {
                Ok(channels) => channels,
                Err(_) => diesel::sql_query("SHOW SLAVE STATUS").load(conn)?,
            },
        };
        let mut furthest = 0;
        for channel in &channels {
            match channel.lag() {
                Ok(seconds) => furthest = furthest.max(seconds),
                Err(reason) => return Ok(Some(Lag::NotKnown { reason })),
            }
        }
        let seconds = furthest as f64;
        Ok((!channels.is_empty()).then_some(Lag::Behind { seconds }))
    }
}

impl Channel {
    fn lag(&self) -> Result<i64, String> {
        let stands = |thread: &str, state: &str| match state {
            "" => format!("it does not say whether {thread} runs"),
            "No" => format!("{thread} does not run"),
            other => format!("{thread} does not run: {}", other.to_lowercase()),
        };
        match (self.receives.as_str(), self.replays.as_str(), self.behind) {
            // What stops it may be the values of a row, so only that something does is told.
            (_, replays, _) if replays != "Yes" => Err(match &self.error {
                Some(_) => "the thread that replays has stopped at an error".to_owned(),
                None => stands("the thread that replays", replays),
            }),
            (receives, _, _) if receives != "Yes" => {
                Err(stands("the thread that receives", receives))
            }
            (_, _, Some(seconds)) => Ok(seconds),
            (_, _, None) => Err("it does not say how far it is behind".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_replica_that_receives_and_replays_says_how_far_it_is() {
        let lag = |receives: &str, replays: &str, behind, error: Option<&str>| {
            let channel = Channel {
                receives: receives.to_owned(),
                replays: replays.to_owned(),
                behind,
                error: error.map(str::to_owned),
            };
            channel.lag()
        };
        assert_eq!(lag("Yes", "Yes", Some(3), None), Ok(3));
        let stopped = lag("Yes", "No", None, Some("Duplicate entry 'ann' for key 'a'"));
        let said = stopped.unwrap_err();
        assert_eq!(said, "the thread that replays has stopped at an error");
        let said = lag("Connecting", "Yes", None, None).unwrap_err();
        assert_eq!(said, "the thread that receives does not run: connecting");
        // A server that says 0 while it receives nothing is not believed.
        assert!(lag("No", "Yes", Some(0), None).is_err());
        assert!(lag("Yes", "Yes", None, None).is_err());
    }
}
