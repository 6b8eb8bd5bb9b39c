//! What statements that write rows have in common.

use super::cursor::Reader;
use super::fault::Read;
use crate::name::Ident;
use crate::scope::ColumnRef;

impl Reader<'_> {
    /// `a = 1, b = DEFAULT, (c, d) = (1, 2)`. The columns go into the list; one with a table before
    /// it is looked up in the scope.
    pub(in crate::dialect) fn assignments(&mut self, columns: &mut Vec<Ident>) -> Read<()> {
        self.list(|r| {
            if r.is_sqlite() && r.is_mark("(") {
                columns.extend(r.bracketed(|r| r.identifier("a column name"))?);
            } else {
                let mut names = r.column_name()?;
                match (names.pop(), names.pop()) {
                    (Some(column), qualifier @ Some(_)) => {
                        r.scope().columns.push(ColumnRef { qualifier, column });
                    }
                    (column, _) => columns.extend(column),
                }
            }
            if !r.eat_mark("=") && (r.is_sqlite() || !r.eat_mark(":=")) {
                return Err(r.expected("`=`"));
            }
            r.expression().map(|_| ())
        })
        .map(|_| ())
    }

    /// RETURNING, where it is written.
    pub(in crate::dialect) fn returning(&mut self) -> Read<()> {
        if self.eat("RETURNING") {
            self.output_columns()?;
        }
        Ok(())
    }

    /// Whether what begins with WITH here is a query: what follows its common table expressions
    /// tells.
    pub(in crate::dialect) fn is_with_query(&self) -> bool {
        let mut depth = 0_usize;
        let mut ahead = 0;
        while let Some(piece) = self.peek_at(ahead) {
            if piece.is_mark("(") {
                depth += 1;
            } else if piece.is_mark(")") {
                depth = depth.saturating_sub(1);
            } else if depth == 0 {
                let writes = ["INSERT", "REPLACE", "UPDATE", "DELETE"];
                if writes.iter().any(|word| piece.is(word)) {
                    return false;
                }
                if ["SELECT", "VALUES", "TABLE"]
                    .iter()
                    .any(|word| piece.is(word))
                {
                    return true;
                }
            }
            ahead += 1;
        }
        true
    }
}
