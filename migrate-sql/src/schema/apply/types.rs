//! Types, enums and domains.

use std::sync::Arc;

use migrate_core::rule;

use super::Applier;
use crate::change::{AlterDomain, AlterEnum, CreateDomain, CreateType, Drop, TypeKind};
use crate::conflict::Conflict;
use crate::name::{Ident, ObjectName, QualifiedName, Span};
use crate::schema::journal::Departure;
use crate::schema::lookup::{Found, listed};
use crate::schema::{Class, Constraint, Domain, Object, ObjectId, TypeDefinition};

impl Applier<'_> {
    pub(super) fn create_type(&mut self, create: &CreateType) {
        let name = self.schema.new_name(&create.name, false);
        self.schema_must_exist(&create.name);
        let id = self.schema.id(Class::Type, &name);
        // A shell type is filled by a second CREATE TYPE.
        let shell = matches!(
            self.schema.get(&id),
            Some(Object::Type(definition)) if definition.kind == TypeKind::Base
        );
        if !shell {
            self.type_name_is_free(&create.name, &name);
        }
        if let TypeKind::Composite(fields) = &create.kind {
            for (field, column_type) in fields {
                self.type_must_exist(column_type, field.span);
            }
        }
        let definition = TypeDefinition {
            name,
            kind: create.kind.clone(),
            statement: None,
            origin: Some(self.origin(create.name.span())),
        };
        self.schema.put(Arc::new(Object::Type(definition)));
    }

    fn type_name_is_free(&mut self, written: &ObjectName, name: &QualifiedName) {
        let id = self.schema.id(Class::Type, name);
        if self.schema.is_certain(&id) {
            let note = self.schema.note(&id);
            self.duplicate("type", &written.name, "", note);
            return;
        }
        // A relation is a type too; an index is not.
        let relation = self.schema.id(Class::Relation, name);
        if self.schema.is_certain(&relation)
            && !matches!(self.schema.get(&relation), Some(Object::Sequence(_)))
        {
            let note = self.schema.note(&relation);
            self.duplicate("type", &written.name, " as a table or view", note);
        }
    }

    pub(super) fn alter_enum(&mut self, alter: &AlterEnum) {
        let name = match alter {
            AlterEnum::AddValue { name, .. } | AlterEnum::RenameValue { name, .. } => name,
        };
        let Some((id, certain)) = self.type_target(name, false) else {
            return;
        };
        let values = match self.schema.get(&id) {
            Some(Object::Type(definition)) => match &definition.kind {
                TypeKind::Enum(values) => values.clone(),
                _ if certain => {
                    let conflict = Conflict::new(
                        &rule::WRONG_KIND,
                        format!("type `{name}` is not an enum"),
                        name.span(),
                        "not an enum",
                    );
                    return self.refuse(conflict);
                }
                _ => return,
            },
            _ => return,
        };
        let mut changed = values.clone();
        match alter {
            AlterEnum::AddValue {
                value,
                if_not_exists,
                before,
                after,
                ..
            } => {
                if values.contains(&value.name) {
                    if !if_not_exists && certain {
                        let on = format!(" in type `{name}`");
                        self.duplicate("value", value, &on, None);
                    }
                    return;
                }
                let at = match (before, after) {
                    (Some(before), _) => self.enum_value(&values, before, certain),
                    (None, Some(after)) => {
                        self.enum_value(&values, after, certain).map(|at| at + 1)
                    }
                    (None, None) => Some(values.len()),
                };
                changed.insert(at.unwrap_or(values.len()), value.name.clone());
            }
            AlterEnum::RenameValue { from, to, .. } => {
                if values.contains(&to.name) && certain {
                    let on = format!(" in type `{name}`");
                    self.duplicate("value", to, &on, None);
                }
                if let Some(at) = self.enum_value(&values, from, certain)
                    && let Some(value) = changed.get_mut(at)
                {
                    value.clone_from(&to.name);
                }
            }
        }
        self.schema.edit(&id, |object| {
            if let Object::Type(definition) = object {
                definition.kind = TypeKind::Enum(changed);
            }
        });
    }

    fn enum_value(&mut self, values: &[String], value: &Ident, certain: bool) -> Option<usize> {
        let at = values.iter().position(|it| *it == value.name);
        if at.is_none() && certain {
            let mut conflict = Conflict::new(
                &rule::UNKNOWN_OBJECT,
                format!("the enum has no value `{value}`"),
                value.span,
                "no such value",
            )
            .note(format!(
                "it has: {}",
                listed(values.iter().map(String::as_str))
            ));
            if let Some(meant) =
                migrate_core::closest(&value.name, values.iter().map(String::as_str))
            {
                conflict = conflict.help(format!("did you mean `{meant}`?"));
            }
            self.refuse(conflict);
        }
        at
    }

    /// A type that a statement is about, and whether it is certain.
    fn type_target(&mut self, name: &ObjectName, if_exists: bool) -> Option<(ObjectId, bool)> {
        match self.schema.find(Class::Type, name) {
            Found::Here(id) => Some((id, true)),
            Found::Perhaps(Some(id)) => Some((id, false)),
            Found::Perhaps(None) => None,
            Found::Nothing(id) => {
                let relation = self.schema.find(Class::Relation, name);
                if !if_exists && matches!(relation, Found::Nothing(_)) {
                    let missing = self.schema.missing(&rule::UNKNOWN_TYPE, "type", name, &id);
                    self.refuse(missing);
                }
                None
            }
        }
    }

    pub(super) fn create_domain(&mut self, create: &CreateDomain) {
        let name = self.schema.new_name(&create.name, false);
        self.type_name_is_free(&create.name, &name);
        self.type_must_exist(&create.base, create.name.span());
        let mut domain = Domain {
            name,
            base: create.base.clone(),
            not_null: create.not_null,
            default: create.default.clone(),
            checks: Vec::new(),
            origin: Some(self.origin(create.name.span())),
        };
        for check in &create.checks {
            let made = self.domain_check(&domain, check);
            domain.checks.extend(made);
        }
        self.schema.put(Arc::new(Object::Domain(domain)));
    }

    fn domain_check(
        &self,
        domain: &Domain,
        check: &crate::change::ConstraintDefinition,
    ) -> Option<Constraint> {
        let crate::change::ConstraintKind::Check(expression) = &check.kind else {
            return None;
        };
        let name = match &check.name {
            Some(name) => name.name.clone(),
            None => {
                let mut label = "check".to_owned();
                let mut number = 0;
                loop {
                    let name = self.schema.choose_constraint_name(
                        domain.name.schema.as_deref(),
                        &domain.name.name,
                        None,
                        &label,
                    );
                    if domain.checks.iter().all(|it| it.name != name) {
                        break name;
                    }
                    number += 1;
                    label = format!("check{number}");
                }
            }
        };
        Some(Constraint {
            name,
            check: Some(expression.clone()),
            exclude: None,
            validated: !check.not_valid,
            origin: Some(self.origin(check.span)),
        })
    }

    pub(super) fn alter_domain(&mut self, alter: &AlterDomain) {
        let name = match alter {
            AlterDomain::Default(name, _)
            | AlterDomain::NotNull(name, _)
            | AlterDomain::AddConstraint(name, _)
            | AlterDomain::DropConstraint(name, _, _)
            | AlterDomain::RenameConstraint(name, _, _)
            | AlterDomain::ValidateConstraint(name, _) => name,
        };
        let Some((id, certain)) = self.type_target(name, false) else {
            return;
        };
        let Some(Object::Domain(domain)) = self.schema.get(&id) else {
            return;
        };
        let mut domain = domain.clone();
        let at = |domain: &Domain, name: &Ident| {
            domain.checks.iter().position(|it| it.name == name.name)
        };
        match alter {
            AlterDomain::Default(_, default) => domain.default.clone_from(default),
            AlterDomain::NotNull(_, not_null) => domain.not_null = *not_null,
            AlterDomain::AddConstraint(_, check) => {
                let made = self.domain_check(&domain, check);
                if let (Some(made), Some(name)) = (&made, &check.name)
                    && domain.checks.iter().any(|it| it.name == made.name)
                    && certain
                {
                    let on = format!(" on domain `{}`", domain.name);
                    self.duplicate("constraint", name, &on, None);
                }
                domain.checks.extend(made);
            }
            AlterDomain::DropConstraint(_, constraint, if_exists) => {
                match at(&domain, constraint) {
                    Some(at) => {
                        domain.checks.remove(at);
                    }
                    None if certain && !if_exists => self.no_domain_constraint(&domain, constraint),
                    None => {}
                }
            }
            AlterDomain::RenameConstraint(_, from, to) => match at(&domain, from) {
                Some(at) => {
                    if let Some(check) = domain.checks.get_mut(at) {
                        check.name.clone_from(&to.name);
                    }
                }
                None if certain => self.no_domain_constraint(&domain, from),
                None => {}
            },
            AlterDomain::ValidateConstraint(_, constraint) => match at(&domain, constraint) {
                Some(at) => {
                    if let Some(check) = domain.checks.get_mut(at) {
                        check.validated = true;
                    }
                }
                None if certain => self.no_domain_constraint(&domain, constraint),
                None => {}
            },
        }
        self.schema
            .edit(&id, |object| *object = Object::Domain(domain));
    }

    fn no_domain_constraint(&mut self, domain: &Domain, name: &Ident) {
        if name.name.ends_with("_not_null") {
            return;
        }
        let mut conflict = Conflict::new(
            &rule::UNKNOWN_CONSTRAINT,
            format!(
                "constraint `{name}` does not exist on domain `{}`",
                domain.name
            ),
            name.span,
            "no such constraint",
        );
        let names = domain.checks.iter().map(|it| it.name.as_str());
        if let Some(meant) = migrate_core::closest(&name.name, names) {
            conflict = conflict.help(format!("did you mean `{meant}`?"));
        }
        self.refuse(conflict);
    }

    pub(super) fn drop_type(&mut self, drop: &Drop, name: &ObjectName) {
        let Some((id, certain)) = self.type_target(name, drop.if_exists) else {
            return;
        };
        let users = self.schema.users(&id);
        for user in &users {
            let Some(what) = self.how_type_is_used(&id, user) else {
                continue;
            };
            if drop.cascade {
                self.drop_what_has_type(&id, user, name.span());
            } else if certain && self.schema.is_certain(user) {
                let conflict = Conflict::new(
                    &rule::STILL_USED,
                    format!("type `{name}` is still used by {what}"),
                    name.span(),
                    "still used",
                )
                .note_maybe(self.schema.note(user))
                .help("change what uses it first, or say CASCADE");
                self.refuse(conflict);
            }
        }
        let origin = self.origin(name.span());
        self.schema.take(&id);
        self.schema.note_gone(id, None, Departure::Dropped, origin);
    }

    fn how_type_is_used(&self, id: &ObjectId, user: &ObjectId) -> Option<String> {
        match self.schema.get(user)? {
            Object::Table(table) => table
                .columns
                .iter()
                .find(|column| has_type(column.column_type.as_ref(), id))
                .map(|column| format!("column `{}.{}`", table.name, column.name)),
            Object::Domain(domain) => Some(format!("domain `{}`", domain.name)),
            _ => None,
        }
    }

    fn drop_what_has_type(&mut self, id: &ObjectId, user: &ObjectId, span: Span) {
        let origin = self.origin(span);
        if matches!(self.schema.get(user), Some(Object::Domain(_))) {
            self.schema.take(user);
            self.schema
                .note_gone(user.clone(), None, Departure::Dropped, origin);
            return;
        }
        let columns: Vec<String> = self
            .schema
            .table_by_id(user)
            .map(|table| {
                table
                    .columns
                    .iter()
                    .filter(|column| has_type(column.column_type.as_ref(), id))
                    .map(|column| column.name.clone())
                    .collect()
            })
            .unwrap_or_default();
        let target = super::Target {
            id: user.clone(),
            certain: false,
        };
        for column in columns {
            self.drop_column(&target, &Ident::new(column, span), true, true);
        }
    }
}

fn has_type(column_type: Option<&crate::column_type::ColumnType>, id: &ObjectId) -> bool {
    column_type.is_some_and(|it| it.schema == id.name.schema && it.name == id.name.name)
}
