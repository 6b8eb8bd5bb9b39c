//! Tables, their keys, constraints and indexes.

use super::super::order::by_need;
use super::super::text::enclosed;
use super::column::{self, is_column_check};
use super::{ChangedTable, DIALECT, Emission};
use crate::change::ForeignKeyAction;
use crate::name::QualifiedName;
use crate::quoting::{list, qualified, quoted};
use crate::schema::{Column, Constraint, ForeignKey, Index, Key, Object, Table};

impl<'s> Emission<'s> {
    pub(super) fn drop_foreign_keys(&mut self) {
        let statements: Vec<String> = self
            .tables
            .iter()
            .flat_map(|changed| {
                let gone = changed.change.foreign_keys.gone.iter();
                gone.map(|key| drop_foreign_key(&changed.before.name, key))
            })
            .collect();
        self.out.statements.extend(statements);
    }

    pub(super) fn drop_tables(&mut self) {
        let tables = self.plan.dropped.iter().filter_map(|it| match it {
            Object::Table(table) => Some(table),
            _ => None,
        });
        let references = |one: &Table, other: &Table| {
            one.foreign_keys
                .iter()
                .any(|it| it.references == other.name)
        };
        // What references goes before what is referenced.
        let mut tables: Vec<&Table> = by_need(tables.collect(), |one: &&Table, other| {
            references(one, other)
        });
        tables.reverse();
        for (at, table) in tables.iter().enumerate() {
            // Tables that reference one another in a circle.
            for other in tables.iter().skip(at + 1) {
                for key in &other.foreign_keys {
                    if key.references == table.name {
                        self.out.add(drop_foreign_key(&other.name, key));
                    }
                }
            }
            let name = qualified(&table.name, DIALECT);
            self.out.add(format!("DROP TABLE {name}"));
        }
    }

    pub(super) fn create_tables(&mut self) {
        for object in self.plan.made.clone() {
            if let Object::Table(table) = object {
                self.create_table(table);
            }
        }
    }

    fn create_table(&mut self, table: &Table) {
        let mut lines: Vec<String> = table
            .columns
            .iter()
            .map(|it| column::definition(table, it))
            .collect();
        lines.extend(table.primary_key.iter().map(primary_key));
        let own = table.indexes.iter();
        let own = own.filter(|it| !comes_with_key(it, &table.foreign_keys));
        lines.extend(own.map(index_definition));
        let checks = table.constraints.iter();
        lines.extend(checks.filter(|it| !is_column_check(table, it)).map(check));
        let options: Vec<String> = table
            .options
            .iter()
            .map(|it| match it.value.is_empty() {
                true => format!(" {}", it.name),
                false => format!(" {}={}", it.name, it.value),
            })
            .collect();
        self.out.add(format!(
            "CREATE TABLE {} (\n    {}\n){}",
            qualified(&table.name, DIALECT),
            lines.join(",\n    "),
            options.concat()
        ));
        if table.partition_by.is_some() {
            self.out.cannot(format!(
                "table `{}` is made without its partitions, which are not known",
                table.name
            ));
        }
    }

    pub(super) fn alter_tables(&mut self) {
        let tables = std::mem::take(&mut self.tables);
        for changed in &tables {
            let actions = self.actions(changed);
            if actions.is_empty() {
                continue;
            }
            let name = qualified(&changed.after.name, DIALECT);
            let between = if actions.len() == 1 { " " } else { "\n    " };
            self.out.add(format!(
                "ALTER TABLE {name}{between}{}",
                actions.join(",\n    ")
            ));
        }
        self.tables = tables;
    }

    fn actions(&mut self, changed: &ChangedTable<'s>) -> Vec<String> {
        let ChangedTable {
            before,
            after,
            change,
        } = changed;
        let mut actions = Vec::new();
        if before.partition_by.is_some() && after.partition_by.is_none() {
            self.out.look(format!(
                "if table `{}` is partitioned, it stays so: write REMOVE PARTITIONING",
                after.name
            ));
        }
        // A check that is a part of its column goes and comes by defining the column anew.
        let mut redefined: Vec<&Column> = change.altered.iter().map(|(_, it, _)| *it).collect();
        for constraint in &change.constraints.gone {
            let own = after
                .columns
                .iter()
                .find(|it| it.name.eq_ignore_ascii_case(&constraint.name));
            match (is_column_check(before, constraint), own) {
                (true, column) => redefined.extend(column),
                (false, _) => actions.push(format!(
                    "DROP CONSTRAINT {}",
                    quoted(&constraint.name, DIALECT)
                )),
            }
        }
        for index in &change.indexes.gone {
            actions.push(format!("DROP INDEX {}", quoted(&index.name, DIALECT)));
        }
        if !change.primary_key.gone.is_empty() {
            actions.push("DROP PRIMARY KEY".to_owned());
        }
        for column in &change.columns.gone {
            actions.push(format!("DROP COLUMN {}", quoted(&column.name, DIALECT)));
        }
        for (at, column) in after.columns.iter().enumerate() {
            let definition = || column::definition(after, column);
            if change.columns.new.iter().any(|it| it.name == column.name) {
                let place = match at.checked_sub(1).and_then(|it| after.columns.get(it)) {
                    None => " FIRST".to_owned(),
                    Some(_) if at + 1 == after.columns.len() => String::new(),
                    Some(last) => format!(" AFTER {}", quoted(&last.name, DIALECT)),
                };
                actions.push(format!("ADD COLUMN {}{place}", definition()));
            } else if let Some((one, other, _)) = change
                .altered
                .iter()
                .find(|(_, it, _)| it.name == column.name)
                && one.generated.is_some() != other.generated.is_some()
            {
                self.out.look(format!(
                    "column `{}` of `{}` is dropped and made anew, since no statement turns a \
                     generated column into another one",
                    column.name, after.name
                ));
                actions.push(format!("DROP COLUMN {}", quoted(&column.name, DIALECT)));
                actions.push(format!("ADD COLUMN {}", definition()));
            } else if redefined.iter().any(|it| it.name == column.name)
                || change
                    .constraints
                    .new
                    .iter()
                    .any(|it| it.name.eq_ignore_ascii_case(&column.name))
            {
                actions.push(format!("MODIFY COLUMN {}", definition()));
            }
        }
        for key in &change.primary_key.new {
            actions.push(format!("ADD {}", primary_key(key)));
        }
        for index in &change.indexes.new {
            if !comes_with_key(index, &after.foreign_keys) {
                actions.push(format!("ADD {}", index_definition(index)));
            }
        }
        for constraint in &change.constraints.new {
            if !is_column_check(after, constraint) {
                actions.push(format!("ADD {}", check(constraint)));
            }
        }
        actions
    }

