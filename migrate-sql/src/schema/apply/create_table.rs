//! CREATE TABLE.

use std::sync::Arc;

use migrate_core::rule;

use super::{Applier, Target};
use crate::change::{
    ColumnDefinition, ConstraintDefinition, ConstraintKind, CreateIndex, CreateTable, IndexPart,
    TableOption,
};
use crate::conflict::Conflict;
use crate::name::{Ident, Span};
use crate::schema::lookup::{Found, TEMPORARY};
use crate::schema::resolve::Resolver;
use crate::schema::{Class, Column, Object, Table};

/// What CREATE TABLE adds to the bare table, at its place in the text.
enum Part<'c> {
    Constraint(&'c ConstraintDefinition, Option<&'c ColumnDefinition>),
    Index(&'c CreateIndex),
}

impl Part<'_> {
    fn start(&self) -> usize {
        match self {
            Part::Constraint(it, _) => it.span.start,
            Part::Index(it) => it.span.start,
        }
    }

    /// When PostgreSQL comes to it: checks, the primary key, other keys, foreign keys.
    fn pass(&self) -> u8 {
        match self {
            Part::Index(_) => 0,
            Part::Constraint(it, _) => match it.kind {
                ConstraintKind::Check(_) => 0,
                ConstraintKind::PrimaryKey { .. } => 1,
                ConstraintKind::Unique { .. } | ConstraintKind::Exclude { .. } => 2,
                ConstraintKind::ForeignKey { .. } => 3,
            },
        }
    }

    fn is_foreign_key(&self) -> bool {
        matches!(self, Part::Constraint(it, _) if matches!(it.kind, ConstraintKind::ForeignKey { .. }))
    }
}

