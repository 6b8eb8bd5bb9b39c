//! Forms that the server takes and the parser refuses. They are told by their tokens.

use std::borrow::Cow;

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, Token, TokenKind};

use crate::change::{Change, Session};

/// The tokens of a statement, without white space, comments and a terminator.
pub(super) fn tokens(statement: &str) -> Vec<Token> {
    Lexer::new(statement, Dialect::Postgres)
        .filter(|token| !token.kind.is_trivia() && token.kind != TokenKind::Terminator)
        .collect()
}

/// What a statement does that the parser refuses; `None` where the server refuses it too.
pub(super) fn changes(statement: &str) -> Option<Vec<Change>> {
    let tokens = tokens(statement);
    let words: Vec<String> = tokens
        .iter()
        .map(|token| token.text(statement).to_ascii_lowercase())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["set", "names", _] | ["set", "local" | "session", "names", _] => {
            Some(vec![Change::Session(Session::Setting {
                name: "client_encoding".to_owned(),
                value: None,
            })])
        }
        ["create", "trusted", ..] | ["create", "or", "replace", "trusted", ..] => {
            Some(vec![Change::Privilege {
                objects: Vec::new(),
            }])
        }
        // A cursor after a direction, without FROM; or one that is called like a direction.
        ["fetch" | "move", rest @ ..] if (1..=2).contains(&rest.len()) => tokens
            .iter()
            .all(|token| token.kind == TokenKind::Word)
            .then(Vec::new),
        // A savepoint, a prepared statement, a setting that is called by a keyword.
        ["release" | "deallocate" | "reset", _] => Some(Vec::new()),
        // No change of a role.
        ["alter", "user" | "role", _] => Some(Vec::new()),
        _ => None,
    }
}

/// The statement with blanks over the operator classes and orders in EXCLUDE, which the parser does
/// not know. Every byte keeps its place.
pub(super) fn readable(statement: &str) -> Cow<'_, str> {
    let exclude = |text: &str| text.eq_ignore_ascii_case("exclude");
    let has_word = statement
        .as_bytes()
        .windows(7)
        .any(|bytes| bytes.eq_ignore_ascii_case(b"exclude"));
    if !has_word {
        return Cow::Borrowed(statement);
    }
    let tokens = tokens(statement);
    let mut text = statement.to_owned();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if !exclude(token.text(statement)) {
            continue;
        }
        let next = |at: usize| tokens.get(at).map_or("", |token| token.text(statement));
        if next(at).eq_ignore_ascii_case("using") {
            at += 2;
        }
        if next(at) == "(" {
            at = blank_elements(statement, &tokens, at + 1, &mut text);
        }
    }
    Cow::Owned(text)
}

/// Blanks what stands between the expression of an element and its WITH. Returns where the list ends.
fn blank_elements(statement: &str, tokens: &[Token], mut at: usize, text: &mut String) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text(statement));
    loop {
        at = operand_end(statement, tokens, at);
        if word(at).eq_ignore_ascii_case("collate") {
            at = operand_end(statement, tokens, at + 1);
        }
        while at < tokens.len() && !word(at).eq_ignore_ascii_case("with") {
            if matches!(word(at), "," | ")") {
                return at;
            }
            let end = group_end(statement, tokens, at);
            if let (Some(first), Some(last)) = (tokens.get(at), tokens.get(end - 1)) {
                let blanks = " ".repeat(last.end - first.start);
                text.replace_range(first.start..last.end, &blanks);
            }
            at = end;
        }
        // The operator, which may be OPERATOR(…).
        while at < tokens.len() && !matches!(word(at), "," | ")") {
            at = group_end(statement, tokens, at);
        }
        if word(at) != "," {
            return at;
        }
        at += 1;
    }
}

/// The end of a dotted name, of a call, or of something in parentheses.
fn operand_end(statement: &str, tokens: &[Token], at: usize) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text(statement));
    let mut at = group_end(statement, tokens, at);
    while matches!(word(at), "." | "(") {
        at = match word(at) {
            "(" => group_end(statement, tokens, at),
            _ => at + 2,
        };
    }
    at
}

/// The token after the one at `at`, or after the parenthesis that it opens.
fn group_end(statement: &str, tokens: &[Token], at: usize) -> usize {
    let mut depth = 0;
    for (place, token) in tokens.iter().enumerate().skip(at) {
        match token.text(statement) {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth <= 0 {
            return place + 1;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::{changes, readable};

    #[test]
    fn operator_classes_in_exclude_are_blanked() {
        for (statement, blanked) in [
            (
                "EXCLUDE USING gist (a gist_int4_ops WITH =, b WITH &&)",
                "EXCLUDE USING gist (a               WITH =, b WITH &&)",
            ),
            (
                "EXCLUDE (lower(a) COLLATE \"C\" s.ops (x = 1) DESC NULLS LAST WITH OPERATOR(s.=))",
                "EXCLUDE (lower(a) COLLATE \"C\"                               WITH OPERATOR(s.=))",
            ),
            ("EXCLUDE ((a + b) WITH =)", "EXCLUDE ((a + b) WITH =)"),
            ("EXCLUDE (a", "EXCLUDE (a"),
            ("EXCLUDE", "EXCLUDE"),
            ("EXCLUDE USING", "EXCLUDE USING"),
            ("(ROWS EXCLUDE TIES)", "(ROWS EXCLUDE TIES)"),
        ] {
            assert_eq!(readable(statement), blanked);
        }
    }

    #[test]
    fn rare_statements() {
        for statement in ["SET NAMES 'UTF8'", "MOVE FORWARD c", "ALTER USER u"] {
            assert!(changes(statement).is_some(), "{statement}");
        }
        for statement in [
            "SET NAMES",
            "FETCH FORM c in d",
            "ALTER USER u LOGN",
            "CREATE t",
        ] {
            assert!(changes(statement).is_none(), "{statement}");
        }
    }
}
