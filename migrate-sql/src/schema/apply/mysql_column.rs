//! What every version of MySQL and MariaDB has against a definition of a column or a key, whatever
//! its SQL mode.

use migrate_core::rule;

use super::{Applier, Target};
use crate::change::{ColumnDefinition, ForeignKeyAction, IndexPart};
use crate::column_type::ColumnType;
use crate::conflict::Conflict;
use crate::expression::Expression;
use crate::name::{Ident, Span};
use crate::schema::Object;

const INTEGERS: &[&str] = &["tinyint", "smallint", "mediumint", "int", "bigint"];

/// Types of text and bytes with a length of their own.
const STRINGS: &[&str] = &["char", "varchar", "binary", "varbinary"];

/// Types of text and bytes that keys hold only the beginning of.
const BLOBS: &[&str] = &[
    "tinytext",
    "text",
    "mediumtext",
    "longtext",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
];

const DATES: &[&str] = &["date", "datetime", "timestamp"];

/// The most digits of a DECIMAL.
const DECIMAL_DIGITS: u64 = 65;

/// The most characters of a CHAR, and bytes of a BINARY.
const CHAR_LENGTH: u64 = 255;

/// The most bits of a BIT.
const BITS: u64 = 64;

/// The most digits after the second.
const FRACTION: u64 = 6;

