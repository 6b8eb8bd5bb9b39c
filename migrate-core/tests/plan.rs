//! The planner, as tables: migrations, history and target in, steps or refusals out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::borrow::Cow;
use std::time::{Duration, Instant};

use migrate_core::history::{AppliedMigration, History, State};
use migrate_core::plan::{
    Ahead, DownTarget, OutOfOrder, Plan, Policy, Refused, Standing, UpTarget, plan_down,
    plan_one_down, plan_one_up, plan_up, standings,
};
use migrate_core::{
    Dialect, Direction, Down, Migration, MigrationSet, Script, Version, script_checksum,
};

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn script(sql: String) -> Script {
    Script {
        path: Cow::Borrowed("x.sql"),
        checksum: script_checksum(&sql, Dialect::Sqlite, true, None),
        sql: Cow::Owned(sql),
        transaction: true,
        rust: false,
    }
}

fn migration(word: &str) -> Migration {
    let digits = word.trim_end_matches(['-', '!']);
    Migration {
        version: version(digits),
        name: Cow::Owned(format!("m{digits}")),
        up: script(format!("UP {}", digits.trim_start_matches('0'))),
        down: match word.strip_prefix(digits) {
            Some("-") => Down::Missing,
            Some("!") => Down::Irreversible {
                reason: Cow::Borrowed("the rows are gone"),
            },
            _ => Down::Script(script(format!("DOWN {digits}"))),
        },
    }
}

/// Versions; `-` after one is no down script, `!` is irreversible.
fn set(words: &str) -> MigrationSet {
    MigrationSet::new(
        Dialect::Sqlite,
        words.split_whitespace().map(migration).collect(),
    )
    .unwrap()
}

/// Versions; `e` after one is edited since, `u` unsure on its way up, `d` down, `f` failed up, `g`
/// failed down.
fn history(words: &str) -> History {
    let row = |(index, word): (usize, &str)| {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let mark = word.strip_prefix(digits).unwrap();
        let migration = migration(digits);
        AppliedMigration {
            version: migration.version,
            name: migration.name.into_owned(),
            checksum: if mark == "e" {
                script("OLD".into()).checksum
            } else {
                migration.up.checksum
            },
            sequence: i64::try_from(index).unwrap() + 1,
            state: match mark {
                "u" => State::Running(Direction::Up),
                "d" => State::Running(Direction::Down),
                "f" => State::Failed(Direction::Up),
                "g" => State::Failed(Direction::Down),
                _ => State::Applied,
            },
            started_at: "2026-01-01 00:00:00".into(),
            finished_at: None,
            applied_by: "me".into(),
            tool: "test".into(),
            error: None,
        }
    };
    History {
        applied: words.split_whitespace().enumerate().map(row).collect(),
        statements: Vec::new(),
    }
}

