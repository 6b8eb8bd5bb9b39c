//! SQLite's foreign keys around a table rebuild.
//!
//! `PRAGMA foreign_keys = OFF` does nothing inside a transaction, and a rebuild with keys on deletes
//! every cascading child when it drops the old table. So the runner switches them off before it
//! begins, and looks for new violations before it commits.

use std::collections::BTreeMap;

use migrate_core::Dialect;
use migrate_core::statement::{foreign_key_pragmas, is_table_rebuild};

use super::Run;
use super::script::{Part, Prepared};
use crate::backend::single;
use crate::error::{Error, ErrorKind};

/// What a script says, or means, about foreign keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyPragmas {
    /// Whether keys have to be off while it runs.
    pub(super) needed: bool,
    leading: Option<usize>,
    trailing: Option<usize>,
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
        KeyPragmas {
            needed: pragmas.leading.is_some() || is_table_rebuild(&texts),
            leading: pragmas.leading,
            trailing: pragmas.trailing,
        }
    }

    /// Whether a statement is the runner's work and not sent.
    pub(super) fn takes_out(&self, index: usize) -> bool {
        Some(index) == self.leading || Some(index) == self.trailing
    }
}

impl Run<'_> {
    pub(super) fn keys_are_on(&mut self) -> Result<bool, Error> {
        let on = single(
            self.session,
            "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys",
        )
        .map_err(Error::database("reading PRAGMA foreign_keys"))?;
        Ok(on.as_deref() == Some("1"))
    }

    /// Switches keys off where the script needs it; answers whether they have to be switched on
    /// again.
    pub(super) fn switch_keys_off(&mut self, prepared: &Prepared<'_>) -> Result<bool, Error> {
        if !prepared.keys.needed || !self.keys_are_on()? {
            return Ok(false);
        }
        if self.session.in_transaction() {
            let why = "foreign keys cannot be switched off for a table rebuild".to_owned();
            return Err(ErrorKind::InTransaction(why).into());
        }
        self.session
            .batch("PRAGMA foreign_keys = OFF")
            .map_err(Error::database("switching foreign keys off"))?;
        if !self.dry_run && self.keys_are_on()? {
            let why = "foreign keys cannot be switched off for a table rebuild".to_owned();
            return Err(ErrorKind::InTransaction(why).into());
        }
        Ok(true)
    }

    pub(super) fn switch_keys_on(&mut self) -> Result<(), Error> {
        self.session
            .batch("PRAGMA foreign_keys = ON")
            .map_err(Error::database("switching foreign keys on"))
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
