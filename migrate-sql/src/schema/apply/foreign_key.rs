//! Foreign keys.

use migrate_core::{Dialect, rule};

use super::{Applier, Target};
use crate::change::{ConstraintDefinition, ForeignKeyAction, References};
use crate::column_type::ColumnType;
use crate::conflict::Conflict;
use crate::name::{Ident, QualifiedName, Span};
use crate::schema::auto_name::{columns_part, mysql_foreign_key_name};
use crate::schema::lookup::Found;
use crate::schema::{Class, ForeignKey, Index, IndexKey, Object, ObjectId, Table};

/// Engines of MySQL and MariaDB that have no foreign keys.
const FORGETFUL_ENGINES: &[&str] = &[
    "archive",
    "aria",
    "blackhole",
    "csv",
    "heap",
    "memory",
    "merge",
    "mrg_myisam",
    "myisam",
];

impl Applier<'_> {
    pub(super) fn add_foreign_key(
        &mut self,
        target: &Target,
        constraint: &ConstraintDefinition,
        columns: &[Ident],
        references: &References,
    ) {
        for column in columns {
            self.column_at(target, column);
        }
        if self.is_mysql() && !self.keeps_foreign_keys(target, constraint.span) {
            return;
        }
        let (referenced, referenced_columns) =
            self.referenced(target, constraint.span, columns, references);
        self.set_null_is_possible(target, columns, references, constraint.span);
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let name = match (&constraint.name, self.dialect()) {
            (Some(name), _) => name.name.clone(),
            (None, Dialect::Sqlite) => String::new(),
            (None, Dialect::Mysql) => mysql_foreign_key_name(table),
            (None, _) => self.schema.choose_constraint_name(
                table.name.schema.as_deref(),
                &table.name.name,
                Some(&columns_part(columns.iter().map(|it| it.name.as_str()))),
                "fkey",
            ),
        };
        let key = ForeignKey {
            name,
            columns: columns.iter().map(|it| it.name.clone()).collect(),
            references: referenced,
            referenced_columns,
            on_delete: references.on_delete,
            on_update: references.on_update,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            validated: !constraint.not_valid,
            origin: Some(self.origin(constraint.span)),
        };
        self.add_foreign_key_to_partitions(target, &key);
        if self.is_mysql() {
            self.index_for_foreign_key(target, &key, constraint.name.as_ref());
        }
        self.schema
            .edit_table(&target.id, |table| table.foreign_keys.push(key));
    }

    /// MySQL: whether the table can have foreign keys. Other engines read and forget them; InnoDB's
    /// temporary tables refuse them.
    fn keeps_foreign_keys(&mut self, target: &Target, span: Span) -> bool {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return true;
        };
        let engine = table.options.iter().find(|it| it.name == "ENGINE");
        let engine = engine.map(|it| it.value.to_lowercase());
        if engine.is_some_and(|it| FORGETFUL_ENGINES.contains(&it.as_str())) {
            return false;
        }
        if table.temporary && target.certain {
            self.refuse(Conflict::new(
                &rule::BAD_FOREIGN_KEY,
                "a temporary table has no foreign keys",
                span,
                "of a temporary table",
            ));
            return false;
        }
        true
    }

    /// The referenced table and columns, and what the database has against them.
    fn referenced(
        &mut self,
        target: &Target,
        span: Span,
        columns: &[Ident],
        references: &References,
    ) -> (QualifiedName, Vec<String>) {
        let written: Vec<String> = references
            .columns
            .iter()
            .map(|it| it.name.clone())
            .collect();
        let by_name = self.schema.new_name(&references.table, false);
        let (id, certain) = match self.schema.find(Class::Relation, &references.table) {
            Found::Here(id) => (id, true),
            Found::Perhaps(Some(id)) => (id, false),
            Found::Perhaps(None) => return (by_name, written),
            Found::Nothing(id) => {
                // SQLite looks at the other table when rows come; MySQL when checks are on.
                if self.is_postgres() || (self.is_mysql() && self.schema.checks_foreign_keys) {
                    let missing =
                        self.schema
                            .missing(&rule::UNKNOWN_TABLE, "table", &references.table, &id);
                    self.refuse(missing);
                }
                return (by_name, written);
            }
        };
        let Some(Object::Table(table)) = self.schema.get(&id) else {
            if certain {
                self.wrong_kind(&references.table, &id, "table");
            }
            return (by_name, written);
        };
        let certain = certain && target.certain && !table.uncertain;
        let name = table.name.clone();
        let resolved = match (&*written, &table.primary_key) {
            ([], Some(key)) => key.columns.clone(),
            _ => written,
        };
        if self.is_sqlite() || !certain || (self.is_mysql() && !self.schema.checks_foreign_keys) {
            return (name, resolved);
        }
        let table = table.clone();
        if resolved.is_empty() {
            self.refuse(
                Conflict::new(
                    &rule::BAD_FOREIGN_KEY,
                    format!("table `{name}` has no primary key to reference"),
                    references.table.span(),
                    "no primary key",
                )
                .note_maybe(self.schema.note(&id)),
            );
            return (name, resolved);
        }
        if resolved.len() != columns.len() {
            self.refuse(Conflict::new(
                &rule::BAD_FOREIGN_KEY,
                format!(
                    "the foreign key has {} and references {}",
                    count(columns.len()),
                    count(resolved.len())
                ),
                span,
                "not as many columns on both sides",
            ));
            return (name, resolved);
        }
        let mut all = true;
        for column in &references.columns {
            if self.schema.column_index(&table, &column.name).is_none() {
                all = false;
                let missing = self.schema.missing_column(&id, column);
                self.refuse(missing);
            }
        }
        if all {
            let place = references
                .columns
                .first()
                .map_or_else(|| references.table.span(), |it| it.span);
            self.key_is_referable(&id, &table, &resolved, place);
            self.types_match(target, columns, &table, &resolved);
        }
        (name, resolved)
    }

    /// Whether the referenced columns have a key, as the database wants it.
    fn key_is_referable(&mut self, id: &ObjectId, table: &Table, columns: &[String], span: Span) {
        let referable = if self.is_postgres() {
            has_unique_key(table, columns)
        } else {
            // InnoDB takes any index that begins with the columns.
            has_leading_index(self.dialect(), table, columns)
        };
        if referable {
            return;
        }
        let listed = columns.join(", ");
        let (message, label) = if self.is_postgres() {
            (
                format!("no unique key of `{}` has exactly: {listed}", table.name),
                "not unique",
            )
        } else {
            (
                format!("no index of `{}` begins with: {listed}", table.name),
                "not indexed",
            )
        };
        self.refuse(
            Conflict::new(&rule::BAD_FOREIGN_KEY, message, span, label)
                .note_maybe(self.schema.note(id))
                .help(format!("make a unique constraint on ({listed}) first")),
        );
    }

    fn types_match(
        &mut self,
        target: &Target,
        columns: &[Ident],
        referenced: &Table,
        referenced_columns: &[String],
    ) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let mut conflicts = Vec::new();
        for (own, other) in columns.iter().zip(referenced_columns) {
            let own_type = self
                .schema
                .column_index(table, &own.name)
                .and_then(|index| table.columns.get(index))
                .and_then(|it| it.column_type.as_ref());
            let other_type = self
                .schema
                .column_index(referenced, other)
                .and_then(|index| referenced.columns.get(index))
                .and_then(|it| it.column_type.as_ref());
            let (Some(own_type), Some(other_type)) = (own_type, other_type) else {
                continue;
            };
            if comparable(self.dialect(), own_type, other_type) {
                continue;
            }
            conflicts.push(Conflict::new(
                &rule::BAD_FOREIGN_KEY,
                format!(
                    "column `{own}` is {own_type}, and `{other}` of `{}` is {other_type}",
                    referenced.name
                ),
                own.span,
                format!("{own_type}"),
            ));
        }
        for conflict in conflicts {
            self.refuse(conflict);
        }
    }

    /// MySQL refuses SET NULL on a column that takes no NULL, and to write a generated one.
    fn set_null_is_possible(
        &mut self,
        target: &Target,
        columns: &[Ident],
        references: &References,
        span: Span,
    ) {
        let sets_null = references.on_delete == ForeignKeyAction::SetNull
            || references.on_update == ForeignKeyAction::SetNull;
        if !self.is_mysql() || !target.certain {
            return;
        }
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let strict = columns.iter().find(|name| {
            self.schema
                .column_index(table, &name.name)
                .and_then(|index| table.columns.get(index))
                .is_some_and(|column| !column.nullable)
        });
        let writes = |action| {
            matches!(
                action,
                ForeignKeyAction::Cascade | ForeignKeyAction::SetNull
            )
        };
        let computed = columns.iter().find(|name| {
            let column = self.schema.column_index(table, &name.name);
            column
                .and_then(|index| table.columns.get(index))
                .is_some_and(|column| column.generated.is_some())
        });
        if let Some(column) = computed
            && (references.on_delete == ForeignKeyAction::SetNull || writes(references.on_update))
        {
            let message = format!("column `{column}` is generated and cannot be written");
            let label = "writes the column";
            self.refuse(Conflict::new(&rule::BAD_FOREIGN_KEY, message, span, label));
        } else if let (Some(column), true) = (strict, sets_null) {
            let conflict = Conflict::new(
                &rule::BAD_FOREIGN_KEY,
                format!("column `{column}` is NOT NULL and cannot be set to NULL"),
                span,
                "SET NULL",
            );
            self.refuse(conflict);
        }
    }

    /// MySQL needs an index that begins with the columns, and makes one where there is none.
    fn index_for_foreign_key(&mut self, target: &Target, key: &ForeignKey, name: Option<&Ident>) {
        let dialect = self.dialect();
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        // One that it made for the same columns, or for the first of them, gives way to the new key's own.
        let gives_way = |index: &Index| {
            let alone = Table {
                indexes: vec![index.clone()],
                ..Table::new(table.name.clone())
            };
            let first = key.columns.get(..index.keys.len());
            index.implicit && first.is_some_and(|it| has_leading_index(dialect, &alone, it))
        };
        let mut others = table.clone();
        others.indexes.retain(|index| !gives_way(index));
        if table.uncertain || has_leading_index(dialect, &others, &key.columns) {
            return;
        }
        let others = others.indexes;
        let parts: Vec<_> = key
            .columns
            .iter()
            .map(|it| crate::change::IndexPart::column(super::create_table::unplaced(it)))
            .collect();
        let name = match name {
            Some(name) => name.name.clone(),
            None => {
                // Of two that one statement would make, the first gets no name.
                let fresh = |index: &Index| {
                    index.origin.as_ref().is_some_and(|it| {
                        it.statement == self.place.statement && it.statement().is_some()
                    })
                };
                let mut named = table.clone();
                named.indexes.retain(|it| !(gives_way(it) && fresh(it)));
                self.schema
                    .choose_index_name(&table.name, &named, &parts, &[], "idx")
            }
        };
        let index = Index {
            name,
            unique: false,
            method: "btree".to_owned(),
            keys: key.columns.iter().map(|it| IndexKey::column(it)).collect(),
            include: Vec::new(),
            nulls_not_distinct: false,
            predicate: None,
            valid: true,
            implicit: true,
            origin: key.origin.clone(),
        };
        self.schema.edit_table(&target.id, |table| {
            table.indexes = others;
            table.indexes.push(index);
        });
    }

    /// MySQL's own indexes for foreign keys go where another one serves as well.
    pub(super) fn drop_implicit_indexes(&mut self, target: &Target) {
        let dialect = self.dialect();
        self.schema.edit_table(&target.id, |table| {
            let others = table.clone();
            table.indexes.retain(|index| {
                if !index.implicit {
                    return true;
                }
                let columns: Vec<String> = index
                    .keys
                    .iter()
                    .filter_map(|key| key.column.clone())
                    .collect();
                let mut without = others.clone();
                without.indexes.retain(|it| it.name != index.name);
                !has_leading_index(dialect, &without, &columns)
            });
        });
    }

    /// MySQL: every foreign key of the table, and every one that references it, still has its index.
    pub(super) fn foreign_keys_keep_their_indexes(&mut self, target: &Target, name: &Ident) {
        if !self.is_mysql() || !target.certain {
            return;
        }
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let dialect = self.dialect();
        let own = table
            .foreign_keys
            .iter()
            .find(|key| !has_leading_index(dialect, table, &key.columns))
            .map(|key| format!("foreign key `{}`", key.name));
        let other = || {
            self.schema.users(&target.id).into_iter().find_map(|user| {
                let other = self.schema.table_by_id(&user)?;
                let key = other.foreign_keys.iter().find(|key| {
                    self.schema.id(Class::Relation, &key.references) == target.id
                        && !key.referenced_columns.is_empty()
                        && !has_leading_index(dialect, table, &key.referenced_columns)
                })?;
                Some(format!("foreign key `{}` of `{}`", key.name, other.name))
            })
        };
        if !self.schema.checks_foreign_keys && own.is_none() {
            return;
        }
        if let Some(user) = own.or_else(other) {
            self.refuse(
                Conflict::new(
                    &rule::STILL_USED,
                    format!("index `{name}` is needed by {user}"),
                    name.span,
                    "still needed",
                )
                .help("drop the foreign key first, or add another index for it"),
            );
        }
    }
}

