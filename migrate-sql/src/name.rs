//! Names as scripts write them and as databases keep them.

use std::fmt;
use std::ops::Range;

/// Bytes in the text of a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// The same span in a text that has `by` bytes more before it.
    #[must_use]
    pub const fn shifted(self, by: usize) -> Self {
        Span {
            start: self.start + by,
            end: self.end + by,
        }
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Span::new(range.start, range.end)
    }
}

/// One identifier at its place in a script.
///
/// The name is as the database keeps it: unquoted, folded and cut to its longest length.
/// Equality is that of the name; the place does not count.
#[derive(Clone, Debug)]
pub struct Ident {
    /// As the database keeps it.
    pub name: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

impl Ident {
    /// An identifier at a place.
    pub fn new(name: impl Into<String>, span: impl Into<Span>) -> Self {
        Ident {
            name: name.into(),
            span: span.into(),
        }
    }
}

impl PartialEq for Ident {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Ident {}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The name of an object at its place in a script, with its schema where that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    /// The schema (on MySQL: the database; on SQLite: `main`, `temp` or an attached one).
    pub schema: Option<Ident>,
    /// The name.
    pub name: Ident,
}

impl ObjectName {
    /// A name without a schema.
    pub fn unqualified(name: Ident) -> Self {
        ObjectName { schema: None, name }
    }

    /// From the first byte of the schema to the last of the name.
    pub fn span(&self) -> Span {
        let start = self
            .schema
            .as_ref()
            .map_or(self.name.span.start, |schema| schema.span.start);
        Span::new(start, self.name.span.end)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        write!(f, "{}", self.name)
    }
}

/// The name of an object in a schema model.
///
/// `schema` is `None` for the one that an unqualified name means: `public` on PostgreSQL, the
/// current database on MySQL, `main` on SQLite.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QualifiedName {
    /// Another schema than the default one.
    pub schema: Option<String>,
    /// The name, as the database keeps it.
    pub name: String,
}

impl QualifiedName {
    /// A name in the default schema.
    pub fn unqualified(name: impl Into<String>) -> Self {
        QualifiedName {
            schema: None,
            name: name.into(),
        }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}
