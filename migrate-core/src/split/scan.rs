//! The one pass over the tokens that makes a [`Split`].

use super::{
    Body, Problem, ProblemKind, Split, Statement, backslash_client, client_command, delimiter,
    postgres,
};
use crate::Dialect;
use crate::lex::{Lexer, Token, TokenKind, Unterminated};
use std::ops::Range;

pub(super) struct Scan<'a> {
    text: &'a str,
    dialect: Dialect,
    lexer: Lexer<'a>,
    split: Split,
    current: Option<Current<'a>>,
    /// DELIMITER said something else than a semicolon.
    custom_delimiter: bool,
    /// The COPY statement whose data starts on the next line.
    awaiting_data: Option<usize>,
    version_open: Option<Range<usize>>,
    /// The text has been searched for strings that a changed string mode would read differently.
    string_mode_checked: bool,
}

struct Current<'a> {
    start: usize,
    end: usize,
    body: Body<'a>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, dialect: Dialect) -> Self {
        Scan {
            text,
            dialect,
            lexer: Lexer::new(text, dialect),
            split: Split::default(),
            current: None,
            custom_delimiter: false,
            awaiting_data: None,
            version_open: None,
            string_mode_checked: false,
        }
    }

    pub(super) fn run(mut self) -> Split {
        while let Some(token) = self.lexer.next() {
            self.take(token);
        }
        self.finish_text();
        self.split
    }

    fn take(&mut self, token: Token) {
        match token.kind {
            TokenKind::Whitespace => self.white_space(&token),
            TokenKind::LineComment | TokenKind::BlockComment => {
                self.split.comments.push(token.span());
            }
            TokenKind::Terminator => self.terminator(&token),
            TokenKind::ClientCommand => self.client_command(&token),
            TokenKind::Unterminated(what) => self.unterminated(&token, what),
            TokenKind::VersionOpen => {
                self.version_open = Some(token.span());
                self.significant(&token);
            }
            _ => self.significant(&token),
        }
    }

    fn problem(&mut self, kind: ProblemKind, span: Range<usize>) {
        self.split.problems.push(Problem { kind, span });
    }

    fn white_space(&mut self, token: &Token) {
        let Some(index) = self.awaiting_data else {
            return;
        };
        if let Some(line_end) = token.text(self.text).find('\n') {
            self.awaiting_data = None;
            let from = token.start + line_end + 1;
            let (end, next) = match postgres::copy_data_end(self.text, from) {
                Some(found) => found,
                None => {
                    let span = self.split.statements[index].span.clone();
                    self.problem(ProblemKind::UnterminatedCopyData, span);
                    (self.text.len(), self.text.len())
                }
            };
            self.split.statements[index].copy_data = Some(from..end);
            self.lexer.jump(next);
        }
    }

    fn terminator(&mut self, token: &Token) {
        let in_comment = self.lexer.in_version_comment();
        let ends = match &mut self.current {
            Some(current) => (self.custom_delimiter || current.body.semicolon()) && !in_comment,
            None => return,
        };
        if ends {
            self.finish(Some(token.span()));
        } else if let Some(current) = &mut self.current {
            current.end = token.end;
        }
    }

    fn client_command(&mut self, token: &Token) {
        let text = token.text(self.text);
        let name_end = text
            .char_indices()
            .skip(1)
            .find(|(_, c)| !c.is_alphanumeric())
            .map_or(
                text.len(),
                |(i, c)| if i == 1 { i + c.len_utf8() } else { i },
            );
        let command = text.get(..name_end).unwrap_or(text).trim_end().to_owned();
        let runs_statement = command.starts_with("\\g") || command == "\\G";
        let client = backslash_client(self.dialect);
        let span = token.start..token.start + command.len();
        self.problem(ProblemKind::ClientCommand { command, client }, span);
        if runs_statement {
            self.finish(None);
        }
    }

    fn unterminated(&mut self, token: &Token, what: Unterminated) {
        let text = token.text(self.text);
        let quote = |marks: &[char]| text.find(marks).map_or(1, |i| i + 1);
        let (kind, opening) = match what {
            Unterminated::String => (ProblemKind::UnterminatedString, quote(&['\'', '"'])),
            Unterminated::Identifier => {
                (ProblemKind::UnterminatedIdentifier, quote(&['"', '`', '[']))
            }
            Unterminated::Comment => (ProblemKind::UnterminatedComment, 2),
            Unterminated::DollarQuote => {
                let second = text.match_indices('$').nth(1);
                let length = second.map_or(1, |(i, _)| i + 1);
                let tag = text.get(..length).unwrap_or(text).to_owned();
                (ProblemKind::UnterminatedDollarQuote { tag }, length)
            }
        };
        self.problem(kind, token.start..token.start + opening);
        if what != Unterminated::Comment {
            self.significant(token);
        }
    }

    /// A token that belongs to a statement, unless it is a command to a client.
    fn significant(&mut self, token: &Token) {
        if self.awaiting_data.take().is_some() {
            self.problem(ProblemKind::TextBeforeCopyData, token.span());
        }
        if self.delimiter_line(token) {
            return;
        }
        let text = self.text;
        if self.current.is_none()
            && let Some((command, client)) = client_command(self.dialect, token, text)
        {
            let span = token.start..token.start + command.len();
            self.problem(ProblemKind::ClientCommand { command, client }, span);
            let rest = text.get(token.end..).unwrap_or_default();
            self.lexer
                .jump(token.end + rest.find('\n').unwrap_or(rest.len()));
            return;
        }
        // Under another delimiter a semicolon still separates, but not within a program.
        if self.custom_delimiter && token.text(text) == ";" && !self.lexer.in_version_comment() {
            if self.current.as_ref().is_some_and(|c| !c.body.is_program()) {
                self.finish(Some(token.span()));
            }
            return;
        }
        let current = self.current.get_or_insert_with(|| Current {
            start: token.start,
            end: token.end,
            body: Body::new(self.dialect),
        });
        current.end = token.end;
        current.body.token(token, text);
    }

    fn delimiter_line(&mut self, token: &Token) -> bool {
        let is_command = self.dialect == Dialect::Mysql
            && token.kind == TokenKind::Word
            && token.text(self.text).eq_ignore_ascii_case("DELIMITER")
            && !self.lexer.in_version_comment()
            && (self.current.is_none() || delimiter::interrupts(self.text, token.start, token.end));
        if !is_command {
            return false;
        }
        self.finish(None);
        let line = delimiter::line(self.text, token.end);
        match line.delimiter {
            Some(delimiter) => {
                self.custom_delimiter = delimiter != ";";
                self.lexer.set_delimiter(delimiter);
            }
            None => self.problem(ProblemKind::BadDelimiter, token.span()),
        }
        self.lexer.jump(line.end);
        true
    }

    fn finish(&mut self, terminator: Option<Range<usize>>) {
        let Some(current) = self.current.take() else {
            return;
        };
        let span = current.start..current.end;
        if !self.custom_delimiter {
            if current.body.needs_delimiter() {
                self.problem(ProblemKind::PackageWithoutDelimiter, span.clone());
            }
            if let Some((start, opening)) = current.body.open_block() {
                let opening_end = start + opening.len();
                let opening = opening.to_owned();
                self.problem(
                    ProblemKind::UnterminatedBlock { opening },
                    start..opening_end,
                );
            }
        }
        self.string_mode(&span);
        if current.body.wants_data() {
            self.awaiting_data = Some(self.split.statements.len());
        }
        self.split.statements.push(Statement {
            span,
            terminator,
            copy_data: None,
        });
    }

    /// A statement that changes how strings are read, when a string after it is read differently
    /// then: where a backslash stands before a quote.
    fn string_mode(&mut self, span: &Range<usize>) {
        let (before, rest) = self.text.split_at(span.end);
        let statement = before.get(span.start..).unwrap_or_default();
        if !statement
            .get(..3)
            .is_some_and(|word| word.eq_ignore_ascii_case("SET"))
        {
            return;
        }
        let lower = statement.to_ascii_lowercase();
        let setting = match self.dialect {
            Dialect::Postgres => {
                let value = lower.rsplit(['=', ' ', '\n', '\t']).next();
                let value = value.unwrap_or_default().trim_matches('\'');
                let off = ["off", "false", "no", "0"].contains(&value);
                (off && lower.contains("standard_conforming_strings"))
                    .then_some("standard_conforming_strings")
            }
            Dialect::Mysql => lower
                .contains("no_backslash_escapes")
                .then_some("NO_BACKSLASH_ESCAPES"),
            Dialect::Sqlite => None,
        };
        if let Some(setting) = setting
            && !std::mem::replace(&mut self.string_mode_checked, true)
            && (rest.contains("\\'") || rest.contains("\\\""))
        {
            self.problem(ProblemKind::StringMode { setting }, span.clone());
        }
    }

    fn finish_text(&mut self) {
        self.finish(None);
        if let Some(index) = self.awaiting_data.take() {
            let span = self.split.statements[index].span.clone();
            self.problem(ProblemKind::UnterminatedCopyData, span);
        }
        let comment_open = self.lexer.in_version_comment();
        if let Some(span) = self.version_open.take().filter(|_| comment_open) {
            self.problem(ProblemKind::UnterminatedComment, span);
        }
        if let Some(at) = self.text.find('\0') {
            self.problem(ProblemKind::NulByte, at..at + 1);
        }
        self.split
            .problems
            .sort_by_key(|problem| problem.span.start);
    }
}
