//! Names in SQL as names in Rust.

/// Words that diesel's macros or Rust keep for themselves; sorted. Those of Rust are the keywords of
/// all editions that `syn` refuses as identifiers.
const RESERVED: &[&str] = &[
    "Self",
    "_",
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "columns",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "if",
    "impl",
    "in",
    "is_nullable",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "table",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// The Rust name of something in SQL: what an identifier cannot have becomes an underscore, and a
/// name that means something else gets one at its end. `table` is the Rust name of the table that a
/// column belongs to, since diesel allows no column of the same name.
pub(crate) fn rust_name(sql: &str, table: Option<&str>) -> String {
    let mut name = String::with_capacity(sql.len() + 1);
    if sql.starts_with(|first: char| first.is_ascii_digit()) {
        name.push('_');
    }
    let mut in_a_run = false;
    for char in sql.chars() {
        let keeps = char.is_ascii_alphanumeric() || char == '_';
        if keeps {
            name.push(char);
        } else if !in_a_run {
            name.push('_');
        }
        in_a_run = !keeps;
    }
    if is_reserved(&name) || table == Some(name.as_str()) {
        name.push('_');
    }
    name
}

fn is_reserved(name: &str) -> bool {
    name.is_empty()
        || RESERVED.binary_search(&name).is_ok()
        // One that ends with an underscore can be told from diesel's own.
        || (name.starts_with("__") && !name.ends_with('_'))
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, rust_name};

    #[test]
    fn the_words_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn names() {
        for (sql, rust) in [
            ("users", "users"),
            ("type", "type_"),
            ("Self", "Self_"),
            ("columns", "columns_"),
            ("first name", "first_name"),
            ("a--b", "a_b"),
            ("2fa", "_2fa"),
            ("-1", "_1"),
            ("größe", "gr_e"),
            ("__hidden", "__hidden_"),
            ("__hidden_", "__hidden_"),
            // A single underscore is a pattern, not a name.
            ("ü", "__"),
        ] {
            assert_eq!(rust_name(sql, None), rust);
        }
        assert_eq!(rust_name("users", Some("users")), "users_");
        assert_eq!(rust_name("r#type", None), "r_type");
    }
}
