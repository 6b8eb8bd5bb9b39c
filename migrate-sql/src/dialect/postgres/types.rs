//! Types and domains.

use std::collections::BTreeSet;

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{Reader, child};
use super::statement::{owned, renamed, set_schema};
use crate::change::{
    AlterDomain, AlterEnum, Change, CreateDomain, CreateType, ObjectKind, Touches, TypeKind,
};
use crate::expression::Expression;

impl Reader {
    /// CREATE TYPE.
    pub(super) fn create_type(&self, it: &ast::CreateType) -> Option<Change> {
        let kind = match it.kind() {
            Some(ast::CreateTypeKind::EnumType(values)) => TypeKind::Enum(
                values
                    .syntax()
                    .descendants()
                    .filter_map(ast::Variant::cast)
                    .filter_map(|value| self.string(value.literal()))
                    .map(|value| value.name)
                    .collect(),
            ),
            Some(ast::CreateTypeKind::CompositeType(fields)) => TypeKind::Composite(
                fields
                    .syntax()
                    .descendants()
                    .filter_map(ast::CompositeFieldDef::cast)
                    .filter_map(|field| {
                        let name = self.name(field.name())?;
                        Some((name, self.plain_type(&field.ty()?)))
                    })
                    .collect(),
            ),
            Some(ast::CreateTypeKind::RangeType(_)) => TypeKind::Range,
            Some(ast::CreateTypeKind::BaseType(_)) | None => TypeKind::Base,
        };
        Some(Change::CreateType(CreateType {
            name: self.object(it.type_name())?,
            kind,
        }))
    }

    /// ALTER TYPE.
    pub(super) fn alter_type(&self, it: &ast::AlterType) -> Option<Change> {
        use ast::AlterTypeAction as Action;
        let name = self.object(it.type_name_ref())?;
        Some(match it.action()? {
            Action::AddValue(add) => {
                let (before, after) = match add.value_position() {
                    Some(ast::ValuePosition::BeforeValue(it)) => (self.string(it.literal()), None),
                    Some(ast::ValuePosition::AfterValue(it)) => (None, self.string(it.literal())),
                    None => (None, None),
                };
                Change::AlterEnum(AlterEnum::AddValue {
                    name,
                    value: self.string(add.literal())?,
                    if_not_exists: add.if_not_exists().is_some(),
                    before,
                    after,
                })
            }
            Action::RenameValue(rename) => Change::AlterEnum(AlterEnum::RenameValue {
                name,
                from: self.string(rename.from())?,
                to: self.string(rename.to())?,
            }),
            Action::TypeRenameTo(rename) => renamed(
                ObjectKind::Type,
                name,
                self.object(rename.type_name())?,
                false,
            ),
            Action::SetSchema(set) => {
                set_schema(ObjectKind::Type, name, self.name(set.schema_ref())?, false)
            }
            Action::OwnerTo(_) | Action::SetOptions(_) => owned(ObjectKind::Type, name),
            // The fields of a composite type, and the tables that are made of it.
            Action::RenameAttribute(_) | Action::AlterTypeAttributeActionList(_) => self.opaque(
                it.syntax(),
                "a change of a composite type",
                Touches::Words(BTreeSet::from([name.name.name])),
            ),
        })
    }

    /// CREATE DOMAIN.
    pub(super) fn create_domain(&self, node: &SyntaxNode) -> Option<Change> {
        let base = self.plain_type(&node.children().find_map(ast::Type::cast)?);
        let mut domain = CreateDomain {
            name: self.object_of(&child(node, DOMAIN)?)?,
            base,
            not_null: false,
            default: None,
            checks: Vec::new(),
        };
        for constraint in node.children().filter_map(ast::Constraint::cast) {
            match &constraint {
                ast::Constraint::NotNullConstraint(_) => domain.not_null = true,
                ast::Constraint::NullConstraint(_) => domain.not_null = false,
                ast::Constraint::DefaultConstraint(default) => {
                    domain.default = default
                        .expr()
                        .and_then(|expr| self.default(&expr, Some(&domain.base)));
                }
                other => domain.checks.extend(self.domain_check(other)),
            }
        }
        Some(Change::CreateDomain(Box::new(domain)))
    }

    /// A check of a domain, where VALUE is no column.
    fn domain_check(&self, it: &ast::Constraint) -> Option<crate::change::ConstraintDefinition> {
        let mut check = self.constraint(it, None)?;
        if let crate::change::ConstraintKind::Check(Expression { scope, .. }) = &mut check.kind {
            scope.columns.retain(|column| column.column.name != "value");
        }
        Some(check)
    }

    /// ALTER DOMAIN.
    pub(super) fn alter_domain(&self, it: &ast::AlterDomain) -> Option<Change> {
        use ast::AlterDomainAction as Action;
        let name = self.object(it.domain_ref())?;
        let alter = match it.action()? {
            Action::SetDefault(set) => AlterDomain::Default(name, self.default(&set.expr()?, None)),
            Action::DropDefault(_) => AlterDomain::Default(name, None),
            Action::SetNotNull(_) => AlterDomain::NotNull(name, true),
            Action::DropNotNull(_) => AlterDomain::NotNull(name, false),
            Action::AddConstraint(add) => match self.domain_check(&add.constraint()?) {
                Some(check) => AlterDomain::AddConstraint(name, check),
                // ADD CONSTRAINT c NOT NULL.
                None => AlterDomain::NotNull(name, true),
            },
            Action::DropConstraint(drop) => AlterDomain::DropConstraint(
                name,
                self.object(drop.constraint_name_ref())?.name,
                drop.if_exists().is_some(),
            ),
            Action::RenameConstraint(rename) => AlterDomain::RenameConstraint(
                name,
                self.object(rename.constraint_name_ref())?.name,
                self.name(rename.constraint_name())?,
            ),
            Action::ValidateConstraint(it) => {
                AlterDomain::ValidateConstraint(name, self.object(it.constraint_name_ref())?.name)
            }
            Action::DomainRenameTo(rename) => {
                return Some(renamed(
                    ObjectKind::Domain,
                    name,
                    self.object(rename.domain())?,
                    false,
                ));
            }
            Action::SetSchema(set) => {
                let schema = self.name(set.schema_ref())?;
                return Some(set_schema(ObjectKind::Domain, name, schema, false));
            }
            Action::OwnerTo(_) => return Some(owned(ObjectKind::Domain, name)),
        };
        Some(Change::AlterDomain(Box::new(alter)))
    }
}
