//! How the dialects' lexing differs: one constant a dialect.

use crate::Dialect;

/// What the lexer asks about a dialect.
#[derive(Debug)]
pub(super) struct Rules {
    /// `/* /* */ */` is one comment.
    pub(super) nested_comments: bool,
    /// `--` starts a comment only before white space, a control character or the end.
    pub(super) dashes_need_space: bool,
    /// `#` starts a comment.
    pub(super) hash_comments: bool,
    /// A carriage return alone ends a line comment.
    pub(super) return_ends_comment: bool,
    /// `/*! … */` holds statements.
    pub(super) version_comments: bool,
    /// A backslash in a plain string takes the next character with it.
    pub(super) backslash_escapes: bool,
    /// `E'…'` and `U&'…'` exist, and `$tag$ … $tag$`.
    pub(super) postgres_strings: bool,
    /// `"…"` is a string.
    pub(super) double_quoted_strings: bool,
    /// `` `…` `` is an identifier.
    pub(super) backtick_identifiers: bool,
    /// `[…]` is an identifier.
    pub(super) bracket_identifiers: bool,
    /// Operators are runs of operator characters, as `CREATE OPERATOR` allows.
    pub(super) operator_runs: bool,
    /// A word may start with a digit or a dollar sign.
    pub(super) digit_words: bool,
    /// Characters that start a parameter or a variable.
    pub(super) parameters: &'static [u8],
    /// Letters that may stand before a string, in lower case.
    pub(super) string_prefixes: &'static [u8],
    /// A backslash outside strings is a command to the client.
    pub(super) client_commands: bool,
}

/// PostgreSQL: `src/backend/parser/scan.l`, with standard_conforming_strings on.
const POSTGRES: Rules = Rules {
    nested_comments: true,
    dashes_need_space: false,
    hash_comments: false,
    return_ends_comment: true,
    version_comments: false,
    backslash_escapes: false,
    postgres_strings: true,
    double_quoted_strings: false,
    backtick_identifiers: false,
    bracket_identifiers: false,
    operator_runs: true,
    digit_words: false,
    parameters: b"",
    string_prefixes: b"bnx",
    client_commands: true,
};

/// MySQL and MariaDB: `sql/sql_lex.cc`, in the default SQL mode (no ANSI_QUOTES, no
/// NO_BACKSLASH_ESCAPES).
const MYSQL: Rules = Rules {
    nested_comments: false,
    dashes_need_space: true,
    hash_comments: true,
    return_ends_comment: false,
    version_comments: true,
    backslash_escapes: true,
    postgres_strings: false,
    double_quoted_strings: true,
    backtick_identifiers: true,
    bracket_identifiers: false,
    operator_runs: false,
    digit_words: true,
    parameters: b"?@",
    string_prefixes: b"bnx",
    client_commands: true,
};

/// SQLite: `src/tokenize.c`.
const SQLITE: Rules = Rules {
    nested_comments: false,
    dashes_need_space: false,
    hash_comments: false,
    return_ends_comment: false,
    version_comments: false,
    backslash_escapes: false,
    postgres_strings: false,
    double_quoted_strings: false,
    backtick_identifiers: true,
    bracket_identifiers: true,
    operator_runs: false,
    digit_words: false,
    parameters: b"?:@$#",
    string_prefixes: b"x",
    client_commands: false,
};

pub(super) const fn rules(dialect: Dialect) -> &'static Rules {
    match dialect {
        Dialect::Postgres => &POSTGRES,
        Dialect::Mysql => &MYSQL,
        Dialect::Sqlite => &SQLITE,
    }
}
