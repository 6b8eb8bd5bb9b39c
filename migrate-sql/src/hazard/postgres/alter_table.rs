//! ALTER TABLE on PostgreSQL.

use migrate_core::config::Product;

use super::super::effect::{Form, Work};
use super::super::lock::Mode;
use super::super::watch::Watch;
use super::column_type::TypeChange;
use super::{Effects, proof, volatile};
use crate::change::{
    AlterTable, ColumnChange, ColumnDefinition, ConstraintDefinition, ConstraintKind, IndexPart,
    TableAction,
};
use crate::column_type::ColumnType;
use crate::name::{Ident, Span};
use crate::schema::{Class, ForeignKey, ObjectId, Schema, Table};

/// What most actions take.
const EXCLUSIVE: Mode = Mode::AccessExclusive;

/// What each action of a statement does.
pub(super) fn effects(alter: &AlterTable, watch: &mut Watch, found: &mut Effects<'_>) {
    let Some(id) = found.schema.likely_relation(&alter.name) else {
        return;
    };
    let table = found.table(&id);
    let dropped: Vec<&str> = alter
        .actions
        .iter()
        .filter_map(|action| match action {
            TableAction::DropConstraint { name, .. } => Some(name.name.as_str()),
            _ => None,
        })
        .collect();
    for action in &alter.actions {
        let mut at = Altered {
            id: &id,
            table,
            watch,
            found,
            span: alter.name.span(),
            dropped: &dropped,
        };
        at.action(action);
    }
}

struct Altered<'a, 'e> {
    id: &'a ObjectId,
    table: Option<&'a Table>,
    watch: &'a mut Watch,
    found: &'a mut Effects<'e>,
    span: Span,
    /// The constraints that the statement drops.
    dropped: &'a [&'a str],
}

