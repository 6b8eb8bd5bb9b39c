//! The statements that make objects, under the names that these have now.

use std::collections::BTreeSet;

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, TokenKind, unquote};

use crate::change::{Change, OutputColumns};
use crate::conflict::Origin;
use crate::dialect::{self, Parsed};
use crate::name::{QualifiedName, Span};
use crate::quoting::{list, qualified};
use crate::schema::{Object, Policy, Reads, Table, Trigger, View};
use crate::scope::SelectItem;

/// The names to put into a statement.
#[derive(Default)]
struct Names<'n> {
    name: Option<&'n QualifiedName>,
    table: Option<&'n QualifiedName>,
    function: Option<&'n QualifiedName>,
    /// What follows the name of a view.
    columns: Option<String>,
}

/// The statement that makes an object; `None` where it is not known, or names something that was
/// renamed since.
pub(super) fn of_object(object: &Object, dialect: Dialect) -> Option<String> {
    let name = object.name();
    let names = Names {
        name: Some(&name),
        ..Names::default()
    };
    let (kept, origin) = match object {
        Object::View(view) => return of_view(view, dialect),
        Object::Sequence(it) => (&it.statement, &it.origin),
        Object::Type(it) => (&it.statement, &it.origin),
        Object::Routine(it) => (&it.statement, &it.origin),
        Object::Table(it) => (&it.statement, &it.origin),
        Object::Extension(it) => (&None, &it.origin),
        Object::Other(it) => (&None, &it.origin),
        Object::Domain(_) | Object::Schema(_) => return None,
    };
    let names = match object {
        // These are known by the name that the statement has.
        Object::Other(_) | Object::Extension(_) => Names::default(),
        _ => names,
    };
    if dialect == Dialect::Sqlite {
        // SQLite keeps the statement up to date itself.
        return kept.clone();
    }
    let text = statement(kept.as_deref(), origin.as_ref())?;
    // What serial or identity made stands in the statement of a table.
    let is_own = !matches!(object, Object::Sequence(_))
        || matches!(first_change(text, dialect)?, Change::CreateSequence(_));
    if !is_own {
        return None;
    }
    with_names(text, &names, dialect)
}

/// The statement that makes a table of SQLite under another name.
pub(super) fn of_table_as(table: &Table, name: &str, dialect: Dialect) -> Option<String> {
    let name = QualifiedName::unqualified(name);
    let names = Names {
        name: Some(&name),
        ..Names::default()
    };
    with_names(table.statement.as_deref()?, &names, dialect)
}

/// The statement that makes a trigger of a table or view.
pub(super) fn of_trigger(
    trigger: &Trigger,
    table: &QualifiedName,
    dialect: Dialect,
) -> Option<String> {
    if dialect == Dialect::Sqlite {
        return trigger.statement.clone();
    }
    let name = QualifiedName::unqualified(&*trigger.name);
    let names = Names {
        name: Some(&name),
        table: Some(table),
        function: trigger.function.as_ref(),
        ..Names::default()
    };
    let text = statement(trigger.statement.as_deref(), trigger.origin.as_ref())?;
    with_names(text, &names, dialect)
}

/// The statement that makes a policy; `None` also where it was altered since.
pub(super) fn of_policy(
    policy: &Policy,
    table: &QualifiedName,
    dialect: Dialect,
) -> Option<String> {
    let text = statement(policy.statement.as_deref(), policy.origin.as_ref())?;
    let Some(Change::CreatePolicy { expressions, .. }) = first_change(text, dialect) else {
        return None;
    };
    if expressions != policy.expressions {
        return None;
    }
    let name = QualifiedName::unqualified(&*policy.name);
    let names = Names {
        name: Some(&name),
        table: Some(table),
        ..Names::default()
    };
    with_names(text, &names, dialect)
}

fn of_view(view: &View, dialect: Dialect) -> Option<String> {
    if dialect == Dialect::Sqlite {
        return view.statement.clone();
    }
    let text = statement(view.statement.as_deref(), view.origin.as_ref())?;
    // What comes from a database is as it is now.
    if view.statement.is_none() {
        let Some(Change::CreateView(create)) = first_change(text, dialect) else {
            return None;
        };
        let renamed = match (&create.columns, &view.columns) {
            (OutputColumns::Known(written), Some(now)) => {
                !written.iter().map(|it| &it.name).eq(now)
            }
            _ => false,
        };
        if renamed || is_stale(text, &view.reads, dialect) {
            return None;
        }
    }
    let names = Names {
        name: Some(&view.name),
        columns: columns_to_list(view, text, dialect),
        ..Names::default()
    };
    with_names(text, &names, dialect)
}

/// The columns of a view over `*` that have other names than those of the tables have now.
fn columns_to_list(view: &View, text: &str, dialect: Dialect) -> Option<String> {
    let columns = view.columns.as_ref()?;
    let Some(Change::CreateView(create)) = first_change(text, dialect) else {
        return None;
    };
    let read = |name: &String| view.reads.values().any(|it| it.contains(name));
    // A list that is there stays.
    let renamed = create.listed.is_empty()
        && create.columns == OutputColumns::Unknown
        && !create.query.select.is_empty()
        && create
            .query
            .select
            .iter()
            .all(|it| matches!(it, SelectItem::Star { .. }))
        && !columns.iter().all(read);
    renamed.then(|| format!(" ({})", list(columns, dialect)))
}

