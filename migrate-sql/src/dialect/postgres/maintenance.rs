//! Statements that maintain: VACUUM, REINDEX, CLUSTER, REFRESH, ANALYZE, LOCK.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{Reader, child, has_token, tokens};
use crate::change::{Change, MaintenanceVerb};
use crate::name::ObjectName;

impl Reader {
    /// A statement of this sort; nothing for others.
    pub(super) fn maintenance(&self, statement: &ast::Stmt, out: &mut Vec<Change>) {
        let node = statement.syntax();
        let full = node
            .descendants()
            .any(|it| it.kind() == VACUUM_OPTION_NAME && is_word(&it, "full"))
            || has_token(node, FULL_KW);
        let (verb, names) = match statement {
            ast::Stmt::Vacuum(_) => (MaintenanceVerb::Vacuum, self.tables(node)),
            ast::Stmt::Analyze(_) => (MaintenanceVerb::Analyze, self.tables(node)),
            ast::Stmt::Cluster(it) => {
                let table = it.table_name_ref().or_else(|| {
                    // CLUSTER index ON table.
                    it.cluster_legacy()?.on_path()?.table_name_ref()
                });
                (MaintenanceVerb::Cluster, self.objects(table))
            }
            ast::Stmt::Refresh(it) => (MaintenanceVerb::Refresh, self.objects(it.view_ref())),
            ast::Stmt::Lock(it) => (
                MaintenanceVerb::Lock,
                it.relation_list()
                    .map(|list| self.objects(list.relation_names()))
                    .unwrap_or_default(),
            ),
            ast::Stmt::Reindex(it) => match it.reindex_target() {
                Some(ast::ReindexTarget::ReindexTargetIndex(it)) => {
                    (MaintenanceVerb::ReindexIndex, self.objects(it.index_ref()))
                }
                Some(ast::ReindexTarget::ReindexTargetTable(it)) => (
                    MaintenanceVerb::ReindexTable,
                    self.objects(it.table_name_ref()),
                ),
                _ => (MaintenanceVerb::ReindexAll, Vec::new()),
            },
            _ => (MaintenanceVerb::Other, Vec::new()),
        };
        // The word stands among the options or before the name.
        let concurrently = tokens(node).any(|token| token.kind() == CONCURRENTLY_KW);
        let one = |name: Option<ObjectName>| Change::Maintenance {
            verb,
            name,
            concurrently,
            full,
        };
        match names.is_empty() {
            true => out.push(one(None)),
            false => out.extend(names.into_iter().map(|name| one(Some(name)))),
        }
    }

    fn tables(&self, node: &SyntaxNode) -> Vec<ObjectName> {
        let list = child(node, TABLE_AND_COLUMNS_LIST);
        list.iter()
            .flat_map(|list| list.children())
            .filter_map(|it| self.object_of(&it))
            .collect()
    }
}

fn is_word(node: &SyntaxNode, word: &str) -> bool {
    tokens(node).any(|token| token.text().eq_ignore_ascii_case(word))
}
