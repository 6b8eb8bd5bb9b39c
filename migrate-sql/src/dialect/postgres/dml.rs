//! Statements that read and write rows.

use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{Reader, child, has_token};
use super::scope::{ScopeReader, is_query};
use super::statement::is_cascade;
use crate::change::{Change, Dml, DmlVerb, InsertSource, Touches};
use crate::name::{Ident, ObjectName};
use crate::scope::{ColumnRef, FunctionCall, Scope, Source, SourceKind};

impl Reader {
    /// SELECT, INSERT, UPDATE, DELETE, MERGE.
    pub(super) fn dml(&self, node: &SyntaxNode) -> Option<Change> {
        let mut scopes = ScopeReader::new(*self);
        let mut dml = if is_query(node.kind()) {
            let scope = scopes.query(node);
            Dml {
                scope,
                ..empty(DmlVerb::Select)
            }
        } else {
            scopes.modification(node)?
        };
        dml.inner.append(&mut scopes.modifying);
        Some(Change::Dml(Box::new(dml)))
    }
}

impl Reader {
    /// COPY.
    pub(super) fn copy(&self, it: &ast::Copy) -> Option<Change> {
        let mut dml = empty(DmlVerb::Copy);
        if let Some(query) = it.copy_query().and_then(|it| it.preparable_stmt()) {
            return self.dml(query.syntax());
        }
        let table = it.copy_table()?;
        let target = self.object(table.table_name_ref())?;
        let columns = table.column_ref_list();
        let columns = columns.iter().flat_map(|list| list.syntax().children());
        dml.columns = columns.filter_map(|it| self.ident(&it)).collect();
        if let Some(condition) = it.where_clause() {
            let mut scope = ScopeReader::new(*self).expression(condition.syntax());
            scope.sources.push(Source {
                alias: None,
                kind: SourceKind::Relation(target.clone()),
            });
            dml.scope = scope;
        }
        dml.target = Some(target);
        Some(Change::Dml(Box::new(dml)))
    }

    /// TRUNCATE.
    pub(super) fn truncate(&self, it: &ast::Truncate) -> Option<Change> {
        let tables = self.objects(it.table_list()?.table_relation_names());
        Some(Change::Truncate {
            tables,
            cascade: is_cascade(it.syntax()),
        })
    }

    /// CALL: a procedure may do anything that a function may.
    pub(super) fn call(&self, it: &ast::Call) -> Option<Change> {
        let mut dml = empty(DmlVerb::Select);
        let name = self.object(it.procedure_name_ref())?;
        let arguments = it.arg_list();
        if let Some(arguments) = &arguments {
            dml.scope = ScopeReader::new(*self).expression(arguments.syntax());
        }
        dml.scope.functions.push(FunctionCall {
            name,
            arguments: arguments.map_or(0, |list| list.args().count()),
        });
        Some(Change::Dml(Box::new(dml)))
    }

    /// What EXPLAIN is asked about. Without ANALYZE it does not happen, but its names must be right.
    pub(super) fn explained(&self, node: &SyntaxNode) -> Option<Change> {
        match node.kind() {
            CREATE_TABLE_AS | CREATE_MATERIALIZED_VIEW | DECLARE => {
                let query = node.children().find(|it| is_query(it.kind()))?;
                self.dml(&query)
            }
            EXECUTE => Some(self.opaque(node, "a prepared statement", Touches::Nothing)),
            _ => self.dml(node),
        }
    }
}

pub(super) fn empty(verb: DmlVerb) -> Dml {
    Dml {
        verb,
        target: None,
        columns: Vec::new(),
        in_parts: false,
        source: None,
        conflict_columns: Vec::new(),
        restricted: false,
        scope: Scope::default(),
        inner: Vec::new(),
    }
}

impl ScopeReader {
    /// A statement that writes rows, also inside WITH.
    pub(super) fn modification(&mut self, node: &SyntaxNode) -> Option<Dml> {
        let before = self.sight();
        let dml = match node.kind() {
            INSERT => ast::Insert::cast(node.clone()).and_then(|it| self.insert(&it)),
            UPDATE => ast::Update::cast(node.clone()).and_then(|it| self.update(&it)),
            DELETE => ast::Delete::cast(node.clone()).and_then(|it| self.delete(&it)),
            MERGE => ast::Merge::cast(node.clone()).and_then(|it| self.merge(&it)),
            _ => None,
        };
        self.leave(before);
        dml
    }

