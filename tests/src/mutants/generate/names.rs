//! Tables and columns under another name where they are used.

use std::collections::BTreeSet;

use super::sites::{Words, all, replace};
use super::spelling::misspell;
use super::words::is_keyword;
use crate::mutants::{Class, MutableSet, Mutant};

/// The tables and columns that a set makes, in lower case.
pub(super) struct Names {
    tables: BTreeSet<String>,
    columns: BTreeSet<String>,
}

impl Names {
    pub(super) fn of(set: &MutableSet) -> Self {
        let mut names = Self {
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
        };
        for (_, words) in all(set) {
            names
                .tables
                .extend(made_tables(&words).filter_map(|i| words.name(i)));
            let columns = (0..words.len()).filter(|i| makes_column(&words, *i));
            names.columns.extend(columns.filter_map(|i| words.name(i)));
        }
        names
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.tables.contains(name) || self.columns.contains(name)
    }
}

/// A mutant for each place where a table or view of the set is used, misspelt.
pub(super) fn tables(set: &MutableSet) -> Vec<Mutant> {
    renamed(set, Class::Table, uses_table)
}

/// A mutant for each place where a column of the set is used, misspelt.
pub(super) fn columns(set: &MutableSet) -> Vec<Mutant> {
    renamed(set, Class::Column, uses_column)
}

