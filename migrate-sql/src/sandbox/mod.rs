//! SQLite's own answer: the scripts run, one after the other, in a database in memory.
//!
//! What the sandbox does not allow, and what depends on functions, collations or modules that an app
//! may bring, is not judged; from there on nothing is, because the state is not known any more.

mod aside;
mod connection;
mod failure;
mod mirror;
mod naming;

use std::collections::BTreeSet;

use migrate_core::lex::{Lexer, TokenKind};
use migrate_core::statement::{Kind, classify};
use migrate_core::{Diagnostic, Dialect, ScriptFile};

use crate::schema::Schema;
use aside::Aside;
use connection::Connection;
use mirror::Mirror;

/// A database in memory, and the model of what it holds.
pub(crate) struct Sandbox {
    connection: Connection,
    mirror: Mirror,
    aside: Aside,
    /// Something ran that could not be followed.
    lost: bool,
    /// Words of statements that failed: what shares one with them may fail because of them.
    tainted: BTreeSet<String>,
}

/// What running a script gave.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What SQLite refused.
    pub(crate) findings: Vec<Diagnostic>,
    /// Every statement ran.
    pub(crate) complete: bool,
}

impl Sandbox {
    /// An empty database with stubs for these functions; `None` where SQLite cannot open one.
    pub(crate) fn open(stubs: &[String]) -> Option<Self> {
        Some(Sandbox {
            connection: Connection::open(stubs).ok()?,
            mirror: Mirror::new(),
            aside: Aside::new(),
            lost: false,
            tainted: BTreeSet::new(),
        })
    }

    /// How much that scripts are not about may stay in SQLite's sight; `None` for all.
    #[cfg(test)]
    pub(crate) fn set_aside_beyond(&mut self, crowd: Option<usize>) {
        self.aside.crowd = crowd;
    }

    /// The model of what the database holds.
    pub(crate) fn schema(&self) -> &Schema {
        self.mirror.schema()
    }

    /// Whether something ran that could not be followed, so that nothing is judged any more.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost
    }

    /// Makes the database ready for a migration: what its scripts are about is in SQLite's sight, and
    /// little else. To be called before anything is begun.
    pub(crate) fn attend<'s>(&mut self, scripts: impl Iterator<Item = &'s ScriptFile>) {
        if !self.lost {
            let (naming, columns) = self.mirror.naming();
            let room = self
                .aside
                .make_room(&self.connection, naming, columns.as_ref(), scripts);
            self.lost = room.is_err();
        }
    }

    /// From here on, what stood where in the model is kept: see [`diff::since`].
    pub(crate) fn begin(&mut self) {
        self.mirror.begin();
    }

    /// Ends what [`begin`](Sandbox::begin) began.
    pub(crate) fn end(&mut self) {
        self.mirror.commit();
    }

    /// Does something to the model alone, and undoes it.
    pub(crate) fn foresee<R>(&mut self, what: impl FnOnce(&mut Schema) -> R) -> R {
        self.mirror.foresee(what)
    }

    /// Runs something and undoes it, in the database and in the model; also its getting lost.
    pub(crate) fn rehearse<R>(&mut self, rehearsal: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let tainted = self.tainted.clone();
        if self.connection.execute("SAVEPOINT migrate").is_err() {
            self.lost = true;
            return None;
        }
        self.mirror.rehearse();
        let result = rehearsal(self);
        self.mirror.rollback();
        let undone = self
            .connection
            .execute("ROLLBACK TO migrate")
            .and_then(|()| self.connection.execute("RELEASE migrate"));
        self.lost = undone.is_err();
        self.tainted = tainted;
        Some(result)
    }

    /// Runs a script, and says what SQLite refuses of it.
    pub(crate) fn run(&mut self, script: &ScriptFile) -> Outcome {
        self.connection.touched();
        let (outcome, renames) = self.run_statements(script);
        let touched = self.connection.touched();
        let touched = (!renames).then_some(&touched);
        if self
            .mirror
            .refresh(&mut self.connection, touched, script)
            .is_err()
        {
            self.lost = true;
        }
        outcome
    }

    /// Says what SQLite refuses of a script. What it does is to be undone: the model does not know it.
    pub(crate) fn try_out(&mut self, script: &ScriptFile) -> Outcome {
        self.run_statements(script).0
    }

    /// Runs a script; also whether it may have renamed something.
    fn run_statements(&mut self, script: &ScriptFile) -> (Outcome, bool) {
        let mut renames = false;
        let mut outcome = Outcome {
            findings: Vec::new(),
            complete: !self.lost,
        };
        // What could not be read with certainty is not judged either.
        self.lost |= !script.problems.is_empty();
        if self.lost {
            outcome.complete = false;
            return (outcome, renames);
        }
        self.connection.stub_was_called();
        for (index, statement) in script.split.statements.iter().enumerate() {
            let text = script.text.get(statement.span.clone()).unwrap_or_default();
            if script.is_opaque(index) {
                self.lost = true;
            }
            if self.lost {
                outcome.complete = false;
                break;
            }
            let words = words(text);
            if is_skipped(text, &words) {
                continue;
            }
            renames |= words.iter().any(|word| word == "rename");
            let Err(failed) = self.connection.execute(text) else {
                continue;
            };
            outcome.complete = false;
            if failed.is_sandbox()
                || failure::may_be_the_apps(&failed, || self.connection.stub_was_called())
            {
                self.lost = true;
                break;
            }
            if self.tainted.is_disjoint(&names(&words)) {
                outcome
                    .findings
                    .push(failure::finding(&failed, script, statement, self.schema()));
            }
            self.tainted.extend(names(&words));
        }
        if script.rust.is_some() {
            self.lost = true;
        }
        (outcome, renames)
    }
}

