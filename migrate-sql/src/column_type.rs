//! Types of columns, in each database's own canonical spelling.

use std::fmt;

/// The type of a column, as its database would name it.
///
/// PostgreSQL: what `format_type` prints, `int4` is `integer`, `varchar(20)[]` is
/// `character varying(20)[]`; user-defined types carry their schema unless it is the default one.
/// MySQL: `COLUMN_TYPE` of `information_schema.columns`, as `int(10) unsigned` or
/// `enum('a','b')`. SQLite: the declared type, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ColumnType {
    /// The schema of a user-defined type, where it is not the default one.
    pub schema: Option<String>,
    /// The name without modifiers, as `timestamp with time zone` or `int`; empty where SQLite has
    /// none.
    pub name: String,
    /// What stands in parentheses: lengths, precisions, the quoted values of a MySQL enum.
    pub modifiers: Vec<String>,
    /// What follows: `unsigned`, `unsigned zerofill`; empty for most.
    pub suffix: String,
    /// How many dimensions of array; PostgreSQL keeps 0 and 1 apart, not how many.
    pub dimensions: u8,
}

impl ColumnType {
    /// A type without modifiers.
    pub fn named(name: impl Into<String>) -> Self {
        ColumnType {
            name: name.into(),
            ..ColumnType::default()
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        // PostgreSQL writes `timestamp(3) with time zone`.
        let (head, tail) = match self.name.split_once(' ') {
            Some((head, tail)) if tail.starts_with("with") => (head, Some(tail)),
            _ => (self.name.as_str(), None),
        };
        f.write_str(head)?;
        if !self.modifiers.is_empty() {
            write!(f, "({})", self.modifiers.join(","))?;
        }
        if let Some(tail) = tail {
            write!(f, " {tail}")?;
        }
        if !self.suffix.is_empty() {
            write!(f, " {}", self.suffix)?;
        }
        for _ in 0..self.dimensions {
            f.write_str("[]")?;
        }
        Ok(())
    }
}
