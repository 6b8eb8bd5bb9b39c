//! The rules that findings come from, with their levels where nothing is configured.

use crate::diagnostic::Level;

/// A rule: what `migrate.toml` and `-- migrate:allow` name.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The name, as in `empty-script`.
    pub code: &'static str,
    /// The level where nothing is configured.
    pub level: Level,
    /// Whether the level can be configured. It cannot where the migration could not be read.
    pub configurable: bool,
    /// What the rule is about, one line.
    pub summary: &'static str,
}

// Every rule has a page in `rules/<code>.md`; without one this does not compile.
macro_rules! rules {
    ($($name:ident = $code:literal, $level:ident, $configurable:literal, $summary:literal;)*) => {
        $(#[doc = $summary] pub static $name: Rule = Rule {
            code: $code,
            level: Level::$level,
            configurable: $configurable,
            summary: $summary,
        };)*

        /// Every rule of this crate.
        pub static ALL: &[&Rule] = &[$(&$name),*];

        /// The page of every rule, in the same order.
        #[cfg(feature = "render")]
        static PAGES: &[&str] = &[$(include_str!(concat!("../rules/", $code, ".md"))),*];
    };
}

rules! {
    DIRECTORY = "directory", Error, false, "The migration directory cannot be read, or is none.";
    NO_MIGRATIONS = "no-migrations", Error, false, "The migration directory has no migration.";
    UNREADABLE = "unreadable", Error, false, "A file cannot be read.";
    NOT_UTF8 = "not-utf8", Error, false, "A script or a file name is not UTF-8.";
    BAD_VERSION = "bad-version", Error, false, "A name does not start with a version.";
    DUPLICATE_VERSION = "duplicate-version", Error, false, "Two migrations have the same version.";
    MIXED_LAYOUT = "mixed-layout", Error, false, "The files follow more than one layout.";
    UNKNOWN_FILE = "unknown-file", Error, true, "A file belongs to no migration.";
    MISSING_UP = "missing-up", Error, false, "A migration has no up script.";
    MISSING_DOWN = "missing-down", Warning, true, "A migration has no down script and is not declared irreversible.";
    EMPTY_SCRIPT = "empty-script", Warning, true, "A script has no statement.";
    BAD_METADATA = "bad-metadata", Error, false, "A metadata.toml cannot be understood.";
    BAD_DIRECTIVE = "bad-directive", Error, false, "A `-- migrate:` comment is unknown, misspelt or incomplete.";
    UNUSED_ALLOW = "unused-allow", Warning, true, "An `allow` directive allows nothing.";
    UNTERMINATED = "unterminated", Error, false, "A string, identifier, comment or body does not end.";
    NUL_BYTE = "nul-byte", Error, false, "A script holds a NUL byte.";
    CLIENT_COMMAND = "client-command", Error, false, "A script holds a command of a client program, not SQL.";
    DELIMITER = "delimiter", Error, false, "A DELIMITER command is malformed or missing.";
    STRING_MODE = "string-mode", Error, false, "A setting changes where the strings after it end.";
    COPY_DATA = "copy-data", Error, false, "A script holds inline COPY data.";
    TRANSACTION_CONTROL = "transaction-control", Error, false, "A script begins or ends a transaction itself.";
    NOT_IN_TRANSACTION = "not-in-transaction", Error, true, "A statement that cannot run in a transaction stands in a transactional script.";
    CANNOT_RESUME = "cannot-resume", Warning, true, "A script that is not one transaction leans on its session across statements.";
    BAD_RUST = "bad-rust", Error, false, "The Rust code of a migration cannot be read, or cannot be called as one.";
    LOCK_FILE = "lock-file", Error, false, "The lock file cannot be read.";
    LOCK_CONFLICT = "lock-conflict", Error, false, "The lock file has unresolved merge conflicts.";
    NOT_LOCKED = "not-locked", Error, true, "A migration is not in the lock file.";
    LOCK_WITHOUT_FILE = "lock-without-file", Error, true, "The lock file names a migration that has no file.";
    EDITED_FROZEN = "edited-frozen", Error, true, "A frozen migration was edited.";
    DRAFT = "draft", Off, true, "A migration is a draft in the lock file.";
    CONFIGURATION = "configuration", Error, false, "migrate.toml cannot be understood.";

    // What the SQL means. migrate-sql finds these; they are named here so that configuration and
    // `allow` directives know them, whatever a program is built with.
    SYNTAX = "syntax", Error, true, "A statement is not SQL of its dialect.";
    REFUSED = "refused", Error, true, "The database refuses a statement.";
    UNKNOWN_TABLE = "unknown-table", Error, true, "A table or view does not exist.";
    UNKNOWN_COLUMN = "unknown-column", Error, true, "A column does not exist.";
    UNKNOWN_INDEX = "unknown-index", Error, true, "An index does not exist, or not on that table.";
    UNKNOWN_CONSTRAINT = "unknown-constraint", Error, true, "A constraint does not exist.";
    UNKNOWN_TYPE = "unknown-type", Error, true, "A type does not exist.";
    UNKNOWN_OBJECT = "unknown-object", Error, true, "A sequence, function, trigger, schema or other object does not exist.";
    DUPLICATE = "duplicate", Error, true, "What a statement makes is there already.";
    WRONG_KIND = "wrong-kind", Error, true, "An object is not what a statement takes it for.";
    STILL_USED = "still-used", Error, true, "What a statement drops or changes is still used.";
    BAD_FOREIGN_KEY = "bad-foreign-key", Error, true, "A foreign key references something without a unique key, or of another type.";
    BAD_DEFINITION = "bad-definition", Error, true, "A definition contradicts itself or what is there.";
    NOT_REVERTED = "not-reverted", Warning, true, "The schema after the way up and down is not the one before.";
    DATA_LOSS = "data-loss", Info, true, "The way up and down loses data.";
    SCHEMA_FILE = "schema-file", Error, false, "The file with diesel's `table!` macros cannot be read.";
    SCHEMA_DIFFERS = "schema-differs", Error, true, "A `table!` macro disagrees with the table that the migrations make.";
    SCHEMA_LACKS_TABLE = "schema-lacks-table", Info, true, "A table of the migrations has no `table!` macro.";

    // Hazards: what keeps others away from a table while work in proportion to its rows is done.
    BLOCKING_INDEX = "blocking-index", Warning, true, "Building an index keeps writers away.";
    BLOCKING_FOREIGN_KEY = "blocking-foreign-key", Warning, true, "A foreign key is checked for all rows while writers are kept away.";
    BLOCKING_CHECK = "blocking-check", Warning, true, "A CHECK is checked for all rows while everybody is kept away.";
    BLOCKING_NOT_NULL = "blocking-not-null", Warning, true, "SET NOT NULL looks at all rows while everybody is kept away.";
    BLOCKING_KEY = "blocking-key", Warning, true, "A key builds its index while everybody is kept away.";
    REWRITING_COLUMN = "rewriting-column", Warning, true, "A new column rewrites the table while everybody is kept away.";
    REWRITING_TYPE = "rewriting-type", Warning, true, "A change of a column's type rewrites the table while everybody is kept away.";
    REWRITING_TABLE = "rewriting-table", Warning, true, "A statement stores a table or index anew while everybody is kept away.";
    BLOCKING_PARTITION = "blocking-partition", Warning, true, "Attaching a partition looks at all its rows while everybody is kept away.";
    BLOCKING_DOMAIN = "blocking-domain", Warning, true, "A constraint of a domain is checked in all tables that use it while writers are kept away.";
    BLOCKING_ALTER = "blocking-alter", Warning, true, "MySQL or MariaDB keeps writers away while it copies or rebuilds a table.";
    NEWER_THAN_SERVER = "newer-than-server", Warning, true, "A statement needs a newer server than the configured one.";
    REQUIRED_COLUMN = "required-column", Warning, true, "A new column takes no NULL and has no default.";
    DESTRUCTIVE = "destructive", Info, true, "A statement throws away what is there.";
    BREAKING_RENAME = "breaking-rename", Info, true, "A rename breaks what runs under the old name.";
    LOSING_REBUILD = "losing-rebuild", Warning, true, "A SQLite table is made anew without something that belonged to it.";
    DANGLING_FOREIGN_KEY = "dangling-foreign-key", Warning, true, "A foreign key is left behind by the table that it references.";
    BREAKING_TRIGGER = "breaking-trigger", Warning, true, "A trigger names a column that is dropped.";
    CASCADING_DELETE = "cascading-delete", Info, true, "Rows of another table go, too.";
    LONG_WRITE = "long-write", Info, true, "A statement on SQLite keeps away all other writers while it works on all rows.";
    SEVERAL_LOCKS = "several-locks", Info, true, "A transaction locks one table after the other.";
    UNINDEXED_FOREIGN_KEY = "unindexed-foreign-key", Info, true, "The columns of a foreign key have no index.";
    JSON_COLUMN = "json-column", Info, true, "A column is json, not jsonb.";
    SERIAL_COLUMN = "serial-column", Off, true, "A column is a serial, not an identity.";
    NAIVE_TIMESTAMP = "naive-timestamp", Off, true, "A column is a timestamp without time zone.";
    INT_PRIMARY_KEY = "int-primary-key", Off, true, "A primary key is shorter than bigint.";
    CHAR_COLUMN = "char-column", Off, true, "A column is a char, which fills up with spaces.";
    LOCKING_DROP_INDEX = "locking-drop-index", Info, true, "Dropping an index takes a lock that everybody waits for.";
    WORK_UNDER_LOCK = "work-under-lock", Warning, true, "A transaction holds a lock that keeps others away while a later statement works.";
}

