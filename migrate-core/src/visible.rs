//! Text from outside, made harmless for a terminal.

use std::borrow::Cow;

/// The text with every character that a terminal obeys or does not show written as an escape:
/// control characters, and Unicode's marks for direction and width (UAX #9, and U+200B to U+200D,
/// U+2060, U+FEFF). Names of files may hold all of them.
///
/// ```
/// use migrate_core::visible;
/// assert_eq!(visible("1_a\u{1b}[2J\n"), r"1_a\u{1b}[2J\n");
/// assert_eq!(visible("1_größe.sql"), "1_größe.sql");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_invisible(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// [`visible`] for a text of several lines, whose line ends stay.
///
/// ```
/// assert_eq!(migrate_core::visible_lines("a\u{1b}\nb"), "a\\u{1b}\nb");
/// ```
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    match text.contains('\n') {
        true => Cow::Owned(text.split('\n').map(visible).collect::<Vec<_>>().join("\n")),
        false => visible(text),
    }
}

/// The text as a string of TOML.
#[cfg(any(test, feature = "files"))]
pub(crate) fn toml_string(text: &str) -> String {
    let mut toml = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => toml.extend(['\\', c]),
            c if is_invisible(c) => {
                toml.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => toml.push(c),
        }
    }
    toml.push('"');
    toml
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(visible("a\u{202e}b\tc\u{9b}"), r"a\u{202e}b\tc\u{9b}");
        assert_eq!(visible(r#"a "b" \ 'c' é"#), r#"a "b" \ 'c' é"#);
    }

    #[cfg(feature = "files")]
    #[test]
    fn any_text_survives_toml() {
        for text in ["a\"b\\c", "\n\u{1b}\u{7f}\u{202e}", "1_größe.sql", ""] {
            let toml = format!("ignore = [{}]", toml_string(text));
            let table = toml::de::DeTable::parse(&toml).unwrap();
            let value = table.get_ref().get("ignore").unwrap().get_ref();
            let first = value.as_array().unwrap().first().unwrap().get_ref();
            assert_eq!(first.as_str(), Some(text));
        }
    }
}
