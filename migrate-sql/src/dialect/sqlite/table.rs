//! CREATE TABLE and ALTER TABLE of SQLite.

use std::collections::BTreeSet;

use crate::change::{
    AlterTable, Change, ConstraintDefinition, ConstraintKind, CreateTable, IndexPart, ObjectKind,
    Opaque, TableAction, TableOption, Touches,
};
use crate::dialect::reader::{Read, Reader};

/// Endings of the tables that the modules of full-text search and R-trees keep beside their own.
const SHADOWS: &[&str] = &[
    "config", "content", "data", "docsize", "idx", "node", "parent", "rowid", "segdir", "segments",
    "stat",
];

impl Reader<'_> {
    /// CREATE TABLE after the word TABLE.
    pub(super) fn sqlite_create_table(&mut self, temporary: bool) -> Read<Vec<Change>> {
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("a table name")?;
        let mut table = CreateTable {
            if_not_exists,
            temporary,
            ..CreateTable::new(name)
        };
        if self.eat("AS") {
            let (_, scope) = self.scoped(Self::query)?;
            table.as_query = Some(Box::new(scope));
            return Ok(vec![Change::CreateTable(Box::new(table))]);
        }
        self.need_mark("(")?;
        loop {
            if self.is_table_constraint() {
                let constraint = self.table_constraint(&mut table)?;
                table.constraints.extend(constraint);
                // The comma between constraints may be missing.
                if self.is_table_constraint() {
                    continue;
                }
            } else {
                table.columns.push(self.sqlite_column()?);
            }
            if !self.eat_mark(",") {
                break;
            }
        }
        self.need_closing()?;
        while !self.at_end() && !self.is_mark(";") {
            let name = if self.eat("STRICT") {
                "STRICT"
            } else {
                self.need_all(&["WITHOUT", "ROWID"])?;
                "WITHOUT ROWID"
            };
            table.options.push(TableOption {
                name: name.to_owned(),
                value: String::new(),
            });
            self.eat_mark(",");
        }
        Ok(vec![Change::CreateTable(Box::new(table))])
    }

    fn is_table_constraint(&self) -> bool {
        self.is_one_of(&["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"])
    }

    /// A constraint of a table; none where CONSTRAINT gives a name to nothing.
    fn table_constraint(&mut self, table: &mut CreateTable) -> Read<Option<ConstraintDefinition>> {
        let start = self.start();
        let name = if self.eat("CONSTRAINT") {
            Some(self.identifier("a constraint name")?)
        } else {
            None
        };
        let kind = if self.eat("PRIMARY") {
            self.need("KEY")?;
            self.need_mark("(")?;
            let columns = self.list(Self::indexed_column)?;
            if self.eat("AUTOINCREMENT") {
                increment(table, &columns);
            }
            self.need_closing()?;
            self.conflict_clause()?;
            let using_index = None;
            ConstraintKind::PrimaryKey {
                columns,
                using_index,
            }
        } else if self.eat("UNIQUE") {
            let columns = self.bracketed(Self::indexed_column)?;
            self.conflict_clause()?;
            ConstraintKind::Unique {
                columns,
                using_index: None,
                nulls_not_distinct: false,
            }
        } else if self.eat("CHECK") {
            self.need_mark("(")?;
            let check = self.kept(Self::expression)?;
            self.need_mark(")")?;
            self.conflict_clause()?;
            ConstraintKind::Check(check)
        } else if self.eat("FOREIGN") {
            self.need("KEY")?;
            let columns = self.bracketed(|r| r.identifier("a column name"))?;
            let references = self.references()?;
            ConstraintKind::ForeignKey {
                columns,
                references,
            }
        } else {
            return Ok(None);
        };
        let deferrable = self.deferrable()?;
        let span = self.span_from(start);
        Ok(Some(ConstraintDefinition {
            deferrable,
            ..ConstraintDefinition::new(name, kind, span)
        }))
    }

    /// CREATE VIRTUAL TABLE after the word TABLE. What its module makes is not known, but how the
    /// tables of SQLite's own modules are called.
    pub(super) fn create_virtual_table(&mut self) -> Read<Vec<Change>> {
        self.eat_if_not_exists()?;
        let name = self.object_name("a table name")?.name.name.to_lowercase();
        self.skip_all();
        let shadows = SHADOWS.iter().map(|ending| format!("{name}_{ending}"));
        let mut words: BTreeSet<String> = shadows.collect();
        words.insert(name);
        Ok(vec![Change::Opaque(Opaque {
            reason: "a virtual table".to_owned(),
            touches: Touches::Words(words),
            span: self.whole(),
        })])
    }

    /// ALTER TABLE after the word TABLE.
    pub(super) fn sqlite_alter_table(&mut self) -> Read<Vec<Change>> {
        let name = self.object_name("a table name")?;
        let action = match self.need_one_of(&["RENAME", "ADD", "DROP"])? {
            "RENAME" if self.eat("TO") => {
                let to = self.object_name("a table name")?;
                return Ok(vec![Change::Rename {
                    kind: ObjectKind::Table,
                    from: name,
                    to,
                    table: None,
                    if_exists: false,
                }]);
            }
            "RENAME" => {
                if self.is("COLUMN") && !self.is_at(1, "TO") {
                    self.next();
                }
                let from = self.identifier("a column name")?;
                self.need("TO")?;
                let to = self.identifier("a column name")?;
                TableAction::RenameColumn { from, to }
            }
            "ADD" => {
                self.eat("COLUMN");
                TableAction::AddColumn {
                    column: self.sqlite_column()?,
                    if_not_exists: false,
                    position: None,
                }
            }
            _ => {
                self.eat("COLUMN");
                TableAction::DropColumn {
                    name: self.identifier("a column name")?,
                    if_exists: false,
                    cascade: false,
                }
            }
        };
        Ok(vec![Change::AlterTable(Box::new(AlterTable {
            name,
            if_exists: false,
            actions: vec![action],
            algorithm: None,
            lock: None,
            span: self.whole(),
        }))])
    }
}

/// AUTOINCREMENT in a constraint of the table is about its only column.
fn increment(table: &mut CreateTable, key: &[IndexPart]) {
    let Some(name) = key.first().and_then(IndexPart::as_column) else {
        return;
    };
    for column in &mut table.columns {
        column.auto_increment |= column.name.name.eq_ignore_ascii_case(&name.name);
    }
}
