//! Types and domains.

use super::super::definition;
use super::super::order::by_need;
use super::super::text::{default, enclosed, literal};
use super::column::{default_of, type_name};
use super::{DIALECT, Emission};
use crate::change::TypeKind;
use crate::column_type::ColumnType;
use crate::name::{Ident, QualifiedName};
use crate::quoting::{qualified, quoted};
use crate::schema::{Constraint, Domain, Object, Schema, TypeDefinition};

impl<'s> Emission<'s> {
    pub(super) fn types(&mut self) {
        let made = self.plan.made.iter().copied();
        let types = made.filter(|it| matches!(it, Object::Type(_) | Object::Domain(_)));
        let types = by_need(types.collect(), |one: &&Object, other| {
            parts(one).iter().any(|it| names(it, &other.name()))
        });
        for object in types {
            match object {
                Object::Type(definition) => self.create_type(object, definition),
                Object::Domain(domain) => self.create_domain(domain),
                _ => {}
            }
        }
        let changed: Vec<(&Object, &Object)> = self
            .plan
            .changed
            .iter()
            .map(|it| (it.before, it.after))
            .collect();
        for (before, after) in changed {
            match (before, after) {
                (Object::Type(before), Object::Type(after)) => self.alter_type(before, after),
                (Object::Domain(before), Object::Domain(after)) => {
                    self.alter_domain(before, after);
                }
                _ => {}
            }
        }
    }

