//! `// migrate:allow schema-differs <reason>`: differences that are meant.

use std::ops::Range;
use std::sync::Arc;

use migrate_core::{Diagnostic, SourceFile, rule};

use super::macros::Comment;

/// A finding, and where comments may accept it.
pub(super) struct Found {
    /// The finding.
    pub(super) finding: Diagnostic,
    /// Where a comment about its table stands, and where one about its column.
    pub(super) heads: Vec<Range<usize>>,
}

/// The findings that no comment accepts, and those about the comments.
pub(super) fn apply(
    source: &Arc<SourceFile>,
    comments: &[Comment],
    found: Vec<Found>,
) -> Vec<Diagnostic> {
    let code = rule::SCHEMA_DIFFERS.code;
    let mut about_comments = Vec::new();
    let mut used = vec![false; comments.len()];
    let mut allows = Vec::new();
    for (index, comment) in comments.iter().enumerate() {
        let mut words = comment.text.split_whitespace();
        let said = (words.next(), words.next(), words.next());
        if let (Some("allow"), Some(rule), Some(_)) = said
            && rule == code
        {
            allows.push((index, &comment.span));
            continue;
        }
        about_comments.push(
            Diagnostic::new(
                &rule::BAD_DIRECTIVE,
                "this directive cannot stand in the schema file",
            )
            .at(source, comment.span.clone(), "")
            .help(format!(
                "write `// migrate:allow {code} <reason>`, or remove it"
            )),
        );
    }
    let mut findings = Vec::new();
    for Found { finding, heads } in found {
        let accepts = |span: &Range<usize>| {
            heads
                .iter()
                .any(|head| head.start <= span.start && span.end <= head.end)
        };
        let mut accepted = false;
        for (index, _) in allows.iter().filter(|(_, span)| accepts(span)) {
            used[*index] = true;
            accepted = true;
        }
        if !accepted {
            findings.push(finding);
        }
    }
    findings.append(&mut about_comments);
    for (index, span) in allows {
        if !used[index] {
            findings.push(
                Diagnostic::new(
                    &rule::UNUSED_ALLOW,
                    format!("nothing is found here that `allow {code}` accepts"),
                )
                .at(source, span.clone(), "")
                .help("remove the line, or put it directly above the column or table that it is about"),
            );
        }
    }
    findings
}
