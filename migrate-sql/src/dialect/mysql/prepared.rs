//! Prepared statements.

use super::statement::step;
use super::value::value;
use crate::change::{Change, Prepared, Step};
use crate::dialect::reader::{Read, Reader};

impl Reader<'_> {
    /// PREPARE, EXECUTE and DEALLOCATE PREPARE.
    pub(super) fn prepared(&mut self) -> Read<Vec<Change>> {
        let start = self.start();
        let verb = self.need_one_of(&["PREPARE", "EXECUTE", "DEALLOCATE"])?;
        match verb {
            "PREPARE" => {
                let name = self.identifier("the name of a statement")?.name;
                self.need("FROM")?;
                let (text, _) = self.scoped(Self::expression)?;
                return Ok(vec![step(Step::Prepare {
                    name: name.to_lowercase(),
                    text: value(&text),
                    span: self.span_from(start),
                })]);
            }
            "DEALLOCATE" => {
                self.need("PREPARE")?;
                let name = self.identifier("the name of a statement")?.name;
                return Ok(vec![step(Step::Deallocate(name.to_lowercase()))]);
            }
            _ => {}
        }
        let what = if self.eat("IMMEDIATE") {
            let (text, _) = self.scoped(Self::expression)?;
            Prepared::Text(value(&text))
        } else {
            let name = self.identifier("the name of a statement")?.name;
            Prepared::Name(name.to_lowercase())
        };
        if self.eat("USING") {
            self.scoped(|r| r.list(Self::expression))?;
        }
        let span = self.span_from(start);
        Ok(vec![step(Step::Execute { what, span })])
    }
}
