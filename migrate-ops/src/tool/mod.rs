//! The databases' own programs: where they are, what version they have, and running them.
//!
//! A password goes to a program through a file that only its owner may read ([`Login`]), never
//! through its arguments or environment, which others on the machine can list. What a program writes is
//! streamed ([`Running`]), what it says is kept for messages, and it ends when its value is dropped.
//! It also ends when this process is killed: its pipe closes.

mod error;
mod login;
mod paths;
mod process;
mod version;
mod workspace;

pub use error::ToolError;
pub use login::Login;
pub use paths::{ToolPaths, find};
pub use process::{Running, Tool};
pub use version::{ToolVersion, Vendor};
pub(crate) use workspace::is_held;
pub use workspace::{Workspace, WorkspaceError};
