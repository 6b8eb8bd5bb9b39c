//! The enum `Version`.

use migrate_core::Migration;
use proc_macro2::TokenStream;
use quote::quote;

use super::Names;

/// `Version`, with a variant a migration, and what makes it a version.
pub(crate) fn version(migrations: &[Migration], names: &[Names]) -> TokenStream {
    let variants: Vec<_> = names.iter().map(|names| &names.variant).collect();
    let docs = migrations.iter().map(|migration| format!("`{migration}`."));
    let texts = migrations
        .iter()
        .map(|migration| migration.version.as_str());
    quote! {
        /// The versions of the migrations.
        #[allow(dead_code)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Version {
            #(#[doc = #docs] #variants,)*
        }

        #[allow(dead_code)]
        impl Version {
            /// All of them, oldest first.
            pub const ALL: &'static [Version] = &[#(Version::#variants),*];

            /// The digits.
            pub const fn as_str(self) -> &'static ::core::primitive::str {
                match self {
                    #(Version::#variants => #texts,)*
                }
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
