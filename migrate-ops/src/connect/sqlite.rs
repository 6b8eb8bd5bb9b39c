//! SQLite, bundled.

use std::path::Path;

use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::{Sqlite, SqliteConnection};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokio::runtime::Runtime;

use super::{Cancel, ConnectError, Connected, DatabaseUrl, Engine, Open, Way};

/// What a path may not hold inside a `file:` URI (<https://www.sqlite.org/uri.html>).
const PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b' ');
const VALUE: &AsciiSet = &PATH.add(b'&').add(b'=').add(b'+');

/// For how many milliseconds a statement waits for others who use the file, as the vendors' servers
/// wait for a lock; SQLite itself would not wait at all. A run sets its own time.
const PATIENCE: u32 = 5000;

impl Engine for Sqlite {
    type Connection = SqliteConnection;

    const HAS_SESSIONS: bool = false;

    fn connect(
        url: &DatabaseUrl,
        open: Open,
        _: &Runtime,
    ) -> Result<Connected<SqliteConnection>, ConnectError> {
        if open == Open::Existing
            && let Some(file) = url.file().filter(|file| !file.exists())
        {
            return Err(ConnectError::NoFile {
                path: file.display().to_string(),
            });
        }
        let refused = |source| ConnectError::Refused {
            database: url.shown(),
            source,
        };
        let mut connection =
            SqliteConnection::establish(&name(url)).map_err(|error| refused(Box::from(error)))?;
        connection
            .batch_execute(&format!("PRAGMA busy_timeout = {PATIENCE}"))
            .map_err(|error| refused(Box::from(error)))?;
        Ok(Connected {
            connection,
            cancel: Cancel(Way::None),
        })
    }
}

/// What SQLite is asked to open.
fn name(url: &DatabaseUrl) -> String {
    let path = url.database.as_deref().unwrap_or_default();
    if path == ":memory:" || path.starts_with("file:") {
        return path.to_owned();
    }
    let mut name = format!("file:{}", utf8_percent_encode(path, PATH));
    // `file://x` would name a host.
    if Path::new(path).is_absolute() {
        name = name.replacen("file:", "file://", 1);
    }
    for (at, (key, value)) in url.parameters.iter().enumerate() {
        let sign = if at == 0 { '?' } else { '&' };
        let (key, value) = (
            utf8_percent_encode(key, VALUE),
            utf8_percent_encode(value, VALUE),
        );
        name.push_str(&format!("{sign}{key}={value}"));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_uri() {
        let name = |text| name(&DatabaseUrl::parse(text).unwrap());
        assert_eq!(name("a.db"), "file:a.db");
        assert_eq!(name("a?b#c%20 d.db"), "file:a%3Fb%23c%2520%20d.db");
        assert_eq!(name("/x/a.db"), "file:///x/a.db");
        assert_eq!(name("sqlite:a.db?mode=ro"), "file:a.db?mode=ro");
        assert_eq!(name("sqlite::memory:"), ":memory:");
    }
}
