use std::collections::{BTreeMap, BTreeSet};

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use super::super::Facts;

/// The tables as they were before a migration, with their rows.
pub(super) struct Tables {
    rows: BTreeMap<String, u64>,
}

/// The numbers that InnoDB gives when it stores something anew.
pub(super) struct Numbers {
    /// Table, or table and partition → number.
    tables: BTreeMap<String, u64>,
    /// Table and index → number.
    indexes: BTreeMap<(String, String), u64>,
}

impl Tables {
    pub(super) async fn read(conn: &mut Conn) -> Self {
        let names: Vec<String> = conn
            .query(
                "SELECT table_name FROM information_schema.tables
                 WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
            )
            .await
            .expect("the tables");
        let mut rows = BTreeMap::new();
        for name in names {
            let count = count(conn, &format!("`{name}`")).await;
            rows.insert(name, count);
        }
        Self { rows }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// Notes what a statement read, wrote, stored anew and indexed, since `before` and since the
    /// statistics were cleared.
    pub(super) async fn worked(&self, conn: &mut Conn, before: &Numbers, facts: &mut Facts) {
        let counted: Vec<(String, u64, u64)> = conn
            .query(
                "SELECT table_name, rows_read, rows_changed
                 FROM information_schema.table_statistics WHERE table_schema = DATABASE()",
            )
            .await
            .expect("the statistics");
        for (name, read, wrote) in counted {
            let Some(&rows) = self.rows.get(&name).filter(|&&rows| rows > 0) else {
                continue;
            };
            if read * 2 >= rows {
                facts.read.insert(name.clone());
            }
            if wrote * 2 >= rows {
                facts.wrote.insert(name.clone());
            }
        }
        let after = Numbers::read(conn).await;
        let known: BTreeSet<u64> = before.tables.values().copied().collect();
        for (stored, number) in &after.tables {
            let (table, partition) = match stored.split_once("#P#") {
                Some((table, partition)) => (table, format!(" PARTITION (`{partition}`)")),
                None => (stored.as_str(), String::new()),
            };
            // A new table is none of those that were there; an empty one has cost nothing.
            if known.contains(number) || !self.rows.contains_key(table) {
                continue;
            }
            if count(conn, &format!("`{table}`{partition}")).await > 0 {
                facts.rewrote.insert(table.to_owned());
            }
        }
        let known: BTreeSet<u64> = before.indexes.values().copied().collect();
        for ((stored, index), number) in &after.indexes {
            // What is stored anew as a whole has new indexes; it is no new index of its table.
            let same = before.tables.get(stored) == after.tables.get(stored);
            let table = stored.split("#P#").next().unwrap_or(stored);
            let rows = self.rows.get(table).copied().unwrap_or_default();
            if same && rows > 0 && !known.contains(number) {
                facts.built.insert(format!("{table}.{index}"));
            }
        }
    }
}

impl Numbers {
    pub(super) async fn read(conn: &mut Conn) -> Self {
        let tables: Vec<(String, u64)> = conn
            .query(
                "SELECT SUBSTRING_INDEX(name, '/', -1), table_id
                 FROM information_schema.innodb_sys_tables
                 WHERE SUBSTRING_INDEX(name, '/', 1) = DATABASE() AND name NOT LIKE '%/FTS_%'",
            )
            .await
            .expect("the tables of InnoDB");
        let indexes: Vec<(String, String, u64)> = conn
            .query(
                "SELECT SUBSTRING_INDEX(t.name, '/', -1), i.name, i.index_id
                 FROM information_schema.innodb_sys_indexes i
                 JOIN information_schema.innodb_sys_tables t ON t.table_id = i.table_id
                 WHERE SUBSTRING_INDEX(t.name, '/', 1) = DATABASE() AND t.name NOT LIKE '%/FTS_%'",
            )
            .await
            .expect("the indexes of InnoDB");
        let indexes = indexes.into_iter();
        Self {
            tables: tables.into_iter().collect(),
            indexes: indexes
                .map(|(table, index, number)| ((table, index), number))
                .collect(),
        }
    }
}

async fn count(conn: &mut Conn, from: &str) -> u64 {
    let count = conn
        .query_first(format!("SELECT COUNT(*) FROM {from}"))
        .await;
    count.unwrap_or_else(|e| panic!("{from}: {e}")).unwrap_or(0)
}