/// The words of a statement in lower case: identifiers, keywords and what stands in quotes of
/// identifiers.
fn words(text: &str) -> Vec<String> {
    Lexer::new(text, Dialect::Sqlite)
        .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier))
        .map(|token| naming::folded(&token, text))
        .collect()
}

/// The words that may name something: the rest says what is done.
fn names(words: &[String]) -> BTreeSet<String> {
    const KEYWORDS: &[&str] = &[
        "add",
        "after",
        "all",
        "alter",
        "and",
        "as",
        "asc",
        "autoincrement",
        "before",
        "begin",
        "between",
        "blob",
        "boolean",
        "by",
        "cascade",
        "case",
        "check",
        "collate",
        "column",
        "commit",
        "conflict",
        "constraint",
        "create",
        "current_date",
        "current_time",
        "current_timestamp",
        "datetime",
        "default",
        "delete",
        "desc",
        "distinct",
        "drop",
        "each",
        "else",
        "end",
        "exists",
        "false",
        "for",
        "foreign",
        "from",
        "group",
        "having",
        "if",
        "in",
        "index",
        "insert",
        "instead",
        "integer",
        "into",
        "is",
        "join",
        "key",
        "left",
        "like",
        "limit",
        "new",
        "not",
        "null",
        "numeric",
        "of",
        "old",
        "on",
        "or",
        "order",
        "outer",
        "primary",
        "real",
        "references",
        "rename",
        "replace",
        "restrict",
        "row",
        "select",
        "set",
        "table",
        "temp",
        "temporary",
        "text",
        "then",
        "timestamp",
        "to",
        "trigger",
        "true",
        "union",
        "unique",
        "update",
        "using",
        "values",
        "varchar",
        "view",
        "when",
        "where",
        "with",
    ];
    words
        .iter()
        .filter(|word| KEYWORDS.binary_search(&word.as_str()).is_err())
        .cloned()
        .collect()
}

/// Statements that have nothing to do in an empty database in memory: what begins and ends
/// transactions is judged elsewhere, VACUUM only moves bytes, and keys are the runner's to switch.
fn is_skipped(text: &str, words: &[String]) -> bool {
    let first = words.first().map(String::as_str);
    let into = words.iter().any(|word| word == "into");
    (first == Some("vacuum") && !into)
        || classify(text, Dialect::Sqlite).kind == Kind::TransactionControl
        || (first == Some("pragma") && words.iter().any(|word| word == "foreign_keys"))
}
