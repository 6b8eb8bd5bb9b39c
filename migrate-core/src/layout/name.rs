//! What the names of files say.

use crate::migration::Direction;
use crate::suggest::closest;
use crate::version::Version;

/// A name that is no migration's, and why.
pub(super) enum Misnamed {
    /// Something that wants to be a migration but has no usable version.
    Version(String),
    /// Anything else, perhaps with advice.
    Unknown(Option<String>),
}

pub(super) type Named = Result<(Version, String), Misnamed>;

/// `V1__x` or `U1__x`, without the letter.
pub(super) fn prefix(stem: &str) -> Option<(Direction, &str)> {
    let (direction, rest) = match stem.strip_prefix('V') {
        Some(rest) => (Direction::Up, rest),
        None => (Direction::Down, stem.strip_prefix('U')?),
    };
    rest.starts_with(|c: char| c.is_ascii_digit())
        .then_some((direction, rest))
}

/// `x.up.sql` or `x.down.sql`, without the ending.
pub(super) fn flat_direction(name: &str) -> Option<(Direction, &str)> {
    let up = name
        .strip_suffix(".up.sql")
        .map(|stem| (Direction::Up, stem));
    up.or_else(|| {
        name.strip_suffix(".down.sql")
            .map(|stem| (Direction::Down, stem))
    })
}

pub(super) fn split_prefixed(rest: &str) -> Named {
    let Some((version, name)) = rest.split_once("__") else {
        let help = format!(
            "two underscores stand after the version: `V{}.sql`",
            rest.replacen('_', "__", 1)
        );
        return Err(Misnamed::Unknown(Some(help)));
    };
    if version.contains(['.', '_']) {
        let message =
            format!("`{version}` is a dotted version, which is not supported; use one number");
        return Err(Misnamed::Version(message));
    }
    parse(version, name, rest)
}

pub(super) fn split_name(stem: &str) -> Named {
    if !stem.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Misnamed::Unknown(None));
    }
    if let Some((version, name)) = stem.split_once('_') {
        return parse(version, name, stem);
    }
    let name_start = stem
        .find(|c: char| !c.is_ascii_digit() && c != '-')
        .unwrap_or(stem.len());
    let (digits, name) = stem.split_at(name_start);
    if name.is_empty() {
        return parse(stem, "", stem);
    }
    let (digits, name) = (
        digits.trim_end_matches('-'),
        name.trim_start_matches([' ', '.', '-']),
    );
    Err(Misnamed::Version(format!(
        "`{stem}` has no underscore between version and name; did you mean `{digits}_{name}`?"
    )))
}

fn parse(version: &str, name: &str, stem: &str) -> Named {
    match Version::parse(version) {
        Ok(_) if name.is_empty() => Err(Misnamed::Version(format!(
            "`{stem}` has a version but no name; a name follows after an underscore, as in `{version}_create_users`"
        ))),
        Ok(version) => Ok((version, name.to_owned())),
        Err(error) => Err(Misnamed::Version(error.to_string())),
    }
}

pub(super) fn no_version(name: &str) -> String {
    format!(
        "`{name}` has no version; a name starts with a number or a date, as in `20260131120000_{name}`"
    )
}

/// What a name that belongs to no migration may have been meant as.
pub(super) fn advice(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let first = name.get(..1).unwrap_or_default();
    if name.starts_with("R__") && lower.ends_with(".sql") {
        return Some("repeatable migrations are not supported; write the change as a migration with a version".to_owned());
    }
    if let Some(rest) = name.strip_prefix('B')
        && rest.starts_with(|c: char| c.is_ascii_digit())
        && lower.ends_with(".sql")
    {
        return Some(
            "baseline scripts are not supported; write it as the first migration".to_owned(),
        );
    }
    if matches!(first, "v" | "u") && prefix(&capitalised(name)).is_some() && name.contains("__") {
        return Some(format!("did you mean `{}`?", capitalised(name)));
    }
    if let Some(stem) = lower.strip_suffix(".sql") {
        let trimmed = name.trim_start();
        if trimmed != name && split_name(trimmed).is_ok() {
            return Some(format!(
                "did you mean `{trimmed}`, without the space before it?"
            ));
        }
        if name.ends_with(".sql") {
            return Some(format!(
                "a migration's name starts with a version, as in `20260131120000_{name}`"
            ));
        }
        // Lower-casing may change the length of the rest, so only the ending is replaced.
        let stem = name.get(..name.len() - 4).unwrap_or(stem);
        return Some(format!("did you mean `{stem}.sql`?"));
    }
    if lower.ends_with(".rs") {
        return Some(
            "Rust code stands beside SQL in a directory: `<version>_<name>/up.rs`".to_owned(),
        );
    }
    let (stem, ending) = name.rsplit_once('.')?;
    let wanted = split_name(stem).is_ok() || prefix(stem).is_some();
    closest(ending, ["sql"])
        .filter(|_| wanted)
        .map(|_| format!("did you mean `{stem}.sql`?"))
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |c| {
        c.to_ascii_uppercase().to_string() + chars.as_str()
    })
}
