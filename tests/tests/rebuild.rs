//! When cargo compiles an app with embedded migrations again: real builds of a small app that has no
//! `build.rs`.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MANIFEST: &str = r#"
[package]
name = "rebuild-app"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
migrate-runtime = { path = "RUNTIME", features = ["sqlite"] }
libsqlite3-sys = { version = "*", features = ["bundled"] }
"#;

/// Prints every migration with the text of its up script, one a line.
const MAIN: &str = r#"
migrate_runtime::embed_migrations!();

fn main() {
    for migration in migrations::MIGRATIONS.set().migrations() {
        println!("{migration}: {}", migration.up.sql.lines().last().unwrap_or_default());
    }
}
"#;

/// A function that returns the number of rows as what is no number.
const MISTAKEN_CODE: &str = "use migrate_runtime::CodeError;
use migrate_runtime::diesel::connection::LoadConnection;
use migrate_runtime::diesel::sqlite::Sqlite;

pub fn up<C: LoadConnection<Backend = Sqlite>>(conn: &mut C) -> Result<(), CodeError> {
    let rows: usize = conn.batch_execute(\"SELECT 1\")?;
    Ok(())
}
";

struct App {
    dir: PathBuf,
    target: PathBuf,
}

impl App {
    /// An app with one frozen migration.
    fn new() -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let app = App {
            dir: scratch.join("rebuild-app"),
            target: scratch.parent().unwrap().join("rebuild-test"),
        };
        let _ = fs::remove_dir_all(&app.dir);
        let runtime = workspace
            .join("migrate-runtime")
            .display()
            .to_string()
            .replace('\\', "/");
        app.write("Cargo.toml", &MANIFEST.replace("RUNTIME", &runtime));
        app.write("src/main.rs", MAIN);
        app.write("migrate.toml", "dialect = \"sqlite\"\n");
        app.write(
            "migrations/1_users/up.sql",
            "CREATE TABLE users (id integer);\n",
        );
        app.write("migrations/1_users/down.sql", "DROP TABLE users;\n");
        fs::copy(workspace.join("Cargo.lock"), app.dir.join("Cargo.lock")).unwrap();
        app.migrate(&["lock"]);
        app
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn migrate(&self, arguments: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-command"));
        let output = command
            .args(arguments)
            .current_dir(&self.dir)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "migrate {arguments:?}: {}",
            shown(&output)
        );
    }

    fn build(&self) -> Output {
        Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
            .args(["build", "--offline", "--color=never"])
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .output()
            .unwrap()
    }

    /// Whether a build compiles the app, and what the app then prints.
    fn rebuilds(&self) -> (bool, Vec<String>) {
        let build = self.build();
        assert!(build.status.success(), "{}", shown(&build));
        let compiled = shown(&build).contains("Compiling rebuild-app");
        let program = self
            .target
            .join("debug")
            .join(format!("rebuild-app{}", std::env::consts::EXE_SUFFIX));
        let run = Command::new(program).output().unwrap();
        assert!(run.status.success(), "{}", shown(&run));
        let printed = String::from_utf8(run.stdout).unwrap();
        (compiled, printed.lines().map(str::to_owned).collect())
    }

    #[track_caller]
    fn expect(&self, compiled: bool, printed: &[&str]) {
        assert_eq!(
            self.rebuilds(),
            (compiled, printed.iter().map(ToString::to_string).collect())
        );
    }

    /// What the compiler says about an app that it refuses.
    #[track_caller]
    fn refused(&self) -> String {
        let build = self.build();
        assert!(!build.status.success(), "it compiles");
        shown(&build)
    }
}

