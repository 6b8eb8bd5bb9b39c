//! Tables and what belongs to them.

use migrate_core::Dialect;

use super::{Difference, Found, What, pair};
use crate::change::{ForeignKeyAction, ObjectKind};
use crate::expression::Expression;
use crate::schema::{Column, Constraint, ForeignKey, Index, Key, Policy, Table, Trigger};

pub(super) fn compare(left: &Table, right: &Table, dialect: Dialect, into: &mut Vec<Difference>) {
    if left.uncertain || right.uncertain {
        return;
    }
    let name = left.name.to_string();
    let mut it = of(ObjectKind::Table, name.clone(), None, into);
    let logged = |unlogged: &bool| if *unlogged { "unlogged" } else { "logged" }.to_owned();
    it.property("persistence", &left.unlogged, &right.unlogged, logged);
    let parent = |table: &Option<crate::QualifiedName>| match table {
        Some(parent) => format!("`{parent}`"),
        None => "none".to_owned(),
    };
    it.property("parent", &left.partition_of, &right.partition_of, parent);
    let options = |table: &Table| {
        let mut options: Vec<String> = table
            .options
            .iter()
            .map(|option| {
                format!("{} {}", option.name, option.value)
                    .trim_end()
                    .to_owned()
            })
            .collect();
        options.sort_unstable();
        options.join(", ")
    };
    // Elsewhere a catalogue lists options that no script names.
    if dialect == Dialect::Sqlite {
        it.property("options", &options(left), &options(right), Clone::clone);
    }
    columns(&name, left, right, dialect, into);
    primary_key(
        &name,
        left.primary_key.as_ref(),
        right.primary_key.as_ref(),
        into,
    );
    unique(&name, &left.unique, &right.unique, into);
    foreign_keys(&name, &left.foreign_keys, &right.foreign_keys, into);
    constraints(&name, &left.constraints, &right.constraints, into);
    indexes(&name, &left.indexes, &right.indexes, dialect, into);
    triggers(&name, &left.triggers, &right.triggers, into);
    policies(&name, &left.policies, &right.policies, into);
}

fn of<'a>(
    kind: ObjectKind,
    name: String,
    table: Option<&'a str>,
    into: &'a mut Vec<Difference>,
) -> Found<'a> {
    Found {
        kind,
        name,
        table,
        into,
    }
}

fn columns(table: &str, left: &Table, right: &Table, dialect: Dialect, into: &mut Vec<Difference>) {
    let same = |a: &str, b: &str| match dialect {
        Dialect::Postgres => a == b,
        _ => a.to_lowercase() == b.to_lowercase(),
    };
    for a in &left.columns {
        let mut it = of(ObjectKind::Column, a.name.clone(), Some(table), into);
        match right.columns.iter().find(|b| same(&a.name, &b.name)) {
            Some(b) => column(a, b, dialect, &mut it),
            None => it.push(What::Missing),
        }
    }
    for b in &right.columns {
        if !left.columns.iter().any(|a| same(&a.name, &b.name)) {
            of(ObjectKind::Column, b.name.clone(), Some(table), into).push(What::Extra);
        }
    }
}

fn column(left: &Column, right: &Column, dialect: Dialect, it: &mut Found<'_>) {
    let known = left.column_type.is_some() && right.column_type.is_some();
    // Only on SQLite may a column be without a type; elsewhere it is not known.
    if known || dialect == Dialect::Sqlite {
        it.property(
            "type",
            &left.column_type,
            &right.column_type,
            |column_type| {
                column_type
                    .as_ref()
                    .map_or("none".to_owned(), ToString::to_string)
            },
        );
    }
    it.property("nullability", &left.nullable, &right.nullable, |it| {
        nullability(*it)
    });
    it.property("default", &left.default, &right.default, |it| {
        default(it.as_ref())
    });
    it.property("ON UPDATE", &left.on_update, &right.on_update, |text| {
        text.clone().unwrap_or_else(|| "nothing".to_owned())
    });
    it.property(
        "generation",
        &left.generated,
        &right.generated,
        |generated| match generated {
            Some(generated) => format!(
                "({}) {}",
                generated.expression.text,
                if generated.stored {
                    "STORED"
                } else {
                    "VIRTUAL"
                }
            ),
            None => "none".to_owned(),
        },
    );
    it.property("identity", &left.identity, &right.identity, |identity| {
        match identity {
            Some(crate::change::Identity::Always) => "ALWAYS",
            Some(crate::change::Identity::ByDefault) => "BY DEFAULT",
            None => "none",
        }
        .to_owned()
    });
    let counts = |counts: &bool| if *counts { "on" } else { "off" }.to_owned();
    it.property(
        "auto increment",
        &left.auto_increment,
        &right.auto_increment,
        counts,
    );
    let plain = |text: &Option<String>| text.clone().unwrap_or_else(|| "default".to_owned());
    it.property("collation", &left.collation, &right.collation, plain);
    it.property("character set", &left.charset, &right.charset, plain);
}

