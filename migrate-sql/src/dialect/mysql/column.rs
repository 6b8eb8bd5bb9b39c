//! Columns as CREATE TABLE and ALTER TABLE define them.
//!
//! `JSON` on MariaDB is another name for `longtext` with the check `json_valid(column)`, and that is
//! what the server gives back. Both are the type `json` here, without the check, so that a dump and
//! its origin are equal; whoever reads a live MariaDB does the same, by [`is_json_check`].

use migrate_core::lex::TokenKind;

use super::column_type::TypeClause;
use crate::change::{
    ColumnDefinition, ColumnPosition, ConstraintDefinition, ConstraintKind, Generated,
};
use crate::column_type::ColumnType;
use crate::dialect::reader::{Read, Reader};
use crate::expression::Expression;
use crate::name::{Ident, Span};

/// What may follow the type of a column, for messages.
pub(super) const ATTRIBUTES: &[&str] = &[
    "AS",
    "AUTO_INCREMENT",
    "CHARACTER",
    "CHARSET",
    "CHECK",
    "COLLATE",
    "COLUMN_FORMAT",
    "COMMENT",
    "COMPRESSED",
    "CONSTRAINT",
    "DEFAULT",
    "ENGINE_ATTRIBUTE",
    "GENERATED",
    "INVISIBLE",
    "KEY",
    "NOT",
    "NULL",
    "ON",
    "PERSISTENT",
    "PRIMARY",
    "REFERENCES",
    "SIGNED",
    "SRID",
    "STORAGE",
    "STORED",
    "UNIQUE",
    "UNSIGNED",
    "VIRTUAL",
    "VISIBLE",
    "ZEROFILL",
];

