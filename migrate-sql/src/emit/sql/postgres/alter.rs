//! Tables that become others.

use std::collections::BTreeSet;

use super::column::{self, default_of, generated_as, type_name};
use super::part::{
    bounds, constraint_definition, has_constraint, has_unique, key_definition, partition_key,
};
use super::{ChangedTable, DIALECT, Emission};
use crate::column_type::ColumnType;
use crate::quoting::{qualified, quoted};
use crate::schema::{Column, Table};

impl<'s> Emission<'s> {
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
