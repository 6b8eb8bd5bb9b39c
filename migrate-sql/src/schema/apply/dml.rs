//! Statements that read and write rows: the names in them, and what they call.

use migrate_core::{Dialect, rule};

use super::Applier;
use crate::change::{Dml, DmlVerb, Touches};
use crate::conflict::Conflict;
use crate::name::{Ident, ObjectName};
use crate::schema::lookup::Found;
use crate::schema::resolve::{Frame, Resolver};
use crate::schema::{Class, Object, ObjectId, Table};
use crate::scope::Scope;

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
        let mut around = Vec::new();
        let unknown_target = dml.target.is_some() && target.is_none();
        if let Some(id) = target {
            match self.schema.get(id) {
                Some(Object::Table(table)) => {
                    let own = Frame::table(table, self.schema.is_certain(id));
                    if matches!(dml.verb, DmlVerb::Insert | DmlVerb::Replace) {
                        around.push(own.named("excluded"));
                    }
                    around.push(own);
                }
                _ => around.push(Frame::unknown()),
            }
        } else if unknown_target {
            around.push(Frame::unknown());
        }
        let mut resolver = Resolver::new(self.schema, self.place.source);
        resolver.resolve(&dml.scope, around);
        // UPDATE and DELETE name their target among the sources, too: once is enough.
        for conflict in resolver.conflicts {
            self.refuse(conflict);
        }
    }

    /// The number of values, and the columns that no value is given for.
    fn insert_fits(&mut self, id: &ObjectId, dml: &Dml) {
        let Some(values) = dml.values else {
            return;
        };
        if !self.schema.is_certain(id) {
            return;
        }
        let Some(table) = self.schema.table_by_id(id) else {
            return;
        };
        let span = dml
            .target
            .as_ref()
            .map(ObjectName::span)
            .unwrap_or_default();
        let conflict = if dml.columns.is_empty() {
            self.values_fit_table(table, values)
        } else if dml.columns.len() != values {
            Some(format!(
                "{values} values are given for {} columns",
                dml.columns.len()
            ))
        } else {
            None
        };
        if let Some(message) = conflict {
            let conflict = Conflict::new(&rule::BAD_DEFINITION, message, span, "does not fit")
                .note_maybe(self.schema.note(id));
            self.refuse(conflict);
            return;
        }
        if let Some(column) = self.column_without_value(table, &dml.columns) {
            let message = format!(
                "column `{column}` of table `{}` is NOT NULL, has no default and gets no value",
                table.name
            );
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

    fn values_fit_table(&self, table: &Table, values: usize) -> Option<String> {
        let columns = table.columns.len();
        let generated = table.columns.iter().any(|it| it.generated.is_some());
        let fits = match self.dialect() {
            // What is missing at the end takes its default.
            Dialect::Postgres => values <= columns,
            // MySQL's `VALUES ()` is all defaults; hidden columns count on neither.
            Dialect::Mysql => values == columns || values == 0,
            _ => values == columns || generated,
        };
        (!fits).then(|| {
            format!(
                "{values} values are given for the {columns} columns of table `{}`",
                table.name
            )
        })
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
}