pub(super) fn nullability(nullable: bool) -> String {
    if nullable { "NULL" } else { "NOT NULL" }.to_owned()
}

pub(super) fn default(default: Option<&Expression>) -> String {
    default.map_or("none".to_owned(), |default| default.text.clone())
}

fn primary_key(table: &str, left: Option<&Key>, right: Option<&Key>, into: &mut Vec<Difference>) {
    let mut it = of(
        ObjectKind::Constraint,
        "PRIMARY KEY".to_owned(),
        Some(table),
        into,
    );
    match (left, right) {
        (Some(a), Some(b)) => {
            it.property("columns", &a.columns, &b.columns, |columns| {
                columns.join(", ")
            });
            names(&a.name, &b.name, &mut it);
        }
        (Some(_), None) => it.push(What::Missing),
        (None, Some(_)) => it.push(What::Extra),
        (None, None) => {}
    }
}

/// Names that both sides know.
fn names(left: &str, right: &str, it: &mut Found<'_>) {
    if !left.is_empty() && !right.is_empty() {
        it.property("name", &left, &right, |name| format!("`{name}`"));
    }
}

fn unique(table: &str, left: &[Key], right: &[Key], into: &mut Vec<Difference>) {
    let same = |a: &Key, b: &Key| a.columns == b.columns;
    let (pairs, missing, extra) = pair(left, right, |key| &key.name, same);
    let title = |key: &Key| title(&key.name, "UNIQUE", &key.columns);
    for (a, b) in pairs {
        let mut it = of(ObjectKind::Constraint, title(a), Some(table), into);
        it.property("columns", &a.columns, &b.columns, |columns| {
            columns.join(", ")
        });
        it.property(
            "NULLS NOT DISTINCT",
            &a.nulls_not_distinct,
            &b.nulls_not_distinct,
            ToString::to_string,
        );
    }
    one_sided(ObjectKind::Constraint, table, missing, extra, title, into);
}

fn foreign_keys(
    table: &str,
    left: &[ForeignKey],
    right: &[ForeignKey],
    into: &mut Vec<Difference>,
) {
    let same = |a: &ForeignKey, b: &ForeignKey| {
        a.columns == b.columns
            && a.references == b.references
            && a.referenced_columns == b.referenced_columns
    };
    let (pairs, missing, extra) = pair(left, right, |key| &key.name, same);
    let title = |key: &ForeignKey| title(&key.name, "FOREIGN KEY", &key.columns);
    for (a, b) in pairs {
        let mut it = of(ObjectKind::Constraint, title(a), Some(table), into);
        it.property("columns", &a.columns, &b.columns, |columns| {
            columns.join(", ")
        });
        it.property(
            "referenced table",
            &a.references,
            &b.references,
            ToString::to_string,
        );
        if !a.referenced_columns.is_empty() && !b.referenced_columns.is_empty() {
            it.property(
                "referenced columns",
                &a.referenced_columns,
                &b.referenced_columns,
                |columns| columns.join(", "),
            );
        }
        it.property("ON DELETE", &a.on_delete, &b.on_delete, action);
        it.property("ON UPDATE", &a.on_update, &b.on_update, action);
        it.property("validity", &a.validated, &b.validated, validity);
    }
    one_sided(ObjectKind::Constraint, table, missing, extra, title, into);
}

fn action(action: &ForeignKeyAction) -> String {
    match action {
        ForeignKeyAction::NoAction => "NO ACTION",
        ForeignKeyAction::Restrict => "RESTRICT",
        ForeignKeyAction::Cascade => "CASCADE",
        ForeignKeyAction::SetNull => "SET NULL",
        ForeignKeyAction::SetDefault => "SET DEFAULT",
    }
    .to_owned()
}

fn validity(validated: &bool) -> String {
    if *validated { "valid" } else { "NOT VALID" }.to_owned()
}

