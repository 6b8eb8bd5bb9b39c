//! Sequences.

use std::sync::Arc;

use migrate_core::{Dialect, rule};

use super::{Applier, Target};
use crate::change::{AlterSequence, CreateSequence};
use crate::column_type::ColumnType;
use crate::dialect;
use crate::expression::Expression;
use crate::name::{Ident, ObjectName, QualifiedName};
use crate::quoting::qualified;
use crate::schema::links::{argument_of_nextval, sequence_of_nextval};
use crate::schema::lookup::{Found, TEMPORARY};
use crate::schema::{Class, Object, ObjectId, Sequence};

impl Applier<'_> {
    pub(super) fn create_sequence(&mut self, create: &CreateSequence) {
        let name = self.schema.new_name(&create.name, create.temporary);
        if create.if_not_exists && self.schema.relation_exists(&name) {
            return;
        }
        self.name_is_free(&create.name, &name, "sequence");
        self.schema_must_exist(&create.name);
        let owner = create
            .owned_by
            .as_ref()
            .and_then(|(table, column)| self.owner(table, column));
        let sequence = Sequence {
            name,
            column_type: create
                .column_type
                .clone()
                .unwrap_or_else(|| ColumnType::named("bigint")),
            owned_by: owner,
            statement: None,
            origin: Some(self.origin(create.name.span())),
        };
        let id = self.schema.id(Class::Relation, &sequence.name);
        self.schema.put(Arc::new(Object::Sequence(sequence)));
        self.recognise_serial(&id);
    }

    fn owner(&mut self, table: &ObjectName, column: &Ident) -> Option<(QualifiedName, String)> {
        let target = self.table_target(table, false)?;
        self.column_at(&target, column);
        let name = self.schema.table_by_id(&target.id)?.name.clone();
        Some((name, column.name.clone()))
    }

    pub(super) fn alter_sequence(&mut self, alter: &AlterSequence) {
        let id = match self.schema.find(Class::Relation, &alter.name) {
            Found::Here(id) => id,
            Found::Perhaps(Some(id)) => id,
            Found::Perhaps(None) => return,
            Found::Nothing(id) => {
                if !alter.if_exists {
                    let missing =
                        self.schema
                            .missing(&rule::UNKNOWN_OBJECT, "sequence", &alter.name, &id);
                    self.refuse(missing);
                }
                return;
            }
        };
        if !matches!(self.schema.get(&id), Some(Object::Sequence(_))) {
            self.wrong_kind(&alter.name, &id, "sequence");
            return;
        }
        let owner = match &alter.owned_by {
            Some(Some((table, column))) => Some(self.owner(table, column)),
            Some(None) => Some(None),
            None => None,
        };
        self.schema.edit(&id, |object| {
            if let Object::Sequence(sequence) = object {
                if let Some(column_type) = &alter.column_type {
                    sequence.column_type = column_type.clone();
                }
                if let Some(owner) = owner {
                    sequence.owned_by = owner;
                }
            }
        });
        self.recognise_serial(&id);
    }

    /// A default on a sequence that the column owns is what serial makes, and is kept as that.
    pub(super) fn recognise_serial(&mut self, sequence: &ObjectId) {
        let Some(Object::Sequence(found)) = self.schema.get(sequence) else {
            return;
        };
        let Some((table, column)) = found.owned_by.clone() else {
            return;
        };
        let name = found.name.clone();
        let table = self.schema.id(Class::Relation, &table);
        self.schema.edit_table(&table, |table| {
            for column in table.columns.iter_mut().filter(|it| it.name == column) {
                let default = column
                    .default
                    .as_ref()
                    .and_then(|it| sequence_of_nextval(&it.text));
                if default.is_some_and(|it| it == name) {
                    column.default = None;
                    column.auto_increment = true;
                }
            }
        });
    }

    /// A default as the server keeps it: what `nextval('…')` names is looked up here and now, whatever
    /// the search path will be later.
    pub(super) fn with_sequence_found(&self, mut default: Expression) -> Expression {
        let written = argument_of_nextval(&default.text);
        let Some(written) = written.filter(|it| !it.contains('.')) else {
            return default;
        };
        let Some(name) = sequence_of_nextval(&default.text) else {
            return default;
        };
        let name = ObjectName::unqualified(Ident {
            name: name.name,
            span: default.span,
        });
        match self.schema.find(Class::Relation, &name) {
            Found::Here(id) if id.name.schema.as_deref().is_some_and(|it| it != TEMPORARY) => {
                let text = default.text.replacen(
                    &format!("'{written}'"),
                    &format!("'{}'", qualified(&id.name, Dialect::Postgres)),
                    1,
                );
                let found = dialect::expression(&text, Dialect::Postgres);
                default.text = found.text;
                default.canonical = found.canonical;
            }
            Found::Perhaps(_) => default.scope.opaque = true,
            Found::Here(_) | Found::Nothing(_) => {}
        }
        default
    }

    /// After a default was set: it may be that of a serial column.
    pub(super) fn recognise_serial_default(&mut self, target: &Target, column: &str) {
        for sequence in self.sequences_of(&target.id, Some(column)) {
            self.recognise_serial(&sequence);
        }
    }
}
