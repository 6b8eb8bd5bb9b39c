//! Nothing is left behind by what fails, and nothing that is wrong passes.

use std::fs;
use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use migrate_ops::backup::{BackupError, Target, VerifyLevel};
use migrate_ops::event::Event;
use migrate_tests::server::{self, Engine, Proxy};

use super::place::Place;
use super::round_trip::{beside, gone};
use super::shop;

#[test]
fn a_damaged_file_is_not_restored() {
    for server in server::all() {
        let database = server.database("shop");
        shop::fill(&database);
        let place = Place::new(server.engine());
        let stored = place.take(&database).unwrap();
        let path = stored.folder.join(&stored.evidence.files[0].name);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        let url = beside(&server, &place, "never");
        let error = place.restore(&stored, &url, Target::Database).unwrap_err();
        assert!(matches!(error, BackupError::Damaged { .. }), "{error}");
    }
}

/// What makes a backup fail, and that nothing of it stays.
fn fails(place: &Place, database: &server::Database) -> BackupError {
    let error = place.take(database).unwrap_err();
    assert_eq!(place.entries(), [""; 0], "{error}");
    error
}

#[test]
fn the_tool_is_missing() {
    for server in server::all() {
        if server.engine() == Engine::Sqlite {
            continue;
        }
        let database = server.database("shop");
        let mut place = Place::new(server.engine());
        let nowhere = Some(place.path("nowhere"));
        place.options.tools.postgres = nowhere.clone();
        place.options.tools.mariadb = nowhere;
        let error = fails(&place, &database);
        assert!(matches!(error, BackupError::NoGo(_)), "{error}");
        assert!(error.to_string().contains("was not found"), "{error}");
    }
}

/// A folder with a program that says a version, and does what the script says.
fn program(place: &Place, name: &str, script: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = place.path("tools");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn the_tool_is_older_than_the_server() {
    for server in server::all() {
        let (name, says) = match server.engine() {
            Engine::Postgres => ("pg_dump", "pg_dump (PostgreSQL) 9.6.24"),
            Engine::Mariadb => (
                "mariadb-dump",
                "mariadb-dump  Ver 10.19 Distrib 10.3.39-MariaDB",
            ),
            Engine::Sqlite => continue,
        };
        let database = server.database("shop");
        let mut place = Place::new(server.engine());
        let folder = program(&place, name, &format!("echo '{says}'"));
        place.options.tools.postgres = Some(folder.clone());
        place.options.tools.mariadb = Some(folder);
        let error = fails(&place, &database);
        assert!(matches!(error, BackupError::NoGo(_)), "{error}");
    }
}

#[test]
fn rows_behind_row_security() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("rls");
    let user = format!("dumper_{}", std::process::id());
    database.sql(&format!(
        "CREATE ROLE {user} LOGIN PASSWORD 'secret';
         CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2);
         ALTER TABLE t ENABLE ROW LEVEL SECURITY;
         CREATE POLICY part ON t USING (a = 1);
         GRANT SELECT ON t TO {user}"
    ));
    let reader = database.as_user(&user, "secret");
    let place = Place::new(server.engine());
    let before = fails(&place, &reader);
    database.sql(&format!("DROP OWNED BY {user}; DROP ROLE {user}"));
    assert!(
        before
            .to_string()
            .contains("row security would hide rows of t"),
        "{before}"
    );
}

#[test]
fn rights_that_mariadb_would_leave_out_without_a_word() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("rights");
    shop::fill(&database);
    let user = format!("dumper_{}", std::process::id());
    let name = server.engine().quote_name(database.name());
    server.admin().sql(&format!(
        "CREATE USER {user}@'%' IDENTIFIED BY 'secret'; GRANT RELOAD ON *.* TO {user}@'%';
         GRANT SELECT, SHOW VIEW, EVENT ON {name}.* TO {user}@'%'"
    ));
    let error = fails(
        &Place::new(server.engine()),
        &database.as_user(&user, "secret"),
    );
    server.admin().sql(&format!("DROP USER {user}@'%'"));
    assert!(
        error.to_string().contains("TRIGGER on the database"),
        "{error}"
    );
}

/// The dump program is held up until somebody has changed the schema.
#[test]
fn ddl_during_the_dump() {
    for server in server::all() {
        let database = server.database("ddl");
        shop::fill(&database);
        let place = Place::new(server.engine());
        let mut changed = false;
        let mut change = |event: &Event<'_>| {
            if !changed && matches!(event, Event::Progress { .. }) {
                changed = true;
                database.sql("CREATE TABLE meanwhile (a INT)");
            }
        };
        let url = database.url();
        let taken = place.back_up(url, VerifyLevel::None, &mut change);
        let error = taken.unwrap_err();
        assert!(
            matches!(error, BackupError::SchemaChanged { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("meanwhile"), "{error}");
        assert_eq!(place.entries(), [""; 0]);
    }
}

#[test]
fn a_table_is_truncated_meanwhile_only_after_the_dump() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("truncate");
    shop::fill(&database);
    let place = Place::new(server.engine());
    let mut refused = None;
    let mut change = |_: &Event<'_>| {
        if refused.is_none() {
            let script = "SET lock_timeout = '300ms'; TRUNCATE orders";
            refused = Some(database.try_sql(script).is_err());
        }
    };
    let url = database.url();
    place.back_up(url, VerifyLevel::None, &mut change).unwrap();
    assert_eq!(refused, Some(true));
}

