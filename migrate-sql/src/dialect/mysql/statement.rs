//! Which statement it is.
//!
//! Read to their end are: everything about tables, indexes, views, triggers, events, procedures,
//! functions with their bodies, sequences, databases; statements that read and write rows; SET,
//! CALL, PREPARE, LOCK TABLES, TRUNCATE, RENAME and transaction control. After their first words
//! passed over are: users and privileges, servers, tablespaces, plugins, replication, SHOW, FLUSH,
//! maintenance and administration, of which each server has forms of its own.

use migrate_core::lex::TokenKind;

use super::privilege::privilege;
use super::table::TableModifiers;
use crate::change::{Change, ObjectKind, Session, Step};
use crate::dialect::reader::{Fault, Read, Reader};
use crate::name::ObjectName;

/// Every word that begins a statement in some version of MySQL or MariaDB.
const VERBS: &[&str] = &[
    "ALTER",
    "ANALYZE",
    "BACKUP",
    "BEGIN",
    "BINLOG",
    "CACHE",
    "CALL",
    "CASE",
    "CHANGE",
    "CHECK",
    "CHECKSUM",
    "CLONE",
    "COMMIT",
    "CREATE",
    "DEALLOCATE",
    "DELETE",
    "DESC",
    "DESCRIBE",
    "DO",
    "DROP",
    "EXECUTE",
    "EXPLAIN",
    "FLUSH",
    "FOR",
    "GET",
    "GRANT",
    "HANDLER",
    "HELP",
    "IF",
    "IMPORT",
    "INSERT",
    "INSTALL",
    "KILL",
    "LOAD",
    "LOCK",
    "LOOP",
    "OPTIMIZE",
    "PREPARE",
    "PURGE",
    "RELEASE",
    "RENAME",
    "REPAIR",
    "REPEAT",
    "REPLACE",
    "RESET",
    "RESIGNAL",
    "RESTART",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "SHUTDOWN",
    "SIGNAL",
    "START",
    "STOP",
    "TABLE",
    "TRUNCATE",
    "UNINSTALL",
    "UNLOCK",
    "UPDATE",
    "USE",
    "VALUES",
    "WHILE",
    "WITH",
    "XA",
];

/// What CREATE, ALTER and DROP may be about, for messages.
pub(super) const OBJECTS: &[&str] = &[
    "TABLE",
    "INDEX",
    "VIEW",
    "TRIGGER",
    "PROCEDURE",
    "FUNCTION",
    "EVENT",
    "DATABASE",
    "SCHEMA",
    "SEQUENCE",
    "USER",
    "ROLE",
    "SERVER",
    "TABLESPACE",
    "UNIQUE",
    "TEMPORARY",
];

/// What stands between CREATE and the word for the object.
#[derive(Debug, Default)]
pub(super) struct CreateModifiers {
    pub(super) or_replace: bool,
    pub(super) temporary: bool,
    pub(super) aggregate: bool,
}

