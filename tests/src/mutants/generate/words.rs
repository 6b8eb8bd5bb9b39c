//! Misspelt keywords.

use super::names::Names;
use super::sites::{all, replace};
use super::spelling::misspell;
use crate::mutants::{Class, MutableSet, Mutant};

/// Words with a meaning of their own in what migrations are made of, the types of the standard
/// among them.
pub(super) const KEYWORDS: &[&str] = &[
    "ADD",
    "AFTER",
    "ALTER",
    "ALWAYS",
    "AND",
    "AS",
    "ASC",
    "AUTOINCREMENT",
    "AUTO_INCREMENT",
    "BEFORE",
    "BEGIN",
    "BETWEEN",
    "BIGINT",
    "BOOLEAN",
    "BY",
    "CALL",
    "CASCADE",
    "CASE",
    "CAST",
    "CHANGE",
    "CHAR",
    "CHARACTER",
    "CHARSET",
    "CHECK",
    "COLLATE",
    "COLUMN",
    "COMMENT",
    "CONCURRENTLY",
    "CONFLICT",
    "CONSTRAINT",
    "CREATE",
    "CROSS",
    "CURRENT_TIMESTAMP",
    "DATABASE",
    "DECLARE",
    "DEFAULT",
    "DEFERRABLE",
    "DEFERRED",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DO",
    "DROP",
    "EACH",
    "ELSE",
    "END",
    "ENGINE",
    "EXCEPT",
    "EXCLUDE",
    "EXECUTE",
    "EXISTS",
    "EXTENSION",
    "FALSE",
    "FOR",
    "FOREIGN",
    "FROM",
    "FULL",
    "FUNCTION",
    "GENERATED",
    "GRANT",
    "GROUP",
    "HAVING",
    "IF",
    "IMMUTABLE",
    "IN",
    "INDEX",
    "INNER",
    "INSERT",
    "INT",
    "INTEGER",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "KEY",
    "LANGUAGE",
    "LEFT",
    "LIKE",
    "LIMIT",
    "MATERIALIZED",
    "MODIFY",
    "NEW",
    "NOT",
    "NULL",
    "OF",
    "OLD",
    "ON",
    "ONLY",
    "OR",
    "ORDER",
    "OUTER",
    "PRAGMA",
    "PREPARE",
    "PRIMARY",
    "PROCEDURE",
    "REFERENCES",
    "REFERENCING",
    "RENAME",
    "REPLACE",
    "RESTRICT",
    "RETURN",
    "RETURNS",
    "RIGHT",
    "ROW",
    "ROWS",
    "SCHEMA",
    "SELECT",
    "SEQUENCE",
    "SET",
    "SMALLINT",
    "STABLE",
    "STATEMENT",
    "STORED",
    "TABLE",
    "THEN",
    "TIMESTAMP",
    "TO",
    "TRIGGER",
    "TRUE",
    "TRUNCATE",
    "TYPE",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VALIDATE",
    "VALUES",
    "VARCHAR",
    "VARYING",
    "VIEW",
    "VOLATILE",
    "WHEN",
    "WHERE",
    "WITH",
    "WITHOUT",
    "ZONE",
];

/// Whether a bare word is one of [`KEYWORDS`].
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS
        .iter()
        .any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// A mutant for each keyword, misspelt.
pub(super) fn keywords(set: &MutableSet) -> Vec<Mutant> {
    let names = Names::of(set);
    let mutants = all(set).flat_map(|(place, words)| {
        let is_name = |i: usize| words.name(i).is_some_and(|name| names.has(&name));
        let qualified = |i: usize| words.follows(i, ".") || words.is(i + 1, ".");
        let at = (0..words.len())
            .filter(|&i| words.is_word(i) && is_keyword(words.text(i)))
            .filter(|&i| !is_name(i) && !qualified(i));
        let mutants = at.filter_map(|i| {
            let word = words.text(i);
            let wrong = misspell(word, &format!("{} {}", place.0, words.range(i).start));
            let what = format!("`{word}` → `{wrong}`");
            (!is_keyword(&wrong))
                .then(|| replace(Class::Keyword, place, words.range(i), &wrong, what))
        });
        mutants.collect::<Vec<_>>()
    });
    mutants.collect()
}
