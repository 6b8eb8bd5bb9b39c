//! Real sets: model and database after every single migration.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use diesel::connection::{LoadConnection, SimpleConnection};
use diesel::{Connection, SqliteConnection};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};
use migrate_core::directory::{self, ReadOptions, Reading};
use migrate_core::plan::UpTarget;
use migrate_core::{CheckContext, Dialect, SourceMigration};
use migrate_ops::introspect::{self, IntrospectError, Options};
use migrate_runtime::{Database, Migrator};
use migrate_sql::check;
use migrate_sql::diff::diff;
use migrate_sql::emit::sql::RemarkKind;
use migrate_sql::schema::Schema;
use migrate_tests::{corpora, server};

use crate::emitted;

/// A function that authelia's app registers.
static FUNCTIONS: LazyLock<[String; 1]> = LazyLock::new(|| ["BIN2B64".to_owned()]);

/// Reads a set.
fn read(set: &str, dialect: Dialect) -> Option<Reading> {
    // It lies among the migrations of crates-io.
    let ignore = ["data_oauth_github.sql".to_owned()];
    let options = ReadOptions {
        ignore: &ignore,
        ..ReadOptions::new(dialect)
    };
    Some(directory::read(&corpora::folder(set)?, &options))
}

fn context(dialect: Dialect) -> CheckContext<'static> {
    CheckContext {
        dialect,
        server: None,
        functions: &*FUNCTIONS,
    }
}

fn compare<DB: Database, C: LoadConnection<Backend = DB>>(
    set: &str,
    dialect: Dialect,
    conn: &mut C,
    live: impl Fn(&mut C) -> Result<Schema, IntrospectError>,
) {
    let Some(reading) = read(set, dialect) else {
        return;
    };
    let mut before = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut migrator = Migrator::<DB>::new(&reading.set);
    for (index, migration) in reading.sources.iter().enumerate() {
        let report = migrator.up(conn, &UpTarget::Count(1)).unwrap();
        assert_eq!(report.steps.len(), 1);
        let model = check::schema_in(&reading.sources[..=index], context(dialect));
        let found: BTreeSet<String> = diff(&model, &live(conn).unwrap())
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(!model.is_open(), "after {}", migration.name);
        let new: Vec<&str> = found.difference(&before).map(String::as_str).collect();
        if !new.is_empty() {
            wrong.push(format!(
                "{}_{}\n    {}",
                migration.version,
                migration.name,
                new.join("\n    ")
            ));
        }
        before = found;
    }
    assert!(
        wrong.is_empty(),
        "{} of {} migrations of {set}:\n{}",
        wrong.len(),
        reading.sources.len(),
        wrong.join("\n")
    );
}

fn postgres(set: &str) {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("model");
    let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(database.url()).unwrap();
    compare(set, Dialect::Postgres, &mut conn, |conn| {
        introspect::postgres::read(conn, &Options::default())
    });
}

/// The model after every `step`th migration of a set.
fn models(set: &str, dialect: Dialect, step: usize) -> Option<Vec<Schema>> {
    let reading = read(set, dialect)?;
    let up_to = |last| check::schema_in(&reading.sources[..=last], context(dialect));
    Some(
        (0..reading.sources.len())
            .step_by(step)
            .map(up_to)
            .collect(),
    )
}

