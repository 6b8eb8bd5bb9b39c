//! The URL of a database, and what of it may be shown.

use std::fmt;
use std::path::Path;

use migrate_core::Dialect;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is encoded in a URL: all that RFC 3986 does not call unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The address of a database, in parts that are decoded.
///
/// Neither `Debug` nor [`shown`](DatabaseUrl::shown) tell the password or any parameter: a password
/// may be among those too.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    /// Which database it is.
    pub dialect: Dialect,
    /// The scheme as it was written.
    scheme: String,
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// Hosts with their ports; PostgreSQL takes several. Empty where none is given.
    pub hosts: Vec<(String, Option<u16>)>,
    /// The database; for SQLite the path of the file.
    pub database: Option<String>,
    /// What follows the question mark, in its order.
    pub parameters: Vec<(String, String)>,
}

/// The text is not a database URL. No part of the text is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadUrl {
    /// No text.
    #[error(
        "the database URL is empty; write one as in `postgres://user:password@host/database` or `sqlite://app.db`"
    )]
    Empty,
    /// The scheme of no database that is known.
    #[error(
        "the scheme of the database URL is not known; known are postgres://, postgresql://, mysql://, mariadb:// and sqlite://"
    )]
    Scheme,
    /// Percent-encoding that is none.
    #[error(
        "the database URL has a percent sign that is not followed by the two digits of a UTF-8 text; write `%` itself as `%25`"
    )]
    Escape,
    /// A port that is no number.
    #[error(
        "the port in the database URL is not a number; where the password holds one of `/ ? # @ : %`, percent-encode it"
    )]
    Port,
    /// By the look of it, a password that is not encoded.
    #[error(
        "the database URL can be read in more than one way; where the user or password holds one of `/ ? # @ : %`, percent-encode it"
    )]
    Ambiguous,
    /// No name of a database, where one is needed.
    #[error(
        "the database URL names no database; write it after the host, as in `mysql://user@host/database`"
    )]
    NoDatabase,
}

