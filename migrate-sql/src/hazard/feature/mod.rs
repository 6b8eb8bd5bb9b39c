//! What servers learnt in which version, and how a statement shows that it needs it.
//!
//! The words of a statement tell, outside strings, comments and quoted names. A word that is a
//! feature's in one place may be a name in another, so only rows of words count that mean nothing else
//! there.

mod mysql;
mod postgres;
mod sqlite;

use std::ops::Range;

use migrate_core::config::{Product, ServerVersion};
use migrate_core::lex::{Lexer, TokenKind};

/// Something that servers have from a version on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feature {
    /// The first version that has it.
    pub(super) since: [u32; 3],
    /// As messages name it.
    pub(super) name: &'static str,
    /// How the statement begins; empty where that does not matter. `*` is any word.
    begins: &'static [&'static str],
    /// Words that follow each other somewhere in it; empty where the begin tells all.
    has: &'static [&'static str],
}

/// A feature.
const fn feature(
    since: [u32; 3],
    name: &'static str,
    begins: &'static [&'static str],
    has: &'static [&'static str],
) -> Feature {
    Feature {
        since,
        name,
        begins,
        has,
    }
}

/// What a statement needs that a server has not, the newest first, with its place in the text.
pub(super) fn newer(text: &str, server: ServerVersion) -> Option<(Feature, Range<usize>)> {
    let features: &[Feature] = match server.product {
        Product::Postgres => postgres::FEATURES,
        Product::Mysql => mysql::MYSQL,
        Product::Mariadb => mysql::MARIADB,
        Product::Sqlite => sqlite::FEATURES,
        _ => &[],
    };
    let newer = features.iter().filter(|it| it.since > server.version);
    let mut newer = newer.peekable();
    newer.peek()?;
    let words = words(text, server.product);
    newer
        .filter_map(|feature| Some((*feature, place(feature, &words)?)))
        .max_by_key(|(feature, _)| feature.since)
}

/// A word or a sign, and where it stands. What is quoted is no word.
#[derive(Clone, Debug)]
struct Word {
    text: String,
    span: Range<usize>,
}

fn words(text: &str, product: Product) -> Vec<Word> {
    let mut words = Vec::new();
    let mut conditional = false;
    for token in Lexer::new(text, product.dialect()) {
        match token.kind {
            // What stands in there is for the servers that know it.
            TokenKind::VersionOpen => conditional = true,
            TokenKind::VersionClose => conditional = false,
            kind if kind.is_trivia() || conditional => {}
            TokenKind::Word | TokenKind::Operator => words.push(Word {
                text: token.text(text).to_lowercase(),
                span: token.span(),
            }),
            _ => words.push(Word {
                text: String::new(),
                span: token.span(),
            }),
        }
    }
    words
}

fn place(feature: &Feature, words: &[Word]) -> Option<Range<usize>> {
    let begins = find(feature.begins, words.get(..feature.begins.len())?)?;
    match feature.has.is_empty() {
        true => Some(begins),
        false => find(feature.has, words),
    }
}

fn find(wanted: &[&str], words: &[Word]) -> Option<Range<usize>> {
    if wanted.is_empty() {
        return Some(0..0);
    }
    let is_it = |found: &&[Word]| {
        let mut pairs = found.iter().zip(wanted);
        pairs.all(|(found, wanted)| *wanted == "*" || found.text == *wanted)
    };
    let found = words.windows(wanted.len()).find(is_it)?;
    Some(found.first()?.span.start..found.last()?.span.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(server: &str, text: &str) -> Option<&'static str> {
        let server = server.parse().unwrap();
        newer(text, server).map(|(feature, _)| feature.name)
    }

    #[test]
    fn newer_than_the_server() {
        for (older, newer, text) in [
            (
                "postgres 14",
                "postgres 15",
                "MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE",
            ),
            (
                "postgres 14",
                "postgres 15",
                "CREATE UNIQUE INDEX i ON a (b) NULLS NOT DISTINCT",
            ),
            (
                "postgres 13",
                "postgres 14",
                "CREATE OR REPLACE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f()",
            ),
            (
                "postgres 11",
                "postgres 12",
                "ALTER TABLE a ADD COLUMN c int GENERATED ALWAYS AS (b * 2) STORED",
            ),
            (
                "postgres 17",
                "postgres 18",
                "ALTER TABLE a ADD CONSTRAINT n NOT NULL b NOT VALID",
            ),
            (
                "mysql 5.7",
                "mysql 8.0.4",
                "ALTER TABLE a RENAME COLUMN b TO c",
            ),
            (
                "mysql 8.0.12",
                "mysql 8.0.13",
                "CREATE TABLE a (b json DEFAULT (json_array()))",
            ),
            (
                "mariadb 10.4",
                "mariadb 10.5.2",
                "ALTER TABLE a RENAME COLUMN b TO c",
            ),
            ("mariadb 10.2", "mariadb 10.3", "CREATE SEQUENCE s"),
            ("sqlite 3.34", "sqlite 3.35", "ALTER TABLE a DROP COLUMN b"),
            (
                "sqlite 3.24",
                "sqlite 3.25",
                "ALTER TABLE a RENAME COLUMN b TO c",
            ),
            (
                "sqlite 3.34",
                "sqlite 3.35",
                "INSERT INTO a VALUES (1) RETURNING b",
            ),
            (
                "sqlite 3.36",
                "sqlite 3.37",
                "CREATE TABLE a (b INT) STRICT",
            ),
            (
                "sqlite 3.23",
                "sqlite 3.24",
                "INSERT INTO a VALUES (1) ON CONFLICT (b) DO NOTHING",
            ),
            (
                "sqlite 3.30",
                "sqlite 3.31",
                "CREATE TABLE a (b INT, c INT GENERATED ALWAYS AS (b))",
            ),
        ] {
            assert!(needs(older, text).is_some(), "{older}: {text}");
            assert_eq!(needs(newer, text), None, "{newer}: {text}");
        }
    }

    #[test]
    fn what_only_looks_like_it() {
        for (server, text) in [
            (
                "sqlite 3.0",
                "INSERT INTO a VALUES ('x RETURNING y') -- STRICT\n",
            ),
            ("sqlite 3.30", "CREATE TABLE a (\"strict\" INT)"),
            (
                "mysql 5.7",
                "/*!80000 ALTER TABLE a RENAME COLUMN b TO c */",
            ),
            ("postgres 9.6", "CREATE INDEX merge ON a (b)"),
        ] {
            assert_eq!(needs(server, text), None, "{text}");
        }
    }
}
