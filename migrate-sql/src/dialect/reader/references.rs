//! REFERENCES: the far side of a foreign key.

use super::cursor::Reader;
use super::fault::Read;
use crate::change::{ForeignKeyAction, References};

impl Reader<'_> {
    /// `REFERENCES table [(columns)] [MATCH …] [ON DELETE …] [ON UPDATE …]`.
    pub(in crate::dialect) fn references(&mut self) -> Read<References> {
        self.need("REFERENCES")?;
        let table = self.object_name("a table name")?;
        let columns = if self.is_mark("(") {
            self.bracketed(|r| r.identifier("a column name"))?
        } else {
            Vec::new()
        };
        let mut references = References {
            table,
            columns,
            on_delete: ForeignKeyAction::NoAction,
            on_update: ForeignKeyAction::NoAction,
        };
        let mut is_first = true;
        loop {
            // MySQL has MATCH before the actions only, SQLite anywhere between them.
            if (is_first || self.is_sqlite()) && self.eat("MATCH") {
                if self.is_sqlite() {
                    self.identifier("a name")?;
                } else {
                    self.need_one_of(&["FULL", "PARTIAL", "SIMPLE"])?;
                }
            } else if self.is_event() {
                self.next();
                self.event(&mut references)?;
            } else {
                return Ok(references);
            }
            is_first = false;
        }
    }

    /// Whether ON is that of a foreign key: not that of a column of MySQL, nor that of what SQLite
    /// does in a conflict.
    fn is_event(&self) -> bool {
        if !self.is("ON") {
            return false;
        }
        if self.is_sqlite() {
            return !self.is_at(1, "CONFLICT");
        }
        let now = ["CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"];
        !(self.is_at(1, "UPDATE") && now.iter().any(|word| self.is_at(2, word)))
    }

    /// What follows ON.
    fn event(&mut self, references: &mut References) -> Read<()> {
        // SQLite reads ON INSERT, and does nothing then.
        let events: &[&str] = if self.is_sqlite() {
            &["DELETE", "UPDATE", "INSERT"]
        } else {
            &["DELETE", "UPDATE"]
        };
        let event = self.need_one_of(events)?;
        let action = self.action()?;
        match event {
            "DELETE" => references.on_delete = action,
            "UPDATE" => references.on_update = action,
            _ => {}
        }
        Ok(())
    }

    fn action(&mut self) -> Read<ForeignKeyAction> {
        Ok(
            match self.need_one_of(&["RESTRICT", "CASCADE", "SET", "NO"])? {
                "RESTRICT" => ForeignKeyAction::Restrict,
                "CASCADE" => ForeignKeyAction::Cascade,
                "NO" => {
                    self.need("ACTION")?;
                    ForeignKeyAction::NoAction
                }
                _ => match self.need_one_of(&["NULL", "DEFAULT"])? {
                    "NULL" => ForeignKeyAction::SetNull,
                    _ => ForeignKeyAction::SetDefault,
                },
            },
        )
    }
}