impl Reader<'_> {
    /// One statement to its end.
    pub(super) fn statement(&mut self) -> Read<Vec<Change>> {
        let changes = self.one_statement()?;
        self.need_end()?;
        Ok(changes)
    }

    /// A statement up to what ends it.
    pub(super) fn one_statement(&mut self) -> Read<Vec<Change>> {
        self.assigns = false;
        let mut changes = self.known_statement()?;
        if std::mem::take(&mut self.assigns) {
            // Which variable gets what is not followed.
            changes.push(step(Step::Assign {
                variables: Vec::new(),
                query: None,
            }));
        }
        Ok(changes)
    }

    fn known_statement(&mut self) -> Read<Vec<Change>> {
        let Some(first) = self.peek() else {
            return Ok(Vec::new());
        };
        if first.is_mark("(") || self.is_query() && !self.is("WITH") {
            return self.mysql_query();
        }
        if first.kind == TokenKind::ClientCommand {
            return Err(Fault::Unknown("a command of a client"));
        }
        let upper = first.text.to_ascii_uppercase();
        if first.kind != TokenKind::Word || !VERBS.contains(&upper.as_str()) {
            // MariaDB takes a labelled block outside of programs.
            if self.is_mark_at(1, ":") {
                return self.compound();
            }
            return Err(self.unexpected("as the beginning of a statement", VERBS));
        }
        match upper.as_str() {
            "WITH" if !self.is_with_query() => self.mysql_write_after_with(),
            "SELECT" | "WITH" | "VALUES" | "TABLE" => self.mysql_query(),
            "INSERT" | "REPLACE" | "UPDATE" | "DELETE" | "LOAD" | "CALL" | "DO" => self.mysql_dml(),
            "CREATE" => {
                self.next();
                self.create()
            }
            "ALTER" => {
                self.next();
                self.alter()
            }
            "DROP" => {
                self.next();
                self.drop_statement()
            }
            "RENAME" => {
                self.next();
                if self.eat_one_of(&["TABLE", "TABLES"]).is_some() {
                    return self.rename_tables();
                }
                self.need_one_of(&["USER", "TABLE"])?;
                self.passed_over(privilege())
            }
            "TRUNCATE" => {
                self.next();
                self.eat("TABLE");
                let tables = vec![self.object_name("a table name")?];
                self.wait()?;
                Ok(vec![Change::Truncate {
                    tables,
                    cascade: false,
                }])
            }
            "SET" => self.set(),
            "USE" => {
                self.next();
                let schema = self.identifier("a database name")?;
                let schemas = Some(vec![schema.name]);
                Ok(vec![Change::Session(Session::SearchPath { schemas })])
            }
            "GRANT" | "REVOKE" => self.grant(),
            "LOCK" | "UNLOCK" => self.lock(),
            "ANALYZE" | "OPTIMIZE" | "CHECK" | "REPAIR" => self.table_maintenance(),
            "PREPARE" | "EXECUTE" | "DEALLOCATE" => self.prepared(),
            "BEGIN" if self.is_at(1, "NOT") => self.compound(),
            "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR" => self.compound(),
            "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" => {
                self.transaction()
            }
            "SIGNAL" | "RESIGNAL" => self.signal(),
            // It puts what it gets into variables.
            "GET" => self.passed_over(vec![step(Step::Assign {
                variables: Vec::new(),
                query: None,
            })]),
            // They read, or change nothing that a schema shows.
            _ => self.passed_over(Vec::new()),
        }
    }

    /// Passes over the rest of a statement, up to the semicolon in a program.
    pub(super) fn passed_over(&mut self, changes: Vec<Change>) -> Read<Vec<Change>> {
        let mut depth = 0_usize;
        while let Some(piece) = self.peek() {
            if piece.kind == TokenKind::Terminator {
                break;
            }
            if piece.is_mark("(") {
                depth += 1;
            } else if piece.is_mark(")") {
                let Some(less) = depth.checked_sub(1) else {
                    return Err(self.unexpected("here: no bracket is open", &[]));
                };
                depth = less;
            }
            self.next();
        }
        if depth > 0 {
            return Err(self.expected("`)`"));
        }
        Ok(changes)
    }

    /// OR REPLACE, DEFINER and the like before the word for the object.
    fn create_modifiers(&mut self) -> Read<CreateModifiers> {
        let mut found = CreateModifiers::default();
        loop {
            if self.eat("OR") {
                self.need("REPLACE")?;
                found.or_replace = true;
            } else if self.eat("TEMPORARY") {
                found.temporary = true;
            } else if self.eat("AGGREGATE") {
                found.aggregate = true;
            } else if self.eat("DEFINER") {
                self.need_mark("=")?;
                self.account()?;
            } else if self.eat("ALGORITHM") {
                self.need_mark("=")?;
                self.need_one_of(&["UNDEFINED", "MERGE", "TEMPTABLE"])?;
            } else if self.eat("SQL") {
                self.need("SECURITY")?;
                self.need_one_of(&["DEFINER", "INVOKER"])?;
            } else {
                return Ok(found);
            }
        }
    }

    fn create(&mut self) -> Read<Vec<Change>> {
        let modifiers = self.create_modifiers()?;
        let or_replace = modifiers.or_replace;
        if self.eat("TABLE") {
            return self.create_table(TableModifiers {
                or_replace,
                temporary: modifiers.temporary,
            });
        }
        self.eat_one_of(&["ONLINE", "OFFLINE"]);
        if self.is("SPATIAL") && self.is_at(1, "REFERENCE") {
            return self.passed_over(Vec::new());
        }
        let kind = self.eat_one_of(&["UNIQUE", "FULLTEXT", "SPATIAL"]);
        if kind.is_some() || self.is("INDEX") {
            self.need("INDEX")?;
            return self.create_index(or_replace, kind);
        }
        match self
            .peek()
            .map(|piece| piece.text.to_ascii_uppercase())
            .as_deref()
        {
            Some("VIEW") => self.create_view(&modifiers),
            Some("TRIGGER") => self.create_trigger(&modifiers),
            Some("EVENT") => self.create_event(&modifiers),
            Some("PROCEDURE") => self.create_procedure(&modifiers),
            Some("FUNCTION") => self.create_function(&modifiers),
            Some("SEQUENCE") => self.create_sequence(&modifiers),
            Some("DATABASE" | "SCHEMA") => self.create_database(),
            Some("USER" | "ROLE") => {
                self.next();
                self.eat_if_not_exists()?;
                let users = vec![self.account()?];
                let change = |name| Change::CreateOther {
                    kind: ObjectKind::Role,
                    name: Some(ObjectName::unqualified(name)),
                    table: None,
                };
                self.passed_over(users.into_iter().map(change).collect())
            }
            Some("PACKAGE") => Err(Fault::Unknown("a package")),
            Some(
                "SERVER" | "TABLESPACE" | "UNDO" | "LOGFILE" | "RESOURCE" | "LIBRARY" | "CATALOG",
            ) => self.passed_over(Vec::new()),
            _ => Err(self.unexpected("after CREATE", OBJECTS)),
        }
    }

    fn alter(&mut self) -> Read<Vec<Change>> {
        self.eat_one_of(&["ONLINE", "OFFLINE"]);
        self.eat("IGNORE");
        if self.eat("TABLE") {
            return self.alter_table();
        }
        let modifiers = self.create_modifiers()?;
        match self
            .peek()
            .map(|piece| piece.text.to_ascii_uppercase())
            .as_deref()
        {
            Some("VIEW") => self.create_view(&super::statement::CreateModifiers {
                or_replace: true,
                ..modifiers
            }),
            Some("EVENT") => self.alter_event(),
            Some("PROCEDURE" | "FUNCTION") => {
                self.next();
                self.object_name("a name")?;
                self.characteristics()?;
                Ok(Vec::new())
            }
            Some("SEQUENCE") => self.alter_sequence(),
            Some("DATABASE" | "SCHEMA") => self.alter_database(),
            Some("USER" | "ROLE") => self.passed_over(privilege()),
            Some(
                "SERVER" | "TABLESPACE" | "UNDO" | "LOGFILE" | "RESOURCE" | "INSTANCE" | "LIBRARY",
            ) => self.passed_over(Vec::new()),
            _ => Err(self.unexpected("after ALTER", OBJECTS)),
        }
    }
}

pub(super) fn step(step: Step) -> Change {
    Change::Step(Box::new(step))
}
