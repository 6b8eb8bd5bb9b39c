//! MySQL and MariaDB: `information_schema`, as far as the user may see it.

use diesel::QueryResult;
use migrate_core::Dialect;
use migrate_core::config::{Product, ServerVersion};

use super::{Ask, Question, Traffic, number, shown, text};
use crate::forecast::evidence::{InTheWay, InTheWayKind, Replica, Replicas, RowsBasis, TableSize};

pub(super) fn server(ask: &mut Ask<'_>) -> QueryResult<Option<ServerVersion>> {
    let rows = ask("SELECT CAST(VERSION() AS CHAR)")?;
    Ok(rows.first().and_then(|row| version(&text(row, 0))))
}

/// `10.11.6-MariaDB-0+deb12u1`, `8.0.36`, and behind some proxies `5.5.5-10.11.6-MariaDB`.
fn version(written: &str) -> Option<ServerVersion> {
    let is_mariadb = written.to_lowercase().contains("mariadb");
    let written = written.strip_prefix("5.5.5-").unwrap_or(written);
    let end = written
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(written.len());
    let mut version = [0; 3];
    for (number, part) in version.iter_mut().zip(written.get(..end)?.split('.')) {
        *number = part.parse().ok()?;
    }
    Some(ServerVersion {
        product: match is_mariadb {
            true => Product::Mariadb,
            false => Product::Mysql,
        },
        version,
    })
}

/// The tables that the user may see; those of other databases with the name of theirs.
pub(super) fn sizes(ask: &mut Ask<'_>) -> QueryResult<Vec<TableSize>> {
    let rows = ask(
        "SELECT CASE WHEN TABLE_SCHEMA = DATABASE() THEN LOWER(TABLE_NAME)
                ELSE LOWER(CONCAT(TABLE_SCHEMA, '.', TABLE_NAME)) END,
             CAST(TABLE_ROWS AS CHAR), CAST(DATA_LENGTH AS CHAR), CAST(INDEX_LENGTH AS CHAR)
         FROM information_schema.TABLES
         WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN
             ('mysql', 'sys', 'performance_schema', 'information_schema')
         ORDER BY 1",
    )?;
    let sizes = rows.iter().map(|row| {
        let rows = number(row, 1);
        TableSize {
            table: text(row, 0),
            rows,
            rows_basis: match rows {
                Some(_) => RowsBasis::Statistics,
                None => RowsBasis::Unknown,
            },
            table_bytes: number(row, 2),
            index_bytes: number(row, 3),
        }
    });
    Ok(sizes.collect())
}

pub(super) fn traffic(ask: &mut Ask<'_>, question: Question<'_>) -> QueryResult<Traffic> {
    let mut traffic = Traffic {
        replays_ddl: true,
        ..Traffic::default()
    };
    transactions(ask, question, &mut traffic);
    replicas(ask, &mut traffic)?;
    Ok(traffic)
}

/// Open transactions. Which tables they have used is not shown without further plugins, so any of them
/// may hold a metadata lock that a statement of the run waits for.
fn transactions(ask: &mut Ask<'_>, question: Question<'_>, traffic: &mut Traffic) {
    match open(ask, question.long) {
        Ok(transactions) => {
            traffic
                .in_the_way
                .extend(transactions.into_iter().map(|it| InTheWay {
                    tables: None,
                    blocks_run: !question.locked.is_empty(),
                    ..it
                }));
        }
        Err(_) => {
            let text = "open transactions: this user is not shown them (GRANT PROCESS shows them)";
            traffic.not_checked.push(text.to_owned());
        }
    }
}

