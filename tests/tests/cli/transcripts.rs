//! Every command on SQLite, as it is seen.

use insta::assert_snapshot;

use super::command::Project;

#[test]
fn a_first_migration() {
    let project = Project::new();
    let words = ["new", "create_authors", "--version", "20260131120000"];
    let ran = super::command::ran(&mut project.command_of(words));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_snapshot!(format!("{}{}", ran.stdout, ran.stderr));
    assert_snapshot!(project.transcript(&[
        "new create_authors --version 20260131120000",
        "new again --version 20260131120000",
        "new a/b",
        "check",
        "check --locked",
        "status",
    ]));
}

#[test]
fn the_next_version_follows_the_layout() {
    for (file, wanted) in [
        (
            "0009_a/up.sql",
            "migrations/0010_next/up.sql\nmigrations/0010_next/down.sql\n",
        ),
        (
            "0009_a.up.sql",
            "migrations/0010_next.up.sql\nmigrations/0010_next.down.sql\n",
        ),
        ("0009_a.sql", "migrations/0010_next.sql\n"),
        ("V9__a.sql", "migrations/V10__next.sql\n"),
    ] {
        let project = Project::new();
        project.write(&format!("migrations/{file}"), "CREATE TABLE a (id int);");
        if file.ends_with(".up.sql") {
            project.write("migrations/0009_a.down.sql", "DROP TABLE a;");
        }
        assert_eq!(project.done("new next").stdout, wanted, "{file}");
        let checked = project.run("check");
        assert_eq!(checked.code, Some(0), "{file}: {}", checked.stdout);
    }
}

#[test]
fn new_versions_are_times_in_utc() {
    let project = Project::new();
    let first = project.done("new first").stdout;
    assert!(first.starts_with("migrations/20"), "{first}");
    let version = first
        .trim_start_matches("migrations/")
        .split('_')
        .next()
        .unwrap()
        .len();
    assert_eq!(version, 14, "{first}");
    let dashed = Project::new();
    dashed.migration(
        "2017-09-23-182408_a",
        "CREATE TABLE a (id int);",
        "DROP TABLE a;",
    );
    let next = dashed.done("new next").stdout;
    let shape: String = next
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    assert!(
        shape.starts_with("migrations/9999-99-99-999999_next/up.sql"),
        "{next}"
    );
}

#[test]
fn freezing() {
    let project = Project::bookshop();
    let mut text = project.transcript(&["lock --dry-run", "lock", "lock", "check --locked"]);
    project.write(
        "migrations/1_authors/up.sql",
        "CREATE TABLE authors (id TEXT);",
    );
    project.write("migrations/2_books/down.sql", "DROP TABLE IF EXISTS books;");
    text.push_str(&project.transcript(&["check", "lock", "lock 1", "check --locked", "lock 7"]));
    assert_snapshot!(text);
}

#[test]
fn a_merge_conflict_in_the_lock_file() {
    let project = Project::new();
    project.migration("1_a", "CREATE TABLE a (id int);", "DROP TABLE a;");
    project.done("lock");
    let base = project.read("migrations/migrate.lock");
    project.migration("2_ours", "CREATE TABLE ours (id int);", "DROP TABLE ours;");
    project.done("lock");
    let ours = project.read("migrations/migrate.lock");
    project.write("migrations/migrate.lock", &base);
    std::fs::rename(project.join("migrations/2_ours"), project.join("aside")).unwrap();
    project.migration(
        "3_theirs",
        "CREATE TABLE theirs (id int);",
        "DROP TABLE theirs;",
    );
    project.done("lock");
    let theirs = project.read("migrations/migrate.lock");
    std::fs::rename(project.join("aside"), project.join("migrations/2_ours")).unwrap();
    let merged = format!("<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n");
    project.write("migrations/migrate.lock", &merged);
    assert_snapshot!(project.transcript(&["check", "new another", "lock", "check --locked"]));
}

