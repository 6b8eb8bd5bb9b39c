//! Normalisation of script text, and the SHA-256 checksums over it.

use std::borrow::Cow;
use std::fmt;

use sha2::{Digest, Sha256};

/// Strips a byte order mark and turns CRLF into LF, so that the same script checked out on another
/// system has the same text.
///
/// ```
/// assert_eq!(migrate_core::normalise("\u{feff}SELECT 1;\r\n"), "SELECT 1;\n");
/// ```
pub fn normalise(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // To look for one byte is by far the fastest where there is none, as nearly always.
    if text.as_bytes().contains(&b'\r') && text.contains("\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A SHA-256 digest; printed as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Checksum([u8; 32]);

impl Checksum {
    /// How many hexadecimal digits it is printed with.
    pub const HEX_DIGITS: usize = 64;

    /// A checksum from its 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Checksum(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let bytes = hex.as_bytes();
        if bytes.len() != Self::HEX_DIGITS {
            return None;
        }
        let mut out = [0; 32];
        // Plain steps: a build without optimisation runs this for every line of a lock file.
        let mut i = 0;
        while i < out.len() {
            out[i] = digit(bytes[2 * i])? << 4 | digit(bytes[2 * i + 1])?;
            i += 1;
        }
        Some(Checksum(out))
    }

    /// Calls `write` with the hexadecimal digits.
    fn with_hex<T>(&self, write: impl FnOnce(&str) -> T) -> T {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [b'0'; Self::HEX_DIGITS];
        // Plain steps here too: every migration that is applied writes it several times.
        let mut i = 0;
        while i < self.0.len() {
            hex[2 * i] = DIGITS[usize::from(self.0[i] >> 4)];
            hex[2 * i + 1] = DIGITS[usize::from(self.0[i] & 15)];
            i += 1;
        }
        write(std::str::from_utf8(&hex).unwrap_or_default())
    }

    /// Writes the hexadecimal digits at the end of a text.
    pub fn push_hex(&self, text: &mut String) {
        self.with_hex(|hex| text.push_str(hex));
    }
}

/// The value of a hexadecimal digit.
const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_hex(|hex| f.write_str(hex))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({self})")
    }
}

/// SHA-384 of bytes in lower-case hexadecimal digits, which is what sqlx records of a file.
pub fn sha384_hex(bytes: &[u8]) -> String {
    sha2::Sha384::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Builds a [`Checksum`] over parts, each prefixed by its length, so that no two different lists of
/// parts have the same bytes.
#[derive(Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one part: its length in bytes as eight big-endian bytes, then the bytes.
    pub fn part(&mut self, bytes: &[u8]) -> &mut Self {
        let length = bytes.len() as u64;
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
        self
    }

    /// The checksum of all parts so far; the hasher can go on.
    pub fn checksum(&self) -> Checksum {
        Checksum(self.0.clone().finalize().into())
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hasher({})", self.checksum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_delimited() {
        let ab = Hasher::new().part(b"ab").part(b"c").checksum();
        let a = Hasher::new().part(b"a").part(b"bc").checksum();
        assert_ne!(ab, a);
    }

    #[test]
    fn hex_round_trip() {
        let sum = Hasher::new().part(b"x").checksum();
        assert_eq!(Checksum::from_hex(&sum.to_string()), Some(sum));
        assert_eq!(Checksum::from_hex("zz"), None);
        assert_eq!(Checksum::from_hex(&"é".repeat(32)), None);
    }

    #[test]
    fn only_a_leading_mark_is_stripped() {
        assert_eq!(normalise("a\u{feff}b\r\nc\rd"), "a\u{feff}b\nc\rd");
    }
}
