//! What a query or an expression reads: tables, columns and functions, with the scopes in which
//! their names are looked up.

use crate::name::{Ident, ObjectName};

/// A place where names are looked up: a query with its FROM list, or an expression.
///
/// A column that no source of a scope has is looked up in the enclosing scope, as SQL does for
/// correlated subqueries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// What stands in FROM, and what an expression belongs to.
    pub sources: Vec<Source>,
    /// Columns that are read.
    pub columns: Vec<ColumnRef>,
    /// Names that the query itself gives to its output; ORDER BY, GROUP BY and HAVING may use them.
    pub output: Vec<String>,
    /// The select list in its order, so that the columns of a view or of AS SELECT can be told;
    /// empty where there is none. For set operations: that of the first arm.
    pub select: Vec<SelectItem>,
    /// Functions that are called. A dialect leaves out those that come with the database and change
    /// no schema: what is called here is looked up in the model, and one that the model does not
    /// know may do anything.
    pub functions: Vec<FunctionCall>,
    /// Types that are cast to.
    pub types: Vec<ObjectName>,
    /// Subqueries, common table expressions and the other arms of set operations.
    pub inner: Vec<Scope>,
    /// Something here could not be followed, so a column that is not found may still be there.
    pub opaque: bool,
}

/// One entry of a select list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectItem {
    /// `*` and `t.*`.
    Star {
        /// The table or alias before the dot.
        qualifier: Option<Ident>,
    },
    /// A plain column; its type, too, is the result's.
    Column {
        /// Which.
        column: ColumnRef,
        /// The name of the result: the column's own or AS.
        name: String,
    },
    /// `(value).*`: the fields of a value, however many they are.
    Fields,
    /// Anything else.
    Expression {
        /// AS, or the name that the database gives; `None` where that is not known.
        name: Option<String>,
    },
}

/// One entry of a FROM list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name under which its columns are qualified, where that is not the table's own.
    pub alias: Option<Ident>,
    /// What it is.
    pub kind: SourceKind,
}

/// What stands in a FROM list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A table or a view. A name that a common table expression has is
    /// [`Derived`](SourceKind::Derived).
    Relation(ObjectName),
    /// A subquery or a common table expression with these columns; `None` where they are not known.
    Derived {
        /// The names of its columns.
        columns: Option<Vec<String>>,
    },
    /// A function, VALUES, JSON_TABLE and the like: its columns are not known.
    Unknown,
}

/// A column that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRef {
    /// The table or alias before the dot.
    pub qualifier: Option<Ident>,
    /// The column.
    pub column: Ident,
}

/// A function that is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCall {
    /// Its name; keyword-like functions as `current_timestamp` are in lower case.
    pub name: ObjectName,
    /// How many arguments it is given.
    pub arguments: usize,
}

impl Scope {
    /// What may read anything.
    pub fn unknown() -> Self {
        Scope {
            opaque: true,
            ..Scope::default()
        }
    }

    /// Takes over what another scope has, as if both were one.
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    pub(crate) fn absorb(&mut self, other: Scope) {
        self.sources.extend(other.sources);
        self.columns.extend(other.columns);
        self.output.extend(other.output);
        self.select.extend(other.select);
        self.functions.extend(other.functions);
        self.types.extend(other.types);
        self.inner.extend(other.inner);
        self.opaque |= other.opaque;
    }

    /// This scope and all inner ones, outermost first.
    pub fn walk(&self) -> impl Iterator<Item = &Scope> {
        let mut waiting = vec![self];
        std::iter::from_fn(move || {
            let scope = waiting.pop()?;
            waiting.extend(scope.inner.iter().rev());
            Some(scope)
        })
    }

    /// The tables and views that are read anywhere in it.
    pub fn relations(&self) -> impl Iterator<Item = &ObjectName> {
        self.walk()
            .flat_map(|scope| &scope.sources)
            .filter_map(|source| match &source.kind {
                SourceKind::Relation(name) => Some(name),
                _ => None,
            })
    }
}
