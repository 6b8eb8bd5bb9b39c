//! CREATE TABLE in all its forms.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{Reader, child, has_token, own_tokens, squeezed, tokens};
use super::scope::{ScopeReader, is_query};
use crate::change::{
    Change, ColumnDefinition, CreateTable, Generated, Identity, OutputColumns, Partition, TableLike,
};
use crate::scope::Scope;

impl Reader {
    /// CREATE TABLE, CREATE FOREIGN TABLE, CREATE TABLE AS.
    pub(super) fn create_table(&self, node: &SyntaxNode) -> Option<Change> {
        let name = self.object_of(&child(node, TABLE_NAME)?)?;
        let mut table = CreateTable {
            if_not_exists: child(node, IF_NOT_EXISTS).is_some(),
            temporary: child(node, TEMP).is_some(),
            unlogged: child(node, UNLOGGED).is_some(),
            foreign: node.kind() == CREATE_FOREIGN_TABLE,
            ..CreateTable::new(name)
        };
        if let Some(list) = child(node, TABLE_ARG_LIST) {
            for arg in list.children().filter_map(ast::TableArg::cast) {
                self.table_element(&arg, &mut table);
            }
        }
        if let Some(inherits) = child(node, INHERITS).and_then(ast::Inherits::cast) {
            table.inherits = self.objects(inherits.table_name_refs());
        }
        if let Some(of) = child(node, PARTITION_OF)
            && let Some(parent) = self.object_of(&of)
        {
            table.partition_of = Some((parent, self.partition_bounds(node)));
        }
        table.partition_by = child(node, PARTITION_BY).map(|by| partition_key(&by));
        if child(node, OF_TYPE).is_some() {
            // Its columns are those of a type.
            table.as_query = Some(Box::new(Scope::unknown()));
        }
        if node.kind() == CREATE_TABLE_AS {
            self.as_query(node, &mut table);
        }
        Some(Change::CreateTable(Box::new(table)))
    }

    /// SELECT … INTO: a table that is made from a query.
    pub(super) fn select_into(&self, node: &SyntaxNode) -> Option<Change> {
        let into = child(node, INTO_CLAUSE)?;
        let name = self.object_of(&child(&into, TABLE_NAME)?)?;
        let mut table = CreateTable {
            temporary: child(&into, TEMP).is_some(),
            unlogged: child(&into, UNLOGGED).is_some(),
            ..CreateTable::new(name)
        };
        self.columns_of(node, &mut table);
        Some(Change::CreateTable(Box::new(table)))
    }

    fn as_query(&self, node: &SyntaxNode, table: &mut CreateTable) {
        match node.children().find(|it| is_query(it.kind())) {
            Some(query) => self.columns_of(&query, table),
            // EXECUTE of a prepared statement.
            None => {
                table.as_query = Some(Box::new(Scope::unknown()));
            }
        }
    }

    fn columns_of(&self, query: &SyntaxNode, table: &mut CreateTable) {
        table.as_query = Some(Box::new(ScopeReader::new(*self).query(query)));
        let OutputColumns::Known(names) = self.output_columns(query) else {
            // What follows the listed ones, the model tells.
            return;
        };
        let known = table.columns.len();
        let rest = names.into_iter().skip(known);
        table.columns.extend(rest.map(ColumnDefinition::new));
    }

    fn table_element(&self, arg: &ast::TableArg, table: &mut CreateTable) {
        match arg {
            ast::TableArg::Column(column) => {
                table.columns.extend(self.column(column.syntax()));
            }
            ast::TableArg::LikeClause(like) => table.like.extend(self.like(like)),
            ast::TableArg::TableConstraint(constraint) => {
                let constraint = ast::Constraint::cast(constraint.syntax().clone());
                table
                    .constraints
                    .extend(constraint.and_then(|it| self.constraint(&it, None)));
            }
        }
    }

    /// A column in CREATE TABLE or ADD COLUMN.
    pub(super) fn column(&self, node: &SyntaxNode) -> Option<ColumnDefinition> {
        let name = self.ident(&child(node, COLUMN_NAME)?)?;
        let ty = node.children().find_map(ast::Type::cast);
        let read = ty.as_ref().map(|ty| self.column_type(ty));
        let mut column = ColumnDefinition {
            type_span: ty.as_ref().map_or(name.span, |ty| self.span(ty.syntax())),
            auto_increment: read.as_ref().is_some_and(|it| it.serial),
            column_type: read.map(|it| it.column_type),
            span: self.span(node),
            ..ColumnDefinition::new(name)
        };
        for part in node.children() {
            match part.kind() {
                COLLATE => column.collation = self.collation(&part),
                _ => {
                    if let Some(constraint) = ast::Constraint::cast(part) {
                        self.column_constraint(&constraint, &mut column);
                    }
                }
            }
        }
        Some(column)
    }

