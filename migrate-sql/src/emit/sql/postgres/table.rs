//! Tables, their foreign keys and indexes: made and dropped.

use super::super::definition;
use super::column;
use super::part::{
    bounds, constraint_definition, create_index, foreign_key, has_constraint, has_foreign_key,
    has_index, has_unique, key_definition, partition_key,
};
use super::{DIALECT, Emission};
use crate::name::QualifiedName;
use crate::quoting::{qualified, quoted};
use crate::schema::{ForeignKey, Object, Table};

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

    /// The partitioned table that a table of the beginning is a part of.
    pub(super) fn parent(&self, table: &Table) -> Option<&'s Table> {
        self.plan.from?.table(table.partition_of.as_ref()?)
    }

    pub(super) fn parent_after(&self, table: &Table) -> Option<&'s Table> {
        self.plan.to.table(table.partition_of.as_ref()?)
    }
}

/// A name in the schema of a table.
fn beside(table: &QualifiedName, name: &str) -> QualifiedName {
    QualifiedName {
        schema: table.schema.clone(),
        name: name.to_owned(),
    }
}