/// The versions of the steps, or every refusal on a line.
fn outcome(set: &MigrationSet, plan: Result<Plan, Refused>) -> String {
    match plan {
        Ok(plan) => {
            let step = |step: &migrate_core::plan::Step| {
                set.migrations()[step.migration].version.to_string()
            };
            let mut parts: Vec<String> = plan.steps.iter().map(step).collect();
            parts.extend(plan.ahead.iter().map(|version| format!("ahead:{version}")));
            parts.extend(
                plan.out_of_order
                    .iter()
                    .map(|version| format!("late:{version}")),
            );
            parts.join(" ")
        }
        Err(Refused(refusals)) => refusals
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

const STRICT: Policy = Policy {
    out_of_order: OutOfOrder::Refuse,
    ahead: Ahead::Refuse,
};
const LAX: Policy = Policy {
    out_of_order: OutOfOrder::Allow,
    ahead: Ahead::Warn,
};

#[test]
fn up() {
    use UpTarget::{Count, Latest};
    let to = |text| UpTarget::Version(version(text));
    let default = Policy::default();
    for (migrations, applied, target, policy, expected) in [
        ("1 2 10", "", Latest, default, "1 2 10"),
        ("10 9 1", "1", Latest, default, "9 10"),
        ("1 2 3", "1 2 3", Latest, default, ""),
        ("007 8", "7", Latest, default, "8"),
        ("1 2 3", "1", Count(1), default, "2"),
        ("1 2 3", "1", Count(0), default, ""),
        ("1 2 3", "1", Count(9), default, "2 3"),
        ("1 2 3", "", to("2"), default, "1 2"),
        ("1 2 3", "1 2", to("1"), default, ""),
        ("1 2", "1 2 9", to("9"), default, "ahead:9"),
        ("1 2 3", "", to("4"), default, "there is no migration 4"),
        (
            "1 3",
            "1 2",
            Latest,
            LAX,
            "migration 2_m2 is applied but its file is missing; restore the file",
        ),
        (
            "1 2",
            "1e",
            Latest,
            LAX,
            "migration 1_m1 was edited after it was applied; put the file back as it was and write the change as a new migration",
        ),
        (
            "1 2 3",
            "3",
            Latest,
            default,
            "migration 1_m1 is pending but older than 3, which is applied; give it a newer version, or allow out-of-order migrations if it does not depend on what came after\nmigration 2_m2 is pending but older than 3, which is applied; give it a newer version, or allow out-of-order migrations if it does not depend on what came after",
        ),
        ("1 2 3 4", "1 3", Latest, LAX, "2 4 late:2"),
        ("1 2 3 4", "1 3", Count(1), LAX, "2 late:2"),
        ("1 2", "1 5 6", Latest, LAX, "2 ahead:5 ahead:6 late:2"),
        ("1 2", "1 2 5", Latest, default, "ahead:5"),
        (
            "1 2",
            "1 2 5",
            Latest,
            STRICT,
            "the database has version 5, which is newer than all that is known here; use the program or the directory that has it",
        ),
        (
            "1 2",
            "1u",
            Latest,
            LAX,
            "migration 1_m1 was begun and not finished on its way up; run `migrate resume`",
        ),
        (
            "1 2",
            "1 2d",
            Latest,
            LAX,
            "migration 2_m2 was begun and not finished on its way down; run `migrate resume`",
        ),
        (
            "1 2",
            "1f",
            Latest,
            LAX,
            "migration 1_m1 failed on its way up; run `migrate resume`",
        ),
        (
            "1 2",
            "1g",
            Latest,
            LAX,
            "migration 1_m1 failed on its way down; run `migrate resume`",
        ),
        (
            "1",
            "1e 2u",
            Latest,
            STRICT,
            "migration 1_m1 was edited after it was applied; put the file back as it was and write the change as a new migration\nmigration 2_m2 was begun and not finished on its way up; run `migrate resume`",
        ),
    ] {
        let set = set(migrations);
        let plan = plan_up(&set, &history(applied), &target, policy);
        assert_eq!(
            outcome(&set, plan),
            expected,
            "{migrations} | {applied} | {target:?}"
        );
    }
}

#[test]
fn down() {
    use DownTarget::{All, Count};
    let to = |text| DownTarget::Version(version(text));
    for (migrations, applied, target, expected) in [
        ("1 2 3", "1 2 3", Count(1), "3"),
        ("1 2 3", "1 2 3", Count(2), "3 2"),
        ("1 2 3", "1 2 3", Count(0), ""),
        ("1 2 3", "1 2", Count(9), "2 1"),
        ("1 2 3", "1 2", All, "2 1"),
        ("1 2 3", "", All, ""),
        ("1 2 3", "1 2 3", to("1"), "3 2"),
        ("1 2 3", "1 2 3", to("3"), ""),
        (
            "1 2 3",
            "1 2",
            to("3"),
            "migration 3 is not applied, so there is nothing to go back to",
        ),
        ("1 2- 3", "1 2 3", All, "migration 2_m2 has no down script"),
        (
            "1! 2- 3",
            "1 2 3",
            All,
            "migration 2_m2 has no down script\nmigration 1_m1 is irreversible: the rows are gone",
        ),
        ("1! 2 3", "1 2 3", to("1"), "3 2"),
        (
            "1 2",
            "1 2 5",
            Count(1),
            "migration 5_m5 is applied but its file is missing; restore the file",
        ),
        (
            "1 3",
            "1 2 3",
            Count(1),
            "migration 2_m2 is applied but its file is missing; restore the file",
        ),
        (
            "1 2",
            "1e 2",
            Count(1),
            "migration 1_m1 was edited after it was applied; put the file back as it was and write the change as a new migration",
        ),
        (
            "1 2",
            "1 2g",
            Count(1),
            "migration 2_m2 failed on its way down; run `migrate resume`",
        ),
    ] {
        let set = set(migrations);
        let plan = plan_down(&set, &history(applied), &target, Policy::default());
        assert_eq!(
            outcome(&set, plan),
            expected,
            "{migrations} | {applied} | {target:?}"
        );
    }
}

#[test]
fn one_up() {
    for (migrations, applied, wanted, policy, expected) in [
        ("1 2 3", "1", "2", Policy::default(), "2"),
        ("1 2 3", "1 2", "2", Policy::default(), ""),
        ("1 2 3", "1 2 3", "1", Policy::default(), ""),
        (
            "1 2 3",
            "",
            "3",
            Policy::default(),
            "migration 3 cannot be applied while older ones are pending: 1, 2",
        ),
        (
            "1 2 3",
            "1",
            "9",
            Policy::default(),
            "there is no migration 9",
        ),
        ("1 2 3", "3", "3", Policy::default(), ""),
        ("1 2 3", "3", "3", LAX, ""),
        (
            "1 2 3",
            "1 3",
            "2",
            Policy::default(),
            "migration 2_m2 is pending but older than 3, which is applied; give it a newer version, or allow out-of-order migrations if it does not depend on what came after",
        ),
        ("1 2 3", "1 3", "2", LAX, "2 late:2"),
        (
            "1 2",
            "1u",
            "1",
            LAX,
            "migration 1_m1 was begun and not finished on its way up; run `migrate resume`",
        ),
    ] {
        let set = set(migrations);
        let plan = plan_one_up(&set, &history(applied), &version(wanted), policy);
        assert_eq!(
            outcome(&set, plan),
            expected,
            "{migrations} | {applied} | {wanted}"
        );
    }
}

#[test]
fn one_down() {
    for (migrations, applied, wanted, expected) in [
        ("1 2 3", "1 2", "2", "2"),
        (
            "1 2 3",
            "1 2",
            "1",
            "migration 1 cannot be reverted while newer ones are applied: 2",
        ),
        (
            "1 2",
            "1 2 5",
            "2",
            "migration 2 cannot be reverted while newer ones are applied: 5",
        ),
        (
            "1 2 3",
            "1 2",
            "3",
            "migration 3 is not applied, so there is nothing to go back to",
        ),
        (
            "1 2!",
            "1 2",
            "2",
            "migration 2_m2 is irreversible: the rows are gone",
        ),
        ("1 2-", "1 2", "2", "migration 2_m2 has no down script"),
    ] {
        let set = set(migrations);
        let plan = plan_one_down(&set, &history(applied), &version(wanted), Policy::default());
        assert_eq!(
            outcome(&set, plan),
            expected,
            "{migrations} | {applied} | {wanted}"
        );
    }
}

#[test]
fn every_standing() {
    use Direction::{Down, Up};
    let (set, history) = (
        set("1 2 3 4 5 6 7 8"),
        history("1 2e 25 3f 3000 4g 5u 6d 0"),
    );
    let history = History {
        applied: {
            let mut rows = history.applied;
            rows.sort_by(|a, b| a.version.cmp(&b.version));
            rows
        },
        ..history
    };
    let found: Vec<(String, Standing)> = standings(&set, &history)
        .into_iter()
        .map(|(version, standing, ..)| (version.to_string(), standing))
        .collect();
    let expected = [
        ("0", Standing::Missing),
        ("1", Standing::Applied),
        ("2", Standing::Edited),
        ("3", Standing::Failed(Up)),
        ("4", Standing::Failed(Down)),
        ("5", Standing::Unsure(Up)),
        ("6", Standing::Unsure(Down)),
        ("7", Standing::OutOfOrder),
        ("8", Standing::OutOfOrder),
        ("25", Standing::Ahead),
        ("3000", Standing::Ahead),
    ];
    assert_eq!(
        found,
        expected.map(|(version, standing)| (version.to_owned(), standing))
    );
    let nothing = History::default();
    let pending = standings(&set, &nothing);
    assert!(
        pending
            .iter()
            .all(|(_, standing, ..)| *standing == Standing::Pending)
    );
}

#[test]
fn the_head_tells_what_is_applied() {
    let empty = History::default().head();
    assert_eq!(empty.count, 0);
    assert!(empty.digest.is_some());
    // What is not cleanly applied has no digest, so that nobody takes it for done.
    assert_eq!(history("1 2f").head().digest, None);
    assert_eq!(history("1 2u").head().digest, None);
    let heads: Vec<_> = ["1 2", "1 2e", "1 3", "1", "12"]
        .map(|words| history(words).head())
        .to_vec();
    for (i, a) in heads.iter().enumerate() {
        assert!(heads.iter().skip(i + 1).all(|b| a != b), "{i}");
    }
    let set = set("1 2");
    let embedded = migrate_core::head_digest(
        set.migrations()
            .iter()
            .map(|migration| (&migration.version, &migration.up.checksum)),
    );
    assert_eq!(history("1 2").head().digest, Some(embedded));
}

#[test]
fn two_equal_versions_are_no_set() {
    let error =
        MigrationSet::new(Dialect::Sqlite, vec![migration("07"), migration("7")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`07_m07` and `7_m7` have the same version 07; give one of them another"
    );
}

#[test]
fn two_thousand_migrations() {
    let words =
        |range: std::ops::Range<u32>| range.map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    let (set, history) = (set(&words(0..2000)), history(&words(0..1000)));
    let start = Instant::now();
    let up = plan_up(&set, &history, &UpTarget::Latest, Policy::default()).unwrap();
    let down = plan_down(&set, &history, &DownTarget::All, Policy::default()).unwrap();
    assert_eq!((up.steps.len(), down.steps.len()), (1000, 1000));
    assert_eq!(down.steps[0].migration, 999);
    // Tens of milliseconds in a debug build; a quadratic planner would need many seconds.
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}
