//! Tables, their keys, constraints and indexes.

use std::collections::BTreeSet;

use super::super::definition;
use super::super::text::enclosed;
use super::column::{self, default_of, generated_as, type_name};
use super::{ChangedTable, DIALECT, Emission};
use crate::change::{ForeignKeyAction, Partition};
use crate::column_type::ColumnType;
use crate::name::QualifiedName;
use crate::quoting::{list, qualified, quoted};
use crate::schema::{Column, Constraint, ForeignKey, Index, Key, Object, Table};

impl<'s> Emission<'s> {
    pub(super) fn drop_foreign_keys(&mut self) {
        let mut gone: Vec<(&QualifiedName, &ForeignKey)> = Vec::new();
        for changed in &self.tables {
            let parent = self.parent(changed.before);
            let keys = changed.change.foreign_keys.gone.iter();
            gone.extend(
                keys.filter(|key| !has_foreign_key(parent, key))
                    .map(|key| (&changed.before.name, *key)),
            );
        }
        for (table, key) in gone {
            let action = format!("DROP CONSTRAINT {}", quoted(&key.name, DIALECT));
            self.alter(&qualified(table, DIALECT), &[action]);
        }
    }

    pub(super) fn drop_indexes(&mut self) {
        let mut gone: Vec<QualifiedName> = Vec::new();
        for changed in &self.tables {
            let parent = self.parent(changed.before);
            for index in &changed.change.indexes.gone {
                // The index of a partition goes with that of its parent.
                if !has_index(parent, index) {
                    gone.push(beside(&changed.before.name, &index.name));
                }
            }
        }
        for name in gone {
            let name = qualified(&name, DIALECT);
            self.out.add(format!("DROP INDEX {name}"));
        }
    }

    pub(super) fn drop_tables(&mut self) {
        let tables = self.dropped_tables();
        for (at, table) in tables.iter().enumerate() {
            // Tables that reference one another in a circle.
            for other in tables.iter().skip(at + 1) {
                for key in &other.foreign_keys {
                    if key.references == table.name {
                        let action = format!("DROP CONSTRAINT {}", quoted(&key.name, DIALECT));
                        self.alter(&qualified(&other.name, DIALECT), &[action]);
                    }
                }
            }
            let word = if table.foreign {
                "FOREIGN TABLE"
            } else {
                "TABLE"
            };
            let name = qualified(&table.name, DIALECT);
            self.out.add(format!("DROP {word} {name}"));
        }
    }

    pub(super) fn create_tables(&mut self) {
        for table in self.made_tables() {
            if table.foreign {
                let object = Object::Table(table.clone());
                let statement = definition::of_object(&object, DIALECT);
                self.out.create(&object, statement);
                continue;
            }
            self.create_table(table);
        }
    }

