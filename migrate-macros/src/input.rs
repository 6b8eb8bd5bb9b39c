//! The arguments of the macro.

use migrate_core::Dialect;
use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, LitStr, Path, Token};

/// What was written between the parentheses.
pub(crate) struct Arguments {
    pub(crate) dir: Option<LitStr>,
    pub(crate) dialect: Option<Dialect>,
    pub(crate) set: Option<LitStr>,
    pub(crate) schema: Option<LitStr>,
    pub(crate) module: Ident,
    pub(crate) runtime: Path,
}

const EXAMPLE: &str = "as in `embed_migrations!(\"migrations\", dialect = sqlite, set = \"name\", mod = db, crate = my::migrate_runtime)`";

/// Reads the arguments; those that cannot be read are left out, and each is an error.
pub(crate) fn parse(input: TokenStream) -> (Arguments, Option<Error>) {
    let mut arguments = Arguments {
        dir: None,
        dialect: None,
        set: None,
        schema: None,
        module: Ident::new("migrations", Span::call_site()),
        runtime: syn::parse_quote!(::migrate_runtime),
    };
    let mut errors: Option<Error> = None;
    let mut seen: Vec<String> = Vec::new();
    for (index, argument) in split_at_commas(input).into_iter().enumerate() {
        let parser = |stream: ParseStream<'_>| read(stream, index, &mut arguments, &mut seen);
        if let Err(error) = parser.parse2(argument) {
            match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            }
        }
    }
    (arguments, errors)
}

/// One stream an argument, so that an error in one does not hide those in the next. An empty one
/// between two commas stays, as the comma that should not be there.
fn split_at_commas(input: TokenStream) -> Vec<TokenStream> {
    let mut all: Vec<TokenStream> = Vec::new();
    let mut current: Vec<TokenTree> = Vec::new();
    for token in input {
        let comma = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
        if comma && !current.is_empty() {
            all.push(current.drain(..).collect());
        } else {
            current.push(token);
            if comma {
                all.push(current.drain(..).collect());
            }
        }
    }
    if !current.is_empty() {
        all.push(current.into_iter().collect());
    }
    all
}

fn read(
    stream: ParseStream<'_>,
    index: usize,
    arguments: &mut Arguments,
    seen: &mut Vec<String>,
) -> syn::Result<()> {
    if stream.peek(syn::Lit) {
        return read_dir(stream, index, arguments);
    }
    let expected = format!("expected a directory as a string, or a named argument, {EXAMPLE}");
    if stream.peek(Token![,]) {
        return Err(skip(stream, stream.error(&expected)));
    }
    let Ok(key) = stream.call(Ident::parse_any) else {
        return Err(skip(stream, stream.error(&expected)));
    };
    let name = key.to_string();
    let at_key = |message: String| Error::new(key.span(), message);
    if seen.contains(&name) {
        return Err(skip(
            stream,
            at_key(format!("the argument `{name}` is given twice")),
        ));
    }
    seen.push(name.clone());
    let example = match name.as_str() {
        "dialect" => "dialect = sqlite",
        "set" => "set = \"analytics\"",
        "schema" => "schema = \"src/schema.rs\"",
        "mod" => "mod = db",
        "crate" => "crate = my::migrate_runtime",
        _ if !stream.peek(Token![=]) => {
            return Err(skip(stream, at_key(expected)));
        }
        _ => {
            let known = format!(
                "unknown argument `{name}`; known are dialect, set, schema, mod and crate, {EXAMPLE}"
            );
            return Err(skip(stream, at_key(known)));
        }
    };
    if !stream.peek(Token![=]) {
        return Err(skip(
            stream,
            at_key(format!(
                "`{name}` has no value; write for example `{example}`"
            )),
        ));
    }
    stream.parse::<Token![=]>()?;
    if stream.is_empty() {
        return Err(at_key(format!(
            "`{name}` has no value; write for example `{example}`"
        )));
    }
    let wrong = |what: &str| stream.error(format!("`{name}` is {what}, for example `{example}`"));
    let read = match name.as_str() {
        "dialect" => read_dialect(stream).map(|dialect| arguments.dialect = Some(dialect)),
        "set" => stream
            .parse()
            .map_err(|_| wrong("the name of a set in migrate.toml, as a string"))
            .map(|set| arguments.set = Some(set)),
        "schema" => stream
            .parse()
            .map_err(|_| wrong("the path of the file with diesel's `table!` macros, as a string"))
            .map(|file| arguments.schema = Some(file)),
        "mod" => stream
            .parse()
            .map_err(|_| wrong("the name of the module that is written"))
            .map(|module| arguments.module = module),
        _ => stream
            .call(Path::parse_mod_style)
            .map_err(|_| wrong("the path of the crate migrate_runtime"))
            .map(|path| arguments.runtime = path),
    };
    match read {
        Ok(()) => end(stream),
        Err(error) => Err(skip(stream, error)),
    }
}

