//! Following MySQL's programs: procedures that are called, blocks, prepared statements.
//!
//! Statements that run for certain are applied as if they stood in the script; what is wrong with them
//! is said of the statement that set them going. Where it is not known whether something runs, what it
//! does is tried and taken back, and what it touched is uncertain from there on. Where it is not known
//! what runs, everything is.

mod statement;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use migrate_core::SourceFile;

use super::Applier;
use super::evaluate::{Environment, Locals};
use crate::change::{Change, LoopEnd, Step, Touches, Value, Variable};
use crate::conflict::Conflict;
use crate::name::Span;
use crate::schema::session::{Known, Session};
use crate::schema::{ObjectId, Schema};

/// How many steps are followed before a program counts as one that cannot be.
const MOST_STEPS: usize = 10_000;

impl Applier<'_> {
    /// A step in a script.
    pub(super) fn step(&mut self, step: &Step) {
        let mut runner = Runner {
            schema: self.schema,
            source: Arc::clone(self.place.source),
            script: Arc::clone(self.place.source),
            statement: self.place.statement,
            set_going: self.set_going,
            shown: None,
            locals: Vec::new(),
            calls: Vec::new(),
            handlers: Vec::new(),
            catching: 0,
            left: MOST_STEPS,
            conflicts: Vec::new(),
        };
        runner.step(step);
        let conflicts = runner.conflicts;
        for conflict in conflicts {
            self.refuse(conflict);
        }
    }
}

/// Where a program goes after a step.
#[derive(Debug, PartialEq, Eq)]
enum Flow {
    /// To the next one.
    Next,
    /// Out of what has that label.
    Leave(String),
    /// To the next round of the loop with that label.
    Iterate(String),
    /// Nowhere: an error was raised.
    Stop,
    /// To the next one, or out of one of these; [`ANYWHERE`] is none that is known.
    Perhaps(BTreeSet<String>),
}

/// A label that nothing has.
const ANYWHERE: &str = "";

impl Flow {
    fn perhaps(labels: BTreeSet<String>) -> Flow {
        if labels.is_empty() {
            Flow::Next
        } else {
            Flow::Perhaps(labels)
        }
    }

    /// Where it may go besides to the next statement, if it may happen at all. Who raises an error
    /// that nothing catches goes nowhere.
    fn labels(self, caught: bool) -> BTreeSet<String> {
        match self {
            Flow::Next => BTreeSet::new(),
            Flow::Stop if !caught => BTreeSet::new(),
            Flow::Leave(label) | Flow::Iterate(label) => BTreeSet::from([label]),
            Flow::Stop => BTreeSet::from([ANYWHERE.to_owned()]),
            Flow::Perhaps(labels) => labels,
        }
    }

    /// What it is after a block or loop with that label.
    fn out_of(self, label: Option<&str>) -> Flow {
        match (self, label) {
            (Flow::Leave(left), Some(label)) if left == label => Flow::Next,
            (Flow::Perhaps(mut labels), Some(label)) => {
                labels.remove(label);
                Flow::perhaps(labels)
            }
            (flow, _) => flow,
        }
    }
}

struct Runner<'r> {
    schema: &'r mut Schema,
    /// Where the statements that run stand.
    source: Arc<SourceFile>,
    /// The script that is applied.
    script: Arc<SourceFile>,
    /// The statement of the script.
    statement: Span,
    /// The statement of the script that set the program going; `None` where the statements that
    /// run are the script's own.
    set_going: Option<Span>,
    /// What conflicts are said to be about, where the statement is not the script's own.
    shown: Option<String>,
    /// The variables of the procedure that runs, the innermost block last.
    locals: Vec<Locals>,
    /// The procedures that run.
    calls: Vec<ObjectId>,
    /// The handlers of the blocks around, the innermost last.
    handlers: Vec<Vec<Change>>,
    /// How many of these blocks catch errors.
    catching: usize,
    /// How many more steps are followed.
    left: usize,
    conflicts: Vec<Conflict>,
}

