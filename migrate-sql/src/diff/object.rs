//! Objects other than tables.

use migrate_core::Dialect;

use super::{Difference, Found, What, table};
use crate::change::TypeKind;
use crate::schema::{Domain, Object, Routine, Sequence, TypeDefinition, View};

pub(super) fn compare(left: &Object, right: &Object, dialect: Dialect, into: &mut Vec<Difference>) {
    match (left, right) {
        (Object::Table(a), Object::Table(b)) => table::compare(a, b, dialect, into),
        (Object::View(a), Object::View(b)) => view(a, b, dialect, into),
        (Object::Sequence(a), Object::Sequence(b)) => sequence(a, b, into),
        (Object::Type(a), Object::Type(b)) => type_definition(a, b, into),
        (Object::Domain(a), Object::Domain(b)) => domain(a, b, into),
        (Object::Routine(a), Object::Routine(b)) => routine(a, b, into),
        (Object::Schema(_), Object::Schema(_))
        | (Object::Extension(_), Object::Extension(_))
        | (Object::Other(_), Object::Other(_)) => {}
        _ => {
            let id = left.id(dialect);
            found(left, id.name.to_string(), into).push(What::Differs {
                property: "kind",
                left: left.kind().name().to_owned(),
                right: right.kind().name().to_owned(),
            });
        }
    }
}

fn found<'a>(object: &Object, name: String, into: &'a mut Vec<Difference>) -> Found<'a> {
    Found {
        kind: object.kind(),
        name,
        table: None,
        into,
    }
}

fn view(left: &View, right: &View, dialect: Dialect, into: &mut Vec<Difference>) {
    let name = left.name.to_string();
    let object = Object::View(left.clone());
    let mut it = found(&object, name.clone(), into);
    let kind = |materialized: &bool| {
        if *materialized {
            "materialized view"
        } else {
            "view"
        }
        .to_owned()
    };
    it.property("kind", &left.materialized, &right.materialized, kind);
    if let (Some(a), Some(b)) = (&left.columns, &right.columns) {
        it.property("columns", a, b, |columns| columns.join(", "));
    }
    if left.origin.is_some() && right.origin.is_some() && left.text != right.text {
        it.push(What::Differs {
            property: "query",
            left: left.text.clone(),
            right: right.text.clone(),
        });
    }
    table::indexes(&name, &left.indexes, &right.indexes, dialect, into);
    table::triggers(&name, &left.triggers, &right.triggers, into);
}

fn sequence(left: &Sequence, right: &Sequence, into: &mut Vec<Difference>) {
    let object = Object::Sequence(left.clone());
    let mut it = found(&object, left.name.to_string(), into);
    it.property(
        "type",
        &left.column_type,
        &right.column_type,
        ToString::to_string,
    );
    it.property(
        "owner",
        &left.owned_by,
        &right.owned_by,
        |owner| match owner {
            Some((table, column)) => format!("{table}.{column}"),
            None => "nothing".to_owned(),
        },
    );
}

fn type_definition(left: &TypeDefinition, right: &TypeDefinition, into: &mut Vec<Difference>) {
    let object = Object::Type(left.clone());
    let mut it = found(&object, left.name.to_string(), into);
    let show = |kind: &TypeKind| match kind {
        TypeKind::Enum(values) => format!("enum ({})", values.join(", ")),
        TypeKind::Composite(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, column_type)| format!("{name} {column_type}"))
                .collect();
            format!("({})", fields.join(", "))
        }
        TypeKind::Range => "range".to_owned(),
        TypeKind::Base => "base type".to_owned(),
    };
    it.property("definition", &left.kind, &right.kind, show);
}

fn domain(left: &Domain, right: &Domain, into: &mut Vec<Difference>) {
    let name = left.name.to_string();
    let object = Object::Domain(left.clone());
    let mut it = found(&object, name.clone(), into);
    it.property("type", &left.base, &right.base, ToString::to_string);
    it.property("nullability", &left.not_null, &right.not_null, |not_null| {
        table::nullability(!not_null)
    });
    it.property("default", &left.default, &right.default, |default| {
        table::default(default.as_ref())
    });
    table::constraints(&name, &left.checks, &right.checks, into);
}

fn routine(left: &Routine, right: &Routine, into: &mut Vec<Difference>) {
    let object = Object::Routine(left.clone());
    let mut it = found(&object, left.name.to_string(), into);
    if left.origin.is_some() && right.origin.is_some() && left.body != right.body {
        it.push(What::Differs {
            property: "body",
            left: left.body.clone(),
            right: right.body.clone(),
        });
    }
}
