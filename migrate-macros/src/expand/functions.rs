//! The module of each migration, with its functions.

use migrate_core::{Down, Migration};
use proc_macro2::TokenStream;
use quote::quote;

use super::Names;

/// A module a migration. One without a way down has no `down`, so that calling it does not compile.
pub(crate) fn functions(migrations: &[Migration], names: &[Names]) -> TokenStream {
    migrations
        .iter()
        .zip(names)
        .map(|(migration, names)| function(migration, names))
        .collect()
}

fn function(migration: &Migration, Names { module, variant }: &Names) -> TokenStream {
    let name = migration.name.as_ref();
    let mut doc = format!("Migration `{migration}`.");
    let down = match &migration.down {
        Down::Script(script) => {
            let doc = format!(
                "Reverts it, if it is the newest that is applied: `{}`.\n\n# Errors\nAlso while newer migrations are applied.",
                script.path
            );
            quote! {
                #[doc = #doc]
                pub fn down<C: super::__LoadConnection<Backend = super::__Backend>>(conn: &mut C) -> super::__Done {
                    super::MIGRATIONS.down_one(conn, &VERSION.into())
                }
            }
        }
        Down::Missing => {
            doc.push_str("\n\nThere is no `down`, because it has no down script.");
            TokenStream::new()
        }
        Down::Irreversible { reason } => {
            doc.push_str(&format!(
                "\n\nThere is no `down`, because it is irreversible: {reason}."
            ));
            TokenStream::new()
        }
    };
    let up_doc = format!(
        "Applies it, if it is not applied already: `{}`.\n\n# Errors\nAlso while older migrations are pending.",
        migration.up.path
    );
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        pub mod #module {
            #[doc = "Its version."]
            pub const VERSION: super::Version = super::Version::#variant;
            #[doc = "Its name."]
            pub const NAME: &str = #name;
            #[doc = #up_doc]
            pub fn up<C: super::__LoadConnection<Backend = super::__Backend>>(conn: &mut C) -> super::__Done {
                super::MIGRATIONS.up_one(conn, &VERSION.into())
            }
            #down
        }
    }
}
