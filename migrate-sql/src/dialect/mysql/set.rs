//! SET.

use migrate_core::lex::TokenKind;

use super::statement::step;
use super::value::value;
use crate::change::{Change, MaintenanceVerb, Session, Step, Value, Variable};
use crate::dialect::reader::{Read, Reader, string_value};

/// Settings that end waiting or running statements.
const TIMEOUTS: &[&str] = &[
    "innodb_lock_wait_timeout",
    "lock_wait_timeout",
    "max_execution_time",
    "max_statement_time",
];

/// Words that are values of settings and no expressions.
const SETTING_WORDS: &[&str] = &["ON", "ALL", "BINARY", "DEFAULT", "ROW", "SYSTEM"];

impl Reader<'_> {
    pub(super) fn set(&mut self) -> Read<Vec<Change>> {
        self.need("SET")?;
        // MariaDB: settings for the one statement after FOR.
        if self.is("STATEMENT") && !self.is_mark_at(1, "=") {
            self.next();
            self.list(|r| {
                r.identifier("a setting")?;
                r.need_mark("=")?;
                r.scoped(Self::expression)
            })?;
            self.need("FOR")?;
            return self.one_statement();
        }
        let assigned = self.is_mark_at(1, "=") || self.is_mark_at(1, ":=");
        if self.is("PASSWORD") || self.are(&["DEFAULT", "ROLE"]) || self.is("ROLE") && !assigned {
            let objects = Vec::new();
            return self.passed_over(vec![Change::Privilege { objects }]);
        }
        if self.is_one_of(&["RESOURCE"]) && self.is_at(1, "GROUP") {
            return self.passed_over(Vec::new());
        }
        let changes = self.list(Self::setting)?;
        Ok(changes.into_iter().flatten().collect())
    }

    /// One assignment.
    fn setting(&mut self) -> Read<Option<Change>> {
        if self.eat("NAMES") {
            let (value, _) = self.setting_value()?;
            if self.eat("COLLATE") {
                self.collation()?;
            }
            return Ok(Some(setting("names", value)));
        }
        if self.eat("CHARSET") || self.eat_all(&["CHARACTER", "SET"]) {
            let (value, _) = self.setting_value()?;
            return Ok(Some(setting("character set", value)));
        }
        let scope = ["GLOBAL", "PERSIST", "PERSIST_ONLY", "SESSION", "LOCAL"];
        let scope = if self.is_mark_at(1, "=") || self.is_mark_at(1, ":=") {
            None
        } else {
            self.eat_one_of(&scope)
        };
        let mut global = matches!(scope, Some("GLOBAL" | "PERSIST" | "PERSIST_ONLY"));
        if self.eat("TRANSACTION") {
            return self.isolation().map(Some);
        }
        let Some(piece) = self.peek() else {
            return Err(self.expected("a setting or a variable"));
        };
        let mut variable = false;
        let mut name = if piece.kind == TokenKind::Parameter {
            self.next();
            variable = !piece.text.starts_with("@@");
            // The name of `@'x'` is a token of its own.
            let quoted = (piece.text == "@").then(|| self.next()).flatten();
            let text = quoted.map_or(piece.text, |quoted| quoted.text);
            text.trim_matches(['@', '\'', '"', '`']).to_lowercase()
        } else {
            // A setting, a variable of a program, `NEW.column`.
            let names = self.column_name()?;
            let names: Vec<String> = names.into_iter().map(|it| it.name).collect();
            names.join(".").to_lowercase()
        };
        // MariaDB's `SET x.y`, and `@@session.x`.
        if let Some((first, rest)) = name.split_once('.')
            && ["global", "persist", "persist_only", "session", "local"].contains(&first)
        {
            global |= !["session", "local"].contains(&first);
            name = rest.to_owned();
        }
        if !self.eat_mark("=") && !self.eat_mark(":=") {
            return Err(self.expected("`=`"));
        }
        let local = !variable && !global && self.programs > 0 && !name.contains('.');
        let (word, value) = self.setting_value()?;
        if variable {
            return Ok(Some(step(Step::Set {
                variable: Variable::Session(name),
                value,
                setting: None,
            })));
        }
        let setting = assigned(name.clone(), word, global);
        Ok(Some(if local {
            step(Step::Set {
                variable: Variable::Local(name),
                value,
                setting: Some(Box::new(setting)),
            })
        } else {
            setting
        }))
    }

    /// A value as a setting has it, nothing for expressions that are more than one word; and as it
    /// may be computed.
    fn setting_value(&mut self) -> Read<(Option<String>, Value)> {
        let last = self
            .peek_at(1)
            .is_none_or(|next| next.is_mark(",") || next.kind == TokenKind::Terminator);
        if last && let Some(word) = self.eat_one_of(SETTING_WORDS) {
            let word = Some(word.to_owned()).filter(|word| word != "DEFAULT");
            return Ok((word, Value::Unknown));
        }
        let first = self.peek();
        let place = self.place();
        let (tree, _) = self.scoped(Self::expression)?;
        let single = self.place() == place + 1;
        let word = first.filter(|_| single).and_then(|piece| match piece.kind {
            TokenKind::String => Some(string_value(piece.text, self.dialect)),
            TokenKind::Word | TokenKind::Number => Some(piece.text.to_owned()),
            _ => None,
        });
        Ok((word, value(&tree)))
    }

    /// `ISOLATION LEVEL …`, READ ONLY, READ WRITE.
    fn isolation(&mut self) -> Read<Change> {
        loop {
            if self.eat("ISOLATION") {
                self.need("LEVEL")?;
                match self.need_one_of(&["READ", "REPEATABLE", "SERIALIZABLE"])? {
                    "READ" => {
                        self.need_one_of(&["COMMITTED", "UNCOMMITTED"])?;
                    }
                    "REPEATABLE" => self.need("READ")?,
                    _ => {}
                }
            } else {
                self.need("READ")?;
                self.need_one_of(&["ONLY", "WRITE"])?;
            }
            if !self.is_mark(",") || !(self.is_at(1, "READ") || self.is_at(1, "ISOLATION")) {
                return Ok(setting("transaction", None));
            }
            self.next();
        }
    }
}

/// What an assignment to something of that name does where it is no variable.
fn assigned(name: String, value: Option<String>, global: bool) -> Change {
    if global {
        return Change::Maintenance {
            verb: MaintenanceVerb::Other,
            name: None,
            concurrently: false,
            full: false,
        };
    }
    if TIMEOUTS.contains(&name.as_str()) {
        return Change::Session(Session::Timeout { name });
    }
    setting(&name, value)
}

fn setting(name: &str, value: Option<String>) -> Change {
    Change::Session(Session::Setting {
        name: name.to_owned(),
        value,
    })
}
