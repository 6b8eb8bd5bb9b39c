//! What would reach outside of a copy: told by the words of scripts, routines, triggers and views.
//!
//! SQL that is put together while it runs cannot be told by its words. On a private server it finds
//! none of the other databases; what would let it reach other servers, as the extension `dblink` does,
//! is refused for being there. On the server of the real database the user must not have the rights
//! for it. What is left is PostgreSQL's COPY … TO PROGRAM and its like with the words put together: it
//! runs as the user of the private server.

use std::collections::BTreeSet;

use migrate_core::lex::{Lexer, TokenKind, unquote};
use migrate_core::{Dialect, Direction, MigrationSet};

use super::catalogue::questions;
use super::error::RehearseError;
use crate::connect::Engine;

/// Where the copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// On a server that only the rehearsal uses.
    Private,
    /// On a server that others use too.
    Shared,
    /// On that of the real database.
    RealServer,
}

/// Words in a row; `|` separates those that may stand in one place.
type Words = &'static [&'static str];

/// What reaches out even of a server of our own: to files, programs and other servers.
fn out_of_server(dialect: Dialect) -> &'static [Words] {
    match dialect {
        Dialect::Postgres => &[
            &["CREATE|ALTER|DROP", "TABLESPACE|SUBSCRIPTION"],
            &["CREATE|ALTER", "SERVER"],
            &["FOREIGN", "DATA", "WRAPPER"],
            &["USER", "MAPPING"],
            &["IMPORT", "FOREIGN", "SCHEMA"],
            &[
                "EXTENSION|EXISTS",
                "DBLINK|FILE_FDW|POSTGRES_FDW|PG_CRON|PG_NET",
            ],
            &["TO|FROM", "PROGRAM"],
            &["DBLINK|DBLINK_CONNECT|DBLINK_CONNECT_U|DBLINK_EXEC|DBLINK_SEND_QUERY"],
            &["LO_EXPORT|LO_IMPORT|PG_READ_FILE|PG_READ_BINARY_FILE|PG_LS_DIR"],
        ],
        Dialect::Sqlite => &[
            &["ATTACH"],
            &["LOAD_EXTENSION"],
            &["VACUUM", "INTO"],
            &["WRITEFILE"],
        ],
        _ => &[
            &["LOAD", "DATA|XML"],
            &["INTO", "OUTFILE|DUMPFILE"],
            &["CREATE|ALTER", "SERVER"],
            &["ENGINE", "FEDERATED|SPIDER|CONNECT"],
            &["LOAD_FILE"],
            &["INSTALL", "PLUGIN|SONAME|COMPONENT"],
            &["CHANGE", "MASTER|REPLICATION"],
            &["START", "SLAVE|REPLICA"],
        ],
    }
}

/// What reaches out of a database into the rest of its server.
fn out_of_database(dialect: Dialect) -> &'static [Words] {
    match dialect {
        Dialect::Postgres => &[
            &["CREATE|ALTER|DROP", "ROLE|USER|GROUP"],
            &["COMMENT", "ON", "ROLE|DATABASE"],
            &["REASSIGN|DROP", "OWNED"],
            &["ALTER", "SYSTEM"],
            &["CREATE|ALTER|DROP", "DATABASE"],
            &["PG_TERMINATE_BACKEND|PG_CANCEL_BACKEND|PG_RELOAD_CONF"],
        ],
        Dialect::Sqlite => &[],
        _ => &[
            &["CREATE|ALTER|DROP|RENAME", "USER|ROLE"],
            &["GRANT|REVOKE"],
            &["SET", "PASSWORD|GLOBAL|PERSIST"],
            &["CREATE|ALTER|DROP", "DATABASE|SCHEMA"],
            &["CREATE|ALTER", "EVENT"],
            &["FLUSH", "TABLES|PRIVILEGES|LOGS|HOSTS"],
            &["RESET", "MASTER|SLAVE|REPLICA|QUERY"],
            &["PURGE", "BINARY|MASTER"],
            &["KILL"],
        ],
    }
}

/// Refuses scripts that reach out of a copy.
pub(super) fn refuse_scripts(
    set: &MigrationSet,
    is_run: impl Fn(usize) -> bool,
    place: Where,
    others: &BTreeSet<String>,
) -> Result<(), RehearseError> {
    let dialect = set.dialect();
    let mut what = Vec::new();
    for (index, migration) in set.migrations().iter().enumerate() {
        if !is_run(index) {
            continue;
        }
        for direction in [Direction::Up, Direction::Down] {
            let Some(script) = migration.script(direction) else {
                continue;
            };
            let found = found(&script.text(), dialect, place, others);
            what.extend(
                found
                    .into_iter()
                    .map(|it| format!("{it} in {}", script.path)),
            );
        }
    }
    refuse(what)
}