impl DatabaseUrl {
    /// Reads a URL, or the plain path of a SQLite file.
    ///
    /// ```
    /// use migrate_ops::connect::DatabaseUrl;
    ///
    /// let url = DatabaseUrl::parse("postgres://shop:secret@db.example:5433/shop").unwrap();
    /// assert_eq!(url.shown(), "postgres://shop@db.example:5433/shop");
    /// ```
    ///
    /// # Errors
    /// Where it can be read in no way, or in more than one; the error repeats no part of it.
    pub fn parse(text: &str) -> Result<Self, BadUrl> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadUrl::Empty);
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let dialect = match scheme.to_ascii_lowercase().as_str() {
                "postgres" | "postgresql" => Dialect::Postgres,
                "mysql" | "mariadb" => Dialect::Mysql,
                "sqlite" => return sqlite(rest),
                // `file:///a.db` is SQLite's own form.
                "file" => return Ok(sqlite_path(text.to_owned(), Vec::new())),
                _ => return Err(BadUrl::Scheme),
            };
            return server(dialect, scheme, rest);
        }
        match text.strip_prefix("sqlite:") {
            Some(rest) => sqlite(rest),
            None => Ok(sqlite_path(text.to_owned(), Vec::new())),
        }
    }

    /// The URL without password and parameters: the one form in which it is ever written.
    pub fn shown(&self) -> String {
        if self.dialect == Dialect::Sqlite {
            return format!("sqlite://{}", self.database.as_deref().unwrap_or_default());
        }
        let user = self
            .user
            .as_ref()
            .map(|user| format!("{user}@"))
            .unwrap_or_default();
        let hosts: Vec<String> = self
            .hosts
            .iter()
            .map(|(host, port)| match port {
                Some(port) => format!("{host}:{port}"),
                None => host.clone(),
            })
            .collect();
        let database = self
            .database
            .as_ref()
            .map(|name| format!("/{name}"))
            .unwrap_or_default();
        format!("{}://{user}{}{database}", self.scheme, hosts.join(","))
    }

    /// The whole URL, with its password: for what no other user can read, and never for messages.
    pub(crate) fn with_password(&self) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let parameters: Vec<String> = self
            .parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let parameters = match parameters.is_empty() {
            true => String::new(),
            false => format!("?{}", parameters.join("&")),
        };
        if self.dialect == Dialect::Sqlite {
            // Slashes stay, so that it can be read as a path.
            let path = self.database.as_deref().unwrap_or_default();
            let parts: Vec<String> = path.split('/').map(encoded).collect();
            return format!("sqlite://{}{parameters}", parts.join("/"));
        }
        let password = self
            .password
            .as_deref()
            .map(|it| format!(":{}", encoded(it)));
        let login = match (self.user.as_deref(), password) {
            (None, None) => String::new(),
            (user, password) => format!(
                "{}{}@",
                encoded(user.unwrap_or_default()),
                password.unwrap_or_default()
            ),
        };
        let hosts: Vec<String> = self
            .hosts
            .iter()
            .map(|(host, port)| {
                let host = match host {
                    address if address.contains(':') => format!("[{address}]"),
                    // The folder of a socket.
                    folder if folder.contains('/') => encoded(folder),
                    name => name.clone(),
                };
                match port {
                    Some(port) => format!("{host}:{port}"),
                    None => host,
                }
            })
            .collect();
        let database = self.database.as_deref().map(encoded).unwrap_or_default();
        let (scheme, hosts) = (&self.scheme, hosts.join(","));
        format!("{scheme}://{login}{hosts}/{database}{parameters}")
    }

    /// Whether it names the same database, though as another user or with other parameters. Two names
    /// of one server count as two servers.
    pub fn is_same_database(&self, other: &DatabaseUrl) -> bool {
        let hosts = |url: &DatabaseUrl| -> Vec<(String, u16)> {
            let port = match url.dialect {
                Dialect::Mysql => 3306,
                _ => 5432,
            };
            let hosts = url.hosts.iter();
            hosts
                .map(|(host, own)| (host.clone(), own.unwrap_or(port)))
                .collect()
        };
        self.dialect == other.dialect
            && hosts(self) == hosts(other)
            && self.database == other.database
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether this is a SQLite database in memory, which no second connection sees.
    pub fn is_in_memory(&self) -> bool {
        self.dialect == Dialect::Sqlite
            && (self.database.as_deref() == Some(":memory:")
                || self.parameter("mode") == Some("memory"))
    }

    /// The file of a SQLite database, unless it is in memory.
    pub fn file(&self) -> Option<&Path> {
        let on_disk = self.dialect == Dialect::Sqlite && !self.is_in_memory();
        on_disk.then_some(self.database.as_deref()?).map(|path| {
            // SQLite's own form of a URL; only the path is of interest here.
            let path = path.strip_prefix("file:").map_or(path, |path| {
                path.split(['?', '#'])
                    .next()
                    .unwrap_or_default()
                    .trim_start_matches("//")
            });
            Path::new(path)
        })
    }

    /// The same server with another database.
    pub fn with_database(&self, database: Option<&str>) -> Self {
        DatabaseUrl {
            database: database.map(str::to_owned),
            ..self.clone()
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

fn sqlite_path(path: String, parameters: Vec<(String, String)>) -> DatabaseUrl {
    DatabaseUrl {
        dialect: Dialect::Sqlite,
        scheme: "sqlite".to_owned(),
        user: None,
        password: None,
        hosts: Vec::new(),
        database: Some(path),
        parameters,
    }
}

fn sqlite(rest: &str) -> Result<DatabaseUrl, BadUrl> {
    let (path, parameters) = parameters(rest)?;
    let path = decode(path)?;
    if path.is_empty() {
        Err(BadUrl::NoDatabase)
    } else {
        Ok(sqlite_path(path, parameters))
    }
}

fn server(dialect: Dialect, scheme: &str, rest: &str) -> Result<DatabaseUrl, BadUrl> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    // A sign that belongs to a password would have ended the authority early: then what follows
    // holds the rest of the password, which must not be taken for a database's name and shown.
    if rest.contains(['@', '#']) {
        return Err(BadUrl::Ambiguous);
    }
    let (path, parameters) = parameters(rest)?;
    let database = decode(path.strip_prefix('/').unwrap_or(path))?;
    let (login, hosts) = match authority.rsplit_once('@') {
        Some((login, hosts)) => (Some(login), hosts),
        None => (None, authority),
    };
    let (user, password) = match login.map(|login| login.split_once(':').ok_or(login)) {
        None => (None, None),
        Some(Ok((user, password))) => (Some(decode(user)?), Some(decode(password)?)),
        Some(Err(user)) => (Some(decode(user)?), None),
    };
    let hosts = match hosts {
        "" => Vec::new(),
        hosts => hosts.split(',').map(host).collect::<Result<_, _>>()?,
    };
    Ok(DatabaseUrl {
        dialect,
        scheme: scheme.to_owned(),
        user: user.filter(|user| !user.is_empty()),
        password,
        hosts,
        database: Some(database).filter(|database| !database.is_empty()),
        parameters,
    })
}

fn host(text: &str) -> Result<(String, Option<u16>), BadUrl> {
    // An IPv6 address stands in brackets and holds colons itself.
    let (name, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((address, "")) => return Ok((address.to_owned(), None)),
        Some((address, port)) => (address, port.strip_prefix(':').ok_or(BadUrl::Port)?),
        None => match text.split_once(':') {
            Some(parts) => parts,
            None => return Ok((decode(text)?, None)),
        },
    };
    Ok((decode(name)?, Some(port.parse().map_err(|_| BadUrl::Port)?)))
}

type Parameters = Vec<(String, String)>;

fn parameters(text: &str) -> Result<(&str, Parameters), BadUrl> {
    let Some((before, query)) = text.split_once('?') else {
        return Ok((text, Vec::new()));
    };
    let pairs = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(key)?, decode(value)?))
        })
        .collect::<Result<_, BadUrl>>()?;
    Ok((before, pairs))
}

