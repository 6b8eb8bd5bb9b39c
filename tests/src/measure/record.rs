use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use migrate_core::Dialect;
use serde::{Deserialize, Serialize};

use super::case::folder;

/// What was measured on one version of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// By the cases' names.
    pub cases: BTreeMap<String, Measurement>,
}

/// What one migration does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// **The label**: whom the migration keeps away from tables that were there before, *while it
    /// works*. It works while a statement reads, writes, copies or indexes rows in proportion to a
    /// table's rows; whoever is locked out then waits the longer the larger the table is.
    /// None for SQLite, where whatever writes keeps every other writer away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks_while_it_works: Option<Blocked>,
    /// Whom it keeps away for a moment at least, however many rows there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Blocked>,
    /// The server's error code, or SQLite's message, where it refuses the migration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// SQLite: what was there before, was not dropped by its name, and is gone or has changed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub loses: BTreeSet<String>,
    /// What each statement did, up to the one that was refused.
    pub statements: Vec<Facts>,
}

/// Whom locks keep away from a table.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Blocked {
    /// Nobody who reads or writes rows.
    #[default]
    Nobody,
    /// Who writes.
    Writes,
    /// Who reads, and who writes.
    ReadsAndWrites,
}

/// What one statement did. Relations are named as they were before the migration; those that it
/// makes itself are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The statement.
    pub sql: String,
    /// MariaDB: the least that the server accepts, as `ALGORITHM, LOCK`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// MariaDB: what an empty copy of the table (`CREATE TABLE … LIKE`) answers, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_of_copy: Option<String>,
    /// MariaDB: for a moment at least it shuts everybody out: it waits for each open transaction
    /// that has only read from one of the tables, and all others queue behind it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
    /// PostgreSQL: relation → lock modes, of all statements of the transaction so far.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locks: BTreeMap<String, BTreeSet<String>>,
    /// Table → who was kept away after the statement and until the transaction ends (PostgreSQL),
    /// or while the statement ran (MariaDB).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keeps_away: BTreeMap<String, Blocked>,
    /// MariaDB: table → who was kept away when it was tried, where that is not what the class says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<BTreeMap<String, Blocked>>,
    /// Tables of which at least half the rows were read.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub read: BTreeSet<String>,
    /// Tables of which at least half the rows were inserted, updated or deleted by the statement.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub wrote: BTreeSet<String>,
    /// Tables that are stored anew, with their rows.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rewrote: BTreeSet<String>,
    /// Indexes that were there and are stored anew; on MariaDB also those added to a table with rows.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub built: BTreeSet<String>,
    /// PostgreSQL: what the server says about it at `client_min_messages = debug1`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub says: BTreeSet<String>,
}

impl Facts {
    /// Whether the statement does work in proportion to a table's rows.
    #[must_use]
    pub fn works(&self) -> bool {
        [&self.read, &self.wrote, &self.rewrote, &self.built]
            .iter()
            .any(|tables| !tables.is_empty())
    }

    /// Whom the statement keeps away from some table, for as long as it lasts.
    #[must_use]
    pub fn blocks(&self) -> Blocked {
        let kept_away = self.keeps_away.values().copied().max();
        kept_away.unwrap_or(Blocked::Nobody)
    }

    /// Whom it keeps away for a moment at least.
    #[must_use]
    pub fn blocks_at_some_time(&self) -> Blocked {
        match self.exclusive {
            true => Blocked::ReadsAndWrites,
            false => self.blocks(),
        }
    }
}

impl Measurement {
    /// Both labels, out of what the statements did.
    #[must_use]
    pub fn of(statements: Vec<Facts>, refused: Option<String>) -> Self {
        let working = statements.iter().filter(|facts| facts.works());
        let while_it_works = working.map(Facts::blocks).max();
        let at_some_time = statements.iter().map(Facts::blocks_at_some_time).max();
        Self {
            blocks_while_it_works: Some(while_it_works.unwrap_or_default()),
            blocks: Some(at_some_time.unwrap_or_default()),
            refused,
            loses: BTreeSet::new(),
            statements,
        }
    }
}

/// Where the measurements of a server version are kept.
#[must_use]
pub fn path(dialect: Dialect, version: &str) -> PathBuf {
    folder(dialect).join(format!("measured-{version}.json"))
}

impl Measured {
    /// Reads what was kept; `None` where this version has not been measured.
    ///
    /// # Panics
    /// Where the file cannot be read.
    #[must_use]
    pub fn read(path: &std::path::Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    }

    /// As it is kept: sorted, a statement a line.
    ///
    /// # Panics
    /// Never: everything in it is plain data.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = "{\"cases\": {".to_owned();
        let mut separator = "";
        for (name, measurement) in &self.cases {
            let mut head = measurement.clone();
            let statements = std::mem::take(&mut head.statements);
            let head = to_json(&head);
            // The statements are the last field.
            let head = head.trim_end_matches("]}");
            let statements: Vec<String> = statements.iter().map(to_json).collect();
            let name = to_json(name);
            let statements = statements.join(",\n  ");
            text.push_str(&format!("{separator}\n{name}: {head}\n  {statements}]}}"));
            separator = ",";
        }
        text.push_str("\n}}\n");
        text
    }

    /// The cases that differ from what was kept, each with both sides.
    #[must_use]
    pub fn differences(&self, kept: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.cases.keys().chain(kept.cases.keys()).collect();
        let mut differences = Vec::new();
        for name in names {
            let (now, before) = (self.cases.get(name), kept.cases.get(name));
            if now != before {
                let show = |m: Option<&Measurement>| match m {
                    Some(m) => to_json(m),
                    None => "no such case".to_owned(),
                };
                differences.push(format!(
                    "{name}\n   kept: {}\n    now: {}",
                    show(before),
                    show(now)
                ));
            }
        }
        differences
    }
}

fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data")
}