/// Refuses a copy in which something reaches out of it.
pub(super) fn refuse_copy<DB: Engine>(
    conn: &mut DB::Connection,
    place: Where,
) -> Result<(), RehearseError> {
    let questions = questions(DB::DIALECT);
    let doing = "looking for what reaches outside of the copy";
    let mut rows = |sql: &str| DB::rows(conn, sql).map_err(RehearseError::database(doing));
    let others = match questions.others.filter(|_| place != Where::Private) {
        Some(sql) => names(rows(sql)?),
        None => BTreeSet::new(),
    };
    let mut what: Vec<String> = match questions.ways_out {
        // A private server runs no events, has no log for replicas and no worker for subscriptions.
        Some(sql) => rows(sql)?
            .into_iter()
            .filter_map(|row| row.into_iter().next()?)
            .filter(|it| {
                place != Where::Private || it.starts_with("foreign") || it.starts_with("table")
            })
            .collect(),
        None => Vec::new(),
    };
    if place == Where::RealServer
        && let Some(sql) = questions.powers
    {
        what.extend(names(rows(sql)?));
    }
    for row in rows(questions.bodies)? {
        let mut fields = row.into_iter();
        let (Some(Some(name)), Some(Some(text))) = (fields.next(), fields.next()) else {
            continue;
        };
        let found = found(&text, DB::DIALECT, place, &others);
        what.extend(found.into_iter().map(|it| format!("{it} in {name}")));
    }
    refuse(what)
}

/// The server's other databases.
pub(super) fn others<DB: Engine>(
    conn: &mut DB::Connection,
) -> Result<BTreeSet<String>, RehearseError> {
    match questions(DB::DIALECT).others {
        Some(sql) => Ok(names(DB::rows(conn, sql).map_err(
            RehearseError::database("asking for the server's databases"),
        )?)),
        None => Ok(BTreeSet::new()),
    }
}

fn names(rows: Vec<migrate_runtime::Row>) -> BTreeSet<String> {
    rows.into_iter()
        .filter_map(|row| row.into_iter().next()?)
        .collect()
}

fn refuse(what: Vec<String>) -> Result<(), RehearseError> {
    match what.is_empty() {
        true => Ok(()),
        false => Err(RehearseError::ReachesOut { what }),
    }
}

/// What in a text reaches out.
fn found(sql: &str, dialect: Dialect, place: Where, others: &BTreeSet<String>) -> Vec<String> {
    let words = words(sql, dialect, 0);
    let mut patterns = out_of_server(dialect).to_vec();
    if place != Where::Private {
        patterns.extend(out_of_database(dialect));
    }
    let mut found: Vec<String> = patterns
        .iter()
        .filter_map(|pattern| {
            let at = words.windows(pattern.len()).find(|window| {
                pattern.iter().zip(window.iter()).all(|(wanted, word)| {
                    word.is_bare
                        && wanted
                            .split('|')
                            .any(|it| it.eq_ignore_ascii_case(&word.text))
                })
            })?;
            let texts: Vec<String> = at.iter().map(|word| word.text.to_uppercase()).collect();
            Some(texts.join(" "))
        })
        .collect();
    if place != Where::Private && is_grant_of_role(&words, dialect) {
        found.push("GRANT or REVOKE of a role".to_owned());
    }
    let named = words
        .windows(2)
        .filter_map(|pair| match pair {
            [first, second] if second.follows_dot && others.contains(&first.text) => {
                Some(format!("the database {}", first.text))
            }
            [first, second] if first.is("USE") && others.contains(&second.text) => {
                Some(format!("the database {}", second.text))
            }
            _ => None,
        })
        .collect::<BTreeSet<_>>();
    found.extend(named);
    found
}

/// `GRANT a TO b`, without ON: membership belongs to the server.
fn is_grant_of_role(words: &[Word], dialect: Dialect) -> bool {
    if dialect != Dialect::Postgres {
        return false;
    }
    let mut at = words.iter().enumerate();
    at.any(|(index, word)| {
        let mut rest = words.iter().skip(index + 1);
        (word.is("GRANT") || word.is("REVOKE"))
            && word.begins
            && rest
                .by_ref()
                .take_while(|word| !word.begins)
                .all(|word| !word.is("ON"))
    })
}

