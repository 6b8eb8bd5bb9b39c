//! Copies of a whole server of MariaDB, rolled forward by its binary log.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use migrate_ops::backup::physical::{self, Trust, Until};
use migrate_ops::backup::{BackupError, BackupKind, FileRole, Store, Stored, VerificationState};
use migrate_ops::connect::DatabaseUrl;
use migrate_ops::event::Event;
use migrate_runtime::diesel::mysql::Mysql;
use migrate_tests::server::{Database, Engine, PrivateServer, left_out};
use serde_json::Value;

use super::physical::run;
use super::place::{Place, with};
use super::shop;

/// A server of the test's own with a binary log: what is copied is the whole server.
fn own() -> Option<PrivateServer> {
    let is_there = Command::new("mariadb-backup")
        .arg("--version")
        .output()
        .is_ok();
    if !is_there {
        left_out("physical backups of MariaDB: mariadb-backup was not found");
        return None;
    }
    let settings = ["log-bin=binlog", "server-id=7", "binlog-format=ROW"];
    PrivateServer::start_with(Engine::Mariadb, &settings)
}

fn place() -> Place {
    let mut place = Place::new(Engine::Mariadb);
    place.options.kind = BackupKind::Physical;
    place
}

/// What a database holds at a moment, in a server that is started from a backup.
fn at(place: &Place, stored: &Stored, of: &Database, until: Option<&str>, sql: &str) -> String {
    let until: Option<Until> = until.map(|text| text.parse().unwrap());
    with::<Mysql, _>(of.url(), |deployment| {
        let server = physical::private(
            stored,
            deployment,
            &place.options,
            until.as_ref(),
            Trust::Digests,
            &mut |_: &Event<'_>| {},
        )
        .unwrap();
        let url = physical::database_on::<Mysql>(&server, deployment.url);
        ask(&url, sql)
    })
}