#[test]
fn a_merge_where_both_sides_froze_another_script() {
    let sides = || {
        let project = Project::new();
        project.migration(
            "1_a",
            "CREATE TABLE ours (id int);",
            "DROP TABLE IF EXISTS ours; DROP TABLE IF EXISTS theirs;",
        );
        project.done("lock");
        let ours = project.read("migrations/migrate.lock");
        project.migration(
            "1_a",
            "CREATE TABLE theirs (id int);",
            "DROP TABLE IF EXISTS ours; DROP TABLE IF EXISTS theirs;",
        );
        project.done("lock 1");
        let theirs = project.read("migrations/migrate.lock");
        let merged = format!("<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n");
        project.write("migrations/migrate.lock", &merged);
        (project, theirs)
    };
    // The file is what they made of it.
    let (project, theirs) = sides();
    assert_snapshot!(project.transcript(&["lock", "lock --take ours", "lock --take theirs"]));
    assert_eq!(project.read("migrations/migrate.lock"), theirs);
    let (project, _) = sides();
    project.write("migrations/1_a/up.sql", "CREATE TABLE both (id int);");
    assert_eq!(project.run("lock --take theirs").code, Some(2));
    project.done("lock --take file");
    project.done("check --locked");
}

#[test]
fn up_down_redo() {
    let project = Project::bookshop();
    assert_snapshot!(project.transcript(&[
        "status",
        "up --count 1",
        "status --check",
        "up",
        "up",
        "status --check",
        "verify",
        "down",
        "up --to 2",
        "redo",
        "redo --count 2",
        "redo --count 2 --yes",
        "down --all",
        "down --count 2",
        "down --to 1",
        "down --all --yes",
        "down",
        "up --to 5",
        "down --to 1",
    ]));
}

#[test]
fn quiet_and_verbose() {
    let project = Project::bookshop();
    project.migration(
        "3_many",
        "CREATE TABLE c (id int);\n\nINSERT INTO c\nVALUES (1);\n",
        "DROP TABLE c;",
    );
    assert_snapshot!(project.transcript(&[
        "up --to 2 --quiet",
        "up --verbose",
        "down -q",
        "up -q -v"
    ]));
}

#[test]
fn a_dry_run_changes_nothing() {
    let project = Project::bookshop();
    let text = project.transcript(&["up --dry-run"]);
    assert!(!project.join("app.db").exists());
    project.done("up");
    let before = std::fs::read(project.join("app.db")).unwrap();
    let rest = project.transcript(&["down --all --dry-run", "redo --dry-run", "up --dry-run"]);
    assert_eq!(std::fs::read(project.join("app.db")).unwrap(), before);
    assert_snapshot!(text + &rest);
}

