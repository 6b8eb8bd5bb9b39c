use std::fs;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::Level;
use crate::dialect::Dialect;
use crate::plan::{Ahead, OutOfOrder, Policy};
use crate::rule;

fn parse(text: &str) -> Config {
    Config::parse(text, Path::new("/app/migrate.toml")).unwrap()
}

#[test]
fn everything_has_a_default() {
    let set = Config::defaults("/app").set(None).unwrap();
    assert_eq!(
        set,
        SetConfig {
            file: None,
            ..parse("").set(None).unwrap()
        }
    );
    assert_eq!(set.dir, Path::new("/app/migrations"));
    assert_eq!(
        set.shown(&set.dir.join("1_a/up.sql")),
        "migrations/1_a/up.sql"
    );
    assert_eq!(set.shown(Path::new("/elsewhere/1_a")), "/elsewhere/1_a");
    assert_eq!((set.dialect, set.database.as_str()), (None, "DATABASE_URL"));
    assert_eq!(set.history.table, "_migrate_history");
    assert_eq!(set.timeouts.lock_wait, Duration::from_secs(60));
}

const FULL: &str = r#"
    dir = "db"
    server = "postgres 15"
    database = "MAIN_URL"
    ignore = ["*.md"]
    history_schema = "ops"
    history_table = "done"
    lock = "session"
    [levels]
    missing-down = "off"
    empty-script = "error"
    [policy]
    out_of_order = "allow"
    ahead = "refuse"
    transaction = "all"
    [timeouts]
    lock_wait = "2min"
    lock_timeout = "500ms"
    lock_retries = 3
    statement = "1h"
    [sets.analytics]
    dir = "analytics"
    dialect = "mysql"
    ignore = []
    lock = "lease"
    levels = { empty-script = "info" }
    policy.ahead = "warn"
    timeouts.lock_retries = 0
    [sets.other]
"#;

#[test]
fn every_key_is_read() {
    let set = parse(FULL).set(None).unwrap();
    assert_eq!(set.dir, Path::new("/app/db"));
    assert_eq!(set.dialect, Some(Dialect::Postgres));
    assert_eq!(set.server.unwrap().version, [15, 0, 0]);
    assert_eq!(set.database, "MAIN_URL");
    assert_eq!(set.ignore, ["*.md"]);
    assert_eq!(
        set.history,
        HistoryTable {
            schema: Some("ops".into()),
            table: "done".into()
        }
    );
    assert_eq!(set.lock, MigrationLock::Session);
    assert_eq!(set.levels.of(&rule::MISSING_DOWN), Level::Off);
    assert_eq!(set.levels.of(&rule::EMPTY_SCRIPT), Level::Error);
    assert_eq!(set.levels.of(&rule::UNKNOWN_FILE), Level::Error);
    assert_eq!(
        set.policy,
        Policy {
            out_of_order: OutOfOrder::Allow,
            ahead: Ahead::Refuse
        }
    );
    assert_eq!(set.transaction, TransactionMode::All);
    assert_eq!(
        set.timeouts,
        Timeouts {
            lock_wait: Duration::from_secs(120),
            lock_timeout: Duration::from_millis(500),
            lock_retries: 3,
            statement: Some(Duration::from_secs(3600)),
        }
    );
}

#[test]
fn a_set_overrides_key_by_key() {
    let config = parse(FULL);
    assert_eq!(
        config.set_names().collect::<Vec<_>>(),
        ["analytics", "other"]
    );
    let (top, set) = (
        config.set(None).unwrap(),
        config.set(Some("analytics")).unwrap(),
    );
    assert_eq!(set.dir, Path::new("/app/analytics"));
    // The server of the first database is none for another dialect.
    assert_eq!((set.dialect, set.server), (Some(Dialect::Mysql), None));
    assert_eq!(
        (set.database, set.history),
        (top.database.clone(), top.history.clone())
    );
    assert_eq!((set.ignore.len(), set.lock), (0, MigrationLock::Lease));
    assert_eq!(set.levels.of(&rule::MISSING_DOWN), Level::Off);
    assert_eq!(set.levels.of(&rule::EMPTY_SCRIPT), Level::Info);
    assert_eq!(
        set.policy,
        Policy {
            out_of_order: OutOfOrder::Allow,
            ahead: Ahead::Warn
        }
    );
    assert_eq!(
        set.timeouts,
        Timeouts {
            lock_retries: 0,
            ..top.timeouts
        }
    );
    let other = config.set(Some("other")).unwrap();
    assert_eq!(
        SetConfig {
            name: None,
            ..other
        },
        top
    );
    assert_eq!(
        config.set(Some("analytic")).unwrap_err().to_string(),
        "there is no set `analytic`; known are analytics, other"
    );
    assert_eq!(
        parse("").set(Some("x")).unwrap_err().to_string(),
        "there is no set `x`; migrate.toml names none under [sets]"
    );
}

#[test]
fn the_nearest_file_counts() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    fs::write(dir.path().join(CONFIG_FILE_NAME), "dir = 'far'").unwrap();
    assert_eq!(Config::find(&deep), Some(dir.path().join(CONFIG_FILE_NAME)));
    fs::write(dir.path().join("a").join(CONFIG_FILE_NAME), "dir = 'near'").unwrap();
    let set = Config::discover(&deep).unwrap().set(None).unwrap();
    assert_eq!(set.dir, dir.path().join("a/near"));
    // A crate takes its own file only.
    let set = Config::of_crate(&deep).unwrap().set(None).unwrap();
    assert_eq!((set.file, set.dir), (None, deep.join("migrations")));
    fs::write(deep.join(CONFIG_FILE_NAME), b"\xff").unwrap();
    let findings = Config::discover(&deep).unwrap_err();
    assert_eq!(
        findings[0].message,
        "migrate.toml cannot be read: it is not UTF-8"
    );
}

