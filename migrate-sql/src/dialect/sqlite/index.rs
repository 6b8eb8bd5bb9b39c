//! CREATE INDEX of SQLite.

use crate::change::{Change, CreateIndex, IndexPart, PartKind};
use crate::dialect::reader::{Read, Reader};
use crate::name::{Ident, Span};

impl Reader<'_> {
    /// CREATE INDEX after the word INDEX.
    pub(super) fn sqlite_create_index(&mut self, unique: bool) -> Read<Vec<Change>> {
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.object_name("an index name")?;
        self.need("ON")?;
        let mut table = self.object_name("a table name")?;
        // The schema of an index is that of its table.
        table.schema = table.schema.or(name.schema);
        let parts = self.bracketed(Self::indexed_column)?;
        let predicate = if self.eat("WHERE") {
            Some(self.kept(Self::expression)?)
        } else {
            None
        };
        Ok(vec![Change::CreateIndex(Box::new(CreateIndex {
            name: Some(name.name),
            table: Some(table),
            unique,
            concurrently: false,
            if_not_exists,
            or_replace: false,
            only: false,
            method: None,
            parts,
            include: Vec::new(),
            nulls_not_distinct: false,
            predicate,
            algorithm: None,
            lock: None,
            span: self.whole(),
        }))])
    }

    /// A column or an expression of an index or key.
    pub(super) fn indexed_column(&mut self) -> Read<IndexPart> {
        let place = self.place();
        let mut part = None;
        if let Ok(name) = self.identifier("a column name")
            && (self.is_mark(",")
                || self.is_mark(")")
                || self.is_one_of(&["COLLATE", "ASC", "DESC", "AUTOINCREMENT"]))
        {
            let mut column = IndexPart::column(name);
            if self.eat("COLLATE") {
                column.collation = Some(self.collation()?);
            }
            part = Some(column);
        }
        let mut part = match part {
            Some(column) => column,
            None => {
                self.back(place);
                let expression = self.kept(Self::expression)?;
                IndexPart {
                    kind: PartKind::Expression(expression),
                    ..IndexPart::column(Ident::new("", Span::default()))
                }
            }
        };
        part.descending = self.direction();
        if self.eat("NULLS") {
            let first = self.need_one_of(&["FIRST", "LAST"])? == "FIRST";
            // NULL comes first in ascending order by itself.
            part.nulls_first = (first == part.descending).then_some(first);
        }
        Ok(part)
    }
}
