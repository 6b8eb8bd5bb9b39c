//! SQLite's catalogue as a model: of the sandbox, and of a live database.
//!
//! PRAGMAs say most of it; checks, generated columns and the like stand only in the text of the
//! CREATE statement, which the dialect parses.

use crate::change::{Change, CreateTable, ForeignKeyAction, Generated, PartKind, TriggerTiming};
use crate::dialect::{self, Parsed};
use crate::name::QualifiedName;
use crate::schema::{
    Column, Constraint, ForeignKey, Index, IndexKey, Key, Object, Reads, Schema, Table, Trigger,
    View,
};
use migrate_core::Dialect;
use migrate_core::lex::{Lexer, TokenKind, unquote};

/// How many columns every query of this module gives, all text or NULL.
pub const COLUMNS: usize = 6;

/// A row of a query of this module.
pub type Row = [Option<String>; COLUMNS];

/// Something that runs the queries of this module: text parameters in, rows out.
pub trait Catalogue {
    /// Why a query failed.
    type Error;

    /// Runs a query with `?` for each parameter.
    ///
    /// # Errors
    /// What the database says.
    fn rows(&mut self, sql: &str, parameters: &[&str]) -> Result<Vec<Row>, Self::Error>;
}

const OBJECTS: &str =
    "SELECT type, name, tbl_name, sql, NULL, NULL FROM sqlite_master ORDER BY rowid";
const OBJECTS_OF: &str = "SELECT type, name, tbl_name, sql, NULL, NULL FROM sqlite_master WHERE tbl_name = ? COLLATE NOCASE ORDER BY rowid";
const COLUMN_LIST: &str = "SELECT name, type, CAST(\"notnull\" AS TEXT), dflt_value, CAST(pk AS TEXT), CAST(hidden AS TEXT) FROM pragma_table_xinfo(?)";
const INDEXES: &str = "SELECT i.name, i.\"unique\" || i.origin, k.name, CAST(k.cid AS TEXT), CAST(k.desc AS TEXT), k.coll FROM pragma_index_list(?) i, pragma_index_xinfo(i.name) k WHERE i.origin <> 'pk' AND k.key = 1 ORDER BY i.seq DESC, k.seqno";
const FOREIGN_KEYS: &str = "SELECT CAST(id AS TEXT), \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq";

/// An entry of `sqlite_schema`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `table`, `index`, `view` or `trigger`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The table or view that it belongs to.
    pub table: String,
    /// The statement that makes it; `None` for the index of a key.
    pub sql: Option<String>,
}

/// The entries of `sqlite_schema`, of one table or of all, SQLite's own left out.
///
/// # Errors
/// What the database says.
pub fn entries<C: Catalogue + ?Sized>(
    catalogue: &mut C,
    table: Option<&str>,
) -> Result<Vec<Entry>, C::Error> {
    let rows = match table {
        Some(table) => catalogue.rows(OBJECTS_OF, &[table])?,
        None => catalogue.rows(OBJECTS, &[])?,
    };
    Ok(rows
        .into_iter()
        .map(|[kind, name, table, sql, ..]| Entry {
            kind: kind.unwrap_or_default(),
            name: name.unwrap_or_default(),
            table: table.unwrap_or_default(),
            sql,
        })
        .filter(|entry| entry.kind == "index" || !is_internal(&entry.name))
        .collect())
}

/// Tables that SQLite keeps for itself: `sqlite_sequence`, `sqlite_stat1`.
fn is_internal(name: &str) -> bool {
    name.get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"))
}

/// The whole schema of a database.
///
/// # Errors
/// What the database says.
pub fn read<C: Catalogue + ?Sized>(catalogue: &mut C) -> Result<Schema, C::Error> {
    let entries = entries(catalogue, None)?;
    let mut schema = Schema::new(Dialect::Sqlite);
    for entry in &entries {
        let belonging: Vec<&Entry> = entries
            .iter()
            .filter(|other| other.table.eq_ignore_ascii_case(&entry.name))
            .collect();
        if let Some(object) = object(catalogue, entry, &belonging)? {
            schema.insert(object);
        }
    }
    Ok(schema)
}

/// The table or view of an entry, with the indexes and triggers among `belonging`; `None` for other
/// entries.
///
/// # Errors
/// What the database says.
pub fn object<C: Catalogue + ?Sized>(
    catalogue: &mut C,
    entry: &Entry,
    belonging: &[&Entry],
) -> Result<Option<Object>, C::Error> {
    let triggers = belonging
        .iter()
        .filter(|other| other.kind == "trigger")
        .map(|entry| trigger(entry))
        .collect();
    match entry.kind.as_str() {
        "table" => Ok(Some(Object::Table(table(
            catalogue, entry, belonging, triggers,
        )?))),
        "view" => {
            // A view over something that is gone has no columns to tell.
            let columns = catalogue
                .rows(COLUMN_LIST, &[&entry.name])
                .ok()
                .map(|rows| rows.into_iter().filter_map(|[name, ..]| name).collect());
            Ok(Some(Object::View(View {
                name: QualifiedName::unqualified(&entry.name),
                materialized: false,
                columns,
                reads: Reads::new(),
                text: comparable(entry.sql.as_deref().unwrap_or_default()),
                indexes: Vec::new(),
                triggers,
                statement: entry.sql.clone(),
                origin: None,
            })))
        }
        _ => Ok(None),
    }
}