#[test]
fn with_sets_only_one_has_to_be_chosen() {
    let only_sets =
        parse("dialect = 'sqlite'\n[sets.b]\ndir = 'b'\n[sets.\"a\\u001B\"]\ndir = 'a'\n");
    let refused = only_sets.set(None).unwrap_err();
    assert!(matches!(&refused, NoSet::NotChosen { known } if known.len() == 2));
    assert_eq!(
        refused.to_string(),
        r"no set is chosen; migrate.toml has a\u{1b}, b under [sets] and no `dir` outside them"
    );
    // A directory is a choice, and a top with a directory is a set.
    let chosen = only_sets
        .choose(Choice {
            dir: Some("/elsewhere".into()),
            dialect: Some(Dialect::Mysql),
            ..Choice::default()
        })
        .unwrap();
    assert_eq!(chosen.dir, Path::new("/elsewhere"));
    assert_eq!(chosen.dialect, Some(Dialect::Mysql));
    assert!(only_sets.set(Some("b")).is_ok());
    assert!(
        parse("dir = 'migrations'\n[sets.b]\ndir = 'b'\n")
            .set(None)
            .is_ok()
    );
    assert_eq!(only_sets.top().dir, Path::new("/app/migrations"));
}

#[test]
fn how_to_run() {
    let text = "[run]\nstate = '/var/lib/x'\non_failure = 'rollback'\nheartbeat = '2s'\n\
        monitor = 'WATCH_URL'\nreplicas = ['A_URL', 'B_URL']\nmax_replica_lag = '30s'\nmax_active_sessions = 40\n\
        [run.hooks]\nbefore_migration = 'a'\n\
        after_run = { command = 'b', timeout = '5s', on_failure = 'continue' }\n\
        [sets.x]\ndir = 'x'\n[sets.x.run]\nrole = 'boss'\n";
    let run = parse(text).set(Some("x")).unwrap().run;
    assert_eq!(run.state, Path::new("/var/lib/x"));
    assert_eq!(run.on_failure, OnFailure::Rollback);
    assert_eq!(run.heartbeat, Duration::from_secs(2));
    assert_eq!(run.monitor.as_deref(), Some("WATCH_URL"));
    assert_eq!(run.replicas, ["A_URL", "B_URL"]);
    assert_eq!(run.max_pause, Duration::from_secs(600));
    assert_eq!(run.role.as_deref(), Some("boss"));
    let before = run.hooks.before_migration.unwrap();
    assert_eq!(
        (before.command.as_str(), before.timeout),
        ("a", Duration::from_secs(60))
    );
    let after = run.hooks.after_run.unwrap();
    assert_eq!(
        (after.timeout, after.on_failure),
        (Duration::from_secs(5), HookFailure::Continue)
    );
}

#[test]
fn what_a_failure_is_answered_with() {
    for (word, expected) in OnFailure::CHOICES {
        let run = parse(&format!("dir = 'x'\n[run]\non_failure = '{word}'"))
            .top()
            .run;
        assert_eq!(run.on_failure, expected);
    }
}

#[test]
fn what_is_wrong_with_run() {
    for (text, expected) in [
        ("[run]\nstaet = 'x'", "unknown key `staet`"),
        ("[run]\nheartbeat = '0'", "`heartbeat` must be more than 0"),
        (
            "[run]\non_failure = 'pray'",
            "`on_failure` cannot be `pray`",
        ),
        (
            "[run.hooks]\nafter_run = { timeout = '5s' }",
            "`after_run` has no `command`",
        ),
        (
            "[run]\nmonitor = 'postgres://u:p@h/d'",
            "`monitor` is a URL",
        ),
        (
            "[run]\nreplicas = ['A_URL', 'postgres://u:p@h/d']",
            "`replicas` is a URL",
        ),
        ("[run]\nreplicas = 'A_URL'", "it must be a list of strings"),
    ] {
        let found = Config::parse(text, Path::new("/app/migrate.toml")).unwrap_err();
        assert!(
            found[0].message.contains(expected),
            "{:?}",
            found[0].message
        );
    }
}

#[test]
fn how_to_validate() {
    let text = "[validate]\nstatement_timeout = '30s'\nslower = 1.25\n\
        command = { command = './smoke', timeout = '5s' }\nvacuum = true\n\
        [sets.x]\ndir = 'x'\n[sets.x.validate]\nvacuum = false\nanalyze = true\n";
    let validate = parse(text).set(Some("x")).unwrap().validate;
    assert_eq!(validate.statement_timeout, Duration::from_secs(30));
    assert_eq!(validate.slower, 1.25);
    let command = validate.command.unwrap();
    assert_eq!(
        (command.command.as_str(), command.timeout),
        ("./smoke", Duration::from_secs(5))
    );
    assert!(validate.analyze && !validate.vacuum);
    for (text, expected) in [
        ("comand = 'x'", "unknown key `comand`"),
        ("slower = 0.5", "`slower` must be 1 or more"),
        ("slower = nan", "must be a finite number"),
        ("analyze = 'yes'", "`analyze` is a string"),
        ("statement_timeout = '0'", "must be more than 0"),
        ("command = { timeout = '5s' }", "`command` has no `command`"),
        ("show_values = true", "unknown key `show_values`"),
    ] {
        let text = format!("[validate]\n{text}");
        let found = Config::parse(&text, Path::new("/app/migrate.toml")).unwrap_err();
        let message = &found[0].message;
        assert!(message.contains(expected), "{message:?}");
    }
}
