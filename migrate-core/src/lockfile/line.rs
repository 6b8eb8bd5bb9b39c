//! One line of the lock file.

use std::fmt;

use crate::checksum::Checksum;
use crate::migration::{Down, Migration};
use crate::version::Version;

/// What the lock file says about one migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The version.
    pub version: Version,
    /// The name when the line was written.
    pub name: String,
    /// Whether it may still change.
    pub state: LineState,
}

/// Whether a migration may still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// It may.
    Draft,
    /// It may not; these are its checksums.
    Frozen {
        /// Of the up script.
        up: Checksum,
        /// Of the down script.
        down: FrozenDown,
    },
}

/// The way down of a frozen migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrozenDown {
    /// The checksum of the script.
    Script(Checksum),
    /// There was none.
    Missing,
    /// There was none, on purpose.
    Irreversible,
}

impl FrozenDown {
    /// What a line says about a way down.
    pub fn of(down: &Down) -> Self {
        match down {
            Down::Script(script) => FrozenDown::Script(script.checksum),
            Down::Missing => FrozenDown::Missing,
            Down::Irreversible { .. } => FrozenDown::Irreversible,
        }
    }
}

impl Line {
    /// A line that lets the migration change.
    pub fn draft(version: Version, name: impl Into<String>) -> Self {
        Line {
            version,
            name: name.into(),
            state: LineState::Draft,
        }
    }

    /// A line that vouches for the migration as it is.
    pub fn frozen(migration: &Migration) -> Self {
        Line {
            version: migration.version.clone(),
            name: migration.name.to_string(),
            state: LineState::Frozen {
                up: migration.up.checksum,
                down: FrozenDown::of(&migration.down),
            },
        }
    }

    /// Reads a line; the error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut fields = text.splitn(5, ' ');
        let mut field = |what: &str| {
            fields
                .next()
                .ok_or_else(|| format!("the line has no {what}"))
        };
        let version = Version::parse(field("version")?).map_err(|error| error.to_string())?;
        let state = field("state")?;
        let (up, down) = (
            field("checksum of the up script")?,
            field("checksum of the down script")?,
        );
        let name = unescape(field("name")?)?;
        let hex = |text: &str| {
            Checksum::from_hex(text).ok_or_else(|| format!("`{text}` is not a checksum"))
        };
        let state = match (state, up, down) {
            ("draft", "-", "-") => LineState::Draft,
            ("draft", ..) => return Err("a draft has no checksums".to_owned()),
            ("frozen", up, down) => LineState::Frozen {
                up: hex(up)?,
                down: match down {
                    "-" => FrozenDown::Missing,
                    "irreversible" => FrozenDown::Irreversible,
                    down => FrozenDown::Script(hex(down)?),
                },
            },
            (other, ..) => return Err(format!("`{other}` is neither draft nor frozen")),
        };
        Ok(Line {
            version,
            name,
            state,
        })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.version)?;
        match self.state {
            LineState::Draft => f.write_str("draft - - ")?,
            LineState::Frozen {
                up,
                down: FrozenDown::Script(down),
            } => {
                write!(f, "frozen {up} {down} ")?;
            }
            LineState::Frozen {
                up,
                down: FrozenDown::Missing,
            } => write!(f, "frozen {up} - ")?,
            LineState::Frozen {
                up,
                down: FrozenDown::Irreversible,
            } => {
                write!(f, "frozen {up} irreversible ")?;
            }
        }
        f.write_str(&escape(&self.name))
    }
}

/// The name on one line: backslashes, control characters and white space other than inner spaces as
/// `\u{…}`, so that neither an editor nor git changes it.
fn escape(name: &str) -> String {
    let mut escaped = String::new();
    let last = name.chars().count().saturating_sub(1);
    for (at, c) in name.chars().enumerate() {
        let inner_space = c == ' ' && at > 0 && at < last;
        if c == '\\' || c.is_control() || (c.is_whitespace() && !inner_space) {
            escaped.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn unescape(text: &str) -> Result<String, String> {
    let mut pieces = text.split('\\');
    let mut name = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (c, rest) = piece
            .strip_prefix("u{")
            .and_then(|piece| piece.split_once('}'))
            .and_then(|(hex, rest)| {
                Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, rest))
            })
            .ok_or_else(|| format!("`\\{piece}` is not an escape"))?;
        name.push(c);
        name.push_str(rest);
    }
    Ok(name)
}
