//! Types of columns.
//!
//! The canonical form is what MariaDB 10.11 prints as `COLUMN_TYPE` in `information_schema.columns`,
//! without what MySQL 8 leaves out: the display width of integers, except of `tinyint(1)` and with
//! ZEROFILL, and that of `year`. So both servers' answers are equal here.
//!
//! MariaDB's JSON is `longtext` with a check; see [`column`](super::column).

use migrate_core::closest;
use migrate_core::lex::TokenKind;

use crate::column_type::ColumnType;
use crate::dialect::reader::{Fault, Read, Reader, string_value};

/// A type with what is written beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct TypeClause {
    pub(super) column_type: ColumnType,
    pub(super) charset: Option<String>,
    pub(super) collation: Option<String>,
    /// SERIAL: NOT NULL AUTO_INCREMENT UNIQUE.
    pub(super) serial: bool,
}

/// What may follow the name of a type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// An optional width; UNSIGNED and ZEROFILL.
    Integer,
    /// Precision and scale; UNSIGNED and ZEROFILL.
    Decimal,
    /// The same, and only both or none of them.
    Float,
    /// A length; a character set.
    Char,
    /// An optional length; a character set.
    Text,
    /// A length.
    Binary,
    /// An optional length.
    Blob,
    /// Values in quotes; a character set.
    Enum,
    /// An optional number of digits or bytes.
    Number,
    /// Nothing.
    Plain,
}

/// The names of types, their canonical names, and what may follow. Types of two words are not here.
const TYPES: &[(&str, &str, Sort)] = &[
    ("BIGINT", "bigint", Sort::Integer),
    ("BINARY", "binary", Sort::Binary),
    ("BIT", "bit", Sort::Number),
    ("BLOB", "blob", Sort::Blob),
    ("BOOL", "tinyint(1)", Sort::Plain),
    ("BOOLEAN", "tinyint(1)", Sort::Plain),
    ("CHAR", "char", Sort::Char),
    ("CHARACTER", "char", Sort::Char),
    ("CLOB", "longtext", Sort::Text),
    ("DATE", "date", Sort::Plain),
    ("DATETIME", "datetime", Sort::Number),
    ("DEC", "decimal", Sort::Decimal),
    ("DECIMAL", "decimal", Sort::Decimal),
    ("DOUBLE", "double", Sort::Float),
    ("ENUM", "enum", Sort::Enum),
    ("FIXED", "decimal", Sort::Decimal),
    ("FLOAT", "float", Sort::Float),
    ("FLOAT4", "float", Sort::Float),
    ("FLOAT8", "double", Sort::Float),
    ("GEOMCOLLECTION", "geometrycollection", Sort::Plain),
    ("GEOMETRY", "geometry", Sort::Plain),
    ("GEOMETRYCOLLECTION", "geometrycollection", Sort::Plain),
    ("INET4", "inet4", Sort::Plain),
    ("INET6", "inet6", Sort::Plain),
    ("INT", "int", Sort::Integer),
    ("INT1", "tinyint", Sort::Integer),
    ("INT2", "smallint", Sort::Integer),
    ("INT3", "mediumint", Sort::Integer),
    ("INT4", "int", Sort::Integer),
    ("INT8", "bigint", Sort::Integer),
    ("INTEGER", "int", Sort::Integer),
    ("JSON", "json", Sort::Plain),
    ("LINESTRING", "linestring", Sort::Plain),
    ("LONG", "mediumtext", Sort::Text),
    ("LONGBLOB", "longblob", Sort::Plain),
    ("LONGTEXT", "longtext", Sort::Text),
    ("MEDIUMBLOB", "mediumblob", Sort::Plain),
    ("MEDIUMINT", "mediumint", Sort::Integer),
    ("MEDIUMTEXT", "mediumtext", Sort::Text),
    ("MIDDLEINT", "mediumint", Sort::Integer),
    ("MULTILINESTRING", "multilinestring", Sort::Plain),
    ("MULTIPOINT", "multipoint", Sort::Plain),
    ("MULTIPOLYGON", "multipolygon", Sort::Plain),
    ("NCHAR", "char", Sort::Char),
    ("NUMBER", "decimal", Sort::Decimal),
    ("NUMERIC", "decimal", Sort::Decimal),
    ("NVARCHAR", "varchar", Sort::Char),
    ("POINT", "point", Sort::Plain),
    ("POLYGON", "polygon", Sort::Plain),
    ("RAW", "varbinary", Sort::Binary),
    ("REAL", "double", Sort::Float),
    ("SERIAL", "bigint", Sort::Plain),
    ("SET", "set", Sort::Enum),
    ("SMALLINT", "smallint", Sort::Integer),
    ("TEXT", "text", Sort::Text),
    ("TIME", "time", Sort::Number),
    ("TIMESTAMP", "timestamp", Sort::Number),
    ("TINYBLOB", "tinyblob", Sort::Plain),
    ("TINYINT", "tinyint", Sort::Integer),
    ("TINYTEXT", "tinytext", Sort::Text),
    ("UUID", "uuid", Sort::Plain),
    ("VARBINARY", "varbinary", Sort::Binary),
    ("VARCHAR", "varchar", Sort::Char),
    ("VARCHAR2", "varchar", Sort::Char),
    ("VARCHARACTER", "varchar", Sort::Char),
    ("VECTOR", "vector", Sort::Number),
    ("XMLTYPE", "xmltype", Sort::Plain),
    ("YEAR", "year", Sort::Number),
];