#[test]
fn what_a_dry_run_prints_is_what_runs() {
    // The printed SQL, run by SQLite's own shell, leaves the database that `up` would have left.
    let Some(sqlite) = migrate_tests::server::sqlite() else {
        return;
    };
    let project = Project::bookshop();
    let printed = project.done("up --dry-run").stdout;
    let database = sqlite.database("printed");
    database.sql(&printed);
    let mut status = project.command("status --check");
    let ran = super::command::ran(status.env("DATABASE_URL", database.url()));
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_failure_is_corrected_and_run_again() {
    let project = Project::bookshop();
    project.migration(
        "3_bad",
        "CREATE TABLE c (id int);\n-- migrate:opaque\nINSERT INTO nowhere VALUES (1);",
        "DROP TABLE c;",
    );
    let mut text = project.transcript(&["up", "status"]);
    project.write("migrations/3_bad/up.sql", "CREATE TABLE c (id int);");
    text.push_str(&project.transcript(&["up"]));
    assert_snapshot!(text);
}

#[test]
fn a_script_without_transaction_is_resumed() {
    let project = Project::bookshop();
    let script = "-- migrate:no-transaction\nCREATE TABLE c (id int);\n-- migrate:opaque\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE d (id int);";
    project.migration("3_steps", script, "DROP TABLE d; DROP TABLE c;");
    let mut text = project.transcript(&["up", "status --check", "up", "verify"]);
    project.write("migrations/3_steps/up.sql", &script.replace("nowhere", "c"));
    text.push_str(&project.transcript(&["resume -v", "status --check", "resume"]));
    assert_snapshot!(text);
}

#[test]
fn a_script_of_which_nothing_happened_is_abandoned() {
    let project = Project::bookshop();
    let script = "-- migrate:no-transaction\n-- migrate:opaque\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE c (id int);";
    project.migration("3_steps", script, "DROP TABLE c;");
    let mut text = project.transcript(&[
        "resume --abandon",
        "up",
        "resume --abandon --dry-run",
        "resume --abandon",
        "status --check",
        "up --quiet",
        "resume --abandon --format json",
    ]);
    project.write(
        "migrations/3_steps/up.sql",
        &script.replace("nowhere", "books"),
    );
    project.run("up");
    let partly = "-- migrate:no-transaction\nCREATE TABLE d (id int);\n-- migrate:opaque\nINSERT INTO nowhere VALUES (1);";
    project.migration("4_partly", partly, "DROP TABLE d;");
    project.run("up");
    text.push_str(&project.transcript(&["resume --abandon"]));
    assert_snapshot!(text);
}

#[test]
fn a_resumed_script_keeps_what_has_run() {
    let project = Project::new();
    let script = "-- migrate:no-transaction\nCREATE TABLE c (id int);\n-- migrate:opaque\nINSERT INTO nowhere VALUES (1);";
    project.migration("1_steps", script, "DROP TABLE c;");
    project.run("up");
    project.write(
        "migrations/1_steps/up.sql",
        &script.replace("c (id int)", "c (id text)"),
    );
    assert_snapshot!(project.transcript(&["resume"]));
}

#[test]
fn baseline() {
    let project = Project::bookshop();
    assert_snapshot!(project.transcript(&[
        "baseline",
        "baseline --to 9",
        "baseline --to 1 --dry-run",
        "baseline --to 1",
        "up",
        "baseline --to 2",
    ]));
}

#[test]
fn adopting_from_diesel() {
    let Some(sqlite) = migrate_tests::server::sqlite() else {
        return;
    };
    let project = Project::bookshop();
    let url = format!("sqlite://{}", project.join("app.db").display());
    let _ = sqlite;
    let database = migrate_tests::server::Database::at(&url);
    database.sql(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); \
         INSERT INTO __diesel_schema_migrations (version) VALUES ('1'); \
         CREATE TABLE authors (id INTEGER PRIMARY KEY);",
    );
    assert_snapshot!(project.transcript(&[
        "status",
        "up",
        "adopt --from sqlx",
        "adopt --dry-run",
        "adopt",
        "status",
        "up",
        "adopt",
    ]));
}

#[test]
fn out_of_order() {
    let project = Project::new();
    project.migration("1_a", "CREATE TABLE a (id int);", "DROP TABLE a;");
    project.migration("3_c", "CREATE TABLE c (id int);", "DROP TABLE c;");
    project.done("up");
    project.migration("2_b", "CREATE TABLE b (id int);", "DROP TABLE b;");
    assert_snapshot!(project.transcript(&["status", "up", "up --out-of-order", "status --check"]));
}

#[test]
fn edited_and_missing() {
    let project = Project::bookshop();
    project.done("up");
    project.write(
        "migrations/1_authors/up.sql",
        "CREATE TABLE authors (id int);",
    );
    let mut text = project.transcript(&["verify", "up"]);
    std::fs::remove_dir_all(project.join("migrations/1_authors")).unwrap();
    text.push_str(&project.transcript(&["verify", "status", "down"]));
    std::fs::remove_dir_all(project.join("migrations/2_books")).unwrap();
    project.migration(
        "1_authors",
        "CREATE TABLE authors (id INTEGER PRIMARY KEY);",
        "DROP TABLE authors;",
    );
    text.push_str(&project.transcript(&["verify", "status --check", "up"]));
    assert_snapshot!(text);
}