impl Applier<'_> {
    pub(super) fn create_table(&mut self, create: &CreateTable) {
        let name = self.schema.new_name(&create.name, create.temporary);
        let id = self.schema.id(Class::Relation, &name);
        if create.or_replace {
            self.remove_table(&id, create.name.span());
        } else if create.if_not_exists && self.schema.relation_exists(&name) {
            return;
        } else {
            // SQLite and PostgreSQL keep the tables of a session apart from all others.
            self.name_is_free(&create.name, &name, "table");
        }
        self.schema_must_exist(&create.name);
        let one_of_two = self.differs_in_case(&id, &name);
        if one_of_two {
            self.schema.perhaps([name.name.clone()]);
        }

        let mut table = Table::new(name.clone());
        table.foreign = create.foreign;
        table.unlogged = create.unlogged;
        table.temporary = create.temporary || name.schema.as_deref() == Some(TEMPORARY);
        table.partition_by.clone_from(&create.partition_by);
        table.options = create
            .options
            .iter()
            .filter(|it| counts(it))
            .cloned()
            .collect();
        table.origin = Some(self.origin(create.name.span()));
        // What may have been there before may be there still.
        table.uncertain = create.if_not_exists
            && !matches!(
                self.schema.find(Class::Relation, &create.name),
                Found::Nothing(_)
            )
            && self
                .schema
                .table_by_id(&id)
                .is_none_or(|_| !self.schema.is_certain(&id))
            || one_of_two;
        self.schema.put(Arc::new(Object::Table(table)));
        let target = Target { certain: true, id };

        for parent in &create.inherits {
            self.inherit(&target, parent);
        }
        if let Some((parent, bounds)) = &create.partition_of {
            self.make_partition(&target, parent, bounds);
        }
        for like in &create.like {
            self.copy_like(&target, like);
        }
        for column in &create.columns {
            if create.partition_of.is_some() {
                self.refine_column(&target, column);
            } else {
                self.add_column(&target, column, None);
            }
        }
        if let Some(query) = &create.as_query {
            self.columns_of_query(&target, query, create.name.span());
        }
        if self.is_mysql() {
            for column in &create.columns {
                self.definition_is_sound(&target, column);
            }
        }
        let mut parts = self.parts(create);
        let unique: Vec<&ConstraintDefinition> = self.redundant_keys(&parts);
        parts.retain(|part| {
            !matches!(part, Part::Constraint(it, _) if unique.iter().any(|other| std::ptr::eq(*other, *it)))
        });
        for part in parts {
            match part {
                Part::Constraint(constraint, column) => {
                    self.add_constraint(&target, constraint, column.map(|it| &it.name), false);
                }
                Part::Index(index) => self.add_index(&target, index),
            }
        }
        if create.partition_of.is_some() {
            self.inherit_keys(&target);
        }
        self.partitions_take_foreign_keys(&target, create);
        self.finish_sqlite_table(&target);
        self.one_auto_increment(&target, create);
    }

    /// Constraints and indexes in the order in which the database makes them.
    fn parts<'c>(&self, create: &'c CreateTable) -> Vec<Part<'c>> {
        let mut parts: Vec<Part<'c>> = create
            .columns
            .iter()
            .flat_map(|column| {
                column
                    .constraints
                    .iter()
                    .map(move |it| Part::Constraint(it, Some(column)))
            })
            .chain(
                create
                    .constraints
                    .iter()
                    .map(|it| Part::Constraint(it, None)),
            )
            .chain(create.indexes.iter().map(Part::Index))
            .collect();
        parts.sort_by_key(Part::start);
        if self.is_postgres() {
            parts.sort_by_key(Part::pass);
        } else {
            // MySQL makes an index for a foreign key only where no other one serves.
            parts.sort_by_key(Part::is_foreign_key);
        }
        parts
    }

    /// PostgreSQL makes one index for keys that are the same, as in `UNIQUE PRIMARY KEY`.
    fn redundant_keys<'c>(&self, parts: &[Part<'c>]) -> Vec<&'c ConstraintDefinition> {
        let mut redundant = Vec::new();
        if !self.is_postgres() {
            return redundant;
        }
        let mut seen: Vec<Vec<&str>> = Vec::new();
        for part in parts {
            let Part::Constraint(it, column) = part else {
                continue;
            };
            let (ConstraintKind::PrimaryKey { columns, .. }
            | ConstraintKind::Unique { columns, .. }) = &it.kind
            else {
                continue;
            };
            let mut names: Vec<&str> = columns
                .iter()
                .filter_map(IndexPart::as_column)
                .map(|it| it.name.as_str())
                .collect();
            if names.is_empty() {
                names.extend(column.map(|it| it.name.name.as_str()));
            }
            let is_unique = matches!(it.kind, ConstraintKind::Unique { .. });
            if is_unique && seen.contains(&names) {
                redundant.push(*it);
            }
            seen.push(names);
        }
        redundant
    }

    /// MySQL's partitioned tables have no foreign keys.
    fn partitions_take_foreign_keys(&mut self, target: &Target, create: &CreateTable) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        if let (true, Some(_), Some(key)) = (
            self.is_mysql(),
            &create.partition_by,
            table.foreign_keys.first(),
        ) {
            let message = format!(
                "table `{}` is partitioned, and cannot have foreign key `{}`",
                table.name, key.name
            );
            let span = key
                .origin
                .as_ref()
                .map_or_else(|| create.name.span(), |it| it.span);
            self.refuse(Conflict::new(
                &rule::BAD_FOREIGN_KEY,
                message,
                span,
                "of a partitioned table",
            ));
        }
    }

    /// The columns that AS SELECT gives.
    fn columns_of_query(&mut self, target: &Target, query: &crate::scope::Scope, span: Span) {
        let mut resolver = Resolver::new(self.schema, self.place.source);
        resolver.resolve(query, Vec::new());
        let output = resolver.output(query);
        let columns: Option<Vec<Column>> = output.map(|output| {
            output
                .into_iter()
                .map(|(name, column)| {
                    let from = column.and_then(|it| resolver.table_column(query, &it));
                    let mut made = Column::new(name);
                    made.origin = Some(self.origin(span));
                    made.column_type = from.and_then(|it| it.column_type.clone());
                    // MySQL copies more of a column than its type.
                    if self.schema.dialect == migrate_core::Dialect::Mysql
                        && let Some(from) = from
                    {
                        made.nullable = from.nullable;
                        made.default.clone_from(&from.default);
                        made.collation.clone_from(&from.collation);
                        made.charset.clone_from(&from.charset);
                    }
                    made
                })
                .collect()
        });
        for conflict in resolver.conflicts {
            self.refuse(conflict);
        }
        // On PostgreSQL names that are listed stand for the query's.
        let listed = self.is_postgres()
            && self
                .schema
                .table_by_id(&target.id)
                .is_some_and(|table| !table.columns.is_empty());
        if let (Some(columns), false) = (&columns, listed) {
            let names: Vec<String> = columns.iter().map(|it| it.name.clone()).collect();
            self.columns_differ(&names, span);
        }
        let dialect = self.dialect();
        self.schema.edit_table(&target.id, |table| match columns {
            // Names that are listed stand for the query's, in order; on MySQL they come before.
            Some(columns) if dialect == migrate_core::Dialect::Mysql => {
                for column in columns {
                    if !table.columns.iter().any(|it| it.name == column.name) {
                        table.columns.push(column);
                    }
                }
            }
            Some(columns) => {
                for (index, column) in columns.into_iter().enumerate() {
                    match table.columns.get_mut(index) {
                        Some(listed) => listed.column_type = column.column_type,
                        None => table.columns.push(column),
                    }
                }
            }
            None => table.uncertain = true,
        });
    }

    /// A query that makes a table or view gives no name twice, but on SQLite.
    pub(super) fn columns_differ(&mut self, names: &[String], span: Span) {
        let twice = names.iter().enumerate().find(|(at, name)| {
            let mut before = names.iter().take(*at);
            before.any(|it| self.schema.same_name(it, name))
        });
        if let (Some((_, name)), false) = (twice, self.is_sqlite()) {
            self.refuse(
                Conflict::new(
                    &rule::BAD_DEFINITION,
                    format!("the query gives two columns the name `{name}`"),
                    span,
                    "has a column twice",
                )
                .help("name one of them with AS"),
            );
        }
    }

    /// SQLite: what STRICT and WITHOUT ROWID make of a primary key.
    fn finish_sqlite_table(&mut self, target: &Target) {
        if !self.is_sqlite() {
            return;
        }
        self.schema.edit_table(&target.id, |table| {
            let has = |name: &str| table.options.iter().any(|it| it.name == name);
            let (strict, without_rowid) = (has("STRICT"), has("WITHOUT ROWID"));
            let Some(key) = &table.primary_key else {
                return;
            };
            let alias = !without_rowid && is_rowid_alias(table);
            for column in &mut table.columns {
                let in_key = key
                    .columns
                    .iter()
                    .any(|it| it.eq_ignore_ascii_case(&column.name));
                if in_key && (without_rowid || (strict && !alias)) {
                    column.nullable = false;
                }
            }
        });
    }

    /// MySQL: at most one AUTO_INCREMENT column, and it begins a key.
    fn one_auto_increment(&mut self, target: &Target, create: &CreateTable) {
        if !self.is_mysql() {
            return;
        }
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let mut auto = create.columns.iter().filter(|it| it.auto_increment);
        let Some(first) = auto.next() else {
            return;
        };
        let conflict = if let Some(second) = auto.next() {
            Some(("a table has at most one AUTO_INCREMENT column", second))
        } else {
            let named = |name: &String| self.schema.same_name(name, &first.name.name);
            let in_key = table
                .primary_key
                .iter()
                .any(|key| key.columns.iter().any(named))
                || table.indexes.iter().any(|index| {
                    index
                        .keys
                        .iter()
                        .filter_map(|it| it.column.as_ref())
                        .any(named)
                });
            (!in_key && !table.uncertain)
                .then_some(("an AUTO_INCREMENT column must belong to a key", first))
        };
        if let Some((message, column)) = conflict {
            self.refuse(Conflict::new(
                &rule::BAD_DEFINITION,
                message,
                column.name.span,
                "AUTO_INCREMENT",
            ));
        }
    }

    /// A schema that is named must be there; where no migration made it, nothing is known of it.
    pub(super) fn schema_must_exist(&mut self, name: &crate::name::ObjectName) {
        let Some(schema) = &name.schema else {
            return;
        };
        let as_object = crate::name::ObjectName::unqualified(schema.clone());
        let id = self.schema.id(
            Class::Schema,
            &crate::name::QualifiedName::unqualified(&*schema.name),
        );
        // Only a schema that the migrations themselves dropped or renamed is certain not to be there.
        if self.schema.get(&id).is_none() && self.schema.note_of_departure(&id, None).is_some() {
            let missing = self
                .schema
                .missing(&rule::UNKNOWN_OBJECT, "schema", &as_object, &id);
            self.refuse(missing);
        }
    }
}

