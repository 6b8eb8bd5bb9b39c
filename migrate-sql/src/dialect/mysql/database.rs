//! Databases and their options.

use crate::change::Change;
use crate::dialect::reader::{Read, Reader};

impl Reader<'_> {
    pub(super) fn create_database(&mut self) -> Read<Vec<Change>> {
        self.next();
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.identifier("a database name")?;
        self.database_options()?;
        Ok(vec![Change::CreateSchema {
            name,
            if_not_exists,
        }])
    }

    /// ALTER DATABASE: the defaults of tables that are made later.
    pub(super) fn alter_database(&mut self) -> Read<Vec<Change>> {
        self.next();
        if !self.is_database_option() {
            self.identifier("a database name")?;
        }
        if self.eat("UPGRADE") {
            self.need_all(&["DATA", "DIRECTORY", "NAME"])?;
            return Ok(Vec::new());
        }
        if self.at_statement_end() {
            return Err(self.expected("an option of the database"));
        }
        self.database_options()?;
        Ok(Vec::new())
    }

    fn is_database_option(&self) -> bool {
        self.is_one_of(&[
            "CHARACTER",
            "CHARSET",
            "COLLATE",
            "COMMENT",
            "DEFAULT",
            "ENCRYPTION",
        ]) || self.are(&["CHAR", "SET"])
            || self.are(&["READ", "ONLY"])
    }

    fn database_options(&mut self) -> Read<()> {
        while !self.at_statement_end() {
            if self.eat_all(&["READ", "ONLY"]) {
                self.eat_mark("=");
                self.next();
            } else if !self.is_database_option() || self.table_option()?.is_none() {
                let words = ["CHARACTER", "CHARSET", "COLLATE", "COMMENT", "DEFAULT"];
                return Err(self.unexpected("as an option of a database", &words));
            }
        }
        Ok(())
    }
}
