//! What a statement does to one table that was there before the migration.

use super::lock::{Blocked, Lock};
use crate::name::Span;
use crate::schema::ObjectId;

/// Work in proportion to the rows of a table, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// However many rows there are, it takes the same time.
    Instant,
    /// Rows are read, or changed by a statement over rows.
    Rows,
    /// All rows are read and checked.
    Scan,
    /// Indexes are built.
    IndexBuild,
    /// The table and its indexes are stored anew.
    Rewrite,
}

impl Work {
    /// As messages say it, after "while".
    pub const fn name(self) -> &'static str {
        match self {
            Work::Instant => "the catalogue changes",
            Work::Rows => "the rows are read or changed",
            Work::Scan => "all rows are checked",
            Work::IndexBuild => "the index is built",
            Work::Rewrite => "the table is rewritten with its indexes",
        }
    }
}

/// What a statement does to one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The table or materialized view; `None` for all of a schema or database.
    pub table: Option<ObjectId>,
    /// What is locked.
    pub lock: Lock,
    /// What is done meanwhile.
    pub work: Work,
    /// Which form of statement does it.
    pub form: Form,
    /// The place of the clause.
    pub span: Span,
}

impl Effect {
    /// Whom it keeps away while it does work in proportion to the rows.
    pub fn blocks_while_it_works(&self) -> Blocked {
        match self.work {
            Work::Instant => Blocked::Nobody,
            _ => self.lock.blocks(),
        }
    }

    /// The table as messages name it.
    pub fn table_name(&self) -> String {
        match &self.table {
            Some(id) => format!("`{}`", id.name),
            None => "every table".to_owned(),
        }
    }
}

/// The form of a statement or clause: what rules tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// ADD COLUMN; with the reason why it is not instant.
    AddColumn {
        /// The column.
        column: String,
        /// Why all rows get a value of their own.
        reason: Option<String>,
    },
    /// SET NOT NULL.
    SetNotNull {
        /// The column.
        column: String,
    },
    /// ADD CHECK, also beside a column.
    AddCheck,
    /// ADD FOREIGN KEY: the referencing table.
    AddForeignKey,
    /// The table that a new foreign key references, or a dropped one did.
    Referenced,
    /// VALIDATE CONSTRAINT.
    Validate {
        /// The constraint.
        constraint: String,
    },
    /// ADD PRIMARY KEY, UNIQUE, EXCLUDE.
    AddKey {
        /// `PRIMARY KEY`, `UNIQUE` or `EXCLUDE`.
        kind: &'static str,
        /// USING INDEX.
        using_index: bool,
    },
    /// ALTER COLUMN TYPE, and MODIFY and CHANGE that do so.
    ChangeType {
        /// The column.
        column: String,
        /// The type before; `None` where it is not known.
        from: Option<String>,
        /// The type after.
        to: String,
    },
    /// A column gets another default, name, statistics and the like.
    ChangeColumn,
    /// CREATE INDEX, ADD INDEX.
    CreateIndex,
    /// DROP INDEX.
    DropIndex,
    /// REINDEX.
    Reindex,
    /// SET LOGGED, CLUSTER, VACUUM FULL and other forms that only rewrite.
    Rewrite {
        /// The words.
        what: String,
    },
    /// REFRESH MATERIALIZED VIEW.
    Refresh,
    /// ATTACH PARTITION: the table that becomes one.
    AttachPartition,
    /// DETACH PARTITION.
    DetachPartition,
    /// A constraint of a domain: a table with columns of it.
    DomainConstraint {
        /// The domain.
        domain: String,
    },
    /// DROP TABLE and DROP MATERIALIZED VIEW.
    DropTable,
    /// TRUNCATE.
    Truncate,
    /// INSERT, UPDATE, DELETE, SELECT.
    Rows,
    /// Another clause of ALTER TABLE, or a statement that only changes the catalogue.
    Other,
}