fn shown(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// One test, because every step stands on the one before.
#[test]
fn cargo_compiles_again_when_migrations_change_and_only_then() {
    let app = App::new();
    let users = "1_users: CREATE TABLE users (id integer);";
    app.expect(true, &[users]);
    app.expect(false, &[users]);

    // Files that are no migrations.
    app.write("README.md", "An app.\n");
    app.write("migrations/README.md", "Its migrations.\n");
    app.write("migrations/queries/users.sql", "SELECT * FROM users;\n");
    app.expect(false, &[users]);

    // `migrate new` adds a draft.
    app.migrate(&["new", "posts", "--version", "2"]);
    let posts = "2_posts: CREATE TABLE posts (id integer);";
    assert!(app.rebuilds().0, "a new migration");
    app.write(
        "migrations/2_posts/up.sql",
        "CREATE TABLE posts (id integer);\n",
    );
    app.write("migrations/2_posts/down.sql", "DROP TABLE posts;\n");
    app.expect(true, &[users, posts]);
    app.write(
        "migrations/2_posts/down.sql",
        "DROP TABLE IF EXISTS posts;\n",
    );
    app.expect(true, &[users, posts]);

    // A migration that was written by hand comes in with `migrate lock`.
    app.write(
        "migrations/3_tags/up.sql",
        "CREATE TABLE tags (id integer);\n",
    );
    app.write("migrations/3_tags/down.sql", "DROP TABLE tags;\n");
    app.expect(false, &[users, posts]);
    app.migrate(&["lock"]);
    let tags = "3_tags: CREATE TABLE tags (id integer);";
    app.expect(true, &[users, posts, tags]);
    app.expect(false, &[users, posts, tags]);

    // What belongs to migrations besides scripts.
    app.write(
        "migrate.toml",
        "dialect = \"sqlite\"\nhistory_table = \"history\"\n",
    );
    app.expect(true, &[users, posts, tags]);
    app.migrate(&["new", "rows", "--version", "4"]);
    app.write("migrations/4_rows/up.sql", "SELECT 1;\n");
    app.write("migrations/4_rows/down.sql", "SELECT 1;\n");
    app.write(
        "migrations/4_rows/metadata.toml",
        "run_in_transaction = true\n",
    );
    app.write(
        "migrations/4_rows/up.rs",
        &MISTAKEN_CODE.replace(": usize", ""),
    );
    let rows = "4_rows: SELECT 1;";
    app.expect(true, &[users, posts, tags, rows]);
    app.write(
        "migrations/4_rows/metadata.toml",
        "run_in_transaction = false\n",
    );
    app.expect(true, &[users, posts, tags, rows]);

    // The compiler checks Rust code in its file.
    app.write("migrations/4_rows/up.rs", MISTAKEN_CODE);
    let refused = app.refused();
    assert!(
        refused.contains("migrations/4_rows/up.rs:6:23"),
        "{refused}"
    );
    assert!(
        refused.contains("expected `usize`, found `()`"),
        "{refused}"
    );
    app.write(
        "migrations/4_rows/up.rs",
        &MISTAKEN_CODE.replace("sqlite::Sqlite;", "pg::Pg as Sqlite;"),
    );
    assert!(app.refused().contains("up.rs:3"), "diesel has no `pg` here");
    app.write(
        "migrations/4_rows/up.rs",
        &MISTAKEN_CODE.replace(": usize", ""),
    );
    app.expect(true, &[users, posts, tags, rows]);

    // What is frozen stays as it is.
    app.write(
        "migrations/1_users/up.sql",
        "CREATE TABLE users (id bigint);\n",
    );
    let refused = app.refused();
    assert!(
        refused.contains("the up script of `1_users` was edited after it was frozen"),
        "{refused}"
    );
    assert!(refused.contains("migrations/1_users/up.sql"), "{refused}");
    assert_eq!(
        refused.matches("\nerror").count(),
        2,
        "the finding and cargo's own line: {refused}"
    );
    app.write(
        "migrations/1_users/up.sql",
        "-- The users.\nCREATE TABLE users (id integer);\n",
    );
    app.expect(true, &[users, posts, tags, rows]);
}
