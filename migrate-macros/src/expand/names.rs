//! Identifiers out of the names of migrations; the scheme is told at
//! [`embed_migrations!`](crate::embed_migrations).

use std::collections::HashSet;

use migrate_core::Migration;
use proc_macro2::Ident;

/// The identifiers of one migration.
#[derive(Debug)]
pub(crate) struct Names {
    /// Of its type.
    pub(crate) module: String,
    /// Of its variant in `Version`.
    pub(crate) variant: String,
}

/// The identifiers of all migrations, oldest first, no two of them equal.
pub(crate) fn of(migrations: &[Migration]) -> Vec<Names> {
    let mut modules = HashSet::new();
    // A variant of this name would hide the list of all variants.
    let mut variants = HashSet::from(["ALL".to_owned()]);
    let mut names = |migration: &Migration| {
        let version = migration.version.as_str();
        let words = words(&migration.name);
        Names {
            module: identifier(unique(
                &mut modules,
                module(&words, version),
                &format!("_{version}"),
            )),
            variant: identifier(unique(&mut variants, variant(&words, version), version)),
        }
    };
    migrations.iter().map(&mut names).collect()
}

fn unique(taken: &mut HashSet<String>, mut name: String, suffix: &str) -> String {
    while !taken.insert(name.clone()) {
        name.push_str(suffix);
    }
    name
}

fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && (previous.is_lowercase() || previous.is_numeric());
        if begins || !in_identifiers(c) {
            words.push(String::new());
        }
        if in_identifiers(c)
            && let Some(word) = words.last_mut()
        {
            word.push(c);
        }
        previous = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a character may stand inside an identifier; the underscore separates words.
fn in_identifiers(c: char) -> bool {
    match c {
        'a'..='z' | '0'..='9' | 'A'..='Z' => true,
        _ if c.is_ascii() => false,
        // The parser has the tables of Unicode.
        _ => syn::parse_str::<Ident>(&format!("a{c}")).is_ok(),
    }
}

fn module(words: &[String], version: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    begin_well(words.join("_"), || format!("v{version}"))
}

fn variant(words: &[String], version: &str) -> String {
    let mut name = String::new();
    for word in words {
        let mut chars = word.chars();
        name.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(&chars.as_str().to_lowercase());
    }
    begin_well(name, || format!("V{version}"))
}

/// An identifier may not begin with a digit or a mark, nor be empty.
fn begin_well(name: String, instead: impl Fn() -> String) -> String {
    let Some(first) = name.chars().next() else {
        return instead();
    };
    let well = first.is_ascii_alphabetic() || syn::parse_str::<Ident>(&first.to_string()).is_ok();
    if well { name } else { format!("_{name}") }
}

fn identifier(name: String) -> String {
    // Rust has no raw form of these.
    if matches!(name.as_str(), "self" | "super" | "crate" | "Self") {
        return format!("{name}_");
    }
    // No keyword is longer, nor has an underscore or a digit; asking the parser takes its time.
    let may_be_keyword = name.len() <= 8 && name.bytes().all(|byte| byte.is_ascii_lowercase());
    // `gen` is a keyword of newer editions only, which the parser does not know as one.
    if may_be_keyword && (name == "gen" || syn::parse_str::<Ident>(&name).is_err()) {
        return format!("r#{name}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use migrate_core::{Checksum, Down, Script, Version};

    fn migration(version: &str, name: &str) -> Migration {
        Migration {
            version: Version::parse(version).unwrap(),
            name: name.to_owned().into(),
            up: Script {
                path: "up.sql".into(),
                sql: "".into(),
                checksum: Checksum::from_bytes([0; 32]),
                transaction: true,
                rust: false,
            },
            down: Down::Missing,
        }
    }

    fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let migrations: Vec<Migration> = pairs
            .iter()
            .map(|(version, name)| migration(version, name))
            .collect();
        of(&migrations)
            .iter()
            .map(|n| (n.module.to_string(), n.variant.to_string()))
            .collect()
    }

    #[test]
    fn one_name() {
        for (name, module, variant) in [
            ("create_authors", "create_authors", "CreateAuthors"),
            ("CreateAuthors", "create_authors", "CreateAuthors"),
            ("add HTTP-url (v2)!", "add_http_url_v2", "AddHttpUrlV2"),
            ("create-__-x", "create_x", "CreateX"),
            ("2fa_tokens", "_2fa_tokens", "_2faTokens"),
            ("type", "r#type", "Type"),
            ("gen", "r#gen", "Gen"),
            ("async", "r#async", "Async"),
            ("self", "self_", "Self_"),
            ("crate", "crate_", "Crate"),
            ("größe_ändern", "größe_ändern", "GrößeÄndern"),
            ("作者 を作る", "作者_を作る", "作者を作る"),
            ("🚀", "v7", "V7"),
            ("", "v7", "V7"),
            ("a🚀b", "a_b", "AB"),
            ("a_l_l", "a_l_l", "ALL7"),
            ("str", "str", "Str"),
            ("ﬁx", "ﬁx", "FIx"),
        ] {
            assert_eq!(
                named(&[("7", name)]),
                [(module.into(), variant.into())],
                "{name}"
            );
        }
    }

    #[test]
    fn the_oldest_keeps_its_name() {
        let names = named(&[
            ("1", "a b"),
            ("2", "a_b"),
            ("3", "A-B"),
            ("4", "a_b_2"),
            ("5", "a b 5"),
        ]);
        let modules: Vec<&str> = names.iter().map(|(module, _)| module.as_str()).collect();
        assert_eq!(modules, ["a_b", "a_b_2", "a_b_3", "a_b_2_4", "a_b_5"]);
        let variants: Vec<&str> = names.iter().map(|(_, variant)| variant.as_str()).collect();
        assert_eq!(variants, ["AB", "AB2", "AB3", "AB24", "AB5"]);
    }
}
