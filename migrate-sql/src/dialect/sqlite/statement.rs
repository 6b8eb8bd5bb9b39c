//! Which statement of SQLite it is.

use std::collections::BTreeSet;

use migrate_core::lex::{TokenKind, unquote};

use crate::change::{
    Change, CreateTrigger, CreateView, Dml, Drop, MaintenanceVerb, ObjectKind, Opaque, Session,
    Touches, TriggerTiming,
};
use crate::dialect::reader::{Fault, Read, Reader};

impl Reader<'_> {
    /// One statement to its end.
    pub(super) fn sqlite_statement(&mut self) -> Read<Vec<Change>> {
        let changes = self.one_sqlite_statement()?;
        self.need_end()?;
        Ok(changes)
    }

    fn one_sqlite_statement(&mut self) -> Read<Vec<Change>> {
        let verbs = [
            "CREATE",
            "ALTER",
            "DROP",
            "PRAGMA",
            "ATTACH",
            "DETACH",
            "REINDEX",
            "ANALYZE",
            "VACUUM",
            "BEGIN",
            "COMMIT",
            "END",
            "ROLLBACK",
            "SAVEPOINT",
            "RELEASE",
            "EXPLAIN",
        ];
        match self.eat_one_of(&verbs) {
            Some("CREATE") => self.sqlite_create(),
            Some("ALTER") => {
                self.need("TABLE")?;
                self.sqlite_alter_table()
            }
            Some("DROP") => self.sqlite_drop(),
            Some("PRAGMA") => self.pragma(),
            // What an attached database holds is not known.
            Some("ATTACH") => {
                self.skip_all();
                Ok(vec![Change::Opaque(Opaque {
                    reason: "ATTACH".to_owned(),
                    touches: Touches::Everything,
                    span: self.whole(),
                })])
            }
            Some("REINDEX") => self.sqlite_maintenance(MaintenanceVerb::ReindexTable),
            Some("ANALYZE") => self.sqlite_maintenance(MaintenanceVerb::Analyze),
            Some("VACUUM") => {
                self.skip_all();
                self.maintenance_of(MaintenanceVerb::Vacuum)
            }
            Some("EXPLAIN") => {
                self.eat_all(&["QUERY", "PLAN"]);
                self.skip_all();
                Ok(Vec::new())
            }
            // Transactions change no schema.
            Some(_) => {
                self.skip_all();
                Ok(Vec::new())
            }
            None => {
                let dml: Dml = self.sqlite_dml()?;
                Ok(vec![Change::Dml(Box::new(dml))])
            }
        }
    }

    fn maintenance_of(&self, verb: MaintenanceVerb) -> Read<Vec<Change>> {
        Ok(vec![Change::Maintenance {
            verb,
            name: None,
            concurrently: false,
            full: false,
        }])
    }

    fn sqlite_maintenance(&mut self, verb: MaintenanceVerb) -> Read<Vec<Change>> {
        // It may be a collation or a schema that is named, not a table.
        if self.is_identifier() {
            self.object_name("a name")?;
        }
        self.maintenance_of(verb)
    }

    fn sqlite_create(&mut self) -> Read<Vec<Change>> {
        let temporary = self.eat_one_of(&["TEMP", "TEMPORARY"]).is_some();
        if self.eat("TABLE") {
            return self.sqlite_create_table(temporary);
        }
        let unique = self.eat("UNIQUE");
        if self.eat("INDEX") {
            return self.sqlite_create_index(unique);
        }
        if self.eat("VIEW") {
            return self.sqlite_create_view(temporary);
        }
        if self.eat("TRIGGER") {
            return self.sqlite_create_trigger();
        }
        self.need("VIRTUAL")?;
        self.need("TABLE")?;
        self.create_virtual_table()
    }

    fn sqlite_create_view(&mut self, temporary: bool) -> Read<Vec<Change>> {
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("a view name")?;
        let listed = if self.is_mark("(") {
            Some(self.bracketed(|r| r.identifier("a column name"))?)
        } else {
            None
        };
        self.need("AS")?;
        let start = self.start();
        let (mut query, scope) = self.scoped(Self::query)?;
        query.columns = listed.or(query.columns);
        Ok(vec![Change::CreateView(Box::new(CreateView {
            name,
            materialized: false,
            or_replace: false,
            if_not_exists,
            temporary,
            columns: query.output(),
            listed: Vec::new(),
            query: scope,
            text: self.text_from(start).to_owned(),
            span: self.span_from(start),
        }))])
    }

    fn sqlite_create_trigger(&mut self) -> Read<Vec<Change>> {
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("a trigger name")?;
        let timing = match self.eat_one_of(&["BEFORE", "AFTER", "INSTEAD"]) {
            Some("AFTER") => TriggerTiming::After,
            Some("INSTEAD") => {
                self.need("OF")?;
                TriggerTiming::InsteadOf
            }
            _ => TriggerTiming::Before,
        };
        let mut of_columns = Vec::new();
        if self.need_one_of(&["INSERT", "UPDATE", "DELETE"])? == "UPDATE" && self.eat("OF") {
            of_columns = self.list(|r| r.identifier("a column name"))?;
        }
        self.need("ON")?;
        let mut table = self.object_name("a table name")?;
        table.schema = table.schema.or_else(|| name.schema.clone());
        if self.eat("FOR") {
            self.need_all(&["EACH", "ROW"])?;
        }
        let when = if self.eat("WHEN") {
            Some(self.kept(Self::expression)?)
        } else {
            None
        };
        let start = self.start();
        self.need("BEGIN")?;
        let words = self.words_from_here();
        self.skip_all();
        let body = Opaque {
            reason: "the body of a trigger".to_owned(),
            touches: Touches::Words(words),
            span: self.span_from(start),
        };
        Ok(vec![Change::CreateTrigger(Box::new(CreateTrigger {
            name,
            table: Some(table),
            or_replace: false,
            if_not_exists,
            constraint: false,
            timing,
            of_columns,
            when,
            function: None,
            body: Some(body),
        }))])
    }

    fn sqlite_drop(&mut self) -> Read<Vec<Change>> {
        let kind = match self.need_one_of(&["TABLE", "INDEX", "VIEW", "TRIGGER"])? {
            "TABLE" => ObjectKind::Table,
            "INDEX" => ObjectKind::Index,
            "VIEW" => ObjectKind::View,
            _ => ObjectKind::Trigger,
        };
        let if_exists = self.eat_if_exists()?;
        let name = self.object_name("a name")?;
        Ok(vec![Change::Drop(Drop {
            kind,
            names: vec![name],
            table: None,
            arguments: None,
            if_exists,
            cascade: false,
            concurrently: false,
        })])
    }

    /// PRAGMA: only writable_schema lets a script change the schema behind the model's back.
    fn pragma(&mut self) -> Read<Vec<Change>> {
        let name = self.object_name("a pragma")?.name.name.to_lowercase();
        let start = self.start();
        let bracket = self.eat_mark("(");
        let value = if bracket || self.eat_mark("=") {
            let value = self.start();
            self.eat_mark("-");
            let Some(piece) = self.next() else {
                return Err(self.expected("a value"));
            };
            match piece.kind {
                TokenKind::String | TokenKind::QuotedIdentifier => Some(unquote(piece.text)),
                _ => Some(self.text_from(value).to_owned()),
            }
        } else {
            None
        };
        if bracket {
            self.need_mark(")")?;
        }
        if name == "writable_schema" && self.start() > start {
            return Err(Fault::Unknown("PRAGMA writable_schema"));
        }
        let setting = Session::Setting { name, value };
        Ok(vec![Change::Session(setting)])
    }

    /// The words from here to the end of the statement, as an opaque body may touch what they name.
    fn words_from_here(&mut self) -> BTreeSet<String> {
        self.words_from(self.place())
    }
}