impl Applier<'_> {
    /// What is wrong with a column's definition by itself.
    pub(super) fn mysql_definition(&mut self, column: &ColumnDefinition) {
        let Some(column_type) = &column.column_type else {
            return;
        };
        let name = &column.name;
        if let Some(message) = impossible_type(column_type) {
            self.bad(
                format!("column `{name}`: {message}"),
                column.type_span,
                "too much",
            );
        }
        if column.auto_increment && !takes_numbers(column_type) {
            let message = format!("column `{name}` is {column_type} and cannot count");
            self.bad(message, name.span, "AUTO_INCREMENT");
        }
        if let Some(updated) = &column.on_update
            && updated.starts_with("current_timestamp")
            && !matches!(column_type.name.as_str(), "timestamp" | "datetime")
        {
            let message = format!("column `{name}` is {column_type}, which holds no time");
            self.bad(message, name.span, "ON UPDATE CURRENT_TIMESTAMP");
        }
        let Some(default) = &column.default else {
            return;
        };
        let null = default.canonical.eq_ignore_ascii_case("null");
        if null && column.nullable == Some(false) {
            let message = format!("column `{name}` is NOT NULL and its default is NULL");
            self.bad(message, default.span, "NULL");
        }
        if !null && column.auto_increment {
            let message = format!("column `{name}` counts and has a default too");
            self.bad(message, default.span, "beside AUTO_INCREMENT");
        }
        self.mysql_default(name, column_type, default);
    }

    /// A literal that the column's type cannot hold.
    pub(super) fn mysql_default(
        &mut self,
        name: &Ident,
        column_type: &ColumnType,
        default: &Expression,
    ) {
        // How quotes and backslashes inside are written is not looked at.
        let Some(text) = literal(default).filter(|it| !it.contains(['\'', '\\'])) else {
            return;
        };
        let kind = column_type.name.as_str();
        let holds = if INTEGERS.contains(&kind) {
            text.trim().parse::<f64>().is_ok()
        } else if DATES.contains(&kind) {
            text.bytes().any(|it| it.is_ascii_digit())
        } else if kind == "enum" && text.is_ascii() {
            column_type.modifiers.iter().any(|value| {
                let value = value.trim_matches('\'');
                !value.is_ascii() || value.trim_end().eq_ignore_ascii_case(text.trim_end())
            })
        } else {
            true
        };
        if !holds {
            let message = format!("the default of column `{name}` is no {column_type}");
            self.bad(message, default.span, "does not fit");
        }
    }

    /// What is wrong with the parts of an index or key; `method` is that of an index, and
    /// `primary` a primary key.
    pub(super) fn mysql_key(
        &mut self,
        target: &Target,
        name: Option<&Ident>,
        parts: &[IndexPart],
        method: Option<&str>,
        primary: bool,
    ) {
        if let Some(name) = name
            && name.name.eq_ignore_ascii_case("PRIMARY")
            && !primary
        {
            let message = "an index cannot have the name of the primary key";
            self.bad(message.to_owned(), name.span, "the primary key's");
        }
        if method.is_none_or(|it| it == "btree" || it == "hash") {
            self.distinct_columns(parts);
        }
        if !target.certain {
            return;
        }
        for part in parts {
            let Some(column) = part.as_column() else {
                continue;
            };
            let Some(table) = self.schema.table_by_id(&target.id) else {
                return;
            };
            let Some(known) = self
                .schema
                .column_index(table, &column.name)
                .and_then(|at| table.columns.get(at))
            else {
                continue;
            };
            let Some(column_type) = known.column_type.clone() else {
                continue;
            };
            let nullable = known.nullable;
            let kind = column_type.name.as_str();
            let fault = match method {
                Some("fulltext") => (INTEGERS.contains(&kind) || DATES.contains(&kind))
                    .then_some("a FULLTEXT index is for text"),
                Some("spatial") => nullable.then_some("a SPATIAL index takes no NULL"),
                _ if primary && BLOBS.contains(&kind) && part.prefix.is_none() => {
                    Some("a primary key needs to know how much of it to hold")
                }
                _ => part
                    .prefix
                    .and_then(|prefix| bad_prefix(&column_type, prefix)),
            };
            if let Some(fault) = fault {
                let message = format!("column `{column}` is {column_type}: {fault}");
                self.bad(message, column.span, "cannot be in this key");
            }
        }
    }

    /// What all actions of ALTER TABLE together must leave: at least one column, a key for the one
    /// that counts, and columns that foreign keys still fit.
    pub(super) fn mysql_altered(&mut self, target: &Target, changed: &[(&Ident, bool)]) {
        if !target.certain {
            return;
        }
        let Some(table) = self.schema.table_by_id(&target.id).cloned() else {
            return;
        };
        for (column, dropped) in changed {
            if table.columns.is_empty() && *dropped {
                let message = format!("table `{}` keeps no column", table.name);
                self.bad(message, column.span, "the last one");
            }
            if !dropped && self.schema.checks_foreign_keys {
                self.foreign_keys_fit(target, column);
            }
        }
        self.counter_has_a_key(target, changed.first().map(|(column, _)| column.span));
    }

    /// MySQL: an AUTO_INCREMENT column belongs to a key.
    pub(super) fn counter_has_a_key(&mut self, target: &Target, span: Option<Span>) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let Some(counter) = table.columns.iter().find(|it| it.auto_increment) else {
            return;
        };
        let named = |name: &String| self.schema.same_name(name, &counter.name);
        let in_key = table
            .primary_key
            .iter()
            .any(|key| key.columns.iter().any(named))
            || table.indexes.iter().any(|index| {
                let columns = index.keys.iter();
                columns.filter_map(|it| it.column.as_ref()).any(named)
            });
        if let (false, Some(span)) = (in_key || table.uncertain, span) {
            let message = format!(
                "column `{}` counts, and would belong to no key any more",
                counter.name
            );
            self.bad(message, span, "AUTO_INCREMENT needs a key");
        }
    }

    /// A column that was defined anew, and the foreign keys on it and to it.
    fn foreign_keys_fit(&mut self, target: &Target, column: &Ident) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let is = |it: &String| self.schema.same_name(it, &column.name);
        let mut fault = None;
        for user in std::iter::once(target.id.clone()).chain(self.schema.users(&target.id)) {
            let Some(Object::Table(own)) = self.schema.get(&user) else {
                continue;
            };
            if !self.schema.is_certain(&user) {
                continue;
            }
            for key in &own.foreign_keys {
                let Some(referenced) = self.schema.table(&key.references) else {
                    continue;
                };
                let to = referenced.name == table.name;
                let id = self
                    .schema
                    .id(crate::schema::Class::Relation, &referenced.name);
                if !self.schema.is_certain(&id) {
                    continue;
                }
                for (from, other) in key.columns.iter().zip(&key.referenced_columns) {
                    if !(user == target.id && is(from) || to && is(other)) {
                        continue;
                    }
                    let find = |table: &crate::schema::Table, name: &str| {
                        let at = self.schema.column_index(table, name)?;
                        table.columns.get(at).cloned()
                    };
                    let (Some(one), Some(two)) = (find(own, from), find(referenced, other)) else {
                        continue;
                    };
                    if let (Some(a), Some(b)) = (&one.column_type, &two.column_type)
                        && !super::foreign_key::comparable_in_mysql(a, b)
                    {
                        fault = Some(format!("foreign key `{}` has {a} beside {b}", key.name));
                    }
                    let sets_null = key.on_delete == ForeignKeyAction::SetNull
                        || key.on_update == ForeignKeyAction::SetNull;
                    if user == target.id && is(from) && sets_null && !one.nullable {
                        fault = Some(format!("foreign key `{}` sets it to NULL", key.name));
                    }
                }
            }
        }
        if let Some(fault) = fault {
            self.refuse(
                Conflict::new(
                    &rule::BAD_FOREIGN_KEY,
                    format!("column `{column}` cannot be changed so: {fault}"),
                    column.span,
                    "does not fit any more",
                )
                .help("drop the foreign key first, and add it again afterwards"),
            );
        }
    }

    fn bad(&mut self, message: String, span: Span, label: &str) {
        self.refuse(Conflict::new(&rule::BAD_DEFINITION, message, span, label));
    }
}

