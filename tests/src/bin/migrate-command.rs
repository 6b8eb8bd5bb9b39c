//! The `migrate` command, as a program of this package, so that tests know where it is.

use std::process::ExitCode;

fn main() -> ExitCode {
    migrate_cli::main()
}
