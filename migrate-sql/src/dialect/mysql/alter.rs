//! ALTER TABLE.

use migrate_core::lex::TokenKind;

use super::column::ATTRIBUTES;
use super::key::Key;
use crate::change::{AlterTable, Change, ColumnChange, ColumnDefinition, ObjectKind, TableAction};
use crate::dialect::reader::{Fault, Read, Reader};
use crate::name::Ident;

/// The words with which an action begins, for messages.
const ACTIONS: &[&str] = &[
    "ADD",
    "ALGORITHM",
    "ALTER",
    "ANALYZE",
    "AUTO_INCREMENT",
    "CHANGE",
    "CHARACTER",
    "CHECK",
    "COALESCE",
    "COLLATE",
    "COMMENT",
    "CONVERT",
    "DEFAULT",
    "DISABLE",
    "DISCARD",
    "DROP",
    "ENABLE",
    "ENGINE",
    "EXCHANGE",
    "FORCE",
    "IMPORT",
    "LOCK",
    "MODIFY",
    "OPTIMIZE",
    "ORDER",
    "PARTITION",
    "REBUILD",
    "REMOVE",
    "RENAME",
    "REORGANIZE",
    "REPAIR",
    "ROW_FORMAT",
    "TRUNCATE",
];

/// One clause of ALTER TABLE.
enum Clause {
    Actions(Vec<TableAction>),
    Algorithm(String),
    Lock(String),
}

