//! The histories of other tools.

use std::collections::BTreeSet;
use std::fmt;

use migrate_core::Version;
use migrate_core::history::History;

use crate::backend::{Backend, TableName};
use crate::error::Error;
use crate::history_table::qualified;
use crate::session::Session;

/// How a tool's table is recognised and read.
struct Known {
    tool: &'static str,
    table: &'static str,
    /// The column of the version.
    version: &'static str,
    /// A column that only this tool's table of that name has.
    mark: Option<&'static str>,
    /// Rows that count.
    filter: &'static str,
    /// Whether the column holds the same versions as file names do, so that they can be compared.
    comparable: bool,
}

const fn known(tool: &'static str, table: &'static str, version: &'static str) -> Known {
    Known {
        tool,
        table,
        version,
        mark: None,
        filter: "1 = 1",
        comparable: false,
    }
}

/// Most telling first: several tools call their table `schema_migrations`.
const KNOWN: [Known; 15] = [
    Known {
        comparable: true,
        ..known("diesel", "__diesel_schema_migrations", "version")
    },
    Known {
        comparable: true,
        ..known("sqlx", "_sqlx_migrations", "version")
    },
    Known {
        comparable: true,
        ..known("refinery", "refinery_schema_history", "version")
    },
    known("SeaORM", "seaql_migrations", "version"),
    Known {
        filter: "version IS NOT NULL",
        ..known("Flyway", "flyway_schema_history", "version")
    },
    known("Liquibase", "databasechangelog", "id"),
    known("Liquibase", "DATABASECHANGELOG", "ID"),
    Known {
        filter: "version <> '.atlas_cloud_identifier'",
        ..known("Atlas", "atlas_schema_revisions", "version")
    },
    known("Alembic", "alembic_version", "version_num"),
    known("Django", "django_migrations", "name"),
    known("Entity Framework", "__EFMigrationsHistory", "MigrationId"),
    known("Sequelize", "SequelizeMeta", "name"),
    Known {
        filter: "version_id > 0",
        ..known("goose", "goose_db_version", "version_id")
    },
    Known {
        mark: Some("dirty"),
        ..known("golang-migrate", "schema_migrations", "version")
    },
    known("dbmate, Rails or Ecto", "schema_migrations", "version"),
];

/// Whether a table is one in which a migration tool, this one included, keeps its records, so that it
/// is no part of the schema that migrations make.
pub fn is_history_table(name: &str) -> bool {
    name.starts_with("_migrate_") || KNOWN.iter().any(|known| known.table == name)
}

/// Migrations that another tool's table records and our history does not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForeignHistory {
    /// The tool.
    pub tool: &'static str,
    /// Its table, with the schema.
    pub table: String,
    /// The versions that our history lacks, as the tool spells them.
    pub versions: Vec<String>,
}

impl ForeignHistory {
    /// Whether `adopt` can take this history over.
    pub fn is_adoptable(&self) -> bool {
        matches!(self.tool, "diesel" | "sqlx")
    }

    /// The one next command.
    pub(crate) fn next(&self) -> String {
        if self.is_adoptable() {
            format!("migrate adopt --from {}", self.tool)
        } else {
            "migrate baseline --to <the newest version that is already applied>".to_owned()
        }
    }
}

impl fmt::Display for ForeignHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.versions.len();
        write!(
            f,
            "{} was here: its table {} records {count} migration{} that {} history lacks ({}",
            self.tool,
            self.table,
            if count == 1 { "" } else { "s" },
            if count == 1 { "this" } else { "our" },
            self.versions
                .iter()
                .take(3)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", "),
        )?;
        if count > 3 {
            write!(f, ", …")?;
        }
        let how = if self.is_adoptable() {
            "adopt"
        } else {
            "baseline"
        };
        write!(
            f,
            "); nothing is applied over it: take it over with `{how}`"
        )
    }
}

/// Looks for a tool whose table records what our history lacks.
pub(crate) fn find(
    backend: &dyn Backend,
    session: &mut dyn Session,
    schemas: &[String],
    history: &History,
) -> Result<Option<ForeignHistory>, Error> {
    let doing = "looking for another tool's history";
    let names: BTreeSet<&str> = KNOWN.iter().map(|known| known.table).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let tables = backend
        .existing(session, schemas, &names)
        .map_err(Error::database(doing))?;
    for table in &tables {
        let Some(known) = recognise(backend, session, table)? else {
            continue;
        };
        // What a baseline covers is known to be applied, whatever it was called.
        let baseline = history
            .applied
            .iter()
            .filter(|row| row.tool.contains("(baseline"))
            .map(|row| &row.version)
            .max();
        let versions = versions(backend, session, table, known)?;
        let lacking: Vec<String> = versions
            .into_iter()
            .filter(|text| match Version::parse(text) {
                Ok(version) if known.comparable => {
                    history.get(&version).is_none() && baseline.is_none_or(|b| version > *b)
                }
                // Versions that cannot be compared are taken as covered once we have a history.
                _ => history.applied.is_empty(),
            })
            .collect();
        if !lacking.is_empty() {
            let table = match table.schema.as_str() {
                "" => table.name.clone(),
                schema => format!("{schema}.{}", table.name),
            };
            return Ok(Some(ForeignHistory {
                tool: known.tool,
                table,
                versions: lacking,
            }));
        }
    }
    Ok(None)
}

fn recognise(
    backend: &dyn Backend,
    session: &mut dyn Session,
    table: &TableName,
) -> Result<Option<&'static Known>, Error> {
    for known in KNOWN.iter().filter(|known| known.table == table.name) {
        let marked = match known.mark {
            None => true,
            Some(column) => backend
                .has_column(session, table, column)
                .map_err(Error::database("looking for another tool's history"))?,
        };
        if marked {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

fn versions(
    backend: &dyn Backend,
    session: &mut dyn Session,
    table: &TableName,
    known: &Known,
) -> Result<Vec<String>, Error> {
    let version = backend.identifier(known.version);
    let rows = session
        .rows(&format!(
            "SELECT {} FROM {} WHERE {} ORDER BY {version}",
            backend.as_text(&version),
            qualified(backend, &table.schema, &table.name),
            known.filter
        ))
        .map_err(Error::database("reading another tool's history"))?;
    Ok(rows
        .into_iter()
        .filter_map(|row| row.into_iter().next().flatten())
        .collect())
}