impl IndexKey {
    /// A column without more.
    pub(crate) fn column(name: &str) -> Self {
        IndexKey {
            column: Some(name.to_owned()),
            expression: None,
            descending: false,
            nulls_first: None,
            collation: None,
            operator_class: None,
            prefix: None,
        }
    }
}

impl Conflict {
    /// Adds a fact, where there is one.
    #[must_use]
    pub(crate) fn note_maybe(mut self, note: Option<String>) -> Self {
        self.notes.extend(note);
        self
    }
}

fn count(columns: usize) -> String {
    match columns {
        1 => "1 column".to_owned(),
        more => format!("{more} columns"),
    }
}

/// PostgreSQL wants a key or a plain unique index on exactly these columns, in whatever order.
fn has_unique_key(table: &Table, columns: &[String]) -> bool {
    let same = |others: &[&str]| {
        others.len() == columns.len() && columns.iter().all(|it| others.contains(&it.as_str()))
    };
    table.keys().any(|key| {
        !key.deferrable && same(&key.columns.iter().map(String::as_str).collect::<Vec<_>>())
    }) || table.indexes.iter().any(|index| {
        index.unique
            && index.predicate.is_none()
            && index.keys.iter().all(|key| key.column.is_some())
            && same(
                &index
                    .keys
                    .iter()
                    .filter_map(|key| key.column.as_deref())
                    .collect::<Vec<_>>(),
            )
    })
}

