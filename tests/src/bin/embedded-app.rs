//! An app with its migrations in itself, one of them with Rust code, and the command around them.

use std::process::ExitCode;

migrate_runtime::embed_migrations!("fixtures/embedded-app/migrations", dialect = sqlite);

fn main() -> ExitCode {
    migrate_cli::main_with(migrations::MIGRATIONS)
}
