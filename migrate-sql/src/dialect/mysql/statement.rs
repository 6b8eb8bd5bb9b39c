//! Which statement it is.
//!
//! Read to their end are: everything about tables, indexes, views, triggers, events, procedures,
//! functions with their bodies, sequences, databases; statements that read and write rows; SET,
//! CALL, PREPARE, LOCK TABLES, TRUNCATE, RENAME and transaction control. After their first words
//! passed over are: users and privileges, servers, tablespaces, plugins, replication, SHOW, FLUSH,
//! maintenance and administration, of which each server has forms of its own.

use migrate_core::lex::TokenKind;

use super::table::TableModifiers;
use super::value::value;
use crate::change::{Change, Drop, MaintenanceVerb, ObjectKind, Prepared, Session, Step};
use crate::dialect::reader::{Fault, Read, Reader};
use crate::name::{Ident, ObjectName};

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
const OBJECTS: &[&str] = &[
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

    /// A user or role: `'name'@'host'`, `CURRENT_USER`.
    pub(super) fn account(&mut self) -> Read<Ident> {
        let start = self.start();
        let Some(piece) = self.peek() else {
            return Err(self.expected("a user"));
        };
        if self.eat("CURRENT_USER") || self.eat("CURRENT_ROLE") {
            if self.eat_mark("(") {
                self.need_mark(")")?;
            }
        } else if matches!(
            piece.kind,
            TokenKind::Word | TokenKind::String | TokenKind::QuotedIdentifier
        ) {
            self.next();
            // `@host` is one token, a quoted host its own.
            if let Some(at) = self.eat_kind(TokenKind::Parameter)
                && at.text == "@"
            {
                self.next();
            }
            // The host may be empty.
            self.eat_mark("@");
        } else {
            return Err(self.expected("a user"));
        }
        Ok(Ident::new(self.text_from(start), self.span_from(start)))
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

    fn drop_statement(&mut self) -> Read<Vec<Change>> {
        let temporary = self.eat("TEMPORARY");
        if self.eat_one_of(&["TABLE", "TABLES"]).is_some() {
            return self.drop_table();
        }
        if temporary && !self.is("SEQUENCE") {
            return Err(self.expected_word(&["TABLE"]));
        }
        self.eat_one_of(&["ONLINE", "OFFLINE"]);
        match self
            .peek()
            .map(|piece| piece.text.to_ascii_uppercase())
            .as_deref()
        {
            Some("INDEX") => {
                self.next();
                self.drop_index()
            }
            Some("VIEW") => {
                self.next();
                self.drop_list(ObjectKind::View, "a view name")
            }
            Some("SEQUENCE") => {
                self.next();
                self.drop_list(ObjectKind::Sequence, "a sequence name")
            }
            Some("TRIGGER") => self.drop_one(ObjectKind::Trigger),
            Some("EVENT") => self.drop_one(ObjectKind::Event),
            Some("PROCEDURE") => self.drop_one(ObjectKind::Procedure),
            Some("FUNCTION") => self.drop_one(ObjectKind::Function),
            Some("DATABASE" | "SCHEMA") => self.drop_one(ObjectKind::Schema),
            Some("USER" | "ROLE") => {
                self.next();
                let if_exists = self.eat_if_exists()?;
                let users = self.list(Self::account)?;
                Ok(vec![dropped(
                    ObjectKind::Role,
                    users.into_iter().map(ObjectName::unqualified).collect(),
                    if_exists,
                )])
            }
            Some("PREPARE") => {
                self.next();
                let name = self.identifier("the name of a statement")?.name;
                Ok(vec![step(Step::Deallocate(name.to_lowercase()))])
            }
            Some(
                "SERVER" | "TABLESPACE" | "UNDO" | "LOGFILE" | "RESOURCE" | "PACKAGE" | "SPATIAL"
                | "LIBRARY" | "CATALOG",
            ) => self.passed_over(Vec::new()),
            _ => Err(self.unexpected("after DROP", OBJECTS)),
        }
    }

    /// DROP of one object, at the word for it.
    fn drop_one(&mut self, kind: ObjectKind) -> Read<Vec<Change>> {
        self.next();
        let if_exists = self.eat_if_exists()?;
        let name = self.object_name("a name")?;
        Ok(vec![dropped(kind, vec![name], if_exists)])
    }

    fn create_database(&mut self) -> Read<Vec<Change>> {
        self.next();
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.identifier("a database name")?;
        self.database_options()?;
        Ok(vec![Change::CreateSchema {
            name,
            if_not_exists,
        }])
    }

    /// ALTER DATABASE: the defaults of tables that are made later.
    fn alter_database(&mut self) -> Read<Vec<Change>> {
        self.next();
        if !self.is_database_option() {
            self.identifier("a database name")?;
        }
        if self.eat("UPGRADE") {
            self.need_all(&["DATA", "DIRECTORY", "NAME"])?;
            return Ok(Vec::new());
        }
        if self.at_statement_end() {
            return Err(self.expected("an option of the database"));
        }
        self.database_options()?;
        Ok(Vec::new())
    }

    fn is_database_option(&self) -> bool {
        self.is_one_of(&[
            "CHARACTER",
            "CHARSET",
            "COLLATE",
            "COMMENT",
            "DEFAULT",
            "ENCRYPTION",
        ]) || self.are(&["CHAR", "SET"])
            || self.are(&["READ", "ONLY"])
    }

    fn database_options(&mut self) -> Read<()> {
        while !self.at_statement_end() {
            if self.eat_all(&["READ", "ONLY"]) {
                self.eat_mark("=");
                self.next();
            } else if !self.is_database_option() || self.table_option()?.is_none() {
                let words = ["CHARACTER", "CHARSET", "COLLATE", "COMMENT", "DEFAULT"];
                return Err(self.unexpected("as an option of a database", &words));
            }
        }
        Ok(())
    }

    /// GRANT and REVOKE: the object after ON, where there is one.
    fn grant(&mut self) -> Read<Vec<Change>> {
        let grant = self.is("GRANT");
        self.next();
        let mut objects = Vec::new();
        let mut depth = 0_usize;
        let mut to = false;
        while let Some(piece) = self.peek() {
            if piece.kind == TokenKind::Terminator {
                break;
            }
            self.next();
            if piece.is_mark("(") {
                depth += 1;
            } else if piece.is_mark(")") {
                depth = depth.saturating_sub(1);
            } else if depth == 0 && !to && piece.is("ON") {
                objects.extend(self.granted()?);
            } else if depth == 0 && piece.is(if grant { "TO" } else { "FROM" }) {
                to = true;
            }
        }
        if depth > 0 {
            return Err(self.expected("`)`"));
        }
        if !to {
            return Err(self.expected_word(&[if grant { "TO" } else { "FROM" }]));
        }
        Ok(vec![Change::Privilege { objects }])
    }

    /// What privileges are on: `*.*`, `db.*`, a table, a routine.
    fn granted(&mut self) -> Read<Option<(ObjectKind, ObjectName)>> {
        let kind = match self.eat_one_of(&["TABLE", "FUNCTION", "PROCEDURE"]) {
            Some("FUNCTION") => ObjectKind::Function,
            Some("PROCEDURE") => ObjectKind::Procedure,
            _ => ObjectKind::Table,
        };
        if self.is_mark("*") || self.is_mark_at(2, "*") || !self.is_identifier() {
            return Ok(None);
        }
        let name = self.object_name("a table name")?;
        Ok(Some((kind, name)))
    }

    fn lock(&mut self) -> Read<Vec<Change>> {
        let unlock = self.is("UNLOCK");
        self.next();
        if self.is("INSTANCE") {
            return self.passed_over(Vec::new());
        }
        self.need_one_of(&["TABLES", "TABLE"])?;
        if unlock {
            return Ok(Vec::new());
        }
        let locked = self.list(|r| {
            let name = r.object_name("a table name")?;
            if !r.is_one_of(&["READ", "WRITE"]) {
                r.alias()?;
            }
            match r.need_one_of(&["READ", "WRITE", "LOW_PRIORITY"])? {
                "READ" => {
                    r.eat("LOCAL");
                }
                "LOW_PRIORITY" => r.need("WRITE")?,
                _ => {
                    r.eat("CONCURRENT");
                }
            }
            Ok(name)
        })?;
        self.wait()?;
        let change = |name| maintenance(MaintenanceVerb::Lock, Some(name));
        Ok(locked.into_iter().map(change).collect())
    }

    /// ANALYZE, OPTIMIZE, CHECK and REPAIR of tables; MariaDB's ANALYZE of a statement.
    fn table_maintenance(&mut self) -> Read<Vec<Change>> {
        let verb = match self.next() {
            Some(word) if word.is("ANALYZE") => MaintenanceVerb::Analyze,
            Some(word) if word.is("CHECK") => MaintenanceVerb::Other,
            _ => MaintenanceVerb::Optimize,
        };
        self.eat_one_of(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
        let statement = [
            "FORMAT", "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH",
        ];
        if self.is("VIEW") || verb == MaintenanceVerb::Analyze && self.is_one_of(&statement) {
            return self.passed_over(Vec::new());
        }
        self.need_one_of(&["TABLE", "TABLES"])?;
        let names = self.list(|r| r.object_name("a table name"))?;
        let change = |name| maintenance(verb, Some(name));
        self.passed_over(names.into_iter().map(change).collect())
    }

    /// PREPARE, EXECUTE and DEALLOCATE PREPARE.
    fn prepared(&mut self) -> Read<Vec<Change>> {
        let start = self.start();
        let verb = self.need_one_of(&["PREPARE", "EXECUTE", "DEALLOCATE"])?;
        match verb {
            "PREPARE" => {
                let name = self.identifier("the name of a statement")?.name;
                self.need("FROM")?;
                let (text, _) = self.scoped(Self::expression)?;
                return Ok(vec![step(Step::Prepare {
                    name: name.to_lowercase(),
                    text: value(&text),
                    span: self.span_from(start),
                })]);
            }
            "DEALLOCATE" => {
                self.need("PREPARE")?;
                let name = self.identifier("the name of a statement")?.name;
                return Ok(vec![step(Step::Deallocate(name.to_lowercase()))]);
            }
            _ => {}
        }
        let what = if self.eat("IMMEDIATE") {
            let (text, _) = self.scoped(Self::expression)?;
            Prepared::Text(value(&text))
        } else {
            let name = self.identifier("the name of a statement")?.name;
            Prepared::Name(name.to_lowercase())
        };
        if self.eat("USING") {
            self.scoped(|r| r.list(Self::expression))?;
        }
        let span = self.span_from(start);
        Ok(vec![step(Step::Execute { what, span })])
    }

    fn transaction(&mut self) -> Read<Vec<Change>> {
        match self
            .next()
            .map(|piece| piece.text.to_ascii_uppercase())
            .as_deref()
        {
            Some("START") => {
                let others = ["SLAVE", "REPLICA", "ALL", "GROUP_REPLICATION"];
                if self.is_one_of(&others) {
                    return self.passed_over(Vec::new());
                }
                self.need("TRANSACTION")?;
                if self.eat("WITH") {
                    self.need_all(&["CONSISTENT", "SNAPSHOT"])?;
                    if !self.eat_mark(",") {
                        return Ok(Vec::new());
                    }
                }
                if self.eat("READ") {
                    self.need_one_of(&["ONLY", "WRITE"])?;
                    if self.eat_mark(",") {
                        self.need_all(&["WITH", "CONSISTENT", "SNAPSHOT"])?;
                    }
                }
            }
            Some("SAVEPOINT") => {
                self.identifier("a savepoint")?;
            }
            Some("RELEASE") => {
                self.need("SAVEPOINT")?;
                self.identifier("a savepoint")?;
            }
            word => {
                self.eat("WORK");
                if word == Some("ROLLBACK") && self.eat("TO") {
                    if self.is("SAVEPOINT") && self.peek_at(1).is_some() {
                        self.next();
                    }
                    self.identifier("a savepoint")?;
                } else {
                    if self.eat("AND") {
                        self.eat("NO");
                        self.need("CHAIN")?;
                    }
                    if self.eat("NO") {
                        self.need("RELEASE")?;
                    } else {
                        self.eat("RELEASE");
                    }
                }
            }
        }
        Ok(Vec::new())
    }
}

pub(super) fn dropped(kind: ObjectKind, names: Vec<ObjectName>, if_exists: bool) -> Change {
    Change::Drop(Drop {
        kind,
        names,
        table: None,
        arguments: None,
        if_exists,
        cascade: false,
        concurrently: false,
    })
}

pub(super) fn step(step: Step) -> Change {
    Change::Step(Box::new(step))
}

fn maintenance(verb: MaintenanceVerb, name: Option<ObjectName>) -> Change {
    Change::Maintenance {
        verb,
        name,
        concurrently: false,
        full: false,
    }
}

fn privilege() -> Vec<Change> {
    let objects = Vec::new();
    vec![Change::Privilege { objects }]
}