#[test]
fn the_disk_is_full() {
    for server in server::all() {
        let database = server.database("full");
        let text = "'some text that is long enough to fill a small disk '";
        database.sql("CREATE TABLE t (id INT, a VARCHAR(2000))");
        let rows: String = (0..4000)
            .map(|id| match server.engine() {
                // Random enough not to be compressed away.
                Engine::Postgres => format!("({id}, md5('{id}') || md5('a{id}') || md5('b{id}'))"),
                Engine::Mariadb => format!("({id}, CONCAT(SHA2('{id}', 512), SHA2('b{id}', 512)))"),
                Engine::Sqlite => format!("({id}, {text} || hex(randomblob(100)))"),
            })
            .collect::<Vec<_>>()
            .join(",");
        database.sql(&format!("INSERT INTO t VALUES {rows}"));
        let mut place = Place::new(server.engine());
        let disk = place.path("disk");
        fs::create_dir(&disk).unwrap();
        let mount = |arguments: &[&str]| {
            let ran = std::process::Command::new(arguments[0])
                .args(&arguments[1..])
                .output();
            ran.is_ok_and(|ran| ran.status.success())
        };
        let shown = disk.to_str().unwrap();
        if !mount(&["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", shown]) {
            server::left_out("a full disk: no file system can be mounted here");
            return;
        }
        place.options.directory = disk.join("backups");
        // The forecast says no before anything is written.
        let before = place.take(&database);
        // Then the disk fills up after the look.
        assert!(mount(&["mount", "-o", "remount,size=30m", shown]));
        let filler = disk.join("filler");
        let mut fill_up = |event: &Event<'_>| {
            let Event::Progress { .. } = event else {
                return;
            };
            let mut file = fs::File::create(&filler).unwrap();
            while file.write_all(&[0; 4096]).is_ok() {}
        };
        let full = place.back_up(database.url(), VerifyLevel::None, &mut fill_up);
        let left = place.entries();
        // Lazily: a program that another test starts at this moment holds the filler until it runs.
        assert!(mount(&["umount", "-l", shown]));
        match before {
            Err(BackupError::NoGo(_)) => {}
            // MariaDB counts what a table takes now and then only.
            Err(BackupError::File { .. }) if server.engine() == Engine::Mariadb => {}
            other => panic!("{other:?}"),
        }
        let error = full.unwrap_err();
        assert_eq!(left, [""; 0], "{error}");
    }
}

#[test]
fn the_connection_is_cut() {
    for server in server::all() {
        if server.engine() == Engine::Sqlite {
            continue;
        }
        let database = server.database("cut");
        shop::fill(&database);
        let place = Place::new(server.engine());
        let mut failed = 0;
        for messages in [3, 10, 20, 30, 40, 50, 60] {
            let proxy = Proxy::start(&database);
            let near = proxy.through(&database);
            proxy.cut_after(messages);
            match place.take(&near) {
                Err(_) => {
                    failed += 1;
                    assert_eq!(place.entries().len(), messages_done(&place));
                }
                // It was whole before the cut.
                Ok(stored) => assert!(stored.folder.exists()),
            }
        }
        assert!(failed > 2, "{failed}");
    }
}

/// Backups that are whole; there is nothing else then.
fn messages_done(place: &Place) -> usize {
    let store = migrate_ops::backup::Store::new(&place.options.directory);
    store.list().unwrap().len()
}

#[test]
fn a_restore_that_fails_leaves_no_database() {
    for server in server::all() {
        if server.engine() == Engine::Sqlite {
            continue;
        }
        let database = server.database("shop");
        shop::fill(&database);
        let mut place = Place::new(server.engine());
        let stored = place.take(&database).unwrap();
        let name = match server.engine() {
            Engine::Postgres => "pg_restore",
            _ => "mariadb",
        };
        let folder = program(&place, name, "head -c 100 > /dev/null; echo no >&2; exit 3");
        place.options.tools.postgres = Some(folder.clone());
        place.options.tools.mariadb = Some(folder);
        let url = beside(&server, &place, "gone");
        let error = place.restore(&stored, &url, Target::Database).unwrap_err();
        assert!(error.to_string().contains("no"), "{error}");
        assert!(server::Database::at(&url).try_sql("SELECT 1").is_err());
    }
}

#[test]
fn the_last_verified_backup_is_kept() {
    let Some(server) = server::sqlite() else {
        return;
    };
    let database = server.database("kept");
    shop::fill(&database);
    let mut place = Place::new(server.engine());
    place.options.keep = Some(2);
    let verified = place.verified(&database).unwrap().evidence.id;
    let mut ids = vec![verified.to_string()];
    for _ in 0..3 {
        ids.push(place.take(&database).unwrap().evidence.id.to_string());
    }
    let mut expected = vec![ids[0].clone(), ids[2].clone(), ids[3].clone()];
    expected.sort();
    assert_eq!(place.entries(), expected);
    // What a crash in the middle of a deletion leaves is no backup, and goes with the next one.
    let folder = &place.options.directory;
    fs::rename(
        folder.join(&ids[2]),
        folder.join(format!(".deleted-{}", ids[2])),
    )
    .unwrap();
    place.take(&database).unwrap();
    assert!(place.entries().iter().all(|name| !name.starts_with('.')));
}

