//! Which tables and views of the database a script is about, as far as words tell: what it names,
//! what these name, and what names what it alters. Rather too many than too few.

use std::collections::{BTreeMap, BTreeSet};

use migrate_core::lex::{Lexer, Token, TokenKind, unquote};
use migrate_core::{Dialect, ScriptFile};

use crate::catalogue::Entry;

/// How a table has to do with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// An index or a trigger of it has that name.
    Part,
    /// Its view or one of its triggers holds that word: they run only where what they name is there,
    /// and ALTER TABLE rewrites them.
    Program,
    /// It references the table of that name: renaming that rewrites its definition.
    Reference,
}

/// The words of what is in a database, by table or view; all in lower case.
#[derive(Debug, Default)]
pub(super) struct Naming {
    words: BTreeMap<String, BTreeSet<(How, String)>>,
    tables: BTreeMap<(How, String), BTreeSet<String>>,
    /// Virtual tables: their modules read and drop tables of their own by name.
    modules: BTreeSet<String>,
    /// Those in whose definitions something else than their own name stands in double quotes: a name or a
    /// string.
    double_quotes: BTreeSet<String>,
    /// Those that are in SQLite's sight.
    here: BTreeSet<String>,
    /// Those that have changed since their words were read.
    changed: BTreeSet<String>,
}

impl Naming {
    /// What `sqlite_schema` holds for a table or view is another. Its words are read only when they
    /// are asked for: most changes are undone before.
    pub(super) fn changes(&mut self, table: &str) {
        self.changed.insert(table.to_owned());
    }

    /// Reads the words of what has changed.
    pub(super) fn bring_up_to_date(&mut self, entries: &BTreeMap<String, Vec<Entry>>) {
        for table in std::mem::take(&mut self.changed) {
            let entries = entries.get(&table).map_or(&[][..], Vec::as_slice);
            self.set(&table, entries);
        }
    }

    fn set(&mut self, table: &str, entries: &[Entry]) {
        for word in self.words.remove(table).unwrap_or_default() {
            if let Some(tables) = self.tables.get_mut(&word) {
                tables.remove(table);
                if tables.is_empty() {
                    self.tables.remove(&word);
                }
            }
        }
        self.modules.remove(table);
        self.double_quotes.remove(table);
        if entries.is_empty() {
            self.here.remove(table);
            return;
        }
        let mut words = BTreeSet::new();
        for entry in entries {
            let sql = entry.sql.as_deref().unwrap_or_default();
            if quotes_others(sql, &[table, &entry.name]) {
                self.double_quotes.insert(table.to_owned());
            }
            let is_module = entry.kind == "table" && has_word(sql, "virtual");
            if is_module {
                self.modules.insert(table.to_owned());
            }
            if matches!(entry.kind.as_str(), "index" | "trigger") {
                words.insert((How::Part, entry.name.to_lowercase()));
            }
            if matches!(entry.kind.as_str(), "view" | "trigger") || is_module {
                words.extend(names(sql).map(|word| (How::Program, word)));
            } else if entry.kind == "table" {
                words.extend(referenced(sql).map(|word| (How::Reference, word)));
            }
        }
        for word in &words {
            let tables = self.tables.entry(word.clone()).or_default();
            tables.insert(table.to_owned());
        }
        self.words.insert(table.to_owned(), words);
        self.here.insert(table.to_owned());
    }

    /// What is in SQLite's sight.
    pub(super) fn here(&self) -> &BTreeSet<String> {
        &self.here
    }

    /// What is in SQLite's sight, and what has been since words were read.
    pub(super) fn perhaps_here(&self) -> impl Iterator<Item = &String> {
        self.here.union(&self.changed)
    }

    /// Whether anything in SQLite's sight has something in double quotes.
    pub(super) fn has_double_quotes(&self) -> bool {
        !self.double_quotes.is_disjoint(&self.here)
    }

    /// A table or view is set aside.
    pub(super) fn leaves(&mut self, table: &str) {
        self.here.remove(table);
    }

    /// A table or view is back.
    pub(super) fn comes_back(&mut self, table: &str) {
        self.here.insert(table.to_owned());
    }

