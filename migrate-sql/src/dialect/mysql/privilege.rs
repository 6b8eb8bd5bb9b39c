//! Users, roles and what they may.

use migrate_core::lex::TokenKind;

use crate::change::{Change, ObjectKind};
use crate::dialect::reader::{Read, Reader};
use crate::name::{Ident, ObjectName};

impl Reader<'_> {
    /// A user or role: `'name'@'host'`, `CURRENT_USER`.
    pub(super) fn account(&mut self) -> Read<Ident> {
        let start = self.start();
        let Some(piece) = self.peek() else {
            return Err(self.expected("a user"));
        };
        if self.eat("CURRENT_USER") || self.eat("CURRENT_ROLE") {
            if self.eat_mark("(") {
                self.need_mark(")")?;
            }
        } else if matches!(
            piece.kind,
            TokenKind::Word | TokenKind::String | TokenKind::QuotedIdentifier
        ) {
            self.next();
            // `@host` is one token, a quoted host its own.
            if let Some(at) = self.eat_kind(TokenKind::Parameter)
                && at.text == "@"
            {
                self.next();
            }
            // The host may be empty.
            self.eat_mark("@");
        } else {
            return Err(self.expected("a user"));
        }
        Ok(Ident::new(self.text_from(start), self.span_from(start)))
    }

    /// GRANT and REVOKE: the object after ON, where there is one.
    pub(super) fn grant(&mut self) -> Read<Vec<Change>> {
        let grant = self.is("GRANT");
        self.next();
        let mut objects = Vec::new();
        let mut depth = 0_usize;
        let mut to = false;
        while let Some(piece) = self.peek() {
            if piece.kind == TokenKind::Terminator {
                break;
            }
            self.next();
            if piece.is_mark("(") {
                depth += 1;
            } else if piece.is_mark(")") {
                depth = depth.saturating_sub(1);
            } else if depth == 0 && !to && piece.is("ON") {
                objects.extend(self.granted()?);
            } else if depth == 0 && piece.is(if grant { "TO" } else { "FROM" }) {
                to = true;
            }
        }
        if depth > 0 {
            return Err(self.expected("`)`"));
        }
        if !to {
            return Err(self.expected_word(&[if grant { "TO" } else { "FROM" }]));
        }
        Ok(vec![Change::Privilege { objects }])
    }

    /// What privileges are on: `*.*`, `db.*`, a table, a routine.
    fn granted(&mut self) -> Read<Option<(ObjectKind, ObjectName)>> {
        let kind = match self.eat_one_of(&["TABLE", "FUNCTION", "PROCEDURE"]) {
            Some("FUNCTION") => ObjectKind::Function,
            Some("PROCEDURE") => ObjectKind::Procedure,
            _ => ObjectKind::Table,
        };
        if self.is_mark("*") || self.is_mark_at(2, "*") || !self.is_identifier() {
            return Ok(None);
        }
        let name = self.object_name("a table name")?;
        Ok(Some((kind, name)))
    }
}

/// A change of what users may, which names no object.
pub(super) fn privilege() -> Vec<Change> {
    let objects = Vec::new();
    vec![Change::Privilege { objects }]
}
