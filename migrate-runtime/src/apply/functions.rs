//! Functions that an app registers with its SQLite connection, and that this connection lacks.

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, Token, TokenKind};
use migrate_core::statement::Kind;

use super::Run;
use super::script::Prepared;
use crate::error::Error;

/// Words before a parenthesis that call nothing.
const KEYWORDS: [&str; 41] = [
    "ALL",
    "AND",
    "AS",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "CONFLICT",
    "DISTINCT",
    "DO",
    "ELSE",
    "EXCEPT",
    "EXISTS",
    "FILTER",
    "FROM",
    "GLOB",
    "HAVING",
    "IN",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "LIKE",
    "LIMIT",
    "MATCH",
    "MATERIALIZED",
    "NOT",
    "OFFSET",
    "ON",
    "OR",
    "OVER",
    "REGEXP",
    "RETURNING",
    "SELECT",
    "SET",
    "THEN",
    "UNION",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
];

/// Words after which a name before a parenthesis is a table.
const BEFORE_TABLES: [&str; 6] = ["FROM", "INTO", "JOIN", "UPDATE", "WITH", "RECURSIVE"];

impl Run<'_> {
    /// A function that a script calls and that this connection does not know. SQLite itself is
    /// asked about each candidate, so that nothing is refused that would have worked.
    pub(super) fn missing_function(
        &mut self,
        prepared: &Prepared<'_>,
    ) -> Result<Option<String>, Error> {
        if self.set.dialect() != Dialect::Sqlite {
            return Ok(None);
        }
        let data = |kind: Kind| matches!(kind, Kind::Dml | Kind::Query);
        for part in prepared.parts.iter().filter(|part| data(part.class.kind)) {
            for name in called(&part.sql) {
                if self.is_unknown(&name)? {
                    return Ok(Some(name));
                }
            }
        }
        Ok(None)
    }

    fn is_unknown(&mut self, name: &str) -> Result<bool, Error> {
        // EXPLAIN compiles the call and runs nothing. With a wrong number of arguments the message
        // is another one, so a known function never looks unknown.
        let call = format!("EXPLAIN SELECT {}()", self.backend.identifier(name));
        let Err(error) = self.session.rows(&call) else {
            return Ok(false);
        };
        if !error.to_string().contains("no such function") {
            return Ok(false);
        }
        let module = format!(
            "SELECT '1' FROM pragma_module_list WHERE name = lower({})",
            self.backend.text(name)
        );
        let modules = self
            .session
            .rows(&module)
            .map_err(Error::database("asking for table-valued functions"))?;
        Ok(modules.is_empty())
    }
}

/// Names that stand where a function is called, each once.
fn called(sql: &str) -> Vec<String> {
    let tokens: Vec<_> = Lexer::new(sql, Dialect::Sqlite)
        .filter(|token| !token.kind.is_trivia())
        .collect();
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text(sql));
    let mut names: Vec<String> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let name = token.text(sql);
        let is_call = token.kind == TokenKind::Word
            && text(index + 1) == "("
            && !KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
        let before = index.checked_sub(1).map_or("", text);
        let is_table = BEFORE_TABLES
            .iter()
            .any(|word| word.eq_ignore_ascii_case(before));
        if !is_call || is_table || before == "." || is_common_table(&tokens, sql, index) {
            continue;
        }
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Whether `name (…) AS (` follows, as in WITH.
fn is_common_table(tokens: &[Token], sql: &str, index: usize) -> bool {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(index + 1) {
        match token.text(sql) {
            "(" => depth += 1,
            ")" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return tokens
                        .get(at + 1)
                        .is_some_and(|t| t.text(sql).eq_ignore_ascii_case("AS"))
                        && tokens.get(at + 2).is_some_and(|t| {
                            let word = t.text(sql);
                            word == "("
                                || word.eq_ignore_ascii_case("MATERIALIZED")
                                || word.eq_ignore_ascii_case("NOT")
                        });
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn calls_are_told_from_tables_and_keywords() {
        assert_eq!(
            called(
                "WITH a(x) AS (SELECT 1), b (y) AS MATERIALIZED (SELECT 2) \
                 INSERT INTO t (id, v) SELECT id, BIN2B64(v), count(*) FILTER (WHERE v IN (1)) \
                 FROM json_each('[]') WHERE bin2b64 (v) = 'f(x)' -- g(x)\n ON CONFLICT (id) DO NOTHING"
            ),
            ["BIN2B64", "count"]
        );
    }
}
