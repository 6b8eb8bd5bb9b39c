//! The records of the statements of scripts that are not one transaction.

use migrate_core::history::StatementRecord;
use migrate_core::{Checksum, Direction, Version};

use super::HistoryTable;
use crate::backend::ObjectState;
use crate::database::Row;
use crate::error::Error;
use crate::session::Session;

impl HistoryTable {
    /// Every record, in the order of the versions and statements.
    pub(super) fn read_statements(
        &self,
        session: &mut dyn Session,
    ) -> Result<Vec<StatementRecord>, Error> {
        let backend = self.backend;
        let rows = session
            .rows(&format!(
                "SELECT version, direction, {}, checksum, state, session_id, fingerprint FROM {}",
                backend.as_text("statement"),
                self.qualified(&self.statements())
            ))
            .map_err(Error::database("reading the history"))?;
        let mut records = rows
            .into_iter()
            .map(|row| self.statement(row))
            .collect::<Result<Vec<_>, _>>()?;
        records.sort_by(|a, b| (&a.version, a.index).cmp(&(&b.version, b.index)));
        Ok(records)
    }

    fn statement(&self, row: Row) -> Result<StatementRecord, Error> {
        let broken = || {
            let table = self.statements();
            self.strange(format!("a record in {table} that cannot be read"))
        };
        let row: [Option<String>; 7] = row.try_into().map_err(|_| broken())?;
        let [
            Some(version),
            Some(direction),
            Some(index),
            Some(checksum),
            Some(state),
            session,
            fingerprint,
        ] = row
        else {
            return Err(broken());
        };
        Ok(StatementRecord {
            version: Version::parse(&version).map_err(|_| broken())?,
            direction: match direction.as_str() {
                "up" => Direction::Up,
                "down" => Direction::Down,
                _ => return Err(broken()),
            },
            index: index.parse().map_err(|_| broken())?,
            checksum: Checksum::from_hex(&checksum).ok_or_else(broken)?,
            done: match state.as_str() {
                "done" => true,
                "started" => false,
                _ => return Err(broken()),
            },
            session: session.unwrap_or_default(),
            fingerprint,
        })
    }

    /// Records that a statement begins.
    pub(crate) fn statement_started(
        &self,
        session: &mut dyn Session,
        record: &StatementRecord,
    ) -> Result<(), Error> {
        let b = self.backend;
        let fingerprint = match &record.fingerprint {
            Some(fingerprint) => b.text(fingerprint),
            None => "NULL".to_owned(),
        };
        let statements = self.qualified(&self.statements());
        // No row is replaced: that one is there already means that somebody else is at it.
        let sql = format!(
            "INSERT INTO {statements} (version, direction, statement, checksum, state, session_id, \
             fingerprint, started_at) SELECT {}, {}, {}, {}, 'started', {}, {fingerprint}, {}{} \
             WHERE {}",
            b.text(record.version.as_str()),
            b.text(record.direction.name()),
            record.index,
            b.text(&record.checksum.to_string()),
            b.session_id(),
            b.now(),
            b.no_table(),
            self.condition()
        );
        self.write(session, &sql, "recording the start of a statement")
    }

    /// Removes the record with which this session laid claim to a statement before it began.
    pub(crate) fn statement_claim_used(
        &self,
        session: &mut dyn Session,
        record: &StatementRecord,
    ) -> Result<(), Error> {
        let condition = format!(
            "{} AND state = 'started' AND session_id = {}",
            self.statement_key(record),
            self.backend.session_id()
        );
        self.forget(session, &condition)
    }

    /// Records that a statement is done.
    pub(crate) fn statement_done(
        &self,
        session: &mut dyn Session,
        record: &StatementRecord,
    ) -> Result<(), Error> {
        let sql = format!(
            "UPDATE {} SET state = 'done', finished_at = {} WHERE {} AND {}",
            self.qualified(&self.statements()),
            self.backend.now(),
            self.statement_key(record),
            self.condition()
        );
        self.write(session, &sql, "recording the end of a statement")
    }

    /// Records that a statement did not happen after all.
    pub(crate) fn statement_undone(
        &self,
        session: &mut dyn Session,
        record: &StatementRecord,
    ) -> Result<(), Error> {
        self.forget(session, &self.statement_key(record))
    }

    fn statement_key(&self, record: &StatementRecord) -> String {
        format!(
            "version = {} AND direction = {} AND statement = {}",
            self.backend.text(record.version.as_str()),
            self.backend.text(record.direction.name()),
            record.index
        )
    }

    /// Removes the records of a migration's statements.
    pub(crate) fn forget_statements(
        &self,
        session: &mut dyn Session,
        version: &Version,
    ) -> Result<(), Error> {
        let condition = format!("version = {}", self.backend.text(version.as_str()));
        self.forget(session, &condition)
    }

    fn forget(&self, session: &mut dyn Session, condition: &str) -> Result<(), Error> {
        let statements = self.qualified(&self.statements());
        session
            .batch(&format!("DELETE FROM {statements} WHERE {condition}"))
            .map_err(Error::database("writing the history"))
    }
}

/// The states of catalogue objects as one text, and back: each with its length, so that nothing in
/// a definition can be taken for the end of it.
pub(crate) fn fingerprint_text(states: &[ObjectState]) -> String {
    states
        .iter()
        .map(|state| match state {
            None => "-\n".to_owned(),
            Some(text) => format!("{}:{text}\n", text.len()),
        })
        .collect()
}

/// Reads what [`fingerprint_text`] wrote; `None` where it did not.
pub(crate) fn fingerprint_states(mut text: &str) -> Option<Vec<ObjectState>> {
    let mut states = Vec::new();
    while !text.is_empty() {
        if let Some(rest) = text.strip_prefix("-\n") {
            states.push(None);
            text = rest;
            continue;
        }
        let (length, rest) = text.split_once(':')?;
        let length: usize = length.parse().ok()?;
        states.push(Some(rest.get(..length)?.to_owned()));
        text = rest.get(length..)?.strip_prefix('\n')?;
    }
    Some(states)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_survive_the_round_trip() {
        for states in [
            vec![],
            vec![
                None,
                Some("CREATE TABLE `a:1\n-`".to_owned()),
                Some(String::new()),
                None,
            ],
            vec![Some("ü\n3:abc\n".to_owned())],
        ] {
            assert_eq!(fingerprint_states(&fingerprint_text(&states)), Some(states));
        }
        assert_eq!(fingerprint_states("9:abc\n"), None);
        assert_eq!(fingerprint_states("rubbish"), None);
    }
}
