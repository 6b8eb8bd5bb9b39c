//! `embed_migrations!`: checks migration files while the program is compiled and writes typed
//! functions for them.
//!
//! Use it as `migrate_runtime::embed_migrations!`; what it writes needs that crate. The way through
//! this crate is the list of its modules: `input` (arguments), `load` (files and findings),
//! `expand` (tokens), `report` (compile errors and warnings).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod expand;
mod input;
mod load;
mod report;

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;

/// Embeds the migrations of the crate, and checks them: what is wrong with them is a compile error.
///
/// It stands where an item may stand and makes a module. Without arguments it reads what
/// `migrate.toml` says, and without that the directory `migrations` beside `Cargo.toml`.
///
/// ```ignore
/// migrate_runtime::embed_migrations!();
/// migrate_runtime::embed_migrations!("db/migrations", dialect = sqlite, mod = db);
///
/// migrations::MIGRATIONS.run(&mut conn)?;
/// migrations::create_authors::up(&mut conn)?;
/// migrations::MIGRATIONS.revert_to(&mut conn, migrations::Version::CreateAuthors)?;
/// ```
///
/// # Arguments
/// All may be left out; they win over `migrate.toml`.
/// - `"directory"`, first and without a name: the migration directory, relative to `Cargo.toml`.
/// - `dialect = sqlite`, `postgres` or `mysql` (also for MariaDB).
/// - `set = "name"`: the set `[sets.name]` of `migrate.toml`.
/// - `schema = "src/schema.rs"`: the file with diesel's `table!` macros, relative to `Cargo.toml`.
///   Where it disagrees with the tables that the migrations make, the program does not compile.
/// - `mod = name`: the name of the module, by default `migrations`.
/// - `crate = path`: where `migrate_runtime` is found, by default `::migrate_runtime`.
///
/// # What the module holds
/// - `MIGRATIONS`, a `migrate_runtime::Migrations` for the backend of the dialect: apply, revert,
///   status. It is a `MigrationSource` of diesel's as well.
/// - `Version`, an enum with a variant a migration, wherever a version is expected.
/// - A type a migration with the constants `VERSION` and `NAME` and the functions `up`, and `down`
///   where there is a way down: to revert a migration that has none does not compile.
///
/// # Names
/// The words of a migration's name are its runs of letters and digits; a capital after a small
/// letter or a digit begins a word too. The type is the words in small letters with `_` between
/// them (`create_authors`), the variant is the words with a capital each (`CreateAuthors`). A digit
/// at the beginning gets a `_` before it, a keyword is a raw identifier (`r#type`; `self_`, where
/// Rust has none), and a name without any letter or digit is `v` and the version. Of migrations with
/// equal names the oldest keeps it; the others add their version (`rename_users_20260131`,
/// `RenameUsers20260131`).
///
/// # Rust code
/// `up.rs` and `down.rs` beside the scripts are modules of the program. `up` runs after `up.sql`,
/// `down` before `down.sql`, in the same transaction, on any connection of the backend:
///
/// ```ignore
/// pub fn up<C: LoadConnection<Backend = Sqlite>>(conn: &mut C) -> Result<(), CodeError> {
///     conn.batch_execute("UPDATE users SET name = trim(name)")?;
///     Ok(())
/// }
/// ```
///
/// The error may be anything that becomes a `migrate_runtime::CodeError`. With
/// `pub const REPEATABLE: bool = true;` the code is run again where a lock timeout rolled its
/// transaction back; without, the run stops there.
///
/// # When the program is compiled again
/// When a script, `metadata.toml`, `migrate.lock`, `migrate.toml` or the schema file changes. A new file is seen because `migrate new`
/// and `migrate lock` rewrite `migrate.lock`; without a lock file, a debug build says at run time
/// that the directory has changed.
#[proc_macro]
pub fn embed_migrations(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    // Cargo sets it for every compiler that it starts; elsewhere paths count from where we are.
    let root = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    embed(input.into(), &root).into()
}

/// The macro for a crate whose `Cargo.toml` lies in `root`.
fn embed(input: TokenStream, root: &Path) -> TokenStream {
    let (arguments, argument_errors) = input::parse(input);
    let source = load::load(&arguments, root);
    let module = expand::module(&arguments, &source);
    // With wrong arguments the wrong files may have been read: then only the arguments are at fault.
    let findings = match &argument_errors {
        Some(errors) => errors.to_compile_error(),
        None => report::findings(&arguments, &source),
    };
    quote!(#findings #module)
}
