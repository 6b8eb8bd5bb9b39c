//! One comment, read as a directive.

use super::problem::DirectiveProblemKind as Problem;
use super::{DirectiveKind, RowChange};
use crate::Direction;
use crate::suggest::closest;

const WORDS: [&str; 7] = [
    "up",
    "down",
    "no-transaction",
    "irreversible",
    "allow",
    "opaque",
    "expect",
];

/// What a comment says, if it is meant as a directive. `first` is for the comment at the very
/// start of the text, `own_line` for one with nothing before it on its line.
pub(super) fn comment(
    comment: &str,
    first: bool,
    own_line: bool,
) -> Option<Result<DirectiveKind, Problem>> {
    // As sqlx reads it, `src/migrate/source.rs`.
    if first && comment.starts_with("-- no-transaction") {
        return Some(Ok(DirectiveKind::NoTransaction));
    }
    let (body, line) = match comment.strip_prefix("--") {
        Some(body) => (body, true),
        None => (
            comment.strip_prefix("/*").or(comment.strip_prefix('#'))?,
            false,
        ),
    };
    let body = body.trim();
    let (head, rest) = body.split_once(':')?;
    if !head.trim_end().eq_ignore_ascii_case("migrate") {
        return None;
    }
    if rest.starts_with(char::is_whitespace) || head.ends_with(char::is_whitespace) {
        return meant_with_space(rest).map(Err);
    }
    Some(if !line {
        Err(Problem::NotALineComment)
    } else if !own_line {
        Err(Problem::NotOnOwnLine)
    } else {
        directive(rest)
    })
}

/// `-- migrate: move the names` is prose; `-- migrate: no-transaction` is a slip.
fn meant_with_space(rest: &str) -> Option<Problem> {
    let (word, arguments) = cut_word(rest.trim_start());
    let word = word.to_ascii_lowercase();
    let unmistakable = ["no-transaction", "irreversible", "opaque"].contains(&word.as_str());
    let alone = arguments.is_empty() && ["up", "down"].contains(&word.as_str());
    (unmistakable || alone).then_some(Problem::SpaceAroundColon { word })
}

fn cut_word(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim()),
        None => (text, ""),
    }
}

fn directive(text: &str) -> Result<DirectiveKind, Problem> {
    let (written, arguments) = cut_word(text);
    let word = written.to_ascii_lowercase();
    let alone = |kind: DirectiveKind| {
        if arguments.is_empty() {
            Ok(kind)
        } else {
            Err(Problem::UnexpectedArgument {
                word: word.clone(),
                argument: arguments.to_owned(),
            })
        }
    };
    match word.as_str() {
        "up" => section(Direction::Up, arguments),
        "down" => section(Direction::Down, arguments),
        "no-transaction" => alone(DirectiveKind::NoTransaction),
        "opaque" => alone(DirectiveKind::Opaque),
        "irreversible" if arguments.is_empty() => Err(Problem::MissingReason { word }),
        "irreversible" => Ok(DirectiveKind::Irreversible {
            reason: arguments.to_owned(),
        }),
        "allow" => match cut_word(arguments) {
            ("", _) => Err(Problem::MissingRule),
            (_, "") => Err(Problem::MissingReason { word }),
            (rule, reason) => Ok(DirectiveKind::Allow {
                rule: rule.to_owned(),
                reason: reason.to_owned(),
            }),
        },
        "expect" => expect_rows(arguments).ok_or(Problem::BadExpectation),
        _ => Err(Problem::Unknown {
            word: written.to_owned(),
            suggestion: closest(&word, WORDS),
        }),
    }
}

fn section(direction: Direction, arguments: &str) -> Result<DirectiveKind, Problem> {
    let transaction = match arguments.to_ascii_lowercase().as_str() {
        "" => None,
        "transaction:true" => Some(true),
        "transaction:false" => Some(false),
        _ => {
            return Err(Problem::UnexpectedArgument {
                word: direction.name().to_owned(),
                argument: arguments.to_owned(),
            });
        }
    };
    Ok(DirectiveKind::Section {
        direction,
        transaction,
    })
}

fn expect_rows(arguments: &str) -> Option<DirectiveKind> {
    let (rows, rest) = cut_word(arguments);
    let (table, change) = rest.rsplit_once('=')?;
    let (table, change) = (table.trim(), change.trim());
    if !rows.eq_ignore_ascii_case("rows") || table.is_empty() {
        return None;
    }
    let change = match change.to_ascii_lowercase().as_str() {
        "same" => RowChange::By(0),
        "any" => RowChange::Any,
        number if number.starts_with(['+', '-']) => RowChange::By(number.parse().ok()?),
        _ => return None,
    };
    Some(DirectiveKind::ExpectRows {
        table: table.to_owned(),
        change,
    })
}