/// The value of a default that is a text in quotes.
fn literal(default: &Expression) -> Option<String> {
    let inner = default.canonical.strip_prefix('\'')?;
    inner.strip_suffix('\'').map(str::to_owned)
}

fn takes_numbers(column_type: &ColumnType) -> bool {
    let kind = column_type.name.as_str();
    !(STRINGS.contains(&kind)
        || BLOBS.contains(&kind)
        || DATES.contains(&kind)
        || matches!(kind, "enum" | "set" | "json" | "time" | "uuid"))
}

/// Why no server has a type with these modifiers.
fn impossible_type(column_type: &ColumnType) -> Option<String> {
    let number = |at: usize| column_type.modifiers.get(at)?.parse::<u64>().ok();
    let (first, second) = (number(0), number(1));
    let most = |most: u64| {
        first
            .filter(|it| *it > most)
            .map(|_| format!("at most {most} in {column_type}"))
    };
    match column_type.name.as_str() {
        "char" | "binary" => most(CHAR_LENGTH),
        "bit" => most(BITS),
        "datetime" | "timestamp" | "time" => most(FRACTION),
        "decimal" => match (first, second) {
            // 0 digits are 10.
            (Some(digits), Some(places)) if places > digits && digits > 0 => {
                Some(format!("more places than digits in {column_type}"))
            }
            _ => most(DECIMAL_DIGITS),
        },
        "float" | "double" => match (first, second) {
            (Some(digits), Some(places)) if places > digits && digits > 0 => {
                Some(format!("more places than digits in {column_type}"))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Why a key cannot hold the beginning of a column of that type.
fn bad_prefix(column_type: &ColumnType, prefix: u64) -> Option<&'static str> {
    let kind = column_type.name.as_str();
    if INTEGERS.contains(&kind) || DATES.contains(&kind) {
        return Some("only text and bytes have a beginning");
    }
    let length = column_type.modifiers.first()?.parse::<u64>().ok()?;
    (STRINGS.contains(&kind) && prefix > length).then_some("it is shorter than that")
}
