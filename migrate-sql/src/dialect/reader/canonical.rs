//! The canonical form of expressions.
//!
//! MySQL and MariaDB give an expression back in words of their own; this is what MariaDB 10.11 does,
//! seen in `information_schema.check_constraints`, and what is undone here on both sides:
//! - brackets go, names get backticks, functions lower case and one name of several (`substring`
//!   is `substr`);
//! - NOT is pushed inside: `NOT (a > 3 AND b)` is `a <= 3 or b = 0`;
//! - in place of a truth value `a` is `a <> 0`;
//! - DATE_ADD is `+ interval`, MOD() is `MOD`, and so on.

use migrate_core::Dialect;

use super::tree::Tree;

/// Writes an expression so that two texts with the same meaning to the server are equal, as far as
/// the server's own rewriting goes.
pub(in crate::dialect) fn canonical(tree: Tree, dialect: Dialect) -> String {
    let tree = if dialect == Dialect::Mysql {
        mysql(tree)
    } else {
        sqlite(tree)
    };
    let tree = literal(tree);
    let mut text = String::new();
    write(&tree, dialect, &mut text);
    text
}

fn write(tree: &Tree, dialect: Dialect, text: &mut String) {
    match tree {
        Tree::Name(parts) => {
            // What stands before a column is the table that the expression belongs to.
            let name = parts.last().map(String::as_str).unwrap_or_default();
            text.push_str(&dialect.quote_identifier(&name.to_lowercase()));
        }
        Tree::Number(number) => text.push_str(&plain_number(number)),
        Tree::Text(value) => {
            text.push('\'');
            text.push_str(&value.replace('\'', "''"));
            text.push('\'');
        }
        Tree::Bytes(digits) => {
            text.push_str("0x");
            text.push_str(digits);
        }
        Tree::Word(word) => text.push_str(word),
        Tree::Query(_) => text.push_str("query"),
        Tree::Node(head, parts) => {
            text.push_str(head);
            text.push('(');
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                write(part, dialect, text);
            }
            text.push(')');
        }
    }
}

/// A literal that stands for itself is a default, which the server gives back in the form of its
/// column's type: `0` for `'0'` and `b'0'`, `'2020-01-01 00:00:00'` for `'2020-01-01'`.
fn literal(tree: Tree) -> Tree {
    match tree {
        Tree::Text(value) if is_decimal(&value) => Tree::Number(value),
        Tree::Text(value) => moment(&value).unwrap_or(Tree::Text(value)),
        Tree::Bytes(digits) => match u64::from_str_radix(&digits, 16) {
            Ok(number) => Tree::Number(number.to_string()),
            Err(_) => Tree::Bytes(digits),
        },
        other => other,
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().filter(|b| *b == b'.').count() <= 1
}

/// A date or a time without the zeros that a server adds: midnight, seconds, fractions. The zero
/// date is 0.
fn moment(text: &str) -> Option<Tree> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let (date, time) = match whole.split_once(' ') {
        Some((date, time)) => (Some(date), Some(time)),
        None if whole.contains(':') => (None, Some(whole)),
        None => (Some(whole), None),
    };
    let is = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(b, p)| match p {
                b'0' => b.is_ascii_digit(),
                _ => b == p,
            })
    };
    let time = match time {
        Some(time) if is(time, "00:00") => Some(format!("{time}:00")),
        Some(time) if is(time, "00:00:00") => Some(time.to_owned()),
        Some(_) => return None,
        None => None,
    };
    let time = time.filter(|time| time != "00:00:00" || !fraction.is_empty());
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || !fraction.is_empty() && time.is_none() {
        return None;
    }
    let date = match date {
        Some(date) if is(date, "0000-00-00") => Some(date).filter(|date| *date != "0000-00-00"),
        Some(_) => return None,
        None => None,
    };
    let parts: Vec<&str> = date.into_iter().chain(time.as_deref()).collect();
    if parts.is_empty() {
        return Some(zero());
    }
    let mut value = parts.join(" ");
    if !fraction.is_empty() {
        value.push('.');
        value.push_str(fraction);
    }
    Some(Tree::Text(value))
}

fn sqlite(tree: Tree) -> Tree {
    match tree {
        Tree::Node(head, parts) => {
            let parts = parts.into_iter().map(sqlite);
            flat(&head, parts.collect())
        }
        other => other,
    }
}

/// `a and (b and c)` is `a and b and c`, and `(a - b) - c` is `a - b - c`.
fn flat(head: &str, parts: Vec<Tree>) -> Tree {
    let everywhere = matches!(head, "and" | "or");
    if !everywhere && !matches!(head, "+" | "-" | "*" | "/" | "div" | "mod" | "||") {
        return Tree::node(head.to_owned(), parts);
    }
    let mut all = Vec::with_capacity(parts.len());
    for (index, part) in parts.into_iter().enumerate() {
        match part {
            Tree::Node(inner, more) if inner == head && (everywhere || index == 0) => {
                all.extend(more);
            }
            other => all.push(other),
        }
    }
    Tree::node(head.to_owned(), all)
}

