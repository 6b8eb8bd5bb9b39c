//! Statements of SQLite that read and write rows.

use crate::change::{Dml, DmlVerb};
use crate::dialect::reader::{Read, Reader};
use crate::name::{Ident, ObjectName};
use crate::scope::{Source, SourceKind};

const CONFLICTS: &[&str] = &["ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"];

impl Reader<'_> {
    /// SELECT, INSERT, UPDATE, DELETE, REPLACE, with WITH before them or without.
    pub(super) fn sqlite_dml(&mut self) -> Read<Dml> {
        let mut dml = Dml {
            verb: DmlVerb::Select,
            target: None,
            columns: Vec::new(),
            in_parts: false,
            source: None,
            conflict_columns: Vec::new(),
            restricted: false,
            scope: Default::default(),
            inner: Vec::new(),
        };
        let ((), scope) = self.scoped(|r| {
            if r.is("WITH") && !r.is_with_query() {
                r.with_clause()?;
            }
            match r.eat_one_of(&["INSERT", "REPLACE", "UPDATE", "DELETE"]) {
                Some(word @ ("INSERT" | "REPLACE")) => r.sqlite_insert(word, &mut dml),
                Some("UPDATE") => r.sqlite_update(&mut dml),
                Some(_) => r.sqlite_delete(&mut dml),
                None => r.query().map(|_| ()),
            }
        })?;
        dml.scope = scope;
        Ok(dml)
    }

    fn sqlite_insert(&mut self, word: &str, dml: &mut Dml) -> Read<()> {
        dml.verb = DmlVerb::Insert;
        let mut replace = word == "REPLACE";
        if !replace && self.eat("OR") {
            replace = self.need_one_of(CONFLICTS)? == "REPLACE";
        }
        if replace {
            dml.verb = DmlVerb::Replace;
        }
        self.need("INTO")?;
        let target = self.object_name("a table name")?;
        let alias = if self.eat("AS") {
            Some(self.identifier("an alias")?)
        } else {
            None
        };
        if self.is_mark("(") {
            dml.columns = self.bracketed(|r| r.identifier("a column name"))?;
        }
        if self.eat("DEFAULT") {
            self.need("VALUES")?;
        } else if self.is("VALUES") {
            dml.source = Some(self.inserted_values()?);
        } else {
            dml.source = Some(self.inserted_query()?);
        }
        if self.is("ON") || self.is("RETURNING") {
            self.written(&target, alias);
        }
        while self.eat("ON") {
            self.need("CONFLICT")?;
            self.scope().sources.push(Source {
                alias: Some(Ident::new("excluded", crate::name::Span::default())),
                kind: SourceKind::Relation(target.clone()),
            });
            if self.eat_mark("(") {
                let parts = self.list(Self::indexed_column)?;
                self.need_closing()?;
                let columns = parts.iter().map(|part| part.as_column().cloned());
                dml.conflict_columns = columns.collect::<Option<_>>().unwrap_or_default();
                if self.eat("WHERE") {
                    self.expression()?;
                    // A partial index is meant.
                    dml.conflict_columns.clear();
                }
            }
            self.need("DO")?;
            if !self.eat("NOTHING") {
                self.need_all(&["UPDATE", "SET"])?;
                self.assignments(&mut Vec::new())?;
                if self.eat("WHERE") {
                    self.expression()?;
                }
            }
        }
        dml.target = Some(target);
        self.returning()
    }

    fn written(&mut self, target: &ObjectName, alias: Option<Ident>) {
        let kind = SourceKind::Relation(target.clone());
        self.scope().sources.push(Source { alias, kind });
    }

    fn sqlite_update(&mut self, dml: &mut Dml) -> Read<()> {
        dml.verb = DmlVerb::Update;
        if self.eat("OR") {
            self.need_one_of(CONFLICTS)?;
        }
        let target = self.qualified_target()?;
        self.need("SET")?;
        self.assignments(&mut dml.columns)?;
        if self.eat("FROM") {
            self.table_references()?;
        }
        dml.target = Some(target);
        self.sqlite_restriction(dml)
    }

    fn sqlite_delete(&mut self, dml: &mut Dml) -> Read<()> {
        dml.verb = DmlVerb::Delete;
        self.need("FROM")?;
        dml.target = Some(self.qualified_target()?);
        self.sqlite_restriction(dml)
    }

    fn qualified_target(&mut self) -> Read<ObjectName> {
        let target = self.object_name("a table name")?;
        let alias = if self.eat("AS") {
            Some(self.identifier("an alias")?)
        } else {
            None
        };
        if self.eat_all(&["INDEXED", "BY"]) {
            self.identifier("an index name")?;
        } else {
            self.eat_all(&["NOT", "INDEXED"]);
        }
        self.written(&target, alias);
        Ok(target)
    }

    fn sqlite_restriction(&mut self, dml: &mut Dml) -> Read<()> {
        if self.eat("WHERE") {
            self.expression()?;
            dml.restricted = true;
        }
        self.returning()?;
        if self.is("ORDER") {
            self.order_by()?;
        }
        dml.restricted |= self.limit()?;
        Ok(())
    }
}