fn ask(url: &DatabaseUrl, sql: &str) -> String {
    let output = Command::new("mariadb")
        .args(["--no-defaults", "--batch", "--skip-column-names"])
        .args(["--socket", url.parameter("socket").unwrap()])
        .args(["--user", url.user.as_deref().unwrap()])
        .args([url.database.as_deref().unwrap(), "--execute", sql])
        .env("MYSQL_PWD", url.password.as_deref().unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Copy and digest mean one moment although others always write, and nobody has to wait for it.
#[test]
fn verified_under_writers() {
    let Some(own) = own() else { return };
    let database = own.server().database("shop ünï");
    shop::fill(&database);
    let rows: Vec<String> = (1..=2000).map(|id| format!("({id}, 0)")).collect();
    let rows = rows.join(",");
    database.sql(&format!(
        "CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE TABLE b (id INT PRIMARY KEY, n INT);
         INSERT INTO a VALUES {rows}; INSERT INTO b VALUES {rows};"
    ));
    let place = place();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let (done, database) = (&done, &database);
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                scope.spawn(move || {
                    let mut count = 0;
                    while !done.load(Ordering::SeqCst) {
                        let script: String = (0..50)
                            .map(|at| {
                                let id = (writer * 1000) + (count * 50 + at) % 1000 + 1;
                                format!(
                                    "BEGIN; UPDATE a SET n = n + 1 WHERE id = {id}; \
                                     UPDATE b SET n = n + 1 WHERE id = {id}; COMMIT;"
                                )
                            })
                            .collect();
                        database.sql(&script);
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        for _ in 0..2 {
            let stored = place.verified(database).unwrap();
            let (evidence, found) = (&stored.evidence, &stored.evidence.verification);
            assert_eq!(found.differences, [""; 0]);
            assert!(
                evidence.is_verified() && evidence.point_in_time_recovery,
                "{found:?}"
            );
            assert_eq!(evidence.stall_seconds, None);
            assert!(evidence.files.iter().any(|file| file.role == FileRole::Log));
            let mut listed: Vec<String> = evidence
                .files
                .iter()
                .map(|file| file.name.clone())
                .collect();
            listed.extend(["backup.json".to_owned(), "lock".to_owned()]);
            listed.sort();
            let mut there: Vec<String> = fs::read_dir(&stored.folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            there.sort();
            assert_eq!(there, listed);
        }
        done.store(true, Ordering::SeqCst);
        for writer in writers {
            assert!(writer.join().unwrap() > 0);
        }
    });
}

#[test]
fn rolled_forward_to_a_place_and_to_a_time() {
    let Some(own) = own() else { return };
    let database = own.server().database("forward");
    database.sql("CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1)");
    let mut place = place();
    // Adds one to every byte.
    place.options.encrypt = Some(r"LC_ALL=C tr '\000-\377' '\001-\377\000'".to_owned());
    place.options.decrypt = Some(r"LC_ALL=C tr '\001-\377\000' '\000-\377'".to_owned());
    let stored = place.verified(&database).unwrap();
    assert!(
        stored.evidence.is_verified(),
        "{:?}",
        stored.evidence.verification
    );
    database.sql("INSERT INTO a VALUES (2)");
    let two = database.sql(
        "SELECT CONCAT((SELECT variable_value FROM information_schema.session_status \
         WHERE variable_name = 'BINLOG_SNAPSHOT_FILE'), ':', (SELECT variable_value \
         FROM information_schema.session_status WHERE variable_name = 'BINLOG_SNAPSHOT_POSITION'))",
    );
    database.sql("FLUSH BINARY LOGS; INSERT INTO a VALUES (3)");
    // The log knows whole seconds.
    thread::sleep(Duration::from_millis(1100));
    let three = database.sql("SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ')");
    thread::sleep(Duration::from_millis(1100));
    database.sql("DELETE FROM a");
    let ids = "SELECT GROUP_CONCAT(id ORDER BY id) FROM a";
    assert_eq!(at(&place, &stored, &database, None, ids), "1");
    assert_eq!(at(&place, &stored, &database, Some(&two), ids), "1,2");
    let stored = Store::new(&place.options.directory)
        .open(&stored.evidence.id)
        .unwrap();
    assert_eq!(at(&place, &stored, &database, Some(&three), ids), "1,2,3");
}

/// The whole way, as on PostgreSQL.
#[test]
fn back_to_just_before_a_run() {
    let Some(own) = own() else { return };
    let database = own.server().database("before");
    let place = place();
    // A server that is no root's has to get to the data directory that is made here.
    fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o711)).unwrap();
    let url = DatabaseUrl::parse(database.url()).unwrap();
    let write = place.path("write");
    let port = url.hosts[0].1.unwrap();
    fs::write(
        &write,
        format!(
            "#!/bin/sh\nMYSQL_PWD='{}' mariadb --no-defaults -h 127.0.0.1 -P {port} -u '{}' '{}' \
             -e \"INSERT INTO kept VALUES ('before the run')\"\n",
            url.password.as_deref().unwrap(),
            url.user.as_deref().unwrap(),
            database.name()
        ),
    )
    .unwrap();
    fs::set_permissions(&write, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(
        place.path("migrate.toml"),
        format!(
            "dialect = 'mysql'\n[backup]\nkind = 'physical'\n[run.hooks]\nbefore_run = '{}'\n",
            write.display()
        ),
    )
    .unwrap();
    let migration = |name: &str, up: &str, down: &str| {
        let folder = place.path("migrations").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("up.sql"), up).unwrap();
        fs::write(folder.join("down.sql"), down).unwrap();
    };
    migration(
        "1_kept",
        "CREATE TABLE kept (what VARCHAR(50));\n",
        "DROP TABLE kept;\n",
    );
    let (code, answer, said) = run(&place, &database, &["up"]);
    assert_eq!(code, Some(0), "{said}{answer:#}");
    database.sql("INSERT INTO kept VALUES ('before the backup')");
    migration(
        "2_run",
        "CREATE TABLE made (id INT);\nINSERT INTO kept VALUES ('by the run');\n",
        "DELETE FROM kept WHERE what = 'by the run';\nDROP TABLE made;\n",
    );
    let (code, answer, said) = run(&place, &database, &["run", "--report", "out"]);
    assert_eq!(code, Some(0), "{said}{answer:#}");
    let report: Value =
        serde_json::from_slice(&fs::read(place.path("out/report.json")).unwrap()).unwrap();
    let backup = &report["backup"];
    assert_eq!(backup["kind"], "physical");
    assert_eq!(backup["verification"]["state"], "passed", "{backup:#}");
    let id = backup["id"].as_str().unwrap();
    let run_id = report["identity"]["run"].as_str().unwrap();
    database.sql("INSERT INTO kept VALUES ('after the run')");
    let kept = "SELECT GROUP_CONCAT(what ORDER BY what SEPARATOR ', ') FROM kept";

    let (code, answer, said) = run(
        &place,
        &database,
        &["restore", id, "--until", run_id, "--as", "beside"],
    );
    assert_eq!(code, Some(0), "{said}{answer:#}");
    let beside = Database::at(&own.server().url_of("beside"));
    assert_eq!(beside.sql(kept), "before the backup, before the run");

    let data = place.path("data");
    let shown = data.to_str().unwrap();
    let (code, answer, said) = run(
        &place,
        &database,
        &["restore", id, "--until", run_id, "--data-directory", shown],
    );
    assert_eq!(code, Some(0), "{said}{answer:#}");
    assert_eq!(
        fs::metadata(&data).unwrap().permissions().mode() & 0o777,
        0o700
    );
    // A server is started on it, by the test's own user.
    let socket = place.path("socket");
    let mut server = Command::new(std::env::var("MIGRATE_TEST_MARIADBD").unwrap())
        .args([
            "--no-defaults",
            "--skip-networking",
            "--skip-log-bin",
            "--user=root",
        ])
        .arg(format!("--datadir={shown}"))
        .arg(format!("--socket={}", socket.display()))
        .stderr(fs::File::create(place.path("log")).unwrap())
        .spawn()
        .unwrap();
    let mut answered = String::new();
    for _ in 0..300 {
        thread::sleep(Duration::from_millis(100));
        let output = Command::new("mariadb")
            .args(["--no-defaults", "--batch", "--skip-column-names"])
            .arg(format!("--socket={}", socket.display()))
            .args([
                "--user",
                url.user.as_deref().unwrap(),
                database.name(),
                "--execute",
                kept,
            ])
            .env("MYSQL_PWD", url.password.as_deref().unwrap())
            .output()
            .unwrap();
        answered = String::from_utf8(output.stdout).unwrap();
        if output.status.success() {
            break;
        }
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let log = fs::read_to_string(place.path("log")).unwrap();
    assert_eq!(
        answered.trim(),
        "before the backup, before the run",
        "{log}"
    );
}

#[test]
fn what_is_missing_is_said_before_anything_is_begun() {
    let Some(own) = PrivateServer::start(Engine::Mariadb) else {
        return;
    };
    let database = own.server().database("missing");
    let place = place();
    let error = place.take(&database).unwrap_err();
    assert!(matches!(error, BackupError::NoGo(_)), "{error}");
    assert!(error.to_string().contains("no binary log"), "{error}");
    let name = own.server().engine().quote_name(database.name());
    own.server().admin().sql(&format!(
        "CREATE USER copier@'%' IDENTIFIED BY 'secret'; GRANT RELOAD, PROCESS ON *.* TO copier@'%';
         GRANT ALL ON {name}.* TO copier@'%'"
    ));
    let error = place
        .take(&database.as_user("copier", "secret"))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("BINLOG MONITOR, REPLICATION SLAVE"),
        "{error}"
    );
    assert_eq!(place.entries(), [""; 0]);
}

#[test]
fn a_log_that_ends_early_is_found() {
    let Some(own) = own() else { return };
    let database = own.server().database("short");
    database.sql("CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1)");
    let place = place();
    let stored = place
        .verified_after(&database, |stored| {
            // Without the log the copy is of another moment than the digest, unless nobody wrote: the
            // evidence is made to say that somebody did.
            let manifest = stored.folder.join("backup.json");
            let mut value: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
            let at = &mut value["log"]["from"]["position"]["position"];
            *at = (at.as_u64().unwrap() + 1).into();
            let files = value["files"].as_array_mut().unwrap();
            files.retain(|file| file["role"] != "log");
            fs::write(&manifest, serde_json::to_vec(&value).unwrap()).unwrap();
        })
        .unwrap();
    let found = &stored.evidence.verification;
    assert_eq!(found.state, VerificationState::Failed, "{found:?}");
    assert!(!stored.evidence.point_in_time_recovery);
    assert!(found.differences[0].contains("is not kept"), "{found:?}");
}
