//! Times as evidence gives them.

use std::time::Duration;

use jiff::Timestamp;

/// Now, in UTC, to the millisecond: `2026-03-01T12:34:56.789Z` (RFC 3339).
pub fn now() -> String {
    text(Timestamp::now())
}

/// A time in UTC, to the millisecond.
pub fn text(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// A duration in seconds, to the millisecond.
pub fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_in_utc() {
        let time: Timestamp = "2026-03-01T14:34:56.7+02:00".parse().unwrap();
        assert_eq!(text(time), "2026-03-01T12:34:56.700Z");
    }
}
