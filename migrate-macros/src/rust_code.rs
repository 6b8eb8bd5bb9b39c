//! Rust code of migrations: which files have which function, and what is missing in them.

use std::fs;
use std::path::PathBuf;

use migrate_core::config::SetConfig;
use migrate_core::project::Loaded;
use migrate_core::{Diagnostic, Dialect, Direction, rule, rust_code};
use syn::{FnArg, GenericParam, Item, ItemFn, ReturnType, Type, Visibility};

use crate::expand::backend_name;

/// The Rust code of one migration and direction.
pub(crate) struct RustCode {
    /// Index of the migration in the set.
    pub(crate) migration: usize,
    pub(crate) direction: Direction,
    /// The file.
    pub(crate) path: PathBuf,
    /// Whether it declares `REPEATABLE`.
    pub(crate) declares_repeatable: bool,
}

/// Looks into every file with Rust code. A file that cannot be used is left out, with a finding.
pub(crate) fn read(config: &SetConfig, loaded: &Loaded) -> (Vec<RustCode>, Vec<Diagnostic>) {
    let mut all = Vec::new();
    let mut findings = Vec::new();
    for file in &loaded.rust {
        let index = loaded
            .set
            .migrations()
            .iter()
            .position(|m| m.version == file.version);
        // What cannot be read, or has no end, was found while loading.
        let (Some(migration), Ok(text)) = (index, fs::read_to_string(&file.path)) else {
            continue;
        };
        if rust_code::tokens(&text).is_err() {
            continue;
        }
        match inspect(&text, file.direction, loaded.set.dialect()) {
            Ok(declares_repeatable) => all.push(RustCode {
                migration,
                direction: file.direction,
                path: file.path.clone(),
                declares_repeatable,
            }),
            Err((message, help)) => findings.push(
                Diagnostic::new(&rule::BAD_RUST, message)
                    .at_path(config.shown(&file.path))
                    .help(help),
            ),
        }
    }
    (all, findings)
}

/// Whether the code declares `REPEATABLE`; or what is wrong with its function, and what to write.
fn inspect(text: &str, direction: Direction, dialect: Dialect) -> Result<bool, (String, String)> {
    // What this crate cannot parse may be newer Rust: the compiler has the last word.
    let Ok(file) = syn::parse_file(text) else {
        return Ok(false);
    };
    let problem = file.items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == direction.name() => Some(wrong(function)),
        _ => None,
    });
    let backend = backend_name(dialect);
    let help = format!(
        "write `pub fn {direction}<C: LoadConnection<Backend = {backend}>>(conn: &mut C) -> Result<(), CodeError>`"
    );
    match problem {
        None => Err((format!("there is no function `{direction}`"), help)),
        Some(Some(message)) => Err((message, help)),
        Some(None) => Ok(file.items.iter().any(is_repeatable)),
    }
}

fn is_repeatable(item: &Item) -> bool {
    matches!(item, Item::Const(constant) if constant.ident == "REPEATABLE")
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
        inspect(text, Direction::Up, Dialect::Sqlite).map_err(|(message, _)| message)
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
}