/// Proposes a way down for every migration of a set, and says how many bring the schema back as it was.
/// Of a large set every `step`th is enough.
fn proposed(set: &str, dialect: Dialect, step: usize) {
    let Some(reading) = read(set, dialect) else {
        return;
    };
    let context = context(dialect);
    let (mut count, mut silent, mut wrong) = (0, 0, Vec::new());
    for (index, migration) in reading.sources.iter().enumerate().step_by(step) {
        count += 1;
        let before = &reading.sources[..index];
        let back = check::way_back(before, migration, context);
        let to_do = back.remarks.iter().any(|it| it.kind == RemarkKind::Cannot);
        silent += usize::from(!to_do);
        let text = format!("{};", back.statements.join(";\n"));
        let version = migration.version.clone();
        let down = SourceMigration::of_text(version, "down.sql", text.as_bytes(), dialect).unwrap();
        let mut all = before.to_vec();
        all.extend([migration.clone(), down]);
        let differences = diff(
            &check::schema_in(before, context),
            &check::schema_in(&all, context),
        );
        if !differences.is_empty() {
            let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
            wrong.push(format!("{}: {}\n{text}", migration.name, lines.join("\n")));
        }
    }
    println!(
        "{set}: {} of {count} proposed ways down bring the schema back, {silent} of all with nothing \
         left to do",
        count - wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn proposed_downs() {
    proposed("crates-io/migrations", Dialect::Postgres, 12);
    proposed("authelia/postgres", Dialect::Postgres, 1);
    proposed("authelia/mysql", Dialect::Mysql, 1);
    proposed("authelia/sqlite", Dialect::Sqlite, 1);
}

struct Live<C, R>(C, R);

impl<C, R> emitted::Database for Live<C, R>
where
    C: SimpleConnection,
    R: FnMut(&mut C) -> Result<Schema, IntrospectError>,
{
    fn run(&mut self, script: &str) -> Result<(), String> {
        self.0
            .batch_execute(script)
            .map_err(|error| error.to_string())
    }

    fn read(&mut self) -> Result<Schema, String> {
        (self.1)(&mut self.0).map_err(|error| format!("{error}: {}", error.source))
    }
}

fn postgres_along(set: &str, step: usize) {
    let Some(server) = server::postgres() else {
        return;
    };
    let Some(models) = models(set, Dialect::Postgres, step) else {
        return;
    };
    let mut databases = Vec::new();
    emitted::along(set, &models, || {
        let database = server.database("emitted");
        let conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(database.url()).unwrap();
        databases.push(database);
        let read = |conn: &mut _| introspect::postgres::read(conn, &Options::default());
        Box::new(Live(conn, read))
    });
}

#[test]
fn crates_io_emitted() {
    postgres_along("crates-io/migrations", 4);
}

#[test]
fn authelia_postgres_emitted() {
    postgres_along("authelia/postgres", 1);
}

#[test]
fn authelia_mariadb_emitted() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let Some(models) = models("authelia/mysql", Dialect::Mysql, 1) else {
        return;
    };
    let mut databases = Vec::new();
    emitted::along("authelia/mysql", &models, || {
        let database = server.database("emitted");
        let conn =
            AsyncConnectionWrapper::<AsyncMysqlConnection>::establish(database.url()).unwrap();
        databases.push(database);
        let read = |conn: &mut _| introspect::mysql::read(conn, &Options::default());
        Box::new(Live(conn, read))
    });
}

#[test]
fn authelia_sqlite_emitted() {
    let Some(models) = models("authelia/sqlite", Dialect::Sqlite, 1) else {
        return;
    };
    emitted::along("authelia/sqlite", &models, || {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        bin2b64_utils::register_impl(&mut conn, |data: Option<Vec<u8>>| {
            data.map(|data| format!("{data:?}"))
        })
        .unwrap();
        let read = |conn: &mut _| introspect::sqlite::read(conn, &Options::default());
        Box::new(Live(conn, read))
    });
}

#[test]
fn crates_io() {
    postgres("crates-io/migrations");
}

#[test]
fn authelia_postgres() {
    postgres("authelia/postgres");
}

#[test]
fn authelia_mariadb() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("model");
    let mut conn =
        AsyncConnectionWrapper::<AsyncMysqlConnection>::establish(database.url()).unwrap();
    compare("authelia/mysql", Dialect::Mysql, &mut conn, |conn| {
        introspect::mysql::read(conn, &Options::default())
    });
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// A function of the app, of which only the name and the arguments matter here.
    #[sql_name = "BIN2B64"]
    fn bin2b64(
        data: diesel::sql_types::Nullable<diesel::sql_types::Binary>,
    ) -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}

#[test]
fn authelia_sqlite() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    bin2b64_utils::register_impl(&mut conn, |data: Option<Vec<u8>>| {
        data.map(|data| format!("{data:?}"))
    })
    .unwrap();
    compare("authelia/sqlite", Dialect::Sqlite, &mut conn, |conn| {
        introspect::sqlite::read(conn, &Options::default())
    });
}
