//! Passwords in URLs.

/// The text with `*` for every byte of a password in a URL (`scheme://user:password@host`), so that
/// places in it stay the same.
///
/// ```
/// let text = "cannot reach postgres://ann:secret@db/shop";
/// assert_eq!(migrate_core::redact::urls(text), "cannot reach postgres://ann:******@db/shop");
/// ```
pub fn urls(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, url) = rest.split_at(at + 3);
        redacted.push_str(before);
        let end = url.find(|c: char| c.is_whitespace()).unwrap_or(url.len());
        let (authority, after) = url.split_at(end);
        // A password may hold anything, also further `@` and `:`.
        let password = authority
            .find(':')
            .zip(authority.rfind('@'))
            .filter(|(from, to)| from < to);
        match password {
            Some((from, to)) => {
                redacted.push_str(authority.get(..=from).unwrap_or_default());
                redacted.push_str(&"*".repeat(to - from - 1));
                redacted.push_str(authority.get(to..).unwrap_or_default());
            }
            None => redacted.push_str(authority),
        }
        rest = after;
    }
    redacted + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_passwords_are_gone() {
        for (text, expected) in [
            (
                "a = 'x://me:sec@ret:é@host/db'",
                "a = 'x://me:**********@host/db'",
            ),
            ("x://host:5432/db y@z", "x://host:5432/db y@z"),
            ("x://me@host:1 x://u:p@h\nb", "x://me@host:1 x://u:*@h\nb"),
            ("no url: a@b", "no url: a@b"),
            ("x://", "x://"),
        ] {
            assert_eq!(urls(text), expected);
            assert_eq!(urls(text).len(), text.len());
        }
    }
}