    fn create_table(&mut self, table: &Table) {
        let to = self.plan.to;
        let name = qualified(&table.name, DIALECT);
        let unlogged = if table.unlogged { "UNLOGGED " } else { "" };
        let parent = self.parent_after(table);
        let mut head = format!("CREATE {unlogged}TABLE {name}");
        let mut lines: Vec<String> = Vec::new();
        match &table.partition_of {
            Some(parent) => head.push_str(&format!(" PARTITION OF {}", qualified(parent, DIALECT))),
            None => lines.extend(
                table
                    .columns
                    .iter()
                    .map(|column| column::definition(table, column, to, self.from())),
            ),
        }
        lines.extend(self.key_lines(table, parent));
        let mut late = Vec::new();
        for constraint in &table.constraints {
            if has_constraint(parent, constraint) {
                continue;
            }
            let text = constraint_definition(constraint);
            match constraint.validated {
                true => lines.push(text),
                // In a new table it would be taken for valid.
                false => late.push(format!("ADD {text}")),
            }
        }
        let mut text = head;
        if !lines.is_empty() {
            text.push_str(&format!(" (\n    {}\n)", lines.join(",\n    ")));
        } else if table.partition_of.is_none() {
            text.push_str(" ()");
        }
        if !table.inherits.is_empty() {
            let parents: Vec<String> = table
                .inherits
                .iter()
                .map(|it| qualified(it, DIALECT))
                .collect();
            text.push_str(&format!(" INHERITS ({})", parents.join(", ")));
        }
        if table.partition_of.is_some() {
            match bounds(table) {
                Some(bounds) => text.push_str(&format!(" {bounds}")),
                None => {
                    self.out.cannot(format!(
                        "cannot create table `{}`: the bounds of this partition are not known",
                        table.name
                    ));
                    return;
                }
            }
        }
        if let Some(key) = &table.partition_by {
            text.push_str(&format!(" PARTITION BY {}", partition_key(key)));
        }
        self.out.add(text);
        if !late.is_empty() {
            self.alter(&name, &late);
        }
        let mut security = Vec::new();
        if table.row_security {
            security.push("ENABLE ROW LEVEL SECURITY".to_owned());
        }
        if table.forced_row_security {
            security.push("FORCE ROW LEVEL SECURITY".to_owned());
        }
        self.alter(&name, &security);
    }

