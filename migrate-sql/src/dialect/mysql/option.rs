//! Options of tables, and how a table is partitioned.

use migrate_core::closest;
use migrate_core::lex::TokenKind;

use crate::change::TableOption;
use crate::dialect::reader::{Read, Reader};

/// Options of tables in MySQL and MariaDB whose value is one token. The rest is read by hand.
const ONE_VALUE: &[&str] = &[
    "AUTOEXTEND_SIZE",
    "AUTO_INCREMENT",
    "AVG_ROW_LENGTH",
    "CHECKSUM",
    "COMMENT",
    "COMPRESSION",
    "CONNECTION",
    "DELAY_KEY_WRITE",
    "ENCRYPTED",
    "ENCRYPTION",
    "ENCRYPTION_KEY_ID",
    "ENGINE",
    "ENGINE_ATTRIBUTE",
    "IETF_QUOTES",
    "INSERT_METHOD",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "NODEGROUP",
    "PACK_KEYS",
    "PAGE_CHECKSUM",
    "PAGE_COMPRESSED",
    "PAGE_COMPRESSION_LEVEL",
    "PASSWORD",
    "ROW_FORMAT",
    "SECONDARY_ENGINE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "SEQUENCE",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "STORAGE",
    "TABLE_CHECKSUM",
    "TABLESPACE",
    "TRANSACTIONAL",
    "TYPE",
];

/// The words with which an option may begin, for messages.
const BEGINNINGS: &[&str] = &[
    "AUTO_INCREMENT",
    "AVG_ROW_LENGTH",
    "CHARACTER",
    "CHARSET",
    "CHECKSUM",
    "COLLATE",
    "COMMENT",
    "COMPRESSION",
    "CONNECTION",
    "DATA",
    "DEFAULT",
    "DELAY_KEY_WRITE",
    "ENCRYPTED",
    "ENCRYPTION",
    "ENGINE",
    "INDEX",
    "INSERT_METHOD",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "PACK_KEYS",
    "PAGE_COMPRESSED",
    "PARTITION",
    "ROW_FORMAT",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "TABLESPACE",
    "TRANSACTIONAL",
    "UNION",
];

