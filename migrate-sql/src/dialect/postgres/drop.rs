//! DROP.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;

use super::reader::{Reader, child, has_token};
use super::statement::is_cascade;
use crate::change::{Change, Drop, ObjectKind};
use crate::name::ObjectName;

impl Reader {
    /// DROP of every kind; `None` where it is another statement.
    pub(super) fn drop(&self, node: &SyntaxNode) -> Option<Change> {
        let (kind, names) = match node.kind() {
            DROP_TABLE => (ObjectKind::Table, TABLE_NAME_REF),
            DROP_FOREIGN_TABLE => (ObjectKind::ForeignTable, TABLE_NAME_REF),
            DROP_VIEW => (ObjectKind::View, VIEW_REF),
            DROP_MATERIALIZED_VIEW => (ObjectKind::MaterializedView, VIEW_REF),
            DROP_INDEX => (ObjectKind::Index, INDEX_REF),
            DROP_SEQUENCE => (ObjectKind::Sequence, SEQUENCE_REF),
            DROP_TYPE => (ObjectKind::Type, TYPE_NAME_REF),
            DROP_DOMAIN => (ObjectKind::Domain, DOMAIN_REF),
            DROP_SCHEMA => (ObjectKind::Schema, SCHEMA_REF),
            DROP_EXTENSION => (ObjectKind::Extension, EXTENSION_REF),
            _ => match self.dropped_other(node) {
                Some(other) => other,
                None => return self.dropped_unknown(node),
            },
        };
        let names: Vec<ObjectName> = node
            .children()
            .filter(|it| it.kind() == names)
            .filter_map(|it| self.object_of(&it))
            .collect();
        (!names.is_empty()).then(|| {
            Change::Drop(Drop {
                kind,
                names,
                table: child(node, ON_RELATION)
                    .or_else(|| child(node, ON_TABLE))
                    .and_then(|on| self.object_of(&on)),
                arguments: None,
                if_exists: child(node, IF_EXISTS).is_some(),
                cascade: is_cascade(node),
                concurrently: has_token(node, CONCURRENTLY_KW),
            })
        })
    }
}
