//! Functions, triggers and policies.

use std::sync::Arc;

use migrate_core::lex::{Lexer, TokenKind};
use migrate_core::{Dialect, rule};

use super::{Applier, Target};
use crate::change::{AlterPolicy, CreateRoutine, CreateTrigger, Drop, ObjectKind, RoutineKind};
use crate::conflict::Conflict;
use crate::expression::Expression;
use crate::name::{Ident, ObjectName};
use crate::schema::builtin;
use crate::schema::journal::Departure;
use crate::schema::lookup::{Found, listed};
use crate::schema::resolve::{Frame, Resolver};
use crate::schema::{Class, Object, ObjectId, Policy, Reads, Routine, Table, Trigger};

impl Applier<'_> {
    pub(super) fn create_routine(&mut self, create: &CreateRoutine) {
        let name = self.schema.new_name(&create.name, false);
        self.schema_must_exist(&create.name);
        let routine = Routine {
            name,
            kind: create.kind,
            arguments: create.arguments.clone(),
            returns: create.returns.clone(),
            body: plain(self.text_at(create.body.span), self.dialect()),
            touches: create.body.touches.clone(),
            program: create.program.clone(),
            statement: None,
            origin: Some(self.origin(create.name.span())),
        };
        let id = Object::Routine(routine.clone()).id(self.dialect());
        if self.schema.is_certain(&id) && !create.or_replace {
            if create.if_not_exists {
                return;
            }
            if create.arguments.is_some() || self.is_mysql() {
                let note = self.schema.note(&id);
                self.duplicate(
                    Object::Routine(routine.clone()).kind().name(),
                    &create.name.name,
                    "",
                    note,
                );
            }
        }
        if let (Some(Object::Routine(old)), true) = (self.schema.get(&id), create.or_replace)
            && self.is_postgres()
            && self.schema.is_certain(&id)
            && let (Some(before), Some(after)) = (&old.returns, &create.returns)
            && before != after
            && create.arguments.is_some()
        {
            let (before, after) = (before.clone(), after.clone());
            let note = self.schema.note(&id);
            self.refuse(
                Conflict::new(
                    &rule::BAD_DEFINITION,
                    format!(
                        "CREATE OR REPLACE cannot change what `{}` returns from {before} to {after}",
                        create.name
                    ),
                    create.name.span(),
                    "returns another type",
                )
                .note_maybe(note)
                .help("drop the function first"),
            );
        }
        self.schema.put(Arc::new(Object::Routine(routine)));
    }

    fn text_at(&self, span: crate::name::Span) -> &str {
        self.place
            .source
            .text
            .get(span.start..span.end)
            .unwrap_or_default()
    }

    /// MySQL's DROP PROCEDURE and DROP FUNCTION.
    fn drop_mysql_routine(&mut self, drop: &Drop, name: &ObjectName) {
        let kind = match drop.kind {
            ObjectKind::Procedure => RoutineKind::Procedure,
            _ => RoutineKind::Function,
        };
        match self.schema.find_mysql_routine(kind, name) {
            Found::Here(id) | Found::Perhaps(Some(id)) => {
                let origin = self.origin(name.span());
                self.schema.take(&id);
                self.schema.note_gone(id, None, Departure::Dropped, origin);
            }
            Found::Nothing(id) if !drop.if_exists => {
                let what = drop.kind.name();
                let missing = self.schema.missing(&rule::UNKNOWN_OBJECT, what, name, &id);
                self.refuse(missing);
            }
            Found::Perhaps(None) | Found::Nothing(_) => {}
        }
    }

    pub(super) fn drop_routine(&mut self, drop: &Drop, name: &ObjectName) {
        if self.is_mysql() {
            return self.drop_mysql_routine(drop, name);
        }
        let first = match self.schema.find_routine(name) {
            Found::Here(id) | Found::Perhaps(Some(id)) => id,
            Found::Perhaps(None) => return,
            Found::Nothing(id) => {
                if !drop.if_exists {
                    let missing =
                        self.schema
                            .missing(&rule::UNKNOWN_OBJECT, drop.kind.name(), name, &id);
                    self.refuse(missing);
                }
                return;
            }
        };
        let all = self.schema.routines(&first);
        let chosen = match &drop.arguments {
            Some(arguments) => all
                .iter()
                .find(|id| id.arguments == arguments.join(","))
                .or_else(|| match all.as_slice() {
                    // Types may be spelt in ways that the model does not see through.
                    [only] if only.arguments == "?" => Some(only),
                    _ => None,
                }),
            None => match all.as_slice() {
                [only] => Some(only),
                several => {
                    if self.is_postgres() && several.iter().all(|id| self.schema.is_certain(id)) {
                        self.refuse(
                            Conflict::new(
                                &rule::BAD_DEFINITION,
                                format!("there is more than one {} `{name}`", drop.kind.name()),
                                name.span(),
                                "which one?",
                            )
                            .help("write the types of its arguments in parentheses"),
                        );
                    }
                    several.first()
                }
            },
        };
        let Some(id) = chosen.cloned() else {
            let known = |types: &str| {
                types
                    .split(',')
                    .all(|it| it.is_empty() || builtin::is_type(it.trim_end_matches("[]")))
            };
            let arguments = drop.arguments.as_deref().unwrap_or_default().join(",");
            let certain = all
                .iter()
                .all(|id| self.schema.is_certain(id) && known(&id.arguments));
            if certain && known(&arguments) && !drop.if_exists && self.is_postgres() {
                let others = listed(all.iter().map(|id| id.arguments.as_str()));
                self.refuse(
                    Conflict::new(
                        &rule::UNKNOWN_OBJECT,
                        format!("{} `{name}({arguments})` does not exist", drop.kind.name()),
                        name.span(),
                        "not with these arguments",
                    )
                    .note(format!("`{name}` is there with the arguments: {others}")),
                );
            }
            // Another spelling of one of these, perhaps.
            for id in &all {
                self.schema.doubt(id);
            }
            return;
        };
        let by_name = ObjectId {
            arguments: String::new(),
            ..id.clone()
        };
        if all.len() == 1 {
            self.routine_is_free(&by_name, drop, name, self.schema.is_certain(&id));
        }
        let origin = self.origin(name.span());
        self.schema.take(&id);
        if all.len() == 1 {
            self.schema
                .note_gone(by_name, None, Departure::Dropped, origin);
        }
    }

    /// Triggers and expressions that call a function which is to be dropped.
    fn routine_is_free(&mut self, id: &ObjectId, drop: &Drop, name: &ObjectName, certain: bool) {
        if !self.is_postgres() {
            return;
        }
        for user in self.schema.users(id) {
            let Some(Object::Table(table)) = self.schema.get(&user) else {
                continue;
            };
            let trigger = table
                .triggers
                .iter()
                .find(|it| {
                    it.function
                        .as_ref()
                        .is_some_and(|it| self.schema.id(Class::Routine, it) == *id)
                })
                .map(|it| it.name.clone());
            if drop.cascade {
                let dialect = self.dialect();
                self.schema.edit_table(&user, |table| {
                    table.triggers.retain(|it| {
                        it.function.as_ref().is_none_or(|it| {
                            ObjectId::new(Class::Routine, it.clone(), dialect) != *id
                        })
                    });
                    // Checks, defaults and indexes that call it go too; which is not followed.
                    table.uncertain |= trigger.is_none();
                });
            } else if certain && self.schema.is_certain(&user) {
                let used_by = match trigger {
                    Some(trigger) => format!("trigger `{trigger}` of `{}`", table.name),
                    // Of several functions with this name an expression may call a built-in one.
                    None => continue,
                };
                let conflict = Conflict::new(
                    &rule::STILL_USED,
                    format!("{} `{name}` is still used by {used_by}", drop.kind.name()),
                    name.span(),
                    "still used",
                )
                .help("drop the trigger first, or say CASCADE");
                self.refuse(conflict);
            }
        }
    }

    pub(super) fn create_trigger(&mut self, create: &CreateTrigger) {
        let Some(on) = &create.table else {
            // An event; PostgreSQL's event triggers are not looked up.
            let kind = ObjectKind::Event;
            if self.is_mysql()
                && !create.or_replace
                && let Found::Here(id) = self.schema.find(Class::Other(kind), &create.name)
            {
                if !create.if_not_exists {
                    let note = self.schema.note(&id);
                    self.duplicate("event", &create.name.name, "", note);
                }
                return;
            }
            self.create_other(kind, Some(&create.name), None);
            return;
        };
        if let Some(function) = &create.function {
            self.trigger_function_must_exist(function);
        }
        let Some(id) = self.relation_must_exist(on, "table") else {
            return;
        };
        let certain = self.schema.is_certain(&id);
        if self.is_mysql() && certain && matches!(self.schema.get(&id), Some(Object::View(_))) {
            self.wrong_kind(on, &id, "table");
        }
        for column in &create.of_columns {
            self.relation_has_column(&id, column);
        }
        let mut columns: Vec<String> = create.of_columns.iter().map(|it| it.name.clone()).collect();
        if let Some(when) = &create.when {
            columns.extend(self.resolve_when(&id, when));
        }
        let triggers = match self.schema.get(&id) {
            Some(Object::Table(table)) => &table.triggers,
            Some(Object::View(view)) => &view.triggers,
            _ => return,
        };
        let taken = triggers
            .iter()
            .any(|it| self.schema.same_name(&it.name, &create.name.name.name));
        let taken = taken
            || (!self.is_postgres() && self.schema.trigger_owner(&create.name.name.name).is_some());
        if taken && create.if_not_exists {
            return;
        }
        if taken && !create.or_replace && certain {
            let table = format!(" on `{on}`");
            self.duplicate("trigger", &create.name.name, &table, None);
        }
        let function =
            create
                .function
                .as_ref()
                .map(|function| match self.schema.find_routine(function) {
                    Found::Here(id) | Found::Perhaps(Some(id)) => id.name,
                    _ => self.schema.new_name(function, false),
                });
        let trigger = Trigger {
            name: create.name.name.name.clone(),
            timing: create.timing,
            function,
            definition: create
                .body
                .as_ref()
                .map(|body| plain(self.text_at(body.span), self.dialect()))
                .unwrap_or_default(),
            columns,
            statement: None,
            origin: Some(self.origin(create.name.span())),
        };
        let dialect = self.dialect();
        self.schema.edit(&id, |object| {
            let triggers = match object {
                Object::Table(table) => &mut table.triggers,
                Object::View(view) => &mut view.triggers,
                _ => return,
            };
            triggers.retain(|it| !crate::schema::same_name(dialect, &it.name, &trigger.name));
            triggers.push(trigger);
        });
    }

    fn trigger_function_must_exist(&mut self, function: &ObjectName) {
        if builtin::is_trigger_function(&function.name.name) {
            return;
        }
        let extension = self
            .schema
            .objects
            .range(ObjectId::first(Class::Extension)..ObjectId::first(Class::Type))
            .any(|(id, _)| builtin::extension_has_trigger_functions(&id.name.name));
        if extension {
            return;
        }
        if let Found::Nothing(id) = self.schema.find_routine(function) {
            let missing = self
                .schema
                .missing(&rule::UNKNOWN_OBJECT, "function", function, &id);
            self.refuse(missing);
        }
    }

    /// WHEN reads OLD and NEW; the columns of the table that it names.
    fn resolve_when(&mut self, id: &ObjectId, when: &Expression) -> Vec<String> {
        let Some(table) = self.schema.table_by_id(id) else {
            return Vec::new();
        };
        let own = Frame::table(table, self.schema.is_certain(id));
        let mut resolver = Resolver::new(self.schema, self.place.source);
        resolver.resolve(&when.scope, vec![own.named("new"), own.named("old")]);
        let columns = resolver
            .reads
            .get(&table.name)
            .map(|columns| columns.iter().cloned().collect())
            .unwrap_or_default();
        for conflict in resolver.conflicts {
            self.refuse(conflict);
        }
        columns
    }

    pub(super) fn trigger_must_exist(&mut self, target: &Target, name: &Ident) {
        let there = self
            .schema
            .table_by_id(&target.id)
            .is_some_and(|table| has_trigger(table, &name.name, self.dialect()));
        // Rules and the triggers of constraints are switched by name too.
        if !there && target.certain && !name.name.starts_with("RI_ConstraintTrigger") {
            self.no_such_trigger(&target.id, name);
        }
    }

    fn no_such_trigger(&mut self, table: &ObjectId, name: &Ident) {
        let (names, table) = match self.schema.get(table) {
            Some(Object::Table(table)) => (&table.triggers, &table.name),
            Some(Object::View(view)) => (&view.triggers, &view.name),
            _ => return,
        };
        let mut conflict = Conflict::new(
            &rule::UNKNOWN_OBJECT,
            format!("trigger `{name}` does not exist on `{table}`"),
            name.span,
            "no such trigger",
        );
        if let Some(meant) =
            migrate_core::closest(&name.name, names.iter().map(|it| it.name.as_str()))
        {
            conflict = conflict.help(format!("did you mean `{meant}`?"));
        }
        self.refuse(conflict);
    }

    pub(super) fn drop_trigger(&mut self, drop: &Drop, name: &ObjectName) {
        let owner = match &drop.table {
            Some(table) => match self.schema.find(Class::Relation, table) {
                Found::Here(id) | Found::Perhaps(Some(id)) => Some(id),
                Found::Perhaps(None) => None,
                Found::Nothing(id) => {
                    if !drop.if_exists {
                        let missing =
                            self.schema
                                .missing(&rule::UNKNOWN_TABLE, "table", table, &id);
                        self.refuse(missing);
                    }
                    None
                }
            },
            None => {
                let owner = self.schema.trigger_owner(&name.name.name).cloned();
                if owner.is_none() && !drop.if_exists && !self.schema.may_have_trigger(name) {
                    self.refuse(Conflict::new(
                        &rule::UNKNOWN_OBJECT,
                        format!("trigger `{name}` does not exist"),
                        name.span(),
                        "no such trigger",
                    ));
                }
                owner
            }
        };
        let Some(owner) = owner else {
            return;
        };
        let dialect = self.dialect();
        let found = self.schema.edit(&owner, |object| {
            let triggers = match object {
                Object::Table(table) => &mut table.triggers,
                Object::View(view) => &mut view.triggers,
                _ => return true,
            };
            let before = triggers.len();
            triggers.retain(|it| !crate::schema::same_name(dialect, &it.name, &name.name.name));
            triggers.len() < before
        });
        if found == Some(false)
            && !drop.if_exists
            && self.schema.is_certain(&owner)
            && !self.schema.perhaps.contains(&name.name.name.to_lowercase())
        {
            self.no_such_trigger(&owner, &name.name);
        }
    }

    pub(super) fn rename_trigger(
        &mut self,
        from: &ObjectName,
        to: &ObjectName,
        table: Option<&ObjectName>,
    ) {
        let missing = self.rename_part(from, to, table, |table| {
            table.triggers.iter_mut().map(|it| &mut it.name).collect()
        });
        if let Some(target) = missing {
            self.no_such_trigger(&target.id, &from.name);
        }
    }

    /// Renames one of a table's parts, which has one of these names. The table, where it certainly
    /// has no part of that name.
    fn rename_part(
        &mut self,
        from: &ObjectName,
        to: &ObjectName,
        table: Option<&ObjectName>,
        names: fn(&mut Table) -> Vec<&mut String>,
    ) -> Option<Target> {
        let target = table.and_then(|table| self.table_target(table, false))?;
        let found = self.schema.edit_table(&target.id, |table| {
            let name = names(table).into_iter().find(|it| **it == from.name.name);
            name.map(|name| name.clone_from(&to.name.name)).is_some()
        });
        (found == Some(false) && target.certain).then_some(target)
    }

    pub(super) fn create_policy(
        &mut self,
        name: &Ident,
        table: &ObjectName,
        expressions: &[Expression],
    ) {
        let Some(target) = self.table_target(table, false) else {
            return;
        };
        let mut reads = Reads::new();
        for expression in expressions {
            reads.extend(self.resolve_in_table(&target, expression));
        }
        let Some(on) = self.schema.table_by_id(&target.id) else {
            return;
        };
        reads.remove(&on.name);
        if on.policies.iter().any(|it| it.name == name.name) && target.certain {
            let on = format!(" on table `{}`", on.name);
            self.duplicate("policy", name, &on, None);
        }
        let policy = Policy {
            name: name.name.clone(),
            expressions: expressions.to_vec(),
            reads,
            statement: None,
            origin: Some(self.origin(name.span)),
        };
        self.schema
            .edit_table(&target.id, |table| table.policies.push(policy));
    }

    pub(super) fn alter_policy(&mut self, alter: &AlterPolicy) {
        let Some(target) = self.table_target(&alter.table, false) else {
            return;
        };
        let mut reads = Reads::new();
        for expression in alter.using.iter().chain(&alter.check) {
            reads.extend(self.resolve_in_table(&target, expression));
        }
        let found = self.schema.edit_table(&target.id, |table| {
            let own = table.name.clone();
            let Some(policy) = table
                .policies
                .iter_mut()
                .find(|it| it.name == alter.name.name)
            else {
                return false;
            };
            if let (Some(using), Some(first)) = (&alter.using, policy.expressions.first_mut()) {
                first.clone_from(using);
            }
            if let (Some(check), Some(last)) = (&alter.check, policy.expressions.last_mut()) {
                last.clone_from(check);
            }
            policy.reads.extend(reads);
            policy.reads.remove(&own);
            true
        });
        if found == Some(false) && target.certain {
            self.no_such_policy(&target, &alter.name);
        }
    }

    pub(super) fn drop_policy(&mut self, drop: &Drop, name: &ObjectName) {
        let Some(table) = &drop.table else {
            return;
        };
        let Some(target) = self.table_target(table, drop.if_exists) else {
            return;
        };
        let found = self.schema.edit_table(&target.id, |table| {
            let before = table.policies.len();
            table.policies.retain(|it| it.name != name.name.name);
            table.policies.len() < before
        });
        if found == Some(false) && target.certain && !drop.if_exists {
            self.no_such_policy(&target, &name.name);
        }
    }

    fn no_such_policy(&mut self, target: &Target, name: &Ident) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let mut conflict = Conflict::new(
            &rule::UNKNOWN_OBJECT,
            format!("policy `{name}` does not exist on table `{}`", table.name),
            name.span,
            "no such policy",
        );
        let names = table.policies.iter().map(|it| it.name.as_str());
        if let Some(meant) = migrate_core::closest(&name.name, names) {
            conflict = conflict.help(format!("did you mean `{meant}`?"));
        }
        self.refuse(conflict);
    }

    pub(super) fn rename_policy(
        &mut self,
        from: &ObjectName,
        to: &ObjectName,
        table: Option<&ObjectName>,
    ) {
        let missing = self.rename_part(from, to, table, |table| {
            table.policies.iter_mut().map(|it| &mut it.name).collect()
        });
        if let Some(target) = missing {
            self.no_such_policy(&target, &from.name);
        }
    }
}

