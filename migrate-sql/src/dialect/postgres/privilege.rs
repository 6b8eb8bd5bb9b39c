//! GRANT, REVOKE and COMMENT: statements that only name objects.

use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;

use super::reader::{Reader, child, table_and_column};
use crate::change::{Change, ObjectKind};

impl Reader {
    /// GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, REASSIGN OWNED.
    pub(super) fn privilege(&self, node: &SyntaxNode) -> Change {
        let clause = child(node, ON_PRIVILEGE_OBJECTS_CLAUSE);
        let objects = clause.iter().flat_map(|clause| clause.children());
        Change::Privilege {
            objects: objects
                .filter_map(|it| Some((privileged(it.kind())?, it)))
                .flat_map(|(kind, it)| {
                    // Functions stand in a list of signatures.
                    let list = it.children().find(|it| {
                        matches!(
                            it.kind(),
                            FUNCTION_SIG_LIST | PROCEDURE_SIG_LIST | ROUTINE_SIG_LIST
                        )
                    });
                    let names: Vec<_> = list
                        .unwrap_or(it)
                        .children()
                        .filter_map(|name| Some((kind, self.object_of(&name)?)))
                        .collect();
                    names
                })
                .collect(),
        }
    }

    /// COMMENT ON and SECURITY LABEL, by what they are about.
    pub(super) fn comment(&self, object: &SyntaxNode) -> Option<Change> {
        let kind = match object.kind() {
            OBJECT_TABLE => ObjectKind::Table,
            OBJECT_FOREIGN_TABLE => ObjectKind::ForeignTable,
            OBJECT_VIEW => ObjectKind::View,
            OBJECT_MATERIALIZED_VIEW => ObjectKind::MaterializedView,
            OBJECT_INDEX => ObjectKind::Index,
            OBJECT_SEQUENCE => ObjectKind::Sequence,
            OBJECT_TYPE => ObjectKind::Type,
            OBJECT_DOMAIN => ObjectKind::Domain,
            OBJECT_FUNCTION => ObjectKind::Function,
            OBJECT_PROCEDURE => ObjectKind::Procedure,
            OBJECT_ROUTINE => ObjectKind::Routine,
            OBJECT_AGGREGATE => ObjectKind::Aggregate,
            OBJECT_SCHEMA => ObjectKind::Schema,
            OBJECT_EXTENSION => ObjectKind::Extension,
            OBJECT_ROLE => ObjectKind::Role,
            OBJECT_CONSTRAINT => ObjectKind::Constraint,
            OBJECT_TRIGGER => ObjectKind::Trigger,
            OBJECT_POLICY => ObjectKind::Policy,
            OBJECT_RULE => ObjectKind::Rule,
            OBJECT_COLUMN => {
                let (name, column) = table_and_column(self.parts(object))?;
                return Some(Change::Comment {
                    kind: ObjectKind::Column,
                    name,
                    column: Some(column),
                });
            }
            // Databases, operators, casts and the like.
            _ => return Some(Change::Privilege { objects: vec![] }),
        };
        Some(Change::Comment {
            kind,
            name: self.object_of(&object.children().next()?)?,
            column: None,
        })
    }
}

fn privileged(kind: SyntaxKind) -> Option<ObjectKind> {
    Some(match kind {
        PRIVILEGE_TABLE | PRIVILEGE_DEFAULT => ObjectKind::Table,
        PRIVILEGE_SEQUENCE => ObjectKind::Sequence,
        PRIVILEGE_SCHEMA
        | PRIVILEGE_ALL_TABLES_IN_SCHEMA
        | PRIVILEGE_ALL_SEQUENCES_IN_SCHEMA
        | PRIVILEGE_ALL_FUNCTIONS_IN_SCHEMA
        | PRIVILEGE_ALL_PROCEDURES_IN_SCHEMA
        | PRIVILEGE_ALL_ROUTINES_IN_SCHEMA => ObjectKind::Schema,
        PRIVILEGE_FUNCTION => ObjectKind::Function,
        PRIVILEGE_PROCEDURE => ObjectKind::Procedure,
        PRIVILEGE_ROUTINE => ObjectKind::Routine,
        PRIVILEGE_TYPE => ObjectKind::Type,
        PRIVILEGE_DOMAIN => ObjectKind::Domain,
        _ => return None,
    })
}
