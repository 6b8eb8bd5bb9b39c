//! Bodies of triggers, events and routines: blocks, branches, loops, and the statements in them.
//!
//! What a body reads and writes is left aside: names in it may be variables, and the server looks
//! them up only when it runs.

use migrate_core::lex::TokenKind;

use crate::change::{Change, Opaque, Touches};
use crate::dialect::reader::{Fault, Read, Reader};
use crate::name::Ident;

impl Reader<'_> {
    /// A block or branch outside of any program, which MariaDB takes.
    pub(super) fn compound(&mut self) -> Read<Vec<Change>> {
        self.program_statement()?;
        Ok(vec![Change::Opaque(Opaque {
            reason: "a compound statement".to_owned(),
            touches: Touches::Everything,
            span: self.whole(),
        })])
    }

    /// One statement of a program, without the semicolon after it.
    pub(super) fn program_statement(&mut self) -> Read<()> {
        self.nested(|r| {
            let (_, _) = r.scoped(Self::unscoped_statement)?;
            Ok(())
        })
    }

    fn unscoped_statement(&mut self) -> Read<()> {
        let mut label = None;
        if self.is_mark_at(1, ":") && self.is_identifier() {
            label = Some(self.identifier("a label")?);
            self.next();
        }
        let Some(piece) = self.peek() else {
            return Err(self.expected("a statement"));
        };
        match piece.text.to_ascii_uppercase().as_str() {
            "BEGIN" => {
                self.next();
                self.eat_all(&["NOT", "ATOMIC"]);
                self.declarations()?;
                self.statements(&["END", "EXCEPTION"])?;
                if self.is("EXCEPTION") {
                    return Err(Fault::Unknown("a body in Oracle's language"));
                }
                self.need("END")?;
                self.end_label(label.as_ref())
            }
            "LOOP" => {
                self.next();
                self.statements(&["END"])?;
                self.need_all(&["END", "LOOP"])?;
                self.end_label(label.as_ref())
            }
            "WHILE" => {
                self.next();
                self.expression()?;
                self.need("DO")?;
                self.statements(&["END"])?;
                self.need_all(&["END", "WHILE"])?;
                self.end_label(label.as_ref())
            }
            "REPEAT" => {
                self.next();
                self.statements(&["UNTIL"])?;
                self.need("UNTIL")?;
                self.expression()?;
                self.need_all(&["END", "REPEAT"])?;
                self.end_label(label.as_ref())
            }
            "FOR" => {
                self.next();
                self.identifier("a name")?;
                self.need("IN")?;
                self.range()?;
                self.need("DO")?;
                self.statements(&["END"])?;
                self.need_all(&["END", "FOR"])?;
                self.end_label(label.as_ref())
            }
            _ if label.is_some() => {
                Err(self.expected_word(&["BEGIN", "LOOP", "WHILE", "REPEAT", "FOR"]))
            }
            "IF" => self.if_statement(),
            "CASE" => self.case_statement(),
            "LEAVE" | "ITERATE" | "OPEN" | "CLOSE" => {
                self.next();
                self.identifier("a name")?;
                if self.eat_mark("(") {
                    self.list(Self::expression)?;
                    self.need_closing()?;
                }
                Ok(())
            }
            "RETURN" => {
                self.next();
                self.expression().map(|_| ())
            }
            "FETCH" => {
                self.next();
                self.eat("NEXT");
                if !self.eat("GROUP") || !self.eat_all(&["NEXT", "ROW"]) {
                    self.eat("FROM");
                    self.identifier("a cursor")?;
                    self.need("INTO")?;
                    self.list(Self::expression)?;
                }
                Ok(())
            }
            _ => self.one_statement().map(|_| ()),
        }
    }

    /// Statements with semicolons after them, up to one of the words.
    fn statements(&mut self, ends: &[&'static str]) -> Read<()> {
        while !self.is_one_of(ends) {
            if self.at_end() {
                return Err(self.expected_word(ends));
            }
            self.program_statement()?;
            if self.eat_kind(TokenKind::Terminator).is_none() {
                return Err(self.expected("`;`"));
            }
        }
        Ok(())
    }

    /// What FOR goes over: a query in brackets, a cursor, or a range `1 .. 10`.
    fn range(&mut self) -> Read<()> {
        if self.is_mark("(") && (self.is_at(1, "SELECT") || self.is_at(1, "WITH")) {
            self.need_mark("(")?;
            self.query()?;
            return self.need_closing();
        }
        let mut depth = 0_usize;
        while let Some(piece) = self.peek() {
            if depth == 0 && piece.is("DO") || piece.kind == TokenKind::Terminator {
                break;
            }
            if piece.is_mark("(") {
                depth += 1;
            } else if piece.is_mark(")") {
                let Some(less) = depth.checked_sub(1) else {
                    break;
                };
                depth = less;
            }
            self.next();
        }
        Ok(())
    }

    /// The label may stand again at the end.
    fn end_label(&mut self, label: Option<&Ident>) -> Read<()> {
        if self.at_statement_end() || !self.is_identifier() {
            return Ok(());
        }
        let again = self.is_identifier().then(|| self.peek()).flatten();
        let Some(label) = label else {
            return Err(self.unexpected("after the end of a block without a label", &[]));
        };
        let same = again.is_some_and(|piece| {
            migrate_core::lex::unquote(piece.text).eq_ignore_ascii_case(&label.name)
        });
        if !same {
            return Err(self.expected(&format!("`{label}`, the label of the block")));
        }
        self.next();
        Ok(())
    }

    /// DECLARE of variables, conditions, cursors and handlers.
    fn declarations(&mut self) -> Read<()> {
        while self.eat("DECLARE") {
            if self.is_one_of(&["CONTINUE", "EXIT", "UNDO"]) && self.is_at(1, "HANDLER") {
                self.next();
                self.next();
                self.need("FOR")?;
                self.list(Self::condition)?;
                self.program_statement()?;
            } else {
                self.declaration()?;
            }
            if self.eat_kind(TokenKind::Terminator).is_none() {
                return Err(self.expected("`;`"));
            }
        }
        Ok(())
    }

    fn declaration(&mut self) -> Read<()> {
        self.list(|r| r.identifier("a name"))?;
        if self.eat("CONDITION") {
            self.need("FOR")?;
            return self.condition();
        }
        if self.eat("CURSOR") {
            if self.eat_mark("(") {
                self.skip_to_closing()?;
            }
            self.need("FOR")?;
            if !self.is_query() && !self.is_mark("(") {
                // A prepared statement.
                return self.identifier("a query").map(|_| ());
            }
            return self.query().map(|_| ());
        }
        self.variable_type()?;
        if self.eat("COLLATE") {
            self.collation()?;
        }
        if self.eat("DEFAULT") || self.eat_mark(":=") {
            self.expression()?;
        }
        Ok(())
    }

    /// What a handler is for.
    fn condition(&mut self) -> Read<()> {
        if self.eat("SQLSTATE") {
            self.eat("VALUE");
            return self.text_value();
        }
        if self.eat("NOT") {
            return self.need("FOUND");
        }
        if self.eat_one_of(&["SQLWARNING", "SQLEXCEPTION"]).is_some()
            || self.eat_kind(TokenKind::Number).is_some()
        {
            return Ok(());
        }
        self.identifier("a condition").map(|_| ())
    }

    fn if_statement(&mut self) -> Read<()> {
        self.need("IF")?;
        loop {
            self.expression()?;
            self.need("THEN")?;
            self.statements(&["ELSEIF", "ELSE", "END"])?;
            if !self.eat("ELSEIF") {
                break;
            }
        }
        if self.eat("ELSE") {
            self.statements(&["END"])?;
        }
        self.need_all(&["END", "IF"])
    }

    fn case_statement(&mut self) -> Read<()> {
        self.need("CASE")?;
        if !self.is("WHEN") {
            self.expression()?;
        }
        if !self.is("WHEN") {
            return Err(self.expected_word(&["WHEN"]));
        }
        while self.eat("WHEN") {
            self.expression()?;
            self.need("THEN")?;
            self.statements(&["WHEN", "ELSE", "END"])?;
        }
        if self.eat("ELSE") {
            self.statements(&["END"])?;
        }
        self.need_all(&["END", "CASE"])
    }

    /// SIGNAL and RESIGNAL.
    pub(super) fn signal(&mut self) -> Read<Vec<Change>> {
        self.next();
        if self.eat("SQLSTATE") {
            self.eat("VALUE");
            self.text_value()?;
        } else if self.is_identifier() {
            self.identifier("a condition")?;
        }
        if self.eat("SET") {
            self.list(|r| {
                r.identifier("an item")?;
                r.need_mark("=")?;
                r.scoped(Self::expression)
            })?;
        }
        Ok(Vec::new())
    }
}
