//! `-- migrate:allow <rule> <reason>`: findings that are accepted.
//!
//! An `allow` accepts the rule's findings about the next statement. Where a blank line follows it
//! before the first statement, or no statement follows at all, it accepts those about the whole
//! script.

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::directive::{Directive, DirectiveKind};
use crate::rule::{self, Rule};
use crate::script_file::ScriptFile;

/// A finding that a directive accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The finding.
    pub finding: Diagnostic,
    /// The reason that the directive gives.
    pub reason: String,
}

/// Moves the findings that the script's directives accept to `allowed`, and adds those about the
/// directives themselves.
pub(crate) fn apply(
    script: &ScriptFile,
    mut findings: Vec<Diagnostic>,
    allowed: &mut Vec<Allowed>,
) -> Vec<Diagnostic> {
    let mut about_allows = Vec::new();
    for directive in &script.directives {
        let DirectiveKind::Allow { rule: code, reason } = &directive.kind else {
            continue;
        };
        let span = directive.span.clone();
        match allowable(code) {
            Err((message, help)) => about_allows.push(
                Diagnostic::new(&rule::BAD_DIRECTIVE, message)
                    .at(&script.source, span, "")
                    .help(help),
            ),
            Ok(rule) => {
                let scope = scope(script, directive);
                let accepts = |finding: &mut Diagnostic| {
                    finding.rule == rule && in_scope(finding, scope.as_ref())
                };
                let before = findings.len();
                allowed.extend(findings.extract_if(.., accepts).map(|finding| Allowed {
                    finding,
                    reason: reason.clone(),
                }));
                if findings.len() == before {
                    about_allows.push(
                        Diagnostic::new(
                            &rule::UNUSED_ALLOW,
                            format!("nothing is found here that `allow {code}` accepts"),
                        )
                        .at(&script.source, span, "")
                        .help("remove the line, or put it directly above the statement that it is about"),
                    );
                }
            }
        }
    }
    findings.extend(about_allows);
    findings
}

impl ScriptFile {
    /// Whether an `allow` directive of the script accepts a finding about it.
    pub fn accepts(&self, finding: &Diagnostic) -> bool {
        self.accepted_because(finding).is_some()
    }

    /// The reason that an `allow` directive gives for accepting a finding about the script; `None`
    /// where none accepts it.
    pub fn accepted_because(&self, finding: &Diagnostic) -> Option<&str> {
        self.directives
            .iter()
            .find_map(|directive| match &directive.kind {
                DirectiveKind::Allow { rule, reason }
                    if rule == finding.rule.code
                        && in_scope(finding, scope(self, directive).as_ref()) =>
                {
                    Some(reason.as_str())
                }
                _ => None,
            })
    }
}

/// The rule that a directive names; otherwise what is wrong, and what to do.
fn allowable(code: &str) -> Result<&'static Rule, (String, String)> {
    let Some(rule) = rule::find(code) else {
        let message = format!("there is no rule `{code}`");
        return Err((message, rule::help_for_unknown(code)));
    };
    if *rule == rule::MISSING_DOWN {
        let help = "write `-- migrate:irreversible <reason>` instead".to_owned();
        return Err((format!("`{code}` cannot be allowed"), help));
    }
    if !rule.configurable {
        let help = "repair what it finds; nothing can be done with the script as it is".to_owned();
        return Err((format!("`{code}` cannot be allowed"), help));
    }
    Ok(rule)
}

/// The bytes that a directive is about; `None` for the whole script.
fn scope(script: &ScriptFile, directive: &Directive) -> Option<Range<usize>> {
    let index = directive.before_statement?;
    let statement = script.split.statements.get(index)?.span.clone();
    let between = script
        .text
        .get(directive.span.end..statement.start)
        .unwrap_or_default();
    // The first piece is the rest of the directive's line, the last one leads the statement.
    let lines: Vec<&str> = between.split('\n').collect();
    let blank_line = lines.len() > 2
        && lines
            .get(1..lines.len() - 1)
            .is_some_and(|lines| lines.iter().any(|l| l.trim().is_empty()));
    (index > 0 || !blank_line).then_some(statement)
}

fn in_scope(finding: &Diagnostic, scope: Option<&Range<usize>>) -> bool {
    let place = finding.labels.first().map(|label| label.span.start);
    scope.is_none_or(|scope| place.is_some_and(|at| scope.contains(&at)))
}
