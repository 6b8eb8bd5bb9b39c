//! Queries. They make no tree: what they read goes into scopes.

use migrate_core::lex::TokenKind;

use super::cursor::{CommonTable, Reader};
use super::fault::Read;
use super::tree::{Rows, Tree};
use crate::change::{InsertSource, OutputColumns};
use crate::name::{Ident, ObjectName, Span};
use crate::scope::{SelectItem, Source, SourceKind};

/// What is known about a query besides its scope.
#[derive(Clone, Debug, Default)]
pub(in crate::dialect) struct Query {
    /// The columns that it gives; `None` where they are not all known by name.
    pub(in crate::dialect) columns: Option<Vec<Ident>>,
    /// What it selects, where it is simple enough to be followed.
    pub(in crate::dialect) rows: Option<Box<Rows>>,
    /// The variables after INTO; as they stand in expressions.
    pub(in crate::dialect) into: Vec<Tree>,
}

impl Query {
    pub(in crate::dialect) fn output(self) -> OutputColumns {
        match self.columns {
            Some(columns) => OutputColumns::Known(columns),
            None => OutputColumns::Unknown,
        }
    }
}

/// Words between SELECT and the first column on MySQL.
const SELECT_OPTIONS: &[&str] = &[
    "ALL",
    "DISTINCT",
    "DISTINCTROW",
    "HIGH_PRIORITY",
    "SQL_BIG_RESULT",
    "SQL_BUFFER_RESULT",
    "SQL_CACHE",
    "SQL_CALC_FOUND_ROWS",
    "SQL_NO_CACHE",
    "SQL_SMALL_RESULT",
    "STRAIGHT_JOIN",
];

const SET_OPERATORS: &[&str] = &["UNION", "EXCEPT", "INTERSECT"];