    fn key_lines(&self, table: &Table, parent: Option<&Table>) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(key) = &table.primary_key
            && parent.is_none_or(|it| it.primary_key.is_none())
        {
            lines.push(key_definition(key, "PRIMARY KEY"));
        }
        for key in &table.unique {
            if !has_unique(parent, key) {
                lines.push(key_definition(key, "UNIQUE"));
            }
        }
        lines
    }

    pub(super) fn alter_tables(&mut self) {
        let tables = std::mem::take(&mut self.tables);
        for changed in &tables {
            self.alter_table(changed);
        }
        self.tables = tables;
    }

    fn alter_table(&mut self, changed: &ChangedTable<'s>) {
        let ChangedTable {
            before,
            after,
            change,
        } = changed;
        let name = qualified(&after.name, DIALECT);
        if !same_partitions(before, after) {
            self.out.cannot(format!(
                "how table `{}` is partitioned cannot be changed: it has to be made anew",
                after.name
            ));
        }
        for (old, new) in &change.renamed_keys {
            self.out.add(format!(
                "ALTER TABLE {name} RENAME CONSTRAINT {} TO {}",
                quoted(old, DIALECT),
                quoted(new, DIALECT)
            ));
        }
        let (parent, parent_after) = (self.parent(before), self.parent_after(after));
        let detached = change.properties.contains("partition of");
        if detached && let Some(parent) = &before.partition_of {
            self.out.add(format!(
                "ALTER TABLE {} DETACH PARTITION {name}",
                qualified(parent, DIALECT)
            ));
        }
        let mut actions = Vec::new();
        let gone_keys = change.primary_key.gone.iter().chain(&change.unique.gone);
        for key in gone_keys {
            if parent.is_none_or(|it| it.primary_key.is_none()) || !has_unique(parent, key) {
                actions.push(format!("DROP CONSTRAINT {}", quoted(&key.name, DIALECT)));
            }
        }
        for constraint in &change.constraints.gone {
            if !has_constraint(parent, constraint) {
                let name = quoted(&constraint.name, DIALECT);
                actions.push(format!("DROP CONSTRAINT {name}"));
            }
        }
        // The columns of a partition are its parent's.
        if before.partition_of.is_none() {
            for column in &change.columns.gone {
                actions.push(format!("DROP COLUMN {}", quoted(&column.name, DIALECT)));
            }
            for column in &change.columns.new {
                let definition = column::definition(after, column, self.plan.to, self.from());
                actions.push(format!("ADD COLUMN {definition}"));
            }
            for (one, other, properties) in &change.altered {
                self.alter_column(after, (one, other), properties, &mut actions);
            }
        }
        for (key, sort) in change
            .primary_key
            .new
            .iter()
            .map(|it| (it, "PRIMARY KEY"))
            .chain(change.unique.new.iter().map(|it| (it, "UNIQUE")))
        {
            if !has_unique(parent_after, key) {
                actions.push(format!("ADD {}", key_definition(key, sort)));
            }
        }
        for constraint in &change.constraints.new {
            if !has_constraint(parent_after, constraint) {
                actions.push(format!("ADD {}", constraint_definition(constraint)));
            }
        }
        self.table_properties(before, after, &change.properties, &mut actions);
        self.alter(&name, &actions);
        if detached && let Some(parent) = &after.partition_of {
            match bounds(after) {
                Some(bounds) => self.out.add(format!(
                    "ALTER TABLE {} ATTACH PARTITION {name} {bounds}",
                    qualified(parent, DIALECT)
                )),
                None => self.out.cannot(format!(
                    "cannot attach `{}` to `{parent}`: its bounds are not known",
                    after.name
                )),
            }
        }
    }

    fn table_properties(
        &mut self,
        before: &Table,
        after: &Table,
        properties: &BTreeSet<&'static str>,
        actions: &mut Vec<String>,
    ) {
        if properties.contains("unlogged") {
            let word = if after.unlogged { "UNLOGGED" } else { "LOGGED" };
            actions.push(format!("SET {word}"));
        }
        if properties.contains("row level security") {
            let word = if after.row_security {
                "ENABLE"
            } else {
                "DISABLE"
            };
            actions.push(format!("{word} ROW LEVEL SECURITY"));
        }
        if properties.contains("forced row level security") {
            let word = if after.forced_row_security {
                "FORCE"
            } else {
                "NO FORCE"
            };
            actions.push(format!("{word} ROW LEVEL SECURITY"));
        }
        if properties.contains("inherits") {
            for parent in &before.inherits {
                if !after.inherits.contains(parent) {
                    actions.push(format!("NO INHERIT {}", qualified(parent, DIALECT)));
                }
            }
            for parent in &after.inherits {
                if !before.inherits.contains(parent) {
                    actions.push(format!("INHERIT {}", qualified(parent, DIALECT)));
                }
            }
        }
    }

    fn alter_column(
        &mut self,
        table: &Table,
        (before, after): (&Column, &Column),
        properties: &BTreeSet<&'static str>,
        actions: &mut Vec<String>,
    ) {
        let to = self.plan.to;
        let name = quoted(&after.name, DIALECT);
        let has = |property| properties.contains(property);
        if has("generated as") {
            match (&before.generated, &after.generated) {
                // It was dropped before.
                (Some(_), None) => {}
                // Before version 17 the expression cannot be changed.
                (old, _) => {
                    if old.is_none() {
                        self.out.loses(format!(
                            "column `{}` of `{}` becomes a generated one, and its values go",
                            after.name, table.name
                        ));
                    }
                    actions.push(format!("DROP COLUMN {name}"));
                    actions.push(format!(
                        "ADD COLUMN {}",
                        column::definition(table, after, to, self.from())
                    ));
                    return;
                }
            }
        }
        let retyped = has("type") || has("collation");
        let mut redefault = has("default") || has("auto increment");
        if retyped && let (Some(old), Some(new)) = (&before.column_type, &after.column_type) {
            // A default is cast too, where the server knows how.
            if before.default.is_some() || redefault {
                actions.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
                redefault = true;
            }
            let target = type_name(new, to);
            let collation = match (&before.collation, &after.collation) {
                (_, Some(it)) => format!(" COLLATE {}", DIALECT.quote_identifier(it)),
                // Another type comes with its own.
                (Some(_), None) if !has("type") => " COLLATE \"default\"".to_owned(),
                (_, None) => String::new(),
            };
            let using = using(&name, old, new, &target);
            actions.push(format!(
                "ALTER COLUMN {name} TYPE {target}{collation}{using}"
            ));
        }
        let freed = before.auto_increment && after.identity.is_some();
        if redefault && !freed {
            match default_of(table, after, to) {
                Some(value) => actions.push(format!("ALTER COLUMN {name} SET DEFAULT {value}")),
                None if retyped => {}
                None => actions.push(format!("ALTER COLUMN {name} DROP DEFAULT")),
            }
        }
        if has("takes") {
            let verb = if after.nullable { "DROP" } else { "SET" };
            actions.push(format!("ALTER COLUMN {name} {verb} NOT NULL"));
        }
        match (before.identity, after.identity) {
            (None, Some(identity)) => actions.push(format!(
                "ALTER COLUMN {name} ADD {}",
                generated_as(table, after, identity, to)
            )),
            (Some(old), Some(new)) if old != new => actions.push(format!(
                "ALTER COLUMN {name} SET GENERATED {}",
                column::word(new)
            )),
            _ => {}
        }
    }

    pub(super) fn create_indexes(&mut self) {
        let mut statements = Vec::new();
        for table in self.made_tables() {
            let parent = self.parent_after(table);
            let own = table.indexes.iter().filter(|it| !has_index(parent, it));
            statements.extend(own.map(|it| create_index(&table.name, it)));
        }
        for changed in &self.tables {
            let parent = self.parent_after(changed.after);
            let new = changed.change.indexes.new.iter();
            let own = new.filter(|it| !has_index(parent, it));
            statements.extend(own.map(|it| create_index(&changed.after.name, it)));
        }
        self.out.statements.extend(statements);
    }

    pub(super) fn add_foreign_keys(&mut self) {
        let mut keys: Vec<(&QualifiedName, &ForeignKey)> = Vec::new();
        for table in self.made_tables() {
            let parent = self.parent_after(table);
            let own = table.foreign_keys.iter();
            keys.extend(
                own.filter(|it| !has_foreign_key(parent, it))
                    .map(|key| (&table.name, key)),
            );
        }
        for changed in &self.tables {
            let parent = self.parent_after(changed.after);
            let new = changed.change.foreign_keys.new.iter();
            keys.extend(
                new.filter(|it| !has_foreign_key(parent, it))
                    .map(|key| (&changed.after.name, *key)),
            );
        }
        for (table, key) in keys {
            let action = format!("ADD {}", foreign_key(key));
            self.alter(&qualified(table, DIALECT), &[action]);
        }
    }

    /// Columns that are computed or numbered no more, or in another way, so that nothing of that
    /// stands in the way of what follows.
    pub(super) fn release_columns(&mut self) {
        let tables = std::mem::take(&mut self.tables);
        for changed in &tables {
            let table = qualified(&changed.before.name, DIALECT);
            for (before, after, _) in &changed.change.altered {
                let name = quoted(&before.name, DIALECT);
                if before.generated.is_some() && after.generated.is_none() {
                    self.alter(&table, &[format!("ALTER COLUMN {name} DROP EXPRESSION")]);
                }
                if before.identity.is_some() && after.identity.is_none() {
                    self.alter(&table, &[format!("ALTER COLUMN {name} DROP IDENTITY")]);
                }
                if before.auto_increment && after.identity.is_some() {
                    self.alter(&table, &[format!("ALTER COLUMN {name} DROP DEFAULT")]);
                    let sequence = self
                        .plan
                        .from
                        .and_then(|it| column::sequence_of(it, changed.before, before));
                    if let Some(sequence) = sequence {
                        let name = qualified(&sequence.name, DIALECT);
                        self.out.add(format!("DROP SEQUENCE {name}"));
                    }
                }
                let numbered = |it: &Column| it.auto_increment || it.identity.is_some();
                if numbered(before)
                    && numbered(after)
                    && before.identity.is_some() != after.identity.is_some()
                {
                    self.out.look(format!(
                        "the numbers of column `{}` of `{}` begin anew: set the new sequence to \
                         the highest one",
                        after.name, changed.after.name
                    ));
                }
            }
        }
        self.tables = tables;
    }

    /// ALTER TABLE with these actions, where there are any.
    pub(super) fn alter(&mut self, table: &str, actions: &[String]) {
        match actions {
            [] => {}
            [only] => self.out.add(format!("ALTER TABLE {table} {only}")),
            several => self.out.add(format!(
                "ALTER TABLE {table}\n    {}",
                several.join(",\n    ")
            )),
        }
    }

    /// The partitioned table that a table of the beginning is a part of.
    fn parent(&self, table: &Table) -> Option<&'s Table> {
        self.plan.from?.table(table.partition_of.as_ref()?)
    }

    fn parent_after(&self, table: &Table) -> Option<&'s Table> {
        self.plan.to.table(table.partition_of.as_ref()?)
    }
}

