//! The user's own checks: queries in files.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::LoadConnection;
use migrate_core::{Dialect, MigrationSet, split};
use migrate_runtime::Database;

use super::check::{Finding, check};
use super::constraints::hashed;
use super::error::ValidateError;
use super::evidence::{Check, CheckKind};
use super::inspect::{Asker, Inspect};

/// A file with queries.
#[derive(Debug)]
pub(super) struct QueryFile {
    /// As messages show it.
    pub(super) name: String,
    pub(super) text: String,
}

impl QueryFile {
    fn read(path: &Path, name: String) -> Result<Self, ValidateError> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(QueryFile { name, text }),
            Err(source) => Err(ValidateError::File { path: name, source }),
        }
    }

    pub(super) fn statements(&self, dialect: Dialect) -> Vec<String> {
        let split = split(&self.text, dialect);
        split.texts(&self.text).map(str::to_owned).collect()
    }
}

/// The `*.sql` of a folder, in the order of their names; none where there is no such folder.
pub(super) fn folder(directory: &Path, name: &str) -> Result<Vec<QueryFile>, ValidateError> {
    let folder = directory.join(name);
    let fail = |source| ValidateError::File {
        path: name.to_owned(),
        source,
    };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|it| it == "sql") {
            paths.push(path);
        }
    }
    paths.sort();
    let files = paths.iter().map(|path| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        QueryFile::read(path, format!("{name}/{file}"))
    });
    files.collect()
}

/// The `verify.sql` beside those migrations that `takes` says yes to.
pub(super) fn verify(
    directory: &Path,
    set: &MigrationSet,
    takes: impl Fn(&str) -> bool,
) -> Result<Vec<QueryFile>, ValidateError> {
    let mut files = Vec::new();
    for migration in set.migrations() {
        if !takes(&migration.version.to_string()) {
            continue;
        }
        // `<version>_<name>/up.sql`; other layouts have no folder for each.
        let folder = Path::new(migration.up.path.as_ref())
            .parent()
            .and_then(Path::file_name);
        let Some(folder) = folder else { continue };
        let path = directory.join(folder).join("verify.sql");
        if path.is_file() {
            let name = format!("{}/verify.sql", folder.to_string_lossy());
            files.push(QueryFile::read(&path, name)?);
        }
    }
    Ok(files)
}

/// Runs the queries of a file, none of which may return a row; one check a query.
pub(super) fn no_rows<C>(
    conn: &mut C,
    kind: CheckKind,
    file: &QueryFile,
    show_values: bool,
    done: &mut dyn FnMut(Check) -> bool,
) -> bool
where
    C: LoadConnection,
    C::Backend: Inspect,
{
    let dialect = <C::Backend as Database>::DIALECT;
    let statements = file.statements(dialect);
    if statements.is_empty() {
        let finding = Finding::failed("the file holds no query");
        return done(check(kind, file.name.as_str(), || Ok(finding)));
    }
    let several = statements.len() > 1;
    for (at, sql) in statements.iter().enumerate() {
        let subject = match several {
            true => format!("{}, query {}", file.name, at + 1),
            false => file.name.clone(),
        };
        let made = check(kind, subject, || {
            let asked =
                C::Backend::reading(conn, Asker::User, |conn| C::Backend::rows_of(conn, sql));
            let count = match asked {
                Ok(count) => count,
                // A rule that cannot be asked does not hold.
                Err(error) => return Ok(Finding::failed(error.to_string())),
            };
            let mut finding =
                Finding::counted(count, Vec::new(), "rows are there, and none may be");
            if count > 0
                && let Some(row) = C::Backend::whole_row("q")
            {
                let sql = format!("SELECT {row} FROM ({sql}\n) q LIMIT 5");
                let rows =
                    C::Backend::reading(conn, Asker::User, |conn| C::Backend::rows(conn, &sql));
                // A query that cannot stand inside another is without keys.
                let keys = rows.unwrap_or_default().into_iter().flatten().flatten();
                let keys = keys.map(|key: String| match show_values {
                    true => key,
                    false => hashed(&key),
                });
                finding.keys = keys.collect();
            }
            Ok(finding)
        });
        if !done(made) {
            return false;
        }
    }
    true
}
