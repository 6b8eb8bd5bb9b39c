//! What types hold, as far as rows beyond it can be made.

use migrate_core::Dialect;
use migrate_sql::ColumnType;

/// Longer texts are not made: a copy need not hold them.
const LONGEST: u64 = 1 << 20;

/// The largest number that is taken for a limit: what has none has this one.
const UNLIMITED: i128 = i128::MAX;

/// How many characters a type holds, `u64::MAX` where there is no limit; `None` for types that are no
/// texts, and on SQLite, which limits nothing.
fn characters(dialect: Dialect, of: &ColumnType) -> Option<u64> {
    if of.dimensions > 0 {
        return None;
    }
    let given = of.modifiers.first().and_then(|it| it.parse().ok());
    match (dialect, of.name.as_str()) {
        (Dialect::Postgres, "character varying" | "character") => Some(given.unwrap_or(u64::MAX)),
        (Dialect::Postgres, "text") => Some(u64::MAX),
        (Dialect::Mysql, "varchar" | "char" | "varbinary" | "binary") => given,
        (Dialect::Mysql, "tinytext" | "tinyblob") => Some(255),
        (Dialect::Mysql, "text" | "blob") => Some(65_535),
        (Dialect::Mysql, "mediumtext" | "mediumblob") => Some(16_777_215),
        (Dialect::Mysql, "longtext" | "longblob") => Some(4_294_967_295),
        _ => None,
    }
}

/// The largest whole number that a type holds; `None` for types that are no numbers, and on SQLite.
fn largest(dialect: Dialect, of: &ColumnType) -> Option<i128> {
    if of.dimensions > 0 || dialect == Dialect::Sqlite {
        return None;
    }
    let bits = match of.name.as_str() {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" | "integer" => 32,
        "bigint" => 64,
        "numeric" | "decimal" => return Some(decimal(of)),
        // They hold larger numbers than any of these, if not exactly.
        "real" | "float" | "double" | "double precision" => return Some(UNLIMITED),
        _ => return None,
    };
    let bits = match of.suffix.starts_with("unsigned") {
        true => bits,
        false => bits - 1,
    };
    Some((1_i128 << bits) - 1)
}

fn decimal(of: &ColumnType) -> i128 {
    let mut modifiers = of.modifiers.iter().map(|it| it.parse::<u32>().ok());
    let (precision, scale) = (modifiers.next().flatten(), modifiers.next().flatten());
    let Some(precision) = precision else {
        return UNLIMITED;
    };
    let digits = precision.saturating_sub(scale.unwrap_or_default());
    10_i128.checked_pow(digits).map_or(UNLIMITED, |it| it - 1)
}

/// A text that the new type holds and the old one does not, as SQL.
pub(super) fn longer(dialect: Dialect, old: &ColumnType, new: &ColumnType) -> Option<String> {
    let (was, is) = (characters(dialect, old)?, characters(dialect, new)?);
    (was < is && was < LONGEST).then(|| format!("repeat('x', {})", was + 1))
}

/// A whole number that the new type holds and the old one does not, as SQL.
pub(super) fn larger(dialect: Dialect, old: &ColumnType, new: &ColumnType) -> Option<String> {
    let (was, is) = (largest(dialect, old)?, largest(dialect, new)?);
    (was < is).then(|| (was + 1).to_string())
}