fn renamed(
    set: &MutableSet,
    class: Class,
    uses: impl Fn(&Names, &Words<'_>, usize) -> bool,
) -> Vec<Mutant> {
    let names = Names::of(set);
    let mutants = all(set).flat_map(|(place, words)| {
        let at = (0..words.len()).filter(|i| uses(&names, &words, *i));
        let mutants = at.map(|i| {
            let written = words.text(i);
            let seed = format!("{} {}", place.0, words.range(i).start);
            let bare = written.trim_matches(['"', '`']);
            let wrong = written.replace(bare, &misspell(bare, &seed));
            let what = format!("`{written}` → `{wrong}`");
            replace(class, place, words.range(i), &wrong, what)
        });
        mutants.collect::<Vec<_>>()
    });
    mutants.collect()
}

/// The tokens that give a table or view its name: behind CREATE TABLE, CREATE VIEW and RENAME TO.
fn made_tables(words: &Words<'_>) -> impl Iterator<Item = usize> {
    let kind = |i: usize| i < 4 && words.is_one_of(i, &["TABLE", "VIEW"]);
    let created = (words.is(0, "CREATE"))
        .then(|| (0..words.len()).find(|i| kind(*i)))
        .flatten()
        .map(|i| last_part(words, words.after_if_exists(i + 1)));
    let renames = words.are(0, &["ALTER", "TABLE"]) || words.are(0, &["RENAME", "TABLE"]);
    let is_target = move |i: &usize| match words.is(0, "RENAME") {
        true => words.follows(*i, "TO"),
        false => {
            words.follows(*i, "RENAME")
                || (words.follows(*i, "TO") && words.follows(*i - 1, "RENAME"))
        }
    };
    let renamed = (0..words.len()).filter(move |i| {
        renames
            && is_target(i)
            && !words.is_one_of(*i, &["TO", "COLUMN", "INDEX", "KEY", "CONSTRAINT"])
    });
    created.into_iter().chain(renamed)
}

/// The index of a qualified name's last part.
fn last_part(words: &Words<'_>, index: usize) -> usize {
    if words.is(index + 1, ".") {
        index + 2
    } else {
        index
    }
}

/// Whether a token is the name of a table that has to be there.
fn uses_table(names: &Names, words: &Words<'_>, index: usize) -> bool {
    let known = words
        .name(index)
        .is_some_and(|name| names.tables.contains(&name));
    if !known || made_tables(words).any(|made| made == index) {
        return false;
    }
    // `users.id`
    if words.is(index + 1, ".") {
        return true;
    }
    // Before the name, its schema, and IF EXISTS.
    let mut before = index;
    if words.follows(before, ".") {
        before = before.saturating_sub(2);
    }
    if words.follows(before, "EXISTS") {
        before = before.saturating_sub(2);
    }
    let Some(before) = before.checked_sub(1) else {
        return false;
    };
    let ddl = words.is_one_of(0, &["CREATE", "DROP", "COMMENT"]);
    words.is_one_of(
        before,
        &[
            "FROM",
            "JOIN",
            "INTO",
            "UPDATE",
            "REFERENCES",
            "ONLY",
            "TRUNCATE",
        ],
    ) || (words.is(before, "TABLE") && !words.is(0, "CREATE"))
        || (words.is(before, "ON") && ddl)
}

/// What may stand first among the elements of CREATE TABLE and is no column.
const CONSTRAINTS: &[&str] = &[
    "CONSTRAINT",
    "PRIMARY",
    "UNIQUE",
    "FOREIGN",
    "CHECK",
    "KEY",
    "INDEX",
    "EXCLUDE",
    "LIKE",
    "FULLTEXT",
    "SPATIAL",
];

/// Whether a token gives a column its name.
fn makes_column(words: &Words<'_>, index: usize) -> bool {
    if words.name(index).is_none() || words.is_one_of(index, CONSTRAINTS) {
        return false;
    }
    let first = |word: &str| words.is(0, word);
    let table = first("CREATE") && (1..4).any(|i| words.is(i, "TABLE"));
    if table && (words.follows(index, "(") || words.follows(index, ",")) {
        return words.depth(index) == 1;
    }
    if !first("ALTER") {
        return false;
    }
    let added = words.follows(index, "ADD") && !words.is_one_of(index, &["COLUMN", "IF"]);
    let added_column = words.follows(index, "COLUMN") && index > 1 && words.is(index - 2, "ADD");
    let if_not_exists = words.follows(index, "EXISTS") && index > 2 && words.is(index - 2, "NOT");
    let renamed = words.follows(index, "TO")
        && index > 2
        && (words.is(index - 3, "RENAME") || words.is(index - 3, "COLUMN"));
    // CHANGE [COLUMN] old new
    let changed = index > 1
        && (words.is(index - 2, "CHANGE")
            || (words.is(index - 2, "COLUMN") && index > 2 && words.is(index - 3, "CHANGE")));
    let keyword = words.is(index, "COLUMN");
    (added || added_column || if_not_exists || renamed || changed) && !keyword
}

/// Whether a token is the name of a column that has to be there.
fn uses_column(names: &Names, words: &Words<'_>, index: usize) -> bool {
    let known = words
        .name(index)
        .is_some_and(|name| names.columns.contains(&name));
    let keyword =
        words.is_word(index) && (is_keyword(words.text(index)) || is_type(words.text(index)));
    if !known || keyword || makes_column(words, index) || uses_table(names, words, index) {
        return false;
    }
    // A function or a table before its columns; a table before its column.
    if words.is(index + 1, "(") || words.is(index + 1, ".") {
        return false;
    }
    // Names of other things, and new names.
    let others = [
        "AS",
        "CONSTRAINT",
        "INDEX",
        "TABLE",
        "TRIGGER",
        "FUNCTION",
        "PROCEDURE",
        "TYPE",
        "VIEW",
        "CONCURRENTLY",
        "EXTENSION",
        "SCHEMA",
        "SEQUENCE",
        "LANGUAGE",
        "CALL",
        "REFERENCES",
        "INTO",
        "FROM",
        "JOIN",
        "TO",
        "PRAGMA",
        "ENGINE",
        "COLLATE",
        "USING",
        "EXISTS",
    ];
    if index == 0 || words.is_one_of(index - 1, &others) {
        // IF EXISTS before a column that is dropped.
        return index > 2 && words.follows(index, "EXISTS") && words.is(index - 3, "COLUMN");
    }
    let made_of_columns = [
        "CREATE", "ALTER", "INSERT", "UPDATE", "DELETE", "SELECT", "WITH", "REPLACE",
    ];
    let routine = (1..5).any(|i| words.is_one_of(i, &["FUNCTION", "PROCEDURE"]));
    words.is_one_of(0, &made_of_columns) && !(words.is(0, "CREATE") && routine)
}

/// Types that are no words of the standard and are names of columns too.
fn is_type(word: &str) -> bool {
    [
        "text", "blob", "date", "time", "json", "jsonb", "bytea", "datetime", "name", "uuid",
    ]
    .iter()
    .any(|name| name.eq_ignore_ascii_case(word))
}
