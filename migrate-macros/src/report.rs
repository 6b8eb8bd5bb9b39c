//! Findings as compile errors and warnings.

use migrate_core::config::NoSet;
use migrate_core::{Color, Diagnostic, Level, render, rule};
use proc_macro_warning::FormattedWarning;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::input::Arguments;
use crate::load::Source;

/// Every error as a `compile_error!`, every warning as a compiler warning. There is no stable way to
/// say anything milder while compiling; `migrate check` shows the rest.
pub(crate) fn findings(arguments: &Arguments, source: &Source) -> TokenStream {
    let mut tokens = TokenStream::new();
    if let Some(none) = &source.no_set {
        let span = arguments
            .set
            .as_ref()
            .map_or_else(Span::call_site, syn::LitStr::span);
        let text = match none {
            NoSet::NotChosen { known } => format!(
                "{none}\n= help: choose one, as in `embed_migrations!(set = {:?})`",
                known.first().map_or("name", String::as_str)
            ),
            _ => none.to_string(),
        };
        tokens.extend(syn::Error::new(span, text).to_compile_error());
    }
    for (index, finding) in source.diagnostics.iter().enumerate() {
        match finding.level {
            Level::Error => tokens.extend(error(finding, arguments)),
            Level::Warning => tokens.extend(warning(finding, index)),
            Level::Info | Level::Off => {}
        }
    }
    tokens
}

fn error(finding: &Diagnostic, arguments: &Arguments) -> TokenStream {
    let text = text(finding);
    // What is wrong with the directory as a whole is wrong with the argument that names it.
    let about_directory = [&rule::DIRECTORY, &rule::NO_MIGRATIONS].contains(&finding.rule);
    let dir = arguments.dir.as_ref().filter(|_| about_directory);
    let about_schema_file = [&rule::SCHEMA_FILE, &rule::SCHEMA_DIFFERS].contains(&finding.rule);
    let schema = arguments.schema.as_ref().filter(|_| about_schema_file);
    let span = dir
        .or(schema)
        .map_or_else(Span::call_site, syn::LitStr::span);
    quote_spanned!(span=> ::core::compile_error! { #text })
}

fn warning(finding: &Diagnostic, index: usize) -> TokenStream {
    let name = format!("migration_warning_{index}");
    let note = format!("\n{}", text(finding));
    let warning = FormattedWarning::new_deprecated(name, note, Span::call_site());
    quote!(const _: () = { #warning };)
}

/// The rendered finding. The compiler writes the level itself, so the rule goes to the end of the
/// first line.
fn text(finding: &Diagnostic) -> String {
    let rendered = render(finding, Color::Never);
    let label = format!("{}[{}]: ", finding.level, finding.rule.code);
    match rendered
        .strip_prefix(&label)
        .and_then(|rest| rest.strip_prefix(&finding.message))
    {
        Some(rest) => format!("{} [{}]{rest}", finding.message, finding.rule.code),
        None => rendered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use migrate_core::SourceFile;

    #[test]
    fn the_level_is_left_to_the_compiler() {
        let source = SourceFile {
            path: "1_a/up.sql".into(),
            text: "SELECT 1;\nCOMMIT;\n".into(),
        };
        let finding = Diagnostic::new(&rule::TRANSACTION_CONTROL, "`COMMIT` inside a script")
            .at(&source.into(), 10..16, "")
            .help("remove it");
        assert_eq!(
            text(&finding),
            "`COMMIT` inside a script [transaction-control]\n \
             --> 1_a/up.sql:2:1\n  \
             |\n\
             2 | COMMIT;\n  \
             | ^^^^^^\n  \
             |\n  \
             = help: remove it"
        );
    }

    #[test]
    fn a_message_of_several_lines_is_shown_as_it_is() {
        let finding = Diagnostic::new(&rule::UNREADABLE, "a\nb").at_path("x");
        assert!(text(&finding).contains("a\n"), "{}", text(&finding));
    }
}
