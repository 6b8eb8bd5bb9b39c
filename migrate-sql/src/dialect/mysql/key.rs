//! Keys, indexes and constraints that stand for themselves.

use migrate_core::lex::TokenKind;

use crate::change::{ConstraintDefinition, ConstraintKind, CreateIndex, IndexPart, PartKind};
use crate::dialect::reader::{Read, Reader};
use crate::name::{Ident, Span};

/// An index or a constraint of a table.
#[derive(Debug)]
pub(super) enum Key {
    /// A plain, unique, full-text or spatial index.
    Index(CreateIndex),
    /// A primary key, a foreign key or a check.
    Constraint(ConstraintDefinition),
}

/// What can stand after CONSTRAINT and its name.
const CONSTRAINTS: &[&str] = &["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"];

impl Reader<'_> {
    /// Whether a key or constraint begins here, not a column. `CHECK` and the like are reserved, so
    /// that no column has such a name.
    pub(super) fn is_key(&self) -> bool {
        self.is_one_of(&[
            "PRIMARY",
            "UNIQUE",
            "INDEX",
            "KEY",
            "FULLTEXT",
            "SPATIAL",
            "FOREIGN",
            "CHECK",
            "CONSTRAINT",
        ])
    }

    /// A key or constraint, and whether IF NOT EXISTS stands in it.
    pub(super) fn key(&mut self) -> Read<(Key, bool)> {
        let start = self.start();
        let mut name = None;
        if self.eat("CONSTRAINT") {
            if !self.is_one_of(CONSTRAINTS) {
                let if_not_exists = self.eat_if_not_exists()?;
                name = Some(self.identifier("a constraint name")?);
                if if_not_exists {
                    return self.after_constraint(start, name, true);
                }
            }
            if !self.is_one_of(CONSTRAINTS) {
                return Err(self.expected_word(CONSTRAINTS));
            }
            return self.after_constraint(start, name, false);
        }
        self.after_constraint(start, name, false)
    }

    fn after_constraint(
        &mut self,
        start: usize,
        name: Option<Ident>,
        mut if_not_exists: bool,
    ) -> Read<(Key, bool)> {
        let words = [
            "PRIMARY", "UNIQUE", "INDEX", "KEY", "FULLTEXT", "SPATIAL", "FOREIGN", "CHECK",
        ];
        let key = match self.need_one_of(&words)? {
            "PRIMARY" => {
                self.need("KEY")?;
                if_not_exists |= self.eat_if_not_exists()?;
                let (_, _) = self.index_head()?;
                let columns = self.index_parts()?;
                self.index_options()?;
                let using_index = None;
                let kind = ConstraintKind::PrimaryKey {
                    columns,
                    using_index,
                };
                Key::Constraint(ConstraintDefinition::new(name, kind, self.span_from(start)))
            }
            "UNIQUE" => {
                self.eat_one_of(&["INDEX", "KEY"]);
                if_not_exists |= self.eat_if_not_exists()?;
                let mut index = self.index(start, None)?;
                index.name = index.name.or(name);
                index.unique = true;
                Key::Index(index)
            }
            word @ ("FULLTEXT" | "SPATIAL") => {
                self.eat_one_of(&["INDEX", "KEY"]);
                if_not_exists |= self.eat_if_not_exists()?;
                Key::Index(self.index(start, Some(word.to_lowercase()))?)
            }
            "FOREIGN" => {
                self.need("KEY")?;
                if_not_exists |= self.eat_if_not_exists()?;
                let index = if self.is_mark("(") {
                    None
                } else {
                    Some(self.identifier("a name or `(`")?)
                };
                let columns = self.bracketed(|r| r.identifier("a column name"))?;
                let references = self.references()?;
                let kind = ConstraintKind::ForeignKey {
                    columns,
                    references,
                };
                Key::Constraint(ConstraintDefinition::new(
                    name.or(index),
                    kind,
                    self.span_from(start),
                ))
            }
            "CHECK" => {
                let kind = ConstraintKind::Check(self.bracketed_expression()?);
                let mut check = ConstraintDefinition::new(name, kind, self.span_from(start));
                check.not_enforced = self.enforced()?;
                Key::Constraint(check)
            }
            _ => {
                if_not_exists |= self.eat_if_not_exists()?;
                Key::Index(self.index(start, None)?)
            }
        };
        Ok((key, if_not_exists))
    }

    /// Name, kind, columns and options of an index, after the words that begin it.
    fn index(&mut self, start: usize, kind: Option<String>) -> Read<CreateIndex> {
        let (name, method) = self.index_head()?;
        let parts = self.index_parts()?;
        let options = self.index_options()?;
        Ok(CreateIndex {
            name,
            table: None,
            unique: false,
            concurrently: false,
            if_not_exists: false,
            or_replace: false,
            only: false,
            method: kind.or(method).or(options),
            parts,
            include: Vec::new(),
            nulls_not_distinct: false,
            predicate: None,
            algorithm: None,
            lock: None,
            span: self.span_from(start),
        })
    }

    /// `[name] [USING method]`.
    fn index_head(&mut self) -> Read<(Option<Ident>, Option<String>)> {
        let mut name = None;
        if !self.is_mark("(") && !self.is_index_method() {
            name = Some(self.identifier("a name or `(`")?);
        }
        let method = self.index_method()?;
        Ok((name, method))
    }

    fn is_index_method(&self) -> bool {
        let method = |ahead| {
            ["BTREE", "HASH", "RTREE"]
                .iter()
                .any(|it| self.is_at(ahead, it))
        };
        self.is("USING") || (self.is("TYPE") && method(1))
    }

    /// `USING BTREE`. BTREE is the default.
    pub(super) fn index_method(&mut self) -> Read<Option<String>> {
        if !self.is_index_method() {
            return Ok(None);
        }
        self.next();
        let method = self.need_one_of(&["BTREE", "HASH", "RTREE"])?;
        Ok((method != "BTREE").then(|| method.to_lowercase()))
    }

    /// The columns and expressions of an index.
    pub(super) fn index_parts(&mut self) -> Read<Vec<IndexPart>> {
        let mut parts = Vec::new();
        self.need_mark("(")?;
        loop {
            // MariaDB: a period WITHOUT OVERLAPS is the last part.
            let period = self.is_at(1, "WITHOUT") && self.is_at(2, "OVERLAPS");
            let part = self.index_part()?;
            if period {
                self.eat_all(&["WITHOUT", "OVERLAPS"]);
            } else {
                parts.push(part);
            }
            if !self.eat_mark(",") {
                break;
            }
        }
        self.need_closing()?;
        Ok(parts)
    }

    fn index_part(&mut self) -> Read<IndexPart> {
        let mut part = if self.is_mark("(") {
            let start = self.start();
            let mut expression = self.bracketed_expression()?;
            expression.text = self.text_from(start).to_owned();
            IndexPart {
                kind: PartKind::Expression(expression),
                ..IndexPart::column(Ident::new("", Span::default()))
            }
        } else {
            let mut part = IndexPart::column(self.identifier("a column name")?);
            if self.eat_mark("(") {
                let length = self.need_number()?;
                part.prefix = length.parse().ok();
                self.need_mark(")")?;
            }
            part
        };
        part.descending = self.direction();
        Ok(part)
    }

    /// Options after the columns of an index; the method, where one is among them.
    pub(super) fn index_options(&mut self) -> Read<Option<String>> {
        let mut method = None;
        loop {
            if self.is_index_method() {
                method = self.index_method()?;
            } else if self.eat("KEY_BLOCK_SIZE") {
                self.eat_mark("=");
                self.need_number()?;
            } else if self.eat("COMMENT") {
                self.text_value()?;
            } else if self.eat("WITH") {
                self.need("PARSER")?;
                self.identifier("a parser")?;
            } else if self
                .eat_one_of(&["VISIBLE", "INVISIBLE", "IGNORED"])
                .is_some()
                || self.eat_all(&["NOT", "IGNORED"])
            {
            } else if self
                .eat_one_of(&["ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"])
                .is_some()
            {
                self.eat_mark("=");
                self.text_value()?;
            } else if self.eat("CLUSTERING") {
                self.eat_mark("=");
                self.next();
            } else if self.is_kind(TokenKind::Word)
                && self.is_mark_at(1, "=")
                && !self.is_one_of(&["ALGORITHM", "LOCK"])
            {
                // MariaDB: an option of the storage engine.
                self.next();
                self.next();
                self.next();
            } else {
                return Ok(method);
            }
        }
    }
}