impl Reader<'_> {
    /// ALTER TABLE after the word TABLE.
    pub(super) fn alter_table(&mut self) -> Read<Vec<Change>> {
        let if_exists = self.eat_if_exists()?;
        let name = self.object_name("a table name")?;
        self.wait()?;
        let mut alter = AlterTable {
            name,
            if_exists,
            actions: Vec::new(),
            algorithm: None,
            lock: None,
            span: self.whole(),
        };
        while !self.at_end() && !self.is_kind(TokenKind::Terminator) {
            // Partitioning may follow without a comma.
            if self.are(&["PARTITION", "BY"]) {
                self.partition_by()?;
                alter.actions.push(partitions("PARTITION BY"));
                break;
            }
            match self.alter_clause()? {
                Clause::Actions(actions) => alter.actions.extend(actions),
                Clause::Algorithm(algorithm) => alter.algorithm = Some(algorithm),
                Clause::Lock(lock) => alter.lock = Some(lock),
            }
            if self.eat_mark(",") {
                if self.at_end() {
                    return Err(self.expected("an action"));
                }
            } else if self.are(&["PARTITION", "BY"]) || self.are(&["REMOVE", "PARTITIONING"]) {
                continue;
            } else if !self.is_option_after_option(&alter) {
                break;
            }
        }
        if !self.at_end() && !self.is_kind(TokenKind::Terminator) {
            return Err(self.after_action(&alter));
        }
        Ok(changes(alter))
    }

    /// Options of the table need no commas between them.
    fn is_option_after_option(&self, alter: &AlterTable) -> bool {
        matches!(alter.actions.last(), Some(TableAction::Option(_)))
            && !self.is_one_of(&[
                "ADD", "DROP", "MODIFY", "CHANGE", "ALTER", "RENAME", "CONVERT",
            ])
            && self.is_kind(TokenKind::Word)
    }

    /// Something follows an action that neither belongs to it nor begins another.
    fn after_action(&self, alter: &AlterTable) -> Fault {
        let column = match alter.actions.last() {
            Some(
                TableAction::AddColumn { column, .. } | TableAction::ModifyColumn { column, .. },
            ) => Some(column),
            _ => None,
        };
        let fault = match column {
            Some(ColumnDefinition { name, .. }) => {
                let mut words = ATTRIBUTES.to_vec();
                words.extend(["AFTER", "FIRST"]);
                self.unexpected(&format!("in the definition of the column `{name}`"), &words)
            }
            None => self.unexpected("after an action of ALTER TABLE", &[]),
        };
        if self.is_one_of(ACTIONS) {
            return fault.or_help("is a comma missing before it?");
        }
        fault
    }

    fn alter_clause(&mut self) -> Read<Clause> {
        let one = |action| Ok(Clause::Actions(vec![action]));
        let Some(piece) = self.peek() else {
            return Err(self.expected("an action"));
        };
        let upper = piece.text.to_ascii_uppercase();
        match (piece.kind, upper.as_str()) {
            (TokenKind::Word, "ADD") => self.add().map(Clause::Actions),
            (TokenKind::Word, "DROP") => one(self.drop_action()?),
            (TokenKind::Word, "MODIFY") => {
                self.next();
                self.eat("COLUMN");
                let if_exists = self.eat_if_exists()?;
                let column = self.column()?;
                let from = column.name.clone();
                one(self.modified(from, column, if_exists)?)
            }
            (TokenKind::Word, "CHANGE") => {
                self.next();
                self.eat("COLUMN");
                let if_exists = self.eat_if_exists()?;
                let from = self.identifier("a column name")?;
                let column = self.column()?;
                one(self.modified(from, column, if_exists)?)
            }
            (TokenKind::Word, "ALTER") => one(self.alter_part()?),
            (TokenKind::Word, "RENAME") => one(self.rename_part()?),
            (TokenKind::Word, "ALGORITHM") => {
                self.next();
                self.eat_mark("=");
                let words = ["DEFAULT", "INSTANT", "NOCOPY", "INPLACE", "COPY"];
                Ok(Clause::Algorithm(self.need_one_of(&words)?.to_owned()))
            }
            (TokenKind::Word, "LOCK") => {
                self.next();
                self.eat_mark("=");
                let words = ["DEFAULT", "NONE", "SHARED", "EXCLUSIVE"];
                Ok(Clause::Lock(self.need_one_of(&words)?.to_owned()))
            }
            (TokenKind::Word, "CONVERT") => one(self.convert_part()?),
            (TokenKind::Word, "FORCE") => {
                self.next();
                one(TableAction::Force)
            }
            (TokenKind::Word, "ENABLE" | "DISABLE") => {
                self.next();
                self.need("KEYS")?;
                one(TableAction::StorageOptions)
            }
            (TokenKind::Word, "ORDER") => {
                self.next();
                self.need("BY")?;
                self.list(|r| {
                    r.identifier("a column name")?;
                    r.direction();
                    Ok(())
                })?;
                one(TableAction::StorageOptions)
            }
            (TokenKind::Word, "WITH" | "WITHOUT") if self.is_at(1, "VALIDATION") => {
                self.next();
                self.next();
                one(TableAction::StorageOptions)
            }
            (TokenKind::Word, "DISCARD" | "IMPORT") if self.is_at(1, "TABLESPACE") => {
                self.next();
                self.next();
                one(TableAction::StorageOptions)
            }
            (TokenKind::Word, "SECONDARY_LOAD" | "SECONDARY_UNLOAD") => {
                self.next();
                one(TableAction::StorageOptions)
            }
            (
                TokenKind::Word,
                "DISCARD" | "IMPORT" | "TRUNCATE" | "COALESCE" | "REORGANIZE" | "EXCHANGE"
                | "ANALYZE" | "CHECK" | "OPTIMIZE" | "REBUILD" | "REPAIR" | "REMOVE",
            ) => one(self.partition_action(&upper)?),
            _ => match self.table_option()? {
                Some(option) => one(TableAction::Option(option)),
                None => Err(self.unexpected("as an action of ALTER TABLE", ACTIONS)),
            },
        }
    }

    fn modified(
        &mut self,
        from: Ident,
        column: ColumnDefinition,
        if_exists: bool,
    ) -> Read<TableAction> {
        let position = self.position()?;
        Ok(TableAction::ModifyColumn {
            from,
            column,
            position,
            if_exists,
        })
    }

    /// ADD of columns, keys, partitions.
    fn add(&mut self) -> Read<Vec<TableAction>> {
        self.need("ADD")?;
        if self.is("PARTITION") && !self.is_type_at(1) {
            self.next();
            self.eat_if_not_exists()?;
            if self.eat("PARTITIONS") {
                self.need_number()?;
            } else {
                self.bracketed(Self::partition)?;
            }
            return Ok(vec![partitions("ADD PARTITION")]);
        }
        if self.are(&["SYSTEM", "VERSIONING"]) {
            self.next();
            self.next();
            return Ok(vec![unknown("ADD SYSTEM VERSIONING")]);
        }
        if self.is("PERIOD") && self.is_at(1, "FOR") {
            self.period()?;
            return Ok(vec![unknown("ADD PERIOD")]);
        }
        if self.is_key() {
            return Ok(vec![self.add_key()?]);
        }
        self.eat("COLUMN");
        let if_not_exists = self.eat_if_not_exists()?;
        if self.eat_mark("(") {
            let mut actions = Vec::new();
            loop {
                actions.push(if self.is_key() {
                    self.add_key()?
                } else {
                    self.added(if_not_exists)?
                });
                if !self.eat_mark(",") {
                    break;
                }
            }
            if !self.eat_mark(")") {
                return Err(self.unexpected("in the definition of a column", ATTRIBUTES));
            }
            return Ok(actions);
        }
        Ok(vec![self.added(if_not_exists)?])
    }

    fn is_type_at(&self, ahead: usize) -> bool {
        self.peek_at(ahead).is_some_and(|piece| {
            piece.kind == TokenKind::Word
                && ["INT", "VARCHAR", "TEXT", "BIGINT"]
                    .iter()
                    .any(|it| piece.is(it))
        })
    }

    fn added(&mut self, if_not_exists: bool) -> Read<TableAction> {
        let column = self.column()?;
        let position = self.position()?;
        Ok(TableAction::AddColumn {
            column,
            if_not_exists,
            position,
        })
    }

    fn add_key(&mut self) -> Read<TableAction> {
        Ok(match self.key()? {
            (Key::Index(mut index), if_not_exists) => {
                index.if_not_exists = if_not_exists;
                TableAction::AddIndex(index)
            }
            (Key::Constraint(constraint), if_not_exists) => TableAction::AddConstraint {
                constraint,
                if_not_exists,
            },
        })
    }

    fn drop_action(&mut self) -> Read<TableAction> {
        let start = self.start();
        self.need("DROP")?;
        if self.eat("PRIMARY") {
            self.need("KEY")?;
            return Ok(TableAction::DropPrimaryKey {
                span: self.span_from(start),
            });
        }
        if self.eat_one_of(&["INDEX", "KEY"]).is_some() {
            let if_exists = self.eat_if_exists()?;
            if self.eat("PRIMARY") {
                return Ok(TableAction::DropPrimaryKey {
                    span: self.span_from(start),
                });
            }
            let name = self.identifier("an index name")?;
            return Ok(TableAction::DropIndex { name, if_exists });
        }
        if self.eat("FOREIGN") {
            self.need("KEY")?;
            let if_exists = self.eat_if_exists()?;
            let name = self.identifier("the name of a foreign key")?;
            return Ok(TableAction::DropForeignKey { name, if_exists });
        }
        if self.eat_one_of(&["CONSTRAINT", "CHECK"]).is_some() {
            let if_exists = self.eat_if_exists()?;
            if self.is("PRIMARY") {
                self.next();
                return Ok(TableAction::DropPrimaryKey {
                    span: self.span_from(start),
                });
            }
            let name = self.identifier("a constraint name")?;
            return Ok(TableAction::DropConstraint {
                name,
                if_exists,
                cascade: false,
            });
        }
        if self.is("PARTITION") && self.peek_at(1).is_some_and(|next| !next.is_mark(",")) {
            self.next();
            self.eat_if_exists()?;
            self.list(|r| r.identifier("a partition name"))?;
            return Ok(partitions("DROP PARTITION"));
        }
        if self.are(&["SYSTEM", "VERSIONING"]) {
            self.next();
            self.next();
            return Ok(unknown("DROP SYSTEM VERSIONING"));
        }
        if self.are(&["PERIOD", "FOR"]) {
            self.next();
            self.next();
            self.eat_if_exists()?;
            self.identifier("the name of a period")?;
            return Ok(unknown("DROP PERIOD"));
        }
        self.eat("COLUMN");
        let if_exists = self.eat_if_exists()?;
        let name = self.identifier("a column name")?;
        self.eat_one_of(&["RESTRICT", "CASCADE"]);
        Ok(TableAction::DropColumn {
            name,
            if_exists,
            cascade: false,
        })
    }

    /// ALTER of a column, an index or a constraint.
    fn alter_part(&mut self) -> Read<TableAction> {
        self.need("ALTER")?;
        if self.eat_one_of(&["INDEX", "KEY"]).is_some() {
            self.eat_if_exists()?;
            self.identifier("an index name")?;
            if !self.eat_all(&["NOT", "IGNORED"]) {
                self.need_one_of(&["VISIBLE", "INVISIBLE", "IGNORED"])?;
            }
            return Ok(TableAction::StorageOptions);
        }
        if self.eat_one_of(&["CHECK", "CONSTRAINT"]).is_some() {
            let name = self.identifier("a constraint name")?;
            if !self.eat_all(&["NOT", "ENFORCED"]) {
                self.need("ENFORCED")?;
            }
            return Ok(TableAction::AlterConstraint {
                name,
                deferrable: None,
                initially_deferred: None,
            });
        }
        self.eat("COLUMN");
        let if_exists = self.eat_if_exists()?;
        let name = self.identifier("a column name")?;
        let change = match self.need_one_of(&["SET", "DROP"])? {
            "DROP" => {
                self.need("DEFAULT")?;
                ColumnChange::DropDefault
            }
            _ => match self.need_one_of(&["DEFAULT", "VISIBLE", "INVISIBLE"])? {
                "DEFAULT" => ColumnChange::SetDefault(self.default_value()?),
                _ => ColumnChange::Storage,
            },
        };
        Ok(TableAction::AlterColumn {
            name,
            change: Box::new(change),
            if_exists,
        })
    }

    fn rename_part(&mut self) -> Read<TableAction> {
        self.need("RENAME")?;
        if self.eat("COLUMN") {
            self.eat_if_exists()?;
            let from = self.identifier("a column name")?;
            self.need("TO")?;
            let to = self.identifier("a column name")?;
            return Ok(TableAction::RenameColumn { from, to });
        }
        if self.eat_one_of(&["INDEX", "KEY"]).is_some() {
            self.eat_if_exists()?;
            let from = self.identifier("an index name")?;
            self.need("TO")?;
            let to = self.identifier("an index name")?;
            return Ok(TableAction::RenameIndex { from, to });
        }
        if self.eat_one_of(&["TO", "AS"]).is_none() {
            self.eat_mark("=");
        }
        let to = self.object_name("a table name")?;
        Ok(TableAction::RenameTable { to })
    }

    fn convert_part(&mut self) -> Read<TableAction> {
        self.need("CONVERT")?;
        if self.is_one_of(&["PARTITION", "TABLE"]) {
            return Err(Fault::Unknown("CONVERT of a partition"));
        }
        self.need("TO")?;
        if !self.eat("CHARSET") && !self.eat_all(&["CHAR", "SET"]) {
            self.need_all(&["CHARACTER", "SET"])?;
        }
        let charset = self.charset()?;
        let collation = if self.eat("COLLATE") {
            self.eat_mark("=");
            Some(self.collation()?)
        } else {
            None
        };
        Ok(TableAction::ConvertCharset { charset, collation })
    }

    /// What ALTER TABLE does to partitions.
    fn partition_action(&mut self, verb: &str) -> Read<TableAction> {
        self.next();
        if verb == "REMOVE" {
            self.need("PARTITIONING")?;
            return Ok(partitions("REMOVE PARTITIONING"));
        }
        self.need("PARTITION")?;
        self.eat_one_of(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
        match verb {
            "COALESCE" => {
                self.need_number()?;
            }
            "REORGANIZE" => {
                if !self.at_end() && !self.is_mark(",") {
                    self.list(|r| r.identifier("a partition name"))?;
                    self.need("INTO")?;
                    self.bracketed(Self::partition)?;
                }
            }
            "EXCHANGE" => {
                self.identifier("a partition name")?;
                self.need_all(&["WITH", "TABLE"])?;
                self.object_name("a table name")?;
                if self.eat_one_of(&["WITH", "WITHOUT"]).is_some() {
                    self.need("VALIDATION")?;
                }
            }
            _ => {
                if !self.eat("ALL") {
                    self.list(|r| r.identifier("a partition name"))?;
                }
                match verb {
                    "DISCARD" | "IMPORT" => self.need("TABLESPACE")?,
                    "CHECK" | "REPAIR" => {
                        let words = &["QUICK", "FAST", "MEDIUM", "EXTENDED", "CHANGED", "USE_FRM"];
                        while self.eat_one_of(words).is_some() {}
                    }
                    _ => {}
                }
            }
        }
        Ok(partitions(&format!("{verb} PARTITION")))
    }
}

/// A rename of the table alone is a change of its own.
fn changes(mut alter: AlterTable) -> Vec<Change> {
    if let [TableAction::RenameTable { .. }] = alter.actions.as_slice()
        && let Some(TableAction::RenameTable { to }) = alter.actions.pop()
    {
        return vec![Change::Rename {
            kind: ObjectKind::Table,
            from: alter.name,
            to,
            table: None,
            if_exists: alter.if_exists,
        }];
    }
    vec![Change::AlterTable(Box::new(alter))]
}

/// A change of the partitions, which neither columns nor keys show.
fn partitions(what: &str) -> TableAction {
    TableAction::Partitions {
        what: what.to_owned(),
    }
}

fn unknown(what: &str) -> TableAction {
    TableAction::Unknown {
        what: what.to_owned(),
    }
}