fn decode(text: &str) -> Result<String, BadUrl> {
    let well_formed = text.match_indices('%').all(|(at, _)| {
        let digits = text.as_bytes().get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    let decoded = percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| BadUrl::Escape)?;
    if well_formed {
        Ok(decoded.into_owned())
    } else {
        Err(BadUrl::Escape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> DatabaseUrl {
        DatabaseUrl::parse(text).unwrap()
    }

    #[test]
    fn parts_are_decoded() {
        let url = read("postgresql://me%40home:p%3Aw%2F@db.example:6543/a%20b?sslmode=require");
        assert_eq!(url.dialect, Dialect::Postgres);
        assert_eq!(url.user.as_deref(), Some("me@home"));
        assert_eq!(url.password.as_deref(), Some("p:w/"));
        assert_eq!(url.hosts, [("db.example".to_owned(), Some(6543))]);
        assert_eq!(url.database.as_deref(), Some("a b"));
        assert_eq!(url.parameter("sslmode"), Some("require"));
        assert_eq!(url.shown(), "postgresql://me@home@db.example:6543/a b");
    }

    #[test]
    fn hosts() {
        assert_eq!(
            read("postgres://[::1]:5433/x").hosts,
            [("::1".to_owned(), Some(5433))]
        );
        assert_eq!(
            read("postgres://%2Frun%2Fpg/x").hosts,
            [("/run/pg".to_owned(), None)]
        );
        assert_eq!(read("postgres:///x?host=/run").hosts, []);
        assert_eq!(read("postgres://a,b:1/x").hosts.len(), 2);
        assert_eq!(read("mysql://root@h").database, None);
    }

    #[test]
    fn sqlite_forms() {
        for (text, path) in [
            ("sqlite://app.db", "app.db"),
            ("sqlite:///var/a%20b/q%3F.db", "/var/a b/q?.db"),
            ("sqlite:app.db", "app.db"),
            ("sqlite::memory:", ":memory:"),
            ("sqlite://:memory:", ":memory:"),
            ("app.db", "app.db"),
            ("./100%.db", "./100%.db"),
        ] {
            let url = read(text);
            assert_eq!(url.dialect, Dialect::Sqlite, "{text}");
            assert_eq!(url.database.as_deref(), Some(path), "{text}");
        }
        assert!(read("sqlite::memory:").is_in_memory());
        assert_eq!(read("sqlite:a.db?mode=ro").file(), Some(Path::new("a.db")));
    }

    #[test]
    fn a_password_is_never_shown() {
        // Whatever a password holds, encoded or not: neither the URL nor the error repeats it.
        for password in [
            "secret",
            "sec:ret",
            "sec@ret",
            "s%40ecret",
            "sec/ret",
            "sec?ret",
            "sec#ret",
            "12/ret",
            "12?ret",
            "%zzret",
            "%ffret",
            "sec%2Fret",
            "5432",
            "sec ret",
            "ret]",
            "[ret",
            "ret,ret",
            "ret&ret=ret",
            "\u{1b}[31mret",
            "ret://ret",
            "@@@ret",
            "ret:5432",
        ] {
            for form in [
                "postgres://u:P@host/db",
                "mysql://u:P@host:1/db?ssl-mode=required",
                "mariadb://:P@h",
            ] {
                let text = form.replace('P', password);
                let shown = match DatabaseUrl::parse(&text) {
                    Ok(url) => format!("{} {url:?}", url.shown()),
                    Err(error) => format!("{error} {error:?}"),
                };
                for part in [password, "ret", "12", "5432"] {
                    let named = part == "ret" && password == "secret";
                    assert!(
                        !password.contains(part) || !shown.contains(part),
                        "{text}: {shown} {named}"
                    );
                }
            }
        }
        let in_a_parameter = read("postgres://host/db?user=me&password=secret");
        assert!(!format!("{in_a_parameter:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_url() {
        for (text, error) in [
            ("", BadUrl::Empty),
            (" ", BadUrl::Empty),
            ("oracle://x", BadUrl::Scheme),
            ("postgres://host:port/x", BadUrl::Port),
            ("postgres://u:a/b@host/x", BadUrl::Ambiguous),
            ("mysql://h/%4", BadUrl::Escape),
            ("sqlite://", BadUrl::NoDatabase),
        ] {
            assert_eq!(DatabaseUrl::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn written_with_its_password_it_is_the_same() {
        for text in [
            "postgres://shop:p%40ss%2F@db.example:5433/sh%20op?sslmode=require",
            "postgres://u:p@/copy?host=%2Ftmp%2Fa%20b",
            "postgres://u:p@%2Ftmp%2Fa%20b/copy",
            "mysql://u:p@localhost/mysql?ssl-mode=disabled&socket=%2Ftmp%2Fsocket",
            "postgres://u@[::1]:5432,other/d",
            "sqlite:///tmp/a%20b.db",
        ] {
            let url = DatabaseUrl::parse(text).unwrap();
            let again = DatabaseUrl::parse(&url.with_password()).unwrap();
            assert!(again == url, "{text}");
        }
    }
}
