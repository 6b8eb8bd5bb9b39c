//! Migrations packed into a program: few and large constants, which cost the compiler little, read
//! when they are first asked for.
//!
//! A constant a field would be some 20,000 for a thousand migrations, each of which the compiler
//! types, checks and evaluates anew with every build of the program. Here it is one text, the
//! [`Index`], and one list of scripts; both directions, [`Packing`] and [`Packed`], are in this file.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::OnceLock;

use crate::checksum::Checksum;
use crate::migration::{Down, Migration};
use crate::script::Script;
use crate::version::Version;

/// The width of a number at the beginning of the index, in decimal digits.
const DIGITS: usize = 8;

/// Everything about migrations but their scripts.
///
/// It begins with numbers of eight digits: for each migration, at which byte its record begins, so
/// that each is found at once. A record is fields, each ended by a NUL, which neither file names nor
/// scripts without errors hold: version, name, the up script, `S`, `M` or `I` for a script, none or
/// an irreversible migration, and then the down script or the reason. A script is its path, and its
/// checksum followed by `T` for a transaction and `R` for Rust code, or `-` for each that is not so.
#[derive(Clone, Copy, Debug)]
pub struct Index(&'static str);

impl Index {
    /// An index that a [`Packing`] made; for generated code.
    #[doc(hidden)]
    pub const fn new(text: &'static str) -> Self {
        Index(text)
    }

    /// How many migrations there are.
    pub const fn len(self) -> usize {
        match self.0.len() {
            0 => 0,
            // The first record follows on the last number.
            _ => self.number(0) / DIGITS,
        }
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The digits of a migration's version, by its place among the migrations.
    ///
    /// # Panics
    /// Where there is no such migration; in a constant that is a compile error.
    pub const fn version(self, migration: usize) -> &'static str {
        self.field(self.number(migration)).0
    }

    /// The name of a migration, by its place among the migrations.
    ///
    /// # Panics
    /// Where there is no such migration; in a constant that is a compile error.
    pub const fn name(self, migration: usize) -> &'static str {
        let (_, end) = self.field(self.number(migration));
        self.field(end + 1).0
    }

    const fn number(self, place: usize) -> usize {
        let (mut number, mut at) = (0, place * DIGITS);
        while at < (place + 1) * DIGITS {
            number = number * 10 + (self.0.as_bytes()[at] - b'0') as usize;
            at += 1;
        }
        number
    }

    /// The field that begins at a byte, and where it ends.
    const fn field(self, begin: usize) -> (&'static str, usize) {
        let mut end = begin;
        while self.0.as_bytes()[end] != 0 {
            end += 1;
        }
        (self.0.split_at(end).0.split_at(begin).1, end)
    }
}

/// What [`Packed`] is made of.
#[derive(Clone, Debug)]
pub struct Packing<'a> {
    /// The text of the [`Index`].
    pub index: String,
    /// The scripts, in the order of migrations; of each the way up, then the way down where there is
    /// one.
    pub scripts: Vec<&'a Script>,
}

impl<'a> Packing<'a> {
    /// Packs migrations, which are in the order of their versions.
    pub fn of(migrations: &'a [Migration]) -> Self {
        let head = migrations.len() * DIGITS;
        let mut numbers = String::with_capacity(head);
        let mut records = String::new();
        let mut scripts = Vec::new();
        for migration in migrations {
            // Writing into a text cannot fail.
            let _ = write!(numbers, "{:0DIGITS$}", head + records.len());
            for field in [migration.version.as_str(), &migration.name] {
                push(&mut records, field);
            }
            push_script(&mut records, &migration.up);
            scripts.push(&migration.up);
            match &migration.down {
                Down::Script(down) => {
                    push(&mut records, "S");
                    push_script(&mut records, down);
                    scripts.push(down);
                }
                Down::Missing => push(&mut records, "M"),
                Down::Irreversible { reason } => {
                    push(&mut records, "I");
                    push(&mut records, reason);
                }
            }
        }
        Packing {
            index: numbers + &records,
            scripts,
        }
    }
}

fn push(records: &mut String, field: &str) {
    records.push_str(field);
    records.push('\0');
}

fn push_script(records: &mut String, script: &Script) {
    push(records, &script.path);
    script.checksum.push_hex(records);
    records.push_str(if script.transaction { "T" } else { "-" });
    push(records, if script.rust { "R" } else { "-" });
}

