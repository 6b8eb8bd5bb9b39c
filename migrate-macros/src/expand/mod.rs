//! The module that the macro writes.

mod code;
mod embedded;
mod functions;
mod list;
mod names;
mod version;

use migrate_core::{Dialect, Migration};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Path;

use crate::input::Arguments;
use crate::load::Source;

use list::List;
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

#[cfg(test)]
mod tests {
    use super::*;
    use migrate_core::{Diagnostic, rule};

    fn arguments(text: &str) -> Arguments {
        let (arguments, errors) = crate::input::parse(text.parse().unwrap());
        assert!(errors.is_none());
        arguments
    }

    /// A crate with the migrations of one directory.
    fn loaded(files: &[(&str, &str)]) -> (tempfile::TempDir, Source) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join("migrations").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let source = crate::load::load(&arguments("dialect = sqlite"), root.path());
        (root, source)
    }

    fn expanded(source: &Source) -> String {
        module(&arguments("dialect = sqlite"), source).to_string()
    }

    #[test]
    fn a_file_that_is_one_script_is_named_not_copied() {
        let files = [
            ("1_a/up.sql", "SELECT 'up';"),
            ("1_a/down.sql", "SELECT 'down';"),
        ];
        let (root, source) = loaded(&files);
        assert!(source.diagnostics.is_empty());
        let text = expanded(&source);
        assert!(!text.contains("SELECT"), "{text}");
        for (path, _) in files {
            let path = root
                .path()
                .join("migrations")
                .join(path)
                .display()
                .to_string();
            assert_eq!(text.matches(&path).count(), 1, "{text}");
        }
    }

    #[test]
    fn a_file_with_two_scripts_is_copied_and_watched() {
        let script = "-- migrate:up\nSELECT 'up';\n-- migrate:down\nSELECT 'down';\n";
        let (root, source) = loaded(&[("1_a.sql", script)]);
        let text = expanded(&source);
        assert_eq!(text.matches("SELECT 'up'").count(), 1, "{text}");
        assert_eq!(text.matches("SELECT 'down'").count(), 1, "{text}");
        let path = root.path().join("migrations/1_a.sql").display().to_string();
        assert_eq!(text.matches(&path).count(), 1, "{text}");
    }

    #[test]
    fn the_schema_file_is_watched() {
        let (root, _) = loaded(&[(
            "1_a/up.sql",
            "CREATE TABLE a (id integer NOT NULL PRIMARY KEY);",
        )]);
        let file = root.path().join("schema.rs");
        let arguments = arguments("dialect = sqlite, schema = \"schema.rs\"");
        let with = |text: &str| {
            std::fs::write(&file, text).unwrap();
            crate::load::load(&arguments, root.path())
        };
        let source = with("diesel::table! { a { id -> Integer, } }");
        assert!(!source.has_errors());
        let path = file.display().to_string();
        assert_eq!(expanded(&source).matches(&path).count(), 1);
        // Without the checks of the database nothing is known about its tables.
        let differs = with("diesel::table! { a { id -> Text, } }").has_errors();
        assert_eq!(differs, cfg!(feature = "sqlite"));
    }

    #[test]
    fn with_errors_no_file_is_named() {
        let (root, source) = loaded(&[("1_a/up.sql", "COMMIT;"), ("1_a/down.sql", "SELECT 1;")]);
        assert!(source.has_errors());
        let text = expanded(&source);
        let path = root.path().join("migrations/1_a").display().to_string();
        assert!(!text.contains(&path), "{text}");
        assert!(
            text.contains("pub type a = super :: Reversible < 0 >"),
            "{text}"
        );
    }

    #[test]
    fn the_module_is_complete_without_any_file() {
        let finding = Diagnostic::new(&rule::DIRECTORY, "there is none");
        let source = Source {
            diagnostics: vec![finding],
            ..Source::default()
        };
        let file: syn::File = syn::parse2(module(&arguments("mod = db"), &source)).unwrap();
        assert!(matches!(file.items.as_slice(), [syn::Item::Mod(module)] if module.ident == "db"));
    }

    #[test]
    fn paths_mean_the_same_inside() {
        for (outside, inside) in [
            ("::migrate_runtime", ":: migrate_runtime"),
            ("crate::a::b", "crate :: a :: b"),
            ("a::b", "a :: b"),
            ("self::a", "super :: a"),
            ("super::a", "super :: super :: a"),
        ] {
            let path: Path = syn::parse_str(outside).unwrap();
            assert_eq!(path_from_inside(&path).to_string(), inside);
        }
    }
}
