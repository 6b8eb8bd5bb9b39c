//! What changes the session, and what the model knows by name only.

use std::sync::Arc;

use migrate_core::{Dialect, rule};

use super::{Applier, class_of};
use crate::change::{MaintenanceVerb, ObjectKind, Session};
use crate::name::{Ident, ObjectName, QualifiedName};
use crate::schema::builtin;
use crate::schema::lookup::Found;
use crate::schema::search_path::SearchPath;
use crate::schema::{Class, Extension, Object, Other};

impl Applier<'_> {
    pub(super) fn session(&mut self, session: &Session) {
        match session {
            Session::SearchPath { schemas } => {
                let default = self.schema.default_schema();
                self.schema.path = SearchPath::new(schemas.as_deref(), default);
            }
            Session::Entered { schema } => {
                let schema = self.schema.schema_of(schema);
                self.schema.path.enter(schema);
            }
            Session::Left => self.schema.path.leave(),
            Session::Setting { name, value } => {
                if self.is_mysql() && name.ends_with("foreign_key_checks") {
                    let off = value
                        .as_deref()
                        .is_some_and(|it| it == "0" || it.eq_ignore_ascii_case("off"));
                    // An expression such as `@OLD_FOREIGN_KEY_CHECKS` puts back what was.
                    self.schema.checks_foreign_keys = !off;
                }
            }
            Session::Timeout { .. } => {}
        }
    }

    pub(super) fn create_schema(&mut self, name: &Ident, if_not_exists: bool) {
        let kept = QualifiedName::unqualified(&*name.name);
        let id = self.schema.id(Class::Schema, &kept);
        let default = self
            .schema
            .default_schema()
            .is_some_and(|it| self.schema.same_name(it, &name.name));
        if self.schema.is_certain(&id) || (default && self.is_postgres()) {
            if !if_not_exists {
                self.duplicate("schema", name, "", None);
            }
            return;
        }
        if if_not_exists && self.dialect() == Dialect::Mysql {
            // Whoever made the database may have filled it.
            self.schema.perhaps([name.name.clone()]);
            return;
        }
        self.schema.put(Arc::new(Object::Schema(name.name.clone())));
    }

    pub(super) fn create_extension(&mut self, name: &Ident, if_not_exists: bool) {
        let kept = QualifiedName::unqualified(&*name.name);
        let id = self.schema.id(Class::Extension, &kept);
        if self.schema.is_certain(&id) {
            if !if_not_exists {
                self.duplicate("extension", name, "", None);
            }
            return;
        }
        match builtin::extension_names(&name.name) {
            Some(names) => self.schema.perhaps(names.iter().map(|it| (*it).to_owned())),
            // What an unknown extension brings may have any name.
            None => self.schema.open = true,
        }
        let origin = Some(self.origin(name.span));
        self.schema.put(Arc::new(Object::Extension(Extension {
            name: name.name.clone(),
            origin,
        })));
    }

    pub(super) fn create_other(
        &mut self,
        kind: ObjectKind,
        name: Option<&ObjectName>,
        table: Option<&ObjectName>,
    ) {
        if let Some(table) = table {
            self.relation_must_exist(table, "table");
        }
        let Some(name) = name else {
            return;
        };
        match class_of(kind) {
            Class::Other(kind) => {
                let other = Other {
                    kind,
                    name: self.schema.new_name(name, false),
                    origin: Some(self.origin(name.span())),
                };
                self.schema.put(Arc::new(Object::Other(other)));
            }
            // What it is is not known, but there is something of that name now.
            _ => self.schema.perhaps([name.name.name.clone()]),
        }
    }

    pub(super) fn comment(&mut self, kind: ObjectKind, name: &ObjectName, column: Option<&Ident>) {
        match kind {
            ObjectKind::Table
            | ObjectKind::ForeignTable
            | ObjectKind::View
            | ObjectKind::MaterializedView => {
                self.relation_must_exist(name, kind.name());
            }
            ObjectKind::Column => {
                if let Some(id) = self.relation_must_exist(name, "table")
                    && let Some(column) = column
                {
                    self.relation_has_column(&id, column);
                }
            }
            ObjectKind::Index => {
                let (found, _) = self.schema.find_index(name);
                if let Found::Nothing(id) = found {
                    self.index_is_missing(name, &id);
                }
            }
            ObjectKind::Sequence => {
                self.must_exist(Class::Relation, name, &rule::UNKNOWN_OBJECT, "sequence");
            }
            ObjectKind::Type | ObjectKind::Domain => {
                let relation = self.schema.find(Class::Relation, name);
                if matches!(relation, Found::Nothing(_)) {
                    self.must_exist(Class::Type, name, &rule::UNKNOWN_TYPE, "type");
                }
            }
            _ => {}
        }
    }

    fn must_exist(
        &mut self,
        class: Class,
        name: &ObjectName,
        rule: &'static migrate_core::Rule,
        what: &str,
    ) {
        if let Found::Nothing(id) = self.schema.find(class, name) {
            let missing = self.schema.missing(rule, what, name, &id);
            self.refuse(missing);
        }
    }

    /// A column that a statement names beside its table or view.
    pub(super) fn relation_has_column(&mut self, id: &crate::schema::ObjectId, column: &Ident) {
        if !self.schema.is_certain(id) || builtin::is_system_column(&column.name, self.dialect()) {
            return;
        }
        let missing = match self.schema.get(id) {
            Some(Object::Table(table)) => self.schema.column_index(table, &column.name).is_none(),
            Some(Object::View(view)) => view.columns.as_ref().is_some_and(|columns| {
                !columns
                    .iter()
                    .any(|it| self.schema.same_name(it, &column.name))
            }),
            _ => false,
        };
        if missing {
            let conflict = self.schema.missing_column(id, column);
            self.refuse(conflict);
        }
    }

    pub(super) fn privilege(&mut self, objects: &[(ObjectKind, ObjectName)]) {
        for (kind, name) in objects {
            match kind {
                ObjectKind::Table
                | ObjectKind::View
                | ObjectKind::MaterializedView
                | ObjectKind::ForeignTable
                    // MySQL grants on tables that are not there yet.
                    if !self.is_mysql() =>
                {
                    self.relation_must_exist(name, kind.name());
                }
                ObjectKind::Sequence => {
                    self.must_exist(Class::Relation, name, &rule::UNKNOWN_OBJECT, "sequence");
                }
                ObjectKind::Type | ObjectKind::Domain => {
                    let written = name.clone();
                    if let Some(conflict) = self.schema.unknown_type(&written) {
                        self.refuse(conflict);
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn maintenance(&mut self, verb: MaintenanceVerb, name: Option<&ObjectName>) {
        let Some(name) = name else {
            return;
        };
        match verb {
            MaintenanceVerb::ReindexIndex => {
                let (found, _) = self.schema.find_index(name);
                if let Found::Nothing(id) = found {
                    self.index_is_missing(name, &id);
                }
            }
            MaintenanceVerb::Refresh => {
                if let Some(id) = self.relation_must_exist(name, "materialized view")
                    && matches!(self.schema.get(&id), Some(Object::Table(_)))
                    && self.schema.is_certain(&id)
                {
                    self.wrong_kind(name, &id, "materialized view");
                }
            }
            MaintenanceVerb::Vacuum
            | MaintenanceVerb::Analyze
            | MaintenanceVerb::ReindexTable
            | MaintenanceVerb::Cluster
            | MaintenanceVerb::Optimize
            | MaintenanceVerb::Lock
                // SQLite's take indexes and schemas, MySQL's say so in a result.
                if self.is_postgres() =>
            {
                self.relation_must_exist(name, "table");
            }
            _ => {}
        }
    }
}
