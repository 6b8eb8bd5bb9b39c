//! Durations as people write them.

use std::time::Duration;

/// The text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration; write a number with a unit, as in `500ms`, `5s`, `2min` or `1h`")]
pub struct BadDuration(pub String);

/// Reads a number with one of the units `ms`, `s`, `min` (or `m`) and `h`; `0` needs none.
///
/// ```
/// use std::time::Duration;
/// let read = migrate_core::config::parse_duration;
/// assert_eq!(read("2min"), Ok(Duration::from_secs(120)));
/// assert_eq!(read("1.5s"), Ok(Duration::from_millis(1500)));
/// assert!(read("5").is_err());
/// ```
///
/// # Errors
/// [`BadDuration`] for anything else, and for more than a year.
pub fn parse_duration(text: &str) -> Result<Duration, BadDuration> {
    const YEAR: f64 = 365.0 * 24.0 * 3600.0;
    let bad = || BadDuration(text.to_owned());
    let trimmed = text.trim();
    if trimmed == "0" {
        return Ok(Duration::ZERO);
    }
    let unit_start = trimmed
        .find(|c: char| c.is_ascii_alphabetic())
        .ok_or_else(bad)?;
    let (number, unit) = trimmed.split_at(unit_start);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "min" | "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(bad()),
    };
    let number = number.trim();
    if !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(bad());
    }
    let seconds = number.parse::<f64>().map_err(|_| bad())? * seconds;
    if seconds > YEAR {
        return Err(bad());
    }
    // Whole milliseconds: nothing here is finer, and a float's noise stays out.
    Ok(Duration::from_millis((seconds * 1000.0).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_and_bad() {
        for (text, millis) in [
            ("0", 0),
            ("10ms", 10),
            ("0.1s", 100),
            (" 5 s ", 5000),
            ("2m", 120_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(millis)),
                "{text}"
            );
        }
        for text in [
            "",
            "5",
            "s",
            "-1s",
            "1e3s",
            "5 seconds",
            "1.2.3s",
            "9999999h",
            "NaNs",
            "infs",
        ] {
            assert_eq!(parse_duration(text), Err(BadDuration(text.to_owned())));
        }
    }
}
