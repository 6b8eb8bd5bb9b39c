use std::collections::BTreeMap;

use tokio_postgres::Client;

/// The relations of the user's schemas, by their oids, as they were before a migration.
pub(super) struct Relations {
    by_oid: BTreeMap<u32, Relation>,
}

pub(super) struct Relation {
    pub(super) name: String,
    /// As in `pg_class.relkind`.
    pub(super) kind: char,
    /// The file that holds its rows; it changes when they are stored anew.
    pub(super) file: Option<u32>,
    /// Of tables and materialized views.
    pub(super) rows: i64,
    /// Of an index.
    pub(super) table: Option<String>,
}

impl Relation {
    /// Whether it holds rows that somebody reads: a table, its partitions, a materialized view.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.kind, 'r' | 'p' | 'm')
    }

    pub(super) fn is_index(&self) -> bool {
        matches!(self.kind, 'i' | 'I')
    }
}

impl Relations {
    pub(super) async fn read(client: &Client) -> Self {
        let rows = client
            .query(
                "SELECT c.oid, c.oid::regclass::text, c.relkind::text, pg_relation_filenode(c.oid),
                        (SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = c.oid)
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                   AND c.relkind IN ('r', 'p', 'm', 'v', 'i', 'I', 'S')",
                &[],
            )
            .await
            .expect("the catalogue");
        let mut by_oid = BTreeMap::new();
        for row in rows {
            let kind: &str = row.get(2);
            let mut relation = Relation {
                name: row.get(1),
                kind: kind.chars().next().expect("a kind"),
                file: row.get(3),
                rows: 0,
                table: row.get(4),
            };
            if relation.is_table() {
                let count = format!("SELECT count(*) FROM {}", relation.name);
                relation.rows = client.query_one(&count, &[]).await.map_or(0, |r| r.get(0));
            }
            by_oid.insert(row.get(0), relation);
        }
        Self { by_oid }
    }

    pub(super) fn get(&self, oid: u32) -> Option<&Relation> {
        self.by_oid.get(&oid)
    }

    pub(super) fn oids(&self) -> Vec<u32> {
        self.by_oid.keys().copied().collect()
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &Relation> {
        self.by_oid.values().filter(|r| r.is_table())
    }

    /// The table that an index belongs to, and that it is an index; else the relation itself.
    pub(super) fn table_of<'a>(&'a self, name: &'a str) -> (&'a str, bool) {
        let index = self.by_oid.values().find(|r| r.name == name);
        match index.and_then(|index| index.table.as_deref()) {
            Some(table) => (table, true),
            None => (name, false),
        }
    }

    /// The tables and indexes whose rows now lie in another file than `files` says, which is
    /// brought up to date. Asked in the migration's own session it sees what is not committed.
    pub(super) async fn moved(
        &self,
        client: &Client,
        files: &mut BTreeMap<u32, u32>,
    ) -> Vec<&Relation> {
        // The column, not pg_relation_filenode(): that would lock the relation.
        let rows = client
            .query(
                "SELECT oid, relfilenode FROM pg_class WHERE oid = ANY($1) AND relfilenode <> 0",
                &[&self.oids()],
            )
            .await
            .expect("the catalogue");
        let mut moved = Vec::new();
        for row in rows {
            let (oid, file): (u32, u32) = (row.get(0), row.get(1));
            if files.insert(oid, file).is_some_and(|before| before != file) {
                moved.extend(self.get(oid));
            }
        }
        moved
    }

    /// The files before the migration, for [`Relations::moved`].
    pub(super) fn files(&self) -> BTreeMap<u32, u32> {
        let files = self.by_oid.iter();
        files.filter_map(|(&oid, r)| Some((oid, r.file?))).collect()
    }
}

/// Rows read and rows written, a table.
pub(super) type Counters = BTreeMap<u32, (i64, i64)>;

/// The counters of the running transaction, or of everything that has ended.
pub(super) async fn counters(client: &Client, of_transaction: bool) -> Counters {
    let view = match of_transaction {
        true => "pg_stat_xact_user_tables",
        false => "pg_stat_user_tables",
    };
    let select = format!(
        "SELECT relid, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0),
                n_tup_ins + n_tup_upd + n_tup_del FROM {view}"
    );
    let rows = client.query(&select, &[]).await.expect("the counters");
    let rows = rows.iter();
    rows.map(|row| (row.get(0), (row.get(1), row.get(2))))
        .collect()
}