fn key_definition(key: &Key, sort: &str) -> String {
    let nulls = match key.nulls_not_distinct {
        true => " NULLS NOT DISTINCT",
        false => "",
    };
    let deferrable = deferrable(key.deferrable, key.initially_deferred);
    format!(
        "CONSTRAINT {} {sort}{nulls} ({}){deferrable}",
        quoted(&key.name, DIALECT),
        list(&key.columns, DIALECT)
    )
}

fn constraint_definition(constraint: &Constraint) -> String {
    let name = quoted(&constraint.name, DIALECT);
    let validity = if constraint.validated {
        ""
    } else {
        " NOT VALID"
    };
    match (&constraint.check, &constraint.exclude) {
        (Some(check), _) => {
            let check = enclosed(&check.text, DIALECT);
            format!("CONSTRAINT {name} CHECK {check}{validity}")
        }
        (None, exclude) => format!(
            "CONSTRAINT {name} EXCLUDE {}",
            exclude.as_deref().unwrap_or_default()
        ),
    }
}

fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}",
        quoted(&key.name, DIALECT),
        list(&key.columns, DIALECT),
        qualified(&key.references, DIALECT)
    );
    if !key.referenced_columns.is_empty() {
        text.push_str(&format!(" ({})", list(&key.referenced_columns, DIALECT)));
    }
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        if let Some(action) = action_words(action) {
            text.push_str(&format!(" ON {event} {action}"));
        }
    }
    text.push_str(deferrable(key.deferrable, key.initially_deferred));
    if !key.validated {
        text.push_str(" NOT VALID");
    }
    text
}

