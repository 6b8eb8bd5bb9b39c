//! Taking over from another tool: its history becomes ours, verified, while its lock is held.

use migrate_core::{Dialect, Version};

use crate::apply::Run;
use crate::backend::{TableName, single};
use crate::error::{Error, ErrorKind};
use crate::history_table::qualified;
use crate::report::{Done, Report};

/// A tool whose history can be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tool {
    /// diesel's own migrations: `__diesel_schema_migrations`. It keeps no checksums.
    Diesel,
    /// sqlx: `_sqlx_migrations`, with a SHA-384 of each file.
    Sqlx,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Tool; 2] = [Tool::Diesel, Tool::Sqlx];

    /// Its name on the command line and in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Tool::Diesel => "diesel",
            Tool::Sqlx => "sqlx",
        }
    }

    const fn table(self) -> &'static str {
        match self {
            Tool::Diesel => "__diesel_schema_migrations",
            Tool::Sqlx => "_sqlx_migrations",
        }
    }
}

/// What was taken over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Adopted {
    /// From which tool.
    pub tool: Tool,
    /// The migrations that are recorded as applied now.
    pub migrations: Vec<Done>,
    /// How many of them were verified against a checksum of the other tool.
    pub verified: usize,
    /// In a dry run: every statement that would be sent, in order.
    pub sql: Vec<String>,
}

/// A row of the other tool's table.
struct Row {
    version: Version,
    /// A checksum in hexadecimal, where the tool keeps one.
    checksum: Option<String>,
}

