//! `migrate schema --diesel`: what diesel's own command prints for the database that the migrations
//! make.
//!
//! The sets in `fixtures/diesel_schema` have what diesel prints beside them. Where diesel's command
//! is installed (`MIGRATE_TEST_DIESEL_CLI`, or `diesel` in the PATH) it is asked again, and about
//! the real sets too.
#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; what is left out is said"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_core::config::Config;
use migrate_core::directory::{self, ReadOptions, Reading};
use migrate_core::{CheckContext, Color, Diagnostic, Dialect, Level, render};
use migrate_sql::check;
use migrate_sql::emit::diesel::DieselSchema;
use migrate_tests::corpora;
use migrate_tests::server::{self, Server, TestDatabase, left_out};

/// Functions that the apps of the real sets register.
const FUNCTIONS: &[&str] = &["BIN2B64", "B642BIN"];

fn fixture(dialect: Dialect) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/diesel_schema")
        .join(dialect.to_string())
}

fn read(dir: &Path, dialect: Dialect) -> Reading {
    directory::read(dir, &ReadOptions::new(dialect))
}

fn from_migrations(reading: &Reading, dialect: Dialect) -> DieselSchema {
    let functions: Vec<String> = FUNCTIONS.iter().map(|name| (*name).to_owned()).collect();
    let context = CheckContext {
        dialect,
        server: None,
        functions: &functions,
    };
    DieselSchema::new(&check::schema_in(&reading.sources, context))
}

#[test]
fn every_kind_of_column_is_as_diesel_has_it() {
    for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
        let dir = fixture(dialect);
        let printed = from_migrations(&read(&dir, dialect), dialect).to_string();
        let expected = fs::read_to_string(dir.with_extension("rs")).unwrap();
        assert_eq!(printed, expected, "{dialect}");
    }
}

#[test]
fn what_is_printed_agrees_with_the_migrations() {
    let corpora = [
        ("crates-io/migrations", Dialect::Postgres),
        ("authelia/postgres", Dialect::Postgres),
        ("authelia/mysql", Dialect::Mysql),
        ("authelia/sqlite", Dialect::Sqlite),
    ];
    let dialects = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];
    let fixtures = dialects.map(|dialect| (fixture(dialect), dialect));
    let corpora = corpora
        .into_iter()
        .filter_map(|(name, dialect)| Some((corpora::folder(name)?, dialect)));
    for (dir, dialect) in fixtures.into_iter().chain(corpora) {
        let ours = from_migrations(&read(&dir, dialect), dialect);
        let certain = ours.tables().filter(|table| table.certain).count();
        let printed = ours.to_string();
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("schema.rs");
        fs::write(&file, printed).unwrap();
        let mut config = Config::defaults(place.path()).top();
        config.dir = dir.clone();
        config.dialect = Some(dialect);
        config.functions = FUNCTIONS.iter().map(|name| (*name).to_owned()).collect();
        config.schema_file = Some(file.clone());
        // Some down scripts of the real sets have errors of their own, which is not the matter here.
        config.levels.set("unknown-file", Level::Info).unwrap();
        let compared = || {
            let loaded = check::load_with_schema_file(&config).unwrap();
            let matters = |found: &&Diagnostic| found.rule.code.starts_with("schema-");
            let found = loaded.diagnostics.iter().filter(matters);
            found
                .map(|it| render(it, Color::Never))
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert_eq!(compared(), "", "{}", dir.display());
        fs::write(&file, "").unwrap();
        let lacks = compared().contains("tables are not in the schema file");
        assert_eq!(lacks, certain > 1, "{}", dir.display());
    }
}

#[test]
fn diesel_prints_the_same_for_the_fixtures() {
    for (dialect, server) in servers() {
        let dir = fixture(dialect);
        same(&read(&dir, dialect), dialect, &server, "fixture");
    }
}

#[test]
fn diesel_prints_the_same_for_authelia() {
    for (dialect, server) in servers() {
        if let Some(dir) = corpora::folder(&format!("authelia/{dialect}")) {
            same(&read(&dir, dialect), dialect, &server, "authelia");
        }
    }
}