/// Some value of a type, as SQL; `None` for types that nothing is known of. Values of a text differ
/// with the seed as far as there is room.
pub(super) fn some_value(dialect: Dialect, of: &ColumnType, seed: u32) -> Option<String> {
    if of.dimensions > 0 {
        return Some("'{}'".to_owned());
    }
    if largest(dialect, of).is_some() {
        return Some("1".to_owned());
    }
    if let Some(room) = characters(dialect, of) {
        let text = format!("r{seed}");
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        return Some(format!("'{}'", text.chars().take(room).collect::<String>()));
    }
    let name = of.name.to_ascii_lowercase();
    let value = match (dialect, name.as_str()) {
        (Dialect::Sqlite, _) => return Some(sqlite_value(&name, seed)),
        (Dialect::Mysql, "enum") => return of.modifiers.first().cloned(),
        (Dialect::Mysql, "set") => "''",
        (Dialect::Mysql, "bit") => "1",
        (Dialect::Mysql, "year") => "2001",
        (Dialect::Mysql, "datetime" | "timestamp") => "'2001-02-03 04:05:06'",
        (Dialect::Postgres, "boolean") => "false",
        (Dialect::Postgres, name) if name.starts_with("timestamp") => "'2001-02-03 04:05:06'",
        (Dialect::Postgres, name) if name.starts_with("time") => "'04:05:06'",
        (Dialect::Postgres, "interval") => "'1 day'",
        (Dialect::Postgres, "bytea") => "'\\x00'",
        (Dialect::Postgres, "jsonb") => "'{}'",
        (Dialect::Postgres, "inet" | "cidr") => "'127.0.0.1'",
        (Dialect::Postgres, "money") => "1",
        (_, "uuid") => return Some(uuid(seed)),
        (_, "date") => "'2001-02-03'",
        (_, "time") => "'04:05:06'",
        (_, "json") => "'{}'",
        _ => return None,
    };
    Some(value.to_owned())
}

fn uuid(seed: u32) -> String {
    format!("'00000000-0000-4000-8000-{seed:012x}'")
}

/// A value of the affinity that SQLite gives a type.
fn sqlite_value(name: &str, seed: u32) -> String {
    let has = |words: &[&str]| words.iter().any(|it| name.contains(it));
    if has(&["int", "real", "floa", "doub", "num", "dec", "bool"]) {
        return "1".to_owned();
    }
    if has(&["date", "time"]) {
        return "'2001-02-03 04:05:06'".to_owned();
    }
    if has(&["blob"]) {
        return "x'00'".to_owned();
    }
    format!("'r{seed}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, modifiers: &[&str], suffix: &str) -> ColumnType {
        ColumnType {
            modifiers: modifiers.iter().map(ToString::to_string).collect(),
            suffix: suffix.to_owned(),
            ..ColumnType::named(name)
        }
    }

    #[test]
    fn longer_texts() {
        let of = |name: &str, modifiers: &[&str]| of(name, modifiers, "");
        let postgres = |a, b| longer(Dialect::Postgres, &a, &b);
        let short = of("character varying", &["20"]);
        let found = postgres(short.clone(), of("character varying", &["40"]));
        assert_eq!(found.as_deref(), Some("repeat('x', 21)"));
        assert!(postgres(short.clone(), of("text", &[])).is_some());
        assert!(postgres(of("text", &[]), short.clone()).is_none());
        assert!(postgres(short.clone(), short).is_none());
        let mysql = |a, b| longer(Dialect::Mysql, &a, &b);
        assert!(mysql(of("varchar", &["20"]), of("text", &[])).is_some());
        // Sixteen million characters.
        assert!(mysql(of("mediumtext", &[]), of("longtext", &[])).is_none());
        assert!(longer(Dialect::Sqlite, &of("varchar", &["1"]), &of("text", &[])).is_none());
    }

    #[test]
    fn larger_numbers() {
        let of = |name: &str, modifiers: &[&str]| of(name, modifiers, "");
        let postgres = |a, b| larger(Dialect::Postgres, &a, &b);
        let found = postgres(of("integer", &[]), of("bigint", &[]));
        assert_eq!(found.as_deref(), Some("2147483648"));
        let found = postgres(of("numeric", &["5", "2"]), of("numeric", &["7", "2"]));
        assert_eq!(found.as_deref(), Some("1000"));
        assert!(postgres(of("numeric", &["5"]), of("numeric", &[])).is_some());
        assert!(postgres(of("numeric", &[]), of("numeric", &["5"])).is_none());
        assert!(postgres(of("bigint", &[]), of("integer", &[])).is_none());
        assert!(postgres(of("date", &[]), of("bigint", &[])).is_none());
    }

    #[test]
    fn unsigned_numbers() {
        let signed = of("int", &["11"], "");
        let unsigned = of("int", &["10"], "unsigned");
        let found = larger(Dialect::Mysql, &signed, &unsigned);
        assert_eq!(found.as_deref(), Some("2147483648"));
        assert!(larger(Dialect::Mysql, &unsigned, &signed).is_none());
    }
}