/// A body without what has no meaning in it: comments, white space, the case of words.
fn plain(text: &str, dialect: Dialect) -> String {
    let mut plain = String::with_capacity(text.len());
    for token in Lexer::new(text, dialect) {
        let piece = token.text(text);
        match token.kind {
            kind if kind.is_trivia() => continue,
            TokenKind::Word => plain.push_str(&piece.to_lowercase()),
            TokenKind::String if piece.starts_with('$') => {
                // The body of a function, in dollars of any name.
                let tag = piece[1..].find('$').map_or(0, |end| end + 2);
                let inner = piece.get(tag..piece.len().saturating_sub(tag));
                plain.push_str(&self::plain(inner.unwrap_or_default(), dialect));
            }
            _ => plain.push_str(piece),
        }
        plain.push(' ');
    }
    plain.truncate(plain.trim_end().len());
    plain
}

fn has_trigger(table: &Table, name: &str, dialect: Dialect) -> bool {
    table
        .triggers
        .iter()
        .any(|it| crate::schema::same_name(dialect, &it.name, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_compared_by_what_they_do() {
        let same = |one, other| plain(one, Dialect::Postgres) == plain(other, Dialect::Postgres);
        assert!(same(
            "$$BEGIN\n  RETURN NEW; -- so\nEND$$",
            "$f$ begin return new; end $f$"
        ));
        assert!(!same("$$ SELECT 'A' $$", "$$ SELECT 'a' $$"));
        assert!(!same("$$ SELECT \"A\" $$", "$$ SELECT a $$"));
    }
}
