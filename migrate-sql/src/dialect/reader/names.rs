//! Identifiers and names of objects.

use migrate_core::Dialect;
use migrate_core::lex::{TokenKind, unquote};

use super::cursor::{Piece, Reader};
use super::fault::{Fault, Read};
use super::words::{is_alias, is_reserved};
use crate::name::{Ident, ObjectName};

/// The longest name of a table, column, index or constraint on MySQL and MariaDB, in characters:
/// "Identifier Length Limits" in MySQL's manual. Aliases may be longer.
const MYSQL_LONGEST: usize = 64;

impl Reader<'_> {
    /// A name; `what` is what it names, as "a column name".
    pub(in crate::dialect) fn identifier(&mut self, what: &str) -> Read<Ident> {
        let Some(piece) = self.peek() else {
            return Err(self.expected(what));
        };
        if piece.kind == TokenKind::Word && is_reserved(piece.text, self.dialect) {
            let quoted = self.dialect.quote_identifier(piece.text);
            let fault = self.expected(what);
            return Err(fault.or_help(format!(
                "`{}` is a reserved word; as a name it is written {quoted}",
                piece.text
            )));
        }
        self.any_identifier(what)
    }

    /// The name after a dot, which may be a reserved word if it follows at once.
    fn after_dot(&mut self, what: &str) -> Read<Ident> {
        if self.is_glued() {
            self.any_identifier(what)
        } else {
            self.identifier(what)
        }
    }

    /// A name that may be a reserved word.
    fn any_identifier(&mut self, what: &str) -> Read<Ident> {
        let ident = self.try_identifier().ok_or_else(|| {
            let fault = self.expected(what);
            match self.peek() {
                Some(piece) if piece.kind == TokenKind::String && !self.is_sqlite() => {
                    fault.or_help("quotes make a string; a name is written in backticks")
                }
                _ => fault,
            }
        })?;
        if self.dialect == Dialect::Mysql && ident.name.chars().count() > MYSQL_LONGEST {
            self.back(self.place() - 1);
            return Err(self.too_long());
        }
        Ok(ident)
    }

    fn too_long(&self) -> Fault {
        match self.peek() {
            Some(piece) => self.broken_at(
                piece,
                format!("this name is longer than {MYSQL_LONGEST} characters"),
            ),
            None => self.expected("a name"),
        }
    }

    /// The next token as a name, if it can be one; reserved words count.
    fn try_identifier(&mut self) -> Option<Ident> {
        let piece = self.peek()?;
        let name = match piece.kind {
            TokenKind::Word => piece.text.to_owned(),
            TokenKind::QuotedIdentifier => unquote(piece.text),
            // SQLite takes 'x' for a name where only a name can stand.
            TokenKind::String if self.is_sqlite() && piece.text.starts_with('\'') => {
                unquote(piece.text)
            }
            _ => return None,
        };
        self.next();
        Some(Ident::new(name, self.span_of(piece)))
    }

    /// Whether a name can stand here.
    pub(in crate::dialect) fn is_identifier(&self) -> bool {
        self.peek().is_some_and(|piece| match piece.kind {
            TokenKind::Word => !is_reserved(piece.text, self.dialect),
            TokenKind::QuotedIdentifier => true,
            _ => false,
        })
    }

    /// A name with perhaps its schema.
    pub(in crate::dialect) fn object_name(&mut self, what: &str) -> Read<ObjectName> {
        // MySQL takes a leading dot for ODBC's sake.
        let dotted = !self.is_sqlite() && self.eat_mark(".");
        let first = self.identifier(what)?;
        if dotted || !self.eat_mark(".") {
            return Ok(ObjectName::unqualified(first));
        }
        Ok(ObjectName {
            schema: Some(first),
            name: self.after_dot(what)?,
        })
    }

    /// The name of a function, which may be a word that no other name may be.
    pub(super) fn callable_name(&mut self) -> Read<ObjectName> {
        let first = self.any_identifier("a function name")?;
        if !self.eat_mark(".") {
            return Ok(ObjectName::unqualified(first));
        }
        Ok(ObjectName {
            schema: Some(first),
            name: self.any_identifier("a function name")?,
        })
    }

    /// The parts of a column's name: `c`, `t.c`, `s.t.c`.
    pub(in crate::dialect) fn column_name(&mut self) -> Read<Vec<Ident>> {
        let mut parts = vec![self.identifier("a column name")?];
        while parts.len() < 3 && self.is_mark(".") && !self.is_mark_at(1, "*") {
            self.next();
            parts.push(self.after_dot("a column name")?);
        }
        Ok(parts)
    }

    /// `AS x`, or `x` alone where it can be nothing else.
    pub(in crate::dialect) fn alias(&mut self) -> Read<Option<Ident>> {
        let written = self.eat("AS");
        let Some(piece) = self.peek() else {
            return if written {
                Err(self.expected("an alias"))
            } else {
                Ok(None)
            };
        };
        let window = !written && piece.is("WINDOW") && self.is_at(2, "AS");
        let name = match piece.kind {
            // `WINDOW w AS (…)` is a clause.
            _ if window => return Ok(None),
            TokenKind::Word if is_alias(piece.text, self.dialect) => piece.text.to_owned(),
            TokenKind::Word if written && !is_reserved(piece.text, self.dialect) => {
                piece.text.to_owned()
            }
            TokenKind::QuotedIdentifier => unquote(piece.text),
            TokenKind::String => super::string_value(piece.text, self.dialect),
            _ if written => return Err(self.expected("an alias")),
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(Ident::new(name, self.span_of(piece))))
    }
}

/// A word or a quoted name, as a model without regard to case would look it up.
pub(super) fn word(piece: &Piece<'_>) -> Option<String> {
    match piece.kind {
        TokenKind::Word => Some(piece.text.to_lowercase()),
        TokenKind::QuotedIdentifier => Some(unquote(piece.text).to_lowercase()),
        _ => None,
    }
}
