//! One script as its file has it: text, statements, directives.

use std::ops::Range;
use std::sync::Arc;

use crate::checksum::Checksum;
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::dialect::Dialect;
use crate::directive::{Directive, DirectiveKind, directives};
use crate::migration::Direction;
use crate::rule::{self, Rule};
use crate::script::checksum_of_split;
use crate::split::{ProblemKind, Split, split};

/// A script that has been read; nothing is judged yet.
#[derive(Clone, Debug)]
pub struct ScriptFile {
    /// Whether it applies or reverts.
    pub direction: Direction,
    /// The whole file, normalised; all spans point into it.
    pub source: Arc<SourceFile>,
    /// The part of the file that is this script, other parts blanked.
    pub text: String,
    /// Its statements.
    pub split: Split,
    /// Its `-- migrate:` comments.
    pub directives: Vec<Directive>,
    /// Whether it runs in one transaction.
    pub transaction: bool,
    /// The tokens of the Rust code beside it.
    pub rust: Option<String>,
    /// What keeps it from being read with certainty.
    pub problems: Vec<Diagnostic>,
}

impl ScriptFile {
    /// Reads a script; `transaction` is what holds if no directive says otherwise.
    pub(crate) fn new(
        source: &Arc<SourceFile>,
        section: Section,
        dialect: Dialect,
        rust: Option<String>,
    ) -> Self {
        let mut split = split(&section.text, dialect);
        // It is kept, and most scripts have one statement.
        split.statements.shrink_to_fit();
        let found = directives(&section.text, &split);
        let mut problems = Vec::new();
        for problem in &split.problems {
            problems.push(
                Diagnostic::new(rule_of(&problem.kind), problem.to_string())
                    .at(source, problem.span.clone(), "")
                    .help(problem.help()),
            );
        }
        for problem in &found.problems {
            problems.push(
                Diagnostic::new(&rule::BAD_DIRECTIVE, problem.to_string())
                    .at(source, problem.span.clone(), "")
                    .help(problem.help()),
            );
        }
        let says_no = |directive: &Directive| directive.kind == DirectiveKind::NoTransaction;
        let transaction = section.transaction && !found.directives.iter().any(says_no);
        ScriptFile {
            direction: section.direction,
            source: Arc::clone(source),
            text: section.text,
            split,
            directives: found.directives,
            transaction,
            rust,
            problems,
        }
    }

    /// A script that no file holds yet, in a file of its own.
    pub fn of_text(direction: Direction, path: &str, text: &str, dialect: Dialect) -> Self {
        let source = Arc::new(SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        });
        ScriptFile::new(
            &source,
            Section::whole(direction, text, true),
            dialect,
            None,
        )
    }

    /// The same script where its file had another text; `None` where the file would not hold it any
    /// more.
    #[must_use]
    pub fn with_text(&self, text: String, dialect: Dialect) -> Option<Self> {
        let is = |kind: fn(&DirectiveKind) -> bool| {
            self.directives
                .iter()
                .any(|directive| kind(&directive.kind))
        };
        // What holds where no directive says otherwise.
        let transaction =
            self.transaction || is(|kind| matches!(kind, DirectiveKind::NoTransaction));
        let in_sections = self.text != self.source.text
            || is(|kind| matches!(kind, DirectiveKind::Section { .. }));
        let source = Arc::new(SourceFile {
            path: self.source.path.clone(),
            text,
        });
        let section = match (in_sections, self.direction) {
            (false, direction) => Section::whole(direction, &source.text, transaction),
            (true, Direction::Up) => sections(&source, dialect).0,
            (true, Direction::Down) => sections(&source, dialect).1?,
        };
        Some(ScriptFile::new(
            &source,
            section,
            dialect,
            self.rust.clone(),
        ))
    }

    pub(crate) fn checksum(&self) -> Checksum {
        checksum_of_split(
            &self.text,
            &self.split,
            self.transaction,
            self.rust.as_deref(),
        )
    }

    /// Whether it does nothing: no statement and no Rust code.
    pub fn is_empty(&self) -> bool {
        self.split.statements.is_empty() && self.rust.is_none()
    }

    /// Whether the parser is not to be asked about the statement with that index.
    pub fn is_opaque(&self, statement: usize) -> bool {
        self.directives.iter().any(|directive| {
            directive.kind == DirectiveKind::Opaque && directive.before_statement == Some(statement)
        })
    }

    /// The directive that declares the migration irreversible, and its reason.
    pub(crate) fn irreversible(&self) -> Option<(Range<usize>, &str)> {
        self.directives
            .iter()
            .find_map(|directive| match &directive.kind {
                DirectiveKind::Irreversible { reason } => {
                    Some((directive.span.clone(), reason.as_str()))
                }
                _ => None,
            })
    }
}

fn rule_of(problem: &ProblemKind) -> &'static Rule {
    match problem {
        ProblemKind::ClientCommand { .. } => &rule::CLIENT_COMMAND,
        ProblemKind::NulByte => &rule::NUL_BYTE,
        ProblemKind::TextBeforeCopyData | ProblemKind::UnterminatedCopyData => &rule::COPY_DATA,
        ProblemKind::BadDelimiter | ProblemKind::PackageWithoutDelimiter => &rule::DELIMITER,
        ProblemKind::StringMode { .. } => &rule::STRING_MODE,
        _ => &rule::UNTERMINATED,
    }
}

