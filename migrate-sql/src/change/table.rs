//! Tables, columns and constraints.

use super::IndexPart;
use crate::column_type::ColumnType;
use crate::expression::Expression;
use crate::name::{Ident, ObjectName, Span};
use crate::scope::Scope;

/// CREATE TABLE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateTable {
    /// The table.
    pub name: ObjectName,
    /// Nothing happens where it is there.
    pub if_not_exists: bool,
    /// MariaDB's OR REPLACE.
    pub or_replace: bool,
    /// TEMPORARY: gone with the session.
    pub temporary: bool,
    /// UNLOGGED.
    pub unlogged: bool,
    /// FOREIGN TABLE.
    pub foreign: bool,
    /// Its columns, with the constraints that stand beside them.
    pub columns: Vec<ColumnDefinition>,
    /// The constraints that stand for themselves.
    pub constraints: Vec<ConstraintDefinition>,
    /// MySQL's indexes in the list of columns; they have no table of their own.
    pub indexes: Vec<super::CreateIndex>,
    /// LIKE clauses.
    pub like: Vec<TableLike>,
    /// INHERITS.
    pub inherits: Vec<ObjectName>,
    /// PARTITION OF this table.
    pub partition_of: Option<(ObjectName, Partition)>,
    /// PARTITION BY; the text of its key.
    pub partition_by: Option<String>,
    /// AS SELECT; its columns are then unknown unless they are listed or derived.
    pub as_query: Option<Box<Scope>>,
    /// Engine, charset, STRICT, WITHOUT ROWID and other options.
    pub options: Vec<TableOption>,
}

impl CreateTable {
    /// A table without anything in it.
    pub fn new(name: ObjectName) -> Self {
        CreateTable {
            name,
            if_not_exists: false,
            or_replace: false,
            temporary: false,
            unlogged: false,
            foreign: false,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            like: Vec::new(),
            inherits: Vec::new(),
            partition_of: None,
            partition_by: None,
            as_query: None,
            options: Vec::new(),
        }
    }
}

/// An option of a table, as `ENGINE=InnoDB`: name in upper case, value as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableOption {
    /// `ENGINE`, `DEFAULT CHARSET`, `COLLATE`, `STRICT`, `WITHOUT ROWID`.
    pub name: String,
    /// Its value; empty where it has none.
    pub value: String,
}

/// LIKE in a list of columns, and MySQL's CREATE TABLE … LIKE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableLike {
    /// The table that is copied.
    pub table: ObjectName,
    /// INCLUDING DEFAULTS.
    pub defaults: bool,
    /// INCLUDING CONSTRAINTS: checks; NOT NULL is always copied.
    pub constraints: bool,
    /// INCLUDING INDEXES: also primary and unique keys.
    pub indexes: bool,
    /// INCLUDING IDENTITY.
    pub identity: bool,
    /// INCLUDING GENERATED.
    pub generated: bool,
}

/// The bounds of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Partition {
    /// DEFAULT.
    Default,
    /// FOR VALUES; the text.
    Values(String),
}

/// A column as it is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDefinition {
    /// Its name.
    pub name: Ident,
    /// Its type; `None` where SQLite has none or AS SELECT leaves it open.
    pub column_type: Option<ColumnType>,
    /// Where the type stands.
    pub type_span: Span,
    /// Integer from a sequence of its own: PostgreSQL's serial, MySQL's AUTO_INCREMENT, SQLite's
    /// AUTOINCREMENT.
    pub auto_increment: bool,
    /// NOT NULL or NULL, where it is written.
    pub nullable: Option<bool>,
    /// DEFAULT; `None` where none is written.
    pub default: Option<Expression>,
    /// MySQL's ON UPDATE CURRENT_TIMESTAMP.
    pub on_update: Option<String>,
    /// GENERATED ALWAYS AS (expression).
    pub generated: Option<Generated>,
    /// GENERATED AS IDENTITY.
    pub identity: Option<Identity>,
    /// COLLATE.
    pub collation: Option<String>,
    /// MySQL's CHARACTER SET.
    pub charset: Option<String>,
    /// MySQL's INVISIBLE: `*` and INSERT without a list leave it out.
    pub hidden: bool,
    /// Constraints beside the column; their columns are this one.
    pub constraints: Vec<ConstraintDefinition>,
    /// All of it.
    pub span: Span,
}

impl ColumnDefinition {
    /// A column of which only the name is known.
    pub fn new(name: Ident) -> Self {
        let span = name.span;
        ColumnDefinition {
            name,
            column_type: None,
            type_span: span,
            auto_increment: false,
            nullable: None,
            default: None,
            on_update: None,
            generated: None,
            identity: None,
            collation: None,
            charset: None,
            hidden: false,
            constraints: Vec::new(),
            span,
        }
    }
}

/// A generated column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// What it is computed from.
    pub expression: Expression,
    /// STORED, not VIRTUAL.
    pub stored: bool,
}

