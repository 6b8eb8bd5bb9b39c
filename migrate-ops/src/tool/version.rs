//! What version a program has.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Tool, ToolError};

/// Who made a program or a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Vendor {
    /// PostgreSQL.
    Postgres,
    /// MariaDB.
    Mariadb,
    /// MySQL.
    Mysql,
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Vendor::Postgres => "PostgreSQL",
            Vendor::Mariadb => "MariaDB",
            Vendor::Mysql => "MySQL",
        })
    }
}

/// The version of a program or a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolVersion {
    /// Who made it.
    pub vendor: Vendor,
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// As it was said.
    pub text: String,
}

impl ToolVersion {
    /// Reads what `program --version` says, or a server's own `version()`.
    ///
    /// ```
    /// use migrate_ops::tool::{ToolVersion, Vendor};
    ///
    /// let it = ToolVersion::read(Vendor::Postgres, "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0)").unwrap();
    /// assert_eq!((it.major, it.minor), (15, 18));
    /// let it = ToolVersion::read(Vendor::Mysql, "mariadb-dump  Ver 10.19 Distrib 10.11.6-MariaDB").unwrap();
    /// assert_eq!((it.vendor, it.major, it.minor), (Vendor::Mariadb, 10, 11));
    /// ```
    pub fn read(vendor: Vendor, said: &str) -> Option<Self> {
        let mariadb = vendor != Vendor::Postgres && said.contains("MariaDB");
        // MariaDB's programs say their own version first and the server's after `Distrib`; since 11
        // they say `from` before it.
        let after = ["Distrib ", " from "]
            .iter()
            .find_map(|word| said.split_once(word));
        let text = after.filter(|_| mariadb).map_or(said, |(_, rest)| rest);
        let (major, minor) = text
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .find_map(|word| {
                let mut numbers = word.split('.');
                let major: u32 = numbers.next()?.parse().ok()?;
                Some((major, numbers.next().and_then(|it| it.parse().ok())?))
            })
            // A version before its release has one number: `17beta1`.
            .or_else(|| {
                let digits = text.split(|c: char| !c.is_ascii_digit());
                let major = digits.into_iter().find_map(|it| it.parse().ok())?;
                Some((major, 0))
            })?;
        Some(ToolVersion {
            vendor: if mariadb { Vendor::Mariadb } else { vendor },
            major,
            minor,
            text: said.trim().to_owned(),
        })
    }

    /// Asks a program.
    ///
    /// # Errors
    /// Where it cannot be run, or says something else.
    pub fn of(program: &Path, vendor: Vendor) -> Result<Self, ToolError> {
        let said = Tool::new(program).arg("--version").output()?;
        ToolVersion::read(vendor, &said).ok_or_else(|| ToolError::Version {
            name: program.display().to_string(),
            said: said.trim().to_owned(),
        })
    }
}

impl fmt::Display for ToolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.{}", self.vendor, self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_and_servers_say() {
        let numbers = |vendor, said| {
            let it = ToolVersion::read(vendor, said).unwrap();
            (it.vendor, it.major, it.minor)
        };
        for (vendor, said, expected) in [
            (
                Vendor::Postgres,
                "pg_dump (PostgreSQL) 17beta1",
                (Vendor::Postgres, 17, 0),
            ),
            (
                Vendor::Postgres,
                "15.18 (Debian 15.18-0+deb12u1)",
                (Vendor::Postgres, 15, 18),
            ),
            (
                Vendor::Mysql,
                "mysqldump  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)",
                (Vendor::Mysql, 8, 0),
            ),
            (
                Vendor::Mysql,
                "mariadb-dump from 11.4.2-MariaDB, client 10.19 for Linux (x86_64)",
                (Vendor::Mariadb, 11, 4),
            ),
            (
                Vendor::Mysql,
                "10.11.6-MariaDB-log",
                (Vendor::Mariadb, 10, 11),
            ),
        ] {
            assert_eq!(numbers(vendor, said), expected, "{said}");
        }
        assert_eq!(ToolVersion::read(Vendor::Mysql, "no idea"), None);
    }
}