    fn insert(&mut self, it: &ast::Insert) -> Option<Dml> {
        let mut dml = empty(DmlVerb::Insert);
        let target = self.reader.object(it.relation_name_ref())?;
        let alias = self.reader.name(it.alias().and_then(|it| it.name()));
        self.with_clause(it.syntax(), &mut dml.scope);
        if let Some(list) = it.column_target_list() {
            dml.columns = self.targets(list.syntax(), &mut dml.scope);
            let mut targets = list.syntax().children();
            dml.in_parts = targets.any(|target| target.children().count() > 1);
        }
        // The rows that are inserted do not see the table; ON CONFLICT and RETURNING do.
        match it.insert_source() {
            Some(ast::InsertSource::SelectVariant(query)) => {
                dml.source = Some(self.rows(&query, dml.scope.inner.len()));
                let inner = self.query(query.syntax());
                dml.scope.inner.push(inner);
            }
            Some(ast::InsertSource::DefaultValues(_)) | None => {}
        }
        if let Some(conflict) = it.on_conflict_clause() {
            let mut scope = self.table(&target, &alias);
            self.conflict(&conflict, &target, &mut dml, &mut scope);
            dml.scope.inner.push(scope);
        }
        if let Some(returning) = it.returning_clause() {
            let mut scope = self.table(&target, &alias);
            self.read(returning.syntax(), &mut scope);
            dml.scope.inner.push(scope);
        }
        dml.target = Some(target);
        Some(dml)
    }

    /// Where rows come from, if the query's scope is the `inner`th.
    fn rows(&self, query: &ast::SelectVariant, inner: usize) -> InsertSource {
        if let ast::SelectVariant::Values(values) = query
            && values.with_clause().is_none()
            && let Some(row) = values
                .row_list()
                .and_then(|it| it.syntax().children().next())
        {
            return InsertSource::Values {
                count: values_of(&row),
                span: self.reader.span(&row),
            };
        }
        let query = query.syntax();
        let list = child(query, SELECT_CLAUSE);
        InsertSource::Query {
            inner,
            span: self.reader.span(list.as_ref().unwrap_or(query)),
        }
    }

    fn conflict(
        &mut self,
        clause: &ast::OnConflictClause,
        target: &ObjectName,
        dml: &mut Dml,
        scope: &mut Scope,
    ) {
        if let Some(ast::ConflictTarget::ConflictOnIndex(index)) = clause.conflict_target() {
            let items = index.conflict_index_item_list();
            let items: Vec<_> = items.iter().flat_map(|it| it.syntax().children()).collect();
            let columns: Option<Vec<Ident>> = items
                .iter()
                .map(|item| plain_column(&self.reader, item))
                .collect();
            dml.conflict_columns = columns.unwrap_or_default();
            self.read(index.syntax(), scope);
        }
        if let Some(action) = clause.conflict_action() {
            let excluded = Ident::new("excluded", self.reader.span(action.syntax()));
            self.source(Some(excluded), SourceKind::Relation(target.clone()), scope);
            // Its columns are no part of the list that the values belong to.
            let mut updated = empty(DmlVerb::Update);
            self.assignments(action.syntax(), &mut updated, scope);
            let columns = updated.columns.into_iter();
            scope.columns.extend(columns.map(|column| ColumnRef {
                qualifier: None,
                column,
            }));
        }
    }

    fn update(&mut self, it: &ast::Update) -> Option<Dml> {
        let mut dml = empty(DmlVerb::Update);
        let target = self.reader.object(it.relation_name())?;
        let mut scope = Scope::default();
        self.with_clause(it.syntax(), &mut scope);
        let alias = self.reader.name(it.alias().and_then(|it| it.name()));
        self.source(alias, SourceKind::Relation(target.clone()), &mut scope);
        if let Some(from) = it.from_clause() {
            self.items(from.syntax(), &mut scope);
        }
        if let Some(set) = it.set_clause() {
            self.assignments(set.syntax(), &mut dml, &mut scope);
        }
        self.rest(it.syntax(), &[SET_CLAUSE, FROM_CLAUSE], &mut scope);
        dml.restricted = it.where_clause_or_current_of().is_some();
        dml.target = Some(target);
        dml.scope = scope;
        Some(dml)
    }

    fn delete(&mut self, it: &ast::Delete) -> Option<Dml> {
        let mut dml = empty(DmlVerb::Delete);
        let target = self.reader.object(it.relation_name())?;
        let mut scope = Scope::default();
        self.with_clause(it.syntax(), &mut scope);
        let alias = self.reader.name(it.alias().and_then(|it| it.name()));
        self.source(alias, SourceKind::Relation(target.clone()), &mut scope);
        if let Some(using) = it.using_clause() {
            self.items(using.syntax(), &mut scope);
        }
        self.rest(it.syntax(), &[USING_CLAUSE], &mut scope);
        dml.restricted = it.where_clause_or_current_of().is_some();
        dml.target = Some(target);
        dml.scope = scope;
        Some(dml)
    }

