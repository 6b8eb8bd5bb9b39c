//! What a script that runs statement by statement keeps in its session from one statement to a
//! later one: a run that goes on in another session has lost it.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use super::cursor::{Cursor, Piece};
use crate::Dialect;
use crate::lex::{TokenKind, unquote};
use crate::split::Statement;

/// A place where a statement needs what an earlier one left in the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLean {
    /// The index of the statement.
    pub statement: usize,
    /// Where it says so, as bytes of the script.
    pub span: Range<usize>,
    /// What it needs.
    pub leaning: Leaning,
}

/// What is lost with a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leaning {
    /// A temporary table, view or sequence is created.
    TemporaryObject,
    /// A function tells about the statement before, such as LAST_INSERT_ID().
    Function {
        /// Its name in upper case.
        name: String,
    },
    /// A user variable is read that another statement set.
    UserVariable {
        /// Its name with the `@`, in lower case.
        name: String,
    },
    /// A prepared statement is executed that another statement prepared.
    PreparedStatement {
        /// Its name in lower case.
        name: String,
    },
}

impl fmt::Display for Leaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Leaning::TemporaryObject => f.write_str("a temporary object"),
            Leaning::Function { name } => write!(f, "{name}()"),
            Leaning::UserVariable { name } => write!(f, "the variable {name}"),
            Leaning::PreparedStatement { name } => write!(f, "the prepared statement {name}"),
        }
    }
}

/// Finds what the statements of a script, which run one by one, need from each other's session.
///
/// A variable that only saves a system variable is left out, because replaying that is exact:
/// every dump of mysqldump does so (`SET @OLD_SQL_MODE = @@SQL_MODE`).
pub fn leans_on_session(
    text: &str,
    statements: &[Statement],
    dialect: Dialect,
) -> Vec<SessionLean> {
    let mut found = Found::default();
    for (index, statement) in statements.iter().enumerate() {
        found.index = index;
        found.offset = statement.span.start;
        let c = Cursor::new(statement.text(text), dialect);
        if !is_program(c.clone()) {
            found.statement(c, dialect);
        }
    }
    found.leans
}

/// A routine, trigger or event: its body runs another time, in another session.
fn is_program(mut c: Cursor<'_>) -> bool {
    c.eat_one_of(&["CREATE", "ALTER"])
        && c.take_while(|p| {
            !p.is_one_of(&["TABLE", "VIEW", "INDEX", "AS", "ON"]) && !p.is_mark("(")
        })
        .any(|p| p.is_one_of(&["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"]))
}

const TEMPORARY: [&str; 2] = ["TEMP", "TEMPORARY"];

#[derive(Default)]
struct Found {
    index: usize,
    offset: usize,
    leans: Vec<SessionLean>,
    /// Variables and prepared statements, and the statement that set them last.
    variables: HashMap<String, usize>,
    prepared: HashMap<String, usize>,
}

impl Found {
    fn lean(&mut self, piece: Piece<'_>, leaning: Leaning) {
        let known = |lean: &SessionLean| lean.statement == self.index && lean.leaning == leaning;
        if !self
            .leans
            .iter()
            .rev()
            .take_while(|l| l.statement == self.index)
            .any(known)
        {
            self.leans.push(SessionLean {
                statement: self.index,
                span: self.offset + piece.token.start..self.offset + piece.token.end,
                leaning,
            });
        }
    }

