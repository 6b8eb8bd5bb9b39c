//! Durations, sizes and counts as people read them.

use jiff::{SignedDuration, Timestamp};

/// A duration in seconds, rounded to what matters.
pub(crate) fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 0.9995 {
        let millis = seconds * 1000.0;
        return match millis {
            0.0 => "0 s".to_owned(),
            ..1.0 => "< 1 ms".to_owned(),
            _ => format!("{millis:.0} ms"),
        };
    }
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    let whole = SignedDuration::from_secs_f64(seconds.min(1e9).round()).as_secs();
    match whole {
        ..60 => format!("{whole} s"),
        60..3600 => two(whole / 60, "min", whole % 60, "s"),
        3600..86_400 => two(whole / 3600, "h", whole / 60 % 60, "min"),
        _ => two(whole / 86_400, "d", whole / 3600 % 24, "h"),
    }
}

/// A size in bytes, with the unit that fits.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut rest = bytes;
    let mut unit = 0;
    while rest >= 1024 * 1024 && unit + 1 < UNITS.len() {
        rest /= 1024;
        unit += 1;
    }
    let tenths = u128::from(rest) * 10 / 1024;
    let name = UNITS.get(unit).copied().unwrap_or_default();
    match tenths {
        100.. => format!("{} {name}", tenths / 10),
        _ => format!("{}.{} {name}", tenths / 10, tenths % 10),
    }
}

fn two(large: i64, unit: &str, small: i64, small_unit: &str) -> String {
    match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {small_unit}"),
    }
}

/// A count with its thousands apart.
pub(crate) fn count(number: impl TryInto<i128>) -> String {
    // Whatever is counted is smaller than that.
    let number = number.try_into().unwrap_or(i128::MAX);
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 table`, `1,200 tables`.
pub(crate) fn counted(number: usize, word: &str) -> String {
    format!(
        "{} {word}{}",
        count(number),
        if number == 1 { "" } else { "s" }
    )
}

/// A time as evidence gives it, without fractions: `2026-03-01 12:34:56 UTC`.
pub(crate) fn time(text: &str) -> String {
    match text.parse::<Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// The seconds from one time to another, where both are times.
pub(crate) fn seconds_between(from: &str, to: &str) -> Option<f64> {
    let from: Timestamp = from.parse().ok()?;
    let to: Timestamp = to.parse().ok()?;
    Some(to.duration_since(from).as_secs_f64())
}

/// The first line of a statement, cut to what fits beside other things.
pub(crate) fn first_line(sql: &str) -> String {
    const WIDTH: usize = 96;
    let joined = sql
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("--"))
        .collect::<Vec<_>>()
        .join(" ");
    match joined.char_indices().nth(WIDTH) {
        None => joined,
        Some((at, _)) => format!("{}…", joined.get(..at).unwrap_or_default().trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (0.000_4, "< 1 ms"),
            (0.2, "200 ms"),
            (0.9999, "1.0 s"),
            (9.97, "10 s"),
            (73.2, "1 min 13 s"),
            (120.0, "2 min"),
            (7260.0, "2 h 1 min"),
            (90_000.0, "1 d 1 h"),
            (-1.0, "0 s"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn sizes_and_counts() {
        for (size, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_288_490_188, "1.1 GiB"),
            (52_428_800, "50 MiB"),
            (u64::MAX, "15 EiB"),
        ] {
            assert_eq!(bytes(size), text);
        }
        for (number, text) in [(0, "0"), (999, "999"), (-1_234_567, "-1,234,567")] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn times() {
        assert_eq!(time("2026-03-01T12:34:56.789Z"), "2026-03-01 12:34:56 UTC");
        assert_eq!(time("soon"), "soon");
        let seconds = seconds_between("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:01.500Z");
        assert_eq!(seconds, Some(1.5));
    }

    #[test]
    fn statements_are_shortened() {
        assert_eq!(
            first_line("-- why\nCREATE  TABLE a (\n  b int)"),
            "CREATE  TABLE a ( b int)"
        );
        assert_eq!(first_line(&"ä".repeat(200)).chars().count(), 97);
    }
}
