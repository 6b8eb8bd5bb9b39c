//! What queries and expressions read.

use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::functions;
use super::output;
use super::reader::{Reader, child, own_tokens};
use crate::change::{Dml, OutputColumns};
use crate::name::{Ident, ObjectName};
use crate::schema::builtin::is_type;
use crate::scope::{ColumnRef, FunctionCall, Scope, Source, SourceKind};

/// Columns that every table has.
const SYSTEM_COLUMNS: &[&str] = &["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];

/// Builds scopes. Common table expressions are resolved here: what names one becomes
/// [`SourceKind::Derived`], and a relation in a scope is never one.
pub(super) struct ScopeReader {
    pub(super) reader: Reader,
    /// The common table expressions in sight, innermost last.
    ctes: Vec<Cte>,
    /// WITH clauses that were read for a whole set operation; the grammar has them in its first arm.
    shared_with: Vec<SyntaxNode>,
    /// Names of what stands in FROM here and further out, which may be read as whole rows.
    rows: Vec<String>,
    /// Data-modifying statements inside queries.
    pub(super) modifying: Vec<Dml>,
}

struct Cte {
    name: String,
    columns: Option<Vec<String>>,
}

/// What is in sight at some point; to be restored when it is left.
pub(super) struct Sight {
    ctes: usize,
    rows: usize,
}

impl ScopeReader {
    pub(super) fn new(reader: Reader) -> Self {
        ScopeReader {
            reader,
            ctes: Vec::new(),
            shared_with: Vec::new(),
            rows: Vec::new(),
            modifying: Vec::new(),
        }
    }

    /// The scope of an expression.
    pub(super) fn expression(&mut self, node: &SyntaxNode) -> Scope {
        let mut scope = Scope::default();
        self.read(node, &mut scope);
        scope
    }

    /// The scope of a query: SELECT, VALUES, TABLE, set operations, in parentheses or not.
    pub(super) fn query(&mut self, node: &SyntaxNode) -> Scope {
        // Parentheses around a query and nothing else.
        let mut parts = node.children();
        if let (PAREN_SELECT, Some(only), None) = (node.kind(), parts.next(), parts.next()) {
            return self.query(&only);
        }
        let before = self.sight();
        let mut scope = Scope::default();
        self.with_clause(node, &mut scope);
        match node.kind() {
            COMPOUND_SELECT => {
                if let Some(first) = first_arm(node) {
                    self.with_clause(&first, &mut scope);
                    self.shared_with.extend(child(&first, WITH_CLAUSE));
                }
                self.compound(node, &mut scope);
            }
            PAREN_SELECT | PAREN_EXPR => {
                // Its own tail (ORDER BY after the parenthesis) sees the output of what is inside.
                for part in node.children() {
                    if is_query(part.kind()) || part.kind() == PAREN_EXPR {
                        let inner = self.query(&part);
                        scope.output = inner.output.clone();
                        scope.select = inner.select.clone();
                        scope.opaque |= inner.opaque || has_star(&part);
                        scope.inner.push(inner);
                    } else if part.kind() != WITH_CLAUSE {
                        self.read(&part, &mut scope);
                    }
                }
            }
            TABLE => {
                for part in node.children() {
                    if let Some(name) = ast::RelationName::cast(part.clone()) {
                        let name = self.reader.object(name.relation_name_ref());
                        self.relation(name, None, &mut scope);
                    } else if part.kind() != WITH_CLAUSE {
                        self.read(&part, &mut scope);
                    }
                }
            }
            _ => {
                if let Some(from) = child(node, FROM_CLAUSE) {
                    self.items(&from, &mut scope);
                }
                if let Some(clause) = child(node, SELECT_CLAUSE) {
                    scope.output = output::names(&clause);
                    scope.select = self.reader.select_items(&clause);
                }
                for part in node.children() {
                    if !matches!(part.kind(), FROM_CLAUSE | WITH_CLAUSE) {
                        self.read(&part, &mut scope);
                    }
                }
            }
        }
        self.leave(before);
        scope
    }

    /// What a statement can see from here on is forgotten by [`ScopeReader::leave`].
    pub(super) fn sight(&self) -> Sight {
        Sight {
            ctes: self.ctes.len(),
            rows: self.rows.len(),
        }
    }

    pub(super) fn leave(&mut self, before: Sight) {
        self.ctes.truncate(before.ctes);
        self.rows.truncate(before.rows);
    }

    fn compound(&mut self, node: &SyntaxNode, scope: &mut Scope) {
        let mut first = true;
        for part in node.children() {
            if is_query(part.kind()) || part.kind() == PAREN_EXPR {
                let arm = self.query(&part);
                if first {
                    scope.output = arm.output.clone();
                    scope.select = arm.select.clone();
                    scope.opaque = arm.opaque || has_star(&part);
                    first = false;
                }
                scope.inner.push(arm);
            } else if part.kind() != WITH_CLAUSE {
                self.read(&part, scope);
            }
        }
    }

    /// Reads WITH; its queries become inner scopes.
    pub(super) fn with_clause(&mut self, node: &SyntaxNode, scope: &mut Scope) {
        let clause = child(node, WITH_CLAUSE).filter(|it| !self.shared_with.contains(it));
        let Some(clause) = clause.and_then(ast::WithClause::cast) else {
            return;
        };
        let recursive = clause.recursive_token().is_some();
        for table in clause.with_tables() {
            let Some(name) = self.reader.name(table.name()) else {
                continue;
            };
            let listed = table.column_list().map(|it| self.column_list(it.syntax()));
            if recursive {
                self.ctes.push(Cte {
                    name: name.name.clone(),
                    columns: None,
                });
            }
            let Some(query) = table.query() else {
                continue;
            };
            let columns = match output::columns(query.syntax()) {
                OutputColumns::Known(columns) => Some(texts(&columns)),
                OutputColumns::Unknown => None,
            };
            match query {
                ast::WithQuery::Insert(_)
                | ast::WithQuery::Update(_)
                | ast::WithQuery::Delete(_)
                | ast::WithQuery::Merge(_) => {
                    if let Some(dml) = self.modification(query.syntax()) {
                        self.modifying.push(dml);
                    }
                }
                _ => {
                    let inner = self.query(query.syntax());
                    scope.inner.push(inner);
                }
            }
            // SEARCH and CYCLE add columns.
            let extended = table.search_clause().is_some() || table.cycle_clause().is_some();
            self.ctes.push(Cte {
                name: name.name,
                columns: match extended {
                    true => None,
                    false => renamed(columns, listed),
                },
            });
        }
    }

    /// The entries of a FROM or USING clause.
    pub(super) fn items(&mut self, clause: &SyntaxNode, scope: &mut Scope) {
        for item in clause.children() {
            self.item(&item, scope);
        }
    }

    /// The columns of JOIN USING, which both sides have: the side after JOIN, and the one before it
    /// where there is only one.
    fn joined_columns(&mut self, clause: &SyntaxNode, scope: &mut Scope) {
        let sides: Vec<Ident> = match scope.sources.as_slice() {
            [before, after] => [before, after].into_iter().filter_map(name_of).collect(),
            [.., after] => name_of(after).into_iter().collect(),
            [] => Vec::new(),
        };
        for column in clause
            .descendants()
            .filter(|it| it.kind() == COLUMN_NAME_REF)
            .filter_map(|it| self.reader.ident(&it))
        {
            scope.columns.extend(sides.iter().map(|side| ColumnRef {
                qualifier: Some(side.clone()),
                column: column.clone(),
            }));
        }
    }

    pub(super) fn item(&mut self, item: &SyntaxNode, scope: &mut Scope) {
        match item.kind() {
            JOIN_EXPR | JOIN => {
                for part in item.children() {
                    self.item(&part, scope);
                }
            }
            ON_CLAUSE => self.read(item, scope),
            JOIN_USING_CLAUSE => {
                let columns = child(item, COLUMN_REF_LIST).map(|list| self.column_list(&list));
                let alias = child(item, REQUIRED_AS_ALIAS).and_then(|it| self.alias(&it));
                self.joined_columns(item, scope);
                if let Some(alias) = alias {
                    self.source(Some(alias), SourceKind::Derived { columns }, scope);
                }
                self.read(item, scope);
            }
            RELATION_FROM_ITEM => {
                let name = child(item, RELATION_NAME_REF).and_then(|it| self.reader.object_of(&it));
                let alias = child(item, FROM_ALIAS);
                if let Some(alias) = &alias
                    && child(alias, COLUMN_LIST).is_some()
                {
                    // Some of its columns have other names here.
                    scope.opaque = true;
                }
                let alias = alias.and_then(|it| self.alias(&it));
                self.relation(name, alias, scope);
                if let Some(sample) = child(item, TABLESAMPLE_CLAUSE) {
                    // Its function is no function of a query.
                    let mut ignored = Scope::default();
                    self.read(&sample, &mut ignored);
                    scope.columns.append(&mut ignored.columns);
                }
            }
            PAREN_FROM_ITEM => self.paren_from_item(item, scope),
            PAREN_EXPR if child(item, FROM_ALIAS).is_none() => {
                for part in item.children() {
                    if is_query(part.kind()) {
                        let inner = self.query(&part);
                        scope.inner.push(inner);
                        self.source(None, SourceKind::Unknown, scope);
                        scope.opaque = true;
                    } else {
                        self.item(&part, scope);
                    }
                }
            }
            FUNCTION_FROM_ITEM
            | ROWS_FROM_ITEM
            | EXPR_FROM_ITEM
            | JSON_TABLE_FROM_ITEM
            | XML_TABLE_FROM_ITEM
            | GRAPH_TABLE_FROM_ITEM => {
                let mut function = None;
                for part in item.children() {
                    if part.kind() != FROM_ALIAS {
                        let call = part.descendants().find(|it| it.kind() == NAME_REF);
                        function = function.or(call.and_then(|it| self.reader.ident(&it)));
                        self.read(&part, scope);
                    }
                }
                let alias = child(item, FROM_ALIAS).and_then(|it| self.alias(&it));
                self.source(alias.or(function), SourceKind::Unknown, scope);
            }
            // JOIN_INNER and its like.
            _ => {}
        }
    }

    /// A subquery or a join in parentheses, with its alias.
    fn paren_from_item(&mut self, item: &SyntaxNode, scope: &mut Scope) {
        let alias_node = child(item, FROM_ALIAS);
        let listed = alias_node
            .as_ref()
            .and_then(|alias| child(alias, COLUMN_LIST))
            .map(|list| self.column_list(&list));
        let alias = alias_node.and_then(|it| self.alias(&it));
        if let Some(select) = child(item, PAREN_SELECT) {
            let inner = self.query(&select);
            scope.inner.push(inner);
            let columns = match output::columns(&select) {
                OutputColumns::Known(columns) => Some(texts(&columns)),
                OutputColumns::Unknown => None,
            };
            let columns = renamed(columns, listed);
            self.source(alias, SourceKind::Derived { columns }, scope);
            return;
        }
        let Some(inner) = child(item, PAREN_EXPR) else {
            return;
        };
        if alias.is_none() {
            self.item(&inner, scope);
            return;
        }
        // A join with a name: its tables are no longer seen under theirs.
        let before = self.sight();
        let mut join = Scope::default();
        self.item(&inner, &mut join);
        self.leave(before);
        scope.inner.push(join);
        self.source(alias, SourceKind::Derived { columns: None }, scope);
    }

    /// A table, a view or a common table expression.
    pub(super) fn relation(
        &mut self,
        name: Option<ObjectName>,
        alias: Option<Ident>,
        scope: &mut Scope,
    ) {
        let Some(name) = name else {
            scope.opaque = true;
            return;
        };
        let cte = self
            .ctes
            .iter()
            .rev()
            .find(|cte| name.schema.is_none() && cte.name == name.name.name);
        if let Some(cte) = cte {
            let columns = cte.columns.clone();
            let alias = alias.unwrap_or(name.name);
            self.source(Some(alias), SourceKind::Derived { columns }, scope);
        } else if is_catalogue(&name) {
            let alias = alias.unwrap_or(name.name);
            self.source(Some(alias), SourceKind::Unknown, scope);
        } else {
            self.source(alias, SourceKind::Relation(name), scope);
        }
    }

    pub(super) fn source(&mut self, alias: Option<Ident>, kind: SourceKind, scope: &mut Scope) {
        let row = match (&alias, &kind) {
            (Some(alias), _) => Some(alias.name.clone()),
            (None, SourceKind::Relation(name)) => Some(name.name.name.clone()),
            _ => None,
        };
        self.rows.extend(row);
        scope.sources.push(Source { alias, kind });
    }

    fn alias(&self, node: &SyntaxNode) -> Option<Ident> {
        child(node, TABLE_ALIAS).and_then(|it| self.reader.ident(&it))
    }

    fn column_list(&self, list: &SyntaxNode) -> Vec<String> {
        list.children()
            .filter_map(|it| self.reader.ident(&it))
            .map(|it| it.name)
            .collect()
    }

    /// Reads everything below a node into a scope.
    pub(super) fn read(&mut self, node: &SyntaxNode, scope: &mut Scope) {
        match node.kind() {
            kind if is_query(kind) => {
                let inner = self.query(node);
                scope.inner.push(inner);
            }
            NAME_REF => self.name(node, scope),
            FIELD_EXPR => self.field(node, scope),
            CALL_EXPR => self.call(node, scope),
            JOIN_USING_CLAUSE | COLUMN_NAME_REF => {
                for column in node.descendants().filter(|it| it.kind() == COLUMN_NAME_REF) {
                    if let Some(column) = self.reader.ident(&column) {
                        scope.columns.push(ColumnRef {
                            qualifier: None,
                            column,
                        });
                    }
                }
            }
            PATH_TYPE => {
                if let Some(name) = self.reader.object_of(node)
                    && is_user_type(node)
                {
                    scope.types.push(name);
                }
                self.children(node, scope);
            }
            // Names that are looked up elsewhere.
            WITH_CLAUSE | LOCKING_CLAUSE | COLLATION_REF | PARAM_NAME_REF => {}
            _ => self.children(node, scope),
        }
    }

    fn children(&mut self, node: &SyntaxNode, scope: &mut Scope) {
        for part in node.children() {
            self.read(&part, scope);
        }
    }

    fn name(&mut self, node: &SyntaxNode, scope: &mut Scope) {
        let Some(column) = self.reader.ident(node) else {
            return;
        };
        let keyword = own_tokens(node).next().map(|token| token.kind());
        if !keyword.is_some_and(is_value_function)
            && !SYSTEM_COLUMNS.contains(&column.name.as_str())
            && !self.rows.contains(&column.name)
        {
            scope.columns.push(ColumnRef {
                qualifier: None,
                column,
            });
        }
    }

    /// `table.column`, `schema.table.column`, `table.*`, `(row).field`.
    fn field(&mut self, node: &SyntaxNode, scope: &mut Scope) {
        let Some(mut names) = self.reader.dotted(node) else {
            // Not a name but the field of what an expression gives.
            if let Some(base) = node.children().next() {
                self.read(&base, scope);
            }
            return;
        };
        let star = own_tokens(node).any(|token| token.kind() == STAR);
        let Some(column) = names.pop() else {
            return;
        };
        if !star && !SYSTEM_COLUMNS.contains(&column.name.as_str()) {
            scope.columns.push(ColumnRef {
                qualifier: names.pop(),
                column,
            });
        }
    }

    /// Makes a common table expression known, of which no more is.
    pub(super) fn name_query(&mut self, name: String, columns: Option<Vec<String>>) {
        self.ctes.push(Cte { name, columns });
    }

    fn call(&mut self, node: &SyntaxNode, scope: &mut Scope) {
        let mut parts = node.children();
        let function = parts.next();
        match self.reader.called(node) {
            // What changes no schema is of no interest.
            Some(name) if functions::is_harmless(&name) => {}
            Some(name) => {
                let arguments = child(node, ARG_LIST).map_or(0, |list| {
                    list.children().filter(|it| it.kind() == ARG).count()
                });
                scope.functions.push(FunctionCall { name, arguments });
            }
            None => {
                if let Some(function) = &function {
                    self.read(function, scope);
                }
            }
        }
        for part in parts {
            self.read(&part, scope);
        }
    }
}

/// The kinds of nodes that are queries.
pub(super) fn is_query(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SELECT | SELECT_INTO | VALUES | TABLE | COMPOUND_SELECT | PAREN_SELECT
    )
}

