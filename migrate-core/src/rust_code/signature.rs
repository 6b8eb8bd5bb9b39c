//! The function that Rust code of a migration must have: whether it can be called on any connection.
//!
//! Only the signature of that one function is parsed, and only where it has a reasonable size, because
//! a parser of Rust recurses, and what lies in a file is anybody's.

use std::ops::Range;

use syn::{FnArg, GenericParam, ItemFn, ReturnType, Type, Visibility};

use super::tokens::{Kind, Lexer};
use crate::dialect::Dialect;
use crate::migration::Direction;

/// The most tokens of a signature that is looked at; a usual one has about thirty.
const MAX_TOKENS: usize = 256;

/// The code cannot be called as a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrongFunction {
    /// What is wrong.
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) help: String,
    /// The name of the function, as bytes of the text; `None` where there is none.
    pub(crate) span: Option<Range<usize>>,
}

/// Whether the code declares `REPEATABLE`; or what is wrong with its function. What cannot be parsed
/// may be newer Rust, so there the compiler has the last word.
pub(crate) fn inspect(
    text: &str,
    direction: Direction,
    dialect: Dialect,
) -> Result<bool, WrongFunction> {
    let found = find(text, direction.name());
    let (message, span) = match found.function {
        None => (format!("there is no function `{direction}`"), None),
        Some((name, signature)) => {
            let message = signature
                .and_then(|signature| syn::parse_str(&signature).ok())
                .and_then(|function| wrong(&function));
            match message {
                None => return Ok(found.repeatable),
                Some(message) => (message, Some(name)),
            }
        }
    };
    let backend = match dialect {
        Dialect::Postgres => "Pg",
        Dialect::Mysql => "Mysql",
        Dialect::Sqlite => "Sqlite",
    };
    Err(WrongFunction {
        message,
        help: format!(
            "write `pub fn {direction}<C: LoadConnection<Backend = {backend}>>(conn: &mut C) -> Result<(), CodeError>`"
        ),
        span,
    })
}

/// What stands in a file outside all brackets.
#[derive(Default)]
struct Found {
    /// Where the function's name is, and its text with an empty body unless that is too long.
    function: Option<(Range<usize>, Option<String>)>,
    /// There is a constant `REPEATABLE`.
    repeatable: bool,
}

fn find(text: &str, function: &str) -> Found {
    let mut found = Found::default();
    let mut lexer = Lexer::new(text);
    let mut depth = 0usize;
    // The item so far, and the name of the function where it is the one.
    let mut item: Vec<&str> = Vec::new();
    let mut name = None;
    // A text without an end has been found by `tokens`.
    while let Ok(Some((span, kind))) = lexer.next() {
        let token = text.get(span.clone()).unwrap_or_default();
        if depth == 0 {
            match item.last() {
                Some(&"fn") if token == function && found.function.is_none() => {
                    name = Some(span.clone());
                }
                Some(&"const") if token == "REPEATABLE" => found.repeatable = true,
                _ => {}
            }
            if token == "{"
                && let Some(name) = name.take()
            {
                item.push("{}");
                let signature = (item.len() <= MAX_TOKENS).then(|| item.join(" "));
                found.function = Some((name, signature));
            }
        }
        match kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Other => {}
        }
        let of_file = token == "]" && item.starts_with(&["#", "!"]);
        if depth == 0 && (matches!(token, ";" | "}") || of_file) {
            item.clear();
        } else if item.len() <= MAX_TOKENS {
            item.push(token);
        }
    }
    found
}

/// Why a function cannot be called on any connection of the backend.
fn wrong(function: &ItemFn) -> Option<String> {
    let signature = &function.sig;
    let name = &signature.ident;
    if !matches!(function.vis, Visibility::Public(_)) {
        return Some(format!("the function `{name}` is not `pub`"));
    }
    if signature.asyncness.is_some() {
        return Some(format!(
            "the function `{name}` is async; migrations run on a sync connection"
        ));
    }
    let (Some(FnArg::Typed(argument)), 1) = (signature.inputs.first(), signature.inputs.len())
    else {
        return Some(format!(
            "the function `{name}` does not take exactly one argument, the connection"
        ));
    };
    let Type::Reference(reference) = argument.ty.as_ref() else {
        return Some(format!(
            "the function `{name}` does not take the connection as `&mut`"
        ));
    };
    if reference.mutability.is_none() {
        return Some(format!(
            "the function `{name}` does not take the connection as `&mut`"
        ));
    }
    let generic = match reference.elem.as_ref() {
        Type::ImplTrait(_) => true,
        Type::Path(path) => signature.generics.params.iter().any(
            |param| matches!(param, GenericParam::Type(param) if path.path.is_ident(&param.ident)),
        ),
        _ => false,
    };
    if !returns_result(&signature.output) {
        return Some(format!("the function `{name}` does not return a `Result`"));
    }
    (!generic).then(|| {
        format!("the function `{name}` takes one type of connection only; it has to be generic, because pooled and wrapped connections run it too")
    })
}