    pub(super) fn add_foreign_keys(&mut self) {
        let mut statements = Vec::new();
        for object in &self.plan.made {
            if let Object::Table(table) = object {
                let keys = table.foreign_keys.iter();
                statements.extend(keys.map(|key| add_foreign_key(&table.name, "", key)));
            }
        }
        for changed in &self.tables {
            for key in &changed.change.foreign_keys.new {
                let kept = kept_index(changed, key).map_or_else(String::new, |index| {
                    let name = quoted(&index.name, DIALECT);
                    format!("DROP INDEX {name}, ADD {}, ", index_definition(index))
                });
                statements.push(add_foreign_key(&changed.after.name, &kept, key));
            }
        }
        self.out.statements.extend(statements);
    }
}

fn add_foreign_key(table: &QualifiedName, before: &str, key: &ForeignKey) -> String {
    let table = qualified(table, DIALECT);
    format!("ALTER TABLE {table} {before}ADD {}", foreign_key(key))
}

/// An index that the server made for an earlier foreign key, and would put one with the new key's name
/// in the place of: where it is defined by somebody it stays.
fn kept_index<'s>(changed: &ChangedTable<'s>, key: &ForeignKey) -> Option<&'s Index> {
    let serves = |index: &Index| {
        let columns = index.keys.iter().filter_map(|it| it.column.as_ref());
        index.implicit && index.name != key.name && columns.eq(&key.columns)
    };
    let index = changed.after.indexes.iter().find(|it| serves(it))?;
    let is_new = changed
        .change
        .indexes
        .new
        .iter()
        .any(|it| it.name == index.name);
    (!is_new).then_some(index)
}

fn drop_foreign_key(table: &QualifiedName, key: &ForeignKey) -> String {
    format!(
        "ALTER TABLE {} DROP FOREIGN KEY {}",
        qualified(table, DIALECT),
        quoted(&key.name, DIALECT)
    )
}

/// Whether the server makes an index with a foreign key, under its name.
fn comes_with_key(index: &Index, keys: &[ForeignKey]) -> bool {
    index.implicit && keys.iter().any(|it| it.name == index.name)
}

fn primary_key(key: &Key) -> String {
    format!("PRIMARY KEY ({})", list(&key.columns, DIALECT))
}

fn check(constraint: &Constraint) -> String {
    let condition = constraint.check.as_ref().map(|it| it.text.as_str());
    format!(
        "CONSTRAINT {} CHECK {}",
        quoted(&constraint.name, DIALECT),
        enclosed(condition.unwrap_or_default(), DIALECT)
    )
}

fn index_definition(index: &Index) -> String {
    let sort = match (index.unique, index.method.as_str()) {
        (true, _) => "UNIQUE INDEX",
        (_, "fulltext") => "FULLTEXT INDEX",
        (_, "spatial") => "SPATIAL INDEX",
        _ => "INDEX",
    };
    let method = match index.method.as_str() {
        "hash" => " USING HASH",
        _ => "",
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
            if let Some(prefix) = key.prefix {
                text.push_str(&format!("({prefix})"));
            }
            if key.descending {
                text.push_str(" DESC");
            }
            text
        })
        .collect();
    let name = quoted(&index.name, DIALECT);
    format!("{sort} {name}{method} ({})", keys.join(", "))
}

fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        quoted(&key.name, DIALECT),
        list(&key.columns, DIALECT),
        qualified(&key.references, DIALECT),
        list(&key.referenced_columns, DIALECT)
    );
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        let words = match action {
            // For InnoDB both are one, and the one where nothing is said.
            ForeignKeyAction::NoAction | ForeignKeyAction::Restrict => continue,
            ForeignKeyAction::Cascade => "CASCADE",
            ForeignKeyAction::SetNull => "SET NULL",
            ForeignKeyAction::SetDefault => "SET DEFAULT",
        };
        text.push_str(&format!(" ON {event} {words}"));
    }
    text
}
