//! Whether a default has another value for each row.

use crate::expression::Expression;

/// Functions of PostgreSQL and of the extensions that come with it that are volatile, as `pg_proc`
/// has them, where they stand in defaults.
const VOLATILE: [&str; 19] = [
    "clock_timestamp",
    "currval",
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "lastval",
    "nextval",
    "pg_sleep",
    "random",
    "random_normal",
    "setseed",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "gen_random_string",
];

/// The function that makes it volatile. One that the model does not know to be harmless may be:
/// volatile is what a function is where nothing is said.
pub(super) fn volatile_call(expression: &Expression) -> Option<String> {
    let called = calls(&expression.text).find(|name| VOLATILE.contains(&name.as_str()));
    let own = || {
        let mut functions = expression.scope.walk().flat_map(|scope| &scope.functions);
        functions.next().map(|call| call.name.name.name.clone())
    };
    called.or_else(own)
}

/// The names before parentheses, in lower case, outside strings.
fn calls(text: &str) -> impl Iterator<Item = String> {
    let mut names = Vec::new();
    let mut word = String::new();
    let mut in_string = false;
    for c in text.chars() {
        match c {
            '\'' => in_string = !in_string,
            _ if in_string => {}
            _ if c.is_alphanumeric() || c == '_' => {
                word.push(c.to_ascii_lowercase());
                continue;
            }
            '(' if !word.is_empty() => names.push(std::mem::take(&mut word)),
            // A space may stand before the parenthesis.
            _ if c.is_whitespace() => continue,
            _ => {}
        }
        word.clear();
    }
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect;
    use migrate_core::Dialect;

    #[test]
    fn volatile_or_not() {
        let volatile = |text| volatile_call(&dialect::expression(text, Dialect::Postgres));
        for text in [
            "now()",
            "'random()'",
            "upper('a')",
            "CURRENT_TIMESTAMP",
            "0",
        ] {
            assert_eq!(volatile(text), None, "{text}");
        }
        for text in [
            "random()",
            "now() + random() * '1d'::interval",
            "NEXTVAL ('a')",
        ] {
            assert!(volatile(text).is_some(), "{text}");
        }
        assert_eq!(volatile("my_own(1)").as_deref(), Some("my_own"));
    }
}
