//! `migrate up` against the databases' clients, on the same small statements.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::clock::ServerProcess;
use super::pairs::Pairs;
use super::programs::{Project, run_script};
use crate::server::{Engine, Server};

const STATEMENTS: usize = 1000;
/// So many more rounds than of a backup: these are short.
const OFTENER: usize = 5;

/// One migration of a thousand statements, of rows and of the schema, and a thousand migrations of one.
/// Rows also with a lock file, as `migrate new` writes it: what it vouches for is not checked again.
#[must_use]
pub fn measure(server: &Server, rounds: usize) -> Vec<Pairs> {
    // On MariaDB a change of the schema commits; there each statement has a record of its own.
    let target = "≤ 1.05";
    let recorded = match server.engine() {
        Engine::Mariadb => "a record each",
        _ => target,
    };
    let rounds = rounds * OFTENER;
    let vouched = one_project(server, row);
    vouched.lock();
    vec![
        one(server, rounds, "1,000 rows in one migration", target, row),
        compare(
            server,
            rounds,
            "the same with a lock file",
            target,
            &vouched,
            &one_script(row),
        ),
        one(
            server,
            rounds,
            "1,000 changes of the schema in one migration",
            recorded,
            change,
        ),
        many(server, rounds),
    ]
}

fn row(number: usize) -> String {
    format!("INSERT INTO things (id, name) VALUES ({number}, 'thing {number}');\n")
}

/// A change of the schema: tables come, get a column and an index, and a row.
fn change(number: usize) -> String {
    let table = format!("t{}", number / 4);
    match number % 4 {
        0 => format!("CREATE TABLE {table} (id int PRIMARY KEY, name varchar(40));\n"),
        1 => format!("ALTER TABLE {table} ADD COLUMN price int;\n"),
        2 => format!("CREATE INDEX {table}_name ON {table} (name);\n"),
        _ => format!("INSERT INTO {table} (id, name) VALUES (1, 'one');\n"),
    }
}

/// A project whose first migration makes the table for the rows.
fn project(server: &Server) -> Project {
    let project = Project::new(server.engine());
    migration(&project, 0, TABLE);
    project
}

const TABLE: &str = "CREATE TABLE things (id int PRIMARY KEY, name varchar(40) NOT NULL);\n";

fn migration(project: &Project, number: usize, sql: &str) {
    let folder = project.path().join(format!("migrations/{number:04}_step"));
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("up.sql"), sql).expect("a script");
}

/// All statements in one migration.
fn one(
    server: &Server,
    rounds: usize,
    what: &str,
    target: &'static str,
    statement: fn(usize) -> String,
) -> Pairs {
    let project = one_project(server, statement);
    compare(
        server,
        rounds,
        what,
        target,
        &project,
        &one_script(statement),
    )
}

fn one_project(server: &Server, statement: fn(usize) -> String) -> Project {
    let project = project(server);
    migration(&project, 1, &statements(statement));
    project
}

fn one_script(statement: fn(usize) -> String) -> String {
    format!("BEGIN;\n{}COMMIT;\n", statements(statement))
}

fn statements(statement: fn(usize) -> String) -> String {
    (0..STATEMENTS).map(statement).collect()
}

/// A migration each, and for the client a transaction each.
fn many(server: &Server, rounds: usize) -> Pairs {
    let project = project(server);
    let mut script = String::new();
    for number in 0..STATEMENTS {
        let statement = row(number);
        migration(&project, number + 1, &statement);
        write!(script, "BEGIN;\n{statement}COMMIT;\n").expect("text");
    }
    let what = "1,000 migrations of one row";
    compare(server, rounds, what, "a history each", &project, &script)
}

fn compare(
    server: &Server,
    rounds: usize,
    what: &str,
    target: &'static str,
    project: &Project,
    script: &str,
) -> Pairs {
    let path: PathBuf = project.path().join("script.sql");
    fs::write(&path, script).expect("a script");
    let empty = || {
        let database = server.database("overhead_apply");
        let process = ServerProcess::of(&database);
        (database, process)
    };
    Pairs::measure(
        format!("{}: {what}", server.engine()),
        target,
        rounds,
        || {
            let (database, process) = empty();
            database.sql(TABLE);
            process.cost(|| run_script(&database, &path)).0
        },
        || {
            let (database, process) = empty();
            project.migrate(database.url(), &["up", "--quiet", "--count", "1"]);
            let up = || project.migrate(database.url(), &["up", "--quiet"]);
            process.cost(up).0
        },
    )
}