/// An identity column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// GENERATED ALWAYS.
    Always,
    /// GENERATED BY DEFAULT.
    ByDefault,
}

/// A constraint as it is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstraintDefinition {
    /// Its name, where it is written.
    pub name: Option<Ident>,
    /// What it says.
    pub kind: ConstraintKind,
    /// NOT VALID.
    pub not_valid: bool,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// MySQL's NOT ENFORCED.
    pub not_enforced: bool,
    /// All of it.
    pub span: Span,
}

impl ConstraintDefinition {
    /// A constraint that is enforced from the start, at once and on all rows.
    pub fn new(name: Option<Ident>, kind: ConstraintKind, span: Span) -> Self {
        ConstraintDefinition {
            name,
            kind,
            not_valid: false,
            deferrable: false,
            initially_deferred: false,
            not_enforced: false,
            span,
        }
    }
}

/// What a constraint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// PRIMARY KEY.
    PrimaryKey {
        /// Its columns; MySQL's may have a prefix length.
        columns: Vec<IndexPart>,
        /// USING INDEX.
        using_index: Option<Ident>,
    },
    /// UNIQUE.
    Unique {
        /// Its columns.
        columns: Vec<IndexPart>,
        /// USING INDEX.
        using_index: Option<Ident>,
        /// NULLS NOT DISTINCT.
        nulls_not_distinct: bool,
    },
    /// FOREIGN KEY.
    ForeignKey {
        /// Its columns.
        columns: Vec<Ident>,
        /// What they reference.
        references: References,
    },
    /// CHECK.
    Check(Expression),
    /// EXCLUDE; the columns that it names.
    Exclude {
        /// The text after EXCLUDE.
        text: String,
        /// What it reads.
        scope: Scope,
    },
}

/// The referenced side of a foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct References {
    /// The table.
    pub table: ObjectName,
    /// The columns; empty for the primary key.
    pub columns: Vec<Ident>,
    /// ON DELETE.
    pub on_delete: ForeignKeyAction,
    /// ON UPDATE.
    pub on_update: ForeignKeyAction,
}

/// What happens to the referencing rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ForeignKeyAction {
    /// NO ACTION, and where nothing is written.
    #[default]
    NoAction,
    /// RESTRICT.
    Restrict,
    /// CASCADE.
    Cascade,
    /// SET NULL.
    SetNull,
    /// SET DEFAULT.
    SetDefault,
}

/// ALTER TABLE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterTable {
    /// The table.
    pub name: ObjectName,
    /// Nothing happens where it is not there.
    pub if_exists: bool,
    /// What happens, in order.
    pub actions: Vec<TableAction>,
    /// MySQL's `ALGORITHM=…`, in upper case.
    pub algorithm: Option<String>,
    /// MySQL's `LOCK=…`, in upper case.
    pub lock: Option<String>,
    /// The statement.
    pub span: Span,
}