/// The rule of this crate with that name.
pub fn find(code: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code == code)
}

/// What to do about a name that no configurable rule has.
#[cfg(feature = "files")]
pub(crate) fn help_for_unknown(code: &str) -> String {
    let known = ALL.iter().filter(|rule| rule.configurable);
    match crate::suggest::closest(code, known.map(|rule| rule.code)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`migrate check --explain` lists the rules".to_owned(),
    }
}

/// The page about a rule, in Markdown: what happens, what to do, an example. It lies in `rules/`
/// under the rule's name.
///
/// ```
/// # #[cfg(feature = "render")] {
/// use migrate_core::rule;
/// assert!(rule::page(&rule::SYNTAX).starts_with("# syntax\n\nLevel: error."));
/// # }
/// ```
#[cfg(feature = "render")]
pub fn page(rule: &Rule) -> &'static str {
    ALL.iter()
        .position(|known| *known == rule)
        .and_then(|index| PAGES.get(index))
        .copied()
        .unwrap_or_default()
}

#[cfg(all(test, feature = "render"))]
mod tests {
    use super::*;

    #[test]
    fn every_page_says_the_level_that_holds() {
        for rule in ALL {
            let fixed = if rule.configurable { "." } else { ", fixed." };
            let head = format!("# {}\n\nLevel: {}{fixed}", rule.code, rule.level);
            assert!(page(rule).starts_with(&head), "{}", rule.code);
            let says_more = page(rule).len() > head.len() + 80;
            assert!(says_more && page(rule).ends_with('\n'), "{}", rule.code);
        }
    }

    #[test]
    fn every_page_has_a_rule() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
        for entry in std::fs::read_dir(dir).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let code = name.strip_suffix(".md").unwrap();
            assert!(find(code).is_some(), "{code}");
        }
    }
}
