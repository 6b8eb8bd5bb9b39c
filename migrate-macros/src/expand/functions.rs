//! The functions of each migration.

use migrate_core::{Down, Migration};
use proc_macro2::TokenStream;
use quote::quote;

use super::{List, Names};

/// Two types, and a name a migration for one of them with its place in the set. A migration without a
/// way down has a name for the one without `down`, so that calling it does not compile.
///
/// A name is the cheapest item there is: a module with functions of its own takes the compiler about
/// ten times as long, with every build.
pub(crate) fn functions(migrations: &[Migration], names: &[Names]) -> TokenStream {
    let mut list = List::opened("{");
    for (index, (migration, names)) in migrations.iter().zip(names).enumerate() {
        let (kind, doc) = match &migration.down {
            Down::Script(_) => ("Reversible", format!("Migration `{migration}`.")),
            Down::Missing => (
                "Irreversible",
                format!(
                    "Migration `{migration}`; there is no `down`, because it has no down script."
                ),
            ),
            Down::Irreversible { reason } => (
                "Irreversible",
                format!(
                    "Migration `{migration}`; there is no `down`, because it is irreversible: {reason}."
                ),
            ),
        };
        list.doc(&doc).rust("pub type ").rust(&names.module);
        list.rust("=super::")
            .rust(kind)
            .rust("<")
            .number(index)
            .rust(">;");
    }
    list.rust("}");
    let (reversible, irreversible) = (kind("Reversible"), kind("Irreversible"));
    quote! {
        /// A migration that can be reverted, by its place in the set.
        #reversible

        #[allow(dead_code)]
        impl<const INDEX: ::core::primitive::usize> Reversible<INDEX> {
            /// Reverts it, if it is the newest that is applied.
            ///
            /// # Errors
            /// Also while newer migrations are applied.
            pub fn down<C: __LoadConnection<Backend = __Backend>>(conn: &mut C) -> __Done {
                MIGRATIONS.down_one(conn, &Self::VERSION.into())
            }
        }

        /// A migration without a way down, by its place in the set.
        #irreversible

        #[allow(dead_code, non_camel_case_types)]
        mod __migrations #list
        pub use __migrations::*;
    }
}

/// The type of migrations of one kind, with what all migrations have.
fn kind(name: &str) -> TokenStream {
    let name = quote::format_ident!("{name}");
    quote! {
        #[allow(dead_code)]
        #[derive(Clone, Copy, Debug)]
        pub struct #name<const INDEX: ::core::primitive::usize>;

        #[allow(dead_code)]
        impl<const INDEX: ::core::primitive::usize> #name<INDEX> {
            /// Its version.
            pub const VERSION: Version = Version::ALL[INDEX];
            /// Its name.
            pub const NAME: &'static ::core::primitive::str = __INDEX.name(INDEX);

            /// Applies it, if it is not applied already.
            ///
            /// # Errors
            /// Also while older migrations are pending.
            pub fn up<C: __LoadConnection<Backend = __Backend>>(conn: &mut C) -> __Done {
                MIGRATIONS.up_one(conn, &Self::VERSION.into())
            }
        }
    }
}
