//! What a database says, without the values of rows.

/// Words before a quoted name, which may stay.
const BEFORE_NAMES: [&str; 14] = [
    "key",
    "column",
    "table",
    "database",
    "constraint",
    "index",
    "function",
    "procedure",
    "trigger",
    "view",
    "field",
    "relation",
    "type",
    "user",
];

/// A database's message without the values that it repeats: what stands in single quotes, unless a
/// word before it says that it is a name, the row behind `=(`, and the text that a type refused.
///
/// ```
/// use migrate_core::redact::message;
///
/// let said = "Duplicate entry 'ann@example.org' for key 'email'";
/// assert_eq!(message(said), "Duplicate entry '***' for key 'email'");
/// let said = "Key (email)=(ann@example.org) already exists.";
/// assert_eq!(message(said), "Key (email)=(***) already exists.");
/// let said = "invalid input syntax for type integer: \"ann\"";
/// assert_eq!(message(said), "invalid input syntax for type integer: \"***\"");
/// ```
pub fn message(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '=', '"']) {
        let (before, from) = rest.split_at(at);
        shown.push_str(before);
        let (open, close) = match from {
            _ if from.starts_with("=(") => ("=(", ')'),
            _ if from.starts_with('\'') => ("'", '\''),
            // PostgreSQL quotes names, too; a value follows a colon.
            _ if from.starts_with('"') && shown.ends_with(": ") => ("\"", '"'),
            _ => {
                let end = from.chars().next().map_or(0, char::len_utf8);
                shown.push_str(from.get(..end).unwrap_or_default());
                rest = from.get(end..).unwrap_or_default();
                continue;
            }
        };
        let inner = from.get(open.len()..).unwrap_or_default();
        // Where the end is missing, all of the rest may be a value.
        let end = end_of(inner, open, close);
        let value = inner.get(..end).unwrap_or_default();
        let is_name = open == "'" && names_follow(&shown) && !value.is_empty();
        shown.push_str(open);
        shown.push_str(if is_name { value } else { "***" });
        if end < inner.len() {
            shown.push(close);
        }
        rest = inner.get(end + close.len_utf8()..).unwrap_or_default();
    }
    shown.push_str(rest);
    shown
}

/// Whether the last word says that a name comes.
fn names_follow(text: &str) -> bool {
    let word = text.trim_end().rsplit([' ', '\'', '(']).next();
    word.is_some_and(|word| {
        let word = word.to_ascii_lowercase();
        BEFORE_NAMES.contains(&word.as_str())
    })
}

/// Where a quoted value ends: doubled quotes belong to it.
fn end_of(value: &str, open: &str, close: char) -> usize {
    let mut from = 0;
    loop {
        let Some(at) = value.get(from..).and_then(|rest| rest.find(close)) else {
            return value.len();
        };
        let end = from + at;
        let next = value.get(end + 1..).unwrap_or_default();
        if open != "'" || !next.starts_with('\'') {
            return end;
        }
        from = end + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn values_go_and_names_stay() {
        for (said, shown) in [
            ("", ""),
            ("no quotes at all", "no quotes at all"),
            (
                "Unknown column 'emial' in 'field list'",
                "Unknown column 'emial' in '***'",
            ),
            (
                "entry 'O''Brien' for key 'name'",
                "entry '***' for key 'name'",
            ),
            ("entry 'cut off", "entry '***"),
            (
                "relation \"users\" does not exist",
                "relation \"users\" does not exist",
            ),
            ("a = b, (c)=(d, e)", "a = b, (c)=(***)"),
            ("Überraschung: \"ü\"", "Überraschung: \"***\""),
        ] {
            assert_eq!(message(said), shown);
        }
    }
}
