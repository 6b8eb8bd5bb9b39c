//! A place in PostgreSQL's write-ahead log.

use std::fmt;

/// A place in the write-ahead log: how many bytes were written before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::backup) struct Lsn(pub(in crate::backup) u64);

impl Lsn {
    /// Reads `16/B374D848`: the upper and the lower half, as hexadecimal digits.
    pub(in crate::backup) fn parse(text: &str) -> Option<Self> {
        let (high, low) = text.split_once('/')?;
        let half = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
            u32::from_str_radix(text, 16).ok().filter(|_| digits)
        };
        Some(Lsn(u64::from(half(high)?) << 32 | u64::from(half(low)?)))
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for text in ["0/0", "0/16B3748", "16/B374D848", "FFFFFFFF/FFFFFFFF"] {
            assert_eq!(Lsn::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "0", "/", "0/", "0/1G", "0/+1", "1FFFFFFFF/0"] {
            assert_eq!(Lsn::parse(text), None, "{text}");
        }
    }
}
