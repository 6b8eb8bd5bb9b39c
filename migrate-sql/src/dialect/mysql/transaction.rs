//! Transactions and savepoints.

use crate::change::Change;
use crate::dialect::reader::{Read, Reader};

impl Reader<'_> {
    pub(super) fn transaction(&mut self) -> Read<Vec<Change>> {
        match self
            .next()
            .map(|piece| piece.text.to_ascii_uppercase())
            .as_deref()
        {
            Some("START") => {
                let others = ["SLAVE", "REPLICA", "ALL", "GROUP_REPLICATION"];
                if self.is_one_of(&others) {
                    return self.passed_over(Vec::new());
                }
                self.need("TRANSACTION")?;
                if self.eat("WITH") {
                    self.need_all(&["CONSISTENT", "SNAPSHOT"])?;
                    if !self.eat_mark(",") {
                        return Ok(Vec::new());
                    }
                }
                if self.eat("READ") {
                    self.need_one_of(&["ONLY", "WRITE"])?;
                    if self.eat_mark(",") {
                        self.need_all(&["WITH", "CONSISTENT", "SNAPSHOT"])?;
                    }
                }
            }
            Some("SAVEPOINT") => {
                self.identifier("a savepoint")?;
            }
            Some("RELEASE") => {
                self.need("SAVEPOINT")?;
                self.identifier("a savepoint")?;
            }
            word => {
                self.eat("WORK");
                if word == Some("ROLLBACK") && self.eat("TO") {
                    if self.is("SAVEPOINT") && self.peek_at(1).is_some() {
                        self.next();
                    }
                    self.identifier("a savepoint")?;
                } else {
                    if self.eat("AND") {
                        self.eat("NO");
                        self.need("CHAIN")?;
                    }
                    if self.eat("NO") {
                        self.need("RELEASE")?;
                    } else {
                        self.eat("RELEASE");
                    }
                }
            }
        }
        Ok(Vec::new())
    }
}