fn table<C: Catalogue + ?Sized>(
    catalogue: &mut C,
    entry: &Entry,
    belonging: &[&Entry],
    triggers: Vec<Trigger>,
) -> Result<Table, C::Error> {
    let definition = entry.sql.as_deref().and_then(create_table);
    let mut keyed: Vec<(u32, String)> = Vec::new();
    let rows = catalogue.rows(COLUMN_LIST, &[&entry.name])?;
    // Schemas are kept: no room for more than there is, here and below.
    let mut columns = Vec::with_capacity(rows.len());
    for [name, declared, not_null, default, key, hidden] in rows {
        let name = name.unwrap_or_default();
        let written = definition.as_ref().and_then(|table| {
            table
                .columns
                .iter()
                .find(|column| column.name.name.eq_ignore_ascii_case(&name))
        });
        let place: u32 = number(key.as_deref());
        if place > 0 {
            keyed.push((place, name.clone()));
        }
        let generated = matches!(hidden.as_deref(), Some("2" | "3"));
        columns.push(Column {
            column_type: declared
                .filter(|text| !text.is_empty())
                .map(|text| dialect::column_type(&text, Dialect::Sqlite)),
            nullable: not_null.as_deref() == Some("0"),
            default: default.map(|text| dialect::expression(&text, Dialect::Sqlite)),
            on_update: None,
            generated: generated.then(|| {
                written
                    .and_then(|column| column.generated.clone())
                    .unwrap_or_else(|| Generated {
                        expression: dialect::expression("", Dialect::Sqlite),
                        stored: hidden.as_deref() == Some("3"),
                    })
            }),
            identity: None,
            auto_increment: written.is_some_and(|column| column.auto_increment),
            collation: written
                .and_then(|column| column.collation.clone())
                .filter(|collation| !collation.eq_ignore_ascii_case("binary")),
            charset: None,
            hidden: false,
            origin: None,
            name,
        });
    }
    keyed.sort_unstable();
    Ok(Table {
        name: QualifiedName::unqualified(&entry.name),
        foreign: false,
        unlogged: false,
        temporary: false,
        columns,
        primary_key: (!keyed.is_empty()).then(|| Key {
            name: String::new(),
            columns: keyed.into_iter().map(|(_, name)| name).collect(),
            nulls_not_distinct: false,
            deferrable: false,
            initially_deferred: false,
            origin: None,
        }),
        unique: Vec::new(),
        foreign_keys: foreign_keys(catalogue, &entry.name)?,
        constraints: definition.as_ref().map(checks).unwrap_or_default(),
        indexes: indexes(catalogue, &entry.name, belonging)?,
        triggers,
        policies: Vec::new(),
        row_security: false,
        forced_row_security: false,
        partition_of: None,
        bounds: None,
        partition_by: None,
        inherits: Vec::new(),
        options: definition.map(|table| table.options).unwrap_or_default(),
        uncertain: false,
        statement: entry.sql.clone(),
        origin: None,
    })
}

