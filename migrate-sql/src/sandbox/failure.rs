//! From what SQLite says to a finding: the rule, the place, and what may have been meant.

use std::ops::Range;

use migrate_core::lex::{Lexer, TokenKind, unquote};
use migrate_core::{Diagnostic, Dialect, Rule, ScriptFile, Statement, closest, rule};

use super::connection::Failure;
use crate::conflict::advice;
use crate::name::QualifiedName;
use crate::schema::{Class, Object, ObjectId, Schema};

/// Whether a failure may come from something that the app brings along: a function, a collation, a
/// module. A constraint may fail because a stub gave NULL.
pub(super) fn may_be_the_apps(failure: &Failure, stub_called: impl FnOnce() -> bool) -> bool {
    const BROUGHT: &[&str] = &[
        "no such function: ",
        "no such module: ",
        "no such collation sequence: ",
        "no such tokenizer: ",
        "no such vfs: ",
        "unknown tokenizer: ",
        "wrong number of arguments to function ",
    ];
    BROUGHT
        .iter()
        .any(|start| failure.message.starts_with(start))
        || failure.message.contains("error in tokenizer constructor")
        || (failure.is_constraint() && stub_called())
}

/// What SQLite's message is about.
struct Reading<'a> {
    rule: &'static Rule,
    /// The name in the message.
    name: Option<&'a str>,
    message: String,
    label: &'static str,
}

/// The finding about a statement that SQLite refuses.
pub(super) fn finding(
    failure: &Failure,
    script: &ScriptFile,
    statement: &Statement,
    schema: &Schema,
) -> Diagnostic {
    let text = script.text.get(statement.span.clone()).unwrap_or_default();
    let table = only_table(text, schema);
    let reading = read(&failure.message, table.as_deref());
    let place = place(failure, &reading, script, statement);
    let mut finding =
        Diagnostic::new(reading.rule, reading.message).at(&script.source, place, reading.label);
    let name = reading.name.map(last_part);
    if *reading.rule == rule::UNKNOWN_TABLE {
        let tables: Vec<&str> = relations(schema).collect();
        finding.help.extend(meant(name, &tables));
    } else if *reading.rule == rule::UNKNOWN_COLUMN
        && let Some(id) = table.as_deref().map(id_of)
    {
        finding.notes.extend(schema.note(&id));
        finding.help.extend(meant(name, &columns(schema.get(&id))));
    } else if *reading.rule == rule::DUPLICATE
        && let Some(note) = name.and_then(|name| schema.note(&id_of(name)))
    {
        finding.notes.push(note);
    } else if *reading.rule == rule::SYNTAX {
        let near = name.unwrap_or_default();
        finding.help.extend(meant(Some(near), KEYWORDS));
    }
    if finding.help.is_empty() {
        finding.help.extend(advice(reading.rule).map(str::to_owned));
    }
    finding
}

fn read<'a>(message: &'a str, table: Option<&str>) -> Reading<'a> {
    let after = |start: &str| message.strip_prefix(start);
    let reading = |rule, name, message: String, label| Reading {
        rule,
        name,
        message,
        label,
    };
    if let Some(rest) = after("near \"")
        && let Some(near) = rest.strip_suffix("\": syntax error")
    {
        let text = format!("`{near}` cannot stand here");
        return reading(&rule::SYNTAX, Some(near), text, "syntax error");
    }
    if message == "incomplete input" {
        let text = "the statement ends too early".to_owned();
        return reading(&rule::SYNTAX, None, text, "something is missing");
    }
    if let Some(token) = after("unrecognized token: \"") {
        let token = token.strip_suffix('"').unwrap_or(token);
        let text = format!("`{token}` is no SQL");
        return reading(&rule::SYNTAX, Some(token), text, "");
    }
    if let Some(name) = after("no such table: ").or_else(|| after("no such view: ")) {
        let text = format!("table `{}` does not exist", last_part(name));
        return reading(&rule::UNKNOWN_TABLE, Some(name), text, "no such table");
    }
    let column = after("no such column: ")
        .map(|name| name.trim_matches('"'))
        .or_else(|| {
            let rest = after("unknown column \"")?;
            rest.strip_suffix("\" in foreign key definition")
        })
        .or_else(|| {
            let rest = after("table ")?;
            rest.split_once(" has no column named ")
                .map(|(_, name)| name)
        });
    if let Some(name) = column {
        let text = match table {
            Some(table) => {
                format!(
                    "column `{}` does not exist on table `{table}`",
                    last_part(name)
                )
            }
            None => format!("column `{}` does not exist", last_part(name)),
        };
        return reading(&rule::UNKNOWN_COLUMN, Some(name), text, "no such column");
    }
    if let Some(name) = after("no such index: ") {
        let text = format!("index `{}` does not exist", last_part(name));
        return reading(&rule::UNKNOWN_INDEX, Some(name), text, "no such index");
    }
    if let Some(name) = after("no such trigger: ") {
        let text = format!("trigger `{}` does not exist", last_part(name));
        return reading(&rule::UNKNOWN_OBJECT, Some(name), text, "no such trigger");
    }
    if let Some(name) = after("duplicate column name: ") {
        let text = format!("column `{name}` is there already");
        return reading(&rule::DUPLICATE, Some(name), text, "a second time");
    }
    for kind in ["table", "index", "view", "trigger"] {
        let name = message
            .strip_suffix(" already exists")
            .and_then(|rest| rest.strip_prefix(kind)?.strip_prefix(' '))
            .or_else(|| {
                let rest = after("there is already a")?.trim_start_matches('n');
                rest.strip_prefix(' ')?
                    .strip_prefix(kind)?
                    .strip_prefix(" named ")
            });
        if let Some(name) = name {
            let name = name.trim_matches('"');
            let text = format!("{kind} `{name}` is there already");
            return reading(&rule::DUPLICATE, Some(name), text, "a second time");
        }
    }
    let still_used = message.starts_with("error in ") && message.contains(" after ")
        || message.starts_with("cannot drop ");
    let rule = if still_used {
        &rule::STILL_USED
    } else {
        &rule::REFUSED
    };
    let quoted = message.split('"').nth(1);
    reading(rule, quoted, format!("SQLite refuses this: {message}"), "")
}