/// The transactions that have been open for so many seconds.
fn open(ask: &mut Ask<'_>, long: f64) -> QueryResult<Vec<InTheWay>> {
    // InnoDB answers with what it has answered before, for a tenth of a second after each answer.
    ask("SELECT CAST(SLEEP(0.12) AS CHAR)")?;
    let rows = ask(
        "SELECT CAST(t.trx_mysql_thread_id AS CHAR), COALESCE(p.USER, ''), COALESCE(p.COMMAND, ''),
             CAST(TIMESTAMPDIFF(MICROSECOND, t.trx_started, NOW(6)) / 1000000 AS CHAR),
             COALESCE(t.trx_query, p.INFO)
         FROM information_schema.INNODB_TRX t
         LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
         WHERE t.trx_mysql_thread_id <> CONNECTION_ID()
         ORDER BY t.trx_started",
    )?;
    let prepared = match rows.iter().any(|row| text(row, 0) == "0") {
        true => prepared(ask),
        false => String::new(),
    };
    let transactions = rows.iter().filter_map(|row| {
        let age = number::<f64>(row, 3).filter(|age| *age >= long)?;
        let query = row.get(4).cloned().flatten();
        let connection = text(row, 0);
        // One that was prepared belongs to nobody once its session has gone.
        let is_prepared = connection == "0";
        Some(InTheWay {
            kind: match &*text(row, 2) {
                _ if is_prepared => InTheWayKind::PreparedTransaction,
                "Sleep" => InTheWayKind::IdleInTransaction,
                _ => InTheWayKind::LongTransaction,
            },
            who: match is_prepared {
                true => prepared.clone(),
                false => format!("connection {connection}, {}", text(row, 1)),
            },
            for_seconds: Some(age),
            query: query.map(|sql| shown(&sql, Dialect::Mysql)),
            tables: Some(Vec::new()),
            blocks_run: false,
        })
    });
    Ok(transactions.collect())
}

/// The names of the transactions that are prepared. Which of them is which of InnoDB's is not shown.
fn prepared(ask: &mut Ask<'_>) -> String {
    let names: Vec<String> = match ask("XA RECOVER") {
        Ok(rows) => rows
            .iter()
            .map(|row| format!("`{}`", text(row, 3)))
            .collect(),
        Err(_) => Vec::new(),
    };
    match names.as_slice() {
        [] => "XA RECOVER names it".to_owned(),
        [name] => name.clone(),
        names => format!("one of {}", names.join(", ")),
    }
}

/// Who reads on a replica; its own threads that replay have no user of the server's.
pub(super) fn readers(ask: &mut Ask<'_>, long: f64) -> QueryResult<Vec<InTheWay>> {
    let mut readers = open(ask, long)?;
    readers.retain(|it| !it.who.ends_with(", system user"));
    Ok(readers)
}

fn replicas(ask: &mut Ask<'_>, traffic: &mut Traffic) -> QueryResult<()> {
    // Without the right PROCESS only one's own threads are in the list.
    let sees_all = ask(
        "SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.USER_PRIVILEGES
         WHERE PRIVILEGE_TYPE = 'PROCESS'",
    )?;
    if sees_all.first().is_none_or(|row| text(row, 0) == "0") {
        let text = "replicas: this user is not shown them (GRANT PROCESS shows them)";
        traffic.not_checked.push(text.to_owned());
        traffic.replicas.following = None;
        return Ok(());
    }
    let rows = ask(
        "SELECT CAST(HOST AS CHAR) FROM information_schema.PROCESSLIST
         WHERE COMMAND LIKE 'Binlog Dump%' ORDER BY ID",
    )?;
    let following: Vec<Replica> = rows
        .iter()
        .map(|row| Replica {
            name: text(row, 0),
            asked: false,
            lag_seconds: None,
            not_known: Some("only the replica itself knows".to_owned()),
        })
        .collect();
    // From 10.8 on MariaDB can send an ALTER TABLE when it begins.
    let two_phase = ask("SHOW VARIABLES LIKE 'binlog_alter_two_phase'")?;
    traffic.replays_ddl = !two_phase.iter().any(|row| text(row, 1) == "ON");
    let note = (!following.is_empty()).then(|| match traffic.replays_ddl {
        true => {
            "a replica begins an ALTER TABLE when it is done here, and takes as long for it; what \
                 comes after waits there"
                .to_owned()
        }
        false => "replicas carry out an ALTER TABLE while it goes on here".to_owned(),
    });
    traffic.replicas = Replicas {
        following: Some(following),
        lag: None,
        note,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers() {
        let read = |text| version(text).map(|it| it.to_string());
        let mariadb = Some("mariadb 10.11.6".to_owned());
        assert_eq!(read("10.11.6-MariaDB-0+deb12u1-log"), mariadb);
        assert_eq!(read("5.5.5-10.11.6-MariaDB"), mariadb);
        assert_eq!(read("8.0.36"), Some("mysql 8.0.36".to_owned()));
        assert_eq!(read("what"), None);
    }
}
