//! The clauses of an ALTER TABLE, as they are written.

use std::ops::Range;

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, TokenKind};

use crate::change::AlterTable;

/// An ALTER TABLE cut into what stands before the first clause, and the clauses.
#[derive(Clone, Debug)]
pub(crate) struct Clauses<'a> {
    text: &'a str,
    head: Range<usize>,
    clauses: Vec<Range<usize>>,
}

impl<'a> Clauses<'a> {
    /// The clauses of a statement whose text begins at this byte of its script; `None` where they are
    /// not one for each action.
    pub(crate) fn of(alter: &AlterTable, text: &'a str, start: usize) -> Option<Self> {
        let name_end = alter.name.span().end.checked_sub(start)?;
        let rest = text.get(name_end..)?;
        let mut depth = 0_usize;
        let mut cuts = Vec::new();
        let mut first = None;
        for token in Lexer::new(rest, Dialect::Postgres) {
            if token.kind.is_trivia() {
                continue;
            }
            match token.text(rest) {
                // The table with all that inherit from it.
                "*" if first.is_none() => continue,
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                "," if depth == 0 && token.kind == TokenKind::Operator => cuts.push(token.start),
                _ => {}
            }
            first.get_or_insert(token.start);
        }
        let first = first?;
        let mut clauses = Vec::new();
        let mut from = first;
        for cut in cuts {
            clauses.push(trimmed(rest, from..cut)?);
            from = cut + 1;
        }
        clauses.push(trimmed(rest, from..rest.len())?);
        if clauses.len() != alter.actions.len() {
            return None;
        }
        let clauses = clauses
            .into_iter()
            .map(|it| it.start + name_end..it.end + name_end)
            .collect();
        Some(Clauses {
            text,
            head: 0..first + name_end,
            clauses,
        })
    }

    /// Whether there is one only.
    pub(crate) fn is_single(&self) -> bool {
        self.clauses.len() == 1
    }

    /// The statement with another clause in the place of one.
    pub(crate) fn with(&self, index: usize, clause: &str) -> Option<String> {
        let span = self.clauses.get(index)?;
        let (before, after) = (self.text.get(..span.start)?, self.text.get(span.end..)?);
        Some(format!("{before}{clause}{after}"))
    }

    /// The statement without one of its clauses; `None` where no other is left.
    pub(crate) fn without(&self, index: usize) -> Option<String> {
        let span = self.clauses.get(index)?;
        let (start, end) = match (index.checked_sub(1), self.clauses.get(index + 1)) {
            (Some(before), _) => (self.clauses.get(before)?.end, span.end),
            (None, Some(next)) => (span.start, next.start),
            (None, None) => return None,
        };
        let (before, after) = (self.text.get(..start)?, self.text.get(end..)?);
        Some(format!("{before}{after}"))
    }

    /// The words before the first clause: ALTER TABLE and the table.
    pub(crate) fn head(&self) -> &'a str {
        let head = self.text.get(self.head.clone()).unwrap_or_default();
        head.trim_end()
    }
}

fn trimmed(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let part = text.get(span.clone())?;
    let start = span.start + (part.len() - part.trim_start().len());
    let end = span.end - (part.len() - part.trim_end().len());
    (start < end).then_some(start..end)
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;
    use crate::change::Change;
    use crate::dialect::{self, Parsed};

    fn clauses(text: &str) -> Option<(String, Vec<String>)> {
        let Parsed::Changes(changes) = dialect::parse(text, 0, Dialect::Postgres) else {
            panic!("{text}");
        };
        let Some(Change::AlterTable(alter)) = changes.first() else {
            panic!("{changes:?}");
        };
        let clauses = Clauses::of(alter, text, 0)?;
        let all = (0..clauses.clauses.len())
            .map(|index| text[clauses.clauses[index].clone()].to_owned())
            .collect();
        Some((clauses.head().to_owned(), all))
    }

    #[test]
    fn commas_in_parentheses_and_strings_cut_nothing() {
        let (head, all) = clauses(
            "ALTER TABLE ONLY a.\"b,c\"\n  ADD COLUMN x numeric(3, 2) DEFAULT 1 -- one, two\n, ADD CHECK (x IN (1, 2) AND y <> ','),\tDROP COLUMN z",
        )
        .unwrap();
        assert_eq!(head, "ALTER TABLE ONLY a.\"b,c\"");
        assert_eq!(
            all,
            [
                "ADD COLUMN x numeric(3, 2) DEFAULT 1 -- one, two",
                "ADD CHECK (x IN (1, 2) AND y <> ',')",
                "DROP COLUMN z"
            ]
        );
    }
}
