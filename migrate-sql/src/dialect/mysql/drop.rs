//! DROP.

use super::statement::{OBJECTS, step};
use crate::change::{Change, Drop, ObjectKind, Step};
use crate::dialect::reader::{Read, Reader};
use crate::name::ObjectName;

impl Reader<'_> {
    pub(super) fn drop_statement(&mut self) -> Read<Vec<Change>> {
        let temporary = self.eat("TEMPORARY");
        if self.eat_one_of(&["TABLE", "TABLES"]).is_some() {
            return self.drop_table();
        }
        if temporary && !self.is("SEQUENCE") {
            return Err(self.expected_word(&["TABLE"]));
        }
        self.eat_one_of(&["ONLINE", "OFFLINE"]);
        match self
            .peek()
            .map(|piece| piece.text.to_ascii_uppercase())
            .as_deref()
        {
            Some("INDEX") => {
                self.next();
                self.drop_index()
            }
            Some("VIEW") => {
                self.next();
                self.drop_list(ObjectKind::View, "a view name")
            }
            Some("SEQUENCE") => {
                self.next();
                self.drop_list(ObjectKind::Sequence, "a sequence name")
            }
            Some("TRIGGER") => self.drop_one(ObjectKind::Trigger),
            Some("EVENT") => self.drop_one(ObjectKind::Event),
            Some("PROCEDURE") => self.drop_one(ObjectKind::Procedure),
            Some("FUNCTION") => self.drop_one(ObjectKind::Function),
            Some("DATABASE" | "SCHEMA") => self.drop_one(ObjectKind::Schema),
            Some("USER" | "ROLE") => {
                self.next();
                let if_exists = self.eat_if_exists()?;
                let users = self.list(Self::account)?;
                Ok(vec![dropped(
                    ObjectKind::Role,
                    users.into_iter().map(ObjectName::unqualified).collect(),
                    if_exists,
                )])
            }
            Some("PREPARE") => {
                self.next();
                let name = self.identifier("the name of a statement")?.name;
                Ok(vec![step(Step::Deallocate(name.to_lowercase()))])
            }
            Some(
                "SERVER" | "TABLESPACE" | "UNDO" | "LOGFILE" | "RESOURCE" | "PACKAGE" | "SPATIAL"
                | "LIBRARY" | "CATALOG",
            ) => self.passed_over(Vec::new()),
            _ => Err(self.unexpected("after DROP", OBJECTS)),
        }
    }

    /// DROP of one object, at the word for it.
    fn drop_one(&mut self, kind: ObjectKind) -> Read<Vec<Change>> {
        self.next();
        let if_exists = self.eat_if_exists()?;
        let name = self.object_name("a name")?;
        Ok(vec![dropped(kind, vec![name], if_exists)])
    }
}

fn dropped(kind: ObjectKind, names: Vec<ObjectName>, if_exists: bool) -> Change {
    Change::Drop(Drop {
        kind,
        names,
        table: None,
        arguments: None,
        if_exists,
        cascade: false,
        concurrently: false,
    })
}