/// One action of ALTER TABLE.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableAction {
    /// ADD COLUMN.
    AddColumn {
        /// The column.
        column: ColumnDefinition,
        /// Nothing happens where it is there.
        if_not_exists: bool,
        /// MySQL's FIRST and AFTER.
        position: Option<ColumnPosition>,
    },
    /// DROP COLUMN.
    DropColumn {
        /// The column.
        name: Ident,
        /// Nothing happens where it is not there.
        if_exists: bool,
        /// With all that depends on it.
        cascade: bool,
    },
    /// RENAME COLUMN.
    RenameColumn {
        /// The name before.
        from: Ident,
        /// The name after.
        to: Ident,
    },
    /// ALTER COLUMN.
    AlterColumn {
        /// The column.
        name: Ident,
        /// What happens to it.
        change: Box<ColumnChange>,
        /// MariaDB: nothing happens where it is not there.
        if_exists: bool,
    },
    /// MySQL's MODIFY and CHANGE: the column is defined anew.
    ModifyColumn {
        /// The name before.
        from: Ident,
        /// The new definition, with the new name.
        column: ColumnDefinition,
        /// FIRST and AFTER.
        position: Option<ColumnPosition>,
        /// MariaDB: nothing happens where it is not there.
        if_exists: bool,
    },
    /// ADD CONSTRAINT, ADD PRIMARY KEY and the like.
    AddConstraint {
        /// The constraint.
        constraint: ConstraintDefinition,
        /// MariaDB: nothing happens where it is there.
        if_not_exists: bool,
    },
    /// DROP CONSTRAINT.
    DropConstraint {
        /// Its name.
        name: Ident,
        /// Nothing happens where it is not there.
        if_exists: bool,
        /// With all that depends on it.
        cascade: bool,
    },
    /// MySQL's DROP PRIMARY KEY.
    DropPrimaryKey {
        /// Where it stands.
        span: Span,
    },
    /// MySQL's DROP FOREIGN KEY.
    DropForeignKey {
        /// Its name.
        name: Ident,
        /// Nothing happens where it is not there.
        if_exists: bool,
    },
    /// RENAME CONSTRAINT.
    RenameConstraint {
        /// The name before.
        from: Ident,
        /// The name after.
        to: Ident,
    },
    /// VALIDATE CONSTRAINT.
    ValidateConstraint {
        /// Its name.
        name: Ident,
    },
    /// ALTER CONSTRAINT: deferrable or not.
    AlterConstraint {
        /// Its name.
        name: Ident,
        /// DEFERRABLE or NOT DEFERRABLE, where it is written.
        deferrable: Option<bool>,
        /// INITIALLY DEFERRED or not, where either is written.
        initially_deferred: Option<bool>,
    },
    /// MySQL's ADD INDEX.
    AddIndex(super::CreateIndex),
    /// MySQL's DROP INDEX.
    DropIndex {
        /// Its name.
        name: Ident,
        /// Nothing happens where it is not there.
        if_exists: bool,
    },
    /// MySQL's RENAME INDEX.
    RenameIndex {
        /// The name before.
        from: Ident,
        /// The name after.
        to: Ident,
    },
    /// MySQL's RENAME TO beside other actions.
    RenameTable {
        /// The name after.
        to: ObjectName,
    },
    /// ATTACH PARTITION.
    AttachPartition {
        /// The partition.
        partition: ObjectName,
        /// Its bounds.
        bounds: Partition,
    },
    /// DETACH PARTITION.
    DetachPartition {
        /// The partition.
        partition: ObjectName,
        /// CONCURRENTLY.
        concurrently: bool,
    },
    /// INHERIT and NO INHERIT.
    Inherit {
        /// The parent.
        parent: ObjectName,
        /// NO INHERIT.
        no: bool,
    },
    /// SET LOGGED and SET UNLOGGED.
    SetLogged {
        /// LOGGED.
        logged: bool,
    },
    /// SET TABLESPACE, SET ACCESS METHOD: the table is rewritten.
    Rewrite {
        /// As messages name it.
        what: String,
    },
    /// ENABLE and DISABLE TRIGGER, also RULE.
    SwitchTrigger {
        /// The trigger; `None` for ALL and USER.
        name: Option<Ident>,
        /// ENABLE.
        enable: bool,
    },
    /// ENABLE, DISABLE, FORCE and NO FORCE ROW LEVEL SECURITY.
    RowSecurity {
        /// ENABLE or DISABLE.
        enabled: Option<bool>,
        /// FORCE or NO FORCE.
        forced: Option<bool>,
    },
    /// REPLICA IDENTITY.
    ReplicaIdentity {
        /// USING INDEX.
        index: Option<Ident>,
    },
    /// CLUSTER ON, SET (storage options), SET WITHOUT CLUSTER: catalogue only, under SHARE UPDATE
    /// EXCLUSIVE on PostgreSQL.
    StorageOptions,
    /// OWNER TO.
    Owner,
    /// MySQL's CONVERT TO CHARACTER SET.
    ConvertCharset {
        /// The character set.
        charset: String,
        /// The collation.
        collation: Option<String>,
    },
    /// MySQL's table options: ENGINE, ROW_FORMAT, AUTO_INCREMENT, COMMENT, DEFAULT CHARSET.
    Option(TableOption),
    /// MySQL's FORCE.
    Force,
    /// MySQL's partitions: BY, ADD, DROP, TRUNCATE, REORGANIZE, EXCHANGE PARTITION and their kind,
    /// which leave columns and keys as they are.
    Partitions {
        /// The words: `DROP PARTITION`.
        what: String,
    },
    /// Something that the model does not know; what it does to the table is unknown.
    Unknown {
        /// As messages name it.
        what: String,
    },
}

/// Where MySQL puts a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnPosition {
    /// FIRST.
    First,
    /// AFTER.
    After(Ident),
}

/// What happens to a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnChange {
    /// TYPE.
    Type {
        /// The new type.
        column_type: ColumnType,
        /// Where it stands.
        span: Span,
        /// USING.
        using: Option<Expression>,
        /// COLLATE.
        collation: Option<String>,
    },
    /// SET DEFAULT.
    SetDefault(Expression),
    /// DROP DEFAULT.
    DropDefault,
    /// SET NOT NULL.
    SetNotNull,
    /// DROP NOT NULL.
    DropNotNull,
    /// DROP EXPRESSION.
    DropExpression {
        /// Nothing happens where it is not generated.
        if_exists: bool,
    },
    /// SET EXPRESSION.
    SetExpression(Expression),
    /// ADD GENERATED AS IDENTITY, SET GENERATED.
    SetIdentity {
        /// Which.
        identity: Identity,
        /// ADD, not SET.
        add: bool,
    },
    /// DROP IDENTITY.
    DropIdentity {
        /// Nothing happens where it is not one.
        if_exists: bool,
    },
    /// SET STATISTICS, SET (options): SHARE UPDATE EXCLUSIVE on PostgreSQL.
    Statistics,
    /// SET STORAGE, SET COMPRESSION, visibility: catalogue only.
    Storage,
}