fn foreign_keys<C: Catalogue + ?Sized>(
    catalogue: &mut C,
    table: &str,
) -> Result<Vec<ForeignKey>, C::Error> {
    let mut keys: Vec<(Option<String>, ForeignKey)> = Vec::new();
    for [id, parent, from, to, on_update, on_delete] in catalogue.rows(FOREIGN_KEYS, &[table])? {
        if keys.last().is_none_or(|(last, _)| *last != id) {
            let key = ForeignKey {
                name: String::new(),
                columns: Vec::new(),
                references: QualifiedName::unqualified(parent.unwrap_or_default()),
                referenced_columns: Vec::new(),
                on_delete: action(on_delete.as_deref()),
                on_update: action(on_update.as_deref()),
                deferrable: false,
                initially_deferred: false,
                validated: true,
                origin: None,
            };
            keys.push((id, key));
        }
        if let Some((_, key)) = keys.last_mut() {
            key.columns.extend(from);
            key.referenced_columns.extend(to);
        }
    }
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

fn indexes<C: Catalogue + ?Sized>(
    catalogue: &mut C,
    table: &str,
    belonging: &[&Entry],
) -> Result<Vec<Index>, C::Error> {
    let rows = catalogue.rows(INDEXES, &[table])?;
    let mut indexes = Vec::new();
    for rows in rows.chunk_by(|one, other| one[0] == other[0]) {
        let [name, kind, ..] = &rows[0];
        let name = name.clone().unwrap_or_default();
        let (unique, origin) = kind
            .as_deref()
            .unwrap_or_default()
            .split_at_checked(1)
            .unwrap_or_default();
        let definition = belonging
            .iter()
            .find(|entry| entry.kind == "index" && entry.name == name)
            .and_then(|entry| entry.sql.as_deref())
            .and_then(create_index);
        let mut keys = Vec::new();
        for [_, _, column, place, descending, collation] in rows {
            let expression = definition
                .as_ref()
                .and_then(|index| index.parts.get(keys.len()))
                .and_then(|part| match &part.kind {
                    PartKind::Expression(expression) => Some(expression.clone()),
                    PartKind::Column(_) => None,
                });
            keys.push(IndexKey {
                column: column.clone(),
                expression: expression.filter(|_| place.as_deref() == Some("-2")),
                descending: descending.as_deref() == Some("1"),
                nulls_first: None,
                collation: collation
                    .clone()
                    .filter(|name| !name.eq_ignore_ascii_case("binary")),
                operator_class: None,
                prefix: None,
            });
        }
        keys.shrink_to_fit();
        indexes.push(Index {
            // The names of a unique constraint's index count up within the table and say nothing.
            name: if origin == "u" { String::new() } else { name },
            unique: unique == "1",
            method: "btree".to_owned(),
            keys,
            include: Vec::new(),
            nulls_not_distinct: false,
            predicate: definition.and_then(|index| index.predicate),
            valid: true,
            implicit: false,
            origin: None,
        });
    }
    Ok(indexes)
}

fn checks(table: &CreateTable) -> Vec<Constraint> {
    let beside = table.columns.iter().flat_map(|column| &column.constraints);
    beside
        .chain(&table.constraints)
        .filter_map(|constraint| match &constraint.kind {
            crate::change::ConstraintKind::Check(expression) => Some(Constraint {
                name: constraint
                    .name
                    .as_ref()
                    .map(|name| name.name.clone())
                    .unwrap_or_default(),
                check: Some(expression.clone()),
                exclude: None,
                validated: true,
                origin: None,
            }),
            _ => None,
        })
        .collect()
}

fn trigger(entry: &Entry) -> Trigger {
    let sql = entry.sql.as_deref().unwrap_or_default();
    let timing = match parsed(sql) {
        Some(Change::CreateTrigger(trigger)) => trigger.timing,
        _ => TriggerTiming::Before,
    };
    Trigger {
        name: entry.name.clone(),
        timing,
        function: None,
        definition: comparable(sql),
        columns: Vec::new(),
        statement: entry.sql.clone(),
        origin: None,
    }
}

fn create_table(sql: &str) -> Option<CreateTable> {
    match parsed(sql)? {
        Change::CreateTable(table) => Some(*table),
        _ => None,
    }
}

fn create_index(sql: &str) -> Option<crate::change::CreateIndex> {
    match parsed(sql)? {
        Change::CreateIndex(index) => Some(*index),
        _ => None,
    }
}

fn parsed(sql: &str) -> Option<Change> {
    match dialect::parse(sql, 0, Dialect::Sqlite) {
        Parsed::Changes(changes) => changes.into_iter().next(),
        Parsed::Broken(_) => None,
    }
}

fn action(name: Option<&str>) -> ForeignKeyAction {
    match name {
        Some("CASCADE") => ForeignKeyAction::Cascade,
        Some("RESTRICT") => ForeignKeyAction::Restrict,
        Some("SET NULL") => ForeignKeyAction::SetNull,
        Some("SET DEFAULT") => ForeignKeyAction::SetDefault,
        _ => ForeignKeyAction::NoAction,
    }
}

fn number(text: Option<&str>) -> u32 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A statement so that it is equal to one that means the same: without comments, with one space where
/// any stands, and without quotes that a name can do without. A table that is renamed there and back
/// has such quotes wherever it is named.
fn comparable(sql: &str) -> String {
    let mut text = String::new();
    let mut end = 0;
    for token in Lexer::new(sql, Dialect::Sqlite).filter(|token| !token.kind.is_trivia()) {
        if token.start > end && !text.is_empty() {
            text.push(' ');
        }
        end = token.end;
        let name = match token.kind {
            TokenKind::QuotedIdentifier => unquote(token.text(sql)),
            _ => token.text(sql).to_owned(),
        };
        let plain = |c: char| c.is_alphanumeric() || c == '_';
        match token.kind {
            TokenKind::QuotedIdentifier if !name.chars().all(plain) => {
                text.push_str(token.text(sql));
            }
            _ => text.push_str(&name),
        }
    }
    text
}