#[test]
fn diesel_prints_the_same_for_crates_io() {
    let (Some(server), Some(dir)) = (server::postgres(), corpora::folder("crates-io/migrations"))
    else {
        return;
    };
    let dialect = Dialect::Postgres;
    same(&read(&dir, dialect), dialect, &server, "crates-io");
}

fn servers() -> Vec<(Dialect, Server)> {
    [
        (Dialect::Postgres, server::postgres()),
        (Dialect::Mysql, server::mariadb()),
        (Dialect::Sqlite, server::sqlite()),
    ]
    .into_iter()
    .filter_map(|(dialect, server)| Some((dialect, server?)))
    .collect()
}

/// Compares module by module, since diesel prints one schema at a time.
fn same(reading: &Reading, dialect: Dialect, server: &Server, name: &str) {
    let Some(program) = diesel() else { return };
    let database = server.database(name);
    apply(reading, dialect, &database);
    let ours = from_migrations(reading, dialect);
    assert!(!ours.modules.is_empty(), "{name} on {dialect}");
    for module in &ours.modules {
        let schema = module.schema.as_ref().map(|(name, _)| name.as_str());
        let theirs = print_schema(&program, &database, schema, &ours);
        let alone = DieselSchema {
            modules: vec![module.clone()],
            left_out: Vec::new(),
        };
        assert_eq!(
            words(&alone.to_string()),
            words(&theirs),
            "{name} on {dialect}, schema {schema:?}"
        );
    }
}

/// Applies the up scripts with the engine's own client.
fn apply(reading: &Reading, dialect: Dialect, database: &TestDatabase) {
    for migration in &reading.sources {
        let script = &migration.up;
        match dialect {
            // The client cuts at every semicolon, also inside of procedures.
            Dialect::Mysql => {
                let mut text = "DELIMITER //~//\n".to_owned();
                for statement in &script.split.statements {
                    text.push_str(&script.text[statement.span.clone()]);
                    text.push_str("\n//~//\n");
                }
                database.sql(&text);
            }
            // Any function does, since there is no row.
            Dialect::Sqlite => {
                let text = FUNCTIONS
                    .iter()
                    .fold(script.text.to_string(), |text, name| {
                        text.replace(&format!("{name}("), "hex(")
                    });
                database.sql(&text);
            }
            _ => {
                database.sql(&script.text);
            }
        }
    }
}

fn print_schema(
    program: &Path,
    database: &TestDatabase,
    schema: Option<&str>,
    ours: &DieselSchema,
) -> String {
    // Where it runs there is no diesel.toml that changes the output.
    let empty = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command.current_dir(empty.path()).arg("print-schema");
    let url = match database.url().strip_prefix("sqlite:") {
        Some(_) => database.name(),
        None => database.url(),
    };
    command.args(["--database-url", url]);
    if let Some(schema) = schema {
        command.args(["--schema", schema]);
    }
    // One table without a primary key, and diesel prints nothing at all.
    let mut without: Vec<_> = ours.left_out.iter().collect();
    without.retain(|left_out| left_out.table.schema.as_deref() == schema);
    if !without.is_empty() {
        command.arg("--except-tables");
        command.args(without.iter().map(|it| format!("^{}$", it.table.name)));
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "diesel print-schema: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The text without comments and without what a formatter may change.
fn words(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

/// Diesel's command.
fn diesel() -> Option<PathBuf> {
    let named = std::env::var_os("MIGRATE_TEST_DIESEL_CLI").map(PathBuf::from);
    let program = named.unwrap_or_else(|| PathBuf::from("diesel"));
    let there = Command::new(&program).arg("--version").output().is_ok();
    if !there {
        let what = "comparison with diesel print-schema: the command diesel was not found";
        // The project does not need it, so that in CI too this is no failure.
        if std::env::var_os("CI").is_some_and(|ci| ci == "true") {
            eprintln!("left out: {what}");
        } else {
            left_out(what);
        }
    }
    there.then_some(program)
}
