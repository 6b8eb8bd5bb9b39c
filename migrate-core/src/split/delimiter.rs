//! The mysql client's DELIMITER lines, which scripts for it hold and no server understands.

/// The longest delimiter in bytes that the mysql client keeps (`client/mysql.cc`).
const LONGEST: usize = 15;

/// A DELIMITER line.
#[derive(Debug, PartialEq)]
pub(super) struct Line<'a> {
    /// The new delimiter; none if the argument is missing or refused.
    pub(super) delimiter: Option<&'a str>,
    /// The offset of the line's end.
    pub(super) end: usize,
}

/// Whether the line that holds the word DELIMITER at `start..end` starts with it, and goes on with
/// something that is no word: so also in the middle of a statement it is a command, not a column.
pub(super) fn interrupts(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let before = before.trim_end_matches([' ', '\t']);
    let argument = text.get(end..).unwrap_or_default();
    let argument = argument.trim_start_matches([' ', '\t']);
    let first = argument.chars().next();
    (before.is_empty() || before.ends_with('\n'))
        && argument.len() + end < text.len()
        && first.is_some_and(|c| !c.is_alphanumeric() && !"_\n(),`\"'=.".contains(c))
}

/// Reads the argument of the word DELIMITER that ends at `after`: quoted or up to white space, and
/// what follows on the line is ignored, as the client does.
pub(super) fn line(text: &str, after: usize) -> Line<'_> {
    let rest = text.get(after..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let argument = line.trim_start();
    let quote = argument.chars().next().filter(|c| "'\"`".contains(*c));
    let delimiter = match quote {
        Some(quote) => argument
            .get(1..)
            .and_then(|inner| inner.split(quote).next()),
        None => argument.split_whitespace().next(),
    };
    let usable = |d: &&str| {
        (1..=LONGEST).contains(&d.len()) && !d.contains(['\\']) && !d.contains(char::is_whitespace)
    };
    Line {
        delimiter: delimiter.filter(usable),
        end: after + line.len(),
    }
}
