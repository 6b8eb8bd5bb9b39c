//! Functions, procedures, aggregates, triggers.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{Reader, child, has_token, squeezed};
use super::statement::is_cascade;
use crate::change::{
    Change, CreateRoutine, CreateTrigger, Drop, ObjectKind, Opaque, RoutineKind, Touches,
    TriggerTiming,
};
use crate::column_type::ColumnType;
use crate::name::ObjectName;

impl Reader {
    /// CREATE FUNCTION and CREATE PROCEDURE.
    pub(super) fn create_routine(&self, node: &SyntaxNode) -> Option<Change> {
        let (kind, name) = match node.kind() {
            CREATE_PROCEDURE => (RoutineKind::Procedure, child(node, PROCEDURE_NAME)?),
            _ => (RoutineKind::Function, child(node, FUNCTION_NAME)?),
        };
        Some(Change::CreateRoutine(Box::new(CreateRoutine {
            name: self.object_of(&name)?,
            kind,
            or_replace: child(node, OR_REPLACE).is_some(),
            if_not_exists: false,
            arguments: self.arguments(node),
            returns: self.returns(node),
            body: self.routine_body(node),
            program: None,
        })))
    }

    /// CREATE AGGREGATE.
    pub(super) fn create_aggregate(&self, it: &ast::CreateAggregate) -> Option<Change> {
        Some(Change::CreateRoutine(Box::new(CreateRoutine {
            name: self.object(it.aggregate_name())?,
            kind: RoutineKind::Aggregate,
            or_replace: it.or_replace().is_some(),
            if_not_exists: false,
            arguments: self.arguments(it.syntax()),
            returns: None,
            body: Opaque {
                reason: "a call of an aggregate".to_owned(),
                touches: Touches::Everything,
                span: self.span(it.syntax()),
            },
            program: None,
        })))
    }

    /// The canonical types of the input arguments; `None` where they are not written, or one is
    /// that of a column (`t.c%TYPE`).
    pub(super) fn arguments(&self, node: &SyntaxNode) -> Option<Vec<String>> {
        let list = child(node, PARAM_LIST)?;
        let params = list.children().filter_map(ast::Param::cast);
        params
            .filter(|param| !matches!(param.mode(), Some(ast::ParamMode::ParamOut(_))))
            .map(|param| Some(without_modifiers(self.func_type(param.func_type()?)?)))
            .collect()
    }

    fn returns(&self, node: &SyntaxNode) -> Option<String> {
        let returns = ast::RetType::cast(child(node, RET_TYPE)?)?;
        match returns.func_type() {
            // A trigger function, a set, a plain type.
            Some(it) => {
                let set = has_token(it.syntax(), SETOF_KW);
                let name = without_modifiers(self.func_type(it)?);
                Some(if set { format!("SETOF {name}") } else { name })
            }
            None => Some(squeezed(returns.syntax()).to_lowercase()),
        }
    }

    fn func_type(&self, it: ast::FuncType) -> Option<ColumnType> {
        match it {
            ast::FuncType::Type(ty) => Some(self.plain_type(&ty)),
            ast::FuncType::PercentType(_) => None,
        }
    }

    /// DROP FUNCTION, PROCEDURE, ROUTINE, AGGREGATE: each may have other arguments.
    pub(super) fn drop_routines(&self, node: &SyntaxNode, kind: ObjectKind, out: &mut Vec<Change>) {
        let signatures = node.descendants().filter(|it| {
            matches!(
                it.kind(),
                FUNCTION_SIG | PROCEDURE_SIG | ROUTINE_SIG | AGGREGATE
            )
        });
        for signature in signatures {
            if let Some(name) = self.object_of(&signature) {
                out.push(Change::Drop(Drop {
                    kind,
                    names: vec![name],
                    table: None,
                    arguments: self.arguments(&signature),
                    if_exists: child(node, IF_EXISTS).is_some(),
                    cascade: is_cascade(node),
                    concurrently: false,
                }));
            }
        }
    }

    /// CREATE TRIGGER.
    pub(super) fn create_trigger(&self, it: &ast::CreateTrigger) -> Option<Change> {
        let node = it.syntax();
        let timing = match it.timing() {
            Some(ast::Timing::TimingBefore(_)) => TriggerTiming::Before,
            Some(ast::Timing::TimingInsteadOf(_)) => TriggerTiming::InsteadOf,
            Some(ast::Timing::TimingAfter(_)) | None => TriggerTiming::After,
        };
        let events = it.trigger_event_list();
        let of_columns = events.iter().flat_map(|list| list.syntax().descendants());
        Some(Change::CreateTrigger(Box::new(CreateTrigger {
            name: ObjectName::unqualified(self.name(it.trigger())?),
            table: Some(self.object(it.on_relation())?),
            or_replace: it.or_replace().is_some(),
            if_not_exists: false,
            constraint: has_token(node, CONSTRAINT_KW),
            timing,
            of_columns: of_columns
                .filter(|it| it.kind() == COLUMN_NAME_REF)
                .filter_map(|it| self.ident(&it))
                .collect(),
            when: it
                .when_condition()
                .and_then(|it| it.expr())
                .map(|expr| self.expression(&expr)),
            function: it.call_expr().and_then(|call| self.called(call.syntax())),
            body: None,
        })))
    }

    /// CREATE EVENT TRIGGER.
    pub(super) fn create_event_trigger(&self, it: &ast::CreateEventTrigger) -> Option<Change> {
        Some(Change::CreateTrigger(Box::new(CreateTrigger {
            name: ObjectName::unqualified(self.name(it.event_trigger())?),
            table: None,
            or_replace: false,
            if_not_exists: false,
            constraint: false,
            timing: TriggerTiming::Event,
            of_columns: Vec::new(),
            when: None,
            function: it.call_expr().and_then(|call| self.called(call.syntax())),
            body: None,
        })))
    }
}

/// A routine is found by its types alone.
fn without_modifiers(mut column_type: ColumnType) -> String {
    column_type.modifiers.clear();
    column_type.to_string()
}