impl Runner<'_> {
    fn run(&mut self, changes: &[Change]) -> Flow {
        for (at, change) in changes.iter().enumerate() {
            if self.left == 0 {
                return self.give_up();
            }
            self.left -= 1;
            let flow = match change {
                Change::Step(step) => self.step(step),
                change => {
                    self.statement(change);
                    Flow::Next
                }
            };
            match flow {
                Flow::Next => {}
                Flow::Perhaps(mut labels) => {
                    let rest = self.perhaps(changes.get(at + 1..).unwrap_or_default());
                    labels.extend(rest.labels(self.catching > 0));
                    return Flow::Perhaps(labels);
                }
                flow => return flow,
            }
        }
        Flow::Next
    }

    fn step(&mut self, step: &Step) -> Flow {
        match step {
            Step::Block {
                label,
                handlers,
                catches,
                body,
            } => {
                self.locals.push(Locals::new());
                self.handlers.push(handlers.clone());
                let flow = if *catches {
                    self.catching += 1;
                    let flow = self.guarded(body, handlers);
                    self.catching -= 1;
                    flow
                } else {
                    self.run(body)
                };
                self.handlers.pop();
                self.locals.pop();
                flow.out_of(label.as_deref())
            }
            Step::Declare { names, value } => {
                let value = self.value(value);
                if let Some(locals) = self.locals.last_mut() {
                    locals.extend(names.iter().map(|name| (name.clone(), value.clone())));
                }
                Flow::Next
            }
            Step::If {
                branches,
                otherwise,
            } => self.branch(branches, otherwise.as_deref()),
            Step::Loop { label, until, body } => {
                let label = label.as_deref();
                self.repeat(label, until, body).out_of(label)
            }
            Step::Leave(label) => Flow::Leave(label.clone()),
            Step::Iterate(label) => Flow::Iterate(label.clone()),
            Step::Set {
                variable,
                value,
                setting,
            } => {
                let value = self.value(value);
                if !self.assign(variable, value)
                    && let Some(setting) = setting
                {
                    self.statement(setting);
                }
                Flow::Next
            }
            Step::Assign { variables, query } => {
                let values = query
                    .as_ref()
                    .map(|query| self.environment().only_row(query));
                if variables.is_empty() {
                    self.forget_variables();
                }
                // Where there is no row a handler may run.
                for handler in self.handlers.clone() {
                    self.forget_assigned(&handler);
                }
                for (at, variable) in variables.iter().enumerate() {
                    let value = values.as_ref().and_then(|it| it.get(at)).cloned();
                    self.assign(variable, value.flatten());
                }
                Flow::Next
            }
            Step::Prepare { name, text, span } => self.prepare(name, text, *span),
            Step::Execute { what, span } => self.execute(what, *span),
            Step::Deallocate(name) => {
                self.schema.session.prepared.remove(name);
                Flow::Next
            }
            Step::Call {
                name,
                arguments,
                span,
            } => self.call(name, arguments, *span),
            Step::Stop => Flow::Stop,
        }
    }

    // Values.

    fn environment(&self) -> Environment<'_> {
        Environment {
            schema: self.schema,
            locals: &self.locals,
        }
    }

    fn value(&self, value: &Value) -> Option<Known> {
        self.environment().value(value)
    }

    /// False where the program has no variable of that name.
    fn assign(&mut self, variable: &Variable, value: Option<Known>) -> bool {
        match variable {
            Variable::Session(name) => {
                let variables = &mut self.schema.session.variables;
                match value {
                    Some(value) => variables.insert(name.clone(), value),
                    None => variables.remove(name),
                };
                true
            }
            Variable::Local(name) => {
                let local = self.locals.iter_mut().rev().find_map(|it| it.get_mut(name));
                match local {
                    Some(local) => *local = value,
                    None => return false,
                }
                true
            }
        }
    }

    fn forget_variables(&mut self) {
        self.schema.session.variables.clear();
        for value in self.locals.iter_mut().flat_map(BTreeMap::values_mut) {
            *value = None;
        }
    }

    // Branches, loops, handlers.

    fn branch(&mut self, branches: &[(Value, Vec<Change>)], otherwise: Option<&[Change]>) -> Flow {
        for (at, (condition, body)) in branches.iter().enumerate() {
            match self.environment().holds(condition) {
                Some(true) => return self.run(body),
                Some(false) => {}
                None => {
                    let rest = branches.get(at..).unwrap_or_default();
                    let bodies: Vec<&[Change]> = rest
                        .iter()
                        .map(|(_, body)| body.as_slice())
                        .chain(otherwise)
                        .collect();
                    return self.one_of(&bodies);
                }
            }
        }
        match otherwise {
            Some(body) => self.run(body),
            // A CASE in which nothing matches is an error.
            None => Flow::Stop,
        }
    }

    /// At most one of these runs.
    fn one_of(&mut self, bodies: &[&[Change]]) -> Flow {
        let before = self.memory();
        let mut labels = BTreeSet::new();
        let mut after = before.clone();
        for body in bodies {
            self.recall(before.clone());
            let flow = self.perhaps(body);
            labels.extend(flow.labels(self.catching > 0));
            after = common(after, self.memory());
        }
        self.recall(after);
        Flow::perhaps(labels)
    }

    fn repeat(&mut self, label: Option<&str>, until: &LoopEnd, body: &[Change]) -> Flow {
        loop {
            let goes_on = match until {
                LoopEnd::While(condition) => self.environment().holds(condition),
                LoopEnd::Until(_) | LoopEnd::Left => Some(true),
                LoopEnd::Range(_) => None,
            };
            match goes_on {
                Some(true) => {}
                Some(false) => return Flow::Next,
                None => return self.rounds(until, body),
            }
            match self.run(body) {
                Flow::Next => {}
                Flow::Iterate(again) if Some(again.as_str()) == label => {}
                Flow::Perhaps(mut labels) => {
                    labels.extend(self.rounds(until, body).labels(self.catching > 0));
                    return Flow::Perhaps(labels);
                }
                flow => return flow,
            }
            if let LoopEnd::Until(condition) = until {
                match self.environment().holds(condition) {
                    Some(true) => return Flow::Next,
                    Some(false) => {}
                    None => return self.rounds(until, body),
                }
            }
            if self.left == 0 {
                return self.give_up();
            }
            self.left -= 1;
        }
    }

    /// Any number of rounds: what the body assigns is not known in any of them.
    fn rounds(&mut self, until: &LoopEnd, body: &[Change]) -> Flow {
        self.locals.push(Locals::new());
        if let (LoopEnd::Range(counter), Some(locals)) = (until, self.locals.last_mut()) {
            locals.insert(counter.clone(), None);
        }
        self.forget_assigned(body);
        let flow = self.perhaps(body);
        self.forget_assigned(body);
        self.locals.pop();
        Flow::perhaps(flow.labels(self.catching > 0))
    }

    fn forget_assigned(&mut self, body: &[Change]) {
        for change in body {
            let Change::Step(step) = change else {
                continue;
            };
            match &**step {
                Step::Set { variable, .. } => {
                    self.assign(variable, None);
                }
                Step::Assign { variables, .. } if variables.is_empty() => self.forget_variables(),
                Step::Assign { variables, .. } => {
                    for variable in variables {
                        self.assign(variable, None);
                    }
                }
                Step::Block { body, .. } | Step::Loop { body, .. } => self.forget_assigned(body),
                Step::If {
                    branches,
                    otherwise,
                } => {
                    let bodies = branches.iter().map(|(_, body)| body).chain(otherwise);
                    bodies.for_each(|body| self.forget_assigned(body));
                }
                Step::Prepare { name, .. } => {
                    self.schema.session.prepared.remove(name);
                }
                // What is called or executed may assign to any variable of the session.
                Step::Call { .. } | Step::Execute { .. } => self.forget_variables(),
                _ => {}
            }
        }
    }

    /// A block whose handlers may catch errors: after the first one nothing is certain.
    fn guarded(&mut self, body: &[Change], handlers: &[Change]) -> Flow {
        for (at, change) in body.iter().enumerate() {
            let outside = std::mem::take(&mut self.conflicts);
            let memory = self.memory();
            self.schema.begin();
            let flow = self.run(std::slice::from_ref(change));
            let failed = !self.conflicts.is_empty() || flow == Flow::Stop;
            self.conflicts = outside;
            if failed {
                self.schema.rollback();
                self.recall(memory);
                let rest = body.get(at..).unwrap_or_default();
                let mut labels = self.one_of(&[rest, handlers]).labels(true);
                // After CONTINUE it goes on.
                let next = self.perhaps(rest.get(1..).unwrap_or_default());
                labels.extend(next.labels(true));
                // What caught the error may be this block's own.
                labels.remove(ANYWHERE);
                return Flow::perhaps(labels);
            }
            self.schema.commit();
            match flow {
                Flow::Next => {}
                Flow::Perhaps(mut labels) => {
                    let rest = self.perhaps(body.get(at + 1..).unwrap_or_default());
                    labels.extend(rest.labels(true));
                    return Flow::Perhaps(labels);
                }
                flow => return flow,
            }
        }
        Flow::Next
    }

    /// Statements that may run: what they would touch is uncertain afterwards.
    fn perhaps(&mut self, body: &[Change]) -> Flow {
        if body.is_empty() {
            return Flow::Next;
        }
        let outside = std::mem::take(&mut self.conflicts);
        let before = self.memory();
        let checks = self.schema.checks_foreign_keys;
        self.schema.begin();
        let flow = self.run(body);
        self.schema.rollback_perhaps();
        // Unchecked keys are never refused.
        self.schema.checks_foreign_keys &= checks;
        self.conflicts = outside;
        let after = self.memory();
        self.recall(common(before, after));
        flow
    }

    /// The values that variables have.
    fn memory(&self) -> Memory {
        (self.schema.session.clone(), self.locals.clone())
    }

    fn recall(&mut self, (session, locals): Memory) {
        self.schema.session = session;
        self.locals = locals;
    }

    /// Too much to follow.
    fn give_up(&mut self) -> Flow {
        self.schema.forget(&Touches::Everything);
        self.forget_variables();
        Flow::Perhaps(BTreeSet::from([ANYWHERE.to_owned()]))
    }
}

/// What variables hold.
type Memory = (Session, Vec<Locals>);

/// What is known whichever of the two it is.
fn common((mut session, mut locals): Memory, (other, others): Memory) -> Memory {
    session
        .variables
        .retain(|name, value| other.variables.get(name) == Some(value));
    session
        .prepared
        .retain(|name, text| other.prepared.get(name) == Some(text));
    for (block, other) in locals.iter_mut().zip(&others) {
        for (name, value) in block.iter_mut() {
            if other.get(name) != Some(value) {
                *value = None;
            }
        }
    }
    (session, locals)
}