/// The part of a file that is one script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) direction: Direction,
    /// As long as the file; what belongs to other scripts is spaces.
    pub(crate) text: String,
    pub(crate) transaction: bool,
}

impl Section {
    /// A file that is one script.
    pub(crate) fn whole(direction: Direction, text: &str, transaction: bool) -> Self {
        Section {
            direction,
            text: text.to_owned(),
            transaction,
        }
    }
}

/// A file that may hold both scripts, cut at its `-- migrate:up` and `-- migrate:down` lines, and
/// what is wrong with these. A file without such lines is an up script; so is what stands before the
/// first.
pub(crate) fn sections(
    source: &Arc<SourceFile>,
    dialect: Dialect,
) -> (Section, Option<Section>, Vec<Diagnostic>) {
    let text = source.text.as_str();
    // Spares most files from being split twice.
    if !text.to_ascii_lowercase().contains("migrate:") {
        return (Section::whole(Direction::Up, text, true), None, Vec::new());
    }
    let mut problems = Vec::new();
    let split = split(text, dialect);
    let mut markers: Vec<(Range<usize>, Direction, bool)> = Vec::new();
    for directive in directives(text, &split).directives {
        let DirectiveKind::Section {
            direction,
            transaction,
        } = directive.kind
        else {
            continue;
        };
        if let Some((first, ..)) = markers.iter().find(|(_, other, _)| *other == direction) {
            problems.push(
                Diagnostic::new(
                    &rule::BAD_DIRECTIVE,
                    format!("a second `-- migrate:{direction}` section"),
                )
                .at(source, directive.span, "")
                .at(source, first.clone(), "the first one")
                .help("a file holds one migration; move the rest to a file with its own version"),
            );
            continue;
        }
        markers.push((directive.span, direction, transaction.unwrap_or(true)));
    }
    let end_of = |at: usize| {
        markers
            .get(at + 1)
            .map_or(text.len(), |(span, ..)| span.start)
    };
    let mut up = Section::whole(Direction::Up, text, true);
    let mut down = None;
    for (at, (span, direction, transaction)) in markers.iter().enumerate() {
        let part = span.start..end_of(at);
        match direction {
            Direction::Up => {
                up.transaction = *transaction;
                let first = split
                    .statements
                    .first()
                    .filter(|first| at == 0 && first.span.start < span.start);
                if let Some(first) = first {
                    problems.push(
                        Diagnostic::new(&rule::BAD_DIRECTIVE, "a statement before `-- migrate:up`")
                            .at(source, first.span.start..first.span.start + 1, "")
                            .help("move it below the line, into the section that it belongs to"),
                    );
                }
            }
            Direction::Down => {
                up.text = blank(&up.text, part.clone());
                let before = blank(text, 0..part.start);
                let text = blank(&before, part.end..text.len());
                down = Some(Section {
                    direction: Direction::Down,
                    text,
                    transaction: *transaction,
                });
            }
        }
    }
    (up, down, problems)
}

/// The text with spaces instead of what is in `range`; line breaks stay.
fn blank(text: &str, range: Range<usize>) -> String {
    let mut blanked = String::with_capacity(text.len());
    blanked.push_str(text.get(..range.start).unwrap_or_default());
    let gone = text.get(range.clone()).unwrap_or_default();
    blanked.extend(
        gone.bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
    );
    blanked.push_str(text.get(range.end..).unwrap_or_default());
    blanked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> (String, Option<String>, Vec<String>) {
        let source = Arc::new(SourceFile {
            path: "1_a.sql".into(),
            text: text.into(),
        });
        let (up, down, problems) = sections(&source, Dialect::Postgres);
        for part in [Some(&up), down.as_ref()].into_iter().flatten() {
            assert_eq!(part.text.len(), text.len());
            assert_eq!(part.text.matches('\n').count(), text.matches('\n').count());
        }
        let problems = problems
            .iter()
            .map(|problem| problem.message.clone())
            .collect();
        let squeeze = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        (
            squeeze(up.text),
            down.map(|down| squeeze(down.text)),
            problems,
        )
    }

    #[test]
    fn sections_keep_their_place() {
        for (text, up, down) in [
            ("A;", "A;", None),
            (
                "-- x\nA;\n-- migrate:down\nÜ;\n",
                "-- x A;",
                Some("-- migrate:down Ü;"),
            ),
            (
                "-- migrate:up\nA;\n-- migrate:down\nB;",
                "-- migrate:up A;",
                Some("-- migrate:down B;"),
            ),
            (
                "-- migrate:down\nB;\n-- migrate:up\nA;",
                "-- migrate:up A;",
                Some("-- migrate:down B;"),
            ),
            (
                "SELECT '\n-- migrate:down\n';",
                "SELECT ' -- migrate:down ';",
                None,
            ),
        ] {
            let down = down.map(str::to_owned);
            assert_eq!(cut(text), (up.to_owned(), down, vec![]), "{text}");
        }
    }

    #[test]
    fn sections_that_cannot_be_meant() {
        let (_, _, problems) = cut("A;\n-- migrate:up\nB;");
        assert_eq!(problems, ["a statement before `-- migrate:up`"]);
        let (_, _, problems) = cut("-- migrate:up\n-- migrate:up\n-- migrate:down\n");
        assert_eq!(problems, ["a second `-- migrate:up` section"]);
    }
}
