//! What a way down throws away that is in the database now.
//!
//! Rather too much is said than too little: a rollback that loses data has to be accepted by
//! somebody, and what cannot be followed counts as a loss.

use diesel::QueryResult;
use migrate_core::split::split;
use migrate_core::{Dialect, Script, Version};
use migrate_runtime::Row;
use migrate_sql::ObjectName;
use migrate_sql::change::{Change, ColumnChange, Dml, DmlVerb, ObjectKind, TableAction};
use migrate_sql::dialect::{Parsed, parse};

/// What the down script of a migration throws away, each as a sentence without a final period. `ask`
/// puts a question to the database.
pub(super) fn of(
    version: &Version,
    down: &Script,
    dialect: Dialect,
    ask: &mut dyn FnMut(&str) -> QueryResult<Vec<Row>>,
) -> Vec<String> {
    let mut losses = Losses {
        who: version.to_string(),
        dialect,
        ask,
        found: Vec::new(),
    };
    if down.rust {
        losses.add("what its Rust code does is not known");
    }
    let text = down.text();
    for statement in &split(&text, dialect).statements {
        match parse(statement.text(&text), statement.span.start, dialect) {
            Parsed::Changes(changes) => changes.iter().for_each(|change| losses.change(change)),
            Parsed::Broken(_) => losses.add("one of its statements cannot be read"),
        }
    }
    losses.found
}

struct Losses<'a> {
    who: String,
    dialect: Dialect,
    ask: &'a mut dyn FnMut(&str) -> QueryResult<Vec<Row>>,
    found: Vec<String>,
}

impl Losses<'_> {
    fn add(&mut self, what: &str) {
        let text = format!("the way down of {}: {what}", self.who);
        if !self.found.contains(&text) {
            self.found.push(text);
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Drop(drop) => match drop.kind {
                ObjectKind::Table => {
                    for table in &drop.names {
                        self.rows_of(table, "dropped");
                    }
                }
                ObjectKind::Schema => self.add("a whole schema is dropped"),
                _ => {}
            },
            Change::Truncate { tables, .. } => {
                for table in tables {
                    self.rows_of(table, "emptied");
                }
            }
            Change::AlterTable(alter) => {
                for action in &alter.actions {
                    self.action(&alter.name, action);
                }
            }
            Change::Dml(dml) => self.dml(dml),
            Change::Opaque(opaque) => {
                self.add(&format!("it cannot be followed ({})", opaque.reason));
            }
            Change::Step(_) => self.add("a statement decides what runs"),
            _ => {}
        }
    }

    fn action(&mut self, table: &ObjectName, action: &TableAction) {
        match action {
            TableAction::DropColumn { name, .. } => {
                let column = self.dialect.quote_identifier(&name.name);
                let found = self.any(table, &format!(" WHERE {column} IS NOT NULL"));
                self.unless_empty(found, &format!("the values of {table}.{name} are dropped"));
            }
            TableAction::AlterColumn { name, change, .. }
                if matches!(**change, ColumnChange::Type { .. }) =>
            {
                self.add(&format!("the values of {table}.{name} get another type"));
            }
            TableAction::ModifyColumn { from, .. } => {
                self.add(&format!("the values of {table}.{from} get another type"));
            }
            _ => {}
        }
    }

    fn dml(&mut self, dml: &Dml) {
        let did = match dml.verb {
            DmlVerb::Select | DmlVerb::Insert | DmlVerb::Copy => None,
            DmlVerb::Delete => Some("deleted"),
            DmlVerb::Replace | DmlVerb::Update | DmlVerb::Merge => Some("changed"),
        };
        if let Some(did) = did {
            match &dml.target {
                Some(table) => self.add(&format!("rows of {table} are {did}")),
                None => self.add(&format!("rows are {did}")),
            }
        }
        dml.inner.iter().for_each(|inner| self.dml(inner));
    }

    fn rows_of(&mut self, table: &ObjectName, did: &str) {
        let found = self.any(table, "");
        self.unless_empty(found, &format!("{table} is {did} with its rows"));
    }

    fn unless_empty(&mut self, found: QueryResult<bool>, what: &str) {
        match found {
            Ok(false) => {}
            Ok(true) => self.add(what),
            // A table that the way down itself makes is not there yet.
            Err(_) => self.add(&format!("{what} (could not look whether there are any)")),
        }
    }

    fn any(&mut self, table: &ObjectName, condition: &str) -> QueryResult<bool> {
        let quoted = |name: &str| self.dialect.quote_identifier(name);
        let table = match &table.schema {
            Some(schema) => format!("{}.{}", quoted(&schema.name), quoted(&table.name.name)),
            None => quoted(&table.name.name),
        };
        let rows = (self.ask)(&format!("SELECT '1' FROM {table}{condition} LIMIT 1"))?;
        Ok(!rows.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use migrate_core::script_checksum;

    use super::*;

    fn losses(sql: &str, full: bool) -> Vec<String> {
        let dialect = Dialect::Postgres;
        let down = Script {
            path: "7_a/down.sql".into(),
            sql: sql.to_owned().into(),
            checksum: script_checksum(sql, dialect, true, None),
            transaction: true,
            rust: false,
        };
        let rows = match full {
            true => vec![vec![Some("1".to_owned())]],
            false => Vec::new(),
        };
        of(&Version::from_static("7"), &down, dialect, &mut |_| {
            Ok(rows.clone())
        })
    }

    #[test]
    fn what_is_empty_is_no_loss() {
        for (sql, expected) in [
            ("DROP TABLE a;", "a is dropped with its rows"),
            (
                "ALTER TABLE a DROP COLUMN b;",
                "the values of a.b are dropped",
            ),
            ("TRUNCATE a;", "a is emptied with its rows"),
        ] {
            assert_eq!(losses(sql, false), Vec::<String>::new(), "{sql}");
            let said = format!("the way down of 7: {expected}");
            assert_eq!(losses(sql, true), [said], "{sql}");
        }
    }

    #[test]
    fn what_is_a_loss_whatever_there_is() {
        for sql in [
            "DELETE FROM a WHERE b = 1;",
            "WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone;",
            "UPDATE a SET b = 1;",
            "ALTER TABLE a ALTER COLUMN b TYPE smallint;",
            "DO $$ BEGIN EXECUTE 'drop table a'; END $$;",
            "DROP SCHEMA s CASCADE;",
        ] {
            assert_eq!(losses(sql, false).len(), 1, "{sql}");
        }
    }

    #[test]
    fn what_holds_no_data() {
        let sql = "DROP INDEX i; DROP VIEW v; ALTER TABLE a DROP CONSTRAINT c; \
                   ALTER TABLE a ALTER COLUMN b DROP NOT NULL; INSERT INTO a VALUES (1);";
        assert_eq!(losses(sql, true), Vec::<String>::new());
    }
}
