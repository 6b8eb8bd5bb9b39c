//! Which statement it is.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{Reader, child};
use super::scope::is_query;
use crate::change::{Change, ObjectKind, Opaque, Session, Touches};
use crate::name::{Ident, ObjectName};

impl Reader {
    /// What a statement does, in order. Nothing for one that changes neither a schema nor the
    /// session, as BEGIN.
    pub(super) fn statement(&self, statement: &ast::Stmt, out: &mut Vec<Change>) {
        let node = statement.syntax();
        let before = out.len();
        let change = match statement {
            ast::Stmt::EmptyStmt(_)
            | ast::Stmt::Begin(_)
            | ast::Stmt::Commit(_)
            | ast::Stmt::SavepointCreate(_)
            | ast::Stmt::ReleaseSavepoint(_)
            | ast::Stmt::Prepare(_)
            | ast::Stmt::Deallocate(_)
            | ast::Stmt::Show(_)
            | ast::Stmt::Listen(_)
            | ast::Stmt::Unlisten(_)
            | ast::Stmt::Notify(_)
            | ast::Stmt::Fetch(_)
            | ast::Stmt::Move(_)
            | ast::Stmt::Close(_) => return,
            ast::Stmt::Rollback(_) | ast::Stmt::PrepareTransaction(_) => {
                Some(self.opaque(node, "a rollback inside the script", Touches::Everything))
            }
            // PREPARE takes only statements over rows.
            ast::Stmt::Execute(_) => {
                Some(self.opaque(node, "a prepared statement", Touches::Nothing))
            }

            ast::Stmt::CreateTable(_)
            | ast::Stmt::CreateForeignTable(_)
            | ast::Stmt::CreateTableAs(_) => self.create_table(node),
            ast::Stmt::SelectInto(_) => self.select_into(node),
            ast::Stmt::AlterTable(_) => {
                self.alter_table(node, ObjectKind::Table, out);
                None
            }
            ast::Stmt::AlterForeignTable(_) => {
                self.alter_table(node, ObjectKind::ForeignTable, out);
                None
            }
            ast::Stmt::AlterView(_) => {
                self.alter_table(node, ObjectKind::View, out);
                None
            }
            ast::Stmt::AlterMaterializedView(_) => {
                self.alter_table(node, ObjectKind::MaterializedView, out);
                None
            }
            ast::Stmt::CreateIndex(it) => self.create_index(it),
            ast::Stmt::AlterIndex(it) => self.alter_index(it),
            ast::Stmt::CreateView(_) | ast::Stmt::CreateMaterializedView(_) => {
                self.create_view(node)
            }
            ast::Stmt::CreateType(it) => self.create_type(it),
            ast::Stmt::AlterType(it) => self.alter_type(it),
            ast::Stmt::CreateDomain(_) => self.create_domain(node),
            ast::Stmt::AlterDomain(it) => self.alter_domain(it),
            ast::Stmt::CreateSequence(_) => self.create_sequence(node),
            ast::Stmt::AlterSequence(it) => self.alter_sequence(it),
            ast::Stmt::CreateFunction(_) | ast::Stmt::CreateProcedure(_) => {
                self.create_routine(node)
            }
            ast::Stmt::CreateAggregate(it) => self.create_aggregate(it),
            ast::Stmt::CreateTrigger(it) => self.create_trigger(it),
            ast::Stmt::CreateEventTrigger(it) => self.create_event_trigger(it),
            ast::Stmt::CreateSchema(it) => {
                self.create_schema(it, out);
                None
            }
            ast::Stmt::CreateExtension(it) => {
                self.name(it.extension())
                    .map(|name| Change::CreateExtension {
                        name,
                        if_not_exists: it.if_not_exists().is_some(),
                    })
            }
            ast::Stmt::CreatePolicy(it) => self.create_policy(it),
            ast::Stmt::AlterPolicy(it) => self.alter_policy(it),
            ast::Stmt::ImportForeignSchema(_) => {
                Some(self.opaque(node, "IMPORT FOREIGN SCHEMA", Touches::Everything))
            }

            ast::Stmt::DropFunction(_) => {
                self.drop_routines(node, ObjectKind::Function, out);
                None
            }
            ast::Stmt::DropProcedure(_) => {
                self.drop_routines(node, ObjectKind::Procedure, out);
                None
            }
            ast::Stmt::DropRoutine(_) => {
                self.drop_routines(node, ObjectKind::Routine, out);
                None
            }
            ast::Stmt::DropAggregate(_) => {
                self.drop_routines(node, ObjectKind::Aggregate, out);
                None
            }
            ast::Stmt::DropOwned(_) => Some(self.opaque(node, "DROP OWNED", Touches::Everything)),

            ast::Stmt::CommentOn(it) => {
                it.comment_object().and_then(|it| self.comment(it.syntax()))
            }
            ast::Stmt::SecurityLabel(it) => it
                .security_label_object()
                .and_then(|it| self.comment(it.syntax())),
            ast::Stmt::Grant(_)
            | ast::Stmt::Revoke(_)
            | ast::Stmt::AlterDefaultPrivileges(_)
            | ast::Stmt::Reassign(_) => Some(self.privilege(node)),

            ast::Stmt::Insert(_)
            | ast::Stmt::Update(_)
            | ast::Stmt::Delete(_)
            | ast::Stmt::Merge(_) => self.dml(node),
            ast::Stmt::Copy(it) => self.copy(it),
            ast::Stmt::Truncate(it) => self.truncate(it),
            ast::Stmt::Call(it) => self.call(it),
            ast::Stmt::Explain(it) => it.explain_stmt().and_then(|it| self.explained(it.syntax())),
            ast::Stmt::Declare(it) => it.query().and_then(|it| self.dml(it.syntax())),
            ast::Stmt::Do(it) => Some(Change::Opaque(self.do_block(it))),

            ast::Stmt::Vacuum(_)
            | ast::Stmt::Analyze(_)
            | ast::Stmt::Cluster(_)
            | ast::Stmt::Refresh(_)
            | ast::Stmt::Lock(_)
            | ast::Stmt::Reindex(_)
            | ast::Stmt::Repack(_)
            | ast::Stmt::Checkpoint(_)
            | ast::Stmt::Load(_) => {
                self.maintenance(statement, out);
                None
            }
            ast::Stmt::Set(_)
            | ast::Stmt::Reset(_)
            | ast::Stmt::SetRole(_)
            | ast::Stmt::ResetRole(_)
            | ast::Stmt::SetSessionAuth(_)
            | ast::Stmt::ResetSessionAuth(_)
            | ast::Stmt::SetConstraints(_)
            | ast::Stmt::SetTransaction(_)
            | ast::Stmt::Discard(_) => self.setting(statement),

            _ if is_query(node.kind()) => {
                out.extend(self.dml(node));
                self.set_by_function(node, out);
                None
            }
            _ => self
                .drop(node)
                .or_else(|| self.create_other(node))
                .or_else(|| self.alter_other(node)),
        };
        out.extend(change);
        if out.len() == before {
            out.push(self.opaque(
                node,
                "a statement that is not followed",
                Touches::Everything,
            ));
        }
    }

