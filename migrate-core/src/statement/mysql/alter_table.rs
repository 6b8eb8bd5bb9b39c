//! Which ALTER TABLE can be told from the definition of the table before and after.
//!
//! The definition shows whether it happened, or repeating it on an unchanged definition is
//! harmless (FORCE, ENGINE of the same name, ORDER BY). Two things break that: clauses that move
//! rows and leave the definition (EXCHANGE and TRUNCATE PARTITION, DISCARD and IMPORT TABLESPACE),
//! and a column that goes while one of its name comes, so that the definition may look the same
//! and the data is not.

use super::super::cursor::Cursor;
use super::{CatalogueChange, ObjectKind, Verb};

/// The words that start a clause which can be told.
const TOLD: &[&str] = &[
    "ADD",
    "ALGORITHM",
    "ALTER",
    "ANALYZE",
    "AUTO_INCREMENT",
    "AVG_ROW_LENGTH",
    "CHANGE",
    "CHARACTER",
    "CHARSET",
    "CHECK",
    "CHECKSUM",
    "COALESCE",
    "COLLATE",
    "COMMENT",
    "COMPRESSION",
    "DEFAULT",
    "DELAY_KEY_WRITE",
    "DISABLE",
    "DROP",
    "ENABLE",
    "ENCRYPTED",
    "ENCRYPTION",
    "ENGINE",
    "FORCE",
    "KEY_BLOCK_SIZE",
    "LOCK",
    "MAX_ROWS",
    "MIN_ROWS",
    "MODIFY",
    "OPTIMIZE",
    "ORDER",
    "PACK_KEYS",
    "PAGE_CHECKSUM",
    "PAGE_COMPRESSED",
    "PARTITION",
    "REBUILD",
    "REMOVE",
    "RENAME",
    "REORGANIZE",
    "REPAIR",
    "ROW_FORMAT",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "TRANSACTIONAL",
    "WITH",
    "WITHOUT",
];

/// The change, with the new name of a rename among the names; none if the catalogue does not tell.
pub(super) fn change(mut c: Cursor<'_>) -> Option<CatalogueChange> {
    let if_exists_clause = c.eat_if_exists();
    let mut names = vec![c.name()?];
    if c.eat("WAIT") {
        c.next();
    }
    c.eat("NOWAIT");
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    let clauses = c.parts();
    let only = clauses.len() == 1;
    let mut verb = Verb::Alter;
    for mut clause in clauses {
        let started = clause.clone();
        if !clause.is_one_of(TOLD) && !clause.eat_all(&["CONVERT", "TO"]) {
            return None;
        }
        if clause.eat("ADD") {
            new.extend(added_columns(clause));
        } else if clause.eat("DROP") {
            gone.extend(dropped_column(clause));
        } else if clause.eat("CHANGE") {
            clause.eat("COLUMN");
            clause.eat_if_exists();
            let (from, to) = (clause.identifier()?, clause.identifier()?);
            if !from.eq_ignore_ascii_case(&to) {
                gone.push(from);
                new.push(to);
            }
        } else if clause.eat("RENAME") {
            if clause.eat("COLUMN") {
                clause.eat_if_exists();
                gone.push(clause.identifier()?);
                clause.eat("TO").then_some(())?;
                new.push(clause.identifier()?);
            } else if !clause.is_one_of(&["INDEX", "KEY"]) {
                clause.eat_one_of(&["TO", "AS"]);
                clause.eat_mark("=");
                names.push(clause.name()?);
                if only {
                    verb = Verb::Rename;
                }
            }
        } else if started.clone().eat("CONVERT") && !clause.is_one_of(&["CHARACTER", "CHARSET"]) {
            // MariaDB's CONVERT TABLE … TO PARTITION is refused above, this is any other.
            return None;
        }
    }
    let lower =
        |names: &[String]| -> Vec<String> { names.iter().map(|n| n.to_lowercase()).collect() };
    let (gone, new) = (lower(&gone), lower(&new));
    if gone.iter().any(|name| new.contains(name)) {
        return None;
    }
    Some(CatalogueChange {
        verb,
        object: ObjectKind::Table,
        names,
        on: None,
        concurrently: false,
        if_exists_clause,
    })
}

/// Whether a clause after ADD or DROP is about something else than a column.
fn is_no_column(c: &Cursor<'_>) -> bool {
    c.is_one_of(&[
        "CHECK",
        "CONSTRAINT",
        "FOREIGN",
        "FULLTEXT",
        "INDEX",
        "KEY",
        "PARTITION",
        "PRIMARY",
        "SPATIAL",
        "UNIQUE",
    ]) || c.clone().eat_all(&["SYSTEM", "VERSIONING"])
        || c.clone().eat_all(&["PERIOD", "FOR"])
}

fn added_columns(mut c: Cursor<'_>) -> Vec<String> {
    if !c.eat("COLUMN") && is_no_column(&c) {
        return Vec::new();
    }
    c.eat_if_exists();
    if !c.eat_mark("(") {
        return c.identifier().into_iter().collect();
    }
    c.parts()
        .into_iter()
        .filter(|part| !is_no_column(part))
        .filter_map(|mut part| part.identifier())
        .collect()
}

fn dropped_column(mut c: Cursor<'_>) -> Option<String> {
    if !c.eat("COLUMN") && is_no_column(&c) {
        return None;
    }
    c.eat_if_exists();
    c.identifier()
}
