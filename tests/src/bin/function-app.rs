//! An app whose migrations call a function that it registers with SQLite, and the command around
//! them. With `NO_FUNCTION` set it fails to register it.

use std::process::ExitCode;

use diesel::result::Error;
use diesel::sql_types::Binary;
use migrate_cli::App;

migrate_runtime::embed_migrations!("fixtures/function-app/migrations", dialect = sqlite);

#[diesel::declare_sql_function]
extern "SQL" {
    /// Bytes as hexadecimal digits.
    fn bin2text(bytes: Binary) -> diesel::sql_types::Text;
}

fn main() -> ExitCode {
    App::new(migrations::MIGRATIONS)
        .on_connect(|conn| {
            if std::env::var_os("NO_FUNCTION").is_some() {
                return Err(Error::QueryBuilderError("no function today".into()));
            }
            bin2text_utils::register_impl(conn, |bytes: Vec<u8>| {
                bytes
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>()
            })
        })
        .main()
}
