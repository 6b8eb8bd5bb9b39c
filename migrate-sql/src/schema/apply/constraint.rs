//! Constraints: added, dropped, renamed.

use migrate_core::{Dialect, rule};

use super::create_table::is_rowid_alias;
use super::{Applier, Target};
use crate::change::{ConstraintDefinition, ConstraintKind, IndexPart, PartKind};
use crate::conflict::Conflict;
use crate::expression::Expression;
use crate::name::{Ident, Span};
use crate::schema::auto_name::{columns_part, mariadb_check_name};
use crate::schema::lookup::listed;
use crate::schema::{Constraint, Index, IndexKey, Key, Table};

impl Applier<'_> {
    /// Adds a constraint. One that stands beside a column is about that column.
    pub(super) fn add_constraint(
        &mut self,
        target: &Target,
        constraint: &ConstraintDefinition,
        column: Option<&Ident>,
        if_not_exists: bool,
    ) {
        if let Some(name) = &constraint.name
            && self.constraint_exists(target, name, &constraint.kind)
        {
            if if_not_exists {
                return;
            }
            if target.certain {
                let on = self
                    .schema
                    .table_by_id(&target.id)
                    .map(|table| format!(" on table `{}`", table.name))
                    .unwrap_or_default();
                self.duplicate("constraint", name, &on, None);
            }
        }
        let beside = |columns: &[IndexPart]| match (columns, column) {
            ([], Some(column)) => vec![IndexPart::column(column.clone())],
            _ => columns.to_vec(),
        };
        match &constraint.kind {
            ConstraintKind::PrimaryKey {
                columns,
                using_index,
            } => self.add_primary_key(target, constraint, &beside(columns), using_index.as_ref()),
            ConstraintKind::Unique {
                columns,
                using_index,
                nulls_not_distinct,
            } => self.add_unique(
                target,
                constraint,
                &beside(columns),
                using_index.as_ref(),
                *nulls_not_distinct,
            ),
            ConstraintKind::ForeignKey {
                columns,
                references,
            } => {
                let columns = match (columns.as_slice(), column) {
                    ([], Some(column)) => vec![column.clone()],
                    _ => columns.clone(),
                };
                self.add_foreign_key(target, constraint, &columns, references);
            }
            ConstraintKind::Check(check) => self.add_check(target, constraint, check, column),
            ConstraintKind::Exclude { text, scope } => {
                let mut names: Vec<&str> = Vec::new();
                for column in &scope.columns {
                    if !names.contains(&column.column.name.as_str()) {
                        names.push(&column.column.name);
                    }
                }
                let whole = Expression {
                    text: text.clone(),
                    canonical: text.clone(),
                    span: constraint.span,
                    scope: scope.clone(),
                };
                self.resolve_in_table(target, &whole);
                let name = match (&constraint.name, self.schema.table_by_id(&target.id)) {
                    (Some(name), _) => name.name.clone(),
                    (None, Some(table)) => self.schema.choose_relation_name(
                        table.name.schema.as_deref(),
                        &table.name.name,
                        Some(&columns_part(names)),
                        "excl",
                        true,
                    ),
                    (None, None) => return,
                };
                let made = Constraint {
                    name,
                    check: None,
                    exclude: Some(squeezed(text)),
                    validated: true,
                    origin: Some(self.origin(constraint.span)),
                };
                self.schema
                    .edit_table(&target.id, |table| table.constraints.push(made));
            }
        }
    }

    /// Whether the table has a constraint of that name, in the sense of its database.
    fn constraint_exists(&self, target: &Target, name: &Ident, kind: &ConstraintKind) -> bool {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return false;
        };
        let is = |it: &str| !it.is_empty() && self.schema.same_name(it, &name.name);
        match (self.dialect(), kind) {
            (Dialect::Sqlite, _) => false,
            (Dialect::Mysql, ConstraintKind::Unique { .. }) => table
                .indexes
                .iter()
                .any(|index| !index.implicit && is(&index.name)),
            (Dialect::Mysql, ConstraintKind::ForeignKey { .. }) => {
                table.foreign_keys.iter().any(|key| is(&key.name))
            }
            (Dialect::Mysql, ConstraintKind::Check(_)) => {
                table.constraints.iter().any(|it| is(&it.name))
            }
            (Dialect::Mysql, _) => false,
            _ => table.constraint_names().any(is),
        }
    }

    fn add_primary_key(
        &mut self,
        target: &Target,
        constraint: &ConstraintDefinition,
        columns: &[IndexPart],
        using_index: Option<&Ident>,
    ) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        if table.primary_key.is_some() && target.certain {
            let conflict = Conflict::new(
                &rule::BAD_DEFINITION,
                format!("table `{}` has a primary key already", table.name),
                constraint.span,
                "a second primary key",
            );
            self.refuse(conflict);
            return;
        }
        let Some(mut key) = self.key_of(target, constraint, columns, using_index, "pkey") else {
            return;
        };
        match self.dialect() {
            Dialect::Mysql => key.name = "PRIMARY".to_owned(),
            Dialect::Sqlite => key.name = String::new(),
            _ => {}
        }
        let dialect = self.dialect();
        self.schema.edit_table(&target.id, |table| {
            if dialect != Dialect::Sqlite {
                for column in &mut table.columns {
                    if key
                        .columns
                        .iter()
                        .any(|it| crate::schema::same_name(dialect, it, &column.name))
                    {
                        column.nullable = false;
                    }
                }
            }
            table.primary_key = Some(key);
        });
        if self.is_mysql() {
            self.drop_implicit_indexes(target);
        }
        self.keys_to_partitions(target);
    }

    fn add_unique(
        &mut self,
        target: &Target,
        constraint: &ConstraintDefinition,
        columns: &[IndexPart],
        using_index: Option<&Ident>,
        nulls_not_distinct: bool,
    ) {
        if self.is_postgres() {
            if let Some(mut key) = self.key_of(target, constraint, columns, using_index, "key") {
                key.nulls_not_distinct |= nulls_not_distinct;
                self.schema
                    .edit_table(&target.id, |table| table.unique.push(key));
                self.keys_to_partitions(target);
            }
            return;
        }
        self.parts_exist(target, columns);
        if self.is_mysql() {
            self.mysql_key(target, constraint.name.as_ref(), columns, None, false);
        }
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        if self.is_sqlite() && sqlite_has_key(table, columns) {
            return;
        }
        let name = match (&constraint.name, self.dialect()) {
            (Some(name), Dialect::Mysql) => name.name.clone(),
            _ => self
                .schema
                .choose_index_name(&table.name, table, columns, &[], "key"),
        };
        let index = Index {
            name,
            unique: true,
            method: "btree".to_owned(),
            keys: columns.iter().map(index_key).collect(),
            include: Vec::new(),
            nulls_not_distinct: false,
            predicate: None,
            valid: true,
            implicit: false,
            origin: Some(self.origin(constraint.span)),
        };
        self.schema
            .edit_table(&target.id, |table| table.indexes.push(index));
        if self.is_mysql() {
            self.drop_implicit_indexes(target);
        }
    }

    /// A key with its name, from columns or from an index that becomes one.
    fn key_of(
        &mut self,
        target: &Target,
        constraint: &ConstraintDefinition,
        columns: &[IndexPart],
        using_index: Option<&Ident>,
        label: &str,
    ) -> Option<Key> {
        if let Some(index) = using_index {
            return self.key_from_index(target, constraint, index);
        }
        self.parts_exist(target, columns);
        if self.is_mysql() {
            self.mysql_key(target, None, columns, None, true);
        } else {
            self.distinct_columns(columns);
        }
        let table = self.schema.table_by_id(&target.id)?;
        let name = match &constraint.name {
            Some(name) => {
                if self.is_postgres() {
                    let kept = crate::name::QualifiedName {
                        schema: table.name.schema.clone(),
                        name: name.name.clone(),
                    };
                    let own = table.constraint_names().any(|it| it == name.name);
                    let as_written = crate::name::ObjectName::unqualified(name.clone());
                    // A constraint of this table has been said already.
                    if !own {
                        self.name_is_free(&as_written, &kept, "index");
                    }
                }
                name.name.clone()
            }
            None if label == "pkey" => self.schema.choose_relation_name(
                table.name.schema.as_deref(),
                &table.name.name,
                None,
                label,
                true,
            ),
            None => self
                .schema
                .choose_index_name(&table.name, table, columns, &[], label),
        };
        Some(Key {
            name,
            columns: columns
                .iter()
                .filter_map(IndexPart::as_column)
                .map(|it| it.name.clone())
                .collect(),
            nulls_not_distinct: false,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            origin: Some(self.origin(constraint.span)),
        })
    }

    /// USING INDEX: the index becomes the key's, under the constraint's name.
    fn key_from_index(
        &mut self,
        target: &Target,
        constraint: &ConstraintDefinition,
        name: &Ident,
    ) -> Option<Key> {
        let table = self.schema.table_by_id(&target.id)?;
        let Some(at) = table.indexes.iter().position(|it| it.name == name.name) else {
            if target.certain {
                self.no_such_index(target, name);
            }
            return None;
        };
        let index = table.indexes.get(at)?.clone();
        let plain = index.predicate.is_none()
            && index
                .keys
                .iter()
                .all(|key| key.column.is_some() && !key.descending);
        if target.certain && !(index.unique && plain) {
            self.refuse(Conflict::new(
                &rule::BAD_DEFINITION,
                format!("index `{name}` cannot become a key: it is not unique, partial or on expressions"),
                name.span,
                "cannot become a key",
            ));
        }
        self.schema.edit_table(&target.id, |table| {
            if at < table.indexes.len() {
                table.indexes.remove(at);
            }
        });
        Some(Key {
            name: constraint
                .name
                .as_ref()
                .map_or_else(|| name.name.clone(), |it| it.name.clone()),
            columns: index
                .keys
                .into_iter()
                .filter_map(|key| key.column)
                .collect(),
            nulls_not_distinct: index.nulls_not_distinct,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            origin: Some(self.origin(constraint.span)),
        })
    }

    fn add_check(
        &mut self,
        target: &Target,
        constraint: &ConstraintDefinition,
        check: &Expression,
        column: Option<&Ident>,
    ) {
        self.resolve_in_table(target, check);
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let name = match (&constraint.name, self.dialect()) {
            (Some(name), _) => name.name.clone(),
            (None, Dialect::Sqlite) => String::new(),
            // MariaDB knows a column's check by the column's name.
            (None, Dialect::Mysql) => match column {
                Some(column) => column.name.clone(),
                None => mariadb_check_name(table),
            },
            (None, _) => {
                let only = only_column(check);
                self.schema.choose_constraint_name(
                    table.name.schema.as_deref(),
                    &table.name.name,
                    only,
                    "check",
                )
            }
        };
        let mut check = check.clone();
        self.settle(table, &mut check);
        let made = Constraint {
            name,
            check: Some(check),
            exclude: None,
            validated: !constraint.not_valid,
            origin: Some(self.origin(constraint.span)),
        };
        for child in self.children(&target.id) {
            let made = made.clone();
            self.schema.edit_table(&child, |table| {
                if table.constraints.iter().all(|it| it.name != made.name) {
                    table.constraints.push(made);
                }
            });
        }
        self.schema
            .edit_table(&target.id, |table| table.constraints.push(made));
    }

    /// Columns and expressions of an index or key.
    pub(super) fn parts_exist(&mut self, target: &Target, parts: &[IndexPart]) {
        for part in parts {
            match &part.kind {
                PartKind::Column(column) => {
                    self.column_at_or_system(target, column);
                }
                PartKind::Expression(expression) => {
                    self.resolve_in_table(target, expression);
                }
            }
        }
    }

    fn column_at_or_system(&mut self, target: &Target, column: &Ident) {
        if !crate::schema::builtin::is_system_column(&column.name, self.dialect()) {
            self.column_at(target, column);
        }
    }

    /// A key names no column twice.
    pub(super) fn distinct_columns(&mut self, columns: &[IndexPart]) {
        let names: Vec<&Ident> = columns.iter().filter_map(IndexPart::as_column).collect();
        for (index, name) in names.iter().enumerate() {
            if names
                .iter()
                .take(index)
                .any(|it| self.schema.same_name(&it.name, &name.name))
                && !self.is_sqlite()
            {
                self.refuse(Conflict::new(
                    &rule::BAD_DEFINITION,
                    format!("column `{name}` appears twice in a key"),
                    name.span,
                    "the second time",
                ));
            }
        }
    }

    /// DROP CONSTRAINT.
    pub(super) fn drop_constraint(
        &mut self,
        target: &Target,
        name: &Ident,
        if_exists: bool,
        cascade: bool,
    ) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let is = |it: &str| !it.is_empty() && self.schema.same_name(it, &name.name);
        let key = table.keys().find(|key| is(&key.name)).cloned();
        let is_foreign_key = table.foreign_keys.iter().any(|it| is(&it.name));
        let is_check = table.constraints.iter().any(|it| is(&it.name));
        let is_index = self.is_mysql() && table.indexes.iter().any(|it| is(&it.name));
        if key.is_none() && !is_foreign_key && !is_check && !is_index {
            if target.certain
                && !if_exists
                && !self.is_sqlite()
                && !self.may_be_named_otherwise(&name.name)
            {
                self.no_such_constraint(target, name);
            }
            return;
        }
        if let Some(key) = &key {
            self.key_is_free(target, key, name, cascade);
        }
        for child in self.children(&target.id) {
            self.schema.edit_table(&child, |table| {
                table.constraints.retain(|it| it.name != name.name);
                table
                    .foreign_keys
                    .retain(|it| it.name != name.name || table.partition_of.is_none());
            });
        }
        let dialect = self.dialect();
        self.schema.edit_table(&target.id, |table| {
            let is = |it: &str| !it.is_empty() && crate::schema::same_name(dialect, it, &name.name);
            if table.primary_key.as_ref().is_some_and(|key| is(&key.name)) {
                table.primary_key = None;
            }
            table.unique.retain(|key| !is(&key.name));
            // One name may stand for two things on MySQL; then the constraint goes, not the index.
            if is_foreign_key {
                table.foreign_keys.retain(|key| !is(&key.name));
            } else if is_check {
                table.constraints.retain(|it| !is(&it.name));
            } else if dialect == Dialect::Mysql {
                table.indexes.retain(|index| !is(&index.name));
            }
        });
    }

    /// Names that a server may have given and the model cannot know: NOT NULL constraints of
    /// PostgreSQL 18, and MySQL's own names for checks where the model uses MariaDB's.
    fn may_be_named_otherwise(&self, name: &str) -> bool {
        match self.dialect() {
            Dialect::Postgres => name.ends_with("_not_null") || name.contains("_not_null"),
            Dialect::Mysql => name.contains("_chk_") || name.starts_with("CONSTRAINT_"),
            _ => false,
        }
    }

    fn no_such_constraint(&mut self, target: &Target, name: &Ident) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let names: Vec<&str> = table
            .constraint_names()
            .filter(|it| !it.is_empty())
            .collect();
        let mut conflict = Conflict::new(
            &rule::UNKNOWN_CONSTRAINT,
            format!(
                "constraint `{name}` does not exist on table `{}`",
                table.name
            ),
            name.span,
            "no such constraint",
        );
        if !names.is_empty() {
            conflict = conflict.note(format!(
                "`{}` has the constraints: {}",
                table.name,
                listed(names.iter().copied())
            ));
        }
        if let Some(meant) = migrate_core::closest(&name.name, names) {
            conflict = conflict.help(format!("did you mean `{meant}`?"));
        }
        self.refuse(conflict);
    }

    /// RENAME CONSTRAINT.
    pub(super) fn rename_constraint(&mut self, target: &Target, from: &Ident, to: &Ident) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let has = |name: &str| table.constraint_names().any(|it| it == name);
        if !has(&from.name) {
            if target.certain && !self.may_be_named_otherwise(&from.name) {
                self.no_such_constraint(target, from);
            }
            return;
        }
        if has(&to.name) && target.certain {
            let on = format!(" on table `{}`", table.name);
            self.duplicate("constraint", to, &on, None);
        }
        self.schema.edit_table(&target.id, |table| {
            let follow = |name: &mut String| {
                if *name == from.name {
                    name.clone_from(&to.name);
                }
            };
            for key in table.primary_key.iter_mut().chain(&mut table.unique) {
                follow(&mut key.name);
            }
            for key in &mut table.foreign_keys {
                follow(&mut key.name);
            }
            for constraint in &mut table.constraints {
                follow(&mut constraint.name);
            }
        });
    }

    /// VALIDATE CONSTRAINT.
    pub(super) fn validate_constraint(&mut self, target: &Target, name: &Ident) {
        let found = self.schema.edit_table(&target.id, |table| {
            let key = table
                .foreign_keys
                .iter_mut()
                .find(|it| it.name == name.name);
            let check = table.constraints.iter_mut().find(|it| it.name == name.name);
            let found = key.is_some() || check.is_some();
            if let Some(key) = key {
                key.validated = true;
            }
            if let Some(check) = check {
                check.validated = true;
            }
            found
        });
        if found == Some(false) && target.certain && !self.may_be_named_otherwise(&name.name) {
            self.no_such_constraint(target, name);
        }
    }

    /// ALTER CONSTRAINT.
    pub(super) fn alter_constraint(
        &mut self,
        target: &Target,
        name: &Ident,
        deferrable: Option<bool>,
        initially_deferred: Option<bool>,
    ) {
        let found = self.schema.edit_table(&target.id, |table| {
            let key = table
                .foreign_keys
                .iter_mut()
                .find(|it| it.name == name.name);
            match key {
                Some(key) => {
                    key.deferrable = deferrable.unwrap_or(key.deferrable);
                    key.initially_deferred = initially_deferred.unwrap_or(key.initially_deferred);
                    true
                }
                None => table.constraint_names().any(|it| it == name.name),
            }
        });
        if found == Some(false) && target.certain && !self.may_be_named_otherwise(&name.name) {
            self.no_such_constraint(target, name);
        }
    }

    /// MySQL's DROP PRIMARY KEY.
    pub(super) fn drop_primary_key(&mut self, target: &Target, span: Span) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        if table.primary_key.is_none() {
            if target.certain {
                let conflict = Conflict::new(
                    &rule::UNKNOWN_CONSTRAINT,
                    format!("table `{}` has no primary key", table.name),
                    span,
                    "no primary key",
                );
                self.refuse(conflict);
            }
            return;
        }
        self.schema
            .edit_table(&target.id, |table| table.primary_key = None);
    }
}

