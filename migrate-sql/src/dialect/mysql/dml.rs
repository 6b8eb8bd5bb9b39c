//! Statements of MySQL that read and write rows.

use migrate_core::lex::TokenKind;

use super::statement::step;
use super::value::{value, variable};
use crate::change::{Change, Dml, DmlVerb, InsertSource, Step, Value};
use crate::dialect::reader::{Read, Reader, Tree};
use crate::name::ObjectName;
use crate::scope::{ColumnRef, Source, SourceKind};

impl Reader<'_> {
    /// A query as a statement.
    pub(super) fn mysql_query(&mut self) -> Read<Vec<Change>> {
        let (query, scope) = self.scoped(Self::query)?;
        let dml = Dml {
            scope,
            ..dml(DmlVerb::Select)
        };
        let mut changes = vec![Change::Dml(Box::new(dml))];
        if !query.into.is_empty() {
            let variables: Option<Vec<_>> = query.into.iter().map(variable).collect();
            changes.push(step(Step::Assign {
                query: match (variables.is_some(), value(&Tree::Query(query.rows))) {
                    (true, Value::Query(query)) => Some(query),
                    _ => None,
                },
                variables: variables.unwrap_or_default(),
            }));
        }
        Ok(changes)
    }

    /// UPDATE or DELETE after WITH.
    pub(super) fn mysql_write_after_with(&mut self) -> Read<Vec<Change>> {
        let (mut dml, scope) = self.scoped(|r| {
            r.with_clause()?;
            r.write()
        })?;
        dml.scope = scope;
        Ok(vec![Change::Dml(Box::new(dml))])
    }

    /// INSERT, REPLACE, UPDATE, DELETE, LOAD DATA, CALL, DO.
    pub(super) fn mysql_dml(&mut self) -> Read<Vec<Change>> {
        if self.is("LOAD") && !self.is_at(1, "DATA") && !self.is_at(1, "XML") {
            return self.passed_over(Vec::new());
        }
        if self.is("CALL") {
            return self.call_statement();
        }
        let (mut dml, scope) = self.scoped(Self::write)?;
        dml.scope = scope;
        Ok(vec![Change::Dml(Box::new(dml))])
    }

    fn write(&mut self) -> Read<Dml> {
        let words = ["INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "DO"];
        match self.need_one_of(&words)? {
            "INSERT" => self.insert(DmlVerb::Insert),
            "REPLACE" => self.insert(DmlVerb::Replace),
            "UPDATE" => self.update(),
            "DELETE" => self.delete(),
            "LOAD" => self.load_data(),
            _ => {
                self.list(|r| {
                    r.expression()?;
                    r.alias()
                })?;
                Ok(dml(DmlVerb::Select))
            }
        }
    }

    fn call_statement(&mut self) -> Read<Vec<Change>> {
        let start = self.start();
        self.next();
        let name = self.object_name("a procedure name")?;
        let mut arguments = Vec::new();
        if self.eat_mark("(") && !self.eat_mark(")") {
            (arguments, _) = self.scoped(|r| r.list(Self::expression))?;
            self.need_closing()?;
        }
        Ok(vec![step(Step::Call {
            name,
            arguments: arguments.iter().map(value).collect(),
            span: self.span_from(start),
        })])
    }

    fn insert(&mut self, verb: DmlVerb) -> Read<Dml> {
        let mut dml = dml(verb);
        self.eat_one_of(&["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"]);
        self.eat("IGNORE");
        self.eat("INTO");
        let target = self.object_name("a table name")?;
        self.partition_selection()?;
        if self.is_mark("(")
            && !self.is_at(1, "SELECT")
            && !self.is_at(1, "WITH")
            && !self.is_mark_at(1, "(")
        {
            self.need_mark("(")?;
            if !self.eat_mark(")") {
                dml.columns = self.list(Self::written_column)?;
                self.need_closing()?;
            }
        }
        let row_constructors = self.is_at(1, "ROW");
        if self.is_one_of(&["VALUES", "VALUE"]) {
            dml.source = Some(self.inserted_values()?);
            // `VALUES ROW(…), … ORDER BY` is a query.
            if row_constructors && (self.is("ORDER") || self.is("LIMIT")) {
                self.limit()?;
            }
        } else if self.eat("SET") {
            self.assignments(&mut dml.columns)?;
        } else if self.is_query() || self.is_mark("(") {
            dml.source = Some(self.inserted_query()?);
        } else {
            return Err(self.expected_word(&["VALUES", "SELECT", "SET"]));
        }
        if self.eat("AS") {
            let alias = Some(self.identifier("an alias")?);
            let mut columns = None;
            if self.is_mark("(") {
                let listed = self.bracketed(|r| r.identifier("a column name"))?;
                columns = Some(listed.into_iter().map(|it| it.name).collect());
            }
            let kind = SourceKind::Derived { columns };
            self.scope().sources.push(Source { alias, kind });
        }
        if self.eat("ON") {
            self.need_all(&["DUPLICATE", "KEY", "UPDATE"])?;
            self.relation(target.clone(), None);
            // With SELECT its sources are seen here, too.
            self.scope().opaque |= !matches!(dml.source, Some(InsertSource::Values { .. }));
            self.assignments(&mut dml.conflict_columns)?;
        }
        self.returning_after(&target)?;
        dml.target = Some(target);
        Ok(dml)
    }

    fn returning_after(&mut self, target: &ObjectName) -> Read<()> {
        if self.is("RETURNING") {
            self.relation(target.clone(), None);
        }
        self.returning()
    }

    /// A column of an INSERT, perhaps with its table before it.
    fn written_column(&mut self) -> Read<crate::name::Ident> {
        let mut names = self.column_name()?;
        names.pop().ok_or_else(|| self.expected("a column name"))
    }

    fn update(&mut self) -> Read<Dml> {
        let mut dml = dml(DmlVerb::Update);
        self.eat("LOW_PRIORITY");
        self.eat("IGNORE");
        self.table_references()?;
        let single = self.only_relation();
        if self.eat("FOR") {
            self.portion()?;
        }
        self.need("SET")?;
        let mut columns = Vec::new();
        self.assignments(&mut columns)?;
        if single.is_some() {
            dml.columns = columns;
        } else {
            let column = |column| ColumnRef {
                qualifier: None,
                column,
            };
            self.scope().columns.extend(columns.into_iter().map(column));
        }
        dml.target = single;
        self.restriction(&mut dml)?;
        self.returning()?;
        Ok(dml)
    }

    /// MariaDB's `PORTION OF period FROM a TO b`.
    fn portion(&mut self) -> Read<()> {
        self.need_all(&["PORTION", "OF"])?;
        self.identifier("the name of a period")?;
        self.need("FROM")?;
        self.pattern()?;
        self.need("TO")?;
        self.pattern().map(|_| ())
    }

    fn restriction(&mut self, dml: &mut Dml) -> Read<()> {
        if self.eat("WHERE") {
            self.expression()?;
            dml.restricted = true;
        }
        if self.is("ORDER") {
            self.order_by()?;
        }
        dml.restricted |= self.limit()?;
        Ok(())
    }

    fn delete(&mut self) -> Read<Dml> {
        let mut dml = dml(DmlVerb::Delete);
        while self
            .eat_one_of(&["LOW_PRIORITY", "QUICK", "IGNORE", "HISTORY"])
            .is_some()
        {}
        if !self.eat("FROM") {
            // `DELETE a, b FROM …`: names and aliases of what follows.
            self.list(Self::deleted)?;
            self.need("FROM")?;
            self.table_references()?;
            dml.target = self.only_relation();
            self.restriction(&mut dml)?;
            return Ok(dml);
        }
        let place = self.place();
        self.list(Self::deleted)?;
        if self.eat("USING") {
            self.table_references()?;
            dml.target = self.only_relation();
            self.restriction(&mut dml)?;
            return Ok(dml);
        }
        self.back(place);
        let target = self.object_name("a table name")?;
        self.partition_selection()?;
        if self.eat("FOR") {
            self.portion()?;
        }
        if self.are(&["BEFORE", "SYSTEM_TIME"]) {
            self.next();
            self.next();
            self.expression()?;
        }
        let alias = self.alias()?;
        self.relation(target.clone(), alias);
        dml.target = Some(target);
        self.restriction(&mut dml)?;
        self.returning()?;
        Ok(dml)
    }

    /// A table before FROM or USING: `t`, `t.*`.
    fn deleted(&mut self) -> Read<()> {
        self.identifier("a table name")?;
        while self.eat_mark(".") {
            if self.eat_mark("*") {
                return Ok(());
            }
            self.identifier("a table name")?;
        }
        Ok(())
    }

    fn load_data(&mut self) -> Read<Dml> {
        let mut dml = dml(DmlVerb::Copy);
        self.need_one_of(&["DATA", "XML"])?;
        self.eat_one_of(&["LOW_PRIORITY", "CONCURRENT"]);
        self.eat("LOCAL");
        self.need("INFILE")?;
        self.text_value()?;
        self.eat_one_of(&["REPLACE", "IGNORE"]);
        self.need_all(&["INTO", "TABLE"])?;
        let target = self.object_name("a table name")?;
        self.partition_selection()?;
        if self.eat("CHARSET") || self.eat_all(&["CHARACTER", "SET"]) {
            self.charset()?;
        }
        if self.eat_all(&["ROWS", "IDENTIFIED", "BY"]) {
            self.text_value()?;
        }
        self.file_format()?;
        if self.eat("IGNORE") {
            self.need_number()?;
            self.need_one_of(&["LINES", "ROWS"])?;
        }
        if self.is_mark("(") {
            self.need_mark("(")?;
            if !self.eat_mark(")") {
                let columns = self.list(|r| {
                    if r.is_kind(TokenKind::Parameter) {
                        r.next();
                        return Ok(None);
                    }
                    r.identifier("a column name").map(Some)
                })?;
                dml.columns = columns.into_iter().flatten().collect();
                self.need_closing()?;
            }
        }
        if self.eat("SET") {
            self.relation(target.clone(), None);
            self.assignments(&mut dml.columns)?;
        }
        dml.target = Some(target);
        Ok(dml)
    }
}

fn dml(verb: DmlVerb) -> Dml {
    Dml {
        verb,
        target: None,
        columns: Vec::new(),
        in_parts: false,
        source: None,
        conflict_columns: Vec::new(),
        restricted: false,
        scope: Default::default(),
        inner: Vec::new(),
    }
}
