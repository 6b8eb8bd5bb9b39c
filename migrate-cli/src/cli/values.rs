//! The values of options.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

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

/// A schema to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SideArg {
    /// What the migrations make.
    Migrations,
    /// The database of --database or the environment.
    Database,
    /// Another database: a URL or the path of a SQLite file.
    Url(String),
    /// A file of SQL.
    File(PathBuf),
}

impl FromStr for SideArg {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "migrations" => SideArg::Migrations,
            "database" => SideArg::Database,
            _ if text.contains("://") => SideArg::Url(text.to_owned()),
            _ => match text.strip_prefix("file:") {
                Some(path) => SideArg::File(path.into()),
                None if text.to_ascii_lowercase().ends_with(".sql") => SideArg::File(text.into()),
                None => SideArg::Url(text.to_owned()),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides() {
        for (text, side) in [
            ("migrations", SideArg::Migrations),
            ("database", SideArg::Database),
            ("sqlite://a.db", SideArg::Url("sqlite://a.db".to_owned())),
            ("file:///a.db", SideArg::Url("file:///a.db".to_owned())),
            ("app.db", SideArg::Url("app.db".to_owned())),
            ("db/schema.SQL", SideArg::File("db/schema.SQL".into())),
            ("file:structure", SideArg::File("structure".into())),
        ] {
            assert_eq!(text.parse(), Ok(side));
        }
    }
}