/// Whether an index or key begins with these columns, in whatever order among themselves.
pub(super) fn has_leading_index(dialect: Dialect, table: &Table, columns: &[String]) -> bool {
    let leads = |others: &[&str]| {
        others.len() >= columns.len()
            && others.iter().take(columns.len()).all(|other| {
                columns
                    .iter()
                    .any(|it| crate::schema::same_name(dialect, it, other))
            })
    };
    table
        .primary_key
        .iter()
        .any(|key| leads(&key.columns.iter().map(String::as_str).collect::<Vec<_>>()))
        || table.indexes.iter().any(|index| {
            let names: Vec<&str> = index
                .keys
                .iter()
                .map_while(|key| key.column.as_deref())
                .collect();
            matches!(index.method.as_str(), "btree" | "hash" | "") && leads(&names)
        })
}

/// Whether the database can compare the two sides of a foreign key. True where that is not known.
fn comparable(dialect: Dialect, own: &ColumnType, other: &ColumnType) -> bool {
    match dialect {
        Dialect::Postgres => comparable_in_postgres(own, other),
        Dialect::Mysql => comparable_in_mysql(own, other),
        _ => true,
    }
}

/// PostgreSQL needs an equality operator in the key's operator family, or an implicit cast of the
/// referencing side to the referenced one.
fn comparable_in_postgres(own: &ColumnType, other: &ColumnType) -> bool {
    let family = |it: &ColumnType| {
        if it.schema.is_some() || it.dimensions > 0 {
            return None;
        }
        Some(match it.name.as_str() {
            "smallint" | "integer" | "bigint" => "integer",
            "numeric" => "numeric",
            "real" | "double precision" => "float",
            "text" | "character varying" | "character" | "bpchar" | "name" => "text",
            "uuid" => "uuid",
            "boolean" => "boolean",
            "date" | "timestamp without time zone" | "timestamp with time zone" => "datetime",
            "bytea" => "bytea",
            "inet" | "cidr" => "inet",
            "macaddr" => "macaddr",
            _ => return None,
        })
    };
    match (family(own), family(other)) {
        (Some("integer"), Some("numeric" | "float")) | (Some("numeric"), Some("float")) => true,
        (Some(own), Some(other)) => own == other,
        _ => true,
    }
}

/// InnoDB wants integers of one size and sign; strings may differ in length.
pub(super) fn comparable_in_mysql(own: &ColumnType, other: &ColumnType) -> bool {
    const INTEGERS: [&str; 5] = ["tinyint", "smallint", "mediumint", "int", "bigint"];
    const OTHERS: [&str; 12] = [
        "char",
        "varchar",
        "binary",
        "varbinary",
        "date",
        "datetime",
        "timestamp",
        "time",
        "decimal",
        "double",
        "float",
        "uuid",
    ];
    let integer = |it: &ColumnType| INTEGERS.contains(&it.name.as_str());
    match (integer(own), integer(other)) {
        (true, true) => {
            own.name == other.name
                && own.suffix.contains("unsigned") == other.suffix.contains("unsigned")
        }
        (true, false) => !OTHERS.contains(&other.name.as_str()),
        (false, true) => !OTHERS.contains(&own.name.as_str()),
        (false, false) => true,
    }
}