#[test]
fn files_with_errors() {
    let project = Project::bookshop();
    project.migration(
        "2_films",
        "CREATE TABLE 'films (id int);",
        "DROP TABLE films;",
    );
    project.write("migrations/schema.sql", "");
    assert_snapshot!(project.transcript(&["check", "up", "lock", "status", "verify"]));
}

#[test]
fn what_only_the_app_can_run() {
    let rust = Project::bookshop();
    rust.write("migrations/3_code/up.sql", "SELECT 1;");
    rust.write("migrations/3_code/down.sql", "SELECT 1;");
    rust.write(
        "migrations/3_code/up.rs",
        "pub fn up<C>(conn: &mut C) -> Result<(), CodeError> {\n    Ok(())\n}\n",
    );
    let mut text = rust.transcript(&["check", "up", "status"]);
    // What the macro would refuse, the command refuses too.
    rust.write("migrations/3_code/up.rs", "fn up() {}\n");
    text.push_str(&rust.transcript(&["check", "up"]));
    let function = Project::bookshop();
    function.migration("3_encode", "INSERT INTO books VALUES (BIN2B64(x'00'));", "");
    text.push_str(&function.transcript(&["up", "status"]));
    assert_snapshot!(text);
}

#[test]
fn sets_and_configuration() {
    let project = Project::new();
    project.write(
        "migrate.toml",
        "dialect = 'sqlite'\n[sets.a]\ndir = 'a'\ndatabase = 'URL_OF_A'\n[sets.b]\ndir = 'b'\nhistory_table = 'history_of_b'\n",
    );
    project.write("a/1_a.sql", "CREATE TABLE a (id int);");
    project.write("b/1_b.sql", "CREATE TABLE b (id int);");
    let mut text = project.transcript(&[
        "up --set a",
        "up --set a --database sqlite:a.db",
        "up --set b",
        "status --set b --history-table history_of_b",
        "up --set c",
        "up",
        "check",
        "status --config nowhere.toml",
        "up --set b --dialect postgres",
    ]);
    project.write("migrate.toml", "dialect = 'sqlite'\ndirr = 'a'\n");
    text.push_str(&project.transcript(&["up"]));
    project.write("migrate.toml", "");
    text.push_str(&project.transcript(&[
        "check --dir b",
        "up --dir b --database postgres://h/x --dialect sqlite",
    ]));
    let mut no_dialect = project.command("check --dir b");
    let ran = super::command::ran(no_dialect.env_remove("DATABASE_URL"));
    text.push_str(&project.steady(&ran.stderr));
    assert_snapshot!(text);
}

#[test]
fn a_directory_brings_the_configuration_above_it() {
    let project = Project::bookshop();
    let elsewhere = tempfile::tempdir().unwrap();
    let dir = project.join("migrations").display().to_string();
    let mut check = project.command_of(["check", "--dir", &dir]);
    let ran = super::command::ran(
        check
            .current_dir(elsewhere.path())
            .env_remove("DATABASE_URL"),
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn the_database_itself() {
    let project = Project::bookshop();
    project.write("text.db", "no database");
    assert_snapshot!(project.transcript(&[
        "database create --dry-run",
        "database create",
        "database create",
        "up --quiet",
        "database drop",
        "database reset",
        "database reset --yes",
        "database drop --dry-run",
        "database drop --yes",
        "database drop --yes",
        "database drop --yes --database text.db",
        "database create --database sqlite::memory:",
    ]));
    assert_eq!(project.read("text.db"), "no database");
    assert!(!project.join("app.db").exists());
}

#[test]
fn colours_only_where_asked_for() {
    let project = Project::bookshop();
    project.write("migrations/3_bad.sql", "");
    for (line, coloured) in [
        ("check", false),
        ("check --color never", false),
        ("check --color always", true),
        ("up --color always", true),
        ("up", false),
    ] {
        let ran = project.run(line);
        assert_eq!(
            format!("{}{}", ran.stdout, ran.stderr).contains('\u{1b}'),
            coloured,
            "{line}"
        );
    }
}
