//! Resolving the names in queries and expressions against the model.

use std::sync::Arc;

use migrate_core::{Dialect, SourceFile, rule};

use super::lookup::{Found, listed};
use super::{Class, Object, ObjectId, Reads, Schema, Table, View, builtin};
use crate::conflict::Conflict;
use crate::name::{Ident, ObjectName};
use crate::scope::{ColumnRef, Scope, SelectItem, Source, SourceKind};

/// A name in a FROM list, and its columns.
#[derive(Clone, Debug)]
pub(super) struct Frame<'s> {
    /// Under which name its columns may be qualified.
    name: Option<String>,
    columns: Columns<'s>,
}

#[derive(Clone, Debug)]
enum Columns<'s> {
    Table(&'s Table),
    View(&'s View),
    Names(Vec<String>),
    Unknown,
}

impl<'s> Frame<'s> {
    /// A table under its own name, as for the expressions that belong to it.
    pub(super) fn table(table: &'s Table, certain: bool) -> Self {
        Frame {
            name: Some(table.name.name.clone()),
            columns: if certain && !table.uncertain {
                Columns::Table(table)
            } else {
                Columns::Unknown
            },
        }
    }

    /// Something of which no column is known.
    pub(super) fn unknown() -> Self {
        Frame {
            name: None,
            columns: Columns::Unknown,
        }
    }

    /// The same columns under another name: `EXCLUDED`, `NEW`.
    pub(super) fn named(&self, name: &str) -> Self {
        Frame {
            name: Some(name.to_owned()),
            ..self.clone()
        }
    }

    /// Whether it has a column; `None` where that is not known.
    fn has(&self, schema: &Schema, column: &str) -> Option<bool> {
        let found = match &self.columns {
            Columns::Table(table) => schema.column_index(table, column).is_some(),
            Columns::View(view) => match &view.columns {
                Some(columns) => columns.iter().any(|it| schema.same_name(it, column)),
                None => return None,
            },
            Columns::Names(names) => names.iter().any(|it| schema.same_name(it, column)),
            Columns::Unknown => return None,
        };
        let stored = matches!(self.columns, Columns::Table(_) | Columns::View(_));
        Some(
            found
                || (stored && builtin::is_system_column(column, schema.dialect))
                // Another spelling of a call: `t.f` is `f(t)` on PostgreSQL.
                || (stored && schema.dialect == Dialect::Postgres && schema.may_be_function(column)),
        )
    }

    fn is(&self, schema: &Schema, qualifier: &str) -> bool {
        self.name
            .as_deref()
            .is_some_and(|name| schema.same_name(name, qualifier))
    }

    /// What it is a frame of, where that is an object.
    fn id(&self, schema: &Schema) -> Option<ObjectId> {
        match &self.columns {
            Columns::Table(table) => Some(schema.id(Class::Relation, &table.name)),
            Columns::View(view) => Some(schema.id(Class::Relation, &view.name)),
            _ => None,
        }
    }

    /// The names of its columns, where they are known.
    fn names(&self) -> Option<Vec<String>> {
        match &self.columns {
            Columns::Table(table) => {
                let shown = table.columns.iter().filter(|it| !it.hidden);
                Some(shown.map(|it| it.name.clone()).collect())
            }
            Columns::View(view) => view.columns.clone(),
            Columns::Names(names) => Some(names.clone()),
            Columns::Unknown => None,
        }
    }
}

/// The scopes around a place, from the outermost.
type Levels<'l, 's> = &'l [Level<'s>];

#[derive(Clone, Debug, Default)]
struct Level<'s> {
    frames: Vec<Frame<'s>>,
    output: Vec<String>,
    opaque: bool,
}

/// Resolves names and collects what is wrong with them.
pub(super) struct Resolver<'s> {
    schema: &'s Schema,
    source: Arc<SourceFile>,
    pub(super) conflicts: Vec<Conflict>,
    /// What is read.
    pub(super) reads: Reads,
}

impl<'s> Resolver<'s> {
    pub(super) fn new(schema: &'s Schema, source: &Arc<SourceFile>) -> Self {
        Resolver {
            schema,
            source: Arc::clone(source),
            conflicts: Vec::new(),
            reads: Reads::new(),
        }
    }

    /// Resolves everything in a scope; `around` is what its names may mean besides.
    pub(super) fn resolve(&mut self, scope: &Scope, around: Vec<Frame<'s>>) {
        let outer = Level {
            frames: around,
            ..Level::default()
        };
        self.scope(scope, &[outer]);
    }

