//! Calls of functions, with the words that some take between their arguments.

use migrate_core::lex::TokenKind;

use super::cursor::Reader;
use super::fault::Read;
use super::operand::UNITS;
use super::tree::Tree;
use crate::scope::FunctionCall;

impl Reader<'_> {
    /// `name(…)` with what may follow an aggregate or window function.
    pub(super) fn call(&mut self) -> Read<Tree> {
        // Any word can be a function's name here: who called has seen that it may be one.
        let name = self.callable_name()?;
        let lower = name.name.name.to_lowercase();
        let builtin = name.schema.is_none() && !self.is_sqlite();
        self.need_mark("(")?;
        let parts = match lower.as_str() {
            _ if self.eat_mark(")") => Vec::new(),
            "extract" if builtin => return self.extract(),
            "trim" if builtin => return self.trim(),
            "substr" | "substring" | "mid" if builtin => self.substring()?,
            "position" if builtin => {
                let needle = self.pattern()?;
                self.need("IN")?;
                let parts = vec![needle, self.expression()?];
                self.need_closing()?;
                parts
            }
            "convert" if builtin => return self.convert(),
            "timestampadd" | "timestampdiff" if builtin => {
                let unit = self.need_one_of(UNITS)?;
                let unit = unit.trim_start_matches("SQL_TSI_").to_lowercase();
                self.need_mark(",")?;
                let mut parts = vec![Tree::Word(unit)];
                parts.extend(self.list(Self::expression)?);
                self.need_closing()?;
                parts
            }
            "get_format" if builtin => {
                let kind = self.need_one_of(&["DATE", "TIME", "DATETIME", "TIMESTAMP"])?;
                self.need_mark(",")?;
                let parts = vec![Tree::word(kind.to_lowercase()), self.expression()?];
                self.need_closing()?;
                parts
            }
            // Their argument is a sequence.
            "nextval" | "lastval" | "setval" if builtin => {
                let sequence = self.object_name("a sequence name")?;
                let mut parts = vec![Tree::Name(vec![sequence.name.name.clone()])];
                self.relation(sequence, None);
                while self.eat_mark(",") {
                    parts.push(self.expression()?);
                }
                self.need_closing()?;
                parts
            }
            _ => self.arguments()?,
        };
        self.called(FunctionCall {
            name,
            arguments: parts.len(),
        });
        let over = self.after_call()?;
        let tree = Tree::node(lower, parts);
        Ok(if over {
            Tree::node("over", [tree])
        } else {
            tree
        })
    }

    /// The arguments and the closing bracket.
    fn arguments(&mut self) -> Read<Vec<Tree>> {
        let mut parts = Vec::new();
        if self.eat_mark("*") {
            parts.push(Tree::word("*"));
        } else {
            if let Some(word) = self.eat_one_of(&["DISTINCT", "ALL"])
                && word == "DISTINCT"
            {
                parts.push(Tree::word("distinct"));
            }
            parts.extend(self.list(Self::argument)?);
        }
        if self.is("ORDER") {
            self.order_by()?;
        }
        if !self.is_sqlite() {
            if self.eat("SEPARATOR")
                && self.eat_kind(TokenKind::String).is_none()
                && self.eat_kind(TokenKind::Number).is_none()
            {
                return Err(self.expected("a string"));
            }
            if self.is("LIMIT") {
                self.limit()?;
            }
            // JSON_VALUE(… RETURNING type … ON EMPTY), CHAR(… USING charset) and their kind.
            if self.eat("USING") {
                let charset = self.charset()?;
                parts.push(Tree::Word(format!("using {charset}")));
            }
            if self.is_one_of(&["RETURNING", "NULL", "ERROR", "DEFAULT", "LEVEL"]) {
                let start = self.start();
                self.skip_to_closing()?;
                parts.push(Tree::word(squeezed(self.text_from(start))));
                return Ok(parts);
            }
        }
        self.need_closing()?;
        Ok(parts)
    }

    /// One argument; functions of libraries may name it, some take a type after AS.
    fn argument(&mut self) -> Read<Tree> {
        let value = self.expression()?;
        if self.is_sqlite() || !self.eat("AS") {
            return Ok(value);
        }
        let start = self.start();
        self.next();
        if self.eat_mark("(") {
            self.skip_to_closing()?;
        }
        while self.is_one_of(&[
            "UNSIGNED",
            "SIGNED",
            "INTEGER",
            "CHARACTER",
            "CHARSET",
            "LEVEL",
        ]) {
            self.next();
            self.eat("SET");
            if self.is_kind(TokenKind::Word) || self.is_kind(TokenKind::Number) {
                self.next();
            }
        }
        let word = squeezed(self.text_from(start)).to_lowercase();
        Ok(Tree::node("as", [value, Tree::Word(word)]))
    }

    /// What may follow the closing bracket. True for a window function.
    fn after_call(&mut self) -> Read<bool> {
        if self.are(&["WITHIN", "GROUP"]) && self.is_mark_at(2, "(") {
            self.eat_all(&["WITHIN", "GROUP"]);
            self.need_mark("(")?;
            self.order_by()?;
            self.need_mark(")")?;
        }
        if self.is("FILTER") && self.is_mark_at(1, "(") {
            self.next();
            self.need_mark("(")?;
            self.need("WHERE")?;
            self.expression()?;
            self.need_mark(")")?;
        }
        if self.are(&["FROM", "FIRST"]) || self.are(&["FROM", "LAST"]) {
            self.next();
            self.next();
        }
        if self.are(&["RESPECT", "NULLS"]) || self.are(&["IGNORE", "NULLS"]) {
            self.next();
            self.next();
        }
        let over = self.is("OVER")
            && (self.is_mark_at(1, "(")
                || self.peek_at(1).is_some_and(|next| {
                    matches!(next.kind, TokenKind::Word | TokenKind::QuotedIdentifier)
                }));
        if over {
            self.next();
            if self.is_mark("(") {
                self.window()?;
            } else {
                self.identifier("a window name")?;
            }
        }
        Ok(over)
    }

    /// `([name] [PARTITION BY …] [ORDER BY …] [frame])`.
    pub(super) fn window(&mut self) -> Read<()> {
        self.nested(|r| {
            r.need_mark("(")?;
            if r.is_identifier() && !r.is_one_of(&["PARTITION", "ROWS", "RANGE", "GROUPS"]) {
                r.next();
            }
            if r.eat("PARTITION") {
                r.need("BY")?;
                r.list(Self::expression)?;
            }
            if r.is("ORDER") {
                r.order_by()?;
            }
            if r.eat_one_of(&["ROWS", "RANGE", "GROUPS"]).is_some() {
                if r.eat("BETWEEN") {
                    r.frame_bound()?;
                    r.need("AND")?;
                }
                r.frame_bound()?;
                if r.eat("EXCLUDE") {
                    match r.need_one_of(&["NO", "CURRENT", "GROUP", "TIES"])? {
                        "NO" => r.need("OTHERS")?,
                        "CURRENT" => r.need("ROW")?,
                        _ => {}
                    }
                }
            }
            r.need_mark(")")
        })
    }

    fn frame_bound(&mut self) -> Read<()> {
        if self.eat_all(&["CURRENT", "ROW"]) {
            return Ok(());
        }
        if !self.eat("UNBOUNDED") {
            self.pattern()?;
        }
        self.need_one_of(&["PRECEDING", "FOLLOWING"]).map(|_| ())
    }

    fn extract(&mut self) -> Read<Tree> {
        let unit = self.need_one_of(UNITS)?.to_lowercase();
        self.need("FROM")?;
        let value = self.expression()?;
        self.need_closing()?;
        Ok(Tree::node(format!("extract {unit}"), [value]))
    }

    fn trim(&mut self) -> Read<Tree> {
        let side = self.eat_one_of(&["BOTH", "LEADING", "TRAILING"]);
        let removed = if side.is_some() && self.is("FROM") {
            None
        } else {
            Some(self.expression()?)
        };
        let tree = if self.eat("FROM") {
            let value = self.expression()?;
            let side = side.unwrap_or("BOTH").to_lowercase();
            let mut parts = vec![value];
            parts.extend(removed);
            Tree::node(format!("trim {side}"), parts)
        } else if side.is_some() {
            return Err(self.expected_word(&["FROM"]));
        } else {
            Tree::node("trim", removed.into_iter().collect::<Vec<_>>())
        };
        self.need_closing()?;
        Ok(tree)
    }

    fn substring(&mut self) -> Read<Vec<Tree>> {
        let mut parts = vec![self.expression()?];
        if self.eat("FROM") {
            parts.push(self.expression()?);
            if self.eat("FOR") {
                parts.push(self.expression()?);
            }
        } else {
            while self.eat_mark(",") {
                parts.push(self.expression()?);
            }
        }
        self.need_closing()?;
        Ok(parts)
    }

    /// `CAST(x AS type)`.
    pub(super) fn cast(&mut self) -> Read<Tree> {
        self.next();
        self.need_mark("(")?;
        let value = self.expression()?;
        if !self.is_sqlite() && self.eat("AT") {
            self.need_all(&["TIME", "ZONE"])?;
            self.eat("INTERVAL");
            self.operand()?;
        }
        self.need("AS")?;
        let to = self.cast_type()?;
        self.need_mark(")")?;
        Ok(cast_tree(value, &to))
    }

    /// `CONVERT(x, type)` or `CONVERT(x USING charset)`, after the opening bracket.
    fn convert(&mut self) -> Read<Tree> {
        let value = self.expression()?;
        if self.eat("USING") {
            let charset = self.charset()?;
            self.need_mark(")")?;
            return Ok(Tree::node(format!("convert using {charset}"), [value]));
        }
        self.need_mark(",")?;
        let to = self.cast_type()?;
        self.need_mark(")")?;
        Ok(cast_tree(value, &to))
    }

    /// The type after AS, in the form that MariaDB gives it.
    fn cast_type(&mut self) -> Read<String> {
        if self.is_sqlite() {
            let start = self.start();
            while !self.at_end() && !self.is_mark(")") {
                self.next();
                if self.eat_mark("(") {
                    self.skip_to_closing()?;
                }
            }
            return Ok(squeezed(self.text_from(start)).to_lowercase());
        }
        let words: &[&str] = &[
            "BINARY",
            "CHAR",
            "CHARACTER",
            "DATE",
            "DATETIME",
            "DECIMAL",
            "DEC",
            "DOUBLE",
            "FLOAT",
            "INET4",
            "INET6",
            "INT",
            "INTEGER",
            "INTERVAL",
            "JSON",
            "LINESTRING",
            "MULTILINESTRING",
            "MULTIPOINT",
            "MULTIPOLYGON",
            "GEOMETRYCOLLECTION",
            "POINT",
            "POLYGON",
            "NCHAR",
            "NUMERIC",
            "REAL",
            "SIGNED",
            "TIME",
            "TIMESTAMP",
            "UNSIGNED",
            "UUID",
            "VARCHAR",
            "VARBINARY",
            "VECTOR",
            "YEAR",
            "NATIONAL",
            "FIXED",
            "BIGINT",
            "BOOLEAN",
        ];
        let word = self.need_one_of(words)?;
        let mut text = match word {
            "CHARACTER" | "NCHAR" | "VARCHAR" => {
                self.eat("VARYING");
                "char".to_owned()
            }
            "NATIONAL" => {
                self.eat_one_of(&["CHAR", "CHARACTER", "VARCHAR"]);
                "char".to_owned()
            }
            "DEC" | "NUMERIC" | "FIXED" => "decimal".to_owned(),
            "INT" | "INTEGER" => "signed".to_owned(),
            "BINARY" | "VARBINARY" => "char".to_owned(),
            "DOUBLE" => {
                self.eat("PRECISION");
                "double".to_owned()
            }
            "INTERVAL" => {
                self.need_one_of(&["DAY_SECOND"])?;
                "interval".to_owned()
            }
            other => other.to_lowercase(),
        };
        if self.eat_mark("(") {
            let start = self.start();
            while !self.at_end() && !self.is_mark(")") {
                self.next();
            }
            let modifiers: String = self.text_from(start).split_whitespace().collect();
            self.need_mark(")")?;
            let modifiers = if text == "decimal" && !modifiers.contains(',') {
                format!("{modifiers},0")
            } else {
                modifiers
            };
            text.push_str(&format!("({modifiers})"));
        } else if text == "decimal" {
            text.push_str("(10,0)");
        }
        self.eat_one_of(&["INTEGER", "INT"]);
        if text.starts_with("char") {
            let charset = self.cast_charset()?;
            if word == "BINARY" || word == "VARBINARY" {
                text.push_str(" charset binary");
            } else if let Some(charset) = charset {
                text.push_str(&format!(" charset {charset}"));
            }
        }
        if self.eat("ARRAY") {
            text.push_str(" array");
        }
        Ok(text)
    }

    fn cast_charset(&mut self) -> Read<Option<String>> {
        let mut charset = None;
        loop {
            if self.eat("CHARSET")
                || self.eat_all(&["CHARACTER", "SET"])
                || self.eat_all(&["CHAR", "SET"])
            {
                charset = Some(self.charset()?);
            } else if self
                .eat_one_of(&["ASCII", "UNICODE", "BYTE", "BINARY"])
                .is_none()
            {
                return Ok(charset);
            }
        }
    }

    /// The name of a character set, a word or a string, in lower case.
    pub(in crate::dialect) fn charset(&mut self) -> Read<String> {
        if let Some(word) = self.eat_one_of(&["BINARY", "DEFAULT"]) {
            return Ok(word.to_lowercase());
        }
        if let Some(piece) = self.eat_kind(TokenKind::String) {
            return Ok(super::string_value(piece.text, self.dialect).to_lowercase());
        }
        Ok(self.identifier("a character set")?.name.to_lowercase())
    }
}

/// A cast. The character set that the server adds by itself is left out.
fn cast_tree(value: Tree, to: &str) -> Tree {
    let to = to
        .strip_suffix(" charset utf8mb4")
        .or_else(|| to.strip_suffix(" charset utf8mb3"))
        .or_else(|| to.strip_suffix(" charset latin1"))
        .unwrap_or(to);
    Tree::node(format!("cast as {to}"), [value])
}

/// Text with single spaces.
pub(in crate::dialect) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