impl<'a> Altered<'a, '_> {
    fn push(&mut self, mode: Mode, work: Work, form: Form, span: Span) {
        self.found.push(self.id.clone(), mode, work, form, span);
    }

    fn brief(&mut self, mode: Mode, form: Form) {
        self.push(mode, Work::Instant, form, self.span);
    }

    fn action(&mut self, action: &TableAction) {
        match action {
            TableAction::AddColumn {
                column,
                if_not_exists,
                ..
            } => {
                let there = self.table.is_some_and(|table| {
                    let mut columns = table.columns.iter();
                    columns.any(|it| it.name == column.name.name)
                });
                match *if_not_exists && there {
                    true => self.brief(EXCLUSIVE, Form::Other),
                    false => self.add_column(column),
                }
            }
            TableAction::AlterColumn { name, change, .. } => self.alter_column(name, change),
            TableAction::AddConstraint { constraint, .. } => self.add_constraint(constraint),
            TableAction::DropConstraint { name, .. } => {
                self.brief(EXCLUSIVE, Form::Other);
                let table = self.table;
                let mut keys = table.iter().flat_map(|table| &table.foreign_keys);
                if let Some(key) = keys.find(|key| key.name == name.name) {
                    let parent = self.found.schema.id(Class::Relation, &key.references);
                    let form = Form::Referenced;
                    self.found
                        .push(parent, EXCLUSIVE, Work::Instant, form, name.span);
                }
            }
            TableAction::ValidateConstraint { name } => self.validate(name),
            TableAction::AttachPartition { partition, bounds } => {
                let mode = match self.watch.is_older(Product::Postgres, [12, 0, 0]) {
                    true => EXCLUSIVE,
                    false => Mode::ShareUpdateExclusive,
                };
                self.brief(mode, Form::Other);
                let Some(child) = self.found.schema.likely_relation(partition) else {
                    return;
                };
                let work = match self.found.table(&child) {
                    Some(child) => attach_work(self.table, child, bounds),
                    None => Work::Scan,
                };
                let form = Form::AttachPartition;
                self.found
                    .push(child, EXCLUSIVE, work, form, partition.span());
            }
            TableAction::DetachPartition {
                partition,
                concurrently,
            } => {
                let mode = match concurrently {
                    true => Mode::ShareUpdateExclusive,
                    false => EXCLUSIVE,
                };
                self.brief(mode, Form::DetachPartition);
                if let Some(child) = self.found.schema.likely_relation(partition) {
                    let form = Form::Other;
                    let span = partition.span();
                    self.found.push(child, mode, Work::Instant, form, span);
                }
            }
            TableAction::SetLogged { logged } => {
                let same = self.table.is_some_and(|table| table.unlogged != *logged);
                let what = match logged {
                    true => "SET LOGGED",
                    false => "SET UNLOGGED",
                };
                match same {
                    true => self.brief(EXCLUSIVE, Form::Other),
                    false => self.rewrite(what),
                }
            }
            TableAction::Rewrite { what } => self.rewrite(what),
            TableAction::SwitchTrigger { .. } => self.brief(Mode::ShareRowExclusive, Form::Other),
            TableAction::StorageOptions => self.brief(Mode::ShareUpdateExclusive, Form::Other),
            _ => self.brief(EXCLUSIVE, Form::Other),
        }
    }

    fn rewrite(&mut self, what: &str) {
        let form = Form::Rewrite {
            what: what.to_owned(),
        };
        self.push(EXCLUSIVE, Work::Rewrite, form, self.span);
    }

    fn add_column(&mut self, column: &ColumnDefinition) {
        let reason = rewrite_reason(column, self.found.schema, self.watch);
        let work = match reason {
            Some(_) => Work::Rewrite,
            None => Work::Instant,
        };
        let form = Form::AddColumn {
            column: column.name.name.clone(),
            reason,
        };
        self.push(EXCLUSIVE, work, form, column.span);
        for constraint in &column.constraints {
            match &constraint.kind {
                // Without a value in any row there is nothing to look up.
                ConstraintKind::ForeignKey { .. } => {
                    let work = match column.default {
                        Some(_) => Work::Scan,
                        None => Work::Instant,
                    };
                    self.add_foreign_key(constraint, work);
                }
                _ => self.add_constraint(constraint),
            }
        }
    }

    fn alter_column(&mut self, name: &Ident, change: &ColumnChange) {
        let mut columns = self.table.iter().flat_map(|table| &table.columns);
        let column = columns.find(|it| it.name == name.name);
        let span = name.span;
        match change {
            ColumnChange::SetNotNull => {
                let already = column.is_some_and(|column| !column.nullable);
                let table = self.table;
                let proof = table.and_then(|it| proof::not_null(it, &name.name));
                // What the same statement drops is gone before anything is checked.
                let proven = proof.is_some_and(|check| !self.dropped.contains(&check))
                    && !self.watch.is_older(Product::Postgres, [12, 0, 0]);
                let work = match already || proven {
                    true => Work::Instant,
                    false => Work::Scan,
                };
                let form = Form::SetNotNull {
                    column: name.name.clone(),
                };
                self.push(EXCLUSIVE, work, form, span);
            }
            ColumnChange::Type {
                column_type,
                using,
                collation,
                span,
            } => {
                // PostgreSQL looks at the time zone from version 12.
                let utc = self.watch.setting("timezone").is_some_and(is_utc)
                    && !self.watch.is_older(Product::Postgres, [12, 0, 0]);
                let work = match (self.table, column) {
                    (Some(table), Some(column)) => TypeChange {
                        schema: self.found.schema,
                        table,
                        column,
                        to: column_type,
                        using: using.as_ref(),
                        collation: collation.as_deref(),
                        utc,
                    }
                    .work(),
                    _ => Work::Rewrite,
                };
                let from = column.and_then(|column| column.column_type.as_ref());
                self.change_type(name, from, column_type, work, *span);
            }
            ColumnChange::Statistics => {
                let mode = Mode::ShareUpdateExclusive;
                self.push(mode, Work::Instant, Form::ChangeColumn, span);
            }
            ColumnChange::SetExpression(_) => {
                let form = Form::Rewrite {
                    what: "SET EXPRESSION".to_owned(),
                };
                self.push(EXCLUSIVE, Work::Rewrite, form, span);
            }
            _ => self.push(EXCLUSIVE, Work::Instant, Form::ChangeColumn, span),
        }
    }

    fn change_type(
        &mut self,
        name: &Ident,
        from: Option<&ColumnType>,
        to: &ColumnType,
        work: Work,
        span: Span,
    ) {
        let form = Form::ChangeType {
            column: name.name.clone(),
            from: from.map(ColumnType::to_string),
            to: to.to_string(),
        };
        self.push(EXCLUSIVE, work, form.clone(), span);
        if work != Work::Rewrite {
            return;
        }
        // Foreign keys on the column are made anew, and checked, on both sides.
        for child in self.found.referencing(self.id) {
            let uses = |key: &&ForeignKey| key.referenced_columns.contains(&name.name);
            let table = self.found.table(&child);
            if table.is_some_and(|table| table.foreign_keys.iter().any(|key| uses(&key))) {
                self.found
                    .push(child, EXCLUSIVE, Work::Scan, Form::Referenced, span);
            }
        }
        let table = self.table;
        for key in table.iter().flat_map(|table| &table.foreign_keys) {
            if key.columns.contains(&name.name) {
                let parent = self.found.schema.id(Class::Relation, &key.references);
                self.found
                    .push(parent, EXCLUSIVE, Work::Instant, Form::Referenced, span);
            }
        }
    }

    fn add_constraint(&mut self, constraint: &ConstraintDefinition) {
        if constraint.not_valid
            && let Some(name) = &constraint.name
        {
            self.watch
                .note_not_valid(self.id, &name.name, constraint.span);
        }
        let scan = match constraint.not_valid {
            true => Work::Instant,
            false => Work::Scan,
        };
        let span = constraint.span;
        match &constraint.kind {
            ConstraintKind::Check(_) => self.push(EXCLUSIVE, scan, Form::AddCheck, span),
            ConstraintKind::ForeignKey { .. } => self.add_foreign_key(constraint, scan),
            ConstraintKind::PrimaryKey {
                columns,
                using_index,
            } => {
                let work = match using_index {
                    None => Work::IndexBuild,
                    Some(index) if self.may_have_null(index, columns) => Work::Scan,
                    Some(_) => Work::Instant,
                };
                self.add_key("PRIMARY KEY", work, using_index.is_some(), span);
            }
            ConstraintKind::Unique { using_index, .. } => {
                let work = match using_index {
                    None => Work::IndexBuild,
                    Some(_) => Work::Instant,
                };
                self.add_key("UNIQUE", work, using_index.is_some(), span);
            }
            ConstraintKind::Exclude { .. } => {
                self.add_key("EXCLUDE", Work::IndexBuild, false, span);
            }
        }
    }

    fn add_key(&mut self, kind: &'static str, work: Work, using_index: bool, span: Span) {
        let form = Form::AddKey { kind, using_index };
        self.push(EXCLUSIVE, work, form, span);
    }

    fn add_foreign_key(&mut self, constraint: &ConstraintDefinition, work: Work) {
        let ConstraintKind::ForeignKey { references, .. } = &constraint.kind else {
            return;
        };
        let mode = Mode::ShareRowExclusive;
        self.push(mode, work, Form::AddForeignKey, constraint.span);
        let Some(parent) = self.found.schema.likely_relation(&references.table) else {
            return;
        };
        if parent != *self.id {
            let span = references.table.span();
            self.found
                .push(parent, mode, Work::Instant, Form::Referenced, span);
        }
    }

    /// Whether a column of an index may hold NULL as far as the server can tell without looking.
    fn may_have_null(&self, index: &Ident, columns: &[IndexPart]) -> bool {
        let Some(table) = self.table else { return true };
        let mut indexes = table.indexes.iter();
        let keys = indexes.find(|it| it.name == index.name).map(|it| &it.keys);
        let of_index = keys
            .into_iter()
            .flatten()
            .filter_map(|key| key.column.as_deref());
        let written = columns
            .iter()
            .filter_map(|part| Some(part.as_column()?.name.as_str()));
        let mut names = of_index.chain(written);
        names.any(|name| {
            let mut columns = table.columns.iter();
            columns.any(|it| it.name == name && it.nullable)
                && proof::not_null(table, name).is_none()
        })
    }

    fn validate(&mut self, name: &Ident) {
        let table = self.table;
        let mut keys = table.iter().flat_map(|table| &table.foreign_keys);
        let key = keys.find(|key| key.name == name.name);
        let mut checks = table.iter().flat_map(|table| &table.constraints);
        let valid = match key {
            Some(key) => key.validated,
            None => checks.any(|it| it.name == name.name && it.validated),
        };
        let work = match valid {
            true => Work::Instant,
            false => Work::Scan,
        };
        let form = Form::Validate {
            constraint: name.name.clone(),
        };
        self.push(Mode::ShareUpdateExclusive, work, form, name.span);
    }
}