    fn create_type(&mut self, object: &Object, definition: &TypeDefinition) {
        let name = qualified(&definition.name, DIALECT);
        let body = match &definition.kind {
            TypeKind::Enum(values) => format!("ENUM ({})", literals(values)),
            TypeKind::Composite(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, it)| self.field(name, it))
                    .collect();
                format!("({})", fields.join(", "))
            }
            TypeKind::Range | TypeKind::Base => {
                let statement = definition::of_object(object, DIALECT);
                self.out.create(object, statement);
                return;
            }
        };
        self.out.add(format!("CREATE TYPE {name} AS {body}"));
    }

    fn field(&self, name: &Ident, column_type: &ColumnType) -> String {
        let column_type = type_name(column_type, self.plan.to);
        format!("{} {column_type}", quoted(&name.name, DIALECT))
    }

    fn alter_type(&mut self, before: &TypeDefinition, after: &TypeDefinition) {
        match (&before.kind, &after.kind) {
            (TypeKind::Enum(old), TypeKind::Enum(new)) => {
                let kept: Vec<&String> = new.iter().filter(|it| old.contains(it)).collect();
                if kept.into_iter().eq(old) {
                    self.add_values(&after.name, old, new);
                } else {
                    self.make_enum_anew(after, new);
                }
            }
            (TypeKind::Composite(old), TypeKind::Composite(new)) => {
                self.alter_composite(&after.name, old, new);
            }
            _ => self.out.cannot(format!(
                "type `{}` becomes another sort of type, which only dropping it can do",
                after.name
            )),
        }
    }

    fn add_values(&mut self, name: &QualifiedName, old: &[String], new: &[String]) {
        let name = qualified(name, DIALECT);
        let mut last: Option<&String> = None;
        for value in new {
            if !old.contains(value) {
                let place = match (last, old.first()) {
                    (Some(last), _) => format!(" AFTER {}", literal(last)),
                    (None, Some(first)) => format!(" BEFORE {}", literal(first)),
                    (None, None) => String::new(),
                };
                // At the end is where a value goes by itself.
                let place = match last == old.last() && last.is_some() {
                    true => String::new(),
                    false => place,
                };
                let value = literal(value);
                self.out
                    .add(format!("ALTER TYPE {name} ADD VALUE {value}{place}"));
            }
            last = Some(value);
        }
    }

    /// PostgreSQL takes no value away: a new type takes the place of the old one.
    fn make_enum_anew(&mut self, after: &TypeDefinition, values: &[String]) {
        let name = qualified(&after.name, DIALECT);
        let old = QualifiedName {
            schema: after.name.schema.clone(),
            name: format!("{}_old", after.name.name),
        };
        self.out.add(format!(
            "ALTER TYPE {name} RENAME TO {}",
            quoted(&old.name, DIALECT)
        ));
        self.out
            .add(format!("CREATE TYPE {name} AS ENUM ({})", literals(values)));
        let to = self.plan.to;
        for (_, object) in self.plan.from.into_iter().flat_map(Schema::objects) {
            match object {
                Object::Table(table) if table.partition_of.is_none() => {
                    for column in &table.columns {
                        let Some(column_type) = &column.column_type else {
                            continue;
                        };
                        if !names(column_type, &after.name) {
                            continue;
                        }
                        // The target's default follows the type.
                        let value = to
                            .table(&table.name)
                            .and_then(|it| it.columns.iter().find(|it| it.name == column.name))
                            .and_then(|it| default_of(table, it, to));
                        self.retype(&table.name, &column.name, column_type, value);
                    }
                }
                object if parts(object).iter().any(|it| names(it, &after.name)) => {
                    self.out.cannot(format!(
                        "{} `{}` is made from `{}`, of which values go: change it by hand",
                        object.kind().name(),
                        object.name(),
                        after.name
                    ));
                }
                _ => {}
            }
        }
        self.out
            .add(format!("DROP TYPE {}", qualified(&old, DIALECT)));
        self.out.look(format!(
            "values of `{}` go: that fails where a row has one of them",
            after.name
        ));
    }

    fn retype(
        &mut self,
        table: &QualifiedName,
        column: &str,
        column_type: &ColumnType,
        value: Option<String>,
    ) {
        let (table, column) = (qualified(table, DIALECT), quoted(column, DIALECT));
        let to = type_name(column_type, self.plan.to);
        let text = if column_type.dimensions > 0 {
            "text[]"
        } else {
            "text"
        };
        let mut actions = vec![format!(
            "ALTER COLUMN {column} TYPE {to} USING {column}::{text}::{to}"
        )];
        if let Some(value) = value {
            actions.insert(0, format!("ALTER COLUMN {column} DROP DEFAULT"));
            actions.push(format!("ALTER COLUMN {column} SET DEFAULT {value}"));
        }
        self.alter(&table, &actions);
    }

    fn alter_composite(
        &mut self,
        name: &QualifiedName,
        old: &[(Ident, ColumnType)],
        new: &[(Ident, ColumnType)],
    ) {
        let find = |list: &'_ [(Ident, ColumnType)], name: &Ident| {
            list.iter()
                .find(|(it, _)| it == name)
                .map(|(_, it)| it.clone())
        };
        let mut actions = Vec::new();
        for (field, _) in old {
            if find(new, field).is_none() {
                actions.push(format!("DROP ATTRIBUTE {}", quoted(&field.name, DIALECT)));
            }
        }
        for (field, column_type) in new {
            match find(old, field) {
                None => actions.push(format!("ADD ATTRIBUTE {}", self.field(field, column_type))),
                Some(before) if before != *column_type => actions.push(format!(
                    "ALTER ATTRIBUTE {} TYPE {}",
                    quoted(&field.name, DIALECT),
                    type_name(column_type, self.plan.to)
                )),
                Some(_) => {}
            }
        }
        if actions.is_empty() {
            self.out.cannot(format!(
                "the fields of type `{name}` stand in another order, which no statement changes"
            ));
            return;
        }
        self.out.add(format!(
            "ALTER TYPE {} {}",
            qualified(name, DIALECT),
            actions.join(", ")
        ));
    }

    fn create_domain(&mut self, domain: &Domain) {
        let mut text = format!(
            "CREATE DOMAIN {} AS {}",
            qualified(&domain.name, DIALECT),
            type_name(&domain.base, self.plan.to)
        );
        if let Some(value) = &domain.default {
            text.push_str(&format!(" DEFAULT {}", default(&value.text, DIALECT)));
        }
        if domain.not_null {
            text.push_str(" NOT NULL");
        }
        for check in domain.checks.iter().filter_map(domain_check) {
            text.push_str(&format!("\n    {check}"));
        }
        self.out.add(text);
    }

    fn alter_domain(&mut self, before: &Domain, after: &Domain) {
        let name = qualified(&after.name, DIALECT);
        if before.base != after.base {
            self.out.cannot(format!(
                "domain `{}` is made from another type, which only dropping it can do",
                after.name
            ));
        }
        if before.default != after.default {
            let action = match &after.default {
                Some(value) => format!("SET DEFAULT {}", default(&value.text, DIALECT)),
                None => "DROP DEFAULT".to_owned(),
            };
            self.out.add(format!("ALTER DOMAIN {name} {action}"));
        }
        if before.not_null != after.not_null {
            let verb = if after.not_null { "SET" } else { "DROP" };
            self.out.add(format!("ALTER DOMAIN {name} {verb} NOT NULL"));
        }
        let has = |list: &[Constraint], name: &str| list.iter().any(|it| it.name == name);
        for check in &before.checks {
            if !has(&after.checks, &check.name) {
                self.out.add(format!(
                    "ALTER DOMAIN {name} DROP CONSTRAINT {}",
                    quoted(&check.name, DIALECT)
                ));
            }
        }
        for check in &after.checks {
            if !has(&before.checks, &check.name)
                && let Some(text) = domain_check(check)
            {
                self.out.add(format!("ALTER DOMAIN {name} ADD {text}"));
            }
        }
    }

    pub(super) fn drop_types(&mut self) {
        let dropped = self.plan.dropped.iter().copied();
        let types = dropped.filter(|it| matches!(it, Object::Type(_) | Object::Domain(_)));
        let mut types = by_need(types.collect(), |one: &&Object, other| {
            parts(one).iter().any(|it| names(it, &other.name()))
        });
        types.reverse();
        for object in types {
            let word = match object {
                Object::Domain(_) => "DOMAIN",
                _ => "TYPE",
            };
            let name = qualified(&object.name(), DIALECT);
            self.out.add(format!("DROP {word} {name}"));
        }
    }
}

fn domain_check(check: &Constraint) -> Option<String> {
    let condition = enclosed(&check.check.as_ref()?.text, DIALECT);
    let name = quoted(&check.name, DIALECT);
    let validity = if check.validated { "" } else { " NOT VALID" };
    Some(format!("CONSTRAINT {name} CHECK {condition}{validity}"))
}

fn literals(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|it| literal(it)).collect();
    values.join(", ")
}

/// The types that a type is made from.
fn parts(object: &Object) -> Vec<&ColumnType> {
    match object {
        Object::Type(it) => match &it.kind {
            TypeKind::Composite(fields) => fields.iter().map(|(_, it)| it).collect(),
            _ => Vec::new(),
        },
        Object::Domain(domain) => vec![&domain.base],
        _ => Vec::new(),
    }
}

fn names(column_type: &ColumnType, name: &QualifiedName) -> bool {
    column_type.name == name.name && column_type.schema == name.schema
}
