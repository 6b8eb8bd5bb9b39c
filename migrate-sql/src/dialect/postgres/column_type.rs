//! Types, spelt as `format_type` prints them.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::reader::{self, Reader, own_tokens, squeezed};
use super::{name, tree};
use crate::column_type::ColumnType;
use crate::schema::builtin::is_type;

/// A type in a column's definition, where a serial is an integer with a sequence.
pub(super) struct Read {
    pub(super) column_type: ColumnType,
    pub(super) serial: bool,
}

/// Types of `pg_catalog` that are called something else in SQL; `pg_catalog.int4` and `int4` mean the
/// same. All others are called what they are.
const OTHERWISE: &[(&str, &str)] = &[
    ("bool", "boolean"),
    ("int", "integer"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("decimal", "numeric"),
    ("dec", "numeric"),
    ("varchar", "character varying"),
    ("varbit", "bit varying"),
    ("time", "time without time zone"),
    ("timetz", "time with time zone"),
    ("timestamp", "timestamp without time zone"),
    ("timestamptz", "timestamp with time zone"),
];

impl Reader {
    /// The type of a column.
    pub(super) fn column_type(&self, ty: &ast::Type) -> Read {
        let mut read = Read {
            column_type: self.plain_type(ty),
            serial: false,
        };
        let integer = match read.column_type.name.as_str() {
            "serial" | "serial4" => "integer",
            "bigserial" | "serial8" => "bigint",
            "smallserial" | "serial2" => "smallint",
            _ => return read,
        };
        if read.column_type.schema.is_none() && read.column_type.dimensions == 0 {
            read.column_type = ColumnType::named(integer);
            read.serial = true;
        }
        read
    }

    /// A type anywhere else.
    pub(super) fn plain_type(&self, ty: &ast::Type) -> ColumnType {
        let node = ty.syntax();
        match ty {
            ast::Type::ArrayType(array) => {
                let inner = array.ty().map(|inner| self.plain_type(&inner));
                ColumnType {
                    dimensions: 1,
                    ..inner.unwrap_or_default()
                }
            }
            // A bit or character without a length has one; `"char"` is something else.
            ast::Type::BitType(_) => with_modifiers("bit", or_one(modifiers(node))),
            ast::Type::CharacterType(_) => with_modifiers("character", or_one(modifiers(node))),
            ast::Type::BitVaryingType(_) => with_modifiers("bit varying", modifiers(node)),
            ast::Type::VarcharType(_) => with_modifiers("character varying", modifiers(node)),
            ast::Type::DoubleType(_) => ColumnType::named("double precision"),
            ast::Type::IntervalType(interval) => interval_type(node, interval.interval_qualifier()),
            ast::Type::TimeType(it) => zoned("time", it.timezone(), modifiers(node)),
            ast::Type::TimestampType(it) => zoned("timestamp", it.timezone(), modifiers(node)),
            ast::Type::PathType(path) => self.named_type(path),
        }
    }

    fn named_type(&self, path: &ast::PathType) -> ColumnType {
        let mut parts = self.parts(path.syntax());
        let Some(last) = parts.pop() else {
            return ColumnType::named(squeezed(path.syntax()));
        };
        let schema = parts.pop().map(|schema| schema.name);
        let modifiers = modifiers(path.syntax());
        // `"integer"` in quotes is a type of that name, which nobody has; `"int4"` is built in.
        let quoted = last.span.end - last.span.start > last.name.len();
        match schema.as_deref() {
            None | Some("pg_catalog") => {
                let internal = schema.is_some() || quoted;
                if let Some(built_in) = built_in(&last.name, internal, modifiers.clone()) {
                    return built_in;
                }
                if let Some(element) = last.name.strip_prefix('_')
                    && let Some(built_in) = built_in(element, true, Vec::new())
                {
                    return ColumnType {
                        dimensions: 1,
                        ..built_in
                    };
                }
                ColumnType {
                    name: last.name,
                    modifiers,
                    ..ColumnType::default()
                }
            }
            Some(other) => ColumnType {
                schema: (other != "public").then(|| other.to_owned()),
                name: last.name,
                modifiers,
                ..ColumnType::default()
            },
        }
    }
}

/// A type of `pg_catalog`. Inside, `char` is the type of one byte.
fn built_in(name: &str, internal: bool, modifiers: Vec<String>) -> Option<ColumnType> {
    if name == "char" && internal {
        return Some(ColumnType::named("\"char\""));
    }
    if name == "float" {
        // The precision counts bits of the mantissa.
        let single = modifiers
            .first()
            .and_then(|bits| bits.parse().ok())
            .is_some_and(|bits: u32| bits < 25);
        return Some(ColumnType::named(match single {
            true => "real",
            false => "double precision",
        }));
    }
    if name == "bpchar" && !modifiers.is_empty() {
        return Some(with_modifiers("character", modifiers));
    }
    let canonical = match OTHERWISE.iter().find(|(written, _)| *written == name) {
        Some((_, canonical)) => canonical,
        None if is_type(name) && !name.starts_with('_') => name,
        None => return None,
    };
    // `numeric(10)` has a scale of 0.
    let modifiers = match modifiers.as_slice() {
        [precision] if canonical == "numeric" => vec![precision.clone(), "0".to_owned()],
        _ => modifiers,
    };
    Some(with_modifiers(canonical, modifiers))
}

/// `interval(3)`, `interval day to second(3)`. `interval second` and `interval` with all fields keep
/// no more than what is written.
fn interval_type(node: &SyntaxNode, fields: Option<ast::IntervalQualifier>) -> ColumnType {
    let mut name = "interval".to_owned();
    let modifiers = match &fields {
        Some(fields) => modifiers(fields.syntax()),
        None => modifiers(node),
    };
    if let Some(fields) = &fields {
        for token in own_tokens(fields.syntax()) {
            if token.kind() == SyntaxKind::L_PAREN {
                break;
            }
            name.push(' ');
            name.push_str(&token.text().to_ascii_lowercase());
        }
    }
    with_modifiers(&name, modifiers)
}

fn zoned(name: &str, zone: Option<ast::Timezone>, modifiers: Vec<String>) -> ColumnType {
    let with = matches!(zone, Some(ast::Timezone::WithTimezone(_)));
    let zone = if with { "with" } else { "without" };
    with_modifiers(&format!("{name} {zone} time zone"), modifiers)
}

fn with_modifiers(name: &str, modifiers: Vec<String>) -> ColumnType {
    ColumnType {
        modifiers,
        ..ColumnType::named(name)
    }
}

fn or_one(modifiers: Vec<String>) -> Vec<String> {
    match modifiers.is_empty() {
        true => vec!["1".to_owned()],
        false => modifiers,
    }
}

/// What stands in the parentheses of a type.
fn modifiers(node: &SyntaxNode) -> Vec<String> {
    if let Some(list) = reader::child(node, SyntaxKind::ARG_LIST) {
        return list.children().map(|arg| modifier(&arg)).collect();
    }
    // TIME, TIMESTAMP and INTERVAL hold the number itself.
    reader::child(node, SyntaxKind::LITERAL)
        .map(|literal| modifier(&literal))
        .into_iter()
        .collect()
}

/// A number, a name as in `geometry(Point,4326)`, or a string.
fn modifier(node: &SyntaxNode) -> String {
    let words = squeezed(node);
    if words.starts_with('\'') {
        words.trim_matches('\'').to_owned()
    } else if words.starts_with('"') {
        name::decode(&words, '\\')
    } else if let Ok(number) = words.parse::<i64>() {
        number.to_string()
    } else {
        words
    }
}

/// Reads a type as a catalogue or a script spells it.
pub(super) fn parse(text: &str) -> ColumnType {
    // A type stands for itself only where a column has it.
    match tree::fragment("ALTER TABLE t ADD COLUMN c ", text, "") {
        Some(node) => match node.descendants().find_map(ast::Type::cast) {
            Some(ty) if ty.syntax().text_range().end() == node.text_range().end() => {
                Reader::new(0).plain_type(&ty)
            }
            _ => ColumnType::named(text),
        },
        None => ColumnType::named(text),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn as_format_type_prints_them() {
        for (written, canonical) in [
            ("int", "integer"),
            ("INT4", "integer"),
            ("pg_catalog.int8", "bigint"),
            ("smallint", "smallint"),
            ("float", "double precision"),
            ("float(24)", "real"),
            ("float(25)", "double precision"),
            ("double  precision", "double precision"),
            ("decimal(10)", "numeric(10,0)"),
            ("numeric( 10 , 2 )", "numeric(10,2)"),
            ("varchar(20)[]", "character varying(20)[]"),
            ("varchar", "character varying"),
            ("char", "character(1)"),
            ("\"char\"", "\"char\""),
            ("pg_catalog.\"char\"", "\"char\""),
            ("bpchar", "bpchar"),
            ("bpchar(3)", "character(3)"),
            ("national character varying(5)", "character varying(5)"),
            ("bit", "bit(1)"),
            ("bit varying(3)", "bit varying(3)"),
            ("timestamptz", "timestamp with time zone"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("timestamp(0)", "timestamp(0) without time zone"),
            ("time with time zone", "time with time zone"),
            ("interval", "interval"),
            ("interval(3)", "interval(3)"),
            ("interval year to month", "interval year to month"),
            ("interval day to second(3)", "interval day to second(3)"),
            ("integer[3][3]", "integer[]"),
            ("int array", "integer[]"),
            ("_int4", "integer[]"),
            ("public.mood", "mood"),
            ("s.\"Mood\"", "s.Mood"),
            ("geometry(Point,4326)", "geometry(Point,4326)"),
            ("citext", "citext"),
            ("name", "name"),
            ("json", "json"),
        ] {
            assert_eq!(parse(written).to_string(), canonical, "{written}");
            // A name in capitals is printed without its quotes.
            if canonical != "s.Mood" {
                assert_eq!(parse(canonical).to_string(), canonical, "{canonical}");
            }
        }
    }

    #[test]
    fn what_is_no_type_stays_as_it_is() {
        for text in ["", "int not null", "(", "a b"] {
            assert_eq!(parse(text).to_string(), text);
        }
    }
}
