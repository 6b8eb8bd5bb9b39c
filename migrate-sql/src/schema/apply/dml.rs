//! Statements that read and write rows: the names in them, and what they call.

use migrate_core::{Dialect, rule};

use super::Applier;
use crate::change::{Dml, DmlVerb, InsertSource, Touches};
use crate::conflict::Conflict;
use crate::name::{Ident, ObjectName, Span};
use crate::schema::lookup::{Found, listed};
use crate::schema::resolve::{Frame, Resolver};
use crate::schema::{Class, Object, ObjectId, Table};
use crate::scope::{Scope, SelectItem};

impl Applier<'_> {
    pub(super) fn dml(&mut self, dml: &Dml) {
        for inner in &dml.inner {
            self.dml(inner);
        }
        let target = dml
            .target
            .as_ref()
            .and_then(|target| self.written_relation(target));
        if let Some(id) = &target {
            for column in dml.columns.iter().chain(&dml.conflict_columns) {
                self.relation_has_column(id, column);
            }
            if matches!(dml.verb, DmlVerb::Insert | DmlVerb::Replace) {
                self.insert_fits(id, dml);
                if !dml.in_parts {
                    self.columns_once(&dml.columns);
                }
                self.conflict_has_key(id, &dml.conflict_columns);
            }
        }
        self.resolve_dml(dml, target.as_ref());
        self.call(&dml.scope);
    }

    /// The table that is written. Views may be written too.
    fn written_relation(&mut self, name: &ObjectName) -> Option<ObjectId> {
        match self.schema.find(Class::Relation, name) {
            Found::Here(id) => Some(id),
            Found::Perhaps(id) => id,
            Found::Nothing(id) => {
                let missing = self
                    .schema
                    .missing(&rule::UNKNOWN_TABLE, "table", name, &id);
                self.refuse(missing);
                None
            }
        }
    }

    fn resolve_dml(&mut self, dml: &Dml, target: Option<&ObjectId>) {
        // PostgreSQL's scopes have the target among their sources wherever it can be seen; a query
        // that gives the rows does not see it.
        let mut around = Vec::new();
        let only_query = matches!(dml.verb, DmlVerb::Insert | DmlVerb::Replace)
            && !matches!(dml.source, Some(InsertSource::Values { .. }))
            && dml.scope.sources.is_empty()
            && dml.scope.columns.is_empty()
            && dml.scope.inner.len() == 1;
        if !self.is_postgres() && dml.target.is_some() && !(only_query && self.is_mysql()) {
            around.push(match target.and_then(|id| self.schema.get(id)) {
                Some(Object::Table(table)) => {
                    let id = self.schema.id(Class::Relation, &table.name);
                    Frame::table(table, self.schema.is_certain(&id))
                }
                _ => Frame::unknown(),
            });
        }
        let mut resolver = Resolver::new(self.schema, self.place.source);
        resolver.resolve(&dml.scope, around);
        for conflict in resolver.conflicts {
            self.refuse(conflict);
        }
    }

    /// PostgreSQL's ON CONFLICT (columns) needs a unique key on exactly these.
    fn conflict_has_key(&mut self, id: &ObjectId, columns: &[Ident]) {
        if !self.is_postgres() || columns.is_empty() || !self.schema.is_certain(id) {
            return;
        }
        let Some(table) = self.schema.table_by_id(id) else {
            return;
        };
        let known = |column: &Ident| self.schema.column_index(table, &column.name).is_some();
        let is = |names: &mut dyn Iterator<Item = &String>| {
            let names: Vec<&String> = names.collect();
            columns.iter().all(|it| names.contains(&&it.name))
                && names
                    .iter()
                    .all(|it| columns.iter().any(|column| column.name == **it))
        };
        let has_key = table.keys().any(|key| is(&mut key.columns.iter()))
            || table.indexes.iter().any(|index| {
                index.unique
                    && index.keys.iter().all(|key| key.column.is_some())
                    && is(&mut index.keys.iter().filter_map(|key| key.column.as_ref()))
            });
        let (Some(first), Some(last)) = (columns.first(), columns.last()) else {
            return;
        };
        if !has_key && columns.iter().all(known) {
            let span = Span::new(first.span.start, last.span.end);
            let listed = listed(columns.iter().map(|it| it.name.as_str()));
            let conflict = Conflict::new(
                &rule::BAD_DEFINITION,
                format!("no unique key of `{}` has exactly: {listed}", table.name),
                span,
                "ON CONFLICT needs a unique key",
            );
            self.refuse(conflict);
        }
    }

    /// The number of values, and the columns that no value is given for.
    fn insert_fits(&mut self, id: &ObjectId, dml: &Dml) {
        let Some(rows) = dml.source.filter(|_| self.schema.is_certain(id)) else {
            return;
        };
        let Some(table) = self.schema.table_by_id(id) else {
            return;
        };
        let (given, span) = match rows {
            InsertSource::Values { count, span } => (count, span),
            InsertSource::Query { inner, span } => {
                let query = dml.scope.inner.get(inner);
                (query.and_then(|it| self.count(it)), span)
            }
        };
        if let Some(given) = given
            && let Some(message) = self.misfit(table, dml, given)
        {
            let conflict = Conflict::new(&rule::BAD_DEFINITION, message, span, "does not fit")
                .note_maybe(self.missing_comma(dml, rows))
                .note_maybe(self.schema.note(id));
            self.refuse(conflict);
            return;
        }
        // A query may give no row.
        if let InsertSource::Values { .. } = rows
            && let Some(column) = self.column_without_value(table, &dml.columns)
        {
            let message = format!(
                "column `{column}` of table `{}` is NOT NULL, has no default and gets no value",
                table.name
            );
            let span = dml
                .target
                .as_ref()
                .map(ObjectName::span)
                .unwrap_or_default();
            let conflict = Conflict::new(
                &rule::BAD_DEFINITION,
                message,
                span,
                "leaves a column empty",
            )
            .note_maybe(self.schema.note(id));
            self.refuse(conflict);
        }
    }

    /// How many columns a query gives whose rows are inserted.
    fn count(&self, query: &Scope) -> Option<usize> {
        let resolver = Resolver::new(self.schema, self.place.source);
        // `()` is no query.
        resolver.count(query).filter(|given| *given > 0)
    }

    /// What is wrong with so many values.
    fn misfit(&self, table: &Table, dml: &Dml, given: usize) -> Option<String> {
        let values = match given {
            1 => "1 value is given".to_owned(),
            _ => format!("{given} values are given"),
        };
        if !dml.columns.is_empty() {
            let columns = match dml.columns.len() {
                1 => "1 column".to_owned(),
                listed => format!("{listed} columns"),
            };
            return (dml.columns.len() != given).then(|| format!("{values} for {columns}"));
        }
        let columns = table.columns.iter().filter(|it| !it.hidden).count();
        let generated = table.columns.iter().any(|it| it.generated.is_some());
        let fits = match self.dialect() {
            // What is missing at the end takes its default.
            Dialect::Postgres => given <= columns,
            // MySQL's `VALUES ()` is all defaults.
            Dialect::Mysql => given == columns || given == 0,
            _ => given == columns || generated,
        };
        (!fits).then(|| {
            format!(
                "{values} for the {columns} columns of table `{}`",
                table.name
            )
        })
    }

    /// A column of the query that takes the name of what may have been meant to be the next one.
    fn missing_comma(&self, dml: &Dml, rows: InsertSource) -> Option<String> {
        let InsertSource::Query { inner, .. } = rows else {
            return None;
        };
        let query = dml.scope.inner.get(inner)?;
        query.select.iter().find_map(|item| match item {
            SelectItem::Column { column, name } if column.column.name != *name => {
                let column = &column.column;
                let after = self.place.source.text.get(column.span.end..)?;
                let word = after.split_whitespace().next()?;
                let has_as = word.eq_ignore_ascii_case("as");
                (!has_as).then(|| format!("`{name}` is a name for `{column}` here, unless a comma is missing between the two"))
            }
            _ => None,
        })
    }

    /// No column gets two values.
    fn columns_once(&mut self, columns: &[Ident]) {
        let twice = columns.iter().enumerate().find(|(at, column)| {
            let mut before = columns.iter().take(*at);
            before.any(|it| self.schema.same_name(&it.name, &column.name))
        });
        if let (Some((_, column)), false) = (twice, self.is_sqlite()) {
            self.refuse(Conflict::new(
                &rule::BAD_DEFINITION,
                format!("column `{column}` gets two values"),
                column.span,
                "the second time",
            ));
        }
    }

    /// A column that any row would leave NULL where it must not be. Only PostgreSQL always refuses.
    fn column_without_value(&self, table: &Table, given: &[Ident]) -> Option<String> {
        if !self.is_postgres() || given.is_empty() || !table.triggers.is_empty() {
            return None;
        }
        table
            .columns
            .iter()
            .find(|column| {
                !column.nullable
                    && column.default.is_none()
                    && !column.auto_increment
                    && column.identity.is_none()
                    && column.generated.is_none()
                    && !given.iter().any(|it| it.name == column.name)
                    // A domain may have a default of its own.
                    && column.column_type.as_ref().is_some_and(|it| {
                        it.schema.is_none() && crate::schema::builtin::is_type(&it.name)
                    })
            })
            .map(|column| column.name.clone())
    }

    /// A function that is called may do anything, unless the model knows its body.
    fn call(&mut self, scope: &Scope) {
        let mut touches = Vec::new();
        for call in scope.walk().flat_map(|scope| &scope.functions) {
            match self.schema.find_routine(&call.name) {
                Found::Here(first) | Found::Perhaps(Some(first)) => {
                    for id in self.schema.routines(&first) {
                        if let Some(Object::Routine(routine)) = self.schema.get(&id) {
                            touches.push(routine.touches.clone());
                        }
                    }
                }
                // Only PostgreSQL's functions change schemas when a query calls them.
                _ if self.is_postgres() => touches.push(Touches::Everything),
                _ => {}
            }
        }
        for touches in touches {
            self.schema.forget(&touches);
        }
    }

    /// TRUNCATE: a table that others reference goes together with them or not at all.
    pub(super) fn truncate(&mut self, tables: &[ObjectName], cascade: bool) {
        let found: Vec<(&ObjectName, Option<ObjectId>)> = tables
            .iter()
            .map(|name| (name, self.relation_must_exist(name, "table")))
            .collect();
        let refused = match self.dialect() {
            Dialect::Postgres => !cascade,
            Dialect::Mysql => self.schema.checks_foreign_keys,
            _ => false,
        };
        if !refused {
            return;
        }
        let together: Vec<ObjectId> = found.iter().filter_map(|(_, id)| id.clone()).collect();
        for (name, id) in found {
            let Some(id) = id.filter(|id| self.schema.is_certain(id)) else {
                continue;
            };
            let Some(table) = self.schema.table_by_id(&id).map(|it| it.name.clone()) else {
                continue;
            };
            let user = self.schema.users(&id).into_iter().find_map(|user| {
                let other = self.schema.table_by_id(&user)?;
                let key = other
                    .foreign_keys
                    .iter()
                    .find(|it| it.references == table)?;
                (!together.contains(&user) && self.schema.is_certain(&user))
                    .then(|| format!("foreign key `{}` of `{}`", key.name, other.name))
            });
            if let Some(user) = user {
                let mut conflict = Conflict::new(
                    &rule::STILL_USED,
                    format!("table `{name}` is referenced by {user}"),
                    name.span(),
                    "referenced",
                );
                if self.is_postgres() {
                    conflict = conflict.help("truncate both in one statement, or say CASCADE");
                }
                self.refuse(conflict);
            }
        }
    }
}
