//! The enum `Version`.

use migrate_core::Migration;
use proc_macro2::TokenStream;
use quote::quote;

use super::{List, Names};

/// `Version`, with a variant a migration, and what makes it a version.
pub(crate) fn version(migrations: &[Migration], names: &[Names]) -> TokenStream {
    let (mut variants, mut all) = (List::opened("{"), List::opened("["));
    for (migration, names) in migrations.iter().zip(names) {
        variants.doc(&format!("`{migration}`."));
        variants.rust(&names.variant).rust(",");
        all.rust(&names.variant).rust(",");
    }
    variants.rust("}");
    all.rust("]");
    // An enum without variants cannot be cast to a number.
    let index = match migrations.is_empty() {
        true => quote!(match self {}),
        false => quote!(self as ::core::primitive::usize),
    };
    quote! {
        /// The versions of the migrations.
        #[allow(dead_code)]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Version #variants

        #[allow(dead_code, unreachable_code)]
        impl Version {
            /// All of them, oldest first.
            pub const ALL: &'static [Version] = {
                use self::Version::*;
                &#all
            };

            /// The digits.
            pub const fn as_str(self) -> &'static ::core::primitive::str {
                __INDEX.version(#index)
            }
        }

        impl ::core::fmt::Debug for Version {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple("Version").field(&self.as_str()).finish()
            }
        }

        impl ::core::fmt::Display for Version {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::core::convert::From<Version> for __runtime::core::Version {
            fn from(version: Version) -> Self {
                Self::from_static(version.as_str())
            }
        }
    }
}