/// Where a finding points: where SQLite says, at the name that it says, or at the first line.
fn place(
    failure: &Failure,
    reading: &Reading<'_>,
    script: &ScriptFile,
    statement: &Statement,
) -> Range<usize> {
    let span = statement.span.clone();
    let text = script.text.get(span.clone()).unwrap_or_default();
    if reading.name.is_none() && *reading.rule == rule::SYNTAX {
        let last = text.char_indices().last().map_or(0, |(at, _)| at);
        return span.start + last..span.end;
    }
    if let Some(offset) = failure.offset
        && let Some(token) =
            Lexer::new(text, Dialect::Sqlite).find(|token| token.span().end > offset)
    {
        return span.start + offset.max(token.span().start)..span.start + token.span().end;
    }
    let name = reading.name.map(last_part);
    name.and_then(|name| word(script, name, span.clone()))
        .unwrap_or_else(|| {
            let line = text.lines().next().unwrap_or_default().trim_end();
            span.start..span.start + line.len()
        })
}

/// Where a name stands first within a part of a script.
pub(super) fn word(script: &ScriptFile, name: &str, within: Range<usize>) -> Option<Range<usize>> {
    let text = script.text.get(within.clone())?;
    Lexer::new(text, Dialect::Sqlite)
        .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier))
        .find(|token| unquote(token.text(text)).eq_ignore_ascii_case(name))
        .map(|token| within.start + token.span().start..within.start + token.span().end)
}

/// The one table of the model that a statement names; `None` where it names several or none.
fn only_table(text: &str, schema: &Schema) -> Option<String> {
    let mut found: Option<String> = None;
    for token in Lexer::new(text, Dialect::Sqlite)
        .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier))
    {
        let Some(name) = relation(&unquote(token.text(text)), schema) else {
            continue;
        };
        if found.as_ref().is_some_and(|found| *found != name) {
            return None;
        }
        found = Some(name);
    }
    found
}

fn relation(name: &str, schema: &Schema) -> Option<String> {
    match schema.get(&id_of(name))? {
        Object::Table(table) => Some(table.name.name.clone()),
        Object::View(view) => Some(view.name.name.clone()),
        _ => None,
    }
}

fn relations(schema: &Schema) -> impl Iterator<Item = &str> {
    schema.objects().filter_map(|(_, object)| match object {
        Object::Table(table) => Some(table.name.name.as_str()),
        Object::View(view) => Some(view.name.name.as_str()),
        _ => None,
    })
}

/// The table or view of that name.
fn id_of(name: &str) -> ObjectId {
    let name = QualifiedName::unqualified(name);
    ObjectId::new(Class::Relation, name, Dialect::Sqlite)
}

/// The columns of a table or view, as far as they are known.
fn columns(object: Option<&Object>) -> Vec<&str> {
    match object {
        Some(Object::Table(table)) => table.columns.iter().map(|it| it.name.as_str()).collect(),
        Some(Object::View(view)) => {
            let columns = view.columns.iter().flatten();
            columns.map(String::as_str).collect()
        }
        _ => Vec::new(),
    }
}

fn meant(name: Option<&str>, candidates: &[&str]) -> Option<String> {
    let name = name?;
    closest(name, candidates.iter().copied())
        .filter(|meant| !meant.eq_ignore_ascii_case(name))
        .map(|meant| format!("did you mean `{meant}`?"))
}

/// `c` of `t.c`.
fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Words that are misspelt most, for suggestions.
const KEYWORDS: &[&str] = &[
    "ADD",
    "ALTER",
    "AUTOINCREMENT",
    "CASCADE",
    "CHECK",
    "COLLATE",
    "COLUMN",
    "CONSTRAINT",
    "CREATE",
    "DEFAULT",
    "DELETE",
    "DROP",
    "EXISTS",
    "FOREIGN",
    "FROM",
    "INDEX",
    "INSERT",
    "INTO",
    "KEY",
    "NOT",
    "NULL",
    "PRIMARY",
    "REFERENCES",
    "RENAME",
    "SELECT",
    "TABLE",
    "TRIGGER",
    "UNIQUE",
    "UPDATE",
    "VALUES",
    "VIEW",
    "WHERE",
];
