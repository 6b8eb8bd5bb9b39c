//! Writing rows into a copy.

use std::collections::BTreeMap;

use diesel::QueryResult;
use diesel::connection::SimpleConnection as _;
use migrate_core::{Dialect, redact};
use migrate_sql::QualifiedName;
use migrate_sql::schema::{Class, Column, ForeignKey, Object, ObjectId, Schema, Table};

use super::super::evidence::NewRow;
use super::loosened::{Loosened, Row};
use super::types::some_value;
use crate::connect::Engine;
use crate::introspect::{sql_name, table_name_of};

/// Rows that a row refers to are made along, so many of them in a line.
const DEEPEST: usize = 4;

/// Values for columns, as SQL.
type Values = BTreeMap<String, String>;

/// Writes a row for each thing that is allowed now. One that cannot be written is said to be so: a
/// rule that this knows nothing of may stand in the way.
pub(in super::super) fn make<DB: Engine>(
    conn: &mut DB::Connection,
    schema: &Schema,
    loosened: &[Loosened],
) -> Vec<NewRow> {
    let mut maker = Maker::<DB> {
        conn,
        schema,
        seed: 0,
    };
    let made = loosened.iter().map(|it| NewRow {
        table: table_name_of(DB::DIALECT, &it.table),
        kind: it.kind,
        columns: it.columns.clone(),
        not_made: maker.make(it).err(),
    });
    made.collect()
}

/// The same rows, where none is written.
pub(in super::super) fn untried(dialect: Dialect, loosened: &[Loosened]) -> Vec<NewRow> {
    let rows = loosened.iter().map(|it| NewRow {
        table: table_name_of(dialect, &it.table),
        kind: it.kind,
        columns: it.columns.clone(),
        not_made: Some("nothing was written".to_owned()),
    });
    rows.collect()
}

struct Maker<'a, DB: Engine> {
    conn: &'a mut DB::Connection,
    schema: &'a Schema,
    /// Keeps the values of rows apart.
    seed: u32,
}

impl<'a, DB: Engine> Maker<'a, DB> {
    fn make(&mut self, what: &Loosened) -> Result<(), String> {
        let table = self.table(&what.table)?;
        let values = match &what.row {
            Row::With(value) => each(&what.columns, |_| Some(value.clone())),
            Row::Again => self.of_a_row(table, &what.columns)?,
            Row::Orphan { parent, referenced } => {
                self.orphan(table, &what.columns, parent, referenced)?
            }
            Row::Unknown(why) => return Err((*why).to_owned()),
        };
        let refused = match self.insert(table, &values, 0) {
            Ok(()) => return Ok(()),
            Err(refused) => refused,
        };
        // Then a row that is there, which breaks no other rule yet.
        match what.row {
            Row::Again => Err(refused),
            _ => self.update(table, &values).map_err(|_| refused),
        }
    }