impl Reader<'_> {
    /// One option of a table; nothing if none begins here.
    pub(super) fn table_option(&mut self) -> Read<Option<TableOption>> {
        let Some(piece) = self.peek().filter(|piece| piece.kind == TokenKind::Word) else {
            return Ok(None);
        };
        let upper = piece.text.to_ascii_uppercase();
        let name = match upper.as_str() {
            "DEFAULT" => {
                self.next();
                match self.need_one_of(&["CHARACTER", "CHARSET", "COLLATE", "ENCRYPTION"])? {
                    "CHARACTER" => {
                        self.need("SET")?;
                        return self.charset_option().map(Some);
                    }
                    "CHARSET" => return self.charset_option().map(Some),
                    "COLLATE" => return self.collate_option().map(Some),
                    _ => "ENCRYPTION",
                }
            }
            "CHARACTER" | "CHAR" if self.is_at(1, "SET") => {
                self.next();
                self.next();
                return self.charset_option().map(Some);
            }
            "CHARSET" => {
                self.next();
                return self.charset_option().map(Some);
            }
            "COLLATE" => {
                self.next();
                return self.collate_option().map(Some);
            }
            "DATA" | "INDEX" if self.is_at(1, "DIRECTORY") => {
                self.next();
                self.next();
                self.eat_mark("=");
                let start = self.start();
                self.text_value()?;
                return Ok(Some(TableOption {
                    name: format!("{upper} DIRECTORY"),
                    value: self.text_from(start).to_owned(),
                }));
            }
            "UNION" if self.is_mark_at(1, "=") || self.is_mark_at(1, "(") => {
                self.next();
                self.eat_mark("=");
                let start = self.start();
                self.need_mark("(")?;
                if !self.eat_mark(")") {
                    self.list(|r| r.object_name("a table name"))?;
                    self.need_closing()?;
                }
                return Ok(Some(TableOption {
                    name: "UNION".to_owned(),
                    value: self.text_from(start).to_owned(),
                }));
            }
            "WITH" if self.is_at(1, "SYSTEM") => {
                self.next();
                self.next();
                self.need("VERSIONING")?;
                return Ok(Some(TableOption {
                    name: "WITH SYSTEM VERSIONING".to_owned(),
                    value: String::new(),
                }));
            }
            "START" if self.is_at(1, "TRANSACTION") => {
                self.next();
                self.next();
                return Ok(Some(TableOption {
                    name: "START TRANSACTION".to_owned(),
                    value: String::new(),
                }));
            }
            name if ONE_VALUE.contains(&name) => {
                self.next();
                name
            }
            name if self.is_mark_at(1, "=") => {
                // MariaDB lets storage engines have options of their own; one that is nearly
                // another is a misspelling.
                if let Some(meant) = closest(name, ONE_VALUE.iter().copied())
                    && name.len().abs_diff(meant.len()) <= 1
                {
                    return Err(self.unexpected("as an option of a table", ONE_VALUE));
                }
                self.next();
                name
            }
            _ => return Ok(None),
        };
        self.eat_mark("=");
        let value = self.option_value(name)?;
        let name = if name == "TYPE" { "ENGINE" } else { name };
        if name == "TABLESPACE" && self.eat("STORAGE") {
            self.need_one_of(&["DISK", "MEMORY", "DEFAULT"])?;
        }
        let name = name.to_owned();
        Ok(Some(TableOption { name, value }))
    }

    /// The value of an option: one word, name, number or string.
    fn option_value(&mut self, name: &str) -> Read<String> {
        let fault = self.expected(&format!("the value of `{name}`"));
        let Some(piece) = self.peek() else {
            return Err(fault);
        };
        let fits = match name {
            "AUTO_INCREMENT" | "AVG_ROW_LENGTH" | "KEY_BLOCK_SIZE" | "MAX_ROWS" | "MIN_ROWS" => {
                piece.kind == TokenKind::Number
            }
            "COMMENT" | "CONNECTION" | "PASSWORD" => piece.kind == TokenKind::String,
            _ => matches!(
                piece.kind,
                TokenKind::Word
                    | TokenKind::Number
                    | TokenKind::String
                    | TokenKind::QuotedIdentifier
            ),
        };
        if !fits {
            return Err(fault);
        }
        self.next();
        if name == "UNION" {
            self.skip_to_closing()?;
        }
        Ok(piece.text.to_owned())
    }

    fn charset_option(&mut self) -> Read<TableOption> {
        self.eat_mark("=");
        Ok(TableOption {
            name: "DEFAULT CHARSET".to_owned(),
            value: self.charset()?,
        })
    }

    fn collate_option(&mut self) -> Read<TableOption> {
        self.eat_mark("=");
        Ok(TableOption {
            name: "COLLATE".to_owned(),
            value: self.collation()?,
        })
    }

    /// Options with or without commas between them.
    pub(super) fn table_options(&mut self) -> Read<Vec<TableOption>> {
        let mut options = Vec::new();
        while let Some(option) = self.table_option()? {
            options.push(option);
            if self.eat_mark(",") && !self.is_kind(TokenKind::Word) {
                return Err(self.expected("an option of the table"));
            }
        }
        Ok(options)
    }

    /// A fault at what is no option.
    pub(super) fn no_option(&self) -> crate::dialect::reader::Fault {
        self.unexpected("after the columns of the table", BEGINNINGS)
    }

    /// `PARTITION BY …`; the text of its key.
    pub(super) fn partition_by(&mut self) -> Read<Option<String>> {
        if !self.is("PARTITION") {
            return Ok(None);
        }
        self.next();
        self.need("BY")?;
        let start = self.start();
        self.partition_key()?;
        let key = self.text_from(start).to_owned();
        if self.eat("PARTITIONS") {
            self.need_number()?;
        }
        if self.eat("SUBPARTITION") {
            self.need("BY")?;
            self.partition_key()?;
            if self.eat("SUBPARTITIONS") {
                self.need_number()?;
            }
        }
        self.eat("AUTO");
        if self.is_mark("(") {
            self.bracketed(Self::partition)?;
        }
        Ok(Some(key))
    }

    fn partition_key(&mut self) -> Read<()> {
        self.eat("LINEAR");
        match self.need_one_of(&["HASH", "KEY", "RANGE", "LIST", "SYSTEM_TIME"])? {
            "HASH" => {
                self.need_mark("(")?;
                self.scoped(Self::expression)?;
                self.need_mark(")")
            }
            "KEY" => {
                if self.eat("ALGORITHM") {
                    self.need_mark("=")?;
                    self.need_number()?;
                }
                self.need_mark("(")?;
                if self.eat_mark(")") {
                    return Ok(());
                }
                self.list(|r| r.identifier("a column name"))?;
                self.need_closing()
            }
            "SYSTEM_TIME" => {
                if self.is("INTERVAL") {
                    self.value()?;
                    if self.eat("STARTS") {
                        self.value()?;
                    }
                } else if self.eat("LIMIT") {
                    self.need_number()?;
                }
                Ok(())
            }
            _ => {
                if self.eat("COLUMNS") {
                    self.bracketed(|r| r.identifier("a column name"))?;
                    return Ok(());
                }
                self.need_mark("(")?;
                self.scoped(Self::expression)?;
                self.need_mark(")")
            }
        }
    }

    /// One partition of a list.
    pub(super) fn partition(&mut self) -> Read<()> {
        // MariaDB lets the word be left out.
        if !self.eat("PARTITION") && !self.is_identifier() {
            return Err(self.expected_word(&["PARTITION"]));
        }
        self.identifier("a partition name")?;
        if self.eat("VALUES") {
            if self.eat("LESS") {
                self.need("THAN")?;
                if !self.eat("MAXVALUE") {
                    self.bracketed(Self::bound)?;
                }
            } else {
                self.need("IN")?;
                self.bracketed(Self::bound)?;
            }
        } else {
            self.eat_one_of(&["HISTORY", "CURRENT", "DEFAULT"]);
        }
        self.partition_options()?;
        if self.is_mark("(") {
            self.bracketed(|r| {
                r.need("SUBPARTITION")?;
                r.identifier("a subpartition name")?;
                r.partition_options()
            })?;
        }
        Ok(())
    }

    fn bound(&mut self) -> Read<()> {
        if self.eat("MAXVALUE") || self.eat("DEFAULT") {
            return Ok(());
        }
        if self.is_mark("(") {
            return self.nested(|r| r.bracketed(Self::bound)).map(|_| ());
        }
        self.scoped(Self::expression).map(|_| ())
    }

    fn partition_options(&mut self) -> Read<()> {
        loop {
            if self.eat("STORAGE") {
                self.need("ENGINE")?;
                self.eat_mark("=");
                self.option_value("ENGINE")?;
            } else if self.is_one_of(&[
                "DATA",
                "INDEX",
                "COMMENT",
                "ENGINE",
                "MAX_ROWS",
                "MIN_ROWS",
                "TABLESPACE",
                "NODEGROUP",
            ]) || (self.is_kind(TokenKind::Word) && self.is_mark_at(1, "="))
            {
                if self.table_option()?.is_none() {
                    return Err(self.expected("an option of the partition"));
                }
            } else {
                return Ok(());
            }
        }
    }
}