impl Reader<'_> {
    /// Whether a query begins here, brackets before it not counted.
    pub(in crate::dialect) fn is_query(&self) -> bool {
        if self.is_one_of(&["SELECT", "WITH"]) {
            return true;
        }
        if self.is("VALUES") {
            // MySQL's VALUES(column) is a function.
            return self.is_sqlite()
                || self.is_at(1, "ROW")
                || (self.is_mark_at(1, "(")
                    && self.peek_at(2).is_some_and(|piece| {
                        matches!(piece.kind, TokenKind::Number | TokenKind::String)
                    }));
        }
        self.is("TABLE") && !self.is_sqlite()
    }

    /// Whether what was read so far was the first arm of a set operation, or a query in brackets.
    pub(super) fn is_after_query(&self) -> bool {
        self.is_one_of(SET_OPERATORS) || self.is_one_of(&["ORDER", "LIMIT"])
    }

    /// A subquery of an expression after its opening bracket, with the closing one.
    pub(super) fn rest_of_subquery(&mut self) -> Read<Tree> {
        let query = self.subquery()?;
        self.need_mark(")")?;
        Ok(Tree::Query(query.rows))
    }

    /// A query with a scope of its own inside the open one.
    pub(in crate::dialect) fn subquery(&mut self) -> Read<Query> {
        let (query, scope) = self.scoped(Self::query)?;
        self.scope().inner.push(scope);
        Ok(query)
    }

    /// A query, read into the open scope.
    pub(in crate::dialect) fn query(&mut self) -> Read<Query> {
        let outside = self.common_tables.len();
        let query = self.nested(|r| {
            r.with_clause()?;
            let (mut query, first) = r.scoped(Self::arm)?;
            if r.is_set_operation() {
                query.rows = None;
                // What ORDER BY finds is the output of the arms, not their sources.
                r.scope().select.clone_from(&first.select);
                r.scope().inner.push(first);
                r.further_arms()?;
                r.gives(&query);
            } else {
                r.scope().absorb(first);
            }
            query.into.extend(r.after_arms()?);
            Ok(query)
        });
        self.common_tables.truncate(outside);
        query
    }

    /// `… UNION (SELECT …) ORDER BY …` after a query in brackets that was read as an expression.
    pub(super) fn rest_of_query(&mut self) -> Read<()> {
        let ((), mut scope) = self.scoped(|r| {
            r.further_arms()?;
            r.after_arms()?;
            Ok(())
        })?;
        scope.opaque = true;
        self.scope().inner.push(scope);
        Ok(())
    }

    /// Notes under which names the columns of a query are known after it.
    fn gives(&mut self, query: &Query) {
        match &query.columns {
            Some(columns) => {
                let names: Vec<String> = columns.iter().map(|it| it.name.clone()).collect();
                self.scope().output = names;
            }
            None => self.scope().opaque = true,
        }
    }

    /// The arms after the first, each with a scope of its own.
    fn further_arms(&mut self) -> Read<()> {
        while self.is_set_operation() {
            self.next();
            self.eat_one_of(&["ALL", "DISTINCT"]);
            let (_, arm) = self.scoped(Self::arm)?;
            self.scope().inner.push(arm);
        }
        Ok(())
    }

    fn is_set_operation(&self) -> bool {
        // Oracle's MINUS, which newer versions of MariaDB take.
        let minus = !self.is_sqlite()
            && self.is("MINUS")
            && (self.is_at(1, "SELECT") || self.is_at(1, "ALL") || self.is_mark_at(1, "("));
        minus || self.is_one_of(SET_OPERATORS)
    }

    /// ORDER BY, LIMIT, locks and INTO after all arms; the variables after INTO.
    fn after_arms(&mut self) -> Read<Vec<Tree>> {
        if self.is("ORDER") {
            self.order_by()?;
        }
        self.limit()?;
        if self.is_sqlite() {
            return Ok(Vec::new());
        }
        if self.eat("PROCEDURE") {
            self.identifier("a procedure name")?;
            self.need_mark("(")?;
            self.skip_to_closing()?;
        }
        let mut into = self.into()?;
        loop {
            if self.is("FOR") && (self.is_at(1, "UPDATE") || self.is_at(1, "SHARE")) {
                self.next();
                self.next();
                if self.eat("OF") {
                    self.list(|r| r.object_name("a table name"))?;
                }
            } else if self.eat("LOCK") {
                self.need_all(&["IN", "SHARE", "MODE"])?;
            } else {
                break;
            }
            if self.eat("SKIP") {
                self.need("LOCKED")?;
            } else if self.eat("WAIT") {
                self.operand()?;
            } else {
                self.eat("NOWAIT");
            }
        }
        into.extend(self.into()?);
        Ok(into)
    }

    /// WITH and its common table expressions: sources of the open scope.
    pub(in crate::dialect) fn with_clause(&mut self) -> Read<()> {
        if !self.eat("WITH") {
            return Ok(());
        }
        self.eat("RECURSIVE");
        self.list(Self::common_table).map(|_| ())
    }

    fn common_table(&mut self) -> Read<()> {
        let name = self.identifier("the name of a common table expression")?;
        let listed = if self.is_mark("(") {
            Some(self.bracketed(|r| r.identifier("a column name"))?)
        } else {
            None
        };
        self.need("AS")?;
        if self.is_sqlite() {
            self.eat("NOT");
            self.eat("MATERIALIZED");
        }
        self.need_mark("(")?;
        // It can be seen by itself where it is recursive.
        let at = self.common_tables.len();
        let names = |columns: &Vec<Ident>| columns.iter().map(|it| it.name.clone()).collect();
        self.common_tables.push(CommonTable {
            name: name.name,
            columns: listed.as_ref().map(names),
        });
        let query = self.subquery()?;
        self.need_mark(")")?;
        if self.eat("CYCLE") {
            self.list(|r| r.identifier("a column name"))?;
            self.need("RESTRICT")?;
        }
        if let Some(table) = self.common_tables.get_mut(at) {
            table.columns = listed.or(query.columns).as_ref().map(names);
        }
        Ok(())
    }

    /// SELECT, VALUES, TABLE, or a query in brackets.
    fn arm(&mut self) -> Read<Query> {
        if self.eat_mark("(") {
            let query = self.subquery()?;
            self.need_mark(")")?;
            let select = self.scope().inner.last().map(|inner| inner.select.clone());
            self.scope().select = select.unwrap_or_default();
            self.gives(&query);
            return Ok(query);
        }
        if self.is("VALUES") {
            self.values()?;
            return Ok(Query::default());
        }
        if !self.is_sqlite() && self.eat("TABLE") {
            let name = self.object_name("a table name")?;
            self.relation(name, None);
            return Ok(Query::default());
        }
        self.select()
    }

    /// VALUES of an INSERT.
    pub(in crate::dialect) fn inserted_values(&mut self) -> Read<InsertSource> {
        let (count, span) = self.values()?;
        Ok(InsertSource::Values {
            count: Some(count),
            span,
        })
    }

    /// The query of an INSERT.
    pub(in crate::dialect) fn inserted_query(&mut self) -> Read<InsertSource> {
        let (start, inner) = (self.start(), self.scope().inner.len());
        self.subquery()?;
        let span = self.span_from(start);
        Ok(InsertSource::Query { inner, span })
    }

    /// `VALUES (…), (…)`; the number of values in the first row, and that row.
    pub(super) fn values(&mut self) -> Read<(usize, Span)> {
        self.need_one_of(&["VALUES", "VALUE"])?;
        let mut first = None;
        loop {
            let start = self.start();
            self.eat("ROW");
            self.need_mark("(")?;
            let mut count = 0;
            if !self.eat_mark(")") {
                count = self.list(Self::expression)?.len();
                self.need_closing()?;
            }
            let (wanted, place) = *first.get_or_insert((count, self.span_from(start)));
            if wanted != count {
                return Err(self.broken_before(format!(
                    "this row has {count} values, the first one {wanted}"
                )));
            }
            if !self.eat_mark(",") {
                return Ok((wanted, place));
            }
        }
    }

    fn select(&mut self) -> Read<Query> {
        self.need("SELECT")?;
        if self.is_sqlite() {
            self.eat_one_of(&["ALL", "DISTINCT"]);
        } else {
            while self.eat_one_of(SELECT_OPTIONS).is_some() {}
        }
        let mut simple = true;
        let (columns, select): (Vec<Option<Ident>>, Vec<Tree>) =
            self.list(Self::output_column)?.into_iter().unzip();
        let columns = columns.into_iter().collect();
        let mut into = Vec::new();
        if !self.is_sqlite() {
            into = self.into()?;
        }
        let mut from = None;
        if self.eat("FROM") && !self.eat("DUAL") {
            self.table_references()?;
            from = self.only_relation();
            simple = from.is_some();
        }
        let mut condition = None;
        if self.eat("WHERE") {
            condition = Some(self.expression()?);
        }
        simple &= !self.is_one_of(&["GROUP", "HAVING", "WINDOW"]);
        if self.eat("GROUP") {
            self.need("BY")?;
            self.list(|r| {
                r.expression()?;
                r.direction();
                Ok(())
            })?;
            // In a view WITH CHECK OPTION may follow.
            if self.is("WITH") && !self.is_sqlite() && !self.is_check_option() {
                self.next();
                self.need("ROLLUP")?;
            }
        }
        if self.eat("HAVING") {
            self.expression()?;
        }
        if self.is("WINDOW") && self.is_at(2, "AS") {
            self.next();
            self.list(|r| {
                r.identifier("a window name")?;
                r.need("AS")?;
                r.window()
            })?;
        }
        let rows = simple.then(|| {
            Box::new(Rows {
                select,
                from,
                condition,
            })
        });
        Ok(Query {
            columns,
            rows,
            into,
        })
    }

    fn is_check_option(&self) -> bool {
        ["CHECK", "CASCADED", "LOCAL"]
            .iter()
            .any(|word| self.is_at(1, word))
    }

    /// A select list; `None` where not all its columns have names that are known.
    pub(super) fn output_columns(&mut self) -> Read<Option<Vec<Ident>>> {
        let items = self.list(Self::output_column)?;
        Ok(items.into_iter().map(|(name, _)| name).collect())
    }

    /// The table that the open scope reads, where it is one and no more.
    pub(in crate::dialect) fn only_relation(&mut self) -> Option<ObjectName> {
        match self.scope().sources.as_slice() {
            [
                Source {
                    kind: SourceKind::Relation(name),
                    ..
                },
            ] => Some(name.clone()),
            _ => None,
        }
    }

    /// One column of the output and its name, where it has one.
    fn output_column(&mut self) -> Read<(Option<Ident>, Tree)> {
        if self.eat_mark("*") {
            let star = SelectItem::Star { qualifier: None };
            self.scope().select.push(star);
            return Ok((None, Tree::word("*")));
        }
        let place = self.place();
        if self.is_identifier()
            && let Ok(mut names) = self.column_name()
            && self.is_mark(".")
            && self.is_mark_at(1, "*")
        {
            self.next();
            self.next();
            let qualifier = names.pop();
            self.scope().select.push(SelectItem::Star { qualifier });
            return Ok((None, Tree::word("*")));
        }
        self.back(place);
        let start = self.start();
        let before = self.scope().columns.len();
        let tree = self.expression()?;
        let span = self.span_from(start);
        let alias = self.alias()?;
        let name = alias.as_ref().map(|alias| alias.name.clone());
        let item = match (tree.column(), self.scope().columns.get(before).cloned()) {
            (Some(own), Some(column)) => SelectItem::Column {
                column,
                name: name.clone().unwrap_or_else(|| own.to_owned()),
            },
            _ => SelectItem::Expression { name: name.clone() },
        };
        self.scope().select.push(item);
        self.scope().output.extend(name);
        let name = alias.or_else(|| Some(Ident::new(tree.column()?, span)));
        Ok((name, tree))
    }

    pub(in crate::dialect) fn order_by(&mut self) -> Read<()> {
        self.need_all(&["ORDER", "BY"])?;
        self.list(|r| {
            r.expression()?;
            r.direction();
            if r.is_sqlite() && r.eat("NULLS") {
                r.need_one_of(&["FIRST", "LAST"])?;
            }
            Ok(())
        })
        .map(|_| ())
    }

    /// ASC or DESC; true for DESC.
    pub(in crate::dialect) fn direction(&mut self) -> bool {
        self.eat_one_of(&["ASC", "DESC"]) == Some("DESC")
    }

    /// LIMIT or FETCH; true if there is one.
    pub(in crate::dialect) fn limit(&mut self) -> Read<bool> {
        if self.eat("LIMIT") {
            if !self.is_sqlite() && self.eat_all(&["ROWS", "EXAMINED"]) {
                self.operand()?;
                return Ok(true);
            }
            self.pattern()?;
            if self.eat_one_of(&["OFFSET"]).is_some() || self.eat_mark(",") {
                self.pattern()?;
            }
            if !self.is_sqlite() && self.eat_all(&["ROWS", "EXAMINED"]) {
                self.operand()?;
            }
            return Ok(true);
        }
        if self.is_sqlite() {
            return Ok(false);
        }
        if self.is("OFFSET") && (self.is_at(2, "ROW") || self.is_at(2, "ROWS")) {
            self.next();
            self.operand()?;
            self.next();
        }
        if !self.eat("FETCH") {
            return Ok(false);
        }
        self.need_one_of(&["FIRST", "NEXT"])?;
        if !self.is_one_of(&["ROW", "ROWS"]) {
            self.operand()?;
        }
        self.need_one_of(&["ROW", "ROWS"])?;
        if self.eat("WITH") {
            self.need("TIES")?;
        } else {
            self.need("ONLY")?;
        }
        Ok(true)
    }

    /// INTO variables or a file; the variables.
    fn into(&mut self) -> Read<Vec<Tree>> {
        if !self.eat("INTO") {
            return Ok(Vec::new());
        }
        if self.eat_one_of(&["OUTFILE", "DUMPFILE"]).is_some() {
            if self.eat_kind(TokenKind::String).is_none() {
                return Err(self.expected("a file name in quotes"));
            }
            self.file_format()?;
            return Ok(Vec::new());
        }
        self.list(Self::target_variable)
    }

    /// A variable that gets a value.
    pub(in crate::dialect) fn target_variable(&mut self) -> Read<Tree> {
        if self.is_kind(TokenKind::Parameter) {
            return self.operand();
        }
        let name = self.identifier("a variable")?;
        Ok(Tree::Name(vec![name.name]))
    }

    /// CHARACTER SET, FIELDS and LINES of a file.
    pub(in crate::dialect) fn file_format(&mut self) -> Read<()> {
        if self.eat("CHARSET") || self.eat_all(&["CHARACTER", "SET"]) {
            self.charset()?;
        }
        if self.eat_one_of(&["FIELDS", "COLUMNS"]).is_some() {
            loop {
                self.eat("OPTIONALLY");
                if self
                    .eat_one_of(&["TERMINATED", "ENCLOSED", "ESCAPED"])
                    .is_none()
                {
                    break;
                }
                self.need("BY")?;
                self.operand()?;
            }
        }
        if self.eat("LINES") {
            while self.eat_one_of(&["TERMINATED", "STARTING"]).is_some() {
                self.need("BY")?;
                self.operand()?;
            }
        }
        Ok(())
    }
}
