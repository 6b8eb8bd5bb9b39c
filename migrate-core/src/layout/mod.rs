//! Which files make a migration: the layouts that are read without configuration.

mod group;
mod kind;
mod name;
#[cfg(test)]
mod tests;

pub(crate) use group::{MigrationFiles, group, join};
pub use kind::Layout;