/// Types that other databases have, with what comes near them here.
const FOREIGN: &[(&str, &str)] = &[
    ("BIGSERIAL", "bigint AUTO_INCREMENT"),
    ("BYTEA", "blob"),
    ("CITEXT", "text"),
    ("HSTORE", "json"),
    ("IMAGE", "longblob"),
    ("JSONB", "json"),
    ("MONEY", "decimal"),
    ("NTEXT", "longtext"),
    ("NUMBER2", "decimal"),
    ("SMALLSERIAL", "smallint AUTO_INCREMENT"),
    ("TIMESTAMPTZ", "timestamp"),
    ("TIMETZ", "time"),
    ("TSVECTOR", "text"),
    ("UNIQUEIDENTIFIER", "binary(16)"),
];

impl Reader<'_> {
    /// A type with its length, UNSIGNED, character set and the like.
    pub(super) fn type_clause(&mut self) -> Read<TypeClause> {
        let found = self.peek();
        let Some(word) = found.filter(|piece| piece.kind == TokenKind::Word) else {
            return Err(self.expected("a type"));
        };
        if self.eat("NATIONAL") {
            return self.national();
        }
        let Some(&(name, canonical, sort)) = TYPES.iter().find(|(name, ..)| word.is(name)) else {
            return Err(self.unknown_type(word.text));
        };
        self.next();
        let mut clause = TypeClause::default();
        let mut sort = sort;
        let mut canonical = canonical;
        match name {
            "SERIAL" => {
                clause.serial = true;
                clause.column_type = ColumnType {
                    name: "bigint".to_owned(),
                    suffix: "unsigned".to_owned(),
                    ..ColumnType::default()
                };
                return Ok(clause);
            }
            "BOOL" | "BOOLEAN" => {
                clause.column_type = tinyint_1();
                return Ok(clause);
            }
            "CHAR" | "CHARACTER" | "NCHAR" => {
                if self
                    .eat_one_of(&["VARYING", "VARCHAR", "VARCHARACTER"])
                    .is_some()
                {
                    canonical = "varchar";
                }
                if name == "NCHAR" {
                    clause.charset = Some("utf8mb3".to_owned());
                }
            }
            "NVARCHAR" => clause.charset = Some("utf8mb3".to_owned()),
            "DOUBLE" => {
                self.eat("PRECISION");
            }
            "LONG" => {
                if self.eat("VARBINARY") {
                    (canonical, sort) = ("mediumblob", Sort::Plain);
                } else {
                    self.eat("CHAR");
                    self.eat_one_of(&["VARCHAR", "VARCHARACTER", "VARYING"]);
                }
            }
            _ => {}
        }
        let modifiers = self.modifiers(canonical, sort)?;
        self.finish(clause, canonical, sort, modifiers)
    }

    fn unknown_type(&self, word: &str) -> Fault {
        let foreign = FOREIGN
            .iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name));
        if let Some((_, near)) = foreign {
            let fault = self.unexpected("as a type: MySQL and MariaDB have none of this name", &[]);
            return fault.or_help(format!("the nearest is `{near}`"));
        }
        let words: Vec<&'static str> = TYPES.iter().map(|(name, ..)| *name).collect();
        if closest(word, words.iter().copied()).is_some() {
            return self.unexpected("as a type", &words);
        }
        // What stands in place of a type is a keyword, or a type stands after it.
        let known = |ahead| {
            self.peek_at(ahead).is_some_and(|piece| {
                piece.kind == TokenKind::Word && TYPES.iter().any(|(name, ..)| piece.is(name))
            })
        };
        if !self.is_identifier() || word.len() < 3 || known(1) {
            return self.expected("a type");
        }
        // A server may have types from plugins.
        Fault::Unknown("a type that is not known")
    }

    fn national(&mut self) -> Read<TypeClause> {
        let word = self.need_one_of(&["CHARACTER", "CHAR", "VARCHARACTER", "VARCHAR"])?;
        let varying = self.eat_one_of(&["VARYING"]).is_some() || word.starts_with("VAR");
        let canonical = if varying { "varchar" } else { "char" };
        let modifiers = self.modifiers(canonical, Sort::Char)?;
        let clause = TypeClause {
            charset: Some("utf8mb3".to_owned()),
            ..TypeClause::default()
        };
        self.finish(clause, canonical, Sort::Char, modifiers)
    }

    /// What stands in brackets after the name.
    fn modifiers(&mut self, name: &str, sort: Sort) -> Read<Vec<String>> {
        if !self.is_mark("(") {
            return match name {
                "varchar" | "varbinary" => Err(self
                    .expected("`(`")
                    .or_help(format!("`{name}` needs a length"))),
                "enum" | "set" => Err(self.expected("`(` and the values")),
                _ => Ok(Vec::new()),
            };
        }
        match sort {
            Sort::Plain => return Err(self.unexpected(&format!("after `{name}`"), &[])),
            Sort::Enum => {
                return self.bracketed(|r| match r.eat_kind(TokenKind::String) {
                    Some(piece) => {
                        let value = string_value(piece.text, r.dialect);
                        // The server takes trailing spaces away.
                        let value = value.trim_end_matches(' ').replace('\'', "''");
                        Ok(format!("'{value}'"))
                    }
                    None => Err(r.expected("a value in quotes")),
                });
            }
            _ => {}
        }
        self.need_mark("(")?;
        let mut numbers = vec![self.size()?];
        if matches!(sort, Sort::Decimal | Sort::Float) && self.eat_mark(",") {
            numbers.push(self.size()?);
        }
        self.need_mark(")")?;
        Ok(numbers)
    }

    fn size(&mut self) -> Read<String> {
        match self.eat_kind(TokenKind::Number) {
            Some(piece) => {
                let digits = piece.text.trim_start_matches('0');
                Ok(if digits.is_empty() { "0" } else { digits }.to_owned())
            }
            None => Err(self.expected("a number")),
        }
    }

    /// UNSIGNED, ZEROFILL, the character set, and the canonical form.
    fn finish(
        &mut self,
        mut clause: TypeClause,
        name: &str,
        sort: Sort,
        mut modifiers: Vec<String>,
    ) -> Read<TypeClause> {
        let mut name = name;
        let mut suffix = String::new();
        match sort {
            Sort::Integer | Sort::Decimal | Sort::Float => {
                let (mut unsigned, mut zerofill) = (false, false);
                while let Some(word) = self.eat_one_of(&["UNSIGNED", "SIGNED", "ZEROFILL"]) {
                    unsigned |= word == "UNSIGNED";
                    zerofill |= word == "ZEROFILL";
                }
                if zerofill {
                    suffix = "unsigned zerofill".to_owned();
                } else if unsigned {
                    suffix = "unsigned".to_owned();
                }
                match sort {
                    Sort::Decimal => {
                        let first = modifiers.first().cloned();
                        let second = modifiers.get(1).cloned();
                        // Precision 0 means 10, too.
                        let precision = first.filter(|it| it != "0").unwrap_or("10".to_owned());
                        modifiers = vec![precision, second.unwrap_or("0".to_owned())];
                    }
                    Sort::Integer => {
                        if zerofill && modifiers.is_empty() {
                            modifiers = vec![zerofill_width(name).to_owned()];
                        } else if !(zerofill
                            || name == "tinyint" && !unsigned && modifiers == ["1"])
                        {
                            modifiers.clear();
                        }
                    }
                    _ => {
                        // FLOAT(p) chooses between 4 and 8 bytes.
                        if let [precision] = modifiers.as_slice() {
                            let double = precision.parse::<u32>().is_ok_and(|p| p > 24);
                            if double && name == "float" {
                                name = "double";
                            }
                            modifiers.clear();
                        }
                    }
                }
            }
            // Bytes, not characters.
            Sort::Char if self.eat("BYTE") => {
                name = if name == "char" {
                    "binary"
                } else {
                    "varbinary"
                };
                if modifiers.is_empty() {
                    modifiers = vec!["1".to_owned()];
                }
            }
            Sort::Char | Sort::Text | Sort::Enum => {
                self.type_charset(&mut clause)?;
                if sort == Sort::Char && name == "char" && modifiers.is_empty() {
                    modifiers = vec!["1".to_owned()];
                }
                if sort == Sort::Text {
                    if name == "text"
                        && let Some(length) = modifiers.first()
                    {
                        name = sized_text(length, clause.charset.as_deref());
                    }
                    modifiers.clear();
                }
            }
            Sort::Binary => {
                if name == "binary" && modifiers.is_empty() {
                    modifiers = vec!["1".to_owned()];
                }
            }
            Sort::Blob => {
                if let Some(length) = modifiers.first() {
                    name = sized(length, 1, ["tinyblob", "blob", "mediumblob", "longblob"]);
                }
                modifiers.clear();
            }
            Sort::Number => match name {
                "bit" if modifiers.is_empty() => modifiers = vec!["1".to_owned()],
                "year" => modifiers.clear(),
                "datetime" | "time" | "timestamp" if modifiers == ["0"] => modifiers.clear(),
                _ => {}
            },
            Sort::Plain => {}
        }
        clause.column_type = ColumnType {
            schema: None,
            name: name.to_owned(),
            modifiers,
            suffix,
            dimensions: 0,
        };
        Ok(clause)
    }

    /// CHARACTER SET, ASCII, UNICODE, BYTE, BINARY and COLLATE, in any order.
    fn type_charset(&mut self, clause: &mut TypeClause) -> Read<()> {
        loop {
            if self.eat("CHARSET")
                || self.eat_all(&["CHARACTER", "SET"])
                || self.eat_all(&["CHAR", "SET"])
            {
                clause.charset = Some(self.charset()?);
            } else if self.eat("ASCII") {
                clause.charset = Some("latin1".to_owned());
            } else if self.eat("UNICODE") {
                clause.charset = Some("ucs2".to_owned());
            } else if self.eat("BYTE") {
                clause.charset = Some("binary".to_owned());
            } else if self.eat("BINARY") {
                // The binary collation of the column's character set.
                if let Some(charset) = &clause.charset {
                    clause.collation = Some(format!("{charset}_bin"));
                }
            } else if self.eat("COLLATE") {
                clause.collation = Some(self.collation()?);
            } else {
                return Ok(());
            }
        }
    }
}