impl Column {
    /// A column that takes NULL and has no type yet.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Column {
            name: name.into(),
            column_type: None,
            nullable: true,
            default: None,
            on_update: None,
            generated: None,
            identity: None,
            auto_increment: false,
            collation: None,
            charset: None,
            hidden: false,
            origin: None,
        }
    }
}

/// Whether SQLite's primary key is the row's number itself, which needs no index.
pub(in crate::schema) fn is_rowid_alias(table: &Table) -> bool {
    let Some(key) = &table.primary_key else {
        return false;
    };
    let [only] = key.columns.as_slice() else {
        return false;
    };
    table
        .columns
        .iter()
        .find(|it| it.name.eq_ignore_ascii_case(only))
        .and_then(|it| it.column_type.as_ref())
        .is_some_and(|it| it.name.eq_ignore_ascii_case("integer") && it.modifiers.is_empty())
}

/// Options that are part of a table's definition; counters and comments are not.
pub(super) fn counts(option: &TableOption) -> bool {
    matches!(
        option.name.as_str(),
        "ENGINE"
            | "CHARSET"
            | "DEFAULT CHARSET"
            | "CHARACTER SET"
            | "COLLATE"
            | "DEFAULT COLLATE"
            | "STRICT"
            | "WITHOUT ROWID"
    )
}

/// The name of a column as an identifier without a place.
pub(super) fn unplaced(name: &str) -> Ident {
    Ident::new(name, 0..0)
}