impl Reader<'_> {
    /// An expression with the scope of what it reads.
    pub(super) fn full_expression(&mut self) -> Read<Expression> {
        self.kept(Self::expression)
    }

    /// `(expression)`.
    pub(super) fn bracketed_expression(&mut self) -> Read<Expression> {
        self.need_mark("(")?;
        let expression = self.full_expression()?;
        self.need_mark(")")?;
        Ok(expression)
    }

    /// A column: name, type, attributes.
    pub(super) fn column(&mut self) -> Read<ColumnDefinition> {
        let name = self.identifier("a column name")?;
        self.column_after_name(name)
    }

    pub(super) fn column_after_name(&mut self, name: Ident) -> Read<ColumnDefinition> {
        let type_start = self.start();
        let clause = self.type_clause()?;
        let mut column = ColumnDefinition {
            type_span: self.span_from(type_start),
            auto_increment: clause.serial,
            nullable: clause.serial.then_some(false),
            collation: clause.collation,
            charset: clause.charset,
            column_type: Some(clause.column_type),
            ..ColumnDefinition::new(name)
        };
        if clause.serial {
            let unique = unique_beside(&column.name, column.type_span);
            column.constraints.push(unique);
        }
        while self.attribute(&mut column)? {}
        if column.generated.is_some() && column.default.is_some() {
            return Err(self.broken_before("a generated column has no default"));
        }
        json(&mut column);
        column.span = Span::new(column.name.span.start, self.here_end());
        Ok(column)
    }

    /// FIRST or AFTER.
    pub(super) fn position(&mut self) -> Read<Option<ColumnPosition>> {
        if self.eat("FIRST") {
            return Ok(Some(ColumnPosition::First));
        }
        if self.eat("AFTER") {
            let name = self.identifier("a column name")?;
            return Ok(Some(ColumnPosition::After(name)));
        }
        Ok(None)
    }

    /// One attribute of a column; false if none follows.
    fn attribute(&mut self, column: &mut ColumnDefinition) -> Read<bool> {
        let start = self.start();
        let Some(piece) = self.peek().filter(|piece| piece.kind == TokenKind::Word) else {
            return Ok(false);
        };
        match piece.text.to_ascii_uppercase().as_str() {
            "NOT" => {
                self.next();
                if !self.eat("SECONDARY") {
                    self.need("NULL")?;
                    column.nullable = Some(false);
                }
            }
            "NULL" => {
                self.next();
                column.nullable = Some(true);
            }
            "DEFAULT" => {
                self.next();
                column.default = Some(self.default_value()?);
            }
            "ON" => {
                self.next();
                self.need("UPDATE")?;
                let now = self.kept(Self::value)?;
                column.on_update = Some(now.canonical);
            }
            "AUTO_INCREMENT" => {
                self.next();
                column.auto_increment = true;
            }
            // SERIAL DEFAULT VALUE.
            "SERIAL" => {
                self.next();
                self.need_all(&["DEFAULT", "VALUE"])?;
                column.auto_increment = true;
                column.nullable = Some(false);
                let unique = unique_beside(&column.name, self.span_from(start));
                column.constraints.push(unique);
            }
            "UNIQUE" => {
                self.next();
                self.eat("KEY");
                let unique = unique_beside(&column.name, self.span_from(start));
                column.constraints.push(unique);
            }
            "PRIMARY" | "KEY" => {
                self.next();
                if piece.is("PRIMARY") {
                    self.need("KEY")?;
                }
                column.constraints.push(ConstraintDefinition::new(
                    None,
                    ConstraintKind::PrimaryKey {
                        columns: vec![crate::change::IndexPart::column(column.name.clone())],
                        using_index: None,
                    },
                    self.span_from(start),
                ));
            }
            "COMMENT" => {
                self.next();
                self.text_value()?;
            }
            "COLLATE" => {
                self.next();
                column.collation = Some(self.collation()?);
            }
            "COLUMN_FORMAT" => {
                self.next();
                self.need_one_of(&["FIXED", "DYNAMIC", "DEFAULT"])?;
            }
            "STORAGE" => {
                self.next();
                self.need_one_of(&["DISK", "MEMORY", "DEFAULT"])?;
            }
            "ENGINE_ATTRIBUTE" | "SECONDARY_ENGINE_ATTRIBUTE" => {
                self.next();
                self.eat_mark("=");
                self.text_value()?;
            }
            "VISIBLE" | "INVISIBLE" => {
                self.next();
                column.hidden = piece.is("INVISIBLE");
            }
            "GENERATED" | "AS" => self.generated(column)?,
            "CONSTRAINT" | "CHECK" => self.check_beside(column)?,
            "REFERENCES" => {
                let references = self.references()?;
                let kind = ConstraintKind::ForeignKey {
                    columns: vec![column.name.clone()],
                    references,
                };
                let constraint = ConstraintDefinition::new(None, kind, self.span_from(start));
                column.constraints.push(constraint);
            }
            "WITH" | "WITHOUT" => {
                self.next();
                self.need_all(&["SYSTEM", "VERSIONING"])?;
            }
            "SRID" => {
                self.next();
                self.need_number()?;
            }
            "REF_SYSTEM_ID" => {
                self.next();
                self.need_mark("=")?;
                self.need_number()?;
            }
            "COMPRESSED" => {
                self.next();
                if self.eat_mark("=") {
                    self.identifier("a compression method")?;
                }
            }
            // MariaDB: an attribute of the storage engine.
            _ if self.is_mark_at(1, "=") && !piece.is("ALGORITHM") && !piece.is("LOCK") => {
                self.next();
                self.next();
                self.next();
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What stands after DEFAULT.
    pub(super) fn default_value(&mut self) -> Read<Expression> {
        if self.is_mark("(") {
            let start = self.start();
            let mut expression = self.bracketed_expression()?;
            expression.text = self.text_from(start).to_owned();
            expression.span = self.span_from(start);
            return Ok(expression);
        }
        if self.is("DEFAULT") {
            return Err(self.expected("a default value"));
        }
        // MariaDB takes another column, too.
        self.kept(Self::value)
    }

    /// `[GENERATED ALWAYS] AS (expression) [VIRTUAL | STORED | PERSISTENT]`.
    fn generated(&mut self, column: &mut ColumnDefinition) -> Read<()> {
        if self.eat("GENERATED") {
            self.need("ALWAYS")?;
        }
        self.need("AS")?;
        // MariaDB's columns of system versioning.
        if self.eat("ROW") {
            self.need_one_of(&["START", "END"])?;
            return Ok(());
        }
        let expression = self.bracketed_expression()?;
        let stored = match self.eat_one_of(&["VIRTUAL", "STORED", "PERSISTENT"]) {
            None | Some("VIRTUAL") => false,
            Some(_) => true,
        };
        column.generated = Some(Generated { expression, stored });
        Ok(())
    }

    /// `[CONSTRAINT [name]] CHECK (expression) [[NOT] ENFORCED]`, also REFERENCES after CONSTRAINT.
    fn check_beside(&mut self, column: &mut ColumnDefinition) -> Read<()> {
        let start = self.start();
        let name = self.constraint_name()?;
        let kind = match self.is("CHECK") {
            true => self.check()?,
            false if self.is("REFERENCES") => ConstraintKind::ForeignKey {
                columns: vec![column.name.clone()],
                references: self.references()?,
            },
            false => return Err(self.expected_word(&["CHECK"])),
        };
        let mut constraint = ConstraintDefinition::new(name, kind, self.span_from(start));
        constraint.not_enforced = self.enforced()?;
        column.constraints.push(constraint);
        Ok(())
    }

    /// `CONSTRAINT [name]`, where it is written.
    pub(super) fn constraint_name(&mut self) -> Read<Option<Ident>> {
        if !self.eat("CONSTRAINT") || !self.is_identifier() {
            return Ok(None);
        }
        self.identifier("a constraint name").map(Some)
    }

    /// `CHECK (expression)`.
    pub(super) fn check(&mut self) -> Read<ConstraintKind> {
        self.need("CHECK")?;
        self.bracketed_expression().map(ConstraintKind::Check)
    }

    /// `[NOT] ENFORCED`; true for NOT.
    pub(super) fn enforced(&mut self) -> Read<bool> {
        if self.eat("ENFORCED") {
            return Ok(false);
        }
        Ok(self.eat_all(&["NOT", "ENFORCED"]))
    }

    /// A string, as after COMMENT.
    pub(super) fn text_value(&mut self) -> Read<()> {
        if self.eat_kind(TokenKind::String).is_none() {
            return Err(self.expected("a text in quotes"));
        }
        while self.eat_kind(TokenKind::String).is_some() {}
        Ok(())
    }

    pub(super) fn need_number(&mut self) -> Read<String> {
        match self.eat_kind(TokenKind::Number) {
            Some(piece) => Ok(piece.text.to_owned()),
            None => Err(self.expected("a number")),
        }
    }
}

/// A type that a catalogue or a script spells.
pub(super) fn column_type(reader: &mut Reader<'_>) -> Option<ColumnType> {
    let TypeClause { column_type, .. } = reader.type_clause().ok()?;
    reader.at_end().then_some(column_type)
}

fn unique_beside(column: &Ident, span: Span) -> ConstraintDefinition {
    ConstraintDefinition::new(
        None,
        ConstraintKind::Unique {
            columns: vec![crate::change::IndexPart::column(column.clone())],
            using_index: None,
            nulls_not_distinct: false,
        },
        span,
    )
}

/// `longtext` with the check that MariaDB gives to its JSON is JSON.
fn json(column: &mut ColumnDefinition) {
    let Some(column_type) = &mut column.column_type else {
        return;
    };
    if column_type.name == "longtext" {
        let before = column.constraints.len();
        let name = &column.name.name;
        column
            .constraints
            .retain(|constraint| match &constraint.kind {
                ConstraintKind::Check(check) => !is_json_check(check, name),
                _ => true,
            });
        if column.constraints.len() < before {
            column_type.name = "json".to_owned();
        }
    }
    // The server chooses both for JSON.
    if column_type.name == "json" {
        column.charset = None;
        column.collation = None;
    }
}

/// Whether a check is the one that MariaDB gives to a column of type JSON.
pub(in crate::dialect) fn is_json_check(check: &Expression, column: &str) -> bool {
    let column = migrate_core::Dialect::Mysql.quote_identifier(&column.to_lowercase());
    check.canonical == format!("json_valid({column})")
}