/// Migrations in a program.
#[derive(Debug)]
pub struct Packed {
    index: Index,
    scripts: &'static [&'static str],
    unpacked: OnceLock<Vec<Migration>>,
}

impl Packed {
    /// The index and the scripts of a [`Packing`]; for generated code.
    #[doc(hidden)]
    pub const fn new(index: Index, scripts: &'static [&'static str]) -> Self {
        Packed {
            index,
            scripts,
            unpacked: OnceLock::new(),
        }
    }

    /// How many migrations there are; does not unpack them.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The migrations, unpacked with the first call. What no [`Packing`] made holds none.
    pub fn migrations(&self) -> &[Migration] {
        self.unpacked
            .get_or_init(|| self.unpack().unwrap_or_default())
    }

    fn unpack(&self) -> Option<Vec<Migration>> {
        let mut fields = self.index.0.get(self.len() * DIGITS..)?.split('\0');
        let mut scripts = self.scripts.iter().copied();
        let mut migrations = Vec::with_capacity(self.len());
        while migrations.len() < self.len() {
            let version = Version::from_static(fields.next()?);
            let name = Cow::Borrowed(fields.next()?);
            let mut script = |fields: &mut dyn Iterator<Item = &'static str>| {
                let (path, facts) = (fields.next()?, fields.next()?);
                let (checksum, flags) = facts.split_at_checked(Checksum::HEX_DIGITS)?;
                Some(Script {
                    path: Cow::Borrowed(path),
                    sql: Cow::Borrowed(scripts.next()?),
                    checksum: Checksum::from_hex(checksum)?,
                    transaction: flags.starts_with('T'),
                    rust: flags.ends_with('R'),
                })
            };
            let up = script(&mut fields)?;
            let down = match fields.next()? {
                "S" => Down::Script(script(&mut fields)?),
                "M" => Down::Missing,
                "I" => Down::Irreversible {
                    reason: Cow::Borrowed(fields.next()?),
                },
                _ => return None,
            };
            migrations.push(Migration {
                version,
                name,
                up,
                down,
            });
        }
        Some(migrations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(path: &str, sum: u8, transaction: bool, rust: bool) -> Script {
        Script {
            path: path.to_owned().into(),
            sql: format!("-- {path}\nSELECT 'ü';\r\n").into(),
            checksum: Checksum::from_bytes([sum; 32]),
            transaction,
            rust,
        }
    }

    fn migrations() -> Vec<Migration> {
        let migration = |version: &str, name: &str, up, down| Migration {
            version: Version::parse(version).unwrap(),
            name: name.to_owned().into(),
            up,
            down,
        };
        let reason = "the größe\nis gone".to_owned().into();
        vec![
            migration(
                "007",
                "",
                script("7/up.sql", 0x0f, true, false),
                Down::Script(script("7/down.sql", 0xa0, false, true)),
            ),
            migration(
                "20260131",
                "größe ändern 🚀",
                script("b.sql", 1, false, false),
                Down::Missing,
            ),
            migration(
                "20260201",
                "c",
                script("", 255, true, true),
                Down::Irreversible { reason },
            ),
        ]
    }

    fn packed(migrations: &[Migration]) -> Packed {
        let packing = Packing::of(migrations);
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let scripts: Vec<&str> = packing.scripts.iter().map(|s| leak(&s.sql)).collect();
        Packed::new(Index::new(leak(&packing.index)), scripts.leak())
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        for all in [Vec::new(), migrations()] {
            let packed = packed(&all);
            assert_eq!(
                (packed.len(), packed.is_empty()),
                (all.len(), all.is_empty())
            );
            assert_eq!(format!("{:?}", packed.migrations()), format!("{all:?}"));
            for (index, migration) in all.iter().enumerate() {
                assert_eq!(packed.index.version(index), migration.version.as_str());
                assert_eq!(packed.index.name(index), migration.name);
            }
        }
    }

    #[test]
    fn what_nobody_packed_holds_nothing() {
        for index in ["00000008", "00000008x", "000000081\0a\0p\0T-\0M\0"] {
            let packed = Packed::new(Index::new(index), &["SELECT 1"]);
            assert!(packed.migrations().is_empty(), "{index}");
        }
    }
}
