//! CREATE TABLE, DROP TABLE, RENAME TABLE.

use migrate_core::closest;

use super::column::ATTRIBUTES;
use super::key::Key;
use crate::change::{Change, ColumnDefinition, CreateTable, Drop, ObjectKind, TableLike};
use crate::dialect::SyntaxError;
use crate::dialect::reader::{Fault, Read, Reader};
use crate::name::ObjectName;

/// What stands between CREATE and TABLE.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TableModifiers {
    pub(super) or_replace: bool,
    pub(super) temporary: bool,
}

impl Reader<'_> {
    /// CREATE TABLE after the word TABLE.
    pub(super) fn create_table(&mut self, modifiers: TableModifiers) -> Read<Vec<Change>> {
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("a table name")?;
        let mut table = CreateTable {
            if_not_exists,
            or_replace: modifiers.or_replace,
            temporary: modifiers.temporary,
            ..CreateTable::new(name)
        };
        let like = self.is("LIKE") || (self.is_mark("(") && self.is_at(1, "LIKE"));
        if like {
            let bracket = self.eat_mark("(");
            self.need("LIKE")?;
            table.like.push(copied(self.object_name("a table name")?));
            if bracket {
                self.need_mark(")")?;
            }
            return Ok(vec![Change::CreateTable(Box::new(table))]);
        }
        if self.is_mark("(") && !self.is_bracketed_query() {
            self.need_mark("(")?;
            self.table_elements(&mut table)?;
        }
        table.options = self.table_options()?;
        table.partition_by = self.partition_by()?;
        table.options.extend(self.table_options()?);
        self.eat_one_of(&["IGNORE", "REPLACE"]);
        let written = self.eat("AS");
        if written || self.is_query() || self.is_mark("(") {
            let (_, scope) = self.scoped(Self::query)?;
            table.as_query = Some(Box::new(scope));
        } else if !self.at_end() && !self.is_terminator() {
            return Err(self.no_option());
        } else if table.columns.is_empty() && !table.has_elements() {
            return Err(self.expected("`(` and the columns of the table"));
        }
        no_such_default(&table)?;
        Ok(vec![Change::CreateTable(Box::new(table))])
    }

    fn is_terminator(&self) -> bool {
        self.is_kind(migrate_core::lex::TokenKind::Terminator)
    }

    /// Whether the opening bracket here begins a query and not the columns.
    fn is_bracketed_query(&self) -> bool {
        let mut ahead = 0;
        while self.is_mark_at(ahead, "(") {
            ahead += 1;
        }
        ["SELECT", "WITH", "VALUES"]
            .iter()
            .any(|word| self.is_at(ahead, word))
    }

    /// Columns, keys and constraints up to the closing bracket.
    fn table_elements(&mut self, table: &mut CreateTable) -> Read<()> {
        loop {
            if self.is("PERIOD") && self.is_at(1, "FOR") {
                self.period()?;
            } else if self.is_key() {
                match self.key()?.0 {
                    Key::Index(index) => table.indexes.push(index),
                    Key::Constraint(constraint) => table.constraints.push(constraint),
                }
            } else {
                table.columns.push(self.column()?);
            }
            if self.eat_mark(")") {
                return Ok(());
            }
            if !self.eat_mark(",") {
                return Err(self.after_element(table));
            }
        }
    }

    /// Neither comma nor bracket follows an element.
    fn after_element(&self, table: &CreateTable) -> Fault {
        let fault = match table.columns.last() {
            Some(last) if last.span.end >= self.here_end() && !self.at_end() => {
                let place = format!("in the definition of the column `{}`", last.name);
                self.unexpected(&place, ATTRIBUTES)
            }
            _ => self.expected("`,` or `)`"),
        };
        if self.is_identifier() || self.is_key() {
            return fault.or_help("is a comma missing before it?");
        }
        fault
    }

    /// MariaDB's `PERIOD FOR name (start, end)`.
    pub(super) fn period(&mut self) -> Read<()> {
        self.need_all(&["PERIOD", "FOR"])?;
        self.identifier("the name of a period")?;
        self.bracketed(|r| r.identifier("a column name"))?;
        Ok(())
    }

    /// DROP TABLE after the word TABLE.
    pub(super) fn drop_table(&mut self) -> Read<Vec<Change>> {
        self.drop_list(ObjectKind::Table, "a table name")
    }

    /// `[IF EXISTS] a, b [RESTRICT | CASCADE]`.
    pub(super) fn drop_list(&mut self, kind: ObjectKind, what: &str) -> Read<Vec<Change>> {
        let if_exists = self.eat_if_exists()?;
        let names = self.list(|r| r.object_name(what))?;
        self.wait()?;
        // Neither word does anything.
        self.eat_one_of(&["RESTRICT", "CASCADE"]);
        Ok(vec![Change::Drop(Drop {
            kind,
            names,
            table: None,
            arguments: None,
            if_exists,
            cascade: false,
            concurrently: false,
        })])
    }

    /// MariaDB: how long to wait for the lock.
    pub(super) fn wait(&mut self) -> Read<()> {
        if self.eat("WAIT") {
            self.need_number()?;
        } else {
            self.eat("NOWAIT");
        }
        Ok(())
    }

    /// RENAME TABLE after the word TABLE: all happen one after the other.
    pub(super) fn rename_tables(&mut self) -> Read<Vec<Change>> {
        let if_exists = self.eat_if_exists()?;
        self.list(|r| {
            let from = r.object_name("a table name")?;
            r.wait()?;
            r.need("TO")?;
            let to = r.object_name("a table name")?;
            Ok(Change::Rename {
                kind: ObjectKind::Table,
                from,
                to,
                table: None,
                if_exists,
            })
        })
    }
}

/// A bare word as a default is another column, on MariaDB only; where there is none of that name,
/// it is a mistake on all servers.
fn no_such_default(table: &CreateTable) -> Read<()> {
    let has = |name: &str| {
        let same = |column: &ColumnDefinition| column.name.name.eq_ignore_ascii_case(name);
        table.as_query.is_some() || table.columns.iter().any(same)
    };
    let defaults = table.columns.iter().filter_map(|it| it.default.as_ref());
    for default in defaults {
        if let [read] = default.scope.columns.as_slice()
            && read.column.span == default.span
            && !has(&read.column.name)
        {
            let words = ["NULL", "CURRENT_TIMESTAMP", "TRUE", "FALSE"];
            let meant = closest(&default.text, words);
            return Err(Fault::Broken(SyntaxError {
                message: format!("expected a default value, found `{}`", default.text),
                span: default.span,
                help: Some(match meant {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => "a text stands in quotes".to_owned(),
                }),
            }));
        }
    }
    Ok(())
}

impl CreateTable {
    fn has_elements(&self) -> bool {
        !self.constraints.is_empty() || !self.indexes.is_empty() || !self.options.is_empty()
    }
}

/// LIKE copies all but foreign keys.
fn copied(table: ObjectName) -> TableLike {
    TableLike {
        table,
        defaults: true,
        constraints: true,
        indexes: true,
        identity: true,
        generated: true,
    }
}
