//! Why a program could not do its work.

use std::io;
use std::process::ExitStatus;

/// A program of the database could not do its work. No message holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToolError {
    /// It is not there.
    #[error(
        "the program {name} was not found; looked in {looked_in}; name its folder under [tools] in \
         migrate.toml"
    )]
    Missing {
        /// Its name.
        name: String,
        /// The folders, separated by commas.
        looked_in: String,
    },
    /// It cannot be started.
    #[error("{name} cannot be started")]
    Start {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Its input or output broke.
    #[error("cannot {doing} {name}")]
    Pipe {
        /// What was done: "read from".
        doing: &'static str,
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It ended with an error.
    #[error("{name} failed ({status}){}", said(.stderr))]
    Failed {
        /// Its name.
        name: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote to stderr.
        stderr: String,
    },
    /// It does not tell its version.
    #[error("{name} says `{said}` where it should say its version")]
    Version {
        /// Its name.
        name: String,
        /// What it says.
        said: String,
    },
    /// The file with the password cannot be written.
    #[error("the file that hands the password to the database's programs cannot be written")]
    Login(#[source] io::Error),
    /// The password cannot be handed over.
    #[error("the password holds a line break, which the database's programs cannot be handed")]
    Password,
}

fn said(stderr: &str) -> String {
    match stderr.trim() {
        "" => String::new(),
        text => format!(": {text}"),
    }
}
