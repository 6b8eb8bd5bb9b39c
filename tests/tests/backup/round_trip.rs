//! What comes back is what went in.

use std::fs;

use migrate_ops::backup::{BackupError, BackupKind, Store, Target};
use migrate_tests::server::{self, Engine, Server};

use super::place::Place;
use super::shop;

/// The URL of a database beside another that is not there yet.
pub(crate) fn beside(server: &Server, place: &Place, name: &str) -> String {
    match server.engine() {
        Engine::Sqlite => format!("sqlite://{}", place.path(name).display()),
        _ => server.url_of(&format!("{name} {}", std::process::id())),
    }
}

/// Drops a database that a restore made.
pub(crate) fn gone(server: &Server, url: &str) {
    if server.engine() != Engine::Sqlite {
        let database = server::Database::at(url);
        let name = server.engine().quote_name(database.name());
        server
            .admin()
            .sql(&format!("DROP DATABASE IF EXISTS {name}"));
    }
}

#[test]
fn into_a_database_that_is_not_there() {
    for server in server::all() {
        let database = server.database("shop ünï 漢");
        shop::fill(&database);
        let place = Place::new(server.engine());
        let stored = place.take(&database).unwrap();
        let url = beside(&server, &place, "restored ünï 漢");
        let restored = place.restore(&stored, &url, Target::Database).unwrap();
        assert!(restored.made);
        let copy = server::Database::at(&url);
        assert_eq!(shop::contents(&copy), shop::contents(&database));
        assert_eq!(copy.schema_dump(&[]), database.schema_dump(&[]));
        let again = place.restore(&stored, &url, Target::Database).unwrap_err();
        assert!(matches!(again, BackupError::NotEmpty { .. }), "{again}");
        gone(&server, &url);
    }
}

#[test]
fn into_an_empty_database() {
    for server in server::all() {
        let database = server.database("shop");
        shop::fill(&database);
        let place = Place::new(server.engine());
        let stored = place.take(&database).unwrap();
        let empty = server.database("empty");
        if server.engine() == Engine::Sqlite {
            fs::write(empty.name(), "").unwrap();
        }
        let restored = place
            .restore(&stored, empty.url(), Target::Database)
            .unwrap();
        assert!(!restored.made);
        assert_eq!(shop::contents(&empty), shop::contents(&database));
    }
}

#[test]
fn encrypted_and_back() {
    for server in server::all() {
        let database = server.database("shop");
        shop::fill(&database);
        let mut place = Place::new(server.engine());
        // Adds one to every byte.
        place.options.encrypt = Some(r"LC_ALL=C tr '\000-\377' '\001-\377\000'".to_owned());
        let stored = place.take(&database).unwrap();
        assert!(stored.evidence.encrypted);
        for file in &stored.evidence.files {
            let bytes = fs::read(stored.folder.join(&file.name)).unwrap();
            assert!(file.name.ends_with(".encrypted"), "{}", file.name);
            for open in [&b"PGDMP"[..], b"SQLite format", b"\x1f\x8b"] {
                assert!(!bytes.starts_with(open));
            }
        }
        let url = beside(&server, &place, "decrypted");
        let error = place.restore(&stored, &url, Target::Database).unwrap_err();
        assert!(matches!(error, BackupError::NoDecrypt), "{error}");
        place.options.decrypt = Some("exit 4".to_owned());
        let error = place.restore(&stored, &url, Target::Database).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("fail"), "{said}");
        place.options.decrypt = Some(r"LC_ALL=C tr '\001-\377\000' '\000-\377'".to_owned());
        place.restore(&stored, &url, Target::Database).unwrap();
        let copy = server::Database::at(&url);
        assert_eq!(shop::contents(&copy), shop::contents(&database));
        gone(&server, &url);
    }
}

#[test]
fn evidence_is_read_as_it_was_written() {
    for server in server::all() {
        let database = server.database("shop");
        shop::fill(&database);
        let place = Place::new(server.engine());
        let stored = place.take(&database).unwrap();
        let evidence = &stored.evidence;
        assert!(!evidence.point_in_time_recovery && !evidence.is_verified());
        assert!(evidence.notes[0].contains("no point-in-time recovery"));
        assert!(evidence.bytes() > 0 && evidence.duration_seconds > 0.0);
        assert_eq!(
            evidence.stall_seconds.is_none(),
            server.engine() == Engine::Postgres
        );
        let store = Store::new(&place.options.directory);
        let read = store.latest(&evidence.database).unwrap().evidence;
        let text = |evidence| serde_json::to_string(evidence).unwrap();
        assert_eq!(text(&read), text(evidence));
        // Only their owner may read.
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(stored.folder.clone()), 0o700);
        for file in &evidence.files {
            assert_eq!(mode(stored.folder.join(&file.name)), 0o600);
        }
        assert_eq!(mode(stored.folder.join("backup.json")), 0o600);
        // Nothing lies there but what is listed: no file with a password for one.
        let mut listed: Vec<String> = evidence.files.iter().map(|it| it.name.clone()).collect();
        listed.extend(["backup.json".to_owned(), "lock".to_owned()]);
        listed.sort();
        let mut there: Vec<String> = fs::read_dir(&stored.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        assert_eq!(there, listed);
        assert_eq!(place.entries(), [evidence.id.as_str()]);
    }
}

#[test]
fn a_command_of_the_operators() {
    for server in server::all() {
        let database = server.database("shop");
        shop::fill(&database);
        let mut place = Place::new(server.engine());
        let made = place.path("made");
        place.options.command = Some(format!(
            "echo \"$MIGRATE_DATABASE\" > {}; echo snapshot $MIGRATE_BACKUP to postgres://me:hunter2@store/x",
            made.display()
        ));
        let stored = place.take(&database).unwrap();
        let evidence = &stored.evidence;
        assert_eq!(fs::read_to_string(&made).unwrap().trim(), evidence.database);
        assert_eq!(evidence.kind, BackupKind::External);
        assert!(!evidence.is_verified() && evidence.files.is_empty());
        let said = evidence.notes.last().unwrap();
        assert!(
            said.contains(&format!("snapshot {}", evidence.id)),
            "{said}"
        );
        assert!(!said.contains("hunter2"), "{said}");
        let url = beside(&server, &place, "never");
        let error = place.restore(&stored, &url, Target::Database).unwrap_err();
        assert!(matches!(error, BackupError::External), "{error}");
        place.options.command = Some("echo no room >&2; exit 3".to_owned());
        let error = place.take(&database).unwrap_err();
        assert!(error.to_string().contains("no room"), "{error}");
        assert_eq!(place.entries(), [evidence.id.as_str()]);
    }
}