/// The query with which a set operation begins, if it stands in no parentheses: the WITH clause in
/// front of it belongs to all of the operation.
fn first_arm(compound: &SyntaxNode) -> Option<SyntaxNode> {
    let first = compound.children().find(|part| is_query(part.kind()))?;
    match first.kind() {
        COMPOUND_SELECT => first_arm(&first),
        PAREN_SELECT => None,
        _ => Some(first),
    }
}

/// Whether `*` is among what a query gives, so that its columns are not all known by name.
fn has_star(query: &SyntaxNode) -> bool {
    matches!(output::columns(query), OutputColumns::Unknown)
}

/// `CURRENT_DATE` and its like, which are called without parentheses.
fn is_value_function(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        CURRENT_CATALOG_KW
            | CURRENT_DATE_KW
            | CURRENT_ROLE_KW
            | CURRENT_SCHEMA_KW
            | CURRENT_TIME_KW
            | CURRENT_TIMESTAMP_KW
            | CURRENT_USER_KW
            | LOCALTIME_KW
            | LOCALTIMESTAMP_KW
            | SESSION_USER_KW
            | SYSTEM_USER_KW
            | USER_KW
    )
}

/// The server's own tables and views, which no migration makes.
pub(super) fn is_catalogue(name: &ObjectName) -> bool {
    match &name.schema {
        Some(schema) => matches!(schema.name.as_str(), "pg_catalog" | "information_schema"),
        None => name.name.name.starts_with("pg_"),
    }
}

fn is_user_type(node: &SyntaxNode) -> bool {
    ast::Type::cast(node.clone()).is_some_and(|ty| {
        let read = Reader::new(0).plain_type(&ty);
        !is_type(&read.name)
    })
}

fn texts(names: &[Ident]) -> Vec<String> {
    names.iter().map(|it| it.name.clone()).collect()
}

/// Columns of which the first few are given other names.
fn renamed(columns: Option<Vec<String>>, listed: Option<Vec<String>>) -> Option<Vec<String>> {
    let Some(listed) = listed else {
        return columns;
    };
    let columns = columns?;
    let rest = columns.into_iter().skip(listed.len());
    Some(listed.into_iter().chain(rest).collect())
}

/// The name under which the columns of a source are qualified.
fn name_of(source: &Source) -> Option<Ident> {
    match (&source.alias, &source.kind) {
        (Some(alias), _) => Some(alias.clone()),
        (None, SourceKind::Relation(name)) => Some(name.name.clone()),
        (None, _) => None,
    }
}