/// Whether a query reads what it does not name, as it does after something was renamed.
fn is_stale(text: &str, reads: &Reads, dialect: Dialect) -> bool {
    let star = Lexer::new(text, dialect).any(|token| token.text(text) == "*");
    let words = words(text, dialect);
    let names = |name: &str| words.contains(&name.to_lowercase());
    reads.iter().any(|(table, columns)| {
        !names(&table.name) || (!star && columns.iter().any(|column| !names(column)))
    })
}

/// The words of a statement in lower case: what it may name.
pub(super) fn words(statement: &str, dialect: Dialect) -> BTreeSet<String> {
    Lexer::new(statement, dialect)
        .filter(|token| {
            matches!(
                token.kind,
                TokenKind::Word | TokenKind::QuotedIdentifier | TokenKind::String
            )
        })
        .map(|token| unquote(token.text(statement)).to_lowercase())
        .collect()
}

fn statement<'t>(kept: Option<&'t str>, origin: Option<&'t Origin>) -> Option<&'t str> {
    kept.or_else(|| origin.and_then(Origin::statement))
}

fn first_change(statement: &str, dialect: Dialect) -> Option<Change> {
    match dialect::parse(statement, 0, dialect) {
        Parsed::Changes(changes) => changes.into_iter().next(),
        Parsed::Broken(_) => None,
    }
}

/// The statement with other names in it.
fn with_names(statement: &str, names: &Names<'_>, dialect: Dialect) -> Option<String> {
    let statement = statement.trim().trim_end_matches(';').trim_end();
    let mut pieces: Vec<(Span, String)> = Vec::new();
    let mut put = |span: Span, name: Option<&QualifiedName>| {
        if let Some(name) = name {
            pieces.push((span, qualified(name, dialect)));
        }
    };
    match first_change(statement, dialect)? {
        Change::CreateView(it) => {
            put(it.name.span(), names.name);
            if let Some(columns) = &names.columns {
                let end = it.name.span().end;
                pieces.push((Span::new(end, end), columns.clone()));
            }
        }
        Change::CreateTable(it) => put(it.name.span(), names.name),
        Change::CreateRoutine(it) => put(it.name.span(), names.name),
        Change::CreateType(it) => put(it.name.span(), names.name),
        Change::CreateTrigger(it) => {
            put(it.name.span(), names.name);
            if let Some(table) = &it.table {
                put(table.span(), names.table);
            }
            if let Some(function) = &it.function {
                put(function.span(), names.function);
            }
        }
        Change::CreatePolicy { name, table, .. } => {
            put(name.span, names.name);
            put(table.span(), names.table);
        }
        Change::CreateSequence(it) => {
            put(it.name.span(), names.name);
            // Its owner is named when that is there.
            if let Some((table, column)) = &it.owned_by {
                let before = statement.get(..table.span().start)?;
                let owned = before.to_ascii_lowercase().rfind("owned")?;
                pieces.push((Span::new(owned, column.span.end), String::new()));
            }
        }
        Change::CreateOther { .. } | Change::CreateExtension { .. } => {}
        _ => return None,
    }
    pieces.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = statement.to_owned();
    for (span, name) in pieces {
        // A name that is the same stays as it is written.
        let written = text.get(span.start..span.end)?;
        if !is_same(written, &name, dialect) {
            text.replace_range(span.start..span.end, &name);
        }
    }
    Some(text)
}

fn is_same(written: &str, name: &str, dialect: Dialect) -> bool {
    let plain = |text: &str| -> Vec<String> {
        Lexer::new(text, dialect)
            .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier))
            .map(|token| match (token.kind, dialect) {
                (TokenKind::Word, Dialect::Postgres) => token.text(text).to_lowercase(),
                _ => unquote(token.text(text)),
            })
            .collect()
    };
    !name.is_empty() && plain(written) == plain(name)
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    fn renamed(statement: &str, names: &Names<'_>) -> Option<String> {
        with_names(statement, names, Dialect::Postgres)
    }

    #[test]
    fn names_are_put_where_they_stand() {
        let (one, two) = (
            QualifiedName::unqualified("New"),
            QualifiedName {
                schema: Some("app".to_owned()),
                name: "users".to_owned(),
            },
        );
        let names = Names {
            name: Some(&one),
            table: Some(&two),
            ..Names::default()
        };
        assert_eq!(
            renamed("CREATE VIEW old AS SELECT 1 AS old;", &names).unwrap(),
            "CREATE VIEW \"New\" AS SELECT 1 AS old"
        );
        assert_eq!(
            renamed(
                "CREATE TRIGGER t BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION f()",
                &names
            )
            .unwrap(),
            "CREATE TRIGGER \"New\" BEFORE INSERT ON app.users FOR EACH ROW EXECUTE FUNCTION f()"
        );
        assert_eq!(
            renamed("CREATE SEQUENCE s START 5 OWNED BY t.a", &names).unwrap(),
            "CREATE SEQUENCE \"New\" START 5 "
        );
    }

    #[test]
    fn a_name_that_is_the_same_stays_as_written() {
        let name = QualifiedName::unqualified("v");
        let names = Names {
            name: Some(&name),
            ..Names::default()
        };
        let text = "CREATE OR REPLACE VIEW V AS SELECT 1";
        assert_eq!(renamed(text, &names).unwrap(), text);
    }
}
