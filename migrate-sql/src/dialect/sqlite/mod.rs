//! sqlite.

use crate::change::{Change, Opaque, Touches};
use crate::column_type::ColumnType;
use crate::dialect::Parsed;
use crate::expression::Expression;
use crate::name::Span;
use crate::scope::Scope;

pub(super) fn parse(statement: &str, offset: usize) -> Parsed {
    Parsed::Changes(vec![Change::Opaque(Opaque {
        reason: "a statement that is not parsed yet".to_owned(),
        touches: Touches::Everything,
        span: Span::new(offset, offset + statement.len()),
    })])
}

pub(super) fn expression(text: &str) -> Expression {
    Expression {
        text: text.to_owned(),
        canonical: text.to_owned(),
        span: Span::default(),
        scope: Scope {
            opaque: true,
            ..Scope::default()
        },
    }
}

pub(super) fn column_type(text: &str) -> ColumnType {
    ColumnType::named(text)
}
