//! What becomes of a copy: masked by a command, kept, dropped.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use migrate_tests::server::{self as real, Database, Engine, Server};
use serde_json::Value;

use crate::processes;
use crate::project::Project;

/// A table with a name in it that nobody is to see, backed up, and a migration that fails where it is
/// still there.
fn people(server: &Server, database: &Database, rehearse: &str) -> Project {
    let project = Project::new(server.engine());
    project.migration(
        "1_people",
        "CREATE TABLE people (id int PRIMARY KEY, name varchar(20));",
        "DROP TABLE people;",
    );
    project.up(database);
    database.sql("INSERT INTO people VALUES (1, 'Ann')");
    project.back_up(database);
    project.migration(
        "2_strict",
        "-- migrate:opaque\nCREATE TABLE masked (name varchar(20) CHECK (name = 'x'));\n\
         -- migrate:opaque\nINSERT INTO masked SELECT name FROM people;",
        "DROP TABLE IF EXISTS masked;",
    );
    let config = fs::read_to_string(project.path().join("migrate.toml")).unwrap();
    project.write("migrate.toml", &format!("{config}[rehearse]\n{rehearse}\n"));
    project
}

/// A script of the shell that runs SQL on the copy: with the database's own program, which is told of
/// the copy by the environment.
fn on_copy(engine: Engine, sql: &str) -> String {
    let part = |pattern: &str| format!("$(printf %s \"$url\" | sed -E 's|{pattern}|\\1|')");
    match engine {
        Engine::Postgres => {
            format!("psql -q -v ON_ERROR_STOP=1 \"$MIGRATE_COPY_URL\" -c \"{sql}\"")
        }
        Engine::Sqlite => format!("sqlite3 \"${{MIGRATE_COPY_URL#sqlite://}}\" \"{sql}\""),
        Engine::Mariadb => format!(
            "url=$(printf %b \"$(printf %s \"$MIGRATE_COPY_URL\" | sed 's/%/\\\\x/g')\")\n\
             MYSQL_PWD={} mariadb -u {} -S {} {} -e \"{sql}\"",
            part(".*//[^:]*:([^@]*)@.*"),
            part(".*//([^:]*):.*"),
            part(".*socket=(.*)"),
            part(".*@[^/]*/([^?]*).*"),
        ),
    }
}

#[test]
fn a_command_masks_the_copy() {
    for server in real::all() {
        let database = server.database("live");
        let project = people(
            &server,
            &database,
            "mask_command = { command = \"bash mask\", timeout = \"60s\" }",
        );
        // Programs that look where the database itself is find the copy too.
        let script = format!(
            "set -e\ntest \"$DATABASE_URL\" = \"$MIGRATE_COPY_URL\"\n{}\n\
             tr '\\0' ' ' < /proc/$PPID/cmdline > seen\n",
            on_copy(server.engine(), "UPDATE people SET name = 'x'")
        );
        project.write("mask", &script);
        let (code, evidence) = project.rehearse(&[], &database);
        assert_eq!(
            (code, &evidence["verdict"]),
            (0, &"passed".into()),
            "{}: {evidence:#}",
            server.engine()
        );
        assert_eq!(evidence["masked_by"], "the command bash mask");
        assert_eq!(database.sql("SELECT name FROM people"), "Ann");
        let line = fs::read_to_string(project.path().join("seen")).unwrap();
        assert!(!line.contains("migrate_scratch"), "{line}");
    }
}

#[test]
fn a_mask_that_fails_ends_the_rehearsal() {
    for server in real::all() {
        let database = server.database("live");
        let folder = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o711))
            .tempdir()
            .unwrap();
        let config = format!(
            "folder = \"{}\"\nmask_command = \"bash mask\"",
            folder.path().display()
        );
        let project = people(&server, &database, &config);
        project.write("mask", "echo Ann; exit 4");
        let (code, refused) = project.rehearse(&["--keep"], &database);
        assert_eq!(code, 2, "{refused:#}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("`bash mask` ended with 4"), "{message}");
        // What it writes may be what is to be hidden.
        assert!(!refused.to_string().contains("Ann"), "{refused:#}");
        let name = folder.path().to_str().unwrap();
        assert!(!processes::all().iter().any(|(.., it)| it.contains(name)));
        migrate_ops::scratch::sweep(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_copy_that_is_kept() {
    for server in real::all() {
        let database = server.database("live");
        let folder = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o711))
            .tempdir()
            .unwrap();
        let config = format!("folder = \"{}\"", folder.path().display());
        let project = people(&server, &database, &config);
        project.migration(
            "2_strict",
            "ALTER TABLE people ADD COLUMN x int;",
            "ALTER TABLE people DROP COLUMN x;",
        );
        let (code, evidence) = project.rehearse(&["--keep"], &database);
        assert_eq!(code, 0, "{evidence:#}");
        assert_eq!(evidence["kept"], true);
        let kept = |name: &str| text(&evidence["kept_copy"][name]);
        let file = kept("url_file");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
        let url = fs::read_to_string(&file).unwrap();
        if let Some((_, after)) = url.split_once("migrate_scratch:") {
            let password = after.split('@').next().unwrap();
            assert!(!evidence.to_string().contains(password), "{evidence:#}");
        }
        // It is there, as the last way left it, when the program that made it is not.
        let read = |sql: &str| {
            let mut command = Command::new("bash");
            command.arg("-c").arg(on_copy(server.engine(), sql));
            output_of(&mut command, url.trim())
        };
        assert!(read("SELECT name FROM people WHERE x IS NULL").contains("Ann"));
        // Crashed ones go, and this one does not.
        assert!(
            migrate_ops::scratch::sweep(folder.path())
                .unwrap()
                .is_empty()
        );
        assert!(Path::new(&file).exists());
        let removed = Command::new("sh")
            .arg("-c")
            .arg(kept("remove"))
            .status()
            .unwrap();
        assert!(removed.success());
        assert!(!Path::new(&kept("folder")).exists());
        let name = folder.path().to_str().unwrap();
        processes::until("its server is gone", || {
            !processes::all().iter().any(|(.., it)| it.contains(name))
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

fn output_of(command: &mut Command, url: &str) -> String {
    let output = command.env("MIGRATE_COPY_URL", url).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
