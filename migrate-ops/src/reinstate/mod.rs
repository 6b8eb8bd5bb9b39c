//! Putting a backup in the place of the database that it was made of: what `--on-failure restore` and
//! `migrate restore --in-place` do.
//!
//! 1. Writers are **fenced**: nobody but this run can write any more.
//! 2. It is found out **whether anybody else wrote** since the backup's snapshot ([`Writers`]). What
//!    would be there if nobody had is known: the backup, restored on a private server, with the same
//!    migrations applied to it. Where the database holds exactly that, row by row and definition by
//!    definition, nothing of anybody is lost. Where it holds anything else, or that cannot be found
//!    out, nothing is done without [`Options::lose_writes_since`].
//! 3. The backup is restored **beside** the database and compared with what the backup had.
//! 4. The two **change names**; on SQLite, whose file must stay the one that others have open, the
//!    contents are exchanged in one transaction. The old database is kept.
//! 5. The fence is lifted, on every path.
//!
//! How far it is stands in the run's state (`restore.json`) before each step, so that after a crash
//! [`interrupted`] knows it: [`reinstate`] then goes on, and [`give_up`] takes the fence away. Neither
//! the old database nor the backup is ever dropped by it.

mod engine;
mod error;
mod evidence;
mod expected;
mod names;
mod record;
mod steps;
mod writers;

pub use engine::Reinstate;
pub use error::ReinstateError;
pub use evidence::{EVIDENCE, Fence, Outcome, Reinstatement, Stage, Writers};
pub use record::{Interrupted, interrupted};
pub use steps::{Options, give_up, obstacles, reinstate};