fn read_dir(stream: ParseStream<'_>, index: usize, arguments: &mut Arguments) -> syn::Result<()> {
    let literal: syn::Lit = stream.parse()?;
    let syn::Lit::Str(dir) = literal else {
        let message = format!("expected the migration directory as a string, {EXAMPLE}");
        return Err(skip(stream, Error::new(literal.span(), message)));
    };
    if index > 0 {
        let message = format!("the migration directory stands first, and only once, {EXAMPLE}");
        return Err(skip(stream, Error::new(dir.span(), message)));
    }
    if dir.value().is_empty() {
        let message =
            "the migration directory is empty text; write \".\" for the crate's own directory";
        return Err(skip(stream, Error::new(dir.span(), message)));
    }
    arguments.dir = Some(dir);
    end(stream)
}

/// The dialect as a word or, as in `migrate.toml`, a string.
fn read_dialect(stream: ParseStream<'_>) -> syn::Result<Dialect> {
    let (text, span) = if stream.peek(LitStr) {
        let text: LitStr = stream.parse()?;
        (text.value(), text.span())
    } else {
        let word: Ident = stream.parse().map_err(|_| {
            stream.error("`dialect` is one of postgres, mysql (also for MariaDB) and sqlite")
        })?;
        (word.to_string(), word.span())
    };
    text.parse().map_err(|unknown| Error::new(span, unknown))
}

fn end(stream: ParseStream<'_>) -> syn::Result<()> {
    if stream.is_empty() {
        return Ok(());
    }
    let error = stream.error("expected `,` before the next argument");
    Err(skip(stream, error))
}

/// Takes the rest of the argument, so that only `error` is reported about it.
fn skip(stream: ParseStream<'_>, error: Error) -> Error {
    match stream.parse::<TokenStream>() {
        Ok(_) => error,
        Err(unreadable) => unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(input: &str) -> Vec<String> {
        let (_, errors) = parse(input.parse().unwrap());
        errors
            .into_iter()
            .flatten()
            .map(|error| error.to_string())
            .collect()
    }

    #[test]
    fn all_arguments() {
        let input = r#""db", dialect = sqlite, set = "a", schema = "src/schema.rs", mod = r#type, crate = crate::x::y,"#;
        let (arguments, errors) = parse(input.parse().unwrap());
        assert!(errors.is_none());
        assert_eq!(arguments.dir.unwrap().value(), "db");
        assert_eq!(arguments.dialect, Some(Dialect::Sqlite));
        assert_eq!(arguments.set.unwrap().value(), "a");
        assert_eq!(arguments.schema.unwrap().value(), "src/schema.rs");
        assert_eq!(arguments.module, "r#type");
        assert_eq!(arguments.runtime.segments.len(), 3);
    }

    #[test]
    fn a_dialect_may_be_a_string() {
        let (arguments, errors) = parse("dialect = \"pg\"".parse().unwrap());
        assert!(errors.is_none());
        assert_eq!(arguments.dialect, Some(Dialect::Postgres));
        assert!(arguments.dir.is_none() && arguments.set.is_none());
        assert_eq!(arguments.module, "migrations");
    }

    #[test]
    fn every_mistake_is_reported_once() {
        for (input, expected) in [
            ("dialect = oracle, mod = 1", 2),
            ("a = 1, b = 2, c", 3),
            ("dialect", 1),
            ("dialect =", 1),
            ("set = 5 6 7, crate = +", 2),
            ("schema = 5, schema =", 2),
            ("dialect = sqlite postgres", 1),
            ("mod = a, mod = b", 1),
            ("dialect = sqlite, \"dir\"", 1),
            (",", 1),
            ("mod = a,, set = \"b\"", 1),
            ("5", 1),
            ("\"\"", 1),
            ("+ = 1", 1),
            ("mod = self", 1),
        ] {
            assert_eq!(
                errors(input).len(),
                expected,
                "{input}: {:?}",
                errors(input)
            );
        }
    }
}
