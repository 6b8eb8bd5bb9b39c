//! Private servers: who can reach them, and that nothing of them stays.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_ops::connect::{DatabaseUrl, Engine, Open, runtime};
use migrate_ops::scratch::{Options, ScratchError, ScratchServer, server, sweep};
use migrate_tests::server as real;
use tempfile::TempDir;

use crate::processes;

/// A directory that every user may go through, as the system's for temporary files is.
fn parent() -> TempDir {
    tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o711))
        .tempdir()
        .unwrap()
}

fn options(parent: &Path) -> Options {
    Options {
        parent: Some(parent.to_owned()),
        ..Options::default()
    }
}

/// One value from a database.
fn value<DB: Engine>(url: &DatabaseUrl, sql: &str) -> String {
    let runtime = runtime().unwrap();
    let mut connection = DB::connect(url, Open::Existing, &runtime)
        .unwrap()
        .connection;
    let rows = DB::rows(&mut connection, sql).unwrap();
    rows[0][0].clone().unwrap()
}

fn is_private<DB: Engine>(start: ScratchServer, databases: &str) {
    let runtime = runtime().unwrap();
    let folder = start.folder().to_owned();
    assert_eq!(
        fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
        0o700
    );
    let copy = start
        .create_database::<DB>("a \"copy\" `of` it", &runtime)
        .unwrap();
    assert_eq!(value::<DB>(&copy, databases), "1");
    assert!(!copy.shown().contains("secret") && copy.password.is_some());

    let running = processes::of_folder(&folder);
    let server_and_guard = running.len() >= 2;
    assert!(server_and_guard, "{running:?}");
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    for (pid, _, user, command) in &running {
        assert!(*user != 0, "{pid} runs as root: {command}");
        assert!(is_root || *user == fs::metadata("/proc/self").unwrap().uid());
        assert!(
            !command.contains(copy.password.as_deref().unwrap()),
            "{command}"
        );
        // What this process was told with its environment is not handed on.
        if let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) {
            let environment = String::from_utf8_lossy(&environment);
            assert!(!environment.contains("MIGRATE_TEST"), "{environment}");
        }
    }
    assert_eq!(value::<DB>(start.url(), "SELECT 'up'"), "up");
    drop(start);
    assert!(processes::of_folder(&folder).is_empty());
    assert!(!folder.exists());
}

#[test]
fn a_postgres_server_is_private() {
    let Some(_) = real::postgres() else { return };
    let (parent, runtime) = (parent(), runtime().unwrap());
    let start = server::<Pg>(&options(parent.path()), &runtime).unwrap();
    assert!(
        start.version().contains("PostgreSQL"),
        "{}",
        start.version()
    );
    let off = ("fsync".to_owned(), "off".to_owned());
    assert!(start.settings().contains(&off));
    let ports = "SELECT coalesce(nullif(current_setting('listen_addresses'), ''), 'none')";
    assert_eq!(value::<Pg>(start.url(), ports), "none");
    let mut without = start.url().clone();
    without.password = Some("wrong".to_owned());
    assert!(Pg::connect(&without, Open::Existing, &runtime).is_err());
    is_private::<Pg>(
        start,
        "SELECT count(*)::text FROM pg_database WHERE datname = 'a \"copy\" `of` it'",
    );
}

#[test]
fn a_mariadb_server_is_private() {
    let Some(_) = real::mariadb() else { return };
    let (parent, runtime) = (parent(), runtime().unwrap());
    let start = server::<Mysql>(&options(parent.path()), &runtime).unwrap();
    assert!(start.version().contains("MariaDB"), "{}", start.version());
    let settings = "SELECT CONCAT_WS(' ', @@skip_networking, @@log_bin, @@event_scheduler)";
    assert_eq!(value::<Mysql>(start.url(), settings), "ON OFF OFF");
    let mut without = start.url().clone();
    without.password = None;
    assert!(Mysql::connect(&without, Open::Existing, &runtime).is_err());
    is_private::<Mysql>(
        start,
        "SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.schemata \
         WHERE schema_name = 'a \"copy\" `of` it'",
    );
}

#[test]
fn settings_that_are_asked_for_hold() {
    let Some(_) = real::mariadb() else { return };
    let (parent, runtime) = (parent(), runtime().unwrap());
    let asked = Options {
        settings: vec![("sql-mode".to_owned(), "ANSI_QUOTES".to_owned())],
        ..options(parent.path())
    };
    let start = server::<Mysql>(&asked, &runtime).unwrap();
    assert_eq!(
        value::<Mysql>(start.url(), "SELECT @@sql_mode"),
        "ANSI_QUOTES"
    );
    let unknown = Options {
        settings: vec![("no-such-setting".to_owned(), "1".to_owned())],
        ..options(parent.path())
    };
    let error = server::<Mysql>(&unknown, &runtime).unwrap_err();
    assert!(error.to_string().contains("no-such-setting"), "{error}");
    drop(start);
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
}

