//! Passwords and values in SQL.

use crate::Dialect;
use crate::lex::{Lexer, Token, TokenKind, Unterminated, unquote};
use crate::statement::{Kind, classify};

/// What stands for a hidden string.
const HIDDEN: &str = "'***'";
/// What stands for a hidden value.
const VALUE: &str = "?";
/// A text that holds one of them may hold a password.
const SECRETS: [&str; 6] = ["password", "passwd", "passphrase", "pwd", "secret", "token"];

/// SQL without its passwords: every string after a word as `PASSWORD`, `IDENTIFIED` or
/// `MASTER_PASSWORD`, strings and comments that speak of passwords themselves (connection strings),
/// and passwords in URLs.
///
/// ```
/// use migrate_core::{Dialect, redact};
///
/// let sql = "CREATE ROLE app LOGIN PASSWORD 'secret'";
/// let shown = "CREATE ROLE app LOGIN PASSWORD '***'";
/// assert_eq!(redact::passwords(sql, Dialect::Postgres), shown);
/// ```
pub fn passwords(sql: &str, dialect: Dialect) -> String {
    rewrite(sql, dialect, false)
}

/// One statement without its passwords, and with `?` for each of its values where it reads or writes
/// rows. A statement about the schema keeps what belongs to the schema, as defaults and the members
/// of an enum.
///
/// ```
/// use migrate_core::{Dialect, redact};
///
/// let sql = "UPDATE people SET email = 'ann@example.org' WHERE id = 42";
/// let shown = "UPDATE people SET email = ? WHERE id = ?";
/// assert_eq!(redact::values(sql, Dialect::Sqlite), shown);
/// ```
pub fn values(statement: &str, dialect: Dialect) -> String {
    let of_rows = match classify(statement, dialect).kind {
        Kind::Ddl | Kind::Session | Kind::TransactionControl | Kind::Maintenance => false,
        Kind::Query | Kind::Dml | Kind::Call | Kind::Copy | Kind::Other => true,
    };
    rewrite(statement, dialect, of_rows)
}

fn rewrite(sql: &str, dialect: Dialect, hide_values: bool) -> String {
    let mut shown = String::with_capacity(sql.len());
    let mut secret = false;
    let mut opens_database = false;
    for token in Lexer::new(sql, dialect) {
        let text = token.text(sql);
        match token.kind {
            TokenKind::Word | TokenKind::QuotedIdentifier => {
                let word = unquote(text).to_lowercase();
                opens_database |= matches!(word.as_str(), "pragma" | "attach");
                secret |= word == "identified"
                    || speaks_of_secrets(&word)
                    || (opens_database && word.ends_with("key"));
                shown.push_str(text);
            }
            _ if is_string(&token) && hide_values => shown.push_str(VALUE),
            _ if is_string(&token) && (secret || speaks_of_secrets(text)) => {
                shown.push_str(HIDDEN);
            }
            TokenKind::Number if hide_values => shown.push_str(VALUE),
            TokenKind::LineComment | TokenKind::BlockComment
                if hide_values || speaks_of_secrets(text) => {}
            _ => shown.push_str(&super::urls(text)),
        }
    }
    shown
}

fn is_string(token: &Token) -> bool {
    matches!(
        token.kind,
        TokenKind::String
            | TokenKind::Unterminated(Unterminated::String | Unterminated::DollarQuote)
    )
}

fn speaks_of_secrets(text: &str) -> bool {
    let text = text.to_lowercase();
    SECRETS.iter().any(|secret| text.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_a_password_is_left() {
        use Dialect::{Mysql, Postgres, Sqlite};
        for (dialect, sql) in [
            (Postgres, "CREATE ROLE a PASSWORD 'GEHEIM'"),
            (
                Postgres,
                "ALTER USER a WITH ENCRYPTED PASSWORD $q$GEHEIM$q$",
            ),
            (Postgres, "ALTER USER a PASSWORD E'GEHEIM\\' x'"),
            (
                Postgres,
                "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'u', password 'GEHEIM')",
            ),
            (
                Postgres,
                "CREATE SUBSCRIPTION s CONNECTION 'host=h password=GEHEIM' PUBLICATION p",
            ),
            (Postgres, "SELECT dblink_connect('postgres://u:GEHEIM@h/d')"),
            (Postgres, "-- the password is GEHEIM\nSELECT 1"),
            (
                Postgres,
                "DO $$ BEGIN EXECUTE 'ALTER ROLE a PASSWORD ''GEHEIM'''; END $$",
            ),
            (Postgres, "ALTER USER a PASSWORD 'GEHEIM"),
            (Mysql, "CREATE USER 'a'@'%' IDENTIFIED BY 'GEHEIM'"),
            (
                Mysql,
                "CREATE USER a IDENTIFIED WITH mysql_native_password AS '*GEHEIM'",
            ),
            (
                Mysql,
                "CREATE USER a IDENTIFIED VIA ed25519 USING PASSWORD('GEHEIM')",
            ),
            (Mysql, "SET PASSWORD FOR 'a'@'h' = PASSWORD(\"GEHEIM\")"),
            (
                Mysql,
                "CHANGE MASTER TO MASTER_USER='u', MASTER_PASSWORD='GEHEIM'",
            ),
            (Mysql, "/*!40101 ALTER USER a IDENTIFIED BY 'GEHEIM' */"),
            (Sqlite, "PRAGMA key = 'GEHEIM'"),
            (Sqlite, "ATTACH 'x.db' AS x KEY 'GEHEIM'"),
        ] {
            for shown in [passwords(sql, dialect), values(sql, dialect)] {
                assert!(!shown.contains("GEHEIM"), "{sql}\n{shown}");
            }
        }
    }

    #[test]
    fn what_belongs_to_the_schema_stays() {
        for sql in [
            "CREATE TABLE a (b text DEFAULT 'new' CHECK (b IN ('new', 'old')), c numeric(10, 2))",
            "ALTER TYPE mood ADD VALUE 'fine'",
            "-- why\nCOMMENT ON TABLE a IS 'see https://example.org/a'",
        ] {
            assert_eq!(values(sql, Dialect::Postgres), sql);
        }
    }

    #[test]
    fn values_of_rows_are_gone() {
        for (sql, shown) in [
            (
                "INSERT INTO people VALUES (1, 'Ann', -2.5, NULL) -- Ann",
                "INSERT INTO people VALUES (?, ?, -?, NULL) ",
            ),
            (
                "WITH x AS (SELECT 'a') DELETE FROM p USING x WHERE n = 'b'",
                "WITH x AS (SELECT ?) DELETE FROM p USING x WHERE n = ?",
            ),
        ] {
            assert_eq!(values(sql, Dialect::Postgres), shown);
        }
    }
}
