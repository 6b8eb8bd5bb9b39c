//! Tables and what belongs to them.

use crate::change::{ForeignKeyAction, Generated, Identity, Partition, TableOption, TriggerTiming};
use crate::column_type::ColumnType;
use crate::conflict::Origin;
use crate::expression::Expression;
use crate::name::QualifiedName;

use super::Reads;

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: QualifiedName,
    /// A foreign table.
    pub foreign: bool,
    /// UNLOGGED.
    pub unlogged: bool,
    /// TEMPORARY.
    pub temporary: bool,
    /// In the order of the table.
    pub columns: Vec<Column>,
    /// PRIMARY KEY.
    pub primary_key: Option<Key>,
    /// UNIQUE constraints. On MySQL and SQLite, where a unique constraint is an index, they are
    /// [indexes](Table::indexes).
    pub unique: Vec<Key>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK and EXCLUDE.
    pub constraints: Vec<Constraint>,
    /// Indexes, without those that belong to a key of `primary_key` and `unique`.
    pub indexes: Vec<Index>,
    /// Triggers.
    pub triggers: Vec<Trigger>,
    /// Row security policies.
    pub policies: Vec<Policy>,
    /// ENABLE ROW LEVEL SECURITY.
    pub row_security: bool,
    /// FORCE ROW LEVEL SECURITY.
    pub forced_row_security: bool,
    /// The table that it is a partition of.
    pub partition_of: Option<QualifiedName>,
    /// Its bounds, where it is a partition and they are known.
    pub bounds: Option<Partition>,
    /// The text of PARTITION BY.
    pub partition_by: Option<String>,
    /// The tables that it inherits from.
    pub inherits: Vec<QualifiedName>,
    /// Engine, charset, STRICT, WITHOUT ROWID and the like, where they differ from the default.
    pub options: Vec<TableOption>,
    /// Not all of its columns, keys and indexes are known: what is not found in it may be there.
    pub uncertain: bool,
    /// The statement that makes it, where it was read from a database; a script has it at
    /// [`origin`](Table::origin).
    pub statement: Option<String>,
    /// Where it was made; `None` where it comes from a database.
    pub origin: Option<Origin>,
}

impl Table {
    /// A table without anything in it.
    pub fn new(name: QualifiedName) -> Self {
        Table {
            name,
            foreign: false,
            unlogged: false,
            temporary: false,
            columns: Vec::new(),
            primary_key: None,
            unique: Vec::new(),
            foreign_keys: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            triggers: Vec::new(),
            policies: Vec::new(),
            row_security: false,
            forced_row_security: false,
            partition_of: None,
            bounds: None,
            partition_by: None,
            inherits: Vec::new(),
            options: Vec::new(),
            uncertain: false,
            statement: None,
            origin: None,
        }
    }

    /// The primary key and the unique constraints.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.primary_key.iter().chain(&self.unique)
    }

    /// The names of its indexes, with those of keys and of EXCLUDE.
    pub fn index_names(&self) -> impl Iterator<Item = &str> {
        self.keys()
            .map(|key| &*key.name)
            .chain(
                self.constraints
                    .iter()
                    .filter(|constraint| constraint.exclude.is_some())
                    .map(|constraint| &*constraint.name),
            )
            .chain(self.indexes.iter().map(|index| &*index.name))
    }

    /// The names of its constraints.
    pub fn constraint_names(&self) -> impl Iterator<Item = &str> {
        self.keys()
            .map(|key| &*key.name)
            .chain(self.foreign_keys.iter().map(|key| &*key.name))
            .chain(self.constraints.iter().map(|constraint| &*constraint.name))
    }
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type; `None` where it is not known.
    pub column_type: Option<ColumnType>,
    /// Whether it takes NULL; the columns of a primary key do not, but for SQLite's rule.
    pub nullable: bool,
    /// DEFAULT, but for the one that `auto_increment` makes.
    pub default: Option<Expression>,
    /// ON UPDATE CURRENT_TIMESTAMP.
    pub on_update: Option<String>,
    /// GENERATED ALWAYS AS.
    pub generated: Option<Generated>,
    /// Identity.
    pub identity: Option<Identity>,
    /// Serial, AUTO_INCREMENT, AUTOINCREMENT.
    pub auto_increment: bool,
    /// COLLATE, where it differs from the default.
    pub collation: Option<String>,
    /// MySQL's character set, where it differs from the table's.
    pub charset: Option<String>,
    /// MySQL's INVISIBLE.
    pub hidden: bool,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// A primary or unique key.
#[derive(Clone, Debug)]
pub struct Key {
    /// The constraint's name, also where the database chose it; empty on SQLite, which has none, and
    /// `PRIMARY` on MySQL.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// A foreign key.
#[derive(Clone, Debug)]
pub struct ForeignKey {
    /// Its name, also where the database chose it; empty where SQLite has none.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The referenced table.
    pub references: QualifiedName,
    /// The referenced columns, also where the primary key was meant.
    pub referenced_columns: Vec<String>,
    /// ON DELETE.
    pub on_delete: ForeignKeyAction,
    /// ON UPDATE.
    pub on_update: ForeignKeyAction,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// Not NOT VALID.
    pub validated: bool,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// A check or an exclusion constraint.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Its name, also where the database chose it; empty where SQLite has none.
    pub name: String,
    /// What must hold; `None` for EXCLUDE.
    pub check: Option<Expression>,
    /// What EXCLUDE says, white space squeezed.
    pub exclude: Option<String>,
    /// Not NOT VALID.
    pub validated: bool,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// An index.
#[derive(Clone, Debug)]
pub struct Index {
    /// Its name, also where the database chose it.
    pub name: String,
    /// UNIQUE.
    pub unique: bool,
    /// `btree`, `gin`, `fulltext`, in lower case.
    pub method: String,
    /// What is indexed.
    pub keys: Vec<IndexKey>,
    /// INCLUDE.
    pub include: Vec<String>,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// WHERE.
    pub predicate: Option<Expression>,
    /// A CREATE INDEX CONCURRENTLY that failed leaves an invalid one.
    pub valid: bool,
    /// MySQL made it for a foreign key, and takes it away for one that serves as well.
    pub implicit: bool,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// What an index has in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    /// A column's name, or nothing for an expression.
    pub column: Option<String>,
    /// An expression.
    pub expression: Option<Expression>,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST or LAST, where it differs from the direction's default.
    pub nulls_first: Option<bool>,
    /// COLLATE, where it differs from the column's.
    pub collation: Option<String>,
    /// The operator class, where it differs from the default.
    pub operator_class: Option<String>,
    /// MySQL's prefix length.
    pub prefix: Option<u64>,
}

/// A trigger.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// When it runs.
    pub timing: TriggerTiming,
    /// PostgreSQL: the function that it runs.
    pub function: Option<QualifiedName>,
    /// The words of its definition, white space squeezed, so that a changed one differs; empty where
    /// only the name is known.
    pub definition: String,
    /// The columns that it depends on: UPDATE OF, WHEN.
    pub columns: Vec<String>,
    /// The statement that makes it, where it was read from a database; a script has it at
    /// [`origin`](Trigger::origin).
    pub statement: Option<String>,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// A row security policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// USING and WITH CHECK.
    pub expressions: Vec<Expression>,
    /// What these read besides the table itself.
    pub reads: Reads,
    /// The statement that makes it, where it was read from a database; a script has it at
    /// [`origin`](Policy::origin).
    pub statement: Option<String>,
    /// Where it was made.
    pub origin: Option<Origin>,
}
