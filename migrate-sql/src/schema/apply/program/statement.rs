//! The statements that programs run, from bodies and from texts, and what is said of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use migrate_core::{Dialect, SourceFile, rule};

use super::super::evaluate::Locals;
use super::super::{Applier, Place};
use super::{Flow, Runner};
use crate::change::{Change, Prepared, Program, RoutineKind, Touches, Value, Variable};
use crate::conflict::{Conflict, Origin};
use crate::dialect::{self, Parsed};
use crate::name::{ObjectName, Span};
use crate::schema::lookup::{Found, place};
use crate::schema::session::{Known, Session};
use crate::schema::{Object, ObjectId};
use crate::scope::Scope;

/// How deep procedures call each other before they are not followed.
const DEEPEST_CALL: usize = 16;

/// The longest prepared text that a note shows, in characters.
const LONGEST_NOTE: usize = 200;

impl Runner<'_> {
    /// A statement that runs for certain.
    pub(super) fn statement(&mut self, change: &Change) {
        let names: Vec<&String> = self.locals.iter().flat_map(BTreeMap::keys).collect();
        let without = (!names.is_empty()).then(|| without_variables(change, &names));
        let mut applier = Applier {
            schema: self.schema,
            place: Place {
                source: &self.source,
                statement: match self.set_going {
                    None => self.statement,
                    Some(_) => Span::default(),
                },
            },
            set_going: self.set_going,
            origin: self.set_going.map(|span| Origin {
                source: Arc::clone(&self.script),
                span,
                statement: Span::default(),
            }),
            conflicts: Vec::new(),
        };
        applier.change(without.as_ref().unwrap_or(change));
        for conflict in applier.conflicts {
            self.refuse(conflict);
        }
    }

    /// A conflict of a statement that may stand elsewhere than in the script.
    fn refuse(&mut self, mut conflict: Conflict) {
        if let Some(span) = self.set_going {
            conflict.notes.insert(0, self.whereabouts(conflict.span));
            conflict.span = span;
        }
        self.conflicts.push(conflict);
    }

    /// Which statement of which procedure, or which text, a conflict is about.
    fn whereabouts(&self, span: Span) -> String {
        if let Some(text) = &self.shown {
            return format!("this runs `{text}`");
        }
        let origin = Origin {
            source: Arc::clone(&self.source),
            span,
            statement: Span::default(),
        };
        match self.calls.last() {
            Some(id) => format!("in procedure `{}`, {}", id.name, place(&origin)),
            None => format!("in {}", place(&origin)),
        }
    }

    pub(super) fn prepare(&mut self, name: &str, text: &Value, span: Span) -> Flow {
        let prepared = &mut self.schema.session.prepared;
        prepared.remove(name);
        let Some(Known::Text(text)) = self.value(text) else {
            return Flow::Next;
        };
        if let Parsed::Broken(errors) = dialect::parse(&text, 0, Dialect::Mysql) {
            for error in errors {
                let mut conflict =
                    Conflict::new(&rule::SYNTAX, error.message, span, "prepares a broken text");
                conflict.help.extend(error.help);
                let note = format!("the text is `{}`", shortened(&text));
                let conflict = conflict.note(note);
                self.refuse(conflict);
            }
            return Flow::Next;
        }
        let prepared = &mut self.schema.session.prepared;
        prepared.insert(name.to_owned(), text);
        Flow::Next
    }

    pub(super) fn execute(&mut self, what: &Prepared, span: Span) -> Flow {
        let text = match what {
            Prepared::Name(name) => self.schema.session.prepared.get(name).cloned(),
            Prepared::Text(text) => match self.value(text) {
                Some(Known::Text(text)) => Some(text),
                _ => None,
            },
        };
        let Some(text) = text else {
            self.schema.forget(&Touches::Everything);
            return Flow::Next;
        };
        let changes = match dialect::parse(&text, 0, Dialect::Mysql) {
            Parsed::Changes(changes) => changes,
            Parsed::Broken(errors) => {
                for error in errors {
                    let conflict =
                        Conflict::new(&rule::SYNTAX, error.message, span, "a broken text");
                    self.refuse(conflict.note(format!("the text is `{}`", shortened(&text))));
                }
                return Flow::Next;
            }
        };
        let source = Arc::new(SourceFile {
            path: self.source.path.clone(),
            text: text.clone(),
        });
        let outside = (
            std::mem::replace(&mut self.source, source),
            self.set_going,
            self.shown.replace(shortened(&text)),
            // It does not see the variables of the program.
            std::mem::take(&mut self.locals),
        );
        self.set_going.get_or_insert(span);
        let flow = self.run(&changes);
        (self.source, self.set_going, self.shown, self.locals) = outside;
        flow
    }

    pub(super) fn call(&mut self, name: &ObjectName, arguments: &[Value], span: Span) -> Flow {
        let id = match self.schema.find_mysql_routine(RoutineKind::Procedure, name) {
            Found::Here(id) => id,
            Found::Perhaps(_) => return self.call_unknown(arguments, &Touches::Everything),
            Found::Nothing(id) => {
                let missing = self
                    .schema
                    .missing(&rule::UNKNOWN_OBJECT, "procedure", name, &id);
                self.refuse(missing);
                return Flow::Next;
            }
        };
        let Some(Object::Routine(routine)) = self.schema.get(&id) else {
            return self.call_unknown(arguments, &Touches::Everything);
        };
        let touches = routine.touches.clone();
        let (Some(program), Some(origin)) = (routine.program.clone(), routine.origin.clone())
        else {
            return self.call_unknown(arguments, &touches);
        };
        if program.parameters.len() != arguments.len() {
            let message = format!(
                "procedure `{name}` takes {}, and is given {}",
                count(program.parameters.len()),
                arguments.len()
            );
            let conflict = Conflict::new(
                &rule::BAD_DEFINITION,
                message,
                name.span(),
                "not as many arguments",
            );
            let note = self.schema.note(&id);
            self.refuse(conflict.note_maybe(note));
            return Flow::Next;
        }
        if self.calls.contains(&id) || self.calls.len() >= DEEPEST_CALL {
            return self.call_unknown(arguments, &Touches::Everything);
        }
        self.call_known(id, &program, &origin, arguments, span)
    }

    fn call_known(
        &mut self,
        id: ObjectId,
        program: &Program,
        origin: &Origin,
        arguments: &[Value],
        span: Span,
    ) -> Flow {
        let parameters = program.parameters.iter().zip(arguments);
        let given: Locals = parameters
            .clone()
            .map(|(parameter, argument)| (parameter.name.clone(), self.value(argument)))
            .collect();
        self.calls.push(id);
        let outside = (
            std::mem::replace(&mut self.source, Arc::clone(&origin.source)),
            self.set_going,
            self.shown.take(),
            std::mem::replace(&mut self.locals, vec![given]),
        );
        self.set_going.get_or_insert(span);
        let flow = self.run(&program.body);
        let inside = std::mem::take(&mut self.locals);
        (self.source, self.set_going, self.shown, self.locals) = outside;
        self.calls.pop();
        for (parameter, argument) in parameters.filter(|(parameter, _)| parameter.out) {
            let value = inside.first().and_then(|it| it.get(&parameter.name));
            match argument {
                Value::Session(name) => {
                    self.assign(&Variable::Session(name.clone()), value.cloned().flatten());
                }
                Value::Name(name, false) => {
                    self.assign(&Variable::Local(name.clone()), value.cloned().flatten());
                }
                _ => {}
            }
        }
        // Labels end with the procedure.
        match flow {
            Flow::Stop => Flow::Stop,
            _ => Flow::Next,
        }
    }

    /// A procedure that is not followed.
    fn call_unknown(&mut self, arguments: &[Value], touches: &Touches) -> Flow {
        self.schema.forget(touches);
        self.schema.session = Session::default();
        for argument in arguments {
            if let Value::Name(name, false) = argument {
                self.assign(&Variable::Local(name.clone()), None);
            }
        }
        Flow::Next
    }
}

/// A statement whose queries do not read the variables of the program for columns.
fn without_variables(change: &Change, names: &[&String]) -> Change {
    let mut change = change.clone();
    match &mut change {
        Change::Dml(dml) => {
            forget_columns(&mut dml.scope, names);
            for inner in &mut dml.inner {
                forget_columns(&mut inner.scope, names);
            }
        }
        Change::CreateTable(create) => {
            if let Some(query) = &mut create.as_query {
                forget_columns(query, names);
            }
        }
        _ => {}
    }
    change
}

fn forget_columns(scope: &mut Scope, names: &[&String]) {
    // A variable may be a row, of which the fields are named behind a dot.
    scope.columns.retain(|it| {
        let first = it.qualifier.as_ref().unwrap_or(&it.column);
        !names.contains(&&first.name.to_lowercase())
    });
    for inner in &mut scope.inner {
        forget_columns(inner, names);
    }
}

fn count(arguments: usize) -> String {
    match arguments {
        1 => "1 argument".to_owned(),
        more => format!("{more} arguments"),
    }
}

/// A text as a note shows it: on one line, and not too long.
fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= LONGEST_NOTE {
        return text;
    }
    let start: String = text.chars().take(LONGEST_NOTE).collect();
    format!("{start}…")
}