fn is_utc(zone: &str) -> bool {
    matches!(zone, "utc" | "gmt" | "etc/utc" | "z" | "zulu" | "universal")
}

/// Why a new column needs a value of its own in each row.
fn rewrite_reason(column: &ColumnDefinition, schema: &Schema, watch: &Watch) -> Option<String> {
    if column.identity.is_some() {
        return Some("an identity column gives each row a number".to_owned());
    }
    if column.auto_increment {
        return Some("a serial column gives each row a number".to_owned());
    }
    if column.generated.as_ref().is_some_and(|it| it.stored) {
        return Some("a stored generated column is computed for each row".to_owned());
    }
    if let Some(call) = column.default.as_ref().and_then(volatile::volatile_call) {
        return Some(format!("the default calls `{call}` for each row"));
    }
    if column.default.is_some() && watch.is_older(Product::Postgres, [11, 0, 0]) {
        return Some("before version 11 PostgreSQL writes every default into all rows".to_owned());
    }
    let domain = schema.domain(column.column_type.as_ref()?)?;
    if !domain.checks.is_empty() || domain.not_null {
        return Some(format!(
            "the constraints of the domain `{}` are checked",
            domain.name
        ));
    }
    let default = domain
        .default
        .as_ref()
        .filter(|_| column.default.is_none())?;
    let call = volatile::volatile_call(default)?;
    Some(format!("the domain's default calls `{call}` for each row"))
}

