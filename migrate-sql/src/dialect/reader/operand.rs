//! What operators stand between: literals, names, calls, CASE, subqueries.

use migrate_core::lex::TokenKind;

use super::builtin::is_builtin;
use super::cursor::{Piece, Reader};
use super::fault::{Fault, Read};
use super::literal::{string_prefix, string_value};
use super::tree::Tree;
use super::words::is_reserved;
use crate::name::Ident;
use crate::scope::{ColumnRef, FunctionCall};

/// Functions that are called without brackets, with what they are in brackets.
const BARE_CALLS: &[(&str, &str)] = &[
    ("CURRENT_DATE", "curdate"),
    ("CURRENT_ROLE", "current_role"),
    ("CURRENT_TIME", "curtime"),
    ("CURRENT_TIMESTAMP", "current_timestamp"),
    ("CURRENT_USER", "current_user"),
    ("LOCALTIME", "current_timestamp"),
    ("LOCALTIMESTAMP", "current_timestamp"),
    ("UTC_DATE", "utc_date"),
    ("UTC_TIME", "utc_time"),
    ("UTC_TIMESTAMP", "utc_timestamp"),
];

/// Reserved words of MySQL that are functions before an opening bracket.
const RESERVED_CALLS: &[&str] = &[
    "CHAR", "CONVERT", "DEFAULT", "IF", "INSERT", "LEFT", "MOD", "REPEAT", "REPLACE", "RIGHT",
    "VALUES",
];

/// The character sets of MySQL and MariaDB, as they stand before a literal.
const INTRODUCERS: &[&str] = &[
    "_ARMSCII8",
    "_ASCII",
    "_BIG5",
    "_BINARY",
    "_CP1250",
    "_CP1251",
    "_CP1256",
    "_CP1257",
    "_CP850",
    "_CP852",
    "_CP866",
    "_CP932",
    "_DEC8",
    "_EUCJPMS",
    "_EUCKR",
    "_GB18030",
    "_GB2312",
    "_GBK",
    "_GEOSTD8",
    "_GREEK",
    "_HEBREW",
    "_HP8",
    "_KEYBCS2",
    "_KOI8R",
    "_KOI8U",
    "_LATIN1",
    "_LATIN2",
    "_LATIN5",
    "_LATIN7",
    "_MACCE",
    "_MACROMAN",
    "_SJIS",
    "_SWE7",
    "_TIS620",
    "_UCS2",
    "_UJIS",
    "_UTF16",
    "_UTF16LE",
    "_UTF32",
    "_UTF8",
    "_UTF8MB3",
    "_UTF8MB4",
];

/// Units of INTERVAL.
pub(super) const UNITS: &[&str] = &[
    "DAY",
    "DAY_HOUR",
    "DAY_MICROSECOND",
    "DAY_MINUTE",
    "DAY_SECOND",
    "HOUR",
    "HOUR_MICROSECOND",
    "HOUR_MINUTE",
    "HOUR_SECOND",
    "MICROSECOND",
    "MINUTE",
    "MINUTE_MICROSECOND",
    "MINUTE_SECOND",
    "MONTH",
    "QUARTER",
    "SECOND",
    "SECOND_MICROSECOND",
    "SQL_TSI_DAY",
    "SQL_TSI_HOUR",
    "SQL_TSI_MINUTE",
    "SQL_TSI_MONTH",
    "SQL_TSI_QUARTER",
    "SQL_TSI_SECOND",
    "SQL_TSI_WEEK",
    "SQL_TSI_YEAR",
    "WEEK",
    "YEAR",
    "YEAR_MONTH",
];

