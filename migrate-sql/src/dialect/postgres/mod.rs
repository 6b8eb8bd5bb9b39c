//! PostgreSQL: its grammar is `squawk-syntax`'s, whose tree stays in here.
//!
//! `tree` guards the parser, `rare` knows what it does not, `syntax` says what is refused, `statement` sorts statements, and a
//! file each knows one sort of them. `scope` says what queries read, `canonical` makes equal what
//! the server takes for equal.

mod alter_table;
mod body;
mod canonical;
mod column_type;
mod constraint;
mod create_table;
mod dml;
mod drop;
mod expression;
mod functions;
mod index;
mod maintenance;
mod name;
mod other;
mod output;
mod policy;
mod privilege;
mod rare;
mod reader;
mod routine;
mod scope;
mod sequence;
mod session;
mod statement;
mod syntax;
mod tree;
mod types;
mod view;

#[cfg(test)]
mod tests;

use squawk_syntax::SourceFile;

use crate::change::{Change, Opaque, Touches};
use crate::column_type::ColumnType;
use crate::dialect::Parsed;
use crate::expression::Expression;
use crate::name::Span;
use reader::Reader;

pub(super) fn parse(statement: &str, offset: usize) -> Parsed {
    let read = || {
        let parse = SourceFile::parse(&rare::readable(statement));
        if let Some(error) = syntax::error(statement, &parse, offset) {
            return match rare::changes(statement) {
                Some(changes) => Parsed::Changes(changes),
                None => Parsed::Broken(vec![error]),
            };
        }
        let reader = Reader::new(offset);
        let mut changes = Vec::new();
        for statement in parse.tree().stmts() {
            reader.statement(&statement, &mut changes);
        }
        Parsed::Changes(changes)
    };
    tree::with_stack(statement, read).unwrap_or_else(|| {
        Parsed::Changes(vec![Change::Opaque(Opaque {
            reason: "a statement that is nested too deeply".to_owned(),
            touches: Touches::Everything,
            span: Span::new(offset, offset + statement.len()),
        })])
    })
}

pub(super) fn expression(text: &str) -> Expression {
    expression::parse(text)
}

pub(super) fn column_type(text: &str) -> ColumnType {
    column_type::parse(text)
}