/// The column of an expression that reads one only.
fn only_column(check: &Expression) -> Option<&str> {
    let mut columns = check.scope.columns.iter().map(|it| it.column.name.as_str());
    let first = columns.next()?;
    columns.all(|it| it == first).then_some(first)
}

/// What an index has for a part of a definition.
pub(super) fn index_key(part: &IndexPart) -> IndexKey {
    let (column, expression) = match &part.kind {
        PartKind::Column(column) => (Some(column.name.clone()), None),
        PartKind::Expression(expression) => (None, Some(expression.clone())),
    };
    IndexKey {
        column,
        expression,
        descending: part.descending,
        nulls_first: part.nulls_first,
        collation: part.collation.clone(),
        operator_class: part.operator_class.clone(),
        prefix: part.prefix,
    }
}

/// White space as one blank each.
pub(in crate::schema) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether SQLite has an index for the same key already.
fn sqlite_has_key(table: &Table, columns: &[IndexPart]) -> bool {
    let names: Vec<&str> = columns
        .iter()
        .filter_map(IndexPart::as_column)
        .map(|it| it.name.as_str())
        .collect();
    let same = |others: &mut dyn Iterator<Item = &str>| {
        let others: Vec<&str> = others.collect();
        others.len() == names.len()
            && others
                .iter()
                .zip(&names)
                .all(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let primary = !is_rowid_alias(table)
        && table
            .primary_key
            .as_ref()
            .is_some_and(|key| same(&mut key.columns.iter().map(String::as_str)));
    primary
        || table.indexes.iter().any(|index| {
            index.unique && same(&mut index.keys.iter().filter_map(|key| key.column.as_deref()))
        })
}
