//! The Rust code of migrations: their files as modules, and the type that calls them.

use migrate_core::Migration;
use migrate_core::directory::RustFile;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::direction;
use crate::load::Source;

/// The type that stands for the code, and the items that make it.
///
/// The files become modules of their own, so that the compiler checks them in place and its messages
/// point into them.
pub(crate) fn code(source: &Source, migrations: &[Migration]) -> (TokenStream, TokenStream) {
    let files: &[RustFile] = source.loaded.as_ref().map_or(&[], |loaded| &loaded.rust);
    if files.is_empty() {
        return (quote!(__runtime::SqlOnly), TokenStream::new());
    }
    let mut modules = TokenStream::new();
    let mut present = Vec::new();
    let mut repeatable = TokenStream::new();
    let mut calls = TokenStream::new();
    for code in files {
        let index = migrations.iter().position(|m| m.version == code.version);
        let Some(index) = index else {
            continue;
        };
        let module = module_name(code);
        let path = code.path.display().to_string();
        let failure = format_ident!("error_of_{module}");
        // The compiler names the function where the error of the code is none.
        modules.extend(quote! {
            #[path = #path]
            pub mod #module;

            pub fn #failure<E: ::core::convert::Into<super::__runtime::CodeError>>(error: E) -> super::__runtime::CodeError {
                error.into()
            }
        });
        let direction = direction(code.direction);
        let case = quote!((#index, __runtime::core::Direction::#direction));
        let function = format_ident!("{}", code.direction.name());
        calls.extend(quote! {
            #case => __rust_code::#module::#function(conn)
                .map(::core::mem::drop)
                .map_err(__rust_code::#failure),
        });
        if code.declares_repeatable {
            repeatable.extend(quote!(#case => __rust_code::#module::REPEATABLE,));
        }
        present.push(case);
    }
    let items = quote! {
        #[doc(hidden)]
        pub mod __rust_code {
            #modules
        }

        /// The Rust code of the migrations.
        #[derive(Clone, Copy, Debug)]
        pub enum Rust {}

        impl __runtime::Code<__Backend> for Rust {
            fn has(migration: ::core::primitive::usize, direction: __runtime::core::Direction) -> ::core::primitive::bool {
                ::core::matches!((migration, direction), #(#present)|*)
            }

            fn repeatable(migration: ::core::primitive::usize, direction: __runtime::core::Direction) -> ::core::primitive::bool {
                match (migration, direction) {
                    #repeatable
                    _ => false,
                }
            }

            fn run<C: __LoadConnection<Backend = __Backend>>(
                migration: ::core::primitive::usize,
                direction: __runtime::core::Direction,
                conn: &mut C,
            ) -> ::core::result::Result<(), __runtime::CodeError> {
                match (migration, direction) {
                    #calls
                    _ => <__runtime::SqlOnly as __runtime::Code<__Backend>>::run(migration, direction, conn),
                }
            }
        }
    };
    (quote!(Rust), items)
}

fn module_name(code: &RustFile) -> Ident {
    format_ident!("v{}_{}", code.version.as_str(), code.direction.name())
}
