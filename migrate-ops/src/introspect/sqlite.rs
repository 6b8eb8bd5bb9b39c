//! SQLite's catalogue, which the model reads itself; here it is asked on a diesel connection.

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::result::Error as DieselError;
use diesel::sqlite::Sqlite;
use migrate_core::Dialect;
use migrate_runtime::Database;
use migrate_sql::catalogue::{self, COLUMNS, Catalogue, Row};
use migrate_sql::schema::{Object, ObjectId, Schema};

use super::{IntrospectError, Options};

/// Reads the schema of the main database.
///
/// # Errors
/// What the database says.
pub fn read<C: LoadConnection<Backend = Sqlite>>(
    conn: &mut C,
    options: &Options,
) -> Result<Schema, IntrospectError> {
    let mut schema = catalogue::read(&mut Live(conn)).map_err(IntrospectError::of("the schema"))?;
    let left_out: Vec<ObjectId> = schema
        .objects()
        .filter(|(_, object)| {
            matches!(object, Object::Table(table) if options.leaves_out(&table.name.name))
        })
        .map(|(id, _)| id.clone())
        .collect();
    for id in left_out {
        schema.remove(&id);
    }
    Ok(schema)
}

struct Live<'c, C>(&'c mut C);

impl<C: LoadConnection<Backend = Sqlite>> Catalogue for Live<'_, C> {
    type Error = DieselError;

    fn rows(&mut self, sql: &str, parameters: &[&str]) -> QueryResult<Vec<Row>> {
        let rows = Sqlite::rows(self.0, &with_literals(sql, parameters))?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let mut fields = row.into_iter();
                let mut cells: Row = [const { None }; COLUMNS];
                cells.fill_with(|| fields.next().flatten());
                cells
            })
            .collect())
    }
}

/// The query with text literals for its parameters, in order: its own text has no `?` besides.
fn with_literals(sql: &str, parameters: &[&str]) -> String {
    let mut parts = sql.split('?');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (part, parameter) in parts.zip(parameters) {
        text.push_str(&Dialect::Sqlite.quote_text(parameter));
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::with_literals;

    #[test]
    fn parameters_become_literals() {
        assert_eq!(
            with_literals("SELECT name FROM f(?) WHERE a = ?", &["it's", "?"]),
            "SELECT name FROM f('it''s') WHERE a = '?'"
        );
    }
}
