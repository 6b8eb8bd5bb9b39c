//! The version of a new migration.

use std::time::{SystemTime, UNIX_EPOCH};

use migrate_core::{MigrationSet, Version};

/// Versions with fewer digits than this count up; longer ones are times.
const SHORTEST_TIME: usize = 10;

/// The version after the newest, written as the newest is: the next number with as many zeros, or
/// the time in UTC, with dashes or without. `entries` are the names in the directory.
pub(super) fn next(set: &MigrationSet, entries: &[String]) -> String {
    let newest = set.migrations().last().map(|migration| &migration.version);
    let dashed = entries.last().is_some_and(|name| is_dashed_date(name));
    following(newest, dashed, now())
}

fn following(newest: Option<&Version>, dashed: bool, seconds: u64) -> String {
    let digits = timestamp(seconds);
    let Some(newest) = newest else { return digits };
    if newest.as_str().len() < SHORTEST_TIME {
        return successor(newest.as_str());
    }
    // A clock that lags behind the newest version gives no usable time.
    if Version::parse(&digits).is_ok_and(|now| now <= *newest) {
        return successor(newest.as_str());
    }
    match dashed {
        true => with_dashes(&digits),
        false => digits,
    }
}

fn with_dashes(digits: &str) -> String {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 14)
    )
}

/// So many versions after one and before the next, written as the others are; `None` where there is
/// no room.
pub(in super::super) fn between(
    after: &Version,
    before: Option<&Version>,
    count: usize,
    entries: &[String],
) -> Option<Vec<String>> {
    let dashed = entries.last().is_some_and(|name| is_dashed_date(name));
    let mut versions = Vec::new();
    let mut digits = after.as_str().to_owned();
    for _ in 0..count {
        digits = successor(&digits);
        let fits = |next: &Version| Version::parse(&digits).is_ok_and(|version| version < *next);
        if !before.is_none_or(fits) {
            return None;
        }
        versions.push(match dashed && digits.len() == 14 {
            true => with_dashes(&digits),
            false => digits.clone(),
        });
    }
    Some(versions)
}

/// As in `2026-01-31-120000_name`.
fn is_dashed_date(name: &str) -> bool {
    let mut bytes = name.bytes();
    let mut run = |count: usize| bytes.by_ref().take(count).all(|b| b.is_ascii_digit());
    run(4) && name.as_bytes().get(4) == Some(&b'-')
}

/// The number plus one, as wide as it was.
fn successor(digits: &str) -> String {
    let mut next: Vec<u8> = digits.bytes().collect();
    for digit in next.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return String::from_utf8_lossy(&next).into_owned();
        }
        *digit = b'0';
    }
    format!("1{}", String::from_utf8_lossy(&next))
}

fn now() -> u64 {
    // A clock before 1970 gives a version that is as good as any.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}

/// `YYYYMMDDhhmmss` in UTC.
fn timestamp(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (mut year, mut day) = (1970, days);
    let length = |year: u64| if is_leap(year) { 366 } else { 365 };
    while day >= length(year) {
        day -= length(year);
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!(
        "{year:04}{month:02}{:02}{hour:02}{minute:02}{second:02}",
        day + 1
    )
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (seconds, text) in [
            (0, "19700101000000"),
            (951_782_399, "20000228235959"),
            (951_868_799, "20000229235959"),
            (1_709_251_199, "20240229235959"),
            (1_735_689_599, "20241231235959"),
            (4_107_542_400, "21000301000000"),
        ] {
            assert_eq!(timestamp(seconds), text);
        }
    }

    #[test]
    fn versions_follow_the_newest() {
        let next = |newest: &str, dashed| {
            following(
                Some(&Version::parse(newest).unwrap()),
                dashed,
                1_735_689_599,
            )
        };
        assert_eq!(following(None, false, 0), "19700101000000");
        assert_eq!(next("0001", false), "0002");
        assert_eq!(next("9", false), "10");
        assert_eq!(next("0099", false), "0100");
        assert_eq!(next("20230101000000", false), "20241231235959");
        assert_eq!(next("20230101000000", true), "2024-12-31-235959");
        assert_eq!(next("20991231235959", false), "20991231235960");
    }

    #[test]
    fn versions_fit_between_others() {
        let between = |after: &str, before: Option<&str>, entry: &str| {
            let parse = |text: &str| Version::parse(text).unwrap();
            super::between(
                &parse(after),
                before.map(parse).as_ref(),
                2,
                &[entry.to_owned()],
            )
        };
        assert_eq!(
            between("0009", None, "0009_a.sql").unwrap(),
            ["0010", "0011"]
        );
        assert_eq!(between("1", Some("3"), "1_a.sql"), None);
        assert_eq!(between("1", Some("4"), "1_a.sql").unwrap(), ["2", "3"]);
        assert_eq!(
            between("2026-01-31-120000", None, "2026-01-31-120000_a/up.sql").unwrap(),
            ["2026-01-31-120001", "2026-01-31-120002"]
        );
    }

    #[test]
    fn dashes_are_recognised() {
        assert!(is_dashed_date("2026-01-31-120000_a/up.sql"));
        assert!(!is_dashed_date("20260131120000_a/up.sql"));
        assert!(!is_dashed_date("abcd-1"));
    }
}
