//! Copies of a whole server, rolled forward.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use migrate_ops::backup::physical::{self, Trust, Until};
use migrate_ops::backup::{
    BackupError, BackupKind, FileRole, Store, Stored, Target, VerificationState, VerifyLevel,
};
use migrate_ops::connect::DatabaseUrl;
use migrate_ops::event::{Event, Listener};
use migrate_runtime::diesel::pg::Pg;
use migrate_tests::server::{self, Database, Engine, PrivateServer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::place::{Place, with};
use super::shop;

/// A server of the test's own: what is copied is the whole server.
fn own() -> Option<PrivateServer> {
    PrivateServer::start(Engine::Postgres)
}

fn place() -> Place {
    let mut place = Place::new(Engine::Postgres);
    place.options.kind = BackupKind::Physical;
    place
}

/// What a database holds at a moment, in a server that is started from a backup.
fn at(place: &Place, stored: &Stored, of: &Database, until: Option<&str>, sql: &str) -> String {
    let until: Option<Until> = until.map(|text| text.parse().unwrap());
    with::<Pg, _>(of.url(), |deployment| {
        let server = physical::private(
            stored,
            deployment,
            &place.options,
            until.as_ref(),
            Trust::Digests,
            &mut |_: &Event<'_>| {},
        )
        .unwrap();
        let url = physical::database_on::<Pg>(&server, deployment.url);
        ask(&url, sql)
    })
}

/// The server of a backup lets in only this process, by its socket.
fn ask(url: &DatabaseUrl, sql: &str) -> String {
    let psql = Path::new(&std::env::var("MIGRATE_TEST_PG_BIN").unwrap()).join("psql");
    let output = Command::new(psql)
        .args(["--no-psqlrc", "-Atq", "-h", &url.hosts[0].0])
        .args(["-U", url.user.as_deref().unwrap()])
        .args(["-d", url.database.as_deref().unwrap(), "-c", sql])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_whole_server_is_verified() {
    let Some(own) = own() else { return };
    let database = own.server().database("shop ünï");
    shop::fill(&database);
    let place = place();
    let stored = place.verified(&database).unwrap();
    let evidence = &stored.evidence;
    let found = &evidence.verification;
    assert_eq!(found.differences, [""; 0]);
    assert!(evidence.is_verified(), "{found:?}");
    assert_eq!(
        (found.rows_compared, evidence.kind),
        (5, BackupKind::Physical)
    );
    assert!(evidence.point_in_time_recovery);
    assert!(
        evidence.summary().contains("can be rolled forward"),
        "{}",
        evidence.summary()
    );
    // Every index was looked at, too.
    assert_eq!(found.not_compared, [""; 0]);
    // Nobody wrote, so nobody had to wait.
    assert_eq!(evidence.stall_seconds, None);
    // Only their owner may read, and nothing lies there but what is listed.
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&stored.folder), 0o700);
    let mut listed: Vec<String> = evidence
        .files
        .iter()
        .map(|file| file.name.clone())
        .collect();
    for name in &listed {
        assert_eq!(mode(&stored.folder.join(name)), 0o600, "{name}");
    }
    assert!(evidence.files.iter().any(|file| file.role == FileRole::Log));
    listed.extend(["backup.json".to_owned(), "lock".to_owned()]);
    listed.sort();
    let mut there: Vec<String> = fs::read_dir(&stored.folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(there, listed);
    assert_eq!(place.entries(), [evidence.id.as_str()]);
    // The server keeps nothing for a backup that is made.
    assert_eq!(
        own.server()
            .admin()
            .sql("SELECT count(*) FROM pg_replication_slots"),
        "0"
    );
    let error = place
        .restore(&stored, &own.server().url_of("one"), Target::Database)
        .unwrap_err();
    assert!(matches!(error, BackupError::Physical { .. }), "{error}");
}

/// Copy and digest mean one moment although others always write.
#[test]
fn verified_under_writers() {
    let Some(own) = own() else { return };
    let database = own.server().database("busy");
    let rows = "SELECT g, 0 FROM generate_series(1, 2000) g";
    database.sql(&format!(
        "CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE b (id int PRIMARY KEY, n int);
         CREATE UNLOGGED TABLE c (id int PRIMARY KEY, n int);
         INSERT INTO a {rows}; INSERT INTO b {rows};"
    ));
    let place = place();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let (done, database) = (&done, &database);
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                scope.spawn(move || {
                    let mut count = 0;
                    while !done.load(Ordering::SeqCst) {
                        let script: String = (0..50)
                            .map(|at| {
                                let id = (writer * 500) + (count * 50 + at) % 500 + 1;
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
            assert_eq!(
                found.state,
                VerificationState::Passed,
                "{:?}",
                evidence.notes
            );
            assert_eq!((found.tables_compared, found.tables), (2, 3));
            // The unlogged table comes without its rows, and that is no whole copy.
            assert!(!evidence.is_verified());
            assert!(
                found
                    .not_compared
                    .iter()
                    .any(|it| it.contains("c: unlogged")),
                "{found:?}"
            );
            let stall = evidence.stall_seconds.unwrap_or_default();
            assert!(stall < 5.0, "{stall}");
        }
        done.store(true, Ordering::SeqCst);
        for writer in writers {
            assert!(writer.join().unwrap() > 0);
        }
    });
}

/// A writer that holds its transaction open for longer than others may wait: nothing is compared, and
/// nobody is told that it was.
#[test]
fn without_a_moment_nothing_is_called_verified() {
    let Some(own) = own() else { return };
    let database = own.server().database("held");
    database.sql("CREATE TABLE a (id int); INSERT INTO a VALUES (1)");
    let place = place();
    thread::scope(|scope| {
        let database = &database;
        let writer = scope.spawn(move || {
            // It is ended by whoever has seen enough.
            database.try_sql("BEGIN; INSERT INTO a VALUES (2); SELECT pg_sleep(300)")
        });
        while database.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid'") == "0"
        {
            thread::sleep(Duration::from_millis(20));
        }
        let stored = place.verified(database);
        database.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
        );
        assert!(writer.join().unwrap().is_err());
        let stored = stored.unwrap();
        let (evidence, found) = (&stored.evidence, &stored.evidence.verification);
        assert_eq!(found.state, VerificationState::NotChecked, "{found:?}");
        assert!(!evidence.is_verified());
        assert!(
            evidence.notes.iter().any(|it| it.contains("no moment")),
            "{:?}",
            evidence.notes
        );
        // It was recovered and read all the same.
        assert!(found.restore_seconds.is_some());
        assert!(
            found
                .not_compared
                .iter()
                .any(|it| it.contains("1 tables with 1 rows")),
            "{found:?}"
        );
    });
}

#[test]
fn encrypted_and_rolled_forward_and_back_in_time() {
    let Some(own) = own() else { return };
    let database = own.server().database("forward");
    database.sql("CREATE TABLE a (id int); INSERT INTO a VALUES (1)");
    let mut place = place();
    // Adds one to every byte.
    place.options.encrypt = Some(r"LC_ALL=C tr '\000-\377' '\001-\377\000'".to_owned());
    place.options.decrypt = Some(r"LC_ALL=C tr '\001-\377\000' '\000-\377'".to_owned());
    let stored = place.verified(&database).unwrap();
    assert!(stored.evidence.is_verified());
    for file in &stored.evidence.files {
        let bytes = fs::read(stored.folder.join(&file.name)).unwrap();
        assert!(file.name.ends_with(".encrypted") && !bytes.starts_with(b"\x1f\x8b"));
    }
    database.sql("INSERT INTO a VALUES (2)");
    let two = database.sql("SELECT pg_current_wal_insert_lsn()");
    database.sql("SELECT pg_switch_wal()");
    database.sql("INSERT INTO a VALUES (3)");
    thread::sleep(Duration::from_millis(20));
    let three = database.sql(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    );
    thread::sleep(Duration::from_millis(20));
    database.sql("DELETE FROM a");
    let ids = "SELECT string_agg(id::text, ',' ORDER BY id) FROM a";
    assert_eq!(at(&place, &stored, &database, None, ids), "1");
    // The log in between is fetched from the server and kept.
    assert_eq!(at(&place, &stored, &database, Some(&two), ids), "1,2");
    let stored = Store::new(&place.options.directory)
        .open(&stored.evidence.id)
        .unwrap();
    assert_eq!(at(&place, &stored, &database, Some(&three), ids), "1,2,3");
    let error = with::<Pg, _>(database.url(), |deployment| {
        let until: Until = "2026-01-01T00:00:00Z".parse().unwrap();
        let listener: &mut dyn Listener = &mut |_: &Event<'_>| {};
        let trust = Trust::Digests;
        physical::private(
            &stored,
            deployment,
            &place.options,
            Some(&until),
            trust,
            listener,
        )
        .unwrap_err()
    });
    assert!(matches!(error, BackupError::OutOfReach { .. }), "{error}");
}

/// What a command answered.
pub(crate) fn run(
    place: &Place,
    database: &Database,
    line: &[&str],
) -> (Option<i32>, Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_migrate-command"))
        .args(line)
        .args(["--format", "json"])
        .current_dir(place.path(""))
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), answer, said)
}

