//! Columns: made, changed, dropped.

use std::sync::Arc;

use migrate_core::{Dialect, rule};

use super::{Applier, Target};
use crate::change::{ColumnChange, ColumnDefinition, ColumnPosition, Identity};
use crate::column_type::ColumnType;
use crate::conflict::Conflict;
use crate::expression::Expression;
use crate::name::{Ident, ObjectName, QualifiedName, Span};
use crate::schema::journal::Departure;
use crate::schema::lookup::place;
use crate::schema::resolve::{Frame, Resolver};
use crate::schema::{Class, Column, Index, Object, ObjectId, Sequence};

impl Applier<'_> {
    /// Adds a column, without the constraints beside it. False where it is there already.
    pub(super) fn add_column(
        &mut self,
        target: &Target,
        definition: &ColumnDefinition,
        position: Option<&ColumnPosition>,
    ) -> bool {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return false;
        };
        if let Some(index) = self.schema.column_index(table, &definition.name.name) {
            let inherited = !table.inherits.is_empty();
            let note = table.columns.get(index).and_then(|it| it.origin.as_ref());
            let note = note.map(|it| format!("`{}` was created in {}", definition.name, place(it)));
            let on = format!(" on table `{}`", table.name);
            if inherited {
                // Columns of the same name are merged with those of the parent.
                self.refine_column(target, definition);
                return true;
            }
            if target.certain {
                self.duplicate("column", &definition.name, &on, note);
            }
            return false;
        }
        let column = self.column_of(definition);
        let at = self.column_place(target, position);
        self.schema.edit_table(&target.id, |table| {
            let at = at.unwrap_or(table.columns.len()).min(table.columns.len());
            table.columns.insert(at, column.clone());
        });
        if self.is_postgres() && (definition.auto_increment || definition.identity.is_some()) {
            self.make_own_sequence(target, definition);
        }
        // MySQL's may name columns that come after it.
        if !self.is_mysql() {
            self.definition_is_sound(target, definition);
        }
        self.add_to_children(target, &column);
        true
    }

    /// The column that a definition makes.
    pub(super) fn column_of(&self, definition: &ColumnDefinition) -> Column {
        let mut column = Column::new(definition.name.name.clone());
        column.column_type.clone_from(&definition.column_type);
        column.nullable = definition.nullable.unwrap_or(match self.dialect() {
            Dialect::Postgres => !definition.auto_increment && definition.identity.is_none(),
            Dialect::Mysql => !definition.auto_increment,
            _ => true,
        });
        column.default = self.default_of(definition.default.as_ref());
        column.on_update.clone_from(&definition.on_update);
        column.generated.clone_from(&definition.generated);
        column.identity = definition.identity;
        column.auto_increment = definition.auto_increment;
        column.collation.clone_from(&definition.collation);
        column.charset.clone_from(&definition.charset);
        column.hidden = definition.hidden;
        column.origin = Some(self.origin(definition.name.span));
        column
    }

    /// DEFAULT NULL is no default, but on SQLite, which keeps what is written.
    fn default_of(&self, default: Option<&Expression>) -> Option<Expression> {
        default
            .filter(|it| self.is_sqlite() || !it.canonical.eq_ignore_ascii_case("null"))
            .cloned()
            .map(|it| match self.is_postgres() {
                true => self.with_sequence_found(it),
                false => it,
            })
    }

    fn column_place(
        &mut self,
        target: &Target,
        position: Option<&ColumnPosition>,
    ) -> Option<usize> {
        match position? {
            ColumnPosition::First => Some(0),
            ColumnPosition::After(column) => self.column_at(target, column).map(|index| index + 1),
        }
    }

    /// What is wrong with a definition whatever the table has.
    pub(super) fn definition_is_sound(&mut self, target: &Target, definition: &ColumnDefinition) {
        if let Some(column_type) = &definition.column_type {
            self.type_must_exist(column_type, definition.type_span);
        }
        if let Some(default) = &definition.default {
            self.default_is_sound(target, default);
        }
        if let Some(generated) = &definition.generated {
            self.resolve_in_table(target, &generated.expression);
        }
        if self.is_mysql() {
            self.mysql_definition(definition);
        }
    }

    /// A type that a column is declared with.
    pub(super) fn type_must_exist(&mut self, column_type: &ColumnType, span: Span) {
        let name = ObjectName {
            schema: column_type
                .schema
                .as_ref()
                .map(|schema| Ident::new(schema.clone(), span)),
            name: Ident::new(column_type.name.clone(), span),
        };
        if let Some(conflict) = self.schema.unknown_type(&name) {
            self.refuse(conflict);
        }
    }

    /// PostgreSQL's defaults name no columns, MySQL's those of the table.
    fn default_is_sound(&mut self, target: &Target, default: &Expression) {
        if self.is_mysql() {
            self.resolve_in_table(target, default);
        }
        if !self.is_postgres() || default.scope.opaque || !target.certain {
            return;
        }
        if let Some(column) = default.scope.columns.first() {
            self.refuse(
                Conflict::new(
                    &rule::BAD_DEFINITION,
                    "a default cannot use a column",
                    column.column.span,
                    "a column",
                )
                .help("write a string in single quotes"),
            );
        } else {
            self.resolve_in_table(target, default);
        }
    }

    /// Resolves an expression that belongs to a table, and says what it reads besides.
    pub(super) fn resolve_in_table(
        &mut self,
        target: &Target,
        expression: &Expression,
    ) -> crate::schema::Reads {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return crate::schema::Reads::new();
        };
        let mut resolver = Resolver::new(self.schema, self.place.source);
        resolver.resolve(&expression.scope, vec![Frame::table(table, target.certain)]);
        let (conflicts, reads) = (resolver.conflicts, resolver.reads);
        for conflict in conflicts {
            self.refuse(conflict);
        }
        reads
    }

    /// The sequence behind a serial or identity column.
    pub(super) fn make_own_sequence(&mut self, target: &Target, definition: &ColumnDefinition) {
        let column_type = definition.column_type.clone();
        self.make_sequence_for(target, &definition.name, column_type);
    }

    pub(super) fn make_sequence_for(
        &mut self,
        target: &Target,
        column: &Ident,
        column_type: Option<ColumnType>,
    ) {
        let Some(table) = self
            .schema
            .table_by_id(&target.id)
            .map(|it| it.name.clone())
        else {
            return;
        };
        let name = QualifiedName {
            name: self.schema.choose_relation_name(
                table.schema.as_deref(),
                &table.name,
                Some(&column.name),
                "seq",
                false,
            ),
            schema: table.schema.clone(),
        };
        let sequence = Sequence {
            name,
            column_type: column_type.unwrap_or_else(|| ColumnType::named("bigint")),
            owned_by: Some((table, column.name.clone())),
            statement: None,
            origin: Some(self.origin(column.span)),
        };
        self.schema.put(Arc::new(Object::Sequence(sequence)));
    }

    /// Takes what a second definition says about a column that is there: of a partition, or merged
    /// with a parent's.
    pub(super) fn refine_column(&mut self, target: &Target, definition: &ColumnDefinition) {
        let Some(index) = self.column_at(target, &definition.name) else {
            return;
        };
        let default = self.default_of(definition.default.as_ref());
        self.schema.edit_table(&target.id, |table| {
            if let Some(column) = table.columns.get_mut(index) {
                if definition.nullable == Some(false) {
                    column.nullable = false;
                }
                if default.is_some() {
                    column.default = default;
                }
            }
        });
    }

    /// What PostgreSQL's tables below this one get, too.
    fn add_to_children(&mut self, target: &Target, column: &Column) {
        for child in self.children(&target.id) {
            self.schema.edit_table(&child, |table| {
                if !table.columns.iter().any(|it| it.name == column.name) {
                    table.columns.push(column.clone());
                }
            });
            let child = Target {
                id: child,
                certain: target.certain,
            };
            self.add_to_children(&child, column);
        }
    }

    /// ALTER COLUMN.
    pub(super) fn alter_column(&mut self, target: &Target, name: &Ident, change: &ColumnChange) {
        let Some(index) = self.column_at(target, name) else {
            return;
        };
        match change {
            ColumnChange::Type {
                column_type,
                span,
                using,
                collation,
            } => {
                self.type_must_exist(column_type, *span);
                if let Some(using) = using {
                    self.resolve_in_table(target, using);
                }
                self.column_is_free(target, name, "change the type of");
                let collation = collation.clone();
                let column_type = column_type.clone();
                self.edit_column(target, index, |column| {
                    column.column_type = Some(column_type);
                    column.collation = collation;
                });
                self.settle_table(target);
            }
            ColumnChange::SetDefault(default) => {
                self.default_is_sound(target, default);
                let column_type = self
                    .schema
                    .table_by_id(&target.id)
                    .and_then(|table| table.columns.get(index)?.column_type.clone());
                if let (true, true, Some(column_type)) =
                    (self.is_mysql(), target.certain, column_type)
                {
                    self.mysql_default(name, &column_type, default);
                }
                let default = self.default_of(Some(default));
                self.edit_column(target, index, |column| {
                    column.default = default;
                    column.auto_increment = false;
                });
                self.recognise_serial_default(target, &name.name);
            }
            ColumnChange::DropDefault => {
                let postgres = self.is_postgres();
                self.edit_column(target, index, |column| {
                    column.default = None;
                    column.auto_increment &= !postgres;
                });
            }
            ColumnChange::SetNotNull => {
                self.edit_column(target, index, |column| column.nullable = false);
            }
            ColumnChange::DropNotNull => {
                self.null_is_allowed(target, name);
                self.edit_column(target, index, |column| column.nullable = true);
            }
            ColumnChange::DropExpression { .. } => {
                self.edit_column(target, index, |column| column.generated = None);
            }
            ColumnChange::SetExpression(expression) => {
                self.resolve_in_table(target, expression);
                let expression = expression.clone();
                self.edit_column(target, index, |column| {
                    if let Some(generated) = &mut column.generated {
                        generated.expression = expression;
                    }
                });
            }
            ColumnChange::SetIdentity { identity, add } => {
                self.set_identity(target, index, name, *identity, *add);
            }
            ColumnChange::DropIdentity { if_exists } => {
                self.drop_identity(target, index, name, *if_exists);
            }
            ColumnChange::Statistics | ColumnChange::Storage => {}
        }
    }

    /// Changes a column of the table and of what inherits from it.
    fn edit_column(
        &mut self,
        target: &Target,
        index: usize,
        change: impl FnOnce(&mut Column) + Clone,
    ) {
        let Some(name) = self
            .schema
            .edit_table(&target.id, |table| {
                table.columns.get_mut(index).map(|column| {
                    change.clone()(column);
                    column.name.clone()
                })
            })
            .flatten()
        else {
            return;
        };
        for child in self.children(&target.id) {
            let position = self
                .schema
                .table_by_id(&child)
                .and_then(|table| self.schema.column_index(table, &name));
            if let Some(position) = position {
                let child = Target {
                    id: child,
                    certain: target.certain,
                };
                self.edit_column(&child, position, change.clone());
            }
        }
    }

    fn null_is_allowed(&mut self, target: &Target, name: &Ident) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let in_key = table.primary_key.as_ref().is_some_and(|key| {
            key.columns
                .iter()
                .any(|it| self.schema.same_name(it, &name.name))
        });
        let identity = table
            .columns
            .iter()
            .any(|it| it.name == name.name && it.identity.is_some());
        if !target.certain || !self.is_postgres() || !(in_key || identity) {
            return;
        }
        let why = if in_key {
            "belongs to the primary key"
        } else {
            "is an identity column"
        };
        self.refuse(Conflict::new(
            &rule::BAD_DEFINITION,
            format!("column `{name}` {why} and cannot take NULL"),
            name.span,
            why,
        ));
    }

    fn set_identity(
        &mut self,
        target: &Target,
        index: usize,
        name: &Ident,
        identity: Identity,
        add: bool,
    ) {
        let Some(column) = self
            .schema
            .table_by_id(&target.id)
            .and_then(|table| table.columns.get(index))
            .cloned()
        else {
            return;
        };
        let fault = match (add, column.identity) {
            (true, Some(_)) => Some("is an identity column already"),
            (true, None) if column.nullable => {
                Some("must be NOT NULL to become an identity column")
            }
            (true, None) if column.default.is_some() || column.auto_increment => {
                Some("has a default already")
            }
            (false, None) => Some("is not an identity column"),
            _ => None,
        };
        if let (Some(fault), true) = (fault, target.certain) {
            self.refuse(Conflict::new(
                &rule::BAD_DEFINITION,
                format!("column `{name}` {fault}"),
                name.span,
                fault,
            ));
        }
        if add && column.identity.is_none() {
            self.make_sequence_for(target, name, column.column_type.clone());
        }
        self.edit_column(target, index, |column| column.identity = Some(identity));
    }

    fn drop_identity(&mut self, target: &Target, index: usize, name: &Ident, if_exists: bool) {
        let identity = self
            .schema
            .table_by_id(&target.id)
            .and_then(|table| table.columns.get(index))
            .is_some_and(|column| column.identity.is_some());
        if !identity {
            if target.certain && !if_exists {
                self.refuse(Conflict::new(
                    &rule::BAD_DEFINITION,
                    format!("column `{name}` is not an identity column"),
                    name.span,
                    "not an identity column",
                ));
            }
            return;
        }
        for sequence in self.sequences_of(&target.id, Some(&name.name)) {
            self.schema.take(&sequence);
        }
        self.edit_column(target, index, |column| column.identity = None);
    }

    /// MySQL's MODIFY and CHANGE.
    pub(super) fn modify_column(
        &mut self,
        target: &Target,
        from: &Ident,
        definition: &ColumnDefinition,
        position: Option<&ColumnPosition>,
        if_exists: bool,
    ) {
        let known = self
            .schema
            .table_by_id(&target.id)
            .and_then(|table| self.schema.column_index(table, &from.name));
        if known.is_none() && if_exists {
            return;
        }
        let Some(index) = self.column_at(target, from) else {
            return;
        };
        // MariaDB's check beside a column has the column's name, and goes with its old definition.
        let dialect = self.dialect();
        self.schema.edit_table(&target.id, |table| {
            table
                .constraints
                .retain(|it| !crate::schema::same_name(dialect, &it.name, &from.name));
        });
        if !self.schema.same_name(&from.name, &definition.name.name) {
            self.rename_column(target, from, &definition.name);
        } else {
            // A change of case alone.
            self.edit_column(target, index, |column| {
                column.name.clone_from(&definition.name.name);
            });
        }
        let mut column = self.column_of(definition);
        let in_key = self.schema.table_by_id(&target.id).is_some_and(|table| {
            table.primary_key.as_ref().is_some_and(|key| {
                key.columns
                    .iter()
                    .any(|it| self.schema.same_name(it, &definition.name.name))
            })
        });
        if in_key {
            column.nullable = false;
        }
        self.schema.edit_table(&target.id, |table| {
            if let Some(old) = table.columns.get_mut(index) {
                column.origin.clone_from(&old.origin);
                *old = column;
            }
        });
        if position.is_some() {
            let moved = self.schema.edit_table(&target.id, |table| {
                (index < table.columns.len()).then(|| table.columns.remove(index))
            });
            let at = self.column_place(target, position);
            self.schema.edit_table(&target.id, |table| {
                if let Some(column) = moved.flatten() {
                    let at = at.unwrap_or(index).min(table.columns.len());
                    table.columns.insert(at, column);
                }
            });
        }
    }

    /// DROP COLUMN: what only lies on the column goes with it, and what needs it stands in the way.
    pub(super) fn drop_column(
        &mut self,
        target: &Target,
        name: &Ident,
        if_exists: bool,
        cascade: bool,
    ) {
        let known = self
            .schema
            .table_by_id(&target.id)
            .and_then(|table| self.schema.column_index(table, &name.name));
        if known.is_none() && if_exists {
            return;
        }
        let Some(index) = self.column_at(target, name) else {
            return;
        };
        if let Some(parent) = self.parent_with_column(target, name)
            && target.certain
        {
            self.refuse(Conflict::new(
                &rule::STILL_USED,
                format!("column `{name}` is inherited from table `{parent}`"),
                name.span,
                "inherited",
            ));
            return;
        }
        if cascade {
            self.drop_what_uses_column(target, name);
        } else {
            self.column_is_free(target, name, "drop");
        }
        for sequence in self.sequences_of(&target.id, Some(&name.name)) {
            let certain = (target.certain, [].as_slice());
            self.drop_beside_sequence(&sequence, &target.id, name.span, cascade, certain);
            let origin = self.origin(name.span);
            self.schema.take(&sequence);
            let with = format!("column `{name}`");
            self.schema
                .note_gone(sequence, None, Departure::DroppedWith(with), origin);
        }
        let origin = self.origin(name.span);
        self.schema.note_gone(
            target.id.clone(),
            Some(&name.name),
            Departure::Dropped,
            origin,
        );
        let dialect = self.dialect();
        for child in self.children(&target.id) {
            let child = Target {
                id: child,
                certain: false,
            };
            self.drop_column(&child, name, true, cascade);
        }
        self.schema.edit_table(&target.id, |table| {
            if index < table.columns.len() {
                table.columns.remove(index);
            }
            let is = |it: &String| crate::schema::same_name(dialect, it, &name.name);
            let reads = |it: &Expression| super::rewrite::reads_column(it, &name.name, dialect);
            if dialect == Dialect::Mysql {
                narrow(&mut table.indexes, is);
                if let Some(key) = &mut table.primary_key {
                    key.columns.retain(|it| !is(it));
                    if key.columns.is_empty() {
                        table.primary_key = None;
                    }
                }
                table
                    .constraints
                    .retain(|it| !it.check.as_ref().is_some_and(&reads));
                return;
            }
            if table
                .primary_key
                .as_ref()
                .is_some_and(|key| key.columns.iter().any(is))
            {
                table.primary_key = None;
            }
            table.unique.retain(|key| !key.columns.iter().any(is));
            table.foreign_keys.retain(|key| !key.columns.iter().any(is));
            table.constraints.retain(|it| {
                !it.check.as_ref().is_some_and(&reads)
                    && !it
                        .exclude
                        .as_ref()
                        .is_some_and(|text| has_word(text, &name.name))
            });
            table.indexes.retain(|index| {
                !(index.include.iter().any(is)
                    || index.predicate.as_ref().is_some_and(&reads)
                    || index.keys.iter().any(|key| {
                        key.column.as_ref().is_some_and(is)
                            || key.expression.as_ref().is_some_and(&reads)
                    }))
            });
        });
    }

    /// The parent that gives a table a column.
    fn parent_with_column(&self, target: &Target, name: &Ident) -> Option<QualifiedName> {
        let table = self.schema.table_by_id(&target.id)?;
        table
            .inherits
            .iter()
            .chain(&table.partition_of)
            .find(|parent| {
                self.schema
                    .table(parent)
                    .is_some_and(|parent| self.schema.column_index(parent, &name.name).is_some())
            })
            .cloned()
    }

    /// The sequences that go with a table or with one of its columns.
    pub(super) fn sequences_of(&self, table: &ObjectId, column: Option<&str>) -> Vec<ObjectId> {
        self.schema
            .users(table)
            .into_iter()
            .filter(|id| match self.schema.get(id) {
                Some(Object::Sequence(sequence)) => sequence
                    .owned_by
                    .as_ref()
                    .is_some_and(|(_, owner)| column.is_none_or(|column| column == owner)),
                _ => false,
            })
            .collect()
    }

    /// The tables that inherit from a table, its partitions among them.
    pub(super) fn children(&self, table: &ObjectId) -> Vec<ObjectId> {
        if !self.is_postgres() {
            return Vec::new();
        }
        let Some(name) = self.schema.table_by_id(table).map(|it| it.name.clone()) else {
            return Vec::new();
        };
        self.schema
            .users(table)
            .into_iter()
            .filter(|id| id.class == Class::Relation && id != table)
            .filter(|id| {
                self.schema.table_by_id(id).is_some_and(|child| {
                    child.partition_of.as_ref() == Some(&name) || child.inherits.contains(&name)
                })
            })
            .collect()
    }
}

/// MySQL takes a dropped column out of the indexes, and indexes without columns away.
fn narrow(indexes: &mut Vec<Index>, is: impl Fn(&String) -> bool + Copy) {
    for index in indexes.iter_mut() {
        index
            .keys
            .retain(|key| !key.column.as_ref().is_some_and(is));
    }
    indexes.retain(|index| !index.keys.is_empty());
}

/// Whether a text has a word that is this name.
pub(super) fn has_word(text: &str, name: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
        .any(|word| word.eq_ignore_ascii_case(name))
}
