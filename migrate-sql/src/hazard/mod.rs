//! What is risky about a migration.
//!
//! Facts come first: a [`Watch`] follows the changes of one migration and says of each what it does
//! to the tables that were there before: the [`Lock`], whom that [keeps away](Blocked), and the
//! [`Work`] that is done meanwhile. Rules make findings of these facts.
//!
//! The facts are those of PostgreSQL 15 and MariaDB 10.11 as they were measured, and of MySQL 8 as
//! its manual has them. SQLite has no table locks to speak of: whoever writes keeps all other
//! writers away.

mod beyond;
mod effect;
mod feature;
pub(crate) mod fix;
mod lock;
mod mysql;
mod postgres;
mod rows;
mod rule;
mod watch;

pub(crate) use beyond::beyond;
pub use effect::{Effect, Form, Work};
pub(crate) use rows::{row_locks, rows};
pub(crate) use rule::{Hazard, findings};

pub use lock::{Algorithm, Blocked, Lock, Mode, Online};
pub use watch::{Step, Watch};