/// The whole way: a run makes the backup, others write until its first statement, and the backup is
/// rolled forward to just before that.
#[test]
fn back_to_just_before_a_run() {
    let Some(own) = own() else { return };
    let database = own.server().database("before");
    let place = place();
    let bin = std::env::var("MIGRATE_TEST_PG_BIN").unwrap();
    let write = place.path("write");
    fs::write(
        &write,
        format!(
            "#!/bin/sh\n{bin}/psql -q '{}' -c \"INSERT INTO kept VALUES ('before the run')\"\n",
            database.url()
        ),
    )
    .unwrap();
    fs::set_permissions(&write, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(
        place.path("migrate.toml"),
        format!(
            "dialect = 'postgres'\n[backup]\nkind = 'physical'\n[run.hooks]\nbefore_run = '{}'\n",
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
        "CREATE TABLE kept (what text);\n",
        "DROP TABLE kept;\n",
    );
    let (code, answer, said) = run(&place, &database, &["up"]);
    assert_eq!(code, Some(0), "{said}{answer:#}");
    database.sql("INSERT INTO kept VALUES ('before the backup')");
    migration(
        "2_run",
        "CREATE TABLE made (id int);\nINSERT INTO kept VALUES ('by the run');\n",
        "DELETE FROM kept WHERE what = 'by the run';\nDROP TABLE made;\n",
    );
    let (code, answer, said) = run(&place, &database, &["run", "--report", "out"]);
    assert_eq!(code, Some(0), "{said}{answer:#}");
    let report: Value =
        serde_json::from_slice(&fs::read(place.path("out/report.json")).unwrap()).unwrap();
    let backup = &report["backup"];
    assert_eq!(backup["kind"], "physical");
    assert_eq!(backup["verification"]["state"], "passed", "{backup:#}");
    assert_eq!(backup["point_in_time_recovery"], true);
    assert_eq!(
        report["rehearsal"]["verdict"], "passed",
        "{}",
        report["rehearsal"]
    );
    let id = backup["id"].as_str().unwrap();
    let run_id = report["identity"]["run"].as_str().unwrap().to_owned();
    database.sql("INSERT INTO kept VALUES ('after the run')");
    assert_eq!(database.sql("SELECT count(*) FROM kept"), "4");

    // One database of it, beside.
    let (code, answer, said) = run(
        &place,
        &database,
        &["restore", id, "--until", &run_id, "--as", "beside"],
    );
    assert_eq!(code, Some(0), "{said}{answer:#}");
    let beside = Database::at(&own.server().url_of("beside"));
    let kept = "SELECT string_agg(what, ', ' ORDER BY what) FROM kept";
    assert_eq!(beside.sql(kept), "before the backup, before the run");
    assert_eq!(beside.sql("SELECT to_regclass('made') IS NULL"), "t");

    // All of it, as a data directory that a server is started on.
    let data = place.path("data");
    let shown = data.to_str().unwrap();
    let (code, answer, said) = run(
        &place,
        &database,
        &["restore", id, "--until", &run_id, "--data-directory", shown],
    );
    assert_eq!(code, Some(0), "{said}{answer:#}");
    assert_eq!(
        fs::metadata(&data).unwrap().permissions().mode() & 0o777,
        0o700
    );
    let socket = tempfile::tempdir_in("/tmp").unwrap();
    fs::set_permissions(socket.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let control = |action: &[&str]| {
        let mut command =
            match fs::metadata("/proc/self").map(|it| std::os::unix::fs::MetadataExt::uid(&it)) {
                Ok(0) => {
                    let given = Command::new("chown")
                        .args(["-R", "nobody", shown])
                        .status()
                        .unwrap();
                    assert!(given.success());
                    // The way there is the test's own.
                    fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o711)).unwrap();
                    let mut command = Command::new("setpriv");
                    command
                        .args(["--reuid=nobody", "--regid=65534", "--clear-groups"])
                        .arg(format!("{bin}/pg_ctl"));
                    command
                }
                _ => Command::new(format!("{bin}/pg_ctl")),
            };
        let status = command
            .args(["-D", shown, "-w", "-s"])
            .args(action)
            .current_dir("/")
            .status();
        assert!(status.unwrap().success(), "{action:?}");
    };
    let log = socket.path().join("log");
    let options = format!(
        "-k {} -c listen_addresses= -c fsync=off -c max_connections=300",
        socket.path().display()
    );
    control(&["-l", log.to_str().unwrap(), "-o", &options, "start"]);
    let url = DatabaseUrl::parse(database.url()).unwrap();
    let output = Command::new(format!("{bin}/psql"))
        .args([
            "--no-psqlrc",
            "-Atq",
            "-h",
            socket.path().to_str().unwrap(),
            "-U",
        ])
        .args([
            url.user.as_deref().unwrap(),
            "-d",
            database.name(),
            "-c",
            kept,
        ])
        .env("PGPASSWORD", url.password.as_deref().unwrap())
        .output()
        .unwrap();
    control(&["-m", "immediate", "stop"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "before the backup, before the run",
        "{said}"
    );
}

/// The digest of the file is made to fit, so that only the recovery can find what is wrong with it.
fn replace(stored: &Stored, role: FileRole, change: impl FnOnce(&mut Vec<u8>)) {
    let file = stored
        .evidence
        .files
        .iter()
        .rfind(|file| file.role == role)
        .unwrap();
    let path = stored.folder.join(&file.name);
    let gzip = |arguments: &[&str]| {
        let output = Command::new("gzip")
            .args(arguments)
            .arg(&path)
            .output()
            .unwrap();
        assert!(output.status.success());
        output.stdout
    };
    let mut bytes = gzip(&["-dc"]);
    change(&mut bytes);
    fs::write(&path, &bytes).unwrap();
    let packed = gzip(&["-1cn"]);
    fs::write(&path, &packed).unwrap();
    let digest: String = Sha256::digest(&packed)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let manifest = stored.folder.join("backup.json");
    let text = fs::read_to_string(&manifest)
        .unwrap()
        .replace(&file.sha256, &digest);
    let text = text.replace(
        &format!("\"bytes\": {}", file.bytes),
        &format!("\"bytes\": {}", packed.len()),
    );
    fs::write(&manifest, text).unwrap();
}

#[test]
fn what_is_damaged_is_never_green() {
    let Some(own) = own() else { return };
    let database = own.server().database("damaged");
    shop::fill(&database);
    for (what, role, why) in [
        ("the log ends early", FileRole::Log, "recovery"),
        ("a byte of a file", FileRole::Data, "pg_verifybackup"),
    ] {
        let place = place();
        let stored = place
            .verified_after(&database, |stored| {
                replace(stored, role, |bytes| match role {
                    FileRole::Log => bytes.fill(0),
                    _ => {
                        // Within a page of a table, which no header of the archive is.
                        let at = bytes
                            .windows(9)
                            .position(|it| it == b"Extension")
                            .unwrap_or(bytes.len() / 2);
                        bytes[at] ^= 1;
                    }
                });
            })
            .unwrap();
        let evidence = &stored.evidence;
        assert_eq!(
            evidence.verification.state,
            VerificationState::Failed,
            "{what}"
        );
        assert!(!evidence.point_in_time_recovery, "{what}");
        let said = evidence.verification.differences.join("; ");
        assert!(said.contains(why), "{what}: {said}");
    }
}

#[test]
fn what_is_missing_is_said_before_anything_is_begun() {
    let settings = ["wal_level=minimal", "max_wal_senders=0"];
    let Some(own) = PrivateServer::start_with(Engine::Postgres, &settings) else {
        return;
    };
    let database = own.server().database("minimal");
    let place = place();
    let error = place.take(&database).unwrap_err();
    assert!(matches!(error, BackupError::NoGo(_)), "{error}");
    for expected in ["wal_level", "max_wal_senders is 0"] {
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert_eq!(place.entries(), [""; 0]);
}

#[test]
fn the_right_to_replicate_and_the_entrance() {
    let Some(own) = own() else { return };
    let database = own.server().database("rights");
    database.sql("CREATE ROLE plain LOGIN PASSWORD 'secret'; CREATE ROLE copier LOGIN REPLICATION PASSWORD 'secret'");
    let place = place();
    let error = place
        .take(&database.as_user("plain", "secret"))
        .unwrap_err();
    assert!(
        error.to_string().contains("no right to replicate"),
        "{error}"
    );
    // A role that may replicate is enough.
    let stored = place.take(&database.as_user("copier", "secret")).unwrap();
    assert_eq!(stored.evidence.kind, BackupKind::Physical);
    // Nobody comes in for replication.
    let hba = own.data_folder().join("pg_hba.conf");
    let text = fs::read_to_string(&hba).unwrap();
    let without: String = text
        .lines()
        .filter(|line| !line.contains("replication"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&hba, without).unwrap();
    database.sql("SELECT pg_reload_conf(), pg_sleep(0.3)");
    let error = place.take(&database).unwrap_err();
    assert!(
        error.to_string().contains("replication may not connect"),
        "{error}"
    );
    assert_eq!(place.entries(), [stored.evidence.id.as_str()]);
}

#[test]
fn sqlite_has_none() {
    let Some(server) = server::sqlite() else {
        return;
    };
    let database = server.database("none");
    database.sql("CREATE TABLE a (id INT)");
    let mut place = Place::new(Engine::Sqlite);
    place.options.kind = BackupKind::Physical;
    let error = place.take(&database).unwrap_err();
    assert!(error.to_string().contains("no physical backups"), "{error}");
    assert_eq!(place.entries(), [""; 0]);
}

/// Stopped or killed in the middle, nothing looks like a backup, and the server keeps nothing.
#[test]
fn stopped_and_killed() {
    let Some(own) = own() else { return };
    let database = own.server().database("killed");
    shop::fill(&database);
    database.sql("CREATE TABLE big AS SELECT g, md5(g::text) || md5((g + 1)::text) FROM generate_series(1, 300000) g");
    let mut stopped = place();
    struct Stops;
    impl Listener for Stops {
        fn event(&mut self, _: &Event<'_>) {}
        fn stop(&mut self) -> bool {
            true
        }
    }
    let error = stopped
        .back_up(database.url(), VerifyLevel::None, &mut Stops)
        .unwrap_err();
    assert!(matches!(error, BackupError::Stopped), "{error}");
    assert_eq!(stopped.entries(), [""; 0]);
    // The command that encrypts is slow, so that there is a middle.
    stopped.options.encrypt = Some("sleep 100 & cat; wait".to_owned());
    fs::write(
        stopped.path("migrate.toml"),
        "dialect = 'postgres'\n[backup]\nencrypt = 'sleep 100; cat'\n",
    )
    .unwrap();
    fs::create_dir(stopped.path("migrations")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-command"))
        .args([
            "backup",
            "--kind",
            "physical",
            "--verify",
            "none",
            "--directory",
        ])
        .arg(&stopped.options.directory)
        .current_dir(stopped.path(""))
        .env("DATABASE_URL", database.url())
        .spawn()
        .unwrap();
    let slots = || {
        own.server()
            .admin()
            .sql("SELECT count(*) FROM pg_replication_slots")
    };
    let begun = Instant::now();
    let waited = |what: &str| {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        thread::sleep(Duration::from_millis(20));
    };
    while slots() == "0" || stopped.entries().len() < 2 {
        waited("no backup is made");
    }
    command.kill().unwrap();
    command.wait().unwrap();
    assert!(
        stopped
            .entries()
            .iter()
            .all(|name| name.starts_with(".work-") || name.starts_with(".new-")),
        "{:?}",
        stopped.entries()
    );
    while slots() != "0" {
        waited("the server keeps its log for nobody");
    }
    stopped.options.encrypt = None;
    let stored = stopped.take(&database).unwrap();
    assert_eq!(stopped.entries(), [stored.evidence.id.as_str()]);
}
