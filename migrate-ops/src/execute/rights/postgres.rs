//! PostgreSQL: CREATE on schemas, ownership of tables, and rights to their rows.

use std::collections::BTreeMap;

use diesel::QueryResult;

use super::needs::{Need, What};
use super::{Ask, MissingRight};

/// What the user may do with a table.
struct Table {
    owns: bool,
    /// In the order of [`ROWS`].
    rows: Vec<bool>,
}

/// Rights to tables that need no ownership.
const ROWS: [(What, &str); 6] = [
    (What::Insert, "INSERT"),
    (What::Update, "UPDATE"),
    (What::Delete, "DELETE"),
    (What::Truncate, "TRUNCATE"),
    (What::Reference, "REFERENCES"),
    (What::Trigger, "TRIGGER"),
];

pub(super) fn missing(
    needs: &[(String, Need)],
    ask: &mut Ask<'_>,
) -> QueryResult<Vec<MissingRight>> {
    let path: Vec<String> = ask("SELECT unnest(current_schemas(true))::text")?
        .into_iter()
        .filter_map(|row| row.into_iter().next().flatten())
        .collect();
    let current = ask("SELECT current_schema()::text")?
        .into_iter()
        .find_map(|row| row.into_iter().next().flatten());
    let schemas: BTreeMap<String, bool> =
        ask("SELECT nspname::text, has_schema_privilege(oid, 'CREATE')::text FROM pg_namespace")?
            .into_iter()
            .filter_map(|row| {
                let mut row = row.into_iter();
                Some((row.next()??, row.next()?? == "true"))
            })
            .collect();
    let tables = tables(ask)?;
    let mut missing = Vec::new();
    let mut lacks = |version: &str, right: String| {
        let known = |it: &MissingRight| it.right == right;
        if !missing.iter().any(known) {
            let version = version.to_owned();
            missing.push(MissingRight { version, right });
        }
    };
    for (version, need) in needs {
        let schema = need.on.schema.as_ref().map(|schema| schema.name.clone());
        if matches!(
            need.what,
            What::Create | What::CreateView | What::CreateRoutine
        ) {
            let schema = schema.or_else(|| current.clone());
            // A schema that is not there yet is made by a migration, which then owns it.
            if let Some(schema) = schema.filter(|schema| schemas.get(schema) == Some(&false)) {
                lacks(version, format!("CREATE on schema {schema}"));
            }
            continue;
        }
        let name = &need.on.name.name;
        let candidates = schema.map_or(path.clone(), |schema| vec![schema]);
        let found = candidates
            .into_iter()
            .find_map(|schema| tables.get(&(schema, name.clone())));
        let Some(table) = found.filter(|table| !table.owns) else {
            continue;
        };
        let mut rows = ROWS.iter().zip(&table.rows);
        match rows.find(|((what, _), _)| *what == need.what) {
            Some((_, true)) => {}
            Some(((_, right), false)) => {
                lacks(version, format!("{right} on table {}", need.on));
            }
            None => lacks(version, format!("ownership of table {}", need.on)),
        }
    }
    Ok(missing)
}

/// What the monitor needs.
pub(super) fn missing_to_watch(ask: &mut Ask<'_>) -> QueryResult<Vec<String>> {
    let sees = "SELECT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')::text";
    Ok(match is_true(ask, sees)? {
        true => Vec::new(),
        false => vec![
            "pg_read_all_stats, to see what other sessions do and how far replicas are".to_owned(),
        ],
    })
}

/// What a copy needs.
pub(super) fn missing_on_scratch(ask: &mut Ask<'_>) -> QueryResult<Vec<String>> {
    let makes = "SELECT (rolcreatedb OR rolsuper)::text FROM pg_catalog.pg_roles \
                 WHERE rolname = current_user";
    Ok(match is_true(ask, makes)? {
        true => Vec::new(),
        false => vec!["CREATEDB, to make the database that the backup is restored into".to_owned()],
    })
}

fn is_true(ask: &mut Ask<'_>, sql: &str) -> QueryResult<bool> {
    let rows = ask(sql)?;
    let word = rows.into_iter().flatten().flatten().next();
    Ok(word.as_deref() == Some("true"))
}

fn tables(ask: &mut Ask<'_>) -> QueryResult<BTreeMap<(String, String), Table>> {
    let rights: Vec<String> = ROWS
        .iter()
        .map(|(_, right)| format!("has_table_privilege(c.oid, '{right}')::text"))
        .collect();
    let rows = ask(&format!(
        "SELECT n.nspname::text, c.relname::text, \
         pg_has_role(current_user, c.relowner, 'USAGE')::text, {} \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')",
        rights.join(", ")
    ))?;
    let table = |row: Vec<Option<String>>| {
        let mut row = row.into_iter();
        let name = (row.next()??, row.next()??);
        let owns = row.next()?? == "true";
        let rows = row.map(|right| right.as_deref() == Some("true")).collect();
        Some((name, Table { owns, rows }))
    };
    Ok(rows.into_iter().filter_map(table).collect())
}
