//! What ALTER COLUMN … TYPE costs, by the old and the new type.
//!
//! PostgreSQL rewrites a table unless the new type stores the same bytes: the types are binary
//! coercible (`pg_cast.castmethod = 'b'`), or only a length grows whose coercion the planner drops
//! (the support functions of varchar, varbit, numeric and the times).

use crate::column_type::ColumnType;
use crate::expression::Expression;
use crate::schema::{Column, Schema, Table};

use super::super::effect::Work;

/// A change of a column's type.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypeChange<'a> {
    pub(super) schema: &'a Schema,
    pub(super) table: &'a Table,
    pub(super) column: &'a Column,
    pub(super) to: &'a ColumnType,
    pub(super) using: Option<&'a Expression>,
    pub(super) collation: Option<&'a str>,
    /// The session's time zone is UTC for certain.
    pub(super) utc: bool,
}

impl TypeChange<'_> {
    /// What it costs.
    pub(super) fn work(self) -> Work {
        if self.using.is_some_and(|using| !self.is_itself(using)) {
            return Work::Rewrite;
        }
        // Where the type before is not known, only these are sure to be the wider ones.
        let keeps_bytes = match &self.column.column_type {
            Some(from) => self.keeps_bytes(from),
            None => {
                matches!(self.to.name.as_str(), "text" | "character varying")
                    && self.to.modifiers.is_empty()
            }
        };
        if !keeps_bytes {
            return Work::Rewrite;
        }
        let same_type = self.column.column_type.as_ref() == Some(self.to);
        let collation = |it: Option<&str>| it.filter(|it| *it != "default").map(str::to_owned);
        let other_collation =
            collation(self.collation) != collation(self.column.collation.as_deref());
        if self.is_indexed() && (other_collation || self.leaves_text()) {
            return Work::IndexBuild;
        }
        if !same_type && self.index_has_expression() {
            return Work::IndexBuild;
        }
        if (!same_type || other_collation) && self.is_checked() {
            return Work::Scan;
        }
        Work::Instant
    }

    /// Whether USING is the column itself, or its cast to the new type.
    fn is_itself(self, using: &Expression) -> bool {
        let text = using.text.trim();
        let (value, cast) = match text.rsplit_once("::") {
            Some((value, cast)) => (value.trim(), Some(cast.trim())),
            None => (text, None),
        };
        let value = value.trim_start_matches('(').trim_end_matches(')').trim();
        let is_column = match value.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
            Some(quoted) => quoted == self.column.name,
            None => value.to_lowercase() == self.column.name,
        };
        is_column
            && cast.is_none_or(|cast| {
                crate::dialect::column_type(cast, self.schema.dialect()) == *self.to
            })
    }

    /// Whether the new type stores the same bytes as the old one.
    fn keeps_bytes(self, from: &ColumnType) -> bool {
        let from = &self.base(from);
        let to = match self.schema.domain(self.to) {
            Some(domain) if !domain.checks.is_empty() || domain.not_null => return from == self.to,
            Some(_) => &self.base(self.to),
            None => self.to,
        };
        if from == to {
            return true;
        }
        if from.dimensions > 0 || to.dimensions > 0 {
            return false;
        }
        let numbers = |it: &ColumnType| -> Vec<i64> {
            it.modifiers
                .iter()
                .filter_map(|it| it.trim().parse().ok())
                .collect()
        };
        let (before, after) = (numbers(from), numbers(to));
        // A missing length is the longest.
        let wider = |before: &[i64], after: &[i64]| match (before.first(), after.first()) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(before), Some(after)) => after >= before,
        };
        match (from.name.as_str(), to.name.as_str()) {
            ("character varying", "character varying") | ("bit varying", "bit varying") => {
                wider(&before, &after)
            }
            ("character varying" | "xml" | "citext", "text") => true,
            ("text" | "citext", "character varying") => to.modifiers.is_empty(),
            ("text" | "character varying", "citext") => true,
            ("cidr", "inet") => true,
            ("numeric", "numeric") => match (before.as_slice(), after.as_slice()) {
                (_, []) => true,
                ([], _) => false,
                (before, after) => {
                    let scale = |it: &[i64]| it.get(1).copied().unwrap_or(0);
                    wider(before, after) && scale(before) == scale(after)
                }
            },
            (
                "timestamp without time zone" | "timestamp with time zone" | "timestamp",
                "timestamp without time zone" | "timestamp with time zone" | "timestamp",
            ) => {
                let zoned = |it: &ColumnType| it.name == "timestamp with time zone";
                precision_grows(&before, &after) && (zoned(from) == zoned(to) || self.utc)
            }
            (before_name, after_name) if before_name == after_name => {
                matches!(before_name.split(' ').next(), Some("time" | "interval"))
                    && precision_grows(&before, &after)
            }
            ("integer", "oid") | ("oid", "integer") => true,
            _ => false,
        }
    }

    /// The type that a domain is made from.
    fn base(self, column_type: &ColumnType) -> ColumnType {
        match self.schema.domain(column_type) {
            Some(domain) => domain.base.clone(),
            None => column_type.clone(),
        }
    }

    /// From or to `citext`, whose indexes have another order.
    fn leaves_text(self) -> bool {
        let from = self.column.column_type.as_ref().map(|it| it.name.as_str());
        (from == Some("citext")) != (self.to.name == "citext")
    }

    fn is_indexed(self) -> bool {
        let is_it = |name: &String| *name == self.column.name;
        self.table.keys().any(|key| key.columns.iter().any(is_it))
            || self.table.indexes.iter().any(|index| {
                let mut columns = index.keys.iter().filter_map(|key| key.column.as_ref());
                columns.any(is_it)
            })
            || self.index_has_expression()
    }

    /// Whether the column stands in an expression or predicate of an index.
    fn index_has_expression(self) -> bool {
        self.table.indexes.iter().any(|index| {
            let expressions = index.keys.iter().filter_map(|key| key.expression.as_ref());
            expressions.chain(&index.predicate).any(|it| self.reads(it))
        })
    }

    /// Whether a CHECK has to hold for the new type, too.
    fn is_checked(self) -> bool {
        let mut checks = self.table.constraints.iter();
        checks.any(|constraint| constraint.check.as_ref().is_some_and(|it| self.reads(it)))
    }

    fn reads(self, expression: &Expression) -> bool {
        let mut columns = expression.scope.walk().flat_map(|scope| &scope.columns);
        columns.any(|it| it.column.name == self.column.name)
    }
}

/// Whether a precision of fractions of a second stays or grows; without one it is 6.
fn precision_grows(before: &[i64], after: &[i64]) -> bool {
    const LONGEST: i64 = 6;
    let digits = |it: &[i64]| it.first().copied().unwrap_or(LONGEST);
    digits(after) >= digits(before)
}
