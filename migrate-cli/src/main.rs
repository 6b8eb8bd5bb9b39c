//! The `migrate` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    migrate_cli::main()
}
