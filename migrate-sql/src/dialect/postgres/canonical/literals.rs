//! Constants in one spelling: the server reads a constant once and prints what it understood.

use super::interval;

/// Spellings of constants.
pub(in super::super) struct Literals;

impl Literals {
    /// A string, in quotes; without where it is a number, since `'-1'::integer` is what the server
    /// makes of `-1`.
    pub(super) fn string(value: &str) -> String {
        let bytes = value.strip_prefix("\\x").and_then(bytes);
        let value = bytes.as_deref().unwrap_or(value);
        if is_number(value) {
            return value.to_owned();
        }
        let value = match interval::normal(value) {
            Some(interval) => interval,
            None => match value.starts_with(['{', '[']) {
                true => dense(value),
                false => moment(value),
            },
        };
        format!("'{}'", value.replace('\'', "''"))
    }

    /// A number without underscores, exponent and base.
    pub(super) fn number(written: &str) -> String {
        let plain = written.replace('_', "").to_ascii_lowercase();
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
            if let Some(digits) = plain.strip_prefix(prefix)
                && let Ok(number) = u128::from_str_radix(digits, radix)
            {
                return number.to_string();
            }
        }
        let (mantissa, exponent) = match plain.split_once('e') {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()),
            None => (plain.as_str(), Some(0)),
        };
        match exponent {
            Some(exponent) if exponent.abs() <= 400 => shifted(mantissa, exponent),
            _ => plain,
        }
    }

    /// `X'1F'` as bits.
    pub(super) fn hexadecimal_bits(digits: &str) -> String {
        digits
            .chars()
            .filter_map(|digit| digit.to_digit(16))
            .map(|digit| format!("{digit:04b}"))
            .collect()
    }

    /// What a canonical constant means where a boolean is expected.
    pub(in super::super) fn boolean(canonical: &str) -> Option<&'static str> {
        let value = canonical.trim_matches('\'').trim().to_ascii_lowercase();
        match value.as_str() {
            "t" | "tr" | "tru" | "true" | "y" | "ye" | "yes" | "on" | "1" => Some("true"),
            "f" | "fa" | "fal" | "fals" | "false" | "n" | "no" | "of" | "off" | "0" => {
                Some("false")
            }
            _ => None,
        }
    }
}

/// Whether a string is a number as the server prints numbers.
fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole)
        && all_digits(fraction)
        && (whole == "0" || !whole.starts_with('0'))
        && value != "-0"
}

/// What hexadecimal digits say: the server prints all of `bytea` so, however it was written. Text, where it is
/// nothing that `bytea` would have to escape.
fn bytes(digits: &str) -> Option<String> {
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2);
    let text: Option<String> = pairs
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .map(|byte| byte.filter(|byte| matches!(byte, b' '..=b'~') && *byte != b'\\'))
        .map(|byte| byte.map(char::from))
        .collect();
    Some(text.unwrap_or_else(|| format!("\\x{}", digits.to_ascii_lowercase())))
}

/// A decimal number times a power of ten, written out.
fn shifted(mantissa: &str, exponent: i32) -> String {
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i64 + i64::from(exponent);
    let (whole, fraction) = if point <= 0 {
        let zeros = "0".repeat(point.unsigned_abs() as usize);
        (String::new(), format!("{zeros}{digits}"))
    } else if point as usize >= digits.len() {
        let zeros = "0".repeat(point as usize - digits.len());
        (format!("{digits}{zeros}"), String::new())
    } else {
        let (whole, fraction) = digits.split_at(point as usize);
        (whole.to_owned(), fraction.to_owned())
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    match fraction.is_empty() {
        true => whole.to_owned(),
        false => format!("{whole}.{fraction}"),
    }
}

/// JSON or an array without the spaces between its parts.
fn dense(value: &str) -> String {
    let mut out = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in value.chars() {
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        if quoted || !c.is_whitespace() {
            out.push(c);
        }
    }
    out
}

/// A time stamp without what a default adds to it: midnight, UTC.
fn moment(value: &str) -> String {
    let date = value.get(..10).unwrap_or_default();
    let is_date = date.len() == 10
        && date.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !is_date {
        return value.to_owned();
    }
    let time = value.get(10..).unwrap_or_default();
    let time = time.trim_start_matches(['T', 't', ' ']);
    let mut time = ["+00:00", "+00", "Z", "z", "UTC"]
        .into_iter()
        .find_map(|zone| time.strip_suffix(zone))
        .unwrap_or(time)
        .trim_end();
    if time.contains('.') {
        time = time.trim_end_matches('0').trim_end_matches('.');
    }
    match time {
        "" | "00:00" | "00:00:00" => date.to_owned(),
        _ => format!("{date} {time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Literals;

    #[test]
    fn numbers() {
        for (written, canonical) in [
            ("1", "1"),
            ("1_000", "1000"),
            ("0x1F", "31"),
            (".5", "0.5"),
            ("1.", "1"),
            ("1e3", "1000"),
            ("1.50", "1.50"),
            ("1.5e-2", "0.015"),
            ("12.5e1", "125"),
            ("007", "7"),
        ] {
            assert_eq!(Literals::number(written), canonical, "{written}");
        }
    }

    #[test]
    fn strings() {
        for (value, canonical) in [
            ("x", "'x'"),
            ("\\x", "''"),
            ("\\x6162", "'ab'"),
            ("\\xDEADbeef", "'\\xdeadbeef'"),
            ("\\x5c78", "'\\x5c78'"),
            ("\\x616", "'\\x616'"),
            ("it's", "'it''s'"),
            ("-1", "-1"),
            ("007", "'007'"),
            ("1.0.0", "'1.0.0'"),
            ("{\"a\": \"b c\"}", "'{\"a\":\"b c\"}'"),
            ("{a, b}", "'{a,b}'"),
            ("30 minutes", "'00:30:00'"),
            ("2020-01-01T00:00:00Z", "'2020-01-01'"),
            ("2020-01-01 10:00:00.500", "'2020-01-01 10:00:00.5'"),
            ("2020-01-01", "'2020-01-01'"),
        ] {
            assert_eq!(Literals::string(value), canonical, "{value}");
        }
    }
}
