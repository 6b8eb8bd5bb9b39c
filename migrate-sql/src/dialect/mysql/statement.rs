//! Which statement it is.

use super::table::TableModifiers;
use crate::change::Change;
use crate::dialect::reader::{Fault, Read, Reader};

impl Reader<'_> {
    /// One statement to its end.
    pub(super) fn statement(&mut self) -> Read<Vec<Change>> {
        let changes = self.one_statement()?;
        self.need_end()?;
        Ok(changes)
    }

    fn one_statement(&mut self) -> Read<Vec<Change>> {
        if self.eat("CREATE") {
            return self.create();
        }
        if self.eat("ALTER") {
            self.eat_one_of(&["ONLINE", "OFFLINE"]);
            self.eat("IGNORE");
            if self.eat("TABLE") {
                return self.alter_table();
            }
        }
        if self.eat("DROP") {
            self.eat("TEMPORARY");
            if self.eat_one_of(&["TABLE", "TABLES"]).is_some() {
                return self.drop_table();
            }
            if self.eat("INDEX") {
                return self.drop_index();
            }
        }
        if self.eat("RENAME") && self.eat_one_of(&["TABLE", "TABLES"]).is_some() {
            return self.rename_tables();
        }
        Err(Fault::Unknown("a statement that is not parsed yet"))
    }

    fn create(&mut self) -> Read<Vec<Change>> {
        let or_replace = self.eat_all(&["OR", "REPLACE"]);
        let temporary = self.eat("TEMPORARY");
        if self.eat("TABLE") {
            return self.create_table(TableModifiers {
                or_replace,
                temporary,
            });
        }
        let kind = self.eat_one_of(&["UNIQUE", "FULLTEXT", "SPATIAL"]);
        if self.eat("INDEX") {
            return self.create_index(or_replace, kind);
        }
        Err(Fault::Unknown("a statement that is not parsed yet"))
    }
}
