//! A migration: a version, a name, a way up and perhaps a way down.

use std::borrow::Cow;
use std::fmt;

use crate::script::Script;
use crate::version::Version;
use crate::visible::visible;

/// Which way a script leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// Applies.
    Up,
    /// Reverts.
    Down,
}

impl Direction {
    /// `up` or `down`.
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The unit that is applied and reverted.
#[derive(Clone, Debug)]
pub struct Migration {
    /// Its sort key.
    pub version: Version,
    /// What the file name says after the version; may hold spaces and any Unicode.
    pub name: Cow<'static, str>,
    /// How to apply it.
    pub up: Script,
    /// How to revert it.
    pub down: Down,
}

impl Migration {
    /// The script of a direction, where there is one.
    pub fn script(&self, direction: Direction) -> Option<&Script> {
        match (direction, &self.down) {
            (Direction::Up, _) => Some(&self.up),
            (Direction::Down, Down::Script(script)) => Some(script),
            (Direction::Down, _) => None,
        }
    }

    /// Whether either direction has Rust code.
    pub fn has_rust(&self) -> bool {
        self.up.rust || matches!(&self.down, Down::Script(script) if script.rust)
    }
}

impl fmt::Display for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.version, visible(&self.name))
    }
}

/// The way down.
#[derive(Clone, Debug)]
pub enum Down {
    /// A script reverts it.
    Script(Script),
    /// There is none, and nothing says that this is on purpose.
    Missing,
    /// There is none, on purpose.
    Irreversible {
        /// Why.
        reason: Cow<'static, str>,
    },
}
