//! CREATE INDEX and DROP INDEX.

use crate::change::{Change, CreateIndex, Drop, ObjectKind};
use crate::dialect::reader::{Read, Reader};
use crate::name::{Ident, ObjectName, Span};

impl Reader<'_> {
    /// CREATE INDEX after the word INDEX. `kind` is `UNIQUE`, `FULLTEXT`, `SPATIAL` or nothing.
    pub(super) fn create_index(
        &mut self,
        or_replace: bool,
        kind: Option<&str>,
    ) -> Read<Vec<Change>> {
        let if_not_exists = self.eat_if_not_exists()?;
        let name = self.identifier("an index name")?;
        let before = self.index_method()?;
        self.need("ON")?;
        let table = self.object_name("a table name")?;
        let parts = self.index_parts()?;
        let mut method = before;
        if let Some(after) = self.index_options()? {
            method = Some(after);
        }
        self.wait()?;
        let mut index = CreateIndex {
            name: Some(name),
            table: Some(table),
            unique: kind == Some("UNIQUE"),
            concurrently: false,
            if_not_exists,
            or_replace,
            only: false,
            method: match kind {
                Some("UNIQUE") | None => method,
                Some(kind) => Some(kind.to_lowercase()),
            },
            parts,
            include: Vec::new(),
            nulls_not_distinct: false,
            predicate: None,
            algorithm: None,
            lock: None,
            span: self.whole(),
        };
        (index.algorithm, index.lock) = self.online_clauses()?;
        Ok(vec![Change::CreateIndex(Box::new(index))])
    }

    /// `ALGORITHM=…` and `LOCK=…`.
    fn online_clauses(&mut self) -> Read<(Option<String>, Option<String>)> {
        let (mut algorithm, mut lock) = (None, None);
        loop {
            if self.eat("ALGORITHM") {
                self.eat_mark("=");
                let words = ["DEFAULT", "INSTANT", "NOCOPY", "INPLACE", "COPY"];
                algorithm = Some(self.need_one_of(&words)?.to_owned());
            } else if self.eat("LOCK") {
                self.eat_mark("=");
                let words = ["DEFAULT", "NONE", "SHARED", "EXCLUSIVE"];
                lock = Some(self.need_one_of(&words)?.to_owned());
            } else {
                return Ok((algorithm, lock));
            }
        }
    }

    /// DROP INDEX after the word INDEX.
    pub(super) fn drop_index(&mut self) -> Read<Vec<Change>> {
        let if_exists = self.eat_if_exists()?;
        let name = if self.is("PRIMARY") {
            let piece = self.next();
            let span = piece.map_or(Span::default(), |piece| self.span_of(piece));
            Ident::new("PRIMARY", span)
        } else {
            self.identifier("an index name")?
        };
        self.need("ON")?;
        let table = self.object_name("a table name")?;
        self.wait()?;
        self.online_clauses()?;
        Ok(vec![Change::Drop(Drop {
            kind: ObjectKind::Index,
            names: vec![ObjectName::unqualified(name)],
            table: Some(table),
            arguments: None,
            if_exists,
            cascade: false,
            concurrently: false,
        })])
    }
}
