//! Long lists of tokens.

use std::fmt::Write;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// A list that has an element a migration, as the text of Rust code.
///
/// The compiler reads such a text much faster than this crate, which nobody compiles with
/// optimisation, can put tokens together: by a factor of about ten. A list in brackets is one token
/// afterwards; without them every element would be taken apart and handed over again.
#[derive(Debug, Default)]
pub(crate) struct List(String);

impl List {
    /// An empty list that begins with a bracket; whoever makes it adds the other in the end.
    pub(crate) fn opened(bracket: &str) -> Self {
        List(bracket.to_owned())
    }

    /// Adds Rust code.
    pub(crate) fn rust(&mut self, code: &str) -> &mut Self {
        self.0.push_str(code);
        self
    }

    /// Adds a literal with that text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        // Nearly every text can stand as it is, and to look at each character takes long.
        if text.is_ascii() && !text.contains('"') && !text.contains('\r') {
            return self.rust("r\"").rust(text).rust("\"");
        }
        // Writing into a text cannot fail; the escapes of `Debug` are those of Rust.
        let _ = write!(self.0, "{text:?}");
        self
    }

    /// Adds a literal number.
    pub(crate) fn number(&mut self, number: usize) -> &mut Self {
        let _ = write!(self.0, "{number}");
        self
    }

    /// Adds a comment for the documentation.
    pub(crate) fn doc(&mut self, text: &str) -> &mut Self {
        self.rust("#[doc=").text(text).rust("]")
    }
}

impl ToTokens for List {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        // The compiler's own reader, where it is there: `proc_macro2` would read the text once more
        // itself before. Text that cannot be read leaves items out, and the compiler says which.
        tokens.extend(if proc_macro::is_available() {
            let read = self.0.parse::<proc_macro::TokenStream>();
            TokenStream::from(read.unwrap_or_default())
        } else {
            self.0.parse().unwrap_or_default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_a_literal() {
        for text in ["", "a\"b\\c", "'", "é\u{301}\u{feff}\0\r\n\t{}", "*/ //"] {
            let mut list = List::default();
            list.text(text);
            let literal: syn::LitStr = syn::parse2(list.to_token_stream()).unwrap();
            assert_eq!(literal.value(), text);
        }
    }
}
