//! The module that the macro writes.

mod code;
mod embedded;
mod functions;
mod names;
mod version;

use migrate_core::{Dialect, Migration};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Path;

use crate::input::Arguments;
use crate::load::Source;

pub(crate) use names::Names;

/// The whole module. It is complete whatever was found, with what could be read, so that nothing
/// but the findings is reported.
///
/// No name of a migration has two underscores in a row, so names of its own begin with two.
pub(crate) fn module(arguments: &Arguments, source: &Source) -> TokenStream {
    let migrations: &[Migration] = source
        .loaded
        .as_ref()
        .map_or(&[], |loaded| loaded.set.migrations());
    let dialect = source
        .loaded
        .as_ref()
        .map(|loaded| loaded.set.dialect())
        .or(arguments.dialect)
        .unwrap_or(Dialect::Sqlite);
    let names = names::of(migrations);
    let module = &arguments.module;
    let runtime = path_from_inside(&arguments.runtime);
    let backend = backend(dialect);
    let embedded = embedded::embedded(source, dialect);
    let (code_type, code) = code::code(source, migrations);
    let version = version::version(migrations, &names);
    let functions = functions::functions(migrations, &names);
    let module_doc = match source.loaded.as_ref().zip(source.config.as_ref()) {
        Some((_, config)) => format!("The migrations in `{}`.", config.shown(&config.dir)),
        None => "The migrations.".to_owned(),
    };
    quote! {
        #[doc = #module_doc]
        pub mod #module {
            use #runtime as __runtime;
            use __runtime::diesel::connection::LoadConnection as __LoadConnection;
            type __Backend = __runtime::diesel::#backend;
            type __Done = ::core::result::Result<__runtime::Report, __runtime::Error>;

            /// All migrations, oldest first: to apply, to revert, to ask how a database stands.
            pub static MIGRATIONS: __runtime::Migrations<__Backend, #code_type> =
                __runtime::Migrations::new(&__EMBEDDED);
            #embedded
            #code
            #version
            #functions
        }
    }
}

/// The backend's path in diesel.
fn backend(dialect: Dialect) -> TokenStream {
    match dialect {
        Dialect::Postgres => quote!(pg::Pg),
        Dialect::Mysql => quote!(mysql::Mysql),
        _ => quote!(sqlite::Sqlite),
    }
}

/// The backend's name, for messages.
pub(crate) fn backend_name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "Pg",
        Dialect::Mysql => "Mysql",
        _ => "Sqlite",
    }
}

fn direction(direction: migrate_core::Direction) -> Ident {
    match direction {
        migrate_core::Direction::Up => format_ident!("Up"),
        migrate_core::Direction::Down => format_ident!("Down"),
    }
}

/// A path that means inside the module what it means outside. One that begins with neither `crate`,
/// `self` nor `super` begins with the name of a crate.
fn path_from_inside(path: &Path) -> TokenStream {
    let first = path
        .segments
        .first()
        .map(|segment| segment.ident.to_string());
    match first.as_deref() {
        Some("super") => quote!(super::#path),
        Some("self") => {
            let rest = path.segments.iter().skip(1);
            let super_ = Ident::new("super", Span::call_site());
            quote!(#super_ #(:: #rest)*)
        }
        _ => quote!(#path),
    }
}
