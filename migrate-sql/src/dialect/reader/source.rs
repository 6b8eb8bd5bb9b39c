//! What stands in FROM.

use migrate_core::lex::TokenKind;

use super::cursor::Reader;
use super::fault::Read;
use crate::name::{Ident, ObjectName};
use crate::scope::{ColumnRef, Source, SourceKind};

/// Sorts of joins, by the condition after them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    /// It has none.
    Natural,
    /// It may have one.
    Inner,
    /// It must have one on MySQL.
    Outer,
}

impl Reader<'_> {
    /// Notes a table or view that is read.
    pub(in crate::dialect) fn relation(&mut self, name: ObjectName, alias: Option<Ident>) {
        let common = self.common_tables.iter().rev().find(|table| {
            name.schema.is_none() && table.name.eq_ignore_ascii_case(&name.name.name)
        });
        let (alias, kind) = match common {
            Some(table) => {
                let columns = table.columns.clone();
                (alias.or(Some(name.name)), SourceKind::Derived { columns })
            }
            None => (alias, SourceKind::Relation(name)),
        };
        self.scope().sources.push(Source { alias, kind });
    }

    /// Tables with commas and joins between them.
    pub(in crate::dialect) fn table_references(&mut self) -> Read<()> {
        self.nested(|r| r.list(Self::joined_table)).map(|_| ())
    }

    fn joined_table(&mut self) -> Read<()> {
        self.table_factor()?;
        // The joins that still may have a condition, and whether they must.
        let mut open = Vec::new();
        loop {
            if !open.is_empty() && self.is("ON") && !self.is_at(1, "DUPLICATE") {
                open.pop();
                self.next();
                self.expression()?;
            } else if !open.is_empty() && self.is("USING") && self.is_mark_at(1, "(") {
                open.pop();
                self.next();
                for column in self.bracketed(|r| r.identifier("a column name"))? {
                    let qualifier = None;
                    self.scope().columns.push(ColumnRef { qualifier, column });
                }
            } else {
                match self.join()? {
                    None if open.contains(&Join::Outer) && !self.is_sqlite() => {
                        return Err(self.expected_word(&["ON", "USING"]));
                    }
                    None => return Ok(()),
                    Some(Join::Natural) => {}
                    Some(join) => open.push(join),
                }
                self.table_factor()?;
            }
        }
    }

    /// The words of a join, if one follows.
    fn join(&mut self) -> Read<Option<Join>> {
        if !self.is_sqlite() && self.eat("STRAIGHT_JOIN") {
            return Ok(Some(Join::Inner));
        }
        let natural = self.eat("NATURAL");
        let mut sided = self.eat_one_of(&["LEFT", "RIGHT"]).is_some();
        if self.is_sqlite() {
            sided |= self.eat("FULL");
        }
        let words: &[&'static str] = if sided {
            self.eat("OUTER");
            &["JOIN", "OUTER"]
        } else if natural {
            self.eat("INNER");
            &["JOIN", "LEFT", "RIGHT", "INNER"]
        } else if self.eat_one_of(&["INNER", "CROSS"]).is_some() {
            &["JOIN"]
        } else {
            return Ok(self.eat("JOIN").then_some(Join::Inner));
        };
        if !self.eat("JOIN") {
            return Err(self.expected_word(words));
        }
        Ok(Some(match (natural, sided) {
            (true, _) => Join::Natural,
            (_, true) => Join::Outer,
            _ => Join::Inner,
        }))
    }

    fn table_factor(&mut self) -> Read<()> {
        if self.is_mark("(") {
            return self.nested(Self::bracketed_source);
        }
        if !self.is_sqlite() {
            if self.eat_mark("{") {
                self.need("OJ")?;
                self.joined_table()?;
                return self.need_mark("}");
            }
            if self.is("LATERAL") && self.is_mark_at(1, "(") {
                self.next();
                return self.derived_table();
            }
            if self.is("JSON_TABLE") && self.is_mark_at(1, "(") {
                return self.table_function();
            }
        }
        let name = self.object_name("a table name")?;
        if self.is_sqlite() && self.is_mark("(") {
            self.next();
            if !self.eat_mark(")") {
                self.list(Self::expression)?;
                self.need_closing()?;
            }
            let alias = self.alias()?.or(Some(name.name));
            let kind = SourceKind::Unknown;
            self.scope().sources.push(Source { alias, kind });
            return Ok(());
        }
        self.partition_selection()?;
        self.system_time()?;
        let alias = self.alias()?;
        self.index_hints()?;
        self.relation(name, alias);
        Ok(())
    }

    /// `PARTITION (p, q)`.
    pub(in crate::dialect) fn partition_selection(&mut self) -> Read<()> {
        if !self.is_sqlite() && self.is("PARTITION") && self.is_mark_at(1, "(") {
            self.next();
            self.bracketed(|r| r.identifier("a partition name"))?;
        }
        Ok(())
    }

    fn system_time(&mut self) -> Read<()> {
        if self.is_sqlite() || !self.are(&["FOR", "SYSTEM_TIME"]) {
            return Ok(());
        }
        self.next();
        self.next();
        match self.need_one_of(&["AS", "BETWEEN", "FROM", "ALL"])? {
            "AS" => {
                self.need("OF")?;
                self.eat_one_of(&["TIMESTAMP", "TRANSACTION"]);
                self.pattern()?;
            }
            "BETWEEN" => {
                self.pattern()?;
                self.need("AND")?;
                self.pattern()?;
            }
            "FROM" => {
                self.pattern()?;
                self.need("TO")?;
                self.pattern()?;
            }
            _ => {}
        }
        Ok(())
    }

    fn index_hints(&mut self) -> Read<()> {
        if self.is_sqlite() {
            if self.eat_all(&["INDEXED", "BY"]) {
                self.identifier("an index name")?;
            } else {
                self.eat_all(&["NOT", "INDEXED"]);
            }
            return Ok(());
        }
        loop {
            let hint = self.is_one_of(&["USE", "FORCE", "IGNORE"])
                && (self.is_at(1, "INDEX") || self.is_at(1, "KEY"));
            if !hint {
                return Ok(());
            }
            let may_be_empty = self.is("USE");
            self.next();
            self.next();
            if self.eat("FOR") {
                match self.need_one_of(&["JOIN", "ORDER", "GROUP"])? {
                    "JOIN" => {}
                    _ => self.need("BY")?,
                }
            }
            self.need_mark("(")?;
            if !may_be_empty || !self.eat_mark(")") {
                self.list(|r| {
                    if r.eat("PRIMARY") {
                        return Ok(());
                    }
                    r.identifier("an index name").map(|_| ())
                })?;
                self.need_closing()?;
            }
            self.eat_mark(",");
        }
    }

    /// A subquery or joined tables in brackets.
    fn bracketed_source(&mut self) -> Read<()> {
        let mut ahead = 0;
        while self.is_mark_at(ahead, "(") {
            ahead += 1;
        }
        let query = ["SELECT", "WITH", "VALUES"];
        if query.iter().any(|word| self.is_at(ahead, word))
            && (ahead == 1 || self.is_closed_query())
        {
            return self.derived_table();
        }
        self.need_mark("(")?;
        self.table_references()?;
        self.need_closing()
    }

    /// Whether the bracket here holds a query and not joined tables that begin with one: what
    /// follows the inner bracket tells.
    fn is_closed_query(&self) -> bool {
        let mut depth = 0_usize;
        let mut ahead = 0;
        while let Some(piece) = self.peek_at(ahead) {
            if piece.is_mark("(") {
                depth += 1;
            } else if piece.is_mark(")") {
                depth = depth.saturating_sub(1);
                if depth == 1 {
                    let words = ["UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT", "MINUS"];
                    return self.is_mark_at(ahead + 1, ")")
                        || words.iter().any(|word| self.is_at(ahead + 1, word));
                }
            }
            ahead += 1;
        }
        false
    }

    /// `(query) AS alias (columns)`.
    fn derived_table(&mut self) -> Read<()> {
        self.need_mark("(")?;
        let query = self.subquery()?;
        self.need_mark(")")?;
        let alias = self.alias()?;
        if alias.is_none() && !self.is_sqlite() {
            return Err(self
                .expected("an alias")
                .or_help("every derived table must have an alias"));
        }
        let mut columns = query
            .columns
            .map(|columns| columns.into_iter().map(|it| it.name).collect());
        if self.is_mark("(") && !self.is_sqlite() {
            let listed = self.bracketed(|r| r.identifier("a column name"))?;
            columns = Some(listed.into_iter().map(|it| it.name).collect());
        }
        let kind = SourceKind::Derived { columns };
        self.scope().sources.push(Source { alias, kind });
        Ok(())
    }

    /// `COLUMNS (…)` of JSON_TABLE.
    fn json_columns(&mut self) -> Read<()> {
        self.need("COLUMNS")?;
        self.nested(|r| r.bracketed(Self::json_column)).map(|_| ())
    }

    fn json_column(&mut self) -> Read<()> {
        if self.eat("NESTED") {
            self.eat("PATH");
            self.operand()?;
            return self.json_columns();
        }
        self.identifier("a column name")?;
        if self.eat("FOR") {
            return self.need("ORDINALITY");
        }
        // The type, whatever it is.
        while !self.is_one_of(&["PATH", "EXISTS"]) {
            if self.eat_mark("(") {
                self.skip_to_closing()?;
            } else if self.is_kind(TokenKind::Word) || self.is_kind(TokenKind::String) {
                self.next();
            } else {
                return Err(self.expected_word(&["PATH"]));
            }
        }
        self.eat("EXISTS");
        self.need("PATH")?;
        self.operand()?;
        while let Some(word) = self.eat_one_of(&["NULL", "ERROR", "DEFAULT"]) {
            if word == "DEFAULT" {
                self.value()?;
            }
            self.need("ON")?;
            self.need_one_of(&["EMPTY", "ERROR"])?;
        }
        Ok(())
    }

    /// `JSON_TABLE(…) AS alias`.
    fn table_function(&mut self) -> Read<()> {
        self.next();
        self.need_mark("(")?;
        self.expression()?;
        self.need_mark(",")?;
        if self.eat_kind(TokenKind::String).is_none() {
            return Err(self.expected("a path in quotes"));
        }
        self.json_columns()?;
        self.need_mark(")")?;
        let alias = self.alias()?;
        let kind = SourceKind::Unknown;
        self.scope().sources.push(Source { alias, kind });
        Ok(())
    }
}