impl Reader<'_> {
    pub(super) fn operand(&mut self) -> Read<Tree> {
        let Some(piece) = self.peek() else {
            return Err(self.expected("an expression"));
        };
        match piece.kind {
            TokenKind::Number => {
                self.next();
                Ok(number(piece.text))
            }
            TokenKind::String => Ok(self.string(piece)),
            TokenKind::Parameter => self.variable(piece),
            TokenKind::QuotedIdentifier => self.name_or_call(),
            TokenKind::Word => self.word_operand(piece),
            TokenKind::Operator if piece.text == "(" => self.bracket(),
            TokenKind::Operator if piece.text == "{" && !self.is_sqlite() => self.odbc(),
            // `.t.c`, for ODBC's sake.
            TokenKind::Operator
                if piece.text == "." && self.is_mark_at(2, ".") && !self.is_sqlite() =>
            {
                self.next();
                self.name_or_call()
            }
            TokenKind::ClientCommand => Err(Fault::Unknown("a backslash")),
            _ => Err(self.expected("an expression")),
        }
    }

    /// One string, or several that are joined because they stand side by side.
    fn string(&mut self, first: Piece<'_>) -> Tree {
        self.next();
        let prefix = string_prefix(first.text);
        let mut value = string_value(first.text, self.dialect);
        match prefix.as_str() {
            "x" => return Tree::Bytes(value.to_lowercase()),
            "b" => return bits(&value),
            _ => {}
        }
        if !self.is_sqlite() {
            while let Some(more) = self.peek().filter(|more| {
                more.kind == TokenKind::String && string_prefix(more.text).is_empty()
            }) {
                self.next();
                value.push_str(&string_value(more.text, self.dialect));
            }
        }
        Tree::Text(value)
    }

    /// A parameter or a variable, perhaps assigned to.
    fn variable(&mut self, piece: Piece<'_>) -> Read<Tree> {
        self.next();
        let mut name = piece.text.to_owned();
        // The name of `@'x'` is a token of its own.
        if piece.text == "@"
            && let Some(quoted) = self
                .eat_kind(TokenKind::String)
                .or_else(|| self.eat_kind(TokenKind::QuotedIdentifier))
        {
            name.push_str(quoted.text);
        }
        if !self.is_sqlite() && self.eat_mark(":=") {
            let value = self.expression()?;
            self.assigns = true;
            return Ok(Tree::node(format!("{name} :="), [value]));
        }
        Ok(Tree::Word(name))
    }

    fn word_operand(&mut self, piece: Piece<'_>) -> Read<Tree> {
        let upper = piece.text.to_ascii_uppercase();
        let called = self.is_mark_at(1, "(");
        match upper.as_str() {
            "NULL" | "\\N" => {
                self.next();
                return Ok(Tree::word("null"));
            }
            "TRUE" | "FALSE" => {
                self.next();
                let value = if upper == "TRUE" { "1" } else { "0" };
                return Ok(Tree::Number(value.to_owned()));
            }
            "CASE" => return self.nested(Self::case),
            "EXISTS" if called => {
                self.next();
                self.next();
                let query = self.rest_of_subquery()?;
                return Ok(Tree::node("exists", [query]));
            }
            "CAST" if called => return self.nested(Self::cast),
            "RAISE" if called && self.is_sqlite() => {
                self.next();
                self.next();
                self.skip_to_closing()?;
                return Ok(Tree::word("raise"));
            }
            _ => {}
        }
        if !self.is_sqlite()
            && let Some(tree) = self.mysql_word(&upper, called)?
        {
            return Ok(tree);
        }
        let bare = BARE_CALLS.iter().find(|(word, _)| *word == upper);
        if let Some((_, name)) = bare
            && !called
            && (!self.is_sqlite() || upper.starts_with("CURRENT"))
        {
            self.next();
            return Ok(Tree::node(*name, []));
        }
        let callable = RESERVED_CALLS.contains(&upper.as_str()) || bare.is_some();
        if is_reserved(piece.text, self.dialect) && !(called && (callable || self.is_sqlite())) {
            return Err(self.expected("an expression"));
        }
        self.name_or_call()
    }

    /// Words that begin something special on MySQL.
    fn mysql_word(&mut self, upper: &str, called: bool) -> Read<Option<Tree>> {
        let literal = self.peek_at(1).is_some_and(|next| {
            next.kind == TokenKind::String && string_prefix(next.text).is_empty()
        });
        Ok(Some(match upper {
            "DATE" | "TIME" | "TIMESTAMP" if literal => {
                self.next();
                let value = self.operand()?;
                Tree::node(upper.to_lowercase(), [value])
            }
            "INTERVAL" => self.nested(Self::interval)?,
            "DEFAULT" if !called => {
                self.next();
                Tree::word("default")
            }
            "ROW" if called => {
                self.next();
                self.bracket()?
            }
            "MATCH" => self.match_against()?,
            "NEXT" | "PREVIOUS"
                if self.are(&[
                    if upper == "NEXT" { "NEXT" } else { "PREVIOUS" },
                    "VALUE",
                    "FOR",
                ]) =>
            {
                self.eat_all(&[
                    if upper == "NEXT" { "NEXT" } else { "PREVIOUS" },
                    "VALUE",
                    "FOR",
                ]);
                let name = self.object_name("a sequence name")?;
                self.relation(name.clone(), None);
                let function = if upper == "NEXT" {
                    "nextval"
                } else {
                    "lastval"
                };
                Tree::node(function, [Tree::Name(vec![name.name.name])])
            }
            // A character set before a literal that is not glued to it.
            _ if INTRODUCERS.contains(&upper)
                && self.peek_at(1).is_some_and(|next| {
                    matches!(next.kind, TokenKind::String | TokenKind::Number)
                }) =>
            {
                self.next();
                self.operand()?
            }
            _ => return Ok(None),
        }))
    }

    /// `(expression)`, `(a, b)`, `(SELECT …)`.
    fn bracket(&mut self) -> Read<Tree> {
        self.nested(|r| {
            r.need_mark("(")?;
            if r.is_query() {
                return r.rest_of_subquery();
            }
            let mut items = r.list(Self::expression)?;
            if items.len() == 1 && r.is_after_query() {
                // `((SELECT …) UNION …)`: what was read is the first arm.
                r.rest_of_query()?;
                items = vec![Tree::Query(None)];
            }
            r.need_closing()?;
            Ok(match items.pop() {
                Some(only) if items.is_empty() => only,
                last => {
                    items.extend(last);
                    Tree::node("row", items)
                }
            })
        })
    }

    /// `{d '2020-01-01'}`.
    fn odbc(&mut self) -> Read<Tree> {
        self.need_mark("{")?;
        let kind = self.identifier("`d`, `t` or `ts`")?;
        let value = self.expression()?;
        self.need_mark("}")?;
        Ok(match kind.name.to_lowercase().as_str() {
            "d" => Tree::node("date", [value]),
            "t" => Tree::node("time", [value]),
            "ts" => Tree::node("timestamp", [value]),
            _ => value,
        })
    }

    fn case(&mut self) -> Read<Tree> {
        self.need("CASE")?;
        let mut parts = Vec::new();
        let mut head = "case when";
        if !self.is("WHEN") {
            head = "case";
            parts.push(self.expression()?);
        }
        if !self.is("WHEN") {
            return Err(self.expected_word(&["WHEN"]));
        }
        while self.eat("WHEN") {
            parts.push(self.expression()?);
            self.need("THEN")?;
            parts.push(self.expression()?);
        }
        if self.eat("ELSE") {
            parts.push(self.expression()?);
        } else if !self.is("END") {
            return Err(self.expected_word(&["WHEN", "ELSE", "END"]));
        }
        self.need("END")?;
        Ok(Tree::node(head, parts))
    }

    /// `INTERVAL expression unit`, or the function `INTERVAL(a, b, …)`.
    fn interval(&mut self) -> Read<Tree> {
        self.need("INTERVAL")?;
        let listed = self.is_mark("(");
        let value = self.expression()?;
        if let Some(unit) = self.eat_one_of(UNITS) {
            let unit = unit.trim_start_matches("SQL_TSI_").to_lowercase();
            return Ok(Tree::node(format!("interval {unit}"), [value]));
        }
        match value {
            Tree::Node(head, parts) if listed && head == "row" => Ok(Tree::node("interval", parts)),
            _ => Err(self.unexpected("as the unit of INTERVAL", UNITS)),
        }
    }

    /// A unit of INTERVAL.
    #[cfg(feature = "mysql")]
    pub(in crate::dialect) fn unit(&mut self) -> Read<()> {
        self.need_one_of(UNITS).map(|_| ())
    }

    fn match_against(&mut self) -> Read<Tree> {
        self.need("MATCH")?;
        let bracket = self.eat_mark("(");
        let mut parts = Vec::new();
        loop {
            let names = self.column_name()?;
            parts.push(self.column_tree(names));
            if !self.eat_mark(",") {
                break;
            }
        }
        if bracket {
            self.need_closing()?;
        }
        self.need("AGAINST")?;
        self.need_mark("(")?;
        // The pattern is no comparison: IN begins the modifier.
        parts.push(self.pattern()?);
        if self.eat("IN") {
            if self.eat("BOOLEAN") {
                self.need("MODE")?;
            } else {
                self.need_all(&["NATURAL", "LANGUAGE", "MODE"])?;
            }
        }
        if self.eat("WITH") {
            self.need_all(&["QUERY", "EXPANSION"])?;
        }
        self.need_mark(")")?;
        Ok(Tree::node("match", parts))
    }

    /// A column, or a call if an opening bracket follows.
    fn name_or_call(&mut self) -> Read<Tree> {
        let start = self.peek();
        if self.is_mark_at(1, "(") {
            return self.nested(Self::call);
        }
        // `schema.function(…)`.
        if self.is_mark_at(1, ".") && self.is_mark_at(3, "(") {
            return self.nested(Self::call);
        }
        let names = self.column_name()?;
        if self.is_sqlite()
            && names.len() == 1
            && start.is_some_and(|piece| piece.text.starts_with('"'))
        {
            // Where there is no such column, SQLite takes it for a string.
            self.scope().opaque = true;
        }
        Ok(self.column_tree(names))
    }

    /// Notes a column that is read.
    pub(super) fn column_tree(&mut self, mut parts: Vec<Ident>) -> Tree {
        let names = parts.iter().map(|part| part.name.clone()).collect();
        if let Some(column) = parts.pop() {
            let qualifier = parts.pop();
            self.scope().columns.push(ColumnRef { qualifier, column });
        }
        Tree::Name(names)
    }

    /// Notes a function that is called, unless the database brings it along.
    pub(super) fn called(&mut self, call: FunctionCall) {
        if !self.is_sqlite() && !is_builtin(&call.name) {
            self.scope().functions.push(call);
        }
    }
}

/// A number; `0x…` and `0b…` are bytes.
fn number(text: &str) -> Tree {
    let lower = text.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return Tree::Bytes(digits.to_owned());
    }
    match lower.strip_prefix("0b") {
        Some(digits) if digits.bytes().all(|b| b == b'0' || b == b'1') => bits(digits),
        _ => Tree::Number(lower),
    }
}

/// The bytes of a bit string.
fn bits(digits: &str) -> Tree {
    let digits = digits.as_bytes();
    let bytes: String = digits
        .rchunks(8)
        .rev()
        .map(|chunk| {
            let byte = chunk
                .iter()
                .fold(0_u8, |byte, &digit| byte << 1 | u8::from(digit == b'1'));
            format!("{byte:02x}")
        })
        .collect();
    Tree::Bytes(bytes)
}
