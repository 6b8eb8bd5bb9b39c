//! What is wrong with a script, as far as its statements tell without a grammar.

use crate::allow;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::directive::DirectiveKind;
use crate::layout::Layout;
use crate::migration::Direction;
use crate::rule;
use crate::script_file::ScriptFile;

/// What the findings about a script depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) dialect: Dialect,
    pub(crate) layout: Layout,
    pub(crate) irreversible: bool,
}

/// Everything that is found in one script.
pub(crate) fn script(script: &ScriptFile, cx: Context) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    empty(script, cx, &mut findings);
    sections(script, cx, &mut findings);
    copy_data(script, &mut findings);
    allow::apply(script, findings)
}

/// Why the migration is irreversible, where that is declared: in its up script, or in a down script
/// without statements.
pub(crate) fn irreversible(
    up: &ScriptFile,
    down: Option<&ScriptFile>,
    findings: &mut Vec<Diagnostic>,
) -> Option<String> {
    let declared = [Some(up), down].into_iter().flatten();
    let (script, (span, reason)) = declared
        .filter_map(|script| Some((script, script.irreversible()?)))
        .next()?;
    match down {
        Some(down) if !down.is_empty() => {
            let mut finding = Diagnostic::new(
                &rule::BAD_DIRECTIVE,
                "declared irreversible, but there is a down script",
            )
            .at(&script.source, span, "")
            .help("remove either the directive or the statements of the down script");
            if down.source.path != script.source.path {
                finding = finding.note(format!("the down script is {}", down.source.path));
            }
            findings.push(finding);
            None
        }
        _ => Some(reason.to_owned()),
    }
}

fn empty(script: &ScriptFile, cx: Context, findings: &mut Vec<Diagnostic>) {
    let on_purpose = script.direction == Direction::Down && cx.irreversible;
    if script.is_empty() && script.problems.is_empty() && !on_purpose {
        findings.push(
            Diagnostic::new(
                &rule::EMPTY_SCRIPT,
                format!(
                    "the {} script has no statement, so it does nothing",
                    script.direction
                ),
            )
            .at_path(&script.source.path)
            .help("say so with `-- migrate:allow empty-script <reason>` if that is meant"),
        );
    }
}

fn sections(script: &ScriptFile, cx: Context, findings: &mut Vec<Diagnostic>) {
    if cx.layout == Layout::SingleFiles {
        return;
    }
    for directive in &script.directives {
        if let DirectiveKind::Section { direction, .. } = directive.kind {
            findings.push(
                Diagnostic::new(
                    &rule::BAD_DIRECTIVE,
                    format!("a `-- migrate:{direction}` section in a file that holds one script"),
                )
                .at(&script.source, directive.span.clone(), "")
                .help("sections belong into files that are named `<version>_<name>.sql`; remove the line"),
            );
        }
    }
}

fn copy_data(script: &ScriptFile, findings: &mut Vec<Diagnostic>) {
    for statement in &script.split.statements {
        if statement.copy_data.is_some() {
            findings.push(
                Diagnostic::new(
                    &rule::COPY_DATA,
                    "inline COPY data is not sent to the server",
                )
                .at(
                    &script.source,
                    first_line(&script.text, &statement.span),
                    "",
                )
                .help("write the rows as INSERT statements"),
            );
        }
    }
}

/// The part of a span on its first line, to point at a statement without repeating all of it.
fn first_line(text: &str, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let line = text
        .get(span.clone())
        .and_then(|text| text.lines().next())
        .unwrap_or_default();
    span.start..span.start + line.trim_end().len()
}
