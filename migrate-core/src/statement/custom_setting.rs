//! The custom settings of PostgreSQL that a statement may set, such as `app.tenant`.
//!
//! The server lists all its settings but these, so whoever wants to put them back has to know their
//! names from what was sent.

use super::cursor::Cursor;
use crate::Dialect;
use crate::lex::{TokenKind, unquote};

/// How many strings inside strings are looked into: the body of a function that a DO block makes.
const DEPTH: usize = 3;

/// The names of settings with a dot that a statement may set for its session: by SET and RESET, by
/// `set_config` with a literal, and by both inside DO blocks and the bodies of functions. Some may be
/// no settings at all; a name that is put together while the statement runs is not found.
///
/// ```
/// use migrate_core::{Dialect, statement::custom_settings};
/// assert_eq!(custom_settings("SET app.tenant = 'x'", Dialect::Postgres), ["app.tenant"]);
/// assert!(custom_settings("SET search_path = app", Dialect::Postgres).is_empty());
/// ```
pub fn custom_settings(statement: &str, dialect: Dialect) -> Vec<String> {
    let mut names = Vec::new();
    // Most statements are looked at no further than this.
    let begins = Cursor::new(statement, dialect).is_one_of(&["SET", "RESET", "DO", "CREATE"]);
    if dialect == Dialect::Postgres && (begins || mentions(statement, "set_config")) {
        find(statement, DEPTH, &mut names);
        names.sort_unstable();
        names.dedup();
    }
    names
}

fn find(text: &str, depth: usize, names: &mut Vec<String>) {
    let mut c = Cursor::new(text, Dialect::Postgres);
    while let Some(piece) = c.next() {
        if piece.is_one_of(&["SET", "RESET"]) {
            let mut ahead = c.clone();
            ahead.eat_one_of(&["SESSION", "LOCAL"]);
            names.extend(dotted(ahead));
        } else if piece.is("SET_CONFIG") && c.is_mark("(") {
            names.extend(literals(c.clone()));
        } else if piece.token.kind == TokenKind::String && depth > 0 && mentions(piece.text, "set")
        {
            find(&content(piece.text), depth - 1, names);
        }
    }
}

/// A name of several parts.
fn dotted(mut c: Cursor<'_>) -> Option<String> {
    let mut name = c.identifier()?;
    let first = name.len();
    while c.eat_mark(".") {
        name.push('.');
        name.push_str(&c.identifier()?);
    }
    (name.len() > first).then_some(name)
}

/// The strings with a dot among the arguments that follow.
fn literals(c: Cursor<'_>) -> impl Iterator<Item = String> {
    let mut depth = 0usize;
    c.take_while(move |piece| {
        if piece.is_mark("(") {
            depth += 1;
        } else if piece.is_mark(")") {
            depth = depth.saturating_sub(1);
        }
        depth > 0
    })
    .filter(|piece| piece.token.kind == TokenKind::String)
    .map(|piece| content(piece.text))
    .filter(|text| text.contains('.'))
}

/// What a string holds, in quotes or in dollars.
fn content(string: &str) -> String {
    let tag = string
        .strip_prefix('$')
        .and_then(|rest| Some(rest.find('$')? + 2));
    match tag.and_then(|tag| string.get(tag..string.len().checked_sub(tag)?)) {
        Some(inner) => inner.to_owned(),
        None => unquote(string.trim_start_matches(['e', 'E'])),
    }
}

/// Whether a text holds a word of ASCII, in whichever case.
fn mentions(text: &str, word: &str) -> bool {
    text.as_bytes()
        .windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_are_set() {
        for (statement, expected) in [
            ("SET app.tenant = 'x'", &["app.tenant"] as &[&str]),
            ("set session App.Tenant to 'x'", &["app.tenant"]),
            ("SET LOCAL \"a\".b.c = 1", &["a.b.c"]),
            ("RESET app.tenant", &["app.tenant"]),
            ("RESET ALL", &[]),
            ("SET TIME ZONE 'Asia/Tokyo'", &[]),
            (
                "SELECT pg_catalog.Set_Config('app.x', '1.5', false)",
                &["1.5", "app.x"],
            ),
            (
                "SELECT set_config(setting_name => $$app.x$$, is_local => false, new_value => f('y'))",
                &["app.x"],
            ),
            (
                "DO $body$ BEGIN SET app.a = 1; PERFORM set_config('app.b', 'x', false); END $body$",
                &["app.a", "app.b"],
            ),
            (
                "DO 'BEGIN PERFORM set_config(''app.b'', ''x'', false); END'",
                &["app.b"],
            ),
            (
                "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SET app.a = 1 $$",
                &["app.a"],
            ),
            (
                "SELECT set_config('app.' || name, 'x', false) FROM t",
                &["app."],
            ),
            ("INSERT INTO t VALUES ('SET app.tenant = 1')", &[]),
            ("SELECT 'SET app.x', set_config", &["app.x"]),
            ("DO $$ $$", &[]),
            ("DO $$", &[]),
            ("SET", &[]),
            ("SET a.", &[]),
        ] {
            assert_eq!(
                custom_settings(statement, Dialect::Postgres),
                expected,
                "{statement}"
            );
            assert!(custom_settings(statement, Dialect::Mysql).is_empty());
        }
    }
}