    fn column_constraint(&self, it: &ast::Constraint, column: &mut ColumnDefinition) {
        match it {
            ast::Constraint::NotNullConstraint(_) => column.nullable = Some(false),
            ast::Constraint::NullConstraint(_) => column.nullable = Some(true),
            ast::Constraint::DefaultConstraint(default) => {
                column.default = default
                    .expr()
                    .and_then(|it| self.default(&it, column.column_type.as_ref()));
            }
            ast::Constraint::GeneratedConstraint(generated) => match generated.generated_as() {
                Some(ast::GeneratedAs::GeneratedIdentity(identity)) => {
                    column.identity = identity.generated_when().map(identity_kind);
                }
                Some(ast::GeneratedAs::GeneratedStored(stored)) => {
                    column.generated = stored.expr().map(|expr| Generated {
                        expression: self.expression(&expr),
                        stored: matches!(
                            stored.generated_kind(),
                            Some(ast::GeneratedKind::Stored(_))
                        ),
                    });
                }
                None => {}
            },
            _ => {
                let name = column.name.clone();
                column.constraints.extend(self.constraint(it, Some(&name)));
            }
        }
    }

    /// The last part of a collation's name: its schema is `pg_catalog` for all but a few.
    pub(super) fn collation(&self, node: &SyntaxNode) -> Option<String> {
        let name = self.object_of(&child(node, COLLATION_REF)?)?.name.name;
        (name != "default").then_some(name)
    }

    fn like(&self, it: &ast::LikeClause) -> Option<TableLike> {
        let mut like = TableLike {
            table: self.object(it.relation_name_ref())?,
            defaults: false,
            constraints: false,
            indexes: false,
            identity: false,
            generated: false,
        };
        // Later options win.
        for option in it.like_options() {
            let (property, on) = match option {
                ast::LikeOption::IncludingProperty(it) => (it.table_property(), true),
                ast::LikeOption::ExcludingProperty(it) => (it.table_property(), false),
            };
            match property {
                Some(ast::TableProperty::PropertyAll(_)) => {
                    like.defaults = on;
                    like.constraints = on;
                    like.indexes = on;
                    like.identity = on;
                    like.generated = on;
                }
                Some(ast::TableProperty::PropertyDefaults(_)) => like.defaults = on,
                Some(ast::TableProperty::PropertyConstraints(_)) => like.constraints = on,
                Some(ast::TableProperty::PropertyIndexes(_)) => like.indexes = on,
                Some(ast::TableProperty::PropertyIdentity(_)) => like.identity = on,
                Some(ast::TableProperty::PropertyGenerated(_)) => like.generated = on,
                _ => {}
            }
        }
        Some(like)
    }

    /// FOR VALUES … or DEFAULT, in the spelling of `pg_get_expr`.
    pub(super) fn partition_bounds(&self, node: &SyntaxNode) -> Partition {
        let bounds = node.children().find_map(ast::PartitionType::cast);
        match bounds {
            None | Some(ast::PartitionType::PartitionDefault(_)) => Partition::Default,
            Some(bounds) => Partition::Values(spaced(bounds.syntax())),
        }
    }
}

pub(super) fn identity_kind(when: ast::GeneratedWhen) -> Identity {
    match when {
        ast::GeneratedWhen::GeneratedAlways(_) => Identity::Always,
        ast::GeneratedWhen::GeneratedByDefault(_) => Identity::ByDefault,
    }
}

/// `RANGE (a, lower(b))`, as `pg_get_partkeydef` prints it.
fn partition_key(by: &SyntaxNode) -> String {
    let strategy = child(by, PARTITION_STRATEGY);
    let strategy = strategy.map(|it| squeezed(&it).to_uppercase());
    let list = child(by, PARTITION_ITEM_LIST);
    let parts: Vec<String> = list
        .iter()
        .flat_map(|list| list.children())
        .map(|part| match ast::PartitionItem::cast(part.clone()) {
            Some(item) if has_only_expression(&part) => item
                .expr()
                .map(|expr| super::canonical::expression(&expr))
                .unwrap_or_default(),
            _ => squeezed(&part),
        })
        .collect();
    format!("{} ({})", strategy.unwrap_or_default(), parts.join(", "))
}

fn has_only_expression(part: &SyntaxNode) -> bool {
    part.children().count() == 1 && own_tokens(part).next().is_none() && !has_token(part, COMMA)
}

/// Tokens with keywords in upper case, and spaces where the server puts them.
fn spaced(node: &SyntaxNode) -> String {
    let mut text = String::new();
    for token in tokens(node) {
        let word = token.text();
        let glued = text.is_empty()
            || text.ends_with('(')
            || text.ends_with('.')
            || text.ends_with('-')
            || matches!(token.kind(), COMMA | R_PAREN | DOT);
        if !glued {
            text.push(' ');
        }
        let string = word.starts_with(['\'', '"']) || matches!(token.kind(), IDENT);
        match string {
            true => text.push_str(word),
            false => text.push_str(&word.to_ascii_uppercase()),
        }
    }
    text
}
