//! What a schema allows and the one before it did not.

use migrate_core::Dialect;
use migrate_sql::change::TypeKind;
use migrate_sql::schema::{
    Class, Column, Constraint, ForeignKey, Index, Object, ObjectId, Schema, Table,
};
use migrate_sql::{ColumnType, QualifiedName};

use super::super::evidence::NewRowKind;
use super::types::{larger, longer};

/// Something that is allowed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Loosened {
    pub(in super::super) table: QualifiedName,
    pub(in super::super) kind: NewRowKind,
    /// The columns that it is about.
    pub(in super::super) columns: Vec<String>,
    pub(super) row: Row,
}

/// The row that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// One with this value, which is SQL, in its column.
    With(String),
    /// One whose columns have what another one has in them.
    Again,
    /// One that refers to no row of a table, which may be gone.
    Orphan {
        parent: QualifiedName,
        referenced: Vec<String>,
    },
    /// None is known, for a reason.
    Unknown(&'static str),
}

/// What `after` allows in tables that `before` has too, and `before` does not. A table or column of
/// another name is another one.
pub(in super::super) fn loosened(before: &Schema, after: &Schema) -> Vec<Loosened> {
    let dialect = before.dialect();
    let mut found = Vec::new();
    for old in before.tables() {
        let id = ObjectId::new(Class::Relation, old.name.clone(), dialect);
        let Some(Object::Table(new)) = after.get(&id) else {
            continue;
        };
        // A partition has the rules of its table.
        if old.partition_of.is_some() {
            continue;
        }
        if old.temporary || old.foreign || !before.is_certain(&id) || !after.is_certain(&id) {
            continue;
        }
        let compared = Compared {
            schemas: (before, after),
            old,
            new,
        };
        compared.columns(&mut found);
        compared.keys(&mut found);
        compared.references(&mut found);
        compared.checks(&mut found);
    }
    found
}

/// A table before and after.
struct Compared<'s> {
    schemas: (&'s Schema, &'s Schema),
    old: &'s Table,
    new: &'s Table,
}

impl Compared<'_> {
    fn dialect(&self) -> Dialect {
        self.schemas.0.dialect()
    }

    fn add(&self, found: &mut Vec<Loosened>, kind: NewRowKind, columns: &[String], row: Row) {
        found.push(Loosened {
            table: self.new.name.clone(),
            kind,
            columns: columns.to_vec(),
            row,
        });
    }

    fn is_column(&self, name: &str) -> bool {
        self.new.columns.iter().any(|it| it.name == name)
    }

    fn columns(&self, found: &mut Vec<Loosened>) {
        for new in &self.new.columns {
            let Some(old) = self.old.columns.iter().find(|it| it.name == new.name) else {
                continue;
            };
            if new.generated.is_some() {
                continue;
            }
            let name = std::slice::from_ref(&new.name);
            if new.nullable && !old.nullable {
                self.add(found, NewRowKind::Null, name, Row::With("NULL".to_owned()));
            }
            if let Some((kind, value)) = self.beyond_type(old, new) {
                self.add(found, kind, name, Row::With(value));
            }
        }
    }

    /// A value that the new type of a column has and the old one has not.
    fn beyond_type(&self, old: &Column, new: &Column) -> Option<(NewRowKind, String)> {
        let (was, is) = (old.column_type.as_ref()?, new.column_type.as_ref()?);
        let labels = (labels(self.schemas.0, was), labels(self.schemas.1, is));
        if let (Some(was), Some(is)) = labels {
            let new = is.into_iter().find(|it| !was.contains(it))?;
            return Some((NewRowKind::EnumValue, new));
        }
        let dialect = self.dialect();
        let longer = longer(dialect, was, is).map(|it| (NewRowKind::LongerText, it));
        longer.or_else(|| larger(dialect, was, is).map(|it| (NewRowKind::LargerNumber, it)))
    }

    fn keys(&self, found: &mut Vec<Loosened>) {
        let kept: Vec<Vec<String>> = keys(self.new).collect();
        for key in keys(self.old) {
            // A key over fewer columns forbids more.
            let forbids = |it: &Vec<String>| it.iter().all(|column| key.contains(column));
            if !kept.iter().any(forbids) && key.iter().all(|it| self.is_column(it)) {
                self.add(found, NewRowKind::Duplicate, &key, Row::Again);
            }
        }
    }

    fn references(&self, found: &mut Vec<Loosened>) {
        for key in &self.old.foreign_keys {
            let same = |it: &ForeignKey| {
                it.columns == key.columns
                    && it.references == key.references
                    && it.referenced_columns == key.referenced_columns
            };
            let is_kept = self.new.foreign_keys.iter().any(same);
            if !is_kept && key.columns.iter().all(|it| self.is_column(it)) {
                let row = Row::Orphan {
                    parent: key.references.clone(),
                    referenced: key.referenced_columns.clone(),
                };
                self.add(found, NewRowKind::Orphan, &key.columns, row);
            }
        }
    }

    fn checks(&self, found: &mut Vec<Loosened>) {
        let why = "what a CHECK refused is not worked out from its text";
        let same = |a: &Constraint, b: &Constraint| a.check == b.check && a.exclude == b.exclude;
        for check in &self.old.constraints {
            if !self.new.constraints.iter().any(|it| same(it, check)) {
                let name = std::slice::from_ref(&check.name);
                self.add(found, NewRowKind::Check, name, Row::Unknown(why));
            }
        }
    }
}

/// The columns of the keys that let no two rows have the same.
fn keys(table: &Table) -> impl Iterator<Item = Vec<String>> {
    let whole = |index: &Index| {
        let plain =
            |it: &migrate_sql::schema::IndexKey| it.expression.is_none() && it.prefix.is_none();
        index.unique && index.valid && index.predicate.is_none() && index.keys.iter().all(plain)
    };
    let indexes = table.indexes.iter().filter(move |it| whole(it));
    let indexed = indexes.filter_map(|index| {
        let columns = index.keys.iter().map(|key| key.column.clone());
        columns.collect::<Option<Vec<String>>>()
    });
    table.keys().map(|key| key.columns.clone()).chain(indexed)
}

/// The values of an enum, as SQL.
pub(super) fn labels(schema: &Schema, of: &ColumnType) -> Option<Vec<String>> {
    if of.dimensions > 0 {
        return None;
    }
    if schema.dialect() == Dialect::Mysql {
        return (of.name == "enum").then(|| of.modifiers.clone());
    }
    let name = QualifiedName {
        schema: of.schema.clone(),
        name: of.name.clone(),
    };
    let id = ObjectId::new(Class::Type, name, schema.dialect());
    match schema.get(&id)? {
        Object::Type(definition) => match &definition.kind {
            TypeKind::Enum(labels) => {
                let quoted = labels.iter().map(|it| schema.dialect().quote_text(it));
                Some(quoted.collect())
            }
            _ => None,
        },
        _ => None,
    }
}