/// The databases' programs, each behind a script that runs something first.
fn wrapped(place: &mut Place, engine: Engine, first: &str) {
    let (variable, names): (_, &[&str]) = match engine {
        Engine::Postgres => (
            "MIGRATE_TEST_PG_BIN",
            &["pg_dump", "pg_dumpall", "pg_restore", "psql"],
        ),
        _ => ("MIGRATE_TEST_MARIADB_BIN", &["mariadb-dump", "mariadb"]),
    };
    let real = std::env::var(variable).expect("the folder of the programs");
    for name in names {
        let folder = program(place, name, &format!("{first}\nexec {real}/{name} \"$@\""));
        place.options.tools.postgres = Some(folder.clone());
        place.options.tools.mariadb = Some(folder);
    }
}

#[test]
fn nobody_sees_the_password() {
    for server in server::all() {
        if server.engine() == Engine::Sqlite {
            continue;
        }
        let database = server.database("secret");
        shop::fill(&database);
        let mut place = Place::new(server.engine());
        let log = place.path("log");
        let first = format!(
            "tr '\\0' '\\n' < /proc/$$/cmdline >> {0}; tr '\\0' '\\n' < /proc/$$/environ >> {0}",
            log.display()
        );
        wrapped(&mut place, server.engine(), &first);
        let stored = place.take(&database).unwrap();
        let url = beside(&server, &place, "secret");
        place.restore(&stored, &url, Target::Database).unwrap();
        gone(&server, &url);
        let seen = fs::read_to_string(&log).unwrap();
        let password = url.split([':', '@']).nth(2).unwrap();
        assert!(
            password.len() > 10 && seen.contains(database.name()),
            "{seen}"
        );
        // The test itself was told where the server is, so that its own variable is left aside.
        let told: Vec<&str> = seen
            .lines()
            .filter(|line| line.contains(password) && !line.starts_with("MIGRATE_TEST_"))
            .collect();
        assert_eq!(told, [""; 0]);
        let kept = fs::read_to_string(stored.folder.join("backup.json")).unwrap();
        assert!(!kept.contains(password));
    }
}

/// The whole process is killed while the dump is written: the dump's program ends with it, and what
/// lies there goes with the next backup.
#[test]
fn killed_in_the_middle() {
    for server in server::all() {
        if server.engine() == Engine::Sqlite {
            continue;
        }
        let database = server.database("killed");
        shop::fill(&database);
        let mut place = Place::new(server.engine());
        let mark = place.path("running");
        let endless = format!(
            "case \"$*\" in *version*) ;; *) echo $$ > {}; printf '\\n-- Server version\\n-- Table structure\\n'; exec cat /dev/urandom ;; esac",
            mark.display()
        );
        wrapped(&mut place, server.engine(), &endless);
        let tools = place.options.tools.postgres.take().unwrap();
        place.options.tools.mariadb = None;
        let config = place.path("migrate.toml");
        let text = format!(
            "dialect = '{}'\n[tools]\npostgres = '{1}'\nmariadb = '{1}'\n",
            match server.engine() {
                Engine::Postgres => "postgres",
                _ => "mysql",
            },
            tools.display()
        );
        fs::write(&config, text).unwrap();
        fs::create_dir(place.path("migrations")).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_migrate-command"))
            .args(["backup", "--verify", "none", "--directory"])
            .arg(&place.options.directory)
            .arg("--config")
            .arg(&config)
            .env("DATABASE_URL", database.url())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let written = || {
            let names = place.entries();
            names.iter().any(|name| {
                let folder = place.options.directory.join(name);
                let sizes = fs::read_dir(folder).into_iter().flatten().flatten();
                sizes
                    .filter_map(|it| it.metadata().ok())
                    .any(|it| it.len() > 200_000)
            })
        };
        while !written() {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "nothing is written"
            );
            thread::sleep(Duration::from_millis(10));
        }
        command.kill().unwrap();
        command.wait().unwrap();
        let left = place.entries();
        assert!(left.len() == 1 && left[0].starts_with(".work-"), "{left:?}");
        let id = fs::read_to_string(&mark).unwrap();
        let process = std::path::Path::new("/proc").join(id.trim());
        while process.join("cmdline").exists() && !ended(&process) {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the program goes on"
            );
            thread::sleep(Duration::from_millis(10));
        }
        let stored = place.take(&database).unwrap();
        assert_eq!(place.entries(), [stored.evidence.id.as_str()]);
    }
}

/// Nobody may have waited for it yet.
fn ended(process: &std::path::Path) -> bool {
    fs::read_to_string(process.join("stat")).is_ok_and(|stat| stat.contains(") Z "))
}