/// Whether the type is named like a `Result`; what is behind the name is the compiler's to know.
fn returns_result(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => false,
        ReturnType::Type(_, ty) => match ty.as_ref() {
            Type::Path(path) => {
                let last = path.path.segments.last();
                last.is_some_and(|last| last.ident.to_string().ends_with("Result"))
            }
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<bool, String> {
        inspect(text, Direction::Up, Dialect::Sqlite).map_err(|wrong| wrong.message)
    }

    #[test]
    fn good_functions() {
        for text in [
            "pub fn up<C: LoadConnection<Backend = Sqlite>>(conn: &mut C) -> Result<(), E> { Ok(()) }",
            "pub fn up(conn: &mut impl LoadConnection<Backend = Sqlite>) -> QueryResult<usize> {}",
            "fn other() {} pub fn up<C>(_: &mut C) -> crate::MyResult where C: LoadConnection<Backend = Sqlite> {}",
        ] {
            assert_eq!(check(text), Ok(false), "{text}");
        }
        let repeatable =
            "pub const REPEATABLE: bool = true; pub fn up<C>(conn: &mut C) -> Result<(), E> {}";
        assert_eq!(check(repeatable), Ok(true));
    }

    #[test]
    fn bad_functions() {
        for (text, message) in [
            ("", "there is no function `up`"),
            (
                "pub fn down<C>(conn: &mut C) {}",
                "there is no function `up`",
            ),
            (
                "fn up<C>(conn: &mut C) {}",
                "the function `up` is not `pub`",
            ),
            (
                "pub async fn up<C>(conn: &mut C) {}",
                "the function `up` is async",
            ),
            (
                "pub fn up() {}",
                "the function `up` does not take exactly one argument",
            ),
            (
                "pub fn up<C>(conn: &mut C, n: u8) {}",
                "the function `up` does not take exactly one",
            ),
            (
                "pub fn up<C>(conn: C) {}",
                "the function `up` does not take the connection as `&mut`",
            ),
            (
                "pub fn up<C>(conn: &C) {}",
                "the function `up` does not take the connection as `&mut`",
            ),
            (
                "pub fn up<C>(conn: &mut C) {}",
                "the function `up` does not return a `Result`",
            ),
            (
                "pub fn up<C>(conn: &mut C) -> Option<()> {}",
                "the function `up` does not return",
            ),
            (
                "pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> {}",
                "the function `up` takes one type",
            ),
        ] {
            let found = check(text).unwrap_err();
            assert!(found.starts_with(message), "{text}: {found}");
        }
    }

    #[test]
    fn the_function_is_found_among_other_things() {
        let text = "use a::{b, up}; mod m { pub fn up() {} } /* fn up() {} */ #[cfg(all())]\n\
            fn helper<const N: usize>() -> [u8; 2] { fn up() {} [1; 2] }\n\
            const REPEATABLE: bool = { true };\npub(crate) fn up<C>(conn: &mut C) -> R {}";
        let wrong = inspect(text, Direction::Up, Dialect::Sqlite).unwrap_err();
        assert_eq!(wrong.message, "the function `up` is not `pub`");
        let span = wrong.span.unwrap();
        assert_eq!(
            (&text[span.clone()], span.start),
            ("up", text.rfind("up<").unwrap())
        );
        assert_eq!(
            check(
                &text
                    .replace("pub(crate) ", "pub ")
                    .replace("-> R ", "-> Result<()> ")
            ),
            Ok(true)
        );
    }

    #[test]
    fn what_is_too_deep_is_the_compilers_to_judge() {
        for (open, close) in [("&", ""), ("(", ")"), ("Box<", ">"), ("[", "; 1]")] {
            let nested = |depth| format!("{}C{}", open.repeat(depth), close.repeat(depth));
            let ty = nested(100_000);
            let text = format!("pub fn up<C>(conn: {ty}) -> Result<(), E> {{}}");
            assert_eq!(check(&text), Ok(false));
            let body = format!("pub fn up<C>(conn: &mut C) -> Result<(), E> {{ let x = {ty}; }}");
            assert_eq!(check(&body), Ok(false));
            // As deep as is looked at.
            let text = format!("pub fn up<C>(conn: {}) {{}}", nested(45));
            assert!(check(&text).is_err());
        }
    }

    #[test]
    fn attributes_of_the_file_are_no_part_of_it() {
        let wrong = check("#![allow(dead_code)]\n#[inline]\nfn up<C>(conn: &mut C) {}");
        assert_eq!(wrong.unwrap_err(), "the function `up` is not `pub`");
    }

    #[test]
    fn newer_rust_is_the_compilers_to_judge() {
        assert_eq!(check("pub gen fn up<C>(conn: &mut C) yields {}"), Ok(false));
    }
}
