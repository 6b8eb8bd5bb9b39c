use super::TokenKind::*;
use super::*;
use crate::Dialect::{self, Mysql, Postgres, Sqlite};

/// The kinds and texts of the tokens that are not white space.
fn tokens(dialect: Dialect, text: &str) -> Vec<(TokenKind, &str)> {
    Lexer::new(text, dialect)
        .filter(|token| token.kind != Whitespace)
        .map(|token| (token.kind, &text[token.span()]))
        .collect()
}

#[test]
fn postgres_tokens() {
    assert_eq!(
        tokens(Postgres, r#"a$1 U&"x" $1 -|- @-- c"#),
        [
            (Word, "a$1"),
            (QuotedIdentifier, "U&\"x\""),
            (Parameter, "$1"),
            (Operator, "-|-"),
            (Operator, "@"),
            (LineComment, "-- c")
        ]
    );
    // Trailing signs belong to an operator only with one of the special characters.
    assert_eq!(
        tokens(Postgres, "a*-1 @-1 1.5e-3::int"),
        [
            (Word, "a"),
            (Operator, "*"),
            (Operator, "-"),
            (Number, "1"),
            (Operator, "@-"),
            (Number, "1"),
            (Number, "1.5e-3"),
            (Operator, ":"),
            (Operator, ":"),
            (Word, "int")
        ]
    );
    assert_eq!(
        tokens(Postgres, "$a$ ' $b$ $a$"),
        [(String, "$a$ ' $b$ $a$")]
    );
    assert_eq!(tokens(Postgres, "E'a'\n'\\''"), [(String, "E'a'\n'\\''")]);
}

#[test]
fn mysql_tokens() {
    assert_eq!(
        tokens(Mysql, "2fa.1x = @@global.x + @`u` /*!50001 y */ # z"),
        [
            (Word, "2fa"),
            (Operator, "."),
            (Word, "1x"),
            (Operator, "="),
            (Parameter, "@@global.x"),
            (Operator, "+"),
            (Parameter, "@"),
            (QuotedIdentifier, "`u`"),
            (VersionOpen, "/*!50001"),
            (Word, "y"),
            (VersionClose, "*/"),
            (LineComment, "# z")
        ]
    );
    assert_eq!(
        tokens(Mysql, "0x1F 1e5 1.5 _utf8'a' n\"b\""),
        [
            (Number, "0x1F"),
            (Number, "1e5"),
            (Number, "1.5"),
            (String, "_utf8'a'"),
            (Word, "n"),
            (String, "\"b\"")
        ]
    );
}

#[test]
fn sqlite_tokens() {
    assert_eq!(
        tokens(Sqlite, "[a b] ?1 :x @y $z x'00' 'a'';'"),
        [
            (QuotedIdentifier, "[a b]"),
            (Parameter, "?1"),
            (Parameter, ":x"),
            (Parameter, "@y"),
            (Parameter, "$z"),
            (String, "x'00'"),
            (String, "'a'';'")
        ]
    );
}

#[test]
fn quotes_come_off() {
    assert_eq!(unquote("\"a\"\"b\""), "a\"b");
    assert_eq!(unquote("U&\"a\""), "a");
    assert_eq!(unquote("'it''s'"), "it's");
    assert_eq!(unquote("\""), "\"");
    assert_eq!(unquote(""), "");
}
