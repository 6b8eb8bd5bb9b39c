//! Views.

use std::sync::Arc;

use migrate_core::{Dialect, rule};

use super::Applier;
use super::constraint::squeezed;
use crate::change::{CreateView, OutputColumns};
use crate::conflict::Conflict;
use crate::schema::resolve::Resolver;
use crate::schema::{Class, Object, View};

impl Applier<'_> {
    pub(super) fn create_view(&mut self, create: &CreateView) {
        let name = self.schema.new_name(&create.name, create.temporary);
        let id = self.schema.id(Class::Relation, &name);
        if create.if_not_exists && self.schema.relation_exists(&name) {
            return;
        }
        let replaced = match self.schema.get(&id) {
            Some(Object::View(view)) if create.or_replace => Some(view.clone()),
            _ => None,
        };
        if replaced.is_none() {
            self.name_is_free(&create.name, &name, "view");
        }
        let mut resolver = Resolver::new(self.schema, self.place.source);
        resolver.resolve(&create.query, Vec::new());
        let listed = match &create.columns {
            OutputColumns::Known(columns) => {
                Some(columns.iter().map(|it| it.name.clone()).collect::<Vec<_>>())
            }
            OutputColumns::Unknown => resolver.output(&create.query).map(|output| {
                let listed = create.listed.iter().map(|it| it.name.clone());
                let rest = output.into_iter().skip(create.listed.len());
                listed.chain(rest.map(|(name, _)| name)).collect()
            }),
        };
        let given = resolver.count(&create.query);
        let (conflicts, reads) = (resolver.conflicts, resolver.reads);
        for conflict in conflicts {
            self.refuse(conflict);
        }
        if let Some(names) = &listed {
            self.columns_differ(names, create.name.span());
        }
        if let (true, OutputColumns::Known(columns), Some(given)) =
            (self.is_mysql(), &create.columns, given)
            && columns.len() != given
        {
            let conflict = Conflict::new(
                &rule::BAD_DEFINITION,
                format!(
                    "the view names {} columns, its query gives {given}",
                    columns.len()
                ),
                create.name.span(),
                "not as many columns",
            );
            self.refuse(conflict);
        }
        if let (Some(old), Some(new)) = (
            replaced.as_ref().and_then(|view| view.columns.as_ref()),
            &listed,
        ) {
            self.columns_are_kept(create, old, new);
        }
        let mut view = View {
            name,
            materialized: create.materialized,
            columns: listed,
            reads,
            text: squeezed(&create.text),
            indexes: Vec::new(),
            triggers: Vec::new(),
            statement: None,
            origin: Some(self.origin(create.name.span())),
        };
        if let Some(old) = replaced
            && self.dialect() == Dialect::Postgres
        {
            view.triggers = old.triggers;
        }
        self.schema.put(Arc::new(Object::View(view)));
    }

    /// PostgreSQL's OR REPLACE may only add columns at the end.
    fn columns_are_kept(&mut self, create: &CreateView, old: &[String], new: &[String]) {
        if !self.is_postgres()
            || !self.schema.is_certain(&self.schema.id(
                Class::Relation,
                &self.schema.new_name(&create.name, create.temporary),
            ))
        {
            return;
        }
        let message = match old.iter().zip(new).find(|(old, new)| old != new) {
            Some((old, new)) => {
                format!("CREATE OR REPLACE VIEW cannot rename column `{old}` to `{new}`")
            }
            None if new.len() < old.len() => {
                "CREATE OR REPLACE VIEW cannot drop columns".to_owned()
            }
            None => return,
        };
        self.refuse(
            Conflict::new(
                &rule::BAD_DEFINITION,
                message,
                create.name.span(),
                "has other columns",
            )
            .note(format!("the view has: {}", old.join(", ")))
            .help("drop the view first, or use ALTER VIEW … RENAME COLUMN"),
        );
    }
}