    fn statement(&mut self, mut c: Cursor<'_>, dialect: Dialect) {
        let mut ahead = c.clone();
        if ahead.eat("CREATE") {
            ahead.eat_all(&["OR", "REPLACE"]);
            ahead.eat_one_of(&["GLOBAL", "LOCAL"]);
            if let Some(piece) = ahead.peek().filter(|p| p.is_one_of(&TEMPORARY)) {
                self.lean(piece, Leaning::TemporaryObject);
            }
        } else if ahead.eat("PREPARE") && !ahead.is("TRANSACTION") {
            if let Some(name) = ahead.identifier() {
                self.prepared.insert(name.to_lowercase(), self.index);
            }
        } else if ahead.eat("EXECUTE")
            && let Some(piece) = ahead.peek()
            && let Some(name) = ahead.identifier()
        {
            let name = name.to_lowercase();
            if self.prepared.contains_key(&name) {
                self.lean(piece, Leaning::PreparedStatement { name });
            }
        }
        let targets = if dialect == Dialect::Mysql && c.eat("SET") {
            set_targets(&c)
        } else {
            Vec::new()
        };
        let mut into = false;
        let mut previous: Option<Piece<'_>> = None;
        while let Some(piece) = c.next() {
            if piece.token.kind == TokenKind::Word {
                let after_dot = previous.is_some_and(|p| p.is_mark("."));
                if c.is_mark("(") && !after_dot {
                    self.function(piece, &c, dialect);
                }
                into = piece.is("INTO");
                if let Some(temporary) = c.peek().filter(|p| into && p.is_one_of(&TEMPORARY)) {
                    self.lean(temporary, Leaning::TemporaryObject);
                }
            } else if dialect == Dialect::Mysql && piece.token.kind == TokenKind::Parameter {
                let Some(name) = variable_name(&piece, &mut c) else {
                    previous = Some(piece);
                    continue;
                };
                let assigned = is_assignment(&c);
                if into || assigned {
                    self.variables.insert(name, self.index);
                } else if !targets.iter().any(|t| t.start == piece.token.start)
                    && self
                        .variables
                        .get(&name)
                        .is_some_and(|&set| set != self.index)
                {
                    self.lean(piece, Leaning::UserVariable { name });
                }
            } else if !piece.is_mark(",") {
                into = false;
            }
            previous = Some(piece);
        }
        for target in targets {
            if target.saves {
                self.variables.remove(&target.name);
            } else {
                self.variables.insert(target.name, self.index);
            }
        }
    }

    fn function(&mut self, piece: Piece<'_>, c: &Cursor<'_>, dialect: Dialect) {
        let names: &[&str] = match dialect {
            Dialect::Postgres => &["LASTVAL", "CURRVAL"],
            Dialect::Mysql => &["LAST_INSERT_ID", "ROW_COUNT", "FOUND_ROWS"],
            Dialect::Sqlite => &["LAST_INSERT_ROWID", "CHANGES", "TOTAL_CHANGES"],
        };
        let mut arguments = c.clone();
        arguments.eat_mark("(");
        // LAST_INSERT_ID(x) sets the value.
        let sets = piece.is("LAST_INSERT_ID") && !arguments.is_mark(")");
        if piece.is_one_of(names) && !sets {
            let name = piece.text.to_ascii_uppercase();
            self.lean(piece, Leaning::Function { name });
        }
    }
}

/// A variable that a SET assigns.
struct Target {
    /// The offset within the statement.
    start: usize,
    name: String,
    /// The value is a system variable, so that replaying it is exact.
    saves: bool,
}

/// What a SET assigns with a plain equals sign, which is a comparison elsewhere.
fn set_targets(c: &Cursor<'_>) -> Vec<Target> {
    let assigned = |mut part: Cursor<'_>| {
        let piece = part.next()?;
        let name = variable_name(&piece, &mut part)?;
        part.eat_mark(":");
        part.eat_mark("=");
        let system = part.next().is_some_and(|p| p.text.starts_with("@@"));
        Some(Target {
            start: piece.token.start,
            name,
            saves: system && part.peek().is_none(),
        })
    };
    c.parts().into_iter().filter_map(assigned).collect()
}

/// `@name` in lower case; the name may be quoted, a token of its own. None for system variables
/// and placeholders.
fn variable_name(piece: &Piece<'_>, c: &mut Cursor<'_>) -> Option<String> {
    if !piece.text.starts_with('@') || piece.text.starts_with("@@") {
        return None;
    }
    if piece.text == "@" {
        let name = c.next()?;
        return Some(format!("@{}", unquote(name.text).to_lowercase()));
    }
    Some(piece.text.to_lowercase())
}

/// `:=` follows.
fn is_assignment(c: &Cursor<'_>) -> bool {
    let mut c = c.clone();
    c.eat_mark(":") && c.eat_mark("=")
}
