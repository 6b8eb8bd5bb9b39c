//! MODIFY and CHANGE: the old column against the new one.

use super::super::watch::Watch;
use super::{Class, option};
use crate::change::ColumnDefinition;
use crate::column_type::ColumnType;
use crate::schema::{Column, Table};

/// The most bytes of a value whose length is kept in one byte.
const ONE_BYTE: u64 = 255;

/// Up to so many bytes MariaDB keeps the length of a value such that a longer type reads it, too.
const SHORT: u64 = 127;

/// What it costs to define a column anew.
pub(super) fn class(table: &Table, old: &Column, new: &ColumnDefinition, watch: &Watch) -> Class {
    let (Some(from), Some(to)) = (&old.column_type, &new.column_type) else {
        return Class::COPY;
    };
    if new.auto_increment && !old.auto_increment {
        return Class::COPY;
    }
    let generated = |it: &Option<crate::change::Generated>| it.as_ref().map(|it| it.stored);
    if generated(&old.generated) != generated(&new.generated) {
        return Class::COPY;
    }
    let before = charset(old.charset.as_deref(), old.collation.as_deref(), table);
    let after = charset(new.charset.as_deref(), new.collation.as_deref(), table);
    let mut class = of_type(from, to, before.as_deref(), after.as_deref(), watch);
    if is_text(to) && before != after {
        class = class.max(match (before.as_deref(), after.as_deref()) {
            // The shorter encoding is part of the longer one.
            (Some("utf8mb3" | "utf8"), Some("utf8mb4")) if watch.is_mariadb() => Class::INSTANT,
            _ => Class::COPY,
        });
    }
    if is_text(to) && before == after && other_collation(old, new, table) {
        class = class.max(match (watch.is_mariadb(), is_indexed(table, &old.name)) {
            (true, false) => Class::INSTANT,
            (true, true) => Class::INDEX,
            (false, _) => Class::COPY,
        });
    }
    let key = table.primary_key.iter().flat_map(|key| &key.columns);
    let in_key = key.clone().any(|name| name.eq_ignore_ascii_case(&old.name));
    let nullable = new.nullable.unwrap_or(true) && !in_key;
    match nullable == old.nullable {
        true => class,
        false => class.max(Class::REBUILD),
    }
}

fn of_type(
    from: &ColumnType,
    to: &ColumnType,
    before: Option<&str>,
    after: Option<&str>,
    watch: &Watch,
) -> Class {
    if from.name != to.name || from.suffix != to.suffix {
        return Class::COPY;
    }
    let cheap = match to.name.as_str() {
        "varchar" | "varbinary" => {
            let length = |it: &ColumnType| -> Option<u64> { it.modifiers.first()?.parse().ok() };
            let (Some(short), Some(long)) = (length(from), length(to)) else {
                return Class::COPY;
            };
            let is_binary = to.name == "varbinary";
            let fits = |before: u64, after: u64| {
                let (old, new): (u64, u64) = (short * before, long * after);
                let same_class = new <= ONE_BYTE || old > ONE_BYTE;
                long >= short && (same_class || (watch.is_mariadb() && old <= SHORT))
            };
            match (is_binary, before.and_then(bytes), after.and_then(bytes)) {
                (true, ..) => fits(1, 1),
                (false, Some(before), Some(after)) => fits(before, after),
                // The server's default: one that it may be, and one that it most likely is.
                (false, ..) => fits(1, 1) && fits(4, 4),
            }
        }
        "enum" | "set" => {
            let stored = |it: &ColumnType| stored_bytes(&it.name, it.modifiers.len());
            to.modifiers.starts_with(&from.modifiers) && stored(from) == stored(to)
        }
        // The width of display changes nothing.
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => true,
        _ => from.modifiers == to.modifiers,
    };
    match cheap {
        true => Class::INSTANT,
        false => Class::COPY,
    }
}

/// How many bytes a value of an enum or set with so many members takes.
fn stored_bytes(name: &str, members: usize) -> usize {
    match name {
        "enum" => 1 + usize::from(members > 255),
        _ => members.div_ceil(8).next_power_of_two(),
    }
}

fn is_text(column_type: &ColumnType) -> bool {
    matches!(
        column_type.name.as_str(),
        "char" | "varchar" | "text" | "tinytext" | "mediumtext" | "longtext" | "enum" | "set"
    )
}

/// The character set of a column: its own, that of its collation, or the table's.
fn charset(own: Option<&str>, collation: Option<&str>, table: &Table) -> Option<String> {
    let of_collation = |name: &str| name.split('_').next().map(str::to_lowercase);
    own.map(str::to_lowercase)
        .or_else(|| collation.and_then(of_collation))
        .or_else(|| option(table, "CHARSET"))
        .or_else(|| option(table, "CHARACTER SET"))
        .or_else(|| option(table, "COLLATE").as_deref().and_then(of_collation))
}

fn other_collation(old: &Column, new: &ColumnDefinition, table: &Table) -> bool {
    let of_table = option(table, "COLLATE");
    let name = |it: Option<&String>| it.map(|it| it.to_lowercase()).or_else(|| of_table.clone());
    name(old.collation.as_ref()) != name(new.collation.as_ref())
}

fn is_indexed(table: &Table, column: &str) -> bool {
    let in_keys = table.keys().flat_map(|key| &key.columns);
    let keys = table.indexes.iter().flat_map(|index| &index.keys);
    let in_indexes = keys.filter_map(|key| key.column.as_ref());
    in_keys
        .chain(in_indexes)
        .any(|name| name.eq_ignore_ascii_case(column))
}

/// The most bytes of a character.
fn bytes(charset: &str) -> Option<u64> {
    Some(match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8" | "utf8mb3" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "gbk" | "gb2312" | "sjis" | "cp932" | "euckr" => 2,
        "latin1" | "latin2" | "latin5" | "latin7" | "ascii" | "binary" | "cp1250" | "cp1251"
        | "cp1252" | "cp1256" | "cp1257" | "koi8r" | "koi8u" | "greek" | "hebrew" => 1,
        _ => return None,
    })
}