pub(super) fn constraints(
    table: &str,
    left: &[Constraint],
    right: &[Constraint],
    into: &mut Vec<Difference>,
) {
    let same = |a: &Constraint, b: &Constraint| a.check == b.check && a.exclude == b.exclude;
    let (pairs, missing, extra) = pair(left, right, |it| &it.name, same);
    let title = |it: &Constraint| match &it.check {
        Some(check) if it.name.is_empty() => format!("CHECK ({})", check.text),
        _ => it.name.clone(),
    };
    for (a, b) in pairs {
        let mut it = of(ObjectKind::Constraint, title(a), Some(table), into);
        if a.check.is_some() && b.check.is_some() {
            it.property("check", &a.check, &b.check, |check| default(check.as_ref()));
        }
        it.property("validity", &a.validated, &b.validated, validity);
    }
    one_sided(ObjectKind::Constraint, table, missing, extra, title, into);
}

pub(super) fn indexes(
    table: &str,
    left: &[Index],
    right: &[Index],
    dialect: Dialect,
    into: &mut Vec<Difference>,
) {
    let folded = |name: &str| match dialect {
        Dialect::Postgres => name.to_owned(),
        _ => name.to_lowercase(),
    };
    let parts = |index: &Index| {
        let keys: Vec<String> = index
            .keys
            .iter()
            .map(|key| {
                let mut text = match (&key.column, &key.expression) {
                    (Some(column), _) => folded(column),
                    (None, Some(expression)) => format!("({})", expression.canonical),
                    (None, None) => "?".to_owned(),
                };
                if let Some(prefix) = key.prefix {
                    text.push_str(&format!("({prefix})"));
                }
                if key.descending {
                    text.push_str(" DESC");
                }
                text
            })
            .collect();
        keys.join(", ")
    };
    let same = |a: &Index, b: &Index| {
        a.unique == b.unique && parts(a) == parts(b) && a.predicate == b.predicate
    };
    let (pairs, missing, extra) = pair(left, right, |index| &index.name, same);
    let title = |index: &Index| {
        if index.name.is_empty() {
            format!("UNIQUE ({})", parts(index))
        } else {
            index.name.clone()
        }
    };
    for (a, b) in pairs {
        let mut it = of(ObjectKind::Index, title(a), Some(table), into);
        let unique = |unique: &bool| if *unique { "UNIQUE" } else { "not unique" }.to_owned();
        it.property("uniqueness", &a.unique, &b.unique, unique);
        it.property("method", &a.method, &b.method, Clone::clone);
        it.property("columns", &parts(a), &parts(b), Clone::clone);
        it.property("INCLUDE", &a.include, &b.include, |columns| {
            columns.join(", ")
        });
        it.property("predicate", &a.predicate, &b.predicate, |it| {
            default(it.as_ref())
        });
        it.property("validity", &a.valid, &b.valid, |valid| {
            if *valid { "valid" } else { "invalid" }.to_owned()
        });
    }
    one_sided(ObjectKind::Index, table, missing, extra, title, into);
}

pub(super) fn triggers(
    table: &str,
    left: &[Trigger],
    right: &[Trigger],
    into: &mut Vec<Difference>,
) {
    let (pairs, missing, extra) = pair(left, right, |it| &it.name, |_, _| false);
    for (a, b) in pairs {
        let mut it = of(ObjectKind::Trigger, a.name.clone(), Some(table), into);
        if !a.definition.is_empty() && !b.definition.is_empty() {
            it.property("definition", &a.definition, &b.definition, Clone::clone);
        }
    }
    let title = |it: &Trigger| it.name.clone();
    one_sided(ObjectKind::Trigger, table, missing, extra, title, into);
}

fn policies(table: &str, left: &[Policy], right: &[Policy], into: &mut Vec<Difference>) {
    let (pairs, missing, extra) = pair(left, right, |it| &it.name, |_, _| false);
    for (a, b) in pairs {
        let mut it = of(ObjectKind::Policy, a.name.clone(), Some(table), into);
        it.property("expressions", &a.expressions, &b.expressions, |all| {
            let texts: Vec<&str> = all.iter().map(|it| it.text.as_str()).collect();
            texts.join(", ")
        });
    }
    let title = |it: &Policy| it.name.clone();
    one_sided(ObjectKind::Policy, table, missing, extra, title, into);
}

/// A name, or what stands for one.
fn title(name: &str, form: &str, columns: &[String]) -> String {
    if name.is_empty() {
        format!("{form} ({})", columns.join(", "))
    } else {
        name.to_owned()
    }
}

fn one_sided<T>(
    kind: ObjectKind,
    table: &str,
    missing: Vec<&T>,
    extra: Vec<&T>,
    title: impl Fn(&T) -> String,
    into: &mut Vec<Difference>,
) {
    for (things, what) in [(missing, What::Missing), (extra, What::Extra)] {
        for thing in things {
            of(kind, title(thing), Some(table), into).push(what.clone());
        }
    }
}