#[test]
fn programs_that_are_not_there() {
    let (parent, runtime) = (parent(), runtime().unwrap());
    let nowhere = Options {
        programs: vec!["/no/such/place".into()],
        ..options(parent.path())
    };
    let error = server::<Pg>(&nowhere, &runtime).unwrap_err();
    assert!(matches!(error, ScratchError::NoPrograms { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "no postgres was found for a private server; looked in /no/such/place"
    );
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
}

#[test]
fn a_socket_needs_a_short_path() {
    let (parent, runtime) = (parent(), runtime().unwrap());
    let long = parent.path().join("x".repeat(100));
    fs::create_dir(&long).unwrap();
    let error = server::<Pg>(&options(&long), &runtime).unwrap_err();
    assert!(matches!(error, ScratchError::LongPath { .. }), "{error}");
    assert_eq!(fs::read_dir(long).unwrap().count(), 0);
}

const HOLDER: &str = "MIGRATE_TEST_HOLDER";

/// Runs as another process, which the tests kill: it starts a server and says where.
#[test]
#[ignore = "is run by other tests"]
fn holder() {
    let Some(what) = std::env::var_os(HOLDER) else {
        return;
    };
    let what = what.to_str().unwrap();
    let (engine, parent) = what.split_once(' ').unwrap();
    let runtime = runtime().unwrap();
    let options = options(Path::new(parent));
    let start = match engine {
        "postgres" => server::<Pg>(&options, &runtime),
        "mariadb" => server::<Mysql>(&options, &runtime),
        _ => server::<Sqlite>(&options, &runtime),
    };
    let start = start.unwrap();
    // Begins a line of its own, after the test's name.
    println!("\nfolder {}", start.folder().display());
    loop {
        std::thread::park();
    }
}

fn held(engine: &str, parent: &Path) -> (Child, PathBuf) {
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "scratch::holder", "--ignored", "--nocapture"])
        .env(HOLDER, format!("{engine} {}", parent.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let folder = lines
        .map_while(Result::ok)
        .find_map(|line| Some(PathBuf::from(line.strip_prefix("folder ")?)))
        .expect("a server");
    (holder, folder)
}

#[test]
fn nothing_stays_of_a_killed_owner() {
    for engine in real::all() {
        let (parent, name) = (parent(), engine.engine().to_string().to_lowercase());
        let name = name.replace("postgresql", "postgres");
        let (mut holder, folder) = held(&name, parent.path());
        assert!(folder.exists());
        holder.kill().unwrap();
        holder.wait().unwrap();
        if name != "sqlite" {
            // The guard needs nobody.
            processes::until("the guard ends it", || {
                processes::of_folder(&folder).is_empty() && !holds_data(&folder)
            });
        }
        sweep(parent.path()).unwrap();
        assert!(!folder.exists());
    }
}

fn holds_data(folder: &Path) -> bool {
    folder.join("data").exists()
}

#[test]
fn what_a_killed_guard_leaves_is_swept() {
    for engine in [real::postgres(), real::mariadb()].into_iter().flatten() {
        let (parent, name) = (parent(), engine.engine().to_string().to_lowercase());
        let (mut holder, folder) = held(&name.replace("postgresql", "postgres"), parent.path());
        // While the owner lives, nobody else touches it.
        assert!(sweep(parent.path()).unwrap().is_empty());
        let running = processes::of_folder(&folder);
        let (guard, ..) = running
            .iter()
            .find(|(_, parent, _, command)| *parent == holder.id() && command.starts_with("sh "))
            .expect("a guard");
        processes::kill9(*guard);
        holder.kill().unwrap();
        holder.wait().unwrap();
        let left = processes::of_folder(&folder);
        assert!(!left.is_empty(), "the server runs on");
        assert_eq!(sweep(parent.path()).unwrap(), std::slice::from_ref(&folder));
        processes::until("the server ends", || {
            processes::of_folder(&folder).is_empty()
        });
        assert!(!folder.exists());
    }
}

#[test]
fn a_guard_that_was_killed_is_not_needed_to_stop() {
    let Some(_) = real::postgres() else { return };
    let (parent, runtime) = (parent(), runtime().unwrap());
    let start = server::<Pg>(&options(parent.path()), &runtime).unwrap();
    let folder = start.folder().to_owned();
    let running = processes::of_folder(&folder);
    let guard = running
        .iter()
        .find(|(.., command)| command.starts_with("sh "))
        .expect("a guard");
    processes::kill9(guard.0);
    drop(start);
    processes::until("the server ends", || {
        processes::of_folder(&folder).is_empty()
    });
    assert!(!folder.exists());
}
