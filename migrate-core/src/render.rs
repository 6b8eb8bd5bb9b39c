//! Diagnostics as text: the message, the line of the file with a caret, notes and help.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level as Shown, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Label, Level, line_column};
use crate::visible::{visible, visible_lines};

/// Whether text carries terminal colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Never,
    /// ANSI escape codes.
    Always,
}

/// One diagnostic as text, without a final newline.
///
/// ```
/// # #[cfg(feature = "render")] {
/// use migrate_core::{Color, Diagnostic, SourceFile, render, rule};
/// let source = SourceFile { path: "1_a/up.sql".into(), text: "COMMIT;\n".into() };
/// let finding = Diagnostic::new(&rule::TRANSACTION_CONTROL, "`COMMIT` inside a script")
///     .at(&source.into(), 0..6, "");
/// assert_eq!(render(&finding, Color::Never), "\
/// error[transaction-control]: `COMMIT` inside a script
///  --> 1_a/up.sql:1:1
///   |
/// 1 | COMMIT;
///   | ^^^^^^");
/// # }
/// ```
pub fn render(diagnostic: &Diagnostic, color: Color) -> String {
    let shown = match diagnostic.level {
        Level::Error => Shown::ERROR,
        Level::Warning => Shown::WARNING,
        Level::Info | Level::Off => Shown::INFO,
    };
    let title = shown
        .primary_title(visible_lines(&diagnostic.message))
        .id(diagnostic.rule.code);
    let mut group = Group::with_title(title);
    let mut rest = diagnostic.labels.as_slice();
    // The first label is the one that matters; the others of the same file join its snippet.
    let mut primary = AnnotationKind::Primary;
    while let Some(first) = rest.first() {
        let count = rest
            .iter()
            .take_while(|label| label.source.path == first.source.path)
            .count();
        let (here, after) = rest.split_at(count);
        group = group.element(snippet(here, primary));
        primary = AnnotationKind::Context;
        rest = after;
    }
    if let Some(path) = &diagnostic.path
        && diagnostic.labels.is_empty()
    {
        group = group.element(Origin::path(visible(path)));
    }
    let notes = diagnostic
        .notes
        .iter()
        .map(|note| Shown::NOTE.message(visible_lines(note)));
    let help = diagnostic
        .help
        .iter()
        .map(|help| Shown::HELP.message(visible_lines(help)));
    let group = group.elements(notes).elements(help);
    let renderer = match color {
        Color::Never => Renderer::plain(),
        Color::Always => Renderer::styled(),
    };
    renderer.render(&[group])
}

/// All diagnostics as text with a blank line after each, and a last line that counts them; empty
/// where there are none.
pub fn render_all(diagnostics: &[Diagnostic], color: Color) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&render(diagnostic, color));
        text.push_str("\n\n");
    }
    if let Some(summary) = summary(diagnostics) {
        text.push_str(&summary);
        text.push('\n');
    }
    text
}

/// How many findings there are of each level, as in `2 errors, 1 warning`; `None` where there are
/// none.
pub fn summary(diagnostics: &[Diagnostic]) -> Option<String> {
    let mut counts: BTreeMap<Level, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry(diagnostic.level).or_default() += 1;
    }
    let parts: Vec<String> = counts
        .iter()
        .rev()
        .map(|(level, count)| match (level, count) {
            (Level::Error, 1) => "1 error".to_owned(),
            (Level::Error, count) => format!("{count} errors"),
            (Level::Warning, 1) => "1 warning".to_owned(),
            (Level::Warning, count) => format!("{count} warnings"),
            (Level::Info | Level::Off, 1) => "1 remark".to_owned(),
            (Level::Info | Level::Off, count) => format!("{count} remarks"),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A snippet of one file. Only the lines that labels touch are handed on, so that a finding in a
/// huge file costs no more than in a small one.
fn snippet<'a>(
    labels: &'a [Label],
    primary: AnnotationKind,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let Some(source) = labels.first().map(|label| &label.source) else {
        return Snippet::source("");
    };
    let text = source.text.as_str();
    let spans: Vec<Range<usize>> = labels
        .iter()
        .map(|label| within(text, &label.span))
        .collect();
    let start = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let end = spans.iter().map(|span| span.end).max().unwrap_or(0);
    let start = text
        .get(..start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1);
    let end = text
        .get(end..)
        .and_then(|after| after.find('\n'))
        .map_or(text.len(), |at| end + at);
    let (line, _) = line_column(text, start);
    let kinds = std::iter::once(primary).chain(std::iter::repeat(AnnotationKind::Context));
    let annotations = labels
        .iter()
        .zip(spans)
        .zip(kinds)
        .map(|((label, span), kind)| {
            let text = (!label.text.is_empty()).then_some(label.text.as_str());
            kind.span(span.start - start..span.end - start).label(text)
        });
    Snippet::source(without_c1(text.get(start..end).unwrap_or_default()))
        .line_start(line)
        .path(visible(&source.path))
        .annotations(annotations)
}

/// The text without the control characters U+0080 to U+009F, which some terminals obey and which the
/// renderer leaves alone. What stands for them has as many bytes, so that spans stay right.
fn without_c1(text: &str) -> Cow<'_, str> {
    let c1 = '\u{80}'..='\u{9f}';
    match text.contains(|c| c1.contains(&c)) {
        true => Cow::Owned(text.replace(|c| c1.contains(&c), "·")),
        false => Cow::Borrowed(text),
    }
}

