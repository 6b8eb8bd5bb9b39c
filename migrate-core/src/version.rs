//! Versions: what orders migrations.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The sort key of a migration: a number of any length, or a date with dashes.
///
/// Dashes are stripped as diesel does, so `2017-09-23-182408` and `20170923182408` are the same
/// version. Numbers are ordered and equal as numbers (`9 < 10`, `007 == 7`); the text keeps its leading
/// zeros because diesel's own history table stores them.
///
/// Eight digits or more that begin with a year from 2000 on are a date, with or without a time, and come
/// after all numbers that are none. Dates are compared from the left, digit by digit, so that a day comes
/// before its hours, however many digits are written: diesel's own command wrote 14 up to 2.2 and writes
/// 18 since (its issue 3698), and people leave out what they do not need.
///
/// ```
/// use migrate_core::Version;
/// let version = |text| Version::parse(text).unwrap();
/// assert_eq!(version("2017-09-23-182408").as_str(), "20170923182408");
/// assert!(version("9") < version("10"));
/// assert!(version("2024-03-06-170000") < version("2024-03-13"));
/// assert!(version("2025-11-19-091444-0000") < version("2025-11-20-080000"));
/// assert!(Version::parse("1.2").is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Version(Cow<'static, str>);

/// The text is not a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadVersion {
    /// Nothing before the separator.
    #[error(
        "the version is missing; a name starts with a number or a date, as in `20260131120000_create_users`"
    )]
    Empty,
    /// Something other than digits and inner dashes.
    #[error(
        "`{text}` is not a version; use digits, or a date with dashes, as in `20260131120000` or `2026-01-31-120000`"
    )]
    NotANumber {
        /// The text that was read.
        text: String,
    },
    /// More digits than the history tables can hold.
    #[error(
        "the version `{text}` has {digits} digits; at most {} fit into a history table",
        Version::MAX_DIGITS
    )]
    TooLong {
        /// The text that was read.
        text: String,
        /// How many digits it has.
        digits: usize,
    },
}

impl Version {
    /// The most digits a version may have: diesel's history column is `VARCHAR(50)`.
    pub const MAX_DIGITS: usize = 50;

    /// Reads a version: digits, with single dashes between them.
    ///
    /// # Errors
    /// [`BadVersion`] where the text is empty, too long, or not a number.
    pub fn parse(text: &str) -> Result<Self, BadVersion> {
        if text.is_empty() {
            return Err(BadVersion::Empty);
        }
        let bytes = text.as_bytes();
        let inner_dashes =
            bytes.first() != Some(&b'-') && bytes.last() != Some(&b'-') && !text.contains("--");
        if !inner_dashes || !bytes.iter().all(|b| b.is_ascii_digit() || *b == b'-') {
            return Err(BadVersion::NotANumber {
                text: text.to_owned(),
            });
        }
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if digits.len() > Self::MAX_DIGITS {
            return Err(BadVersion::TooLong {
                digits: digits.len(),
                text: text.to_owned(),
            });
        }
        Ok(Version(Cow::Owned(digits)))
    }

    /// A version from text that is known to be one; for generated code.
    #[doc(hidden)]
    pub const fn from_static(digits: &'static str) -> Self {
        Version(Cow::Borrowed(digits))
    }

    /// The digits, leading zeros kept, dashes stripped: what diesel stores.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn significant(&self) -> &str {
        self.0.trim_start_matches('0')
    }
}

/// The fewest digits of a date: year, month and day.
const DATE_DIGITS: usize = 8;
/// The first year of a date. Nobody had migrations in files before; and a year of two digits, as in
/// `19123101`, is none.
const FIRST_YEAR: &str = "2000";

/// Whether digits are a date. Of as many digits, those that are one are greater than those that are none,
/// so that the order of these is that of numbers all the same.
fn is_date(digits: &str) -> bool {
    digits.len() >= DATE_DIGITS && digits >= FIRST_YEAR
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.significant().hash(state);
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // Nearly always all versions have as many digits, and then zeros make no difference.
        if self.0.len() == other.0.len() {
            return self.as_str().cmp(other.as_str());
        }
        match (is_date(&self.0), is_date(&other.0)) {
            (true, true) => self.as_str().cmp(other.as_str()),
            (false, false) => {
                let (a, b) = (self.significant(), other.significant());
                a.len().cmp(&b.len()).then_with(|| a.cmp(b))
            }
            (one, other) => one.cmp(&other),
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn dashes_are_stripped_and_zeros_kept() {
        assert_eq!(v("2017-09-23-182408").as_str(), "20170923182408");
        assert_eq!(v("00000000000000").as_str(), "00000000000000");
        assert_eq!(v("007"), v("7"));
        assert_eq!(v("0"), v("000"));
    }

    #[test]
    fn bad_texts_are_refused() {
        for text in ["", "-1", "1-", "1--2", "1.2", "x1", "１", " 1", "1 "] {
            assert!(Version::parse(text).is_err(), "{text:?}");
        }
        assert!(Version::parse(&"9".repeat(50)).is_ok());
        assert!(Version::parse(&"9".repeat(51)).is_err());
    }

    #[test]
    fn dates_are_ordered_as_dates_however_many_digits_are_written() {
        let in_order = [
            "0",
            "9",
            "10",
            "19991231",
            "1767225600",
            "17672256000000",
            "2018-01-14-171611",
            "2022-03-09-07000",
            "2022-03-09-080000",
            "2024-03-06-170000",
            "2024-03-13",
            "2024-03-13-170000",
            "2025-11-19-091444-0000",
            "2025-11-19-091445",
            "20251119091445000",
            "2025-11-20",
        ];
        for pair in in_order.windows(2) {
            assert!(v(pair[0]) < v(pair[1]), "{pair:?}");
        }
        assert_ne!(v("0020240313"), v("20240313"));
        assert_ne!(v("20240313"), v("20240313000000"));
    }

    /// Numbers, and what is near to the border between those and dates.
    fn versions() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9]{1,20}",
            "0{0,2}(19|20|21)[0-9]{4,18}",
            "0{0,2}[12]0{3}[0-9]{0,12}"
        ]
    }

    proptest! {
        #[test]
        fn numbers_are_ordered_as_numbers(a in 0u64..20_000_000, b in 0u64..20_000_000, pad in 0usize..4) {
            let left = v(&format!("{}{a}", "0".repeat(pad)));
            prop_assert_eq!(left.cmp(&v(&b.to_string())), a.cmp(&b));
        }

        #[test]
        fn of_as_many_digits_all_are_ordered_as_numbers(length in 1usize..20, a in any::<u64>(), b in any::<u64>()) {
            let most = 10u64.pow(length as u32);
            let (a, b) = (a % most, b % most);
            let wide = |n: u64| v(&format!("{n:0length$}"));
            prop_assert_eq!(wide(a).cmp(&wide(b)), a.cmp(&b));
        }

        #[test]
        fn the_order_is_one(a in versions(), b in versions(), c in versions()) {
            let (a, b, c) = (v(&a), v(&b), v(&c));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
            prop_assert!(a != b || a.significant() == b.significant());
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            if let Ok(version) = Version::parse(&text) {
                prop_assert_eq!(Version::parse(version.as_str()).unwrap(), version);
            }
        }
    }
}
