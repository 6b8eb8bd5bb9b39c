//! Bodies of triggers, events and routines: blocks, branches, loops, and the statements in them.
//!
//! They become steps, which are followed where something runs them: names in a body may be variables,
//! and the server looks them up only then.

use migrate_core::lex::TokenKind;

use super::statement::step;
use super::value::{value, variable};
use crate::change::{Change, LoopEnd, Step, Value};
use crate::dialect::reader::{Fault, Read, Reader, Tree};
use crate::name::Ident;

/// What begins a block: its label, as steps have it.
type Label = Option<String>;

impl Reader<'_> {
    /// A block or branch outside of any program, which MariaDB takes.
    pub(super) fn compound(&mut self) -> Read<Vec<Change>> {
        self.program_statement()
    }

    /// One statement of a program, without the semicolon after it.
    pub(super) fn program_statement(&mut self) -> Read<Vec<Change>> {
        self.programs += 1;
        let read = self.nested(|r| Ok(r.scoped(Self::unscoped_statement)?.0));
        self.programs -= 1;
        read
    }

    fn unscoped_statement(&mut self) -> Read<Vec<Change>> {
        let one = |it| Ok(vec![step(it)]);
        let mut label: Option<Ident> = None;
        if self.is_mark_at(1, ":") && self.is_identifier() {
            label = Some(self.identifier("a label")?);
            self.next();
        }
        let Some(piece) = self.peek() else {
            return Err(self.expected("a statement"));
        };
        let name: Label = label.as_ref().map(|label| label.name.to_lowercase());
        match piece.text.to_ascii_uppercase().as_str() {
            "BEGIN" => {
                self.next();
                self.eat_all(&["NOT", "ATOMIC"]);
                let Declarations {
                    variables: mut body,
                    handlers,
                    catches,
                } = self.declarations()?;
                body.extend(self.statements(&["END", "EXCEPTION"])?);
                if self.is("EXCEPTION") {
                    return Err(Fault::Unknown("a body in Oracle's language"));
                }
                self.need("END")?;
                self.end_label(label.as_ref())?;
                one(Step::Block {
                    label: name,
                    handlers,
                    catches,
                    body,
                })
            }
            "LOOP" => {
                self.next();
                let body = self.statements(&["END"])?;
                self.need_all(&["END", "LOOP"])?;
                self.end_label(label.as_ref())?;
                one(a_loop(name, LoopEnd::Left, body))
            }
            "WHILE" => {
                self.next();
                let condition = value(&self.expression()?);
                self.need("DO")?;
                let body = self.statements(&["END"])?;
                self.need_all(&["END", "WHILE"])?;
                self.end_label(label.as_ref())?;
                one(a_loop(name, LoopEnd::While(condition), body))
            }
            "REPEAT" => {
                self.next();
                let body = self.statements(&["UNTIL"])?;
                self.need("UNTIL")?;
                let condition = value(&self.expression()?);
                self.need_all(&["END", "REPEAT"])?;
                self.end_label(label.as_ref())?;
                one(a_loop(name, LoopEnd::Until(condition), body))
            }
            "FOR" => {
                self.next();
                let counter = self.identifier("a name")?.name.to_lowercase();
                self.need("IN")?;
                self.range()?;
                self.need("DO")?;
                let body = self.statements(&["END"])?;
                self.need_all(&["END", "FOR"])?;
                self.end_label(label.as_ref())?;
                one(a_loop(name, LoopEnd::Range(counter), body))
            }
            _ if label.is_some() => {
                Err(self.expected_word(&["BEGIN", "LOOP", "WHILE", "REPEAT", "FOR"]))
            }
            "IF" => self.if_statement(),
            "CASE" => self.case_statement(),
            "LEAVE" | "ITERATE" => {
                self.next();
                let label = self.identifier("a label")?.name.to_lowercase();
                one(if piece.is("LEAVE") {
                    Step::Leave(label)
                } else {
                    Step::Iterate(label)
                })
            }
            "OPEN" | "CLOSE" => {
                self.next();
                self.identifier("a cursor")?;
                if self.eat_mark("(") {
                    self.list(Self::expression)?;
                    self.need_closing()?;
                }
                Ok(Vec::new())
            }
            "RETURN" => {
                self.next();
                self.expression()?;
                one(Step::Stop)
            }
            "FETCH" => {
                self.next();
                self.eat("NEXT");
                let mut into = Vec::new();
                if !self.eat("GROUP") || !self.eat_all(&["NEXT", "ROW"]) {
                    self.eat("FROM");
                    self.identifier("a cursor")?;
                    self.need("INTO")?;
                    into = self.list(Self::expression)?;
                }
                let variables = into.iter().map(variable).collect::<Option<_>>();
                one(Step::Assign {
                    variables: variables.unwrap_or_default(),
                    query: None,
                })
            }
            _ => self.one_statement(),
        }
    }

    /// Statements with semicolons after them, up to one of the words.
    fn statements(&mut self, ends: &[&'static str]) -> Read<Vec<Change>> {
        let mut body = Vec::new();
        while !self.is_one_of(ends) {
            if self.at_end() {
                return Err(self.expected_word(ends));
            }
            body.extend(self.program_statement()?);
            if self.eat_kind(TokenKind::Terminator).is_none() {
                return Err(self.expected("`;`"));
            }
        }
        Ok(body)
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
    fn declarations(&mut self) -> Read<Declarations> {
        let mut found = Declarations::default();
        while self.eat("DECLARE") {
            if self.is_one_of(&["CONTINUE", "EXIT", "UNDO"]) && self.is_at(1, "HANDLER") {
                self.next();
                self.next();
                self.need("FOR")?;
                let errors = self.list(Self::condition)?;
                found.catches |= errors.contains(&true);
                found.handlers.extend(self.program_statement()?);
            } else {
                found.variables.extend(self.declaration()?.map(step));
            }
            if self.eat_kind(TokenKind::Terminator).is_none() {
                return Err(self.expected("`;`"));
            }
        }
        Ok(found)
    }

    fn declaration(&mut self) -> Read<Option<Step>> {
        let names = self.list(|r| r.identifier("a name"))?;
        if self.eat("CONDITION") {
            self.need("FOR")?;
            self.condition()?;
            return Ok(None);
        }
        if self.eat("CURSOR") {
            if self.eat_mark("(") {
                self.skip_to_closing()?;
            }
            self.need("FOR")?;
            if !self.is_query() && !self.is_mark("(") {
                // A prepared statement.
                self.identifier("a query")?;
            } else {
                self.query()?;
            }
            return Ok(None);
        }
        self.variable_type()?;
        if self.eat("COLLATE") {
            self.collation()?;
        }
        let mut default = Value::Null;
        if self.eat("DEFAULT") || self.eat_mark(":=") {
            default = value(&self.expression()?);
        }
        Ok(Some(Step::Declare {
            names: names.into_iter().map(|it| it.name.to_lowercase()).collect(),
            value: default,
        }))
    }

    /// What a handler is for: whether it may be an error.
    fn condition(&mut self) -> Read<bool> {
        if self.eat("SQLSTATE") {
            self.eat("VALUE");
            let start = self.start();
            self.text_value()?;
            // No data.
            return Ok(!self.text_from(start).contains("02000"));
        }
        if self.eat("NOT") {
            self.need("FOUND")?;
            return Ok(false);
        }
        if self.eat("SQLWARNING") {
            return Ok(false);
        }
        if !self.eat("SQLEXCEPTION") && self.eat_kind(TokenKind::Number).is_none() {
            self.identifier("a condition")?;
        }
        Ok(true)
    }

    fn if_statement(&mut self) -> Read<Vec<Change>> {
        self.need("IF")?;
        let mut branches = Vec::new();
        loop {
            let condition = value(&self.expression()?);
            self.need("THEN")?;
            branches.push((condition, self.statements(&["ELSEIF", "ELSE", "END"])?));
            if !self.eat("ELSEIF") {
                break;
            }
        }
        let mut otherwise = Vec::new();
        if self.eat("ELSE") {
            otherwise = self.statements(&["END"])?;
        }
        self.need_all(&["END", "IF"])?;
        Ok(vec![step(Step::If {
            branches,
            otherwise: Some(otherwise),
        })])
    }

    fn case_statement(&mut self) -> Read<Vec<Change>> {
        self.need("CASE")?;
        let mut compared = None;
        if !self.is("WHEN") {
            compared = Some(self.expression()?);
        }
        if !self.is("WHEN") {
            return Err(self.expected_word(&["WHEN"]));
        }
        let mut branches = Vec::new();
        while self.eat("WHEN") {
            let mut condition = self.expression()?;
            if let Some(compared) = &compared {
                condition = Tree::node("=", [compared.clone(), condition]);
            }
            self.need("THEN")?;
            branches.push((
                value(&condition),
                self.statements(&["WHEN", "ELSE", "END"])?,
            ));
        }
        let mut otherwise = None;
        if self.eat("ELSE") {
            otherwise = Some(self.statements(&["END"])?);
        }
        self.need_all(&["END", "CASE"])?;
        Ok(vec![step(Step::If {
            branches,
            otherwise,
        })])
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
        Ok(vec![step(Step::Stop)])
    }
}

/// What a block declares.
#[derive(Debug, Default)]
struct Declarations {
    variables: Vec<Change>,
    /// The statements of the handlers.
    handlers: Vec<Change>,
    /// A handler may be for an error.
    catches: bool,
}

fn a_loop(label: Label, until: LoopEnd, body: Vec<Change>) -> Step {
    Step::Loop { label, until, body }
}
