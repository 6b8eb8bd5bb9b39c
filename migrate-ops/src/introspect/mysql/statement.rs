//! Statements as they are written for the current database, from what the catalogue keeps.

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, TokenKind, unquote};

/// A query without the name of its database, which the server puts before every table.
pub(super) fn unqualified(query: &str, database: &str) -> String {
    let tokens: Vec<_> = Lexer::new(query, Dialect::Mysql).collect();
    let mut text = String::with_capacity(query.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let piece = token.text(query);
        let is_database = token.kind == TokenKind::QuotedIdentifier && unquote(piece) == database;
        let dot = tokens.get(at + 1).is_some_and(|it| it.text(query) == ".");
        let after_dot = at > 0 && tokens.get(at - 1).is_some_and(|it| it.text(query) == ".");
        if is_database && dot && !after_dot {
            at += 2;
            continue;
        }
        text.push_str(piece);
        at += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::unqualified;

    #[test]
    fn the_database_is_taken_out_of_names() {
        let query = "select `db`.`t`.`db` AS `db`,'`db`.' AS `x` from `db`.`t` join `other`.`u`";
        assert_eq!(
            unqualified(query, "db"),
            "select `t`.`db` AS `db`,'`db`.' AS `x` from `t` join `other`.`u`"
        );
    }
}