struct Word {
    text: String,
    /// Not in quotes.
    is_bare: bool,
    /// Stands after a dot.
    follows_dot: bool,
    /// Is the first one of a statement.
    begins: bool,
}

impl Word {
    fn is(&self, word: &str) -> bool {
        self.is_bare && self.text.eq_ignore_ascii_case(word)
    }
}

/// The words of a text and of the texts in it: a routine's body is a string, and so is what it runs.
fn words(sql: &str, dialect: Dialect, depth: usize) -> Vec<Word> {
    /// Deeper than any body that somebody wrote.
    const DEEPEST: usize = 4;
    let mut words = Vec::new();
    let (mut after_dot, mut begins) = (false, true);
    for token in Lexer::new(sql, dialect) {
        let text = token.text(sql);
        match token.kind {
            TokenKind::Word | TokenKind::QuotedIdentifier => {
                words.push(Word {
                    text: unquote(text),
                    is_bare: token.kind == TokenKind::Word,
                    follows_dot: after_dot,
                    begins,
                });
                begins = false;
            }
            TokenKind::String if depth < DEEPEST => {
                // A string of a script is data, unless it is a body; a string in a body may be SQL.
                let body = body(text);
                if depth > 0 || text.starts_with('$') {
                    words.extend(self::words(body, dialect, depth + 1));
                }
            }
            TokenKind::Terminator => begins = true,
            _ => {}
        }
        after_dot = match token.kind.is_trivia() {
            true => after_dot,
            false => text == ".",
        };
    }
    words
}

/// What is between the quotes of a string.
fn body(string: &str) -> &str {
    let opening = match string.strip_prefix('$').and_then(|rest| rest.find('$')) {
        Some(tag) => tag + 2,
        None => string.find('\'').map_or(0, |at| at + 1),
    };
    let closing = string.len().saturating_sub(match string.starts_with('$') {
        true => opening,
        false => 1,
    });
    string.get(opening..closing).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches(sql: &str, dialect: Dialect, place: Where) -> Vec<String> {
        let others = ["live".to_owned()].into();
        found(sql, dialect, place, &others)
    }

    #[test]
    fn roles_reach_out_of_a_shared_server_only() {
        for sql in [
            "CREATE ROLE reader",
            "alter /* the */ user app password 'x'",
            "DO $$ BEGIN EXECUTE 'DROP ROLE old'; END $$",
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $f$ ALTER SYSTEM SET x = 1 $f$",
            "GRANT admins TO app",
        ] {
            let shared = reaches(sql, Dialect::Postgres, Where::Shared);
            assert_eq!(shared.len(), 1, "{sql}: {shared:?}");
            let private = reaches(sql, Dialect::Postgres, Where::Private);
            assert!(private.is_empty(), "{sql}: {private:?}");
        }
    }

    #[test]
    fn files_and_servers_are_out_of_every_copy() {
        for (sql, dialect) in [
            ("COPY t TO PROGRAM 'cat'", Dialect::Postgres),
            (
                "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
                Dialect::Postgres,
            ),
            ("SELECT dblink_exec('x', 'y')", Dialect::Postgres),
            ("LOAD DATA INFILE 'x' INTO TABLE t", Dialect::Mysql),
            ("SELECT 1 INTO OUTFILE 'x'", Dialect::Mysql),
            ("ATTACH 'x.db' AS x", Dialect::Sqlite),
        ] {
            assert_eq!(reaches(sql, dialect, Where::Private).len(), 1, "{sql}");
        }
    }

    #[test]
    fn other_databases_by_name() {
        for sql in [
            "INSERT INTO live.t VALUES (1)",
            "INSERT INTO `live` . `t` VALUES (1)",
            "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW UPDATE live.t SET a = 1",
            "USE live",
        ] {
            let found = reaches(sql, Dialect::Mysql, Where::Shared);
            assert_eq!(found, ["the database live"], "{sql}");
        }
        assert!(reaches("SELECT t.live FROM t", Dialect::Mysql, Where::Shared).is_empty());
    }

    #[test]
    fn what_stays_inside() {
        for sql in [
            "-- create role reader\nCREATE TABLE users (role text)",
            "INSERT INTO help VALUES ('CREATE USER makes a user')",
            "CREATE TABLE \"user\" (id int); ALTER TABLE roles ADD COLUMN system int",
            "GRANT SELECT ON t TO app; GRANT USAGE ON SCHEMA s TO app",
            "SELECT \"program\" FROM t",
        ] {
            let found = reaches(sql, Dialect::Postgres, Where::Shared);
            assert!(found.is_empty(), "{sql}: {found:?}");
        }
    }
}