impl Run<'_> {
    pub(crate) fn adopt(&mut self, tool: Option<Tool>) -> Result<Adopted, Error> {
        self.locked_over_foreign(|run| {
            let (tool, table) = run.find_tool(tool)?;
            run.hold_lock_of(tool, |run| run.adopt_from(tool, &table))
        })
    }

    /// The tool to adopt from and its table; without a name, the one that was here.
    fn find_tool(&mut self, tool: Option<Tool>) -> Result<(Tool, TableName), Error> {
        let tools = tool.map_or_else(|| Tool::ALL.to_vec(), |tool| vec![tool]);
        let names: Vec<&str> = tools.iter().map(|tool| tool.table()).collect();
        let found = self
            .backend
            .existing(self.session, &self.server.visible_schemas, &names)
            .map_err(Error::database("looking for another tool's history"))?;
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(table), None) => {
                let tool = tools.iter().find(|tool| tool.table() == table.name);
                let tool = tool.copied().unwrap_or(Tool::Diesel);
                Ok((tool, table))
            }
            (None, _) => Err(ErrorKind::Adoption {
                tool: tool.map_or("another tool", Tool::name),
                reason: format!("there is no table {} here", names.join(" or ")),
            }
            .into()),
            (Some(first), Some(second)) => Err(ErrorKind::Adoption {
                tool: "two tools",
                reason: format!(
                    "both {} and {} are here; name one with --from",
                    first.name, second.name
                ),
            }
            .into()),
        }
    }

    /// Runs `work` while nobody else can run the other tool.
    fn hold_lock_of<T>(
        &mut self,
        tool: Tool,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(lock) = (tool == Tool::Sqlx).then(|| self.sqlx_lock()).flatten() else {
            return work(self);
        };
        let doing = "taking the lock of sqlx";
        let taken = single(self.session, &lock.take).map_err(Error::database(doing))?;
        if !matches!(taken.as_deref(), Some("true" | "1")) {
            return Err(ErrorKind::Adoption {
                tool: tool.name(),
                reason: "it is running right now: its own lock is held".to_owned(),
            }
            .into());
        }
        let result = work(self);
        // The session's end releases it too.
        let _ = single(self.session, &lock.release);
        result
    }

    /// What sqlx itself locks: a number made of the database's name (sqlx-postgres and sqlx-mysql,
    /// `migrate.rs`).
    fn sqlx_lock(&self) -> Option<ToolLock> {
        let number =
            0x3d32_ad9e_i64.wrapping_mul(i64::from(crc32(self.server.database.as_bytes())));
        match self.set.dialect() {
            Dialect::Postgres => Some(ToolLock {
                take: format!("SELECT pg_catalog.pg_try_advisory_lock({number})::text"),
                release: format!("SELECT pg_catalog.pg_advisory_unlock({number})::text"),
            }),
            Dialect::Mysql => {
                let name = self.backend.text(&format!("{number:x}"));
                Some(ToolLock {
                    take: format!("SELECT CAST(GET_LOCK({name}, 0) AS CHAR)"),
                    release: format!("SELECT CAST(RELEASE_LOCK({name}) AS CHAR)"),
                })
            }
            _ => None,
        }
    }

    fn adopt_from(&mut self, tool: Tool, table: &TableName) -> Result<Adopted, Error> {
        let rows = self.rows_of(tool, table)?;
        let set = self.set;
        let mut reasons = Vec::new();
        let mut indexes = Vec::new();
        let mut verified = 0;
        for row in &rows {
            let index = set
                .migrations()
                .binary_search_by(|m| m.version.cmp(&row.version));
            let migration = index.ok().and_then(|index| set.migrations().get(index));
            let (Ok(index), Some(migration)) = (index, migration) else {
                reasons.push(format!("{} is applied but has no file", row.version));
                continue;
            };
            if let Some(theirs) = &row.checksum {
                if sqlx_checksums(&migration.up.sql).contains(theirs) {
                    verified += 1;
                } else {
                    reasons.push(format!("{migration} was edited after sqlx applied it"));
                }
            }
            if self.history.get(&row.version).is_none() {
                indexes.push(index);
            }
        }
        if !reasons.is_empty() {
            let reason = reasons.join("; ");
            return Err(ErrorKind::Adoption {
                tool: tool.name(),
                reason,
            }
            .into());
        }
        indexes.sort_unstable();
        let how = format!("adopted from {}", tool.name());
        let Report { steps, .. } = self.record_applied(&indexes, &how)?;
        Ok(Adopted {
            tool,
            migrations: steps,
            verified,
            sql: Vec::new(),
        })
    }

    fn rows_of(&mut self, tool: Tool, table: &TableName) -> Result<Vec<Row>, Error> {
        let backend = self.backend;
        let from = qualified(backend, &table.schema, &table.name);
        let version = backend.as_text("version");
        let sql = match (tool, self.set.dialect()) {
            (Tool::Diesel, _) => format!("SELECT {version} FROM {from}"),
            (Tool::Sqlx, Dialect::Postgres) => format!(
                "SELECT {version}, pg_catalog.encode(checksum, 'hex'), success::text FROM {from}"
            ),
            (Tool::Sqlx, _) => format!(
                "SELECT {version}, LOWER(HEX(checksum)), {} FROM {from}",
                backend.as_text("success")
            ),
        };
        let doing = "reading another tool's history";
        let rows = self.session.rows(&sql).map_err(Error::database(doing))?;
        let bad = |reason: String| {
            Error::from(ErrorKind::Adoption {
                tool: tool.name(),
                reason,
            })
        };
        rows.into_iter()
            .map(|row| {
                let mut columns = row.into_iter();
                let text = columns.next().flatten().unwrap_or_default();
                let checksum = columns.next().flatten();
                let success = columns.next().flatten();
                if matches!(success.as_deref(), Some("false" | "0")) {
                    return Err(bad(format!(
                        "{text} failed half-way; repair it with {} first",
                        tool.name()
                    )));
                }
                let version = Version::parse(&text).map_err(|error| bad(error.to_string()))?;
                Ok(Row { version, checksum })
            })
            .collect()
    }
}

struct ToolLock {
    take: String,
    release: String,
}

/// SHA-384 of a file as sqlx takes it: over its bytes. A checkout with other line ends, or with a
/// byte order mark, is the same file to us, so each of those counts.
fn sqlx_checksums(sql: &str) -> Vec<String> {
    let plain = migrate_core::normalise(sql).into_owned();
    let crlf = plain.replace('\n', "\r\n");
    let marked = format!("\u{feff}{plain}");
    [sql, &plain, &crlf, &marked]
        .iter()
        .map(|text| migrate_core::sha384_hex(text.as_bytes()))
        .collect()
}

/// CRC-32 as zlib and sqlx compute it (polynomial 0xEDB88320, reflected).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_of_the_standard_check_text() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