pub(super) fn tinyint_1() -> ColumnType {
    ColumnType {
        name: "tinyint".to_owned(),
        modifiers: vec!["1".to_owned()],
        ..ColumnType::default()
    }
}

/// The width that an integer with ZEROFILL gets by itself.
fn zerofill_width(name: &str) -> &'static str {
    match name {
        "tinyint" => "3",
        "smallint" => "5",
        "mediumint" => "8",
        "bigint" => "20",
        _ => "10",
    }
}

/// TEXT(n) is the smallest type that holds n characters; where no character set is written,
/// characters of four bytes are assumed, as utf8mb4 has.
fn sized_text(length: &str, charset: Option<&str>) -> &'static str {
    let width = match charset {
        None | Some("utf8mb4" | "utf16" | "utf32") => 4,
        Some("utf8" | "utf8mb3") => 3,
        Some("ucs2") => 2,
        Some(_) => 1,
    };
    sized(
        length,
        width,
        ["tinytext", "text", "mediumtext", "longtext"],
    )
}

/// The smallest of the types with 1, 2, 3 and 4 bytes of length.
fn sized(length: &str, width: u64, names: [&'static str; 4]) -> &'static str {
    let bytes = length
        .parse::<u64>()
        .unwrap_or(u64::MAX)
        .saturating_mul(width);
    let [tiny, plain, medium, long] = names;
    match bytes {
        0..0x100 => tiny,
        0x100..0x1_0000 => plain,
        0x1_0000..0x100_0000 => medium,
        _ => long,
    }
}