    /// CREATE SCHEMA, with what is made in it: the server sorts that by its kind.
    fn create_schema(&self, it: &ast::CreateSchema, out: &mut Vec<Change>) {
        let Some(name) = it.schema_name().and_then(|node| self.ident(&node)) else {
            return;
        };
        out.push(Change::CreateSchema {
            name: name.clone(),
            if_not_exists: it.if_not_exists().is_some(),
        });
        let mut elements: Vec<SyntaxNode> = it
            .schema_elements()
            .map(|element| element.syntax().clone())
            .collect();
        if elements.is_empty() {
            return;
        }
        elements.sort_by_key(|element| match element.kind() {
            CREATE_SEQUENCE => 0,
            CREATE_TABLE => 1,
            CREATE_VIEW => 2,
            CREATE_INDEX => 3,
            CREATE_TRIGGER => 4,
            _ => 5,
        });
        out.push(Change::Session(Session::Entered { schema: name }));
        for element in elements {
            match ast::Stmt::cast(element.clone()) {
                Some(statement) => self.statement(&statement, out),
                None => out.push(self.opaque(
                    &element,
                    "a statement inside CREATE SCHEMA",
                    Touches::Everything,
                )),
            }
        }
        out.push(Change::Session(Session::Left));
    }

    /// A statement that cannot be followed.
    pub(super) fn opaque(&self, node: &SyntaxNode, reason: &str, touches: Touches) -> Change {
        Change::Opaque(Opaque {
            reason: reason.to_owned(),
            touches,
            span: self.span(node),
        })
    }
}

/// CASCADE, with all that depends on it.
pub(super) fn is_cascade(node: &SyntaxNode) -> bool {
    child(node, CASCADE).is_some()
}

/// RENAME TO.
pub(super) fn renamed(
    kind: ObjectKind,
    from: ObjectName,
    to: ObjectName,
    if_exists: bool,
) -> Change {
    Change::Rename {
        kind,
        from,
        to,
        table: None,
        if_exists,
    }
}

/// SET SCHEMA.
pub(super) fn set_schema(
    kind: ObjectKind,
    name: ObjectName,
    schema: Ident,
    if_exists: bool,
) -> Change {
    Change::SetSchema {
        kind,
        name,
        schema,
        if_exists,
    }
}

/// OWNER TO, and options that the model does not have.
pub(super) fn owned(kind: ObjectKind, name: ObjectName) -> Change {
    Change::Privilege {
        objects: vec![(kind, name)],
    }
}
