//! Views and MariaDB's sequences.

use super::statement::CreateModifiers;
use crate::change::{AlterSequence, Change, CreateSequence, CreateView, OutputColumns};
use crate::dialect::reader::{Read, Reader};

impl Reader<'_> {
    /// CREATE VIEW and ALTER VIEW at the word VIEW.
    pub(super) fn create_view(&mut self, modifiers: &CreateModifiers) -> Read<Vec<Change>> {
        self.need("VIEW")?;
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("a view name")?;
        let listed = if self.is_mark("(") {
            Some(self.bracketed(|r| r.identifier("a column name"))?)
        } else {
            None
        };
        self.need("AS")?;
        let start = self.start();
        let (query, scope) = self.scoped(Self::query)?;
        let text = self.text_from(start).to_owned();
        let span = self.span_from(start);
        if self.eat("WITH") {
            self.eat_one_of(&["CASCADED", "LOCAL"]);
            self.need_all(&["CHECK", "OPTION"])?;
        }
        Ok(vec![Change::CreateView(Box::new(CreateView {
            name,
            materialized: false,
            or_replace: modifiers.or_replace,
            if_not_exists,
            temporary: false,
            columns: listed.map_or_else(|| query.output(), OutputColumns::Known),
            listed: Vec::new(),
            query: scope,
            text,
            span,
        }))])
    }

    /// CREATE SEQUENCE at the word SEQUENCE.
    pub(super) fn create_sequence(&mut self, modifiers: &CreateModifiers) -> Read<Vec<Change>> {
        self.need("SEQUENCE")?;
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("a sequence name")?;
        let mut column_type = None;
        if self.eat("AS") {
            column_type = Some(self.type_clause()?.column_type);
        }
        self.sequence_options()?;
        self.table_options()?;
        Ok(vec![Change::CreateSequence(CreateSequence {
            name,
            if_not_exists: if_not_exists || modifiers.or_replace,
            temporary: modifiers.temporary,
            column_type,
            owned_by: None,
        })])
    }

    /// ALTER SEQUENCE at the word SEQUENCE.
    pub(super) fn alter_sequence(&mut self) -> Read<Vec<Change>> {
        self.need("SEQUENCE")?;
        let if_exists = self.eat_if_exists()?;
        let name = self.object_name("a sequence name")?;
        let mut column_type = None;
        if self.eat("AS") {
            column_type = Some(self.type_clause()?.column_type);
        }
        self.sequence_options()?;
        Ok(vec![Change::AlterSequence(AlterSequence {
            name,
            if_exists,
            column_type,
            owned_by: None,
        })])
    }

    fn sequence_options(&mut self) -> Read<()> {
        loop {
            if self
                .eat_one_of(&["NOMINVALUE", "NOMAXVALUE", "NOCACHE", "CYCLE", "NOCYCLE"])
                .is_some()
            {
                continue;
            }
            if self.eat("NO") {
                self.need_one_of(&["MINVALUE", "MAXVALUE", "CACHE", "CYCLE"])?;
                continue;
            }
            let valued = [
                "INCREMENT",
                "MINVALUE",
                "MAXVALUE",
                "START",
                "CACHE",
                "RESTART",
            ];
            let Some(word) = self.eat_one_of(&valued) else {
                return Ok(());
            };
            if !self.eat_mark("=") {
                self.eat(if word == "INCREMENT" { "BY" } else { "WITH" });
                self.eat_mark("=");
            }
            if word == "RESTART" && !self.is_kind(migrate_core::lex::TokenKind::Number) {
                continue;
            }
            self.eat_mark("-");
            self.need_number()?;
        }
    }
}
