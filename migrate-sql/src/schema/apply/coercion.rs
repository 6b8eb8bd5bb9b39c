//! PostgreSQL: a type's name that is called like a function is a cast, and a cast to the type that a
//! value has already is nothing: of `date(d)` the server keeps `d` where that is a date.

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, Token, TokenKind, unquote};

use super::{Applier, Target};
use crate::dialect;
use crate::expression::Expression;
use crate::name::{Ident, ObjectName, Span};
use crate::quoting::quoted;
use crate::schema::lookup::Found;
use crate::schema::{Index, Table, builtin};

impl Applier<'_> {
    /// Takes such calls out of what a table has, after the type of a column has become another.
    pub(super) fn settle_table(&mut self, target: &Target) {
        if !self.is_postgres() {
            return;
        }
        for id in self
            .children(&target.id)
            .into_iter()
            .chain([target.id.clone()])
        {
            let Some(table) = self.schema.table_by_id(&id) else {
                continue;
            };
            let (mut indexes, mut constraints) = (table.indexes.clone(), table.constraints.clone());
            for index in &mut indexes {
                self.settle_index(table, index);
            }
            for check in constraints.iter_mut().filter_map(|it| it.check.as_mut()) {
                self.settle(table, check);
            }
            self.schema.edit_table(&id, |table| {
                table.indexes = indexes;
                table.constraints = constraints;
            });
        }
    }

    /// Takes such calls out of an index.
    pub(super) fn settle_index(&self, table: &Table, index: &mut Index) {
        for key in &mut index.keys {
            let Some(expression) = &mut key.expression else {
                continue;
            };
            if !self.settle(table, expression) {
                continue;
            }
            let column = table.columns.iter().find(|it| {
                dialect::expression(&quoted(&it.name, Dialect::Postgres), Dialect::Postgres)
                    == *expression
            });
            if let Some(column) = column {
                key.column = Some(column.name.clone());
                key.expression = None;
            }
        }
        if let Some(predicate) = &mut index.predicate {
            self.settle(table, predicate);
        }
    }

    /// Takes such calls out of an expression. False where there are none.
    pub(super) fn settle(&self, table: &Table, expression: &mut Expression) -> bool {
        if !self.is_postgres() {
            return false;
        }
        let mut text = expression.text.clone();
        while let Some((call, argument)) = self.idle_call(table, &text) {
            text.replace_range(call, &argument);
        }
        let found = text != expression.text;
        if found {
            let span = expression.span;
            *expression = dialect::expression(&text, Dialect::Postgres);
            expression.span = span;
        }
        found
    }

    /// The place of the first such call, with its argument as it is written.
    fn idle_call(&self, table: &Table, text: &str) -> Option<(std::ops::Range<usize>, String)> {
        let tokens: Vec<Token> = Lexer::new(text, Dialect::Postgres)
            .filter(|token| !token.kind.is_trivia())
            .collect();
        tokens.windows(4).enumerate().find_map(|(at, window)| {
            let [name, open, argument, close] = window else {
                return None;
            };
            let before = at.checked_sub(1).and_then(|it| tokens.get(it));
            let is_call = name.kind == TokenKind::Word
                && open.text(text) == "("
                && close.text(text) == ")"
                && before.is_none_or(|it| it.text(text) != ".");
            let written = argument.text(text);
            let column = match argument.kind {
                TokenKind::Word => written.to_lowercase(),
                TokenKind::QuotedIdentifier => unquote(written),
                _ => return None,
            };
            let has = self.schema.column_index(table, &column);
            let column = has.and_then(|it| table.columns.get(it))?;
            let own = column.column_type.as_ref()?;
            let called = dialect::column_type(name.text(text), Dialect::Postgres);
            let is_idle = is_call
                && called.name == own.name
                && (&own.schema, own.dimensions) == (&called.schema, called.dimensions)
                && builtin::is_type(&own.name)
                && self.is_no_function(name.text(text));
            is_idle.then(|| (name.span().start..close.span().end, written.to_owned()))
        })
    }

    /// Whether no migration has made a function of that name, which would be called instead. The
    /// database's own ones take no value of the type that they are named after.
    fn is_no_function(&self, name: &str) -> bool {
        let name = Ident::new(name.to_lowercase(), Span::default());
        let found = self.schema.find_routine(&ObjectName::unqualified(name));
        matches!(found, Found::Nothing(_))
    }
}
