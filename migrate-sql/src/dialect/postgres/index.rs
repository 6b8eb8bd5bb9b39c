//! Indexes.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::Reader;
use crate::change::{
    AlterIndex, Change, CreateIndex, IndexPart, MaintenanceVerb, ObjectKind, PartKind,
};

/// Operator classes that are the default of their type, whatever the kind of index: writing one
/// says nothing.
const DEFAULT_CLASSES: &[&str] = &[
    "array_ops",
    "bit_ops",
    "bool_ops",
    "bpchar_ops",
    "bytea_ops",
    "date_ops",
    "float4_ops",
    "float8_ops",
    "int2_ops",
    "int4_ops",
    "int8_ops",
    "interval_ops",
    "jsonb_ops",
    "macaddr_ops",
    "money_ops",
    "name_ops",
    "numeric_ops",
    "oid_ops",
    "range_ops",
    "text_ops",
    "time_ops",
    "timestamp_ops",
    "timestamptz_ops",
    "timetz_ops",
    "tsquery_ops",
    "tsvector_ops",
    "uuid_ops",
    "varbit_ops",
    "varchar_ops",
];

impl Reader {
    /// CREATE INDEX.
    pub(super) fn create_index(&self, it: &ast::CreateIndex) -> Option<Change> {
        let table = it.table_relation_name()?;
        let include = it.index_include_clause();
        let include = include.and_then(|it| it.partition_item_list());
        Some(Change::CreateIndex(Box::new(CreateIndex {
            name: self.object(it.index()).map(|name| name.name),
            only: table.only_token().is_some(),
            table: Some(self.object(Some(table))?),
            unique: it.unique_token().is_some(),
            concurrently: it.concurrently_token().is_some(),
            if_not_exists: it.if_not_exists().is_some(),
            or_replace: false,
            method: it
                .using_method()
                .and_then(|it| self.name(it.access_method_ref()))
                .map(|method| method.name)
                .filter(|method| method != "btree"),
            parts: it
                .partition_item_list()
                .iter()
                .flat_map(|list| self.index_parts(list.syntax()))
                .collect(),
            include: include
                .iter()
                .flat_map(|list| self.index_parts(list.syntax()))
                .filter_map(|part| part.as_column().cloned())
                .collect(),
            nulls_not_distinct: matches!(
                it.nulls_distinct_option(),
                Some(ast::NullsDistinctOption::NullsNotDistinct(_))
            ),
            predicate: it
                .where_clause()
                .and_then(|it| it.expr())
                .map(|expr| self.expression(&expr))
                // The server leaves it out.
                .filter(|predicate| predicate.canonical != "true"),
            algorithm: None,
            lock: None,
            span: self.span(it.syntax()),
        })))
    }

    fn index_parts(&self, list: &SyntaxNode) -> Vec<IndexPart> {
        list.children()
            .filter_map(ast::PartitionItem::cast)
            .filter_map(|item| self.index_part(&item))
            .collect()
    }

    fn index_part(&self, item: &ast::PartitionItem) -> Option<IndexPart> {
        // `lower(a) COLLATE "C"` is read as one expression; the collation is the index's.
        let mut expr = item.expr()?;
        let mut collation = None;
        while let ast::Expr::ParenExpr(paren) = &expr
            && let Some(inner) = paren.expr()
        {
            expr = inner;
        }
        if let ast::Expr::Collate(collate) = &expr {
            collation = self.collation(collate.syntax());
            expr = collate.expr()?;
        } else if let Some(collate) = item.collate() {
            collation = self.collation(collate.syntax());
        }
        let descending = matches!(item.sort_order(), Some(ast::SortOrder::SortDesc(_)));
        let nulls_first = item
            .nulls_order()
            .map(|order| matches!(order, ast::NullsOrder::NullsFirst(_)))
            // The default is LAST, with DESC it is FIRST.
            .filter(|first| *first != descending);
        Some(IndexPart {
            kind: match &expr {
                ast::Expr::NameRef(name) => PartKind::Column(self.ident(name.syntax())?),
                other => PartKind::Expression(self.expression(other)),
            },
            descending,
            nulls_first,
            collation,
            operator_class: self
                .object(item.op_class_ref())
                .map(|name| name.name.name)
                .filter(|name| !DEFAULT_CLASSES.contains(&name.as_str())),
            prefix: None,
        })
    }

    /// ALTER INDEX.
    pub(super) fn alter_index(&self, it: &ast::AlterIndex) -> Option<Change> {
        if it.all_in_tablespace().is_some() {
            return Some(Change::Maintenance {
                verb: MaintenanceVerb::Other,
                name: None,
                concurrently: false,
                full: false,
            });
        }
        let name = self.object(it.index_ref())?;
        let if_exists = it.if_exists().is_some();
        let action = it.action()?;
        if let ast::AlterIndexAction::IndexRenameTo(rename) = &action {
            return Some(Change::Rename {
                kind: ObjectKind::Index,
                from: name,
                to: self.object(rename.index())?,
                table: None,
                if_exists,
            });
        }
        Some(Change::AlterIndex(AlterIndex {
            name,
            if_exists,
            attach: match &action {
                ast::AlterIndexAction::AttachIndexPartition(it) => self.object(it.index_ref()),
                _ => None,
            },
            rewrite: matches!(action, ast::AlterIndexAction::SetTablespace(_)),
        }))
    }
}
