//! The one small change that makes a statement whole.

use std::sync::LazyLock;

use migrate_core::closest;
use migrate_core::lex::{Token, TokenKind};
use squawk_syntax::SourceFile;

use super::words::{elsewhere, shortened};
use super::{Fault, at, first_fault};
use crate::dialect::SyntaxError;
use crate::dialect::postgres::rare;

/// Longer statements are not tried again, because each try parses all of it.
const LONGEST: usize = 20_000;
/// How far from the fault the cause is looked for, in tokens.
const REACH: usize = 3;

/// The server's keywords.
static KEYWORDS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("../keywords.txt").split_whitespace().collect());

/// What was probably meant; `None` where no small change helps.
pub(super) fn find(statement: &str, fault: &Fault) -> Option<SyntaxError> {
    if statement.len() > LONGEST {
        return None;
    }
    let tokens = rare::tokens(statement);
    // Something inside a string or a body is not a matter of tokens.
    if tokens
        .iter()
        .any(|it| it.start < fault.start && fault.start < it.end)
    {
        return None;
    }
    let found = tokens
        .iter()
        .position(|it| it.end > fault.start)
        .unwrap_or(tokens.len());
    let tries = Tries {
        statement,
        tokens: &tokens,
        found,
    };
    tries
        .unclosed()
        .or_else(|| tries.excess())
        .or_else(|| tries.keyword())
        .or_else(|| tries.missing(","))
        .or_else(|| tries.missing(")"))
        .or_else(|| tries.missing("("))
}

/// Changes near the first token that the parser did not expect.
struct Tries<'a> {
    statement: &'a str,
    tokens: &'a [Token],
    found: usize,
}

impl Tries<'_> {
    /// The tokens around the fault, the nearest first.
    fn near(&self) -> impl Iterator<Item = &Token> {
        let back = (0..=REACH).filter_map(|by| self.found.checked_sub(by));
        let ahead = (1..=REACH).map(|by| self.found + by);
        let mut places: Vec<usize> = back.chain(ahead).collect();
        places.sort_by_key(|at| at.abs_diff(self.found));
        places.into_iter().filter_map(|at| self.tokens.get(at))
    }

    /// Whether the statement is whole with `text` in place of the bytes.
    fn helps(&self, start: usize, end: usize, text: &str) -> bool {
        let (Some(before), Some(after)) = (self.statement.get(..start), self.statement.get(end..))
        else {
            return false;
        };
        let changed = format!("{before}{text}{after}");
        first_fault(&SourceFile::parse(&rare::readable(&changed))).is_none()
    }

    /// The statement ends inside a parenthesis.
    fn unclosed(&self) -> Option<SyntaxError> {
        if self.found < self.tokens.len() {
            return None;
        }
        let mut open = Vec::new();
        for token in self.tokens {
            match token.text(self.statement) {
                "(" => open.push(token),
                ")" => {
                    open.pop();
                }
                _ => {}
            }
        }
        let outermost = open.first()?;
        let end = self.statement.len();
        let closing = ")".repeat(open.len());
        // A comment at the end of the statement would swallow it.
        self.helps(end, end, &format!("\n{closing}")).then(|| {
            at(
                "a `)` is missing: this `(` is never closed".to_owned(),
                outermost.start,
                outermost.end,
                None,
            )
        })
    }

    /// A comma or parenthesis that is one too many.
    fn excess(&self) -> Option<SyntaxError> {
        let token = self.near().find(|token| {
            matches!(token.text(self.statement), "," | ")" | "(")
                && self.helps(token.start, token.end, " ")
        })?;
        let text = token.text(self.statement);
        Some(at(
            format!("this `{text}` is one too many"),
            token.start,
            token.end,
            None,
        ))
    }

    /// A word that is nearly a keyword.
    fn keyword(&self) -> Option<SyntaxError> {
        for token in self.near().filter(|token| token.kind == TokenKind::Word) {
            let word = token.text(self.statement);
            let lower = word.to_ascii_lowercase();
            let mut candidates: Vec<&str> = Vec::new();
            while candidates.len() < 4 {
                let rest = KEYWORDS
                    .iter()
                    .filter(|it| **it != lower && !candidates.contains(it));
                match closest(&lower, rest.copied()) {
                    Some(keyword) => candidates.push(keyword),
                    None => break,
                }
            }
            let meant = candidates
                .into_iter()
                .find(|keyword| self.helps(token.start, token.end, keyword));
            if let Some(meant) = meant {
                return Some(at(
                    format!("`{}` is not expected here", shortened(word)),
                    token.start,
                    token.end,
                    Some(format!("did you mean `{}`?", meant.to_ascii_uppercase())),
                ));
            }
        }
        None
    }

    /// A comma or parenthesis that is missing.
    fn missing(&self, sign: &str) -> Option<SyntaxError> {
        let token = self
            .near()
            .find(|token| self.helps(token.start, token.start, &format!(" {sign} ")))?;
        let text = shortened(token.text(self.statement));
        let name = match sign {
            "," => "a comma".to_owned(),
            sign => format!("a `{sign}`"),
        };
        Some(at(
            format!("{name} is missing before `{text}`"),
            token.start,
            token.end,
            elsewhere(self.tokens, self.statement, token),
        ))
    }
}