/// The span moved to characters that exist, whatever it says.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let floor = |byte: usize| {
        let mut at = byte.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::rule;

    fn file(path: &str, text: &str) -> Arc<SourceFile> {
        Arc::new(SourceFile {
            path: path.into(),
            text: text.into(),
        })
    }

    #[test]
    fn several_places_and_lines_far_down() {
        let up = file(
            "1_a/up.sql",
            &format!(
                "{}CREATE TABLE ä (b int);\n\nDROP TABLE ä;\n",
                "\n".repeat(998)
            ),
        );
        let lock = file("migrate.lock", "head\n1 frozen\n");
        let finding = Diagnostic::new(&rule::EDITED_FROZEN, "something is odd here")
            .at(&up, 1011..1013, "made here")
            .at(&up, 1036..1038, "gone here")
            .at(&lock, 5..6, "known from here")
            .note("two files\nare involved")
            .help("do this")
            .help("or that");
        insta::assert_snapshot!(render(&finding, Color::Never));
    }

    #[test]
    fn colours_are_on_request() {
        let mut finding = Diagnostic::new(&rule::EMPTY_SCRIPT, "empty").at_path("1_a.sql");
        assert!(!render(&finding, Color::Never).contains('\u{1b}'));
        assert!(render(&finding, Color::Always).contains('\u{1b}'));
        finding.level = Level::Info;
        assert!(render(&finding, Color::Never).starts_with("info[empty-script]: empty\n"));
    }

    #[test]
    fn no_control_character_is_shown() {
        let all: String = (1..0xa0).filter_map(char::from_u32).collect();
        let source = file(&format!("1_{all}.sql"), &format!("COMMIT; -- {all}"));
        let finding = Diagnostic::new(&rule::EMPTY_SCRIPT, format!("a name: {all}"))
            .at(&source, 0..6, "")
            .help(all.as_str());
        let text = render(&finding, Color::Never);
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "{text:?}"
        );
    }

    #[test]
    fn findings_are_counted() {
        let at = |level| Diagnostic {
            level,
            ..Diagnostic::new(&rule::EMPTY_SCRIPT, "x")
        };
        let (error, warning, info) = (at(Level::Error), at(Level::Warning), at(Level::Info));
        assert_eq!(summary(&[]), None);
        assert_eq!(summary(std::slice::from_ref(&info)).unwrap(), "1 remark");
        let all = [info, warning.clone(), error.clone(), warning, error];
        assert_eq!(summary(&all).unwrap(), "2 errors, 2 warnings, 1 remark");
        assert_eq!(render_all(&[], Color::Never), "");
    }

    proptest! {
        #[test]
        fn any_span_in_any_text(text in "[a-é\\t\\n\\r\\u{0}\\u{1F980} ]{0,60}", spans in prop::collection::vec((0usize..90, 0usize..90), 1..4)) {
            let source = file("a\nb.sql", &text);
            let mut finding = Diagnostic::new(&rule::NUL_BYTE, text.clone());
            for (start, end) in spans {
                finding = finding.at(&source, start..end, "here");
            }
            prop_assert!(!render(&finding, Color::Never).is_empty());
        }
    }
}