fn deferrable(deferrable: bool, initially_deferred: bool) -> &'static str {
    match (deferrable, initially_deferred) {
        (_, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        (false, false) => "",
    }
}

/// What stands behind ON DELETE; nothing for NO ACTION.
fn action_words(action: ForeignKeyAction) -> Option<&'static str> {
    match action {
        ForeignKeyAction::NoAction => None,
        ForeignKeyAction::Restrict => Some("RESTRICT"),
        ForeignKeyAction::Cascade => Some("CASCADE"),
        ForeignKeyAction::SetNull => Some("SET NULL"),
        ForeignKeyAction::SetDefault => Some("SET DEFAULT"),
    }
}

/// CREATE INDEX on a table or materialized view.
pub(super) fn create_index(table: &QualifiedName, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let method = match index.method.as_str() {
        "btree" | "" => String::new(),
        other => format!(" USING {other}"),
    };
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let mut text = match (&key.column, &key.expression) {
                (Some(column), _) => quoted(column, DIALECT),
                (None, Some(expression)) => enclosed(&expression.text, DIALECT),
                (None, None) => String::new(),
            };
            if let Some(collation) = &key.collation {
                text.push_str(&format!(" COLLATE {}", DIALECT.quote_identifier(collation)));
            }
            if let Some(class) = &key.operator_class {
                text.push_str(&format!(" {class}"));
            }
            if key.descending {
                text.push_str(" DESC");
            }
            match key.nulls_first {
                Some(true) => text.push_str(" NULLS FIRST"),
                Some(false) => text.push_str(" NULLS LAST"),
                None => {}
            }
            text
        })
        .collect();
    let mut text = format!(
        "CREATE {unique}INDEX {} ON {}{method} ({})",
        quoted(&index.name, DIALECT),
        qualified(table, DIALECT),
        keys.join(", ")
    );
    if !index.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", list(&index.include, DIALECT)));
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" WHERE {}", enclosed(&predicate.text, DIALECT)));
    }
    text
}

