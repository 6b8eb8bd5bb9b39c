//! Views.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;

use super::reader::{Reader, child, has_token, text};
use super::scope::{ScopeReader, is_query};
use crate::change::{Change, CreateView, OutputColumns};

impl Reader {
    /// CREATE VIEW and CREATE MATERIALIZED VIEW.
    pub(super) fn create_view(&self, node: &SyntaxNode) -> Option<Change> {
        let name = self.object_of(&child(node, VIEW)?)?;
        let query = node.children().find(|it| is_query(it.kind()))?;
        let listed = child(node, COLUMN_LIST)
            .map(|list| {
                list.children()
                    .filter_map(|it| self.ident(&it))
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default();
        let mut scopes = ScopeReader::new(*self);
        if has_token(node, RECURSIVE_KW) {
            let columns = listed.iter().map(|it| it.name.clone()).collect();
            scopes.name_query(name.name.name.clone(), Some(columns));
        }
        // The list may name the first few only.
        let columns = match self.output_columns(&query) {
            OutputColumns::Known(names) => {
                let rest = names.into_iter().skip(listed.len());
                OutputColumns::Known(listed.iter().cloned().chain(rest).collect())
            }
            OutputColumns::Unknown => OutputColumns::Unknown,
        };
        Some(Change::CreateView(Box::new(CreateView {
            name,
            materialized: node.kind() == CREATE_MATERIALIZED_VIEW,
            or_replace: child(node, OR_REPLACE).is_some(),
            if_not_exists: child(node, IF_NOT_EXISTS).is_some(),
            temporary: child(node, TEMP).is_some(),
            columns,
            listed,
            query: scopes.query(&query),
            text: text(&query),
            span: self.span(&query),
        })))
    }
}
