//! The `migrate` command with this app's migrations inside, so that it can run their Rust code.

use std::process::ExitCode;

fn main() -> ExitCode {
    migrate_cli::main_with(rust_code::migrations::MIGRATIONS)
}