/// The names that MariaDB gives to functions with several.
const SYNONYMS: &[(&str, &str)] = &[
    ("adddate", "date_add"),
    ("ceil", "ceiling"),
    ("character_length", "char_length"),
    ("current_date", "curdate"),
    ("current_time", "curtime"),
    ("day", "dayofmonth"),
    ("length", "octet_length"),
    ("localtime", "current_timestamp"),
    ("localtimestamp", "current_timestamp"),
    ("lower", "lcase"),
    ("mid", "substr"),
    ("now", "current_timestamp"),
    ("nvl", "ifnull"),
    ("power", "pow"),
    ("schema", "database"),
    ("session_user", "user"),
    ("sha1", "sha"),
    ("subdate", "date_sub"),
    ("substring", "substr"),
    ("system_user", "user"),
    ("upper", "ucase"),
];

fn mysql(tree: Tree) -> Tree {
    let Tree::Node(head, parts) = tree else {
        return tree;
    };
    let mut parts: Vec<Tree> = parts.into_iter().map(mysql).collect();
    let synonym = SYNONYMS.iter().find(|(name, _)| *name == head);
    let head = synonym.map_or(head, |(_, name)| (*name).into());
    match (&*head, parts.len()) {
        ("not", 1) => parts.pop().map_or(Tree::word("null"), negated),
        ("and" | "or", _) => flat(&head, parts.into_iter().map(truth).collect()),
        ("current_timestamp", 1) if parts.first() == Some(&Tree::Number("0".to_owned())) => {
            Tree::node("current_timestamp", [])
        }
        ("date_add" | "date_sub", 2) => {
            let sign = if head == "date_add" { "+" } else { "-" };
            let days =
                !matches!(parts.get(1), Some(Tree::Node(unit, _)) if unit.starts_with("interval "));
            if days && let Some(amount) = parts.pop() {
                parts.push(Tree::node("interval day", [amount]));
            }
            Tree::node(sign, parts)
        }
        ("timestampadd", 3) => {
            let date = parts.pop();
            let amount = parts.pop();
            match (parts.pop(), amount, date) {
                (Some(Tree::Word(unit)), Some(amount), Some(date)) => {
                    let interval = Tree::node(format!("interval {unit}"), [amount]);
                    Tree::node("+", [date, interval])
                }
                (unit, amount, date) => {
                    let parts = [unit, amount, date].into_iter().flatten();
                    Tree::node("timestampadd", parts.collect::<Vec<_>>())
                }
            }
        }
        // An interval before the sign comes behind it.
        ("+", 2) if is_interval(parts.first()) => {
            parts.swap(0, 1);
            Tree::node("+", parts)
        }
        ("datediff", 2) => {
            let days = |tree| Tree::node("to_days", [tree]);
            Tree::node("-", parts.into_iter().map(days).collect::<Vec<_>>())
        }
        ("instr" | "position", 2) => {
            if head == "instr" {
                parts.swap(0, 1);
            }
            Tree::node("locate", parts)
        }
        ("date", 1) if !matches!(parts.first(), Some(Tree::Text(_))) => {
            Tree::node("cast as date", parts)
        }
        _ => flat(&head, parts),
    }
}

fn is_interval(tree: Option<&Tree>) -> bool {
    matches!(tree, Some(Tree::Node(head, _)) if head.starts_with("interval "))
}

/// NOT of something, pushed inside as the server does.
fn negated(tree: Tree) -> Tree {
    let Tree::Node(head, mut parts) = tree else {
        return Tree::node("=", [tree, zero()]);
    };
    let opposite = match &*head {
        "=" => "<>",
        "<>" => "=",
        "<" => ">=",
        ">=" => "<",
        ">" => "<=",
        "<=" => ">",
        "not" => return parts.pop().map_or(Tree::word("null"), truth),
        "and" | "or" => {
            let opposite = if head == "and" { "or" } else { "and" };
            return flat(
                opposite,
                parts.into_iter().map(negated).map(truth).collect(),
            );
        }
        "in" | "between" | "like" | "regexp" | "exists" | "match" | "member" => {
            return Tree::node("not", [Tree::Node(head, parts)]);
        }
        is if is.starts_with("is ") => return Tree::node("not", [Tree::Node(head, parts)]),
        _ => return Tree::node("=", [Tree::Node(head, parts), zero()]),
    };
    Tree::node(opposite, parts)
}

/// What stands in place of a truth value: `a <> 0` is `a`.
fn truth(tree: Tree) -> Tree {
    match tree {
        Tree::Node(head, mut parts)
            if head == "<>" && parts.get(1) == Some(&zero()) && parts.len() == 2 =>
        {
            parts.swap_remove(0)
        }
        other => other,
    }
}

fn zero() -> Tree {
    Tree::Number("0".to_owned())
}

/// A number without zeros that say nothing: `01.50` is `1.5`, `.5` is `0.5`.
pub(in crate::dialect) fn plain_number(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return text.to_owned();
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match (whole, fraction) {
        ("0", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}
