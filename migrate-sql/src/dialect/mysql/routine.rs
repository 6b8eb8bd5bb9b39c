//! Triggers, events, procedures and functions. Their bodies are [programs](super::program).

use std::sync::Arc;

use migrate_core::lex::TokenKind;

use super::statement::CreateModifiers;
use crate::change::{
    Change, CreateRoutine, CreateTrigger, Opaque, Parameter, Program, RoutineKind, Touches,
    TriggerTiming,
};
use crate::dialect::reader::{Fault, Read, Reader};
use crate::name::ObjectName;

const EVENTS: &[&str] = &["INSERT", "UPDATE", "DELETE"];

impl Reader<'_> {
    /// CREATE TRIGGER at the word TRIGGER.
    pub(super) fn create_trigger(&mut self, modifiers: &CreateModifiers) -> Read<Vec<Change>> {
        self.need("TRIGGER")?;
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("a trigger name")?;
        let timing = match self.need_one_of(&["BEFORE", "AFTER"])? {
            "BEFORE" => TriggerTiming::Before,
            _ => TriggerTiming::After,
        };
        self.need_one_of(EVENTS)?;
        let mut of_columns = Vec::new();
        if self.eat("OF") {
            of_columns = self.list(|r| r.identifier("a column name"))?;
        }
        // MariaDB 12 takes several events.
        while self.eat("OR") {
            self.need_one_of(EVENTS)?;
        }
        self.need("ON")?;
        let table = self.object_name("a table name")?;
        self.need_all(&["FOR", "EACH", "ROW"])?;
        if self.eat_one_of(&["FOLLOWS", "PRECEDES"]).is_some() {
            self.identifier("a trigger name")?;
        }
        let (body, _) = self.body("the body of a trigger")?;
        Ok(vec![Change::CreateTrigger(Box::new(CreateTrigger {
            name,
            table: Some(table),
            or_replace: modifiers.or_replace,
            if_not_exists,
            constraint: false,
            timing,
            of_columns,
            when: None,
            function: None,
            body: Some(body),
        }))])
    }

    /// CREATE EVENT at the word EVENT.
    pub(super) fn create_event(&mut self, modifiers: &CreateModifiers) -> Read<Vec<Change>> {
        self.need("EVENT")?;
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("an event name")?;
        self.need_all(&["ON", "SCHEDULE"])?;
        self.schedule()?;
        self.event_options()?;
        self.need("DO")?;
        let (body, _) = self.body("the body of an event")?;
        Ok(vec![Change::CreateTrigger(Box::new(CreateTrigger {
            name,
            table: None,
            or_replace: modifiers.or_replace,
            if_not_exists,
            constraint: false,
            timing: TriggerTiming::Event,
            of_columns: Vec::new(),
            when: None,
            function: None,
            body: Some(body),
        }))])
    }

    /// ALTER EVENT at the word EVENT.
    pub(super) fn alter_event(&mut self) -> Read<Vec<Change>> {
        self.need("EVENT")?;
        self.eat_if_exists()?;
        let name = self.object_name("an event name")?;
        if self.at_statement_end() {
            return Err(self.expected("a change of the event"));
        }
        if self.eat("ON") {
            if self.eat("SCHEDULE") {
                self.schedule()?;
            } else {
                self.completion()?;
            }
        }
        self.event_options()?;
        let mut touched = name.name.name.to_lowercase();
        if self.eat("RENAME") {
            self.need("TO")?;
            touched = self.object_name("an event name")?.name.name.to_lowercase();
            self.event_options()?;
        }
        if self.eat("DO") {
            self.body("the body of an event")?;
        }
        let words = [name.name.name.to_lowercase(), touched];
        Ok(vec![Change::Opaque(Opaque {
            reason: "ALTER EVENT".to_owned(),
            touches: Touches::Words(words.into()),
            span: self.whole(),
        })])
    }

    fn schedule(&mut self) -> Read<()> {
        let moment = |r: &mut Self| r.scoped(Self::expression).map(|_| ());
        if self.need_one_of(&["AT", "EVERY"])? == "AT" {
            return moment(self);
        }
        self.interval_amount()?;
        if self.eat("STARTS") {
            moment(self)?;
        }
        if self.eat("ENDS") {
            moment(self)?;
        }
        Ok(())
    }

    fn completion(&mut self) -> Read<()> {
        self.need("COMPLETION")?;
        self.eat("NOT");
        self.need("PRESERVE")
    }

    fn event_options(&mut self) -> Read<()> {
        loop {
            if self.eat("ON") {
                self.completion()?;
            } else if self.eat("COMMENT") {
                self.text_value()?;
            } else if self.eat("ENABLE") || self.eat("DISABLE") {
                if self.eat("ON") {
                    self.need_one_of(&["SLAVE", "REPLICA"])?;
                }
            } else {
                return Ok(());
            }
        }
    }

    /// CREATE PROCEDURE at the word PROCEDURE.
    pub(super) fn create_procedure(&mut self, modifiers: &CreateModifiers) -> Read<Vec<Change>> {
        self.need("PROCEDURE")?;
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("a procedure name")?;
        let (parameters, arguments) = self.parameters(&["IN", "OUT", "INOUT"])?;
        self.characteristics()?;
        let (touched, body) = self.body("the body of a procedure")?;
        let routine = routine(name, RoutineKind::Procedure, arguments, touched);
        Ok(vec![Change::CreateRoutine(Box::new(CreateRoutine {
            or_replace: modifiers.or_replace,
            if_not_exists,
            program: Some(Arc::new(Program { parameters, body })),
            ..routine
        }))])
    }

    /// CREATE FUNCTION at the word FUNCTION.
    pub(super) fn create_function(&mut self, modifiers: &CreateModifiers) -> Read<Vec<Change>> {
        self.need("FUNCTION")?;
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("a function name")?;
        let kind = if modifiers.aggregate {
            RoutineKind::Aggregate
        } else {
            RoutineKind::Function
        };
        if self.eat("RETURNS") {
            self.need_one_of(&["STRING", "INTEGER", "INT", "REAL", "DECIMAL"])?;
            self.need("SONAME")?;
            self.text_value()?;
            let nothing = Opaque {
                reason: "a function of a library".to_owned(),
                touches: Touches::Nothing,
                span: self.whole(),
            };
            let routine = CreateRoutine {
                arguments: None,
                ..routine(name, kind, Vec::new(), nothing)
            };
            return Ok(vec![Change::CreateRoutine(Box::new(routine))]);
        }
        let (_, arguments) = self.parameters(&["IN", "OUT", "INOUT"])?;
        self.need_one_of(&["RETURNS", "RETURN"])?;
        let returns = self.type_clause()?.column_type.to_string();
        self.characteristics()?;
        let place = self.place();
        let (body, _) = self.body("the body of a function")?;
        if !self.words_from(place).contains("return") {
            return Err(self.expected("`RETURN` in the body of a function"));
        }
        let routine = routine(name, kind, arguments, body);
        Ok(vec![Change::CreateRoutine(Box::new(CreateRoutine {
            or_replace: modifiers.or_replace,
            if_not_exists,
            returns: Some(returns),
            ..routine
        }))])
    }

    /// The parameters in brackets, and their canonical types.
    fn parameters(&mut self, modes: &[&'static str]) -> Read<(Vec<Parameter>, Vec<String>)> {
        self.need_mark("(")?;
        if self.eat_mark(")") {
            return Ok(Default::default());
        }
        let mut names: Vec<String> = Vec::new();
        let parameters = self.list(|r| {
            let out = r.eat_one_of(modes).is_some_and(|mode| mode != "IN");
            let place = r.place();
            let name = r.identifier("the name of a parameter")?.name.to_lowercase();
            if names.contains(&name) {
                r.back(place);
                return Err(r.expected("another name for this parameter"));
            }
            names.push(name.clone());
            Ok((Parameter { name, out }, r.variable_type()?))
        })?;
        self.need_closing()?;
        Ok(parameters.into_iter().unzip())
    }

    /// The type of a parameter or a variable; MariaDB's may be that of a column.
    pub(super) fn variable_type(&mut self) -> Read<String> {
        if self.eat("ROW") {
            if self.eat_all(&["TYPE", "OF"]) {
                return Ok(self.object_name("a table name")?.to_string());
            }
            self.need_mark("(")?;
            self.skip_to_closing()?;
            return Ok("row".to_owned());
        }
        if self.eat_all(&["TYPE", "OF"]) {
            self.column_name()?;
            return Ok("type of".to_owned());
        }
        Ok(self.type_clause()?.column_type.to_string())
    }

    /// COMMENT, LANGUAGE, DETERMINISTIC and the like.
    pub(super) fn characteristics(&mut self) -> Read<()> {
        loop {
            if self.eat("COMMENT") {
                self.text_value()?;
            } else if self.eat("LANGUAGE") {
                if !self.eat("SQL") {
                    return Err(Fault::Unknown("a routine in another language"));
                }
            } else if self.eat("DETERMINISTIC") {
            } else if self.eat("NOT") {
                self.need("DETERMINISTIC")?;
            } else if self.eat("CONTAINS") || self.are(&["NO", "SQL"]) {
                self.eat("NO");
                self.need("SQL")?;
            } else if self.eat("READS") || self.eat("MODIFIES") {
                self.need_all(&["SQL", "DATA"])?;
            } else if self.are(&["SQL", "SECURITY"]) {
                self.next();
                self.next();
                self.need_one_of(&["DEFINER", "INVOKER"])?;
            } else {
                return Ok(());
            }
        }
    }

    /// A body: what it touches where it is not followed, which is everything where it makes SQL from
    /// text, and its statements.
    fn body(&mut self, reason: &str) -> Read<(Opaque, Vec<Change>)> {
        let start = self.start();
        let place = self.place();
        let body = self.program_statement()?;
        let words = self.words_from(place);
        let dynamic = ["execute", "call"].iter().any(|word| words.contains(*word));
        let touched = Opaque {
            reason: reason.to_owned(),
            touches: if dynamic {
                Touches::Everything
            } else {
                Touches::Words(words)
            },
            span: self.span_from(start),
        };
        Ok((touched, body))
    }

    /// `3 DAY`, as after EVERY.
    fn interval_amount(&mut self) -> Read<()> {
        self.scoped(Self::pattern)?;
        self.unit()
    }

    /// Whether a statement of a program ends here.
    pub(super) fn at_statement_end(&self) -> bool {
        self.at_end() || self.is_kind(TokenKind::Terminator)
    }
}

fn routine(
    name: ObjectName,
    kind: RoutineKind,
    arguments: Vec<String>,
    body: Opaque,
) -> CreateRoutine {
    CreateRoutine {
        name,
        kind,
        or_replace: false,
        if_not_exists: false,
        arguments: Some(arguments),
        returns: None,
        body,
        program: None,
    }
}