    fn scope(&mut self, scope: &Scope, outer: Levels<'_, 's>) {
        let mut levels = outer.to_vec();
        levels.push(Level {
            frames: scope
                .sources
                .iter()
                .map(|source| self.frame(source))
                .collect(),
            output: output_names(scope),
            // ORDER BY of a set operation names the columns of its arms, which stand inside.
            opaque: scope.opaque || is_set_operation(scope),
        });
        for column in &scope.columns {
            self.column(column, &levels);
        }
        for item in &scope.select {
            if let SelectItem::Star { qualifier } = item {
                self.star(qualifier.as_ref(), &levels);
            }
        }
        for name in &scope.types {
            self.type_name(name);
        }
        if let Some(level) = levels.last_mut() {
            // What stands inside does not see the output of a set operation.
            level.opaque = scope.opaque && !is_set_operation(scope);
            level.output.clear();
        }
        for inner in &scope.inner {
            self.scope(inner, &levels);
        }
    }

    fn frame(&mut self, source: &Source) -> Frame<'s> {
        let alias = source.alias.as_ref().map(|alias| alias.name.clone());
        match &source.kind {
            SourceKind::Relation(name) => Frame {
                name: alias.or_else(|| Some(name.name.name.clone())),
                columns: self.relation(name),
            },
            SourceKind::Derived { columns } => Frame {
                name: alias,
                columns: columns.clone().map_or(Columns::Unknown, Columns::Names),
            },
            SourceKind::Unknown => Frame {
                name: alias,
                columns: Columns::Unknown,
            },
        }
    }

    /// A relation that is read: a conflict where there is none.
    fn relation(&mut self, name: &ObjectName) -> Columns<'s> {
        match self.schema.find(Class::Relation, name) {
            Found::Here(id) => {
                if let Some(object) = self.schema.get(&id) {
                    self.reads.entry(object.name()).or_default();
                }
                match self.schema.get(&id) {
                    Some(Object::Table(table)) if !table.uncertain => Columns::Table(table),
                    Some(Object::View(view)) => Columns::View(view),
                    _ => Columns::Unknown,
                }
            }
            Found::Perhaps(_) => Columns::Unknown,
            Found::Nothing(id) => {
                let conflict = self
                    .schema
                    .missing(&rule::UNKNOWN_TABLE, "table", name, &id);
                self.conflicts.push(conflict);
                Columns::Unknown
            }
        }
    }

    fn column(&mut self, column: &ColumnRef, levels: Levels<'_, 's>) {
        match &column.qualifier {
            Some(qualifier) => self.qualified(qualifier, &column.column, levels),
            None => self.unqualified(&column.column, levels),
        }
    }

    fn qualified(&mut self, qualifier: &Ident, column: &Ident, levels: Levels<'_, 's>) {
        for level in levels.iter().rev() {
            let mut frames = level
                .frames
                .iter()
                .filter(|frame| frame.is(self.schema, &qualifier.name));
            if let Some(frame) = frames.next() {
                match frame.has(self.schema, &column.name) {
                    Some(true) => self.read(&frame.clone(), &column.name),
                    // The same name twice: the other one may have it.
                    Some(false) if frames.next().is_none() => {
                        self.no_such_column(column, &frame.clone());
                    }
                    _ => {}
                }
                return;
            }
            if level.opaque {
                return;
            }
        }
        let mut frames = levels.iter().flat_map(|level| &level.frames);
        if self.schema.dialect != Dialect::Sqlite && frames.all(|frame| frame.name.is_some()) {
            let names = listed(
                levels
                    .iter()
                    .rev()
                    .flat_map(|level| &level.frames)
                    .filter_map(|frame| frame.name.as_deref()),
            );
            let mut conflict = Conflict::new(
                &rule::UNKNOWN_TABLE,
                format!("`{qualifier}` is no table or alias of this query"),
                qualifier.span,
                "not in FROM",
            );
            if !names.is_empty() {
                conflict = conflict.note(format!("its tables and aliases are: {names}"));
            }
            self.conflicts.push(conflict);
        }
    }

    fn unqualified(&mut self, column: &Ident, levels: Levels<'_, 's>) {
        for level in levels.iter().rev() {
            let mut known = true;
            for frame in &level.frames {
                match frame.has(self.schema, &column.name) {
                    Some(true) => {
                        self.read(&frame.clone(), &column.name);
                        return;
                    }
                    Some(false) => {}
                    None => known = false,
                }
                // The row itself.
                if frame.is(self.schema, &column.name) {
                    return;
                }
            }
            let is_output = level
                .output
                .iter()
                .any(|it| self.schema.same_name(it, &column.name));
            if !known || level.opaque || is_output {
                return;
            }
        }
        if self.may_be_string(column) {
            return;
        }
        let frames: Vec<Frame<'s>> = levels
            .iter()
            .rev()
            .find(|level| !level.frames.is_empty())
            .map(|level| level.frames.clone())
            .unwrap_or_default();
        match frames.as_slice() {
            [] => self.conflicts.push(Conflict::new(
                &rule::UNKNOWN_COLUMN,
                format!("column `{column}` does not exist"),
                column.span,
                "no such column",
            )),
            [only] => self.no_such_column(column, only),
            several => {
                let tables = listed(several.iter().filter_map(|it| it.name.as_deref()));
                let mut conflict = Conflict::new(
                    &rule::UNKNOWN_COLUMN,
                    format!("column `{column}` exists on none of the tables: {tables}"),
                    column.span,
                    "no such column",
                );
                let names: Vec<String> =
                    several.iter().filter_map(Frame::names).flatten().collect();
                if let Some(meant) =
                    migrate_core::closest(&column.name, names.iter().map(String::as_str))
                {
                    conflict = conflict.help(format!("did you mean `{meant}`?"));
                }
                self.conflicts.push(conflict);
            }
        }
    }

    fn no_such_column(&mut self, column: &Ident, frame: &Frame<'s>) {
        let conflict = match frame.id(self.schema) {
            Some(id) => self.schema.missing_column(&id, column),
            None => Conflict::new(
                &rule::UNKNOWN_COLUMN,
                match &frame.name {
                    Some(name) => format!("column `{column}` does not exist in `{name}`"),
                    None => format!("column `{column}` does not exist"),
                },
                column.span,
                "no such column",
            ),
        };
        self.conflicts.push(conflict);
    }

    fn star(&mut self, qualifier: Option<&Ident>, levels: Levels<'_, 's>) {
        let Some(level) = levels.last() else {
            return;
        };
        for frame in &level.frames {
            if qualifier.is_none_or(|it| frame.is(self.schema, &it.name))
                && let Some(names) = frame.names()
            {
                for name in names {
                    self.read(frame, &name);
                }
            }
        }
    }

    fn read(&mut self, frame: &Frame<'s>, column: &str) {
        let name = match &frame.columns {
            Columns::Table(table) => &table.name,
            Columns::View(view) => &view.name,
            _ => return,
        };
        self.reads
            .entry(name.clone())
            .or_default()
            .insert(column.to_owned());
    }

    /// A type that is cast to.
    pub(super) fn type_name(&mut self, name: &ObjectName) {
        if let Some(conflict) = self.schema.unknown_type(name) {
            self.conflicts.push(conflict);
        }
    }

    /// SQLite takes a quoted name that means nothing for a string.
    fn may_be_string(&self, column: &Ident) -> bool {
        self.schema.dialect == Dialect::Sqlite
            && self
                .source
                .text
                .as_bytes()
                .get(column.span.start)
                .is_none_or(|byte| *byte == b'"')
    }

    /// The columns of a query, by name; `None` where they are not known.
    pub(super) fn output(&self, scope: &Scope) -> Option<Vec<(String, Option<ColumnRef>)>> {
        if scope.select.is_empty() {
            return None;
        }
        let frames = self.frames(scope);
        let mut output = Vec::new();
        for item in &scope.select {
            match item {
                SelectItem::Column { column, name } => {
                    output.push((name.clone(), Some(column.clone())));
                }
                SelectItem::Expression { name } => output.push((name.clone()?, None)),
                SelectItem::Fields => return None,
                SelectItem::Star { qualifier } => {
                    let columns = self.columns_of_star(qualifier.as_ref(), &frames)?;
                    output.extend(columns.into_iter().map(|it| {
                        let name = it.column.name.clone();
                        (name, Some(it))
                    }));
                }
            }
        }
        Some(output)
    }

    /// How many columns a query gives; `None` where that is not known.
    pub(super) fn count(&self, scope: &Scope) -> Option<usize> {
        if scope.select.is_empty() {
            return None;
        }
        let frames = self.frames(scope);
        let count = |item: &SelectItem| match item {
            SelectItem::Column { .. } | SelectItem::Expression { .. } => Some(1),
            SelectItem::Fields => None,
            SelectItem::Star { qualifier } => {
                let columns = self.columns_of_star(qualifier.as_ref(), &frames)?;
                Some(columns.len())
            }
        };
        scope.select.iter().map(count).sum()
    }

    /// The frames of a query's own FROM list; what is wrong with it is said elsewhere.
    fn frames(&self, scope: &Scope) -> Vec<Frame<'s>> {
        let mut quiet = Resolver::new(self.schema, &self.source);
        scope.sources.iter().map(|it| quiet.frame(it)).collect()
    }

    /// The columns that a star stands for; `None` where they are not known.
    fn columns_of_star(
        &self,
        qualifier: Option<&Ident>,
        frames: &[Frame<'s>],
    ) -> Option<Vec<ColumnRef>> {
        // `*` over JOIN USING has the joined column once.
        if qualifier.is_none() && frames.len() > 1 {
            return None;
        }
        let is_meant =
            |frame: &&Frame<'s>| qualifier.is_none_or(|it| frame.is(self.schema, &it.name));
        let mut meant = frames.iter().filter(is_meant).peekable();
        meant.peek()?;
        let mut columns = Vec::new();
        for frame in meant {
            let alias = frame.name.clone().map(|name| Ident::new(name, 0..0));
            columns.extend(frame.names()?.into_iter().map(|name| ColumnRef {
                qualifier: alias.clone(),
                column: Ident::new(name, 0..0),
            }));
        }
        Some(columns)
    }

    /// The table and column that a reference in a query's own FROM list means.
    pub(super) fn table_column(
        &self,
        scope: &Scope,
        column: &ColumnRef,
    ) -> Option<&'s super::Column> {
        self.frames(scope)
            .iter()
            .filter(|frame| {
                column
                    .qualifier
                    .as_ref()
                    .is_none_or(|it| frame.is(self.schema, &it.name))
            })
            .find_map(|frame| match frame.columns {
                Columns::Table(table) => {
                    let index = self.schema.column_index(table, &column.column.name)?;
                    table.columns.get(index)
                }
                _ => None,
            })
    }
}

