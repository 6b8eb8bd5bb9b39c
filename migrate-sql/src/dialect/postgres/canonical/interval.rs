//! Intervals as the server prints them: `30 minutes` is `00:30:00`.

const MICROSECONDS: i128 = 1_000_000;

/// The interval that a string is, as the server prints it in the style `postgres`; `None` for a
/// string that is none, or one in a rarer notation.
pub(super) fn normal(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (mut months, mut days, mut micros) = (0_i64, 0_i64, 0_i128);
    let mut at = 0;
    let mut any = false;
    while let Some(word) = words.get(at) {
        at += 1;
        if word.contains(':') {
            micros += clock(word)?;
            any = true;
            continue;
        }
        let digits = word
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(word.len());
        let (number, glued) = word.split_at(digits);
        let unit = match glued {
            "" => {
                at += 1;
                *words.get(at - 1)?
            }
            glued => glued,
        };
        let number: i64 = number.strip_prefix('+').unwrap_or(number).parse().ok()?;
        match unit.to_ascii_lowercase().as_str() {
            "y" | "yr" | "yrs" | "year" | "years" => months += number.checked_mul(12)?,
            "mon" | "mons" | "month" | "months" => months += number,
            "w" | "week" | "weeks" => days += number.checked_mul(7)?,
            "d" | "day" | "days" => days += number,
            "h" | "hr" | "hrs" | "hour" | "hours" => {
                micros += i128::from(number) * 3_600 * MICROSECONDS;
            }
            "m" | "min" | "mins" | "minute" | "minutes" => {
                micros += i128::from(number) * 60 * MICROSECONDS;
            }
            "s" | "sec" | "secs" | "second" | "seconds" => {
                micros += i128::from(number) * MICROSECONDS;
            }
            "ms" | "msec" | "millisecond" | "milliseconds" => micros += i128::from(number) * 1_000,
            "us" | "microsecond" | "microseconds" => micros += i128::from(number),
            _ => return None,
        }
        any = true;
    }
    any.then(|| print(months, days, micros))
}

/// `[-]hours:minutes[:seconds[.fraction]]` in microseconds.
fn clock(word: &str) -> Option<i128> {
    let (sign, word) = match word.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, word.strip_prefix('+').unwrap_or(word)),
    };
    let mut parts = word.split(':');
    let part = |text: &str| text.parse::<u32>().ok().map(i128::from);
    let hours = part(parts.next()?)?;
    let minutes = part(parts.next()?)?;
    let (seconds, fraction) = match parts.next() {
        None => (0, 0),
        Some(text) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            let digits = format!("{fraction:0<6}");
            (part(whole)?, part(digits.get(..6)?)?)
        }
    };
    let none_left = parts.next().is_none() && minutes < 60 && seconds < 60;
    none_left.then(|| sign * (((hours * 60 + minutes) * 60 + seconds) * MICROSECONDS + fraction))
}

fn print(months: i64, days: i64, micros: i128) -> String {
    let mut parts = Vec::new();
    let mut part = |number: i64, unit: &str| match number {
        0 => {}
        1 => parts.push(format!("1 {unit}")),
        _ => parts.push(format!("{number} {unit}s")),
    };
    part(months / 12, "year");
    part(months % 12, "mon");
    part(days, "day");
    if micros != 0 || parts.is_empty() {
        let sign = if micros < 0 { "-" } else { "" };
        let micros = micros.unsigned_abs();
        let second = MICROSECONDS.unsigned_abs();
        let (seconds, fraction) = (micros / second, micros % second);
        let mut clock = format!(
            "{sign}{:02}:{:02}:{:02}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        );
        if fraction != 0 {
            clock.push_str(format!(".{fraction:06}").trim_end_matches('0'));
        }
        parts.push(clock);
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn as_the_server_prints_them() {
        for (written, printed) in [
            ("1 day", "1 day"),
            ("30 days", "30 days"),
            ("7d", "7 days"),
            ("2 weeks", "14 days"),
            ("1 year 2 months", "1 year 2 mons"),
            ("18 months", "1 year 6 mons"),
            ("30 minutes", "00:30:00"),
            ("1 hour", "01:00:00"),
            ("100 hours", "100:00:00"),
            ("1 day 02:03", "1 day 02:03:00"),
            ("1500 ms", "00:00:01.5"),
            ("0 seconds", "00:00:00"),
            ("-1 day", "-1 days"),
        ] {
            assert_eq!(normal(written).as_deref(), Some(printed), "{written}");
            assert_eq!(normal(printed).as_deref(), Some(printed), "{printed}");
        }
        for text in [
            "",
            "day",
            "1",
            "1 banana",
            "a:b",
            "1 day ago",
            "12:99",
            "1:2:3:4",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
