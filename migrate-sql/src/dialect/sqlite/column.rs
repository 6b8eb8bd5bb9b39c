//! Columns of SQLite.

use migrate_core::lex::{TokenKind, unquote};

use crate::change::{ColumnDefinition, ConstraintDefinition, ConstraintKind, Generated, IndexPart};
use crate::column_type::ColumnType;
use crate::dialect::reader::{Read, Reader};
use crate::expression::Expression;
use crate::name::Span;

/// The words that end a declared type.
const CONSTRAINTS: &[&str] = &[
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
    "AS",
    "DEFERRABLE",
];

impl Reader<'_> {
    /// A column: name, perhaps a type, constraints.
    pub(super) fn sqlite_column(&mut self) -> Read<ColumnDefinition> {
        let name = self.identifier("a column name")?;
        let type_start = self.start();
        let column_type = self.declared_type()?;
        let type_span = match column_type {
            Some(_) => self.span_from(type_start),
            None => Span::new(name.span.end, name.span.end),
        };
        let mut column = ColumnDefinition {
            column_type,
            type_span,
            ..ColumnDefinition::new(name)
        };
        while self.column_constraint(&mut column)? {}
        column.span = Span::new(column.name.span.start, self.here_end());
        Ok(column)
    }

    /// The type as it is written: words, and perhaps numbers in brackets.
    pub(super) fn declared_type(&mut self) -> Read<Option<ColumnType>> {
        let mut words = Vec::new();
        while let Some(piece) = self.peek() {
            let word = match piece.kind {
                TokenKind::Word if self.is_one_of(CONSTRAINTS) => break,
                TokenKind::Word => piece.text.to_owned(),
                TokenKind::QuotedIdentifier | TokenKind::String => unquote(piece.text),
                _ => break,
            };
            words.push(word);
            self.next();
        }
        if words.is_empty() {
            return Ok(None);
        }
        let mut column_type = ColumnType::named(words.join(" "));
        if self.is_mark("(") {
            column_type.modifiers = self.bracketed(|r| {
                let start = r.start();
                if !r.eat_mark("-") {
                    r.eat_mark("+");
                }
                r.next();
                Ok(r.text_from(start).to_owned())
            })?;
        }
        Ok(Some(column_type))
    }

    /// One constraint of a column; false if none follows.
    fn column_constraint(&mut self, column: &mut ColumnDefinition) -> Read<bool> {
        let start = self.start();
        let name = if self.eat("CONSTRAINT") {
            Some(self.identifier("a constraint name")?)
        } else {
            None
        };
        let own = || vec![IndexPart::column(column.name.clone())];
        let kind = if self.eat("PRIMARY") {
            self.need("KEY")?;
            let mut columns = own();
            let descending = self.direction();
            columns
                .iter_mut()
                .for_each(|part| part.descending = descending);
            self.conflict_clause()?;
            column.auto_increment = self.eat("AUTOINCREMENT");
            let using_index = None;
            ConstraintKind::PrimaryKey {
                columns,
                using_index,
            }
        } else if self.eat("UNIQUE") {
            let columns = own();
            self.conflict_clause()?;
            ConstraintKind::Unique {
                columns,
                using_index: None,
                nulls_not_distinct: false,
            }
        } else if self.eat("CHECK") {
            self.need_mark("(")?;
            let check = self.kept(Self::expression)?;
            self.need_mark(")")?;
            ConstraintKind::Check(check)
        } else if self.is("REFERENCES") {
            let references = self.references()?;
            let columns = vec![column.name.clone()];
            ConstraintKind::ForeignKey {
                columns,
                references,
            }
        } else {
            return self.column_property(column);
        };
        let deferrable = self.deferrable()?;
        let span = self.span_from(start);
        column.constraints.push(ConstraintDefinition {
            deferrable,
            ..ConstraintDefinition::new(name, kind, span)
        });
        Ok(true)
    }

    /// What SQLite calls a constraint and is none: NULL, DEFAULT, COLLATE, GENERATED.
    fn column_property(&mut self, column: &mut ColumnDefinition) -> Read<bool> {
        if self.eat("NOT") {
            self.need("NULL")?;
            self.conflict_clause()?;
            column.nullable = Some(false);
        } else if self.eat("NULL") {
            self.conflict_clause()?;
            column.nullable = Some(true);
        } else if self.eat("DEFAULT") {
            column.default = Some(self.sqlite_default()?);
        } else if self.eat("COLLATE") {
            column.collation = Some(self.collation()?);
        } else if self.is("GENERATED") || self.is("AS") {
            if self.eat("GENERATED") {
                self.need("ALWAYS")?;
            }
            self.need("AS")?;
            self.need_mark("(")?;
            let expression = self.kept(Self::expression)?;
            self.need_mark(")")?;
            let stored = self.eat_one_of(&["STORED", "VIRTUAL"]) == Some("STORED");
            column.generated = Some(Generated { expression, stored });
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn sqlite_default(&mut self) -> Read<Expression> {
        if self.is_mark("(") {
            let start = self.start();
            self.need_mark("(")?;
            let mut expression = self.kept(Self::expression)?;
            self.need_mark(")")?;
            expression.text = self.text_from(start).to_owned();
            expression.span = self.span_from(start);
            return Ok(expression);
        }
        let mut default = self.kept(Self::value)?;
        // A bare word is a string.
        if let [column] = default.scope.columns.as_slice()
            && default.scope.functions.is_empty()
        {
            default.canonical = format!("'{}'", column.column.name.replace('\'', "''"));
            default.scope = crate::scope::Scope::default();
        }
        Ok(default)
    }

    /// `ON CONFLICT …`.
    pub(super) fn conflict_clause(&mut self) -> Read<()> {
        if self.are(&["ON", "CONFLICT"]) {
            self.next();
            self.next();
            self.need_one_of(&["ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"])?;
        }
        Ok(())
    }

    /// `[NOT] DEFERRABLE [INITIALLY …]`; only INITIALLY DEFERRED defers.
    pub(super) fn deferrable(&mut self) -> Read<bool> {
        let not = self.are(&["NOT", "DEFERRABLE"]);
        if not {
            self.next();
        }
        if !self.eat("DEFERRABLE") {
            return Ok(false);
        }
        let deferred =
            self.eat("INITIALLY") && self.need_one_of(&["DEFERRED", "IMMEDIATE"])? == "DEFERRED";
        Ok(deferred && !not)
    }
}
