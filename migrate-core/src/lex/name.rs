//! The name that an identifier token means.

/// Takes the quotes off an identifier, and undoubles the quotes inside; a bare word comes back as
/// it is. Case stays as written. `U&"…"` keeps its escapes.
///
/// ```
/// use migrate_core::lex::unquote;
/// assert_eq!(unquote("`a``b`"), "a`b");
/// assert_eq!(unquote("[a b]"), "a b");
/// assert_eq!(unquote("Plain"), "Plain");
/// ```
pub fn unquote(token: &str) -> String {
    let inner = |open: char, close: char| token.strip_prefix(open)?.strip_suffix(close);
    let unicode = || token.get(2..)?.strip_prefix('"')?.strip_suffix('"');
    if let Some(inner) = inner('"', '"').or_else(unicode) {
        inner.replace("\"\"", "\"")
    } else if let Some(inner) = inner('`', '`') {
        inner.replace("``", "`")
    } else if let Some(inner) = inner('[', ']') {
        inner.to_owned()
    } else if let Some(inner) = inner('\'', '\'') {
        inner.replace("''", "'")
    } else {
        token.to_owned()
    }
}