/// What ATTACH PARTITION does to the table that becomes a partition: its rows are checked against the
/// bounds unless a CHECK names them, and indexes that the parent has are built.
fn attach_work(parent: Option<&Table>, child: &Table, bounds: &crate::change::Partition) -> Work {
    let crate::change::Partition::Values(bounds) = bounds else {
        return Work::Scan;
    };
    let values = literals(bounds);
    let proven = child.constraints.iter().any(|constraint| {
        constraint.validated
            && constraint.check.as_ref().is_some_and(|check| {
                let said = literals(&check.text);
                values.iter().all(|value| said.contains(value))
            })
    });
    if !proven {
        return Work::Scan;
    }
    let columns = |index: &crate::schema::Index| -> Vec<Option<String>> {
        index.keys.iter().map(|key| key.column.clone()).collect()
    };
    let missing = parent.is_some_and(|parent| {
        let mut wanted = parent.indexes.iter();
        wanted.any(|wanted| {
            !child
                .indexes
                .iter()
                .any(|it| columns(it) == columns(wanted))
        })
    });
    match missing {
        true => Work::IndexBuild,
        false => Work::Instant,
    }
}

/// The strings and numbers in a text.
fn literals(text: &str) -> Vec<&str> {
    let strings = text.split('\'').skip(1).step_by(2);
    let outside = text.split('\'').step_by(2);
    let numbers = outside
        .flat_map(|part| {
            part.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_' || c.is_alphabetic()))
        })
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    strings.chain(numbers).collect()
}
