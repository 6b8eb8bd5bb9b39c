//! Schema and data at one moment, and what differs between two.

use std::collections::{BTreeMap, BTreeSet};

use migrate_sql::diff::diff;
use migrate_sql::schema::Schema;

use super::catalogue::questions;
use super::error::RehearseError;
use super::evidence::{DataState, NotComparable, SchemaState};
use crate::connect::Engine;
use crate::digest::{
    DatabaseDigest, Difference, DigestError, Selection, compare, digest_observed, table_name,
};
use crate::event::{Event, Listener, Step};
use crate::introspect::Options;

/// Columns that no two runs fill alike, by table, each with the reason.
pub(super) type Volatile = BTreeMap<String, BTreeMap<String, String>>;

/// Schema and data at one moment.
pub(super) struct State {
    pub(super) schema: Schema,
    volatile: Volatile,
    data: Result<Data, String>,
}

struct Data {
    whole: DatabaseDigest,
    /// The tables that have volatile columns, without those.
    steady: DatabaseDigest,
}

/// Reads it. Where the data cannot be read as a whole, that is part of the answer.
pub(super) fn read<DB: Engine>(
    conn: &mut DB::Connection,
    history: &str,
    steady: Option<&Volatile>,
    listener: &mut dyn Listener,
) -> Result<State, RehearseError> {
    let schema = schema::<DB>(conn, history)?;
    let volatile = match steady {
        Some(steady) => steady.clone(),
        None => volatile::<DB>(conn)?,
    };
    let selection = Selection::all().without_records().without([history]);
    let data = whole_and_steady::<DB>(conn, selection, &volatile, listener);
    let data = match data {
        Err(DigestError::Stopped { .. }) => return Err(RehearseError::Stopped),
        data => data.map_err(|error| error.to_string()),
    };
    Ok(State {
        schema,
        volatile,
        data,
    })
}

fn whole_and_steady<DB: Engine>(
    conn: &mut DB::Connection,
    selection: Selection,
    volatile: &Volatile,
    listener: &mut dyn Listener,
) -> Result<Data, DigestError> {
    let mut observe = |progress: crate::digest::Progress<'_>| {
        let done = u32::try_from(progress.done).unwrap_or(u32::MAX);
        let of = u32::try_from(progress.of).unwrap_or(u32::MAX).max(1);
        listener.event(&Event::Progress {
            step: Step::Rehearse,
            text: &format!("reading {}", progress.table),
            fraction: Some(f64::from(done) / f64::from(of)),
        });
        !listener.stop()
    };
    let whole = digest_observed::<DB, _>(conn, &selection, &mut observe)?;
    // Of a table with volatile columns only, nothing would be left to read.
    let has_steady = |(table, columns): &(&String, &BTreeMap<String, String>)| {
        let read = whole.tables.get(*table);
        read.is_some_and(|read| read.columns.iter().any(|it| !columns.contains_key(it)))
    };
    let tables = volatile.iter().filter(has_steady).map(|(table, _)| table);
    let steady = Selection::tables(tables.cloned()).without_columns(
        volatile
            .iter()
            .map(|(table, columns)| (table.clone(), columns.keys().cloned().collect()))
            .collect(),
    );
    let steady = digest_observed::<DB, _>(conn, &steady, &mut observe)?;
    Ok(Data { whole, steady })
}

/// The schema without the tables of the history.
pub(super) fn schema<DB: Engine>(
    conn: &mut DB::Connection,
    history: &str,
) -> Result<Schema, RehearseError> {
    let options = Options {
        left_out: vec![history.to_owned()],
        ..Options::default()
    };
    Ok(DB::introspect(conn, &options)?)
}

/// The columns that no two runs fill alike.
pub(super) fn volatile<DB: Engine>(conn: &mut DB::Connection) -> Result<Volatile, RehearseError> {
    let rows = DB::rows(conn, questions(DB::DIALECT).volatile).map_err(RehearseError::database(
        "asking for columns that change by themselves",
    ))?;
    let mut volatile = Volatile::new();
    for row in rows {
        let mut fields = row.into_iter();
        let schema = fields.next().flatten();
        if let (Some(Some(table)), Some(Some(column)), Some(Some(why))) =
            (fields.next(), fields.next(), fields.next())
        {
            volatile
                .entry(table_name(schema.as_deref(), &table))
                .or_default()
                .entry(column)
                .or_insert(why);
        }
    }
    Ok(volatile)
}

impl State {
    /// The columns that were volatile when it was read.
    pub(super) fn volatile(&self) -> &Volatile {
        &self.volatile
    }

    /// How the schema differs from this one.
    pub(super) fn schema_after(&self, after: &Schema) -> SchemaState {
        let differences = diff(&self.schema, after);
        if !differences.is_empty() {
            return SchemaState::Differs {
                differences: differences.iter().map(ToString::to_string).collect(),
            };
        }
        SchemaState::Equal
    }

    /// How the data differ from these. A column is an excuse only where it was volatile all the
    /// time: one that was dropped and made again has lost its values.
    pub(super) fn data_after(&self, after: &State, between: &Volatile) -> DataState {
        let (before, after) = match (&self.data, &after.data) {
            (Ok(before), Ok(after)) => (before, after),
            (Err(why), _) | (_, Err(why)) => return DataState::NotChecked { why: why.clone() },
        };
        let unsteady: BTreeSet<String> = compare(&before.steady, &after.steady)
            .iter()
            .filter_map(|difference| difference.table().map(str::to_owned))
            .collect();
        let (mut differences, mut not_comparable) = (Vec::new(), Vec::new());
        for difference in compare(&before.whole, &after.whole) {
            let excuse = match &difference {
                Difference::Content { table, .. } if !unsteady.contains(table) => {
                    self.excuse(table, between)
                }
                _ => None,
            };
            match excuse {
                Some(excuse) => not_comparable.push(excuse),
                None => differences.push(difference.to_string()),
            }
        }
        for (table, why) in &after.whole.not_read {
            not_comparable.push(NotComparable {
                table: table.clone(),
                columns: vec![("*".to_owned(), why.clone())],
            });
        }
        let (tables, rows) = (before.whole.tables.len(), before.whole.rows());
        match (differences.is_empty(), not_comparable.is_empty()) {
            (true, true) => DataState::Equal { tables, rows },
            (true, false) => DataState::EqualAsFarAsComparable {
                tables,
                rows,
                not_comparable,
            },
            (false, _) => DataState::Differs {
                differences,
                not_comparable,
            },
        }
    }

    fn excuse(&self, table: &str, between: &Volatile) -> Option<NotComparable> {
        let columns = self.volatile.get(table)?;
        let still = between.get(table)?;
        columns
            .keys()
            .all(|column| still.contains_key(column))
            .then(|| NotComparable {
                table: table.to_owned(),
                columns: columns.clone().into_iter().collect(),
            })
    }
}
