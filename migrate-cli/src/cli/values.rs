//! The values of options.

use clap::ValueEnum;

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON object on stdout, for programs.
    Json,
    /// SARIF 2.1.0 on stdout, for code scanning; `check` only.
    Sarif,
    /// Annotations of GitHub Actions on stdout; `check` only.
    Github,
}

/// When text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Also into a pipe.
    Always,
    /// Not at all.
    Never,
}

/// Which lock keeps two runs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LockArg {
    /// The session lock where it holds, otherwise the lease.
    Auto,
    /// A lock of the database session.
    Session,
    /// A row that expires, for transaction poolers and clusters.
    Lease,
}

/// How much is one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TransactionArg {
    /// One transaction for each migration.
    Each,
    /// One transaction around all of them.
    All,
}

/// Which side of a merge conflict in the lock file is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Take {
    /// The side that was merged into.
    Ours,
    /// The side that was merged.
    Theirs,
    /// Neither: freeze the file as it is now.
    File,
}

/// What somebody who has looked at the database says about an unsure statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AssumeArg {
    /// It happened.
    Done,
    /// It did not happen.
    NotDone,
}

/// The tool whose history is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ToolArg {
    /// diesel's `__diesel_schema_migrations`.
    Diesel,
    /// sqlx's `_sqlx_migrations`.
    Sqlx,
}