    /// The tables and views that have to be there for statements with these words; `None` for all.
    pub(super) fn needed(&self, statements: &[Vec<String>]) -> Option<BTreeSet<String>> {
        let mut needed = Needed {
            naming: self,
            found: BTreeSet::new(),
            altered: BTreeSet::new(),
        };
        for module in &self.modules {
            needed.add(module);
            let prefix = format!("{module}_");
            let own = self.words.range(prefix.clone()..).map(|(table, _)| table);
            own.take_while(|table| table.starts_with(&prefix))
                .for_each(|table| needed.add(table));
        }
        for words in statements {
            if words.iter().any(|word| reads_catalogue(word)) {
                return None;
            }
            let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
            let (alters, renames) = (has(&["alter", "drop"]), has(&["rename"]));
            for word in words {
                needed.add(word);
                self.tables(How::Part, word)
                    .for_each(|table| needed.add(table));
                if alters {
                    needed.alter(word);
                }
                if renames {
                    self.tables(How::Reference, word)
                        .for_each(|table| needed.add(table));
                }
            }
        }
        Some(needed.found)
    }

    fn tables(&self, how: How, word: &str) -> impl Iterator<Item = &String> {
        let found = self.tables.get(&(how, word.to_owned()));
        found.into_iter().flatten()
    }
}

/// What was found to be needed.
struct Needed<'a> {
    naming: &'a Naming,
    found: BTreeSet<String>,
    altered: BTreeSet<String>,
}

impl Needed<'_> {
    /// A table or view, if it is one, and what its query and its triggers name.
    fn add(&mut self, table: &str) {
        let mut waiting = vec![table];
        while let Some(table) = waiting.pop() {
            let Some(words) = self.naming.words.get(table) else {
                continue;
            };
            if self.found.insert(table.to_owned()) {
                let named = words.iter().filter(|(how, _)| *how == How::Program);
                waiting.extend(named.map(|(_, word)| word.as_str()));
            }
        }
    }

    /// The views and triggers that name what is altered, and the views over these.
    fn alter(&mut self, word: &str) {
        let mut waiting = vec![word];
        while let Some(word) = waiting.pop() {
            let is_one = self.naming.words.contains_key(word);
            if !is_one || !self.altered.insert(word.to_owned()) {
                continue;
            }
            for table in self.naming.tables(How::Program, word) {
                self.add(table);
                waiting.push(table);
            }
        }
    }
}

/// The words of each statement that may be names.
pub(super) fn statements(script: &ScriptFile) -> impl Iterator<Item = Vec<String>> {
    script
        .split
        .texts(&script.text)
        .map(|text| names(text).collect())
}

/// Whether a statement does what words do not tell: it makes something for the session alone, or
/// switches how SQLite treats its catalogue.
pub(super) fn is_out_of_sight(words: &[String]) -> bool {
    const WORDS: [&str; 6] = [
        "temp",
        "temporary",
        "sqlite_temp_master",
        "sqlite_temp_schema",
        "auto_vacuum",
        "legacy_alter_table",
    ];
    words.iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Words of statements that look at all tables.
fn reads_catalogue(word: &str) -> bool {
    (word.starts_with("sqlite_") && word != "sqlite_sequence")
        || word.starts_with("pragma_")
        || matches!(
            word,
            "analyze"
                | "dbstat"
                | "foreign_key_check"
                | "integrity_check"
                | "quick_check"
                | "reindex"
                | "table_list"
        )
}

fn has_word(text: &str, wanted: &str) -> bool {
    Lexer::new(text, Dialect::Sqlite)
        .any(|token| token.kind == TokenKind::Word && token.text(text).eq_ignore_ascii_case(wanted))
}

/// Whether something other than these names stands in double quotes, in which SQLite itself puts the name
/// of what was renamed.
fn quotes_others(sql: &str, own: &[&str]) -> bool {
    sql.contains('"')
        && Lexer::new(sql, Dialect::Sqlite)
            .filter(|token| token.text(sql).starts_with('"'))
            .map(|token| unquote(token.text(sql)))
            .any(|name| !own.iter().any(|own| own.eq_ignore_ascii_case(&name)))
}

/// What stands after REFERENCES.
fn referenced(sql: &str) -> impl Iterator<Item = String> {
    let mut after = false;
    names(sql).filter(move |word| std::mem::replace(&mut after, word == "references"))
}

/// All that can be a name, in lower case. SQLite takes a string for a name where only that can stand.
fn names(text: &str) -> impl Iterator<Item = String> {
    Lexer::new(text, Dialect::Sqlite)
        .filter(|token| {
            matches!(
                token.kind,
                TokenKind::Word | TokenKind::QuotedIdentifier | TokenKind::String
            )
        })
        .map(|token| folded(&token, text))
}

/// A name in lower case and without its quotes.
pub(super) fn folded(token: &Token, text: &str) -> String {
    match token.kind {
        TokenKind::Word => token.text(text).to_lowercase(),
        _ => unquote(token.text(text)).to_lowercase(),
    }
}