    fn table(&self, name: &QualifiedName) -> Result<&'a Table, String> {
        let id = ObjectId::new(Class::Relation, name.clone(), DB::DIALECT);
        match self.schema.get(&id) {
            Some(Object::Table(table)) => Ok(table),
            _ => Err(format!(
                "the table {} is not known",
                table_name_of(DB::DIALECT, name)
            )),
        }
    }

    fn name(&self, table: &Table) -> String {
        sql_name(DB::DIALECT, &table.name)
    }

    fn run(&mut self, sql: &str) -> Result<(), String> {
        self.conn.batch_execute(sql).map_err(|error| {
            // What the database says may quote values.
            redact::values(&error.to_string(), DB::DIALECT)
        })
    }

    fn is_there(&mut self, from: &str) -> QueryResult<bool> {
        let rows = DB::rows(self.conn, &format!("SELECT '1' FROM {from} LIMIT 1"))?;
        Ok(!rows.is_empty())
    }

    /// The values that a row has in these columns, none of them NULL; where no row is, one is made.
    fn of_a_row(&mut self, table: &'a Table, columns: &[String]) -> Result<Values, String> {
        let quoted: Vec<String> = columns.iter().map(|it| quote::<DB>(it)).collect();
        let given: Vec<String> = quoted
            .iter()
            .map(|it| format!("{it} IS NOT NULL"))
            .collect();
        let from = format!("{} WHERE {}", self.name(table), given.join(" AND "));
        if !self.is_there(&from).map_err(|error| error.to_string())? {
            let values = each(columns, |name| self.value(table, name));
            self.insert(table, &values, 0)?;
        }
        let order = quoted.join(", ");
        Ok(each(columns, |name| {
            let column = quote::<DB>(name);
            Some(format!(
                "(SELECT it FROM (SELECT {column} AS it FROM {from} ORDER BY {order} LIMIT 1) one)"
            ))
        }))
    }

    /// Values that no row of the parent has: beyond its largest number, or another text.
    fn orphan(
        &mut self,
        table: &'a Table,
        columns: &[String],
        parent: &QualifiedName,
        referenced: &[String],
    ) -> Result<Values, String> {
        let is_there = self.table(parent).is_ok();
        let mut values = Values::new();
        for (at, name) in columns.iter().enumerate() {
            let column = column(table, name).ok_or("a column is not known")?;
            let number = column
                .column_type
                .as_ref()
                .and_then(|it| some_value(DB::DIALECT, it, 0))
                .is_some_and(|it| it == "1");
            let value = match (number, referenced.get(at).filter(|_| is_there)) {
                (true, Some(key)) => format!(
                    "(SELECT it FROM (SELECT COALESCE(MAX({}), 0) + 1 AS it FROM {}) one)",
                    quote::<DB>(key),
                    sql_name(DB::DIALECT, parent)
                ),
                _ => self.value(table, name).ok_or("its value is not known")?,
            };
            values.insert(name.clone(), value);
        }
        Ok(values)
    }

    fn value(&mut self, table: &Table, name: &str) -> Option<String> {
        self.seed += 1;
        let column = column(table, name)?;
        let of = column.column_type.as_ref()?;
        if let Some(label) = self.label(column) {
            return Some(label);
        }
        let value = some_value(DB::DIALECT, of, self.seed)?;
        // A number that no row has, in case that it has to be so.
        Some(match value == "1" {
            true => format!(
                "(SELECT it FROM (SELECT COALESCE(MAX({}), 0) + 1 AS it FROM {}) one)",
                quote::<DB>(name),
                self.name(table)
            ),
            false => value,
        })
    }

    /// The first value of a PostgreSQL enum.
    fn label(&self, column: &Column) -> Option<String> {
        super::loosened::labels(self.schema, column.column_type.as_ref()?)?
            .into_iter()
            .next()
    }

    /// Inserts a row with these values, and with some in the other columns that need one.
    fn insert(&mut self, table: &'a Table, given: &Values, depth: usize) -> Result<(), String> {
        let mut values = given.clone();
        for key in &table.foreign_keys {
            let is_open = |name: &String| {
                !values.contains_key(name)
                    && column(table, name).is_some_and(|it| !it.nullable && it.default.is_none())
            };
            if key.columns.iter().any(is_open) {
                let referring = self.referring(key, depth)?;
                for (name, value) in referring {
                    values.entry(name).or_insert(value);
                }
            }
        }
        for column in &table.columns {
            let fills_itself = column.nullable
                || column.default.is_some()
                || column.generated.is_some()
                || column.identity.is_some()
                || column.auto_increment
                || is_row_number(table, column, DB::DIALECT);
            if fills_itself || values.contains_key(&column.name) {
                continue;
            }
            let value = self
                .value(table, &column.name)
                .ok_or_else(|| format!("no value is known for the column {}", column.name))?;
            values.insert(column.name.clone(), value);
        }
        let name = self.name(table);
        if values.is_empty() {
            return self.run(&match DB::DIALECT {
                Dialect::Mysql => format!("INSERT INTO {name} () VALUES ()"),
                _ => format!("INSERT INTO {name} DEFAULT VALUES"),
            });
        }
        let columns: Vec<String> = values.keys().map(|it| quote::<DB>(it)).collect();
        let list: Vec<&str> = values.values().map(String::as_str).collect();
        self.run(&format!(
            "INSERT INTO {name} ({}) SELECT {}",
            columns.join(", "),
            list.join(", ")
        ))
    }

    /// The values that refer to a row, which is made where there is none.
    fn referring(&mut self, key: &ForeignKey, depth: usize) -> Result<Values, String> {
        let parent = self.table(&key.references)?;
        let from = self.name(parent);
        let is_there = self.is_there(&from).map_err(|error| error.to_string())?;
        if !is_there {
            if depth >= DEEPEST {
                return Err(format!("it needs rows of {from} first"));
            }
            self.insert(parent, &Values::new(), depth + 1)?;
        }
        let order: Vec<String> = key
            .referenced_columns
            .iter()
            .map(|it| quote::<DB>(it))
            .collect();
        let pairs = key.columns.iter().zip(&order);
        let value = |column: &String| {
            format!(
                "(SELECT it FROM (SELECT {column} AS it FROM {from} ORDER BY {} LIMIT 1) one)",
                order.join(", ")
            )
        };
        Ok(pairs
            .map(|(name, referenced)| (name.clone(), value(referenced)))
            .collect())
    }

    /// Changes one row that is there.
    fn update(&mut self, table: &'a Table, values: &Values) -> Result<(), String> {
        let name = self.name(table);
        if !self.is_there(&name).map_err(|error| error.to_string())? {
            return Err("no row is there".to_owned());
        }
        let set: Vec<String> = values
            .iter()
            .map(|(column, value)| format!("{} = {value}", quote::<DB>(column)))
            .collect();
        let one = match DB::DIALECT {
            Dialect::Postgres => {
                format!("WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM {name} LIMIT 1)")
            }
            Dialect::Sqlite => format!("WHERE rowid IN (SELECT rowid FROM {name} LIMIT 1)"),
            _ => "LIMIT 1".to_owned(),
        };
        self.run(&format!("UPDATE {name} SET {} {one}", set.join(", ")))
    }
}

fn quote<DB: Engine>(name: &str) -> String {
    DB::DIALECT.quote_identifier(name)
}

fn column<'t>(table: &'t Table, name: &str) -> Option<&'t Column> {
    table.columns.iter().find(|it| it.name == name)
}

/// SQLite numbers the rows of a table with such a key by itself.
fn is_row_number(table: &Table, column: &Column, dialect: Dialect) -> bool {
    let key = table.primary_key.as_ref();
    let is_key = key.is_some_and(|key| key.columns == std::slice::from_ref(&column.name));
    let of = column.column_type.as_ref();
    dialect == Dialect::Sqlite
        && is_key
        && of.is_some_and(|it| it.name.eq_ignore_ascii_case("integer"))
}

fn each(columns: &[String], mut value: impl FnMut(&str) -> Option<String>) -> Values {
    let pairs = columns.iter();
    pairs
        .filter_map(|name| Some((name.clone(), value(name)?)))
        .collect()
}