/// USING, unless the server casts by itself.
fn using(column: &str, old: &ColumnType, new: &ColumnType, target: &str) -> String {
    let texts = ["text", "character varying", "character"];
    let numbers = [
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "real",
        "double precision",
    ];
    let within = |family: &[&str]| {
        let has = |it: &ColumnType| it.schema.is_none() && family.contains(&it.name.as_str());
        has(old) && has(new) && old.dimensions == new.dimensions
    };
    let same = old.name == new.name && old.dimensions == new.dimensions;
    if same || within(&texts) || within(&numbers) {
        return String::new();
    }
    let is_text = |it: &ColumnType| it.dimensions == 0 && texts.contains(&it.name.as_str());
    let truth =
        |one: &ColumnType, other: &ColumnType| one.name == "boolean" && other.name == "integer";
    // Between most types leads no cast but that through text.
    match is_text(old) || is_text(new) || truth(old, new) || truth(new, old) {
        true => format!(" USING {column}::{target}"),
        false => format!(" USING {column}::text::{target}"),
    }
}

fn bounds(table: &Table) -> Option<String> {
    match table.bounds.as_ref()? {
        Partition::Default => Some("DEFAULT".to_owned()),
        Partition::Values(text) => Some(match text.get(..3) {
            Some(word) if word.eq_ignore_ascii_case("for") => text.clone(),
            _ => format!("FOR VALUES {text}"),
        }),
    }
}

/// Whether two tables are partitioned alike, or both are not.
fn same_partitions(one: &Table, other: &Table) -> bool {
    let plain = |table: &Table| {
        let key = partition_key(table.partition_by.as_deref()?);
        let letters = key
            .chars()
            .filter(|it| !it.is_whitespace() && !"()\"".contains(*it));
        Some(letters.collect::<String>().to_lowercase())
    };
    plain(one) == plain(other)
}

/// The key as it stands behind PARTITION BY.
fn partition_key(text: &str) -> &str {
    let rest = text
        .get(..12)
        .filter(|words| words.eq_ignore_ascii_case("partition by"))
        .and_then(|_| text.get(12..));
    rest.unwrap_or(text).trim()
}

/// A name in the schema of a table.
fn beside(table: &QualifiedName, name: &str) -> QualifiedName {
    QualifiedName {
        schema: table.schema.clone(),
        name: name.to_owned(),
    }
}

fn has_unique(parent: Option<&Table>, key: &Key) -> bool {
    parent.is_some_and(|it| it.keys().any(|other| other.columns == key.columns))
}

fn has_constraint(parent: Option<&Table>, constraint: &Constraint) -> bool {
    parent.is_some_and(|it| {
        let mut all = it.constraints.iter();
        all.any(|other| other.name == constraint.name && other.check == constraint.check)
    })
}

fn has_foreign_key(parent: Option<&Table>, key: &ForeignKey) -> bool {
    parent.is_some_and(|it| {
        it.foreign_keys
            .iter()
            .any(|other| other.columns == key.columns && other.references == key.references)
    })
}

fn has_index(parent: Option<&Table>, index: &Index) -> bool {
    parent.is_some_and(|it| {
        it.indexes
            .iter()
            .any(|other| other.keys == index.keys && other.unique == index.unique)
    })
}
