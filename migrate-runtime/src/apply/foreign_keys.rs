//! SQLite's foreign keys around a table rebuild.
//!
//! `PRAGMA foreign_keys = OFF` does nothing inside a transaction, and a rebuild with keys on deletes
//! every cascading child when it drops the old table. So the runner switches them off before it
//! begins, and looks for new violations before it commits.

use std::collections::BTreeMap;

use migrate_core::Dialect;
use migrate_core::statement::{ForeignKeyPragmas, foreign_key_pragmas, is_table_rebuild};

use super::Run;
use super::script::{Part, Prepared};
use crate::backend::single;
use crate::error::{Error, ErrorKind};

/// What a script says, or means, about foreign keys.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyPragmas {
    /// What keys have to be while it runs; `None` where that is no matter.
    pub(super) needed: Option<Keys>,
    pragmas: ForeignKeyPragmas,
}

/// Whether foreign keys are enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    On,
    Off,
}

impl Keys {
    fn of(on: bool) -> Self {
        if on { Keys::On } else { Keys::Off }
    }

    /// As SQL and people write it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Keys::On => "on",
            Keys::Off => "off",
        }
    }
}

/// How many violations there are, by table and parent. Row numbers are no help: a rebuild may give
/// rows new ones.
pub(super) type Violations = BTreeMap<(String, String), usize>;

impl KeyPragmas {
    pub(super) fn of(dialect: Dialect, transaction: bool, parts: &[Part]) -> Self {
        if dialect != Dialect::Sqlite || !transaction {
            return KeyPragmas::default();
        }
        let texts: Vec<&str> = parts.iter().map(|part| part.sql.as_str()).collect();
        let pragmas = foreign_key_pragmas(&texts);
        let off = pragmas.leading.is_some() || is_table_rebuild(&texts);
        let needed = match (off, pragmas.wanted) {
            (true, _) => Some(Keys::Off),
            (false, Some(_)) => Some(Keys::On),
            (false, None) => None,
        };
        KeyPragmas { needed, pragmas }
    }

    /// Whether a statement is the runner's work and not sent.
    pub(super) fn takes_out(&self, index: usize) -> bool {
        self.pragmas.done_by_runner(index)
    }

    /// Whether keys have to be off while the script runs.
    pub(super) fn have_to_be_off(&self) -> bool {
        self.needed == Some(Keys::Off)
    }
}

impl Run<'_> {
    /// Whether keys are on.
    fn keys(&mut self) -> Result<Keys, Error> {
        let on = single(
            self.session,
            "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys",
        )
        .map_err(Error::database("reading PRAGMA foreign_keys"))?;
        Ok(Keys::of(on.as_deref() == Some("1")))
    }

    /// What keys have to be switched to for the script; `None` where they are as it needs them.
    pub(super) fn keys_to_switch(
        &mut self,
        prepared: &Prepared<'_>,
    ) -> Result<Option<Keys>, Error> {
        match prepared.keys.needed {
            Some(needed) if self.keys()? != needed => Ok(Some(needed)),
            _ => Ok(None),
        }
    }

    /// Switches keys to what the script needs; answers what they were, where they have to be switched
    /// back.
    pub(super) fn switch_keys(&mut self, prepared: &Prepared<'_>) -> Result<Option<Keys>, Error> {
        let Some(needed) = self.keys_to_switch(prepared)? else {
            return Ok(None);
        };
        let refused = || {
            let why = format!("foreign keys cannot be switched {}", needed.word());
            Error::from(ErrorKind::InTransaction(why))
        };
        if self.session.in_transaction() {
            return Err(refused());
        }
        self.set_keys(needed)?;
        if !self.dry_run && self.keys()? != needed {
            return Err(refused());
        }
        Ok(Some(match needed {
            Keys::On => Keys::Off,
            Keys::Off => Keys::On,
        }))
    }

    pub(super) fn set_keys(&mut self, keys: Keys) -> Result<(), Error> {
        let (sql, doing) = match keys {
            Keys::On => ("PRAGMA foreign_keys = ON", "switching foreign keys on"),
            Keys::Off => ("PRAGMA foreign_keys = OFF", "switching foreign keys off"),
        };
        self.session.batch(sql).map_err(Error::database(doing))
    }

    pub(super) fn violations(&mut self) -> Result<Violations, Error> {
        let rows = self
            .session
            .rows(
                "SELECT \"table\", \"parent\", CAST(count(*) AS TEXT) \
                 FROM pragma_foreign_key_check GROUP BY 1, 2",
            )
            .map_err(Error::database("checking foreign keys"))?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let mut row = row.into_iter();
                let key = (row.next()??, row.next().flatten().unwrap_or_default());
                Some((key, row.next()??.parse().ok()?))
            })
            .collect())
    }

    /// Fails where there are more violations than before.
    pub(super) fn refuse_new_violations(
        &mut self,
        prepared: &Prepared<'_>,
        before: &Violations,
    ) -> Result<(), Error> {
        let violations: Vec<String> = self
            .violations()?
            .into_iter()
            .filter_map(|((table, parent), count)| {
                let old = before
                    .get(&(table.clone(), parent.clone()))
                    .copied()
                    .unwrap_or(0);
                (count > old)
                    .then(|| format!("{} new in {table}, referring to {parent}", count - old))
            })
            .collect();
        if violations.is_empty() {
            return Ok(());
        }
        Err(ErrorKind::ForeignKeys {
            version: prepared.migration.version.clone(),
            name: prepared.migration.name.to_string(),
            violations,
        }
        .into())
    }
}
