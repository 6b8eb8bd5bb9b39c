//! What is wrong with a script before any grammar is asked.

use std::ops::Range;

/// Something that keeps a script from being split with certainty, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The bytes to point at: of an unterminated thing its opening.
    pub span: Range<usize>,
}

impl Problem {
    /// What to do about it, as a sentence without the final period.
    pub fn help(&self) -> String {
        self.kind.help()
    }
}

/// The kinds of [`Problem`]s.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A string has no closing quote.
    #[error("unterminated string")]
    UnterminatedString,
    /// A quoted identifier has no closing quote.
    #[error("unterminated quoted identifier")]
    UnterminatedIdentifier,
    /// A block comment has no `*/`.
    #[error("unterminated comment")]
    UnterminatedComment,
    /// A dollar-quoted string has no closing tag.
    #[error("unterminated dollar-quoted string, `{tag}` is missing at its end")]
    UnterminatedDollarQuote {
        /// The tag, dollars included.
        tag: String,
    },
    /// A block in a routine, trigger or event has no END.
    #[error("unterminated block, `{opening}` has no END")]
    UnterminatedBlock {
        /// The word that opened the block.
        opening: String,
    },
    /// The data after COPY … FROM STDIN has no `\.` line.
    #[error("the data of COPY … FROM STDIN has no end")]
    UnterminatedCopyData,
    /// Something stands behind COPY … FROM STDIN on its line, where the data cannot start yet.
    #[error("text after COPY … FROM STDIN on the same line")]
    TextBeforeCopyData,
    /// A command of a client program, which no server understands.
    #[error("`{command}` is a command of the {client} client, not SQL")]
    ClientCommand {
        /// The command as written, without arguments.
        command: String,
        /// The program that knows it.
        client: &'static str,
    },
    /// DELIMITER without an argument, or with one that the mysql client refuses.
    #[error("DELIMITER needs a delimiter of 1 to 15 bytes without a backslash")]
    BadDelimiter,
    /// CREATE PACKAGE outside a DELIMITER section.
    #[error("the end of CREATE PACKAGE cannot be told without DELIMITER")]
    PackageWithoutDelimiter,
    /// A NUL byte.
    #[error("the script holds a NUL byte")]
    NulByte,
    /// A setting that changes how strings are read, in a script with backslashes after it.
    #[error("`{setting}` changes where the strings after it end")]
    StringMode {
        /// The setting.
        setting: &'static str,
    },
}

impl ProblemKind {
    fn help(&self) -> String {
        match self {
            ProblemKind::UnterminatedString => {
                "close the string; a quote inside it is written twice".to_owned()
            }
            ProblemKind::UnterminatedIdentifier => {
                "close the identifier with the quote that opened it".to_owned()
            }
            ProblemKind::UnterminatedComment => {
                "close the comment with `*/`; in PostgreSQL every `/*` inside it needs its own"
                    .to_owned()
            }
            ProblemKind::UnterminatedDollarQuote { tag } => {
                format!("close the string with `{tag}`, spelt exactly as it was opened")
            }
            ProblemKind::UnterminatedBlock { .. } => {
                "close the block with END (END IF, END CASE, END LOOP, END WHILE, END REPEAT), or \
                 put the statement between DELIMITER lines"
                    .to_owned()
            }
            ProblemKind::UnterminatedCopyData => {
                "end the data with a line that holds only `\\.`".to_owned()
            }
            ProblemKind::TextBeforeCopyData => {
                "start a new line after the semicolon; the data begins there".to_owned()
            }
            ProblemKind::ClientCommand { .. } => {
                "remove the line; a migration is sent to the server as it is, without a client \
                 program"
                    .to_owned()
            }
            ProblemKind::BadDelimiter => "write for example `DELIMITER $$`".to_owned(),
            ProblemKind::PackageWithoutDelimiter => {
                "put the statement between `DELIMITER $$` and `DELIMITER ;`".to_owned()
            }
            ProblemKind::NulByte => {
                "remove it; the file may be binary, or saved as UTF-16".to_owned()
            }
            ProblemKind::StringMode { .. } => {
                "leave the setting out, or write the strings after it without backslashes"
                    .to_owned()
            }
        }
    }
}
