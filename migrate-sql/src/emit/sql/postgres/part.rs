//! Keys, constraints, indexes and bounds as they stand in SQL, and which of them a partition has from
//! its parent.

use super::super::text::enclosed;
use super::DIALECT;
use crate::change::{ForeignKeyAction, Partition};
use crate::name::QualifiedName;
use crate::quoting::{list, qualified, quoted};
use crate::schema::{Constraint, ForeignKey, Index, Key, Table};

pub(super) fn key_definition(key: &Key, sort: &str) -> String {
    let nulls = match key.nulls_not_distinct {
        true => " NULLS NOT DISTINCT",
        false => "",
    };
    let deferrable = deferrable(key.deferrable, key.initially_deferred);
    format!(
        "CONSTRAINT {} {sort}{nulls} ({}){deferrable}",
        quoted(&key.name, DIALECT),
        list(&key.columns, DIALECT)
    )
}

pub(super) fn constraint_definition(constraint: &Constraint) -> String {
    let name = quoted(&constraint.name, DIALECT);
    let validity = if constraint.validated {
        ""
    } else {
        " NOT VALID"
    };
    match (&constraint.check, &constraint.exclude) {
        (Some(check), _) => {
            let check = enclosed(&check.text, DIALECT);
            format!("CONSTRAINT {name} CHECK {check}{validity}")
        }
        (None, exclude) => format!(
            "CONSTRAINT {name} EXCLUDE {}",
            exclude.as_deref().unwrap_or_default()
        ),
    }
}

pub(super) fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}",
        quoted(&key.name, DIALECT),
        list(&key.columns, DIALECT),
        qualified(&key.references, DIALECT)
    );
    if !key.referenced_columns.is_empty() {
        text.push_str(&format!(" ({})", list(&key.referenced_columns, DIALECT)));
    }
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        if let Some(action) = action_words(action) {
            text.push_str(&format!(" ON {event} {action}"));
        }
    }
    text.push_str(deferrable(key.deferrable, key.initially_deferred));
    if !key.validated {
        text.push_str(" NOT VALID");
    }
    text
}

fn deferrable(deferrable: bool, initially_deferred: bool) -> &'static str {
    match (deferrable, initially_deferred) {
        (_, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        (false, false) => "",
    }
}

/// What stands behind ON DELETE; nothing for NO ACTION.
fn action_words(action: ForeignKeyAction) -> Option<&'static str> {
    match action {
        ForeignKeyAction::NoAction => None,
        ForeignKeyAction::Restrict => Some("RESTRICT"),
        ForeignKeyAction::Cascade => Some("CASCADE"),
        ForeignKeyAction::SetNull => Some("SET NULL"),
        ForeignKeyAction::SetDefault => Some("SET DEFAULT"),
    }
}

/// CREATE INDEX on a table or materialized view.
pub(super) fn create_index(table: &QualifiedName, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let method = match index.method.as_str() {
        "btree" | "" => String::new(),
        other => format!(" USING {other}"),
    };
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let mut text = match (&key.column, &key.expression) {
                (Some(column), _) => quoted(column, DIALECT),
                (None, Some(expression)) => enclosed(&expression.text, DIALECT),
                (None, None) => String::new(),
            };
            if let Some(collation) = &key.collation {
                text.push_str(&format!(" COLLATE {}", DIALECT.quote_identifier(collation)));
            }
            if let Some(class) = &key.operator_class {
                text.push_str(&format!(" {class}"));
            }
            if key.descending {
                text.push_str(" DESC");
            }
            match key.nulls_first {
                Some(true) => text.push_str(" NULLS FIRST"),
                Some(false) => text.push_str(" NULLS LAST"),
                None => {}
            }
            text
        })
        .collect();
    let mut text = format!(
        "CREATE {unique}INDEX {} ON {}{method} ({})",
        quoted(&index.name, DIALECT),
        qualified(table, DIALECT),
        keys.join(", ")
    );
    if !index.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", list(&index.include, DIALECT)));
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" WHERE {}", enclosed(&predicate.text, DIALECT)));
    }
    text
}

pub(super) fn bounds(table: &Table) -> Option<String> {
    match table.bounds.as_ref()? {
        Partition::Default => Some("DEFAULT".to_owned()),
        Partition::Values(text) => Some(match text.get(..3) {
            Some(word) if word.eq_ignore_ascii_case("for") => text.clone(),
            _ => format!("FOR VALUES {text}"),
        }),
    }
}

/// The key as it stands behind PARTITION BY.
pub(super) fn partition_key(text: &str) -> &str {
    let rest = text
        .get(..12)
        .filter(|words| words.eq_ignore_ascii_case("partition by"))
        .and_then(|_| text.get(12..));
    rest.unwrap_or(text).trim()
}

pub(super) fn has_unique(parent: Option<&Table>, key: &Key) -> bool {
    parent.is_some_and(|it| it.keys().any(|other| other.columns == key.columns))
}

pub(super) fn has_constraint(parent: Option<&Table>, constraint: &Constraint) -> bool {
    parent.is_some_and(|it| {
        let mut all = it.constraints.iter();
        all.any(|other| other.name == constraint.name && other.check == constraint.check)
    })
}

pub(super) fn has_foreign_key(parent: Option<&Table>, key: &ForeignKey) -> bool {
    parent.is_some_and(|it| {
        it.foreign_keys
            .iter()
            .any(|other| other.columns == key.columns && other.references == key.references)
    })
}

pub(super) fn has_index(parent: Option<&Table>, index: &Index) -> bool {
    parent.is_some_and(|it| {
        it.indexes
            .iter()
            .any(|other| other.keys == index.keys && other.unique == index.unique)
    })
}