    fn merge(&mut self, it: &ast::Merge) -> Option<Dml> {
        let mut dml = empty(DmlVerb::Merge);
        let target = self.reader.object(it.table_relation_name())?;
        let mut scope = Scope::default();
        self.with_clause(it.syntax(), &mut scope);
        let alias = self.reader.name(it.alias().and_then(|it| it.name()));
        self.source(alias, SourceKind::Relation(target.clone()), &mut scope);
        if let Some(using) = it.using_on_clause() {
            self.items(using.syntax(), &mut scope);
        }
        for clause in it.merge_when_clauses() {
            for part in clause.syntax().children() {
                match part.kind() {
                    MERGE_UPDATE => self.assignments(&part, &mut dml, &mut scope),
                    MERGE_INSERT => {
                        if let Some(list) = child(&part, COLUMN_TARGET_LIST) {
                            let columns = self.targets(&list, &mut scope);
                            dml.columns.extend(columns);
                        }
                        if let Some(values) = child(&part, VALUES) {
                            // Its values are no query: they read the source.
                            for row in values.children() {
                                self.read(&row, &mut scope);
                            }
                        }
                    }
                    _ => self.read(&part, &mut scope),
                }
            }
        }
        if let Some(returning) = it.returning_clause() {
            self.read(returning.syntax(), &mut scope);
        }
        dml.restricted = true;
        dml.target = Some(target);
        dml.scope = scope;
        Some(dml)
    }

    /// Reads what is left of a statement: WHERE, RETURNING.
    fn rest(&mut self, node: &SyntaxNode, known: &[SyntaxKind], scope: &mut Scope) {
        for part in node.children() {
            let name = matches!(
                part.kind(),
                WITH_CLAUSE | RELATION_NAME | OPTIONAL_AS_ALIAS | WHERE_CURRENT_OF
            );
            if !name && !known.contains(&part.kind()) {
                self.read(&part, scope);
            }
        }
    }

    /// SET column = value, …
    fn assignments(&mut self, node: &SyntaxNode, dml: &mut Dml, scope: &mut Scope) {
        for target in node.descendants().filter(|it| it.kind() == COLUMN_TARGET) {
            dml.columns.extend(self.target(&target, scope));
        }
        self.read_assigned(node, scope);
    }

    /// Everything in SET and WHERE but for the columns that are assigned to.
    fn read_assigned(&mut self, node: &SyntaxNode, scope: &mut Scope) {
        for part in node.children() {
            match part.kind() {
                COLUMN_TARGET | COLUMN_TARGET_LIST => {}
                SET_CLAUSE | SET_COLUMN_LIST | SET_SINGLE_COLUMN | SET_MULTIPLE_COLUMNS => {
                    self.read_assigned(&part, scope);
                }
                _ => self.read(&part, scope),
            }
        }
    }

    fn targets(&mut self, list: &SyntaxNode, scope: &mut Scope) -> Vec<Ident> {
        list.children()
            .filter_map(|target| self.target(&target, scope))
            .collect()
    }

    /// A column that is written, as `a`, `a[1]` or `a.field`.
    fn target(&mut self, target: &SyntaxNode, scope: &mut Scope) -> Option<Ident> {
        for accessor in target.children().filter(|it| it.kind() != COLUMN_NAME_REF) {
            self.read(&accessor, scope);
        }
        let column = child(target, COLUMN_NAME_REF)?;
        self.reader.ident(&column)
    }

    fn table(&mut self, target: &ObjectName, alias: &Option<Ident>) -> Scope {
        let mut scope = Scope::default();
        self.source(
            alias.clone(),
            SourceKind::Relation(target.clone()),
            &mut scope,
        );
        scope
    }
}

/// The column that an item of ON CONFLICT is, if it is no more than that.
fn plain_column(reader: &Reader, item: &SyntaxNode) -> Option<Ident> {
    let name = child(item, NAME_REF)?;
    (name.text_range() == item.text_range()).then(|| reader.ident(&name))?
}

/// How many values a row of VALUES has; `None` where the fields of a value are among them.
pub(super) fn values_of(row: &SyntaxNode) -> Option<usize> {
    let is_star = |it: SyntaxNode| it.kind() == FIELD_EXPR && has_token(&it, STAR);
    (!row.children().any(is_star)).then(|| row.children().count())
}
