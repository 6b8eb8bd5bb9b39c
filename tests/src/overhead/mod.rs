//! What the safe run costs beyond the databases' own programs: the same work done by both, one right
//! after the other, so that whatever else the machine does meets both alike.

pub mod apply;
pub mod backup;
mod clock;
pub mod digest;
mod pairs;
mod programs;
mod wide;

pub use clock::Cost;
pub use pairs::Pairs;
pub use programs::AS_COMMAND;