/// The names that a query gives to its output, but for plain columns: these have theirs anyway.
fn output_names(scope: &Scope) -> Vec<String> {
    if scope.select.is_empty() {
        return scope.output.clone();
    }
    scope
        .select
        .iter()
        .filter_map(|item| match item {
            SelectItem::Column { column, name } => {
                (column.column.name != *name).then(|| name.clone())
            }
            SelectItem::Expression { name } => name.clone(),
            SelectItem::Star { .. } | SelectItem::Fields => None,
        })
        .collect()
}

/// Whether a scope is that of UNION and the like, or of a query without FROM around others.
fn is_set_operation(scope: &Scope) -> bool {
    scope.sources.is_empty()
        && !scope.inner.is_empty()
        && !(scope.select.is_empty() && scope.output.is_empty())
}

impl Schema {
    /// A conflict about a column that a table or view does not have.
    pub(super) fn missing_column(&self, table: &ObjectId, column: &Ident) -> Conflict {
        let (kind, name) = match self.get(table) {
            Some(object) => (object.kind().name(), object.name().to_string()),
            None => ("table", table.name.to_string()),
        };
        let mut conflict = Conflict::new(
            &rule::UNKNOWN_COLUMN,
            format!("column `{column}` does not exist on {kind} `{name}`"),
            column.span,
            "no such column",
        );
        conflict.notes.extend(self.note(table));
        if let Some(note) = self.note_of_departure(table, Some(&column.name)) {
            return conflict.note(note);
        }
        let names: Vec<&str> = match self.get(table) {
            Some(Object::Table(table)) => table.columns.iter().map(|it| it.name.as_str()).collect(),
            Some(Object::View(view)) => view.columns.iter().flatten().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        if let Some(meant) = migrate_core::closest(&column.name, names) {
            conflict = conflict.help(format!("did you mean `{meant}`?"));
        }
        conflict
    }

    /// A conflict where a type is certain not to be there.
    pub(super) fn unknown_type(&self, name: &ObjectName) -> Option<Conflict> {
        if self.dialect != Dialect::Postgres {
            return None;
        }
        let builtin = match &name.schema {
            None => builtin::is_type(&name.name.name),
            Some(schema) => builtin::is_system_schema(&schema.name, self.dialect),
        };
        if builtin {
            return None;
        }
        let Found::Nothing(id) = self.find(Class::Type, name) else {
            return None;
        };
        // Every relation is a type too.
        if !matches!(self.find(Class::Relation, name), Found::Nothing(_)) {
            return None;
        }
        let mut conflict = self.missing(&rule::UNKNOWN_TYPE, "type", name, &id);
        if conflict.help.is_empty()
            && conflict.notes.is_empty()
            && let Some(meant) = migrate_core::closest(&name.name.name, builtin::types())
        {
            conflict = conflict.help(format!("did you mean `{meant}`?"));
        }
        Some(conflict)
    }

    fn may_be_function(&self, name: &str) -> bool {
        self.open || {
            let name = ObjectName::unqualified(Ident::new(name, 0..0));
            !matches!(self.find_routine(&name), Found::Nothing(_))
        }
    }
}
