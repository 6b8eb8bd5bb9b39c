//! Expressions as they stand in a definition.

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, Token, TokenKind};

/// An expression in one pair of parentheses.
pub(super) fn enclosed(text: &str, dialect: Dialect) -> String {
    let text = text.trim();
    let tokens = tokens(text, dialect);
    match is_enclosed(&tokens, text) {
        true => text.to_owned(),
        // A comment at its end must not swallow the parenthesis.
        false if ends_with_comment(text, dialect) => format!("({text}\n)"),
        false => format!("({text})"),
    }
}

/// An expression behind DEFAULT: in parentheses, unless every server of the dialect takes it without.
pub(super) fn default(text: &str, dialect: Dialect) -> String {
    match is_simple(text.trim(), dialect) {
        true => text.trim().to_owned(),
        false => enclosed(text, dialect),
    }
}

/// Whether an expression is the same value whenever it is computed.
pub(super) fn is_constant(text: &str, dialect: Dialect) -> bool {
    is_simple(text.trim(), dialect) && {
        let word = text.trim().to_ascii_lowercase();
        !word.contains('(') && !is_now(&word)
    }
}

/// A text literal.
pub(super) fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn tokens(text: &str, dialect: Dialect) -> Vec<Token> {
    Lexer::new(text, dialect)
        .filter(|token| !token.kind.is_trivia())
        .collect()
}

fn ends_with_comment(text: &str, dialect: Dialect) -> bool {
    Lexer::new(text, dialect)
        .last()
        .is_some_and(|token| token.kind == TokenKind::LineComment)
}

/// Whether the first parenthesis closes with the last one.
fn is_enclosed(tokens: &[Token], text: &str) -> bool {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text(text) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index > 0 && index + 1 == tokens.len();
        }
    }
    false
}

fn is_simple(text: &str, dialect: Dialect) -> bool {
    let tokens = tokens(text, dialect);
    let rest = match tokens.as_slice() {
        [sign, rest @ ..] if matches!(sign.text(text), "-" | "+") => rest,
        rest => rest,
    };
    match rest {
        [only] => match only.kind {
            TokenKind::String | TokenKind::Number => true,
            TokenKind::Word => {
                let word = only.text(text).to_ascii_lowercase();
                dialect == Dialect::Postgres
                    || matches!(word.as_str(), "true" | "false" | "null")
                    || is_now(&word)
            }
            _ => false,
        },
        [word, open, .., close]
            if word.kind == TokenKind::Word
                && open.text(text) == "("
                && close.text(text) == ")"
                && is_enclosed(&rest[1..], text) =>
        {
            let word = word.text(text).to_ascii_lowercase();
            // MySQL takes no other function without parentheses, SQLite none.
            match dialect {
                Dialect::Postgres => true,
                Dialect::Mysql => is_now(&word),
                _ => false,
            }
        }
        // `'{}'::jsonb`
        [value, one, two, name @ ..] if dialect == Dialect::Postgres => {
            matches!(value.kind, TokenKind::String | TokenKind::Number)
                && (one.text(text), two.text(text)) == (":", ":")
                && name.iter().all(|token| {
                    matches!(
                        token.kind,
                        TokenKind::Word | TokenKind::QuotedIdentifier | TokenKind::Number
                    ) || matches!(token.text(text), "." | "(" | ")" | "," | "[" | "]")
                })
        }
        _ => false,
    }
}

fn is_now(word: &str) -> bool {
    matches!(
        word,
        "current_timestamp"
            | "current_date"
            | "current_time"
            | "now"
            | "localtime"
            | "localtimestamp"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_stand_where_they_have_to() {
        for (text, dialect, expected) in [
            ("a > 0", Dialect::Postgres, "(a > 0)"),
            ("(a > 0)", Dialect::Postgres, "(a > 0)"),
            ("(a) > (0)", Dialect::Postgres, "((a) > (0))"),
            ("')' || a", Dialect::Sqlite, "(')' || a)"),
            ("a -- so", Dialect::Sqlite, "(a -- so\n)"),
        ] {
            assert_eq!(enclosed(text, dialect), expected);
        }
        for (text, dialect, expected) in [
            ("0", Dialect::Mysql, "0"),
            ("-1.5", Dialect::Sqlite, "-1.5"),
            ("now()", Dialect::Postgres, "now()"),
            ("uuid()", Dialect::Mysql, "(uuid())"),
            (
                "current_timestamp(3)",
                Dialect::Mysql,
                "current_timestamp(3)",
            ),
            ("CURRENT_TIMESTAMP", Dialect::Sqlite, "CURRENT_TIMESTAMP"),
            ("'{}'::jsonb", Dialect::Postgres, "'{}'::jsonb"),
            ("now() + '1 day'", Dialect::Postgres, "(now() + '1 day')"),
            ("f() || g()", Dialect::Postgres, "(f() || g())"),
            ("(1 + 2)", Dialect::Mysql, "(1 + 2)"),
        ] {
            assert_eq!(default(text, dialect), expected);
        }
    }
}
