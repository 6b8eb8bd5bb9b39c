use super::Engine;

/// A server's URL in its parts, all of them decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerUrl {
    pub(super) engine: Engine,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) host: String,
    pub(super) port: u16,
    /// The database; for SQLite the file's path.
    pub(super) database: String,
    /// What follows `?`, as written.
    pub(super) parameters: Option<String>,
}

impl ServerUrl {
    /// Reads `scheme://[user[:password]@][host[:port]]/database[?parameters]`.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("{what} in a database URL of {} bytes", url.len());
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("no scheme"))?;
        let engine = match scheme {
            "postgres" | "postgresql" => Engine::Postgres,
            "mysql" | "mariadb" => Engine::Mariadb,
            "sqlite" => Engine::Sqlite,
            other => return Err(wrong(&format!("unknown scheme '{other}'"))),
        };
        let (rest, parameters) = match rest.split_once('?') {
            Some((rest, parameters)) => (rest, Some(parameters.to_owned())),
            None => (rest, None),
        };
        if engine == Engine::Sqlite {
            return Ok(Self {
                parameters,
                ..Self::sqlite(&decode(rest).ok_or_else(|| wrong("a bad percent escape"))?)
            });
        }
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong("a bad port"))?),
            None if engine == Engine::Postgres => (address, 5432),
            None => (address, 3306),
        };
        let decode = |part: &str| decode(part).ok_or_else(|| wrong("a bad percent escape"));
        Ok(Self {
            engine,
            user: decode(user)?,
            password: decode(password)?,
            host: decode(host)?,
            port,
            database: decode(database)?,
            parameters,
        })
    }

    /// The URL of a SQLite file.
    pub(super) fn sqlite(path: &str) -> Self {
        Self {
            engine: Engine::Sqlite,
            user: String::new(),
            password: String::new(),
            host: String::new(),
            port: 0,
            database: path.to_owned(),
            parameters: None,
        }
    }

    /// The whole URL as text.
    pub(super) fn text(&self) -> String {
        self.text_with(&format!(":{}", encode(&self.password)))
    }

    /// The URL for a program's arguments, which everybody on the machine can read.
    pub(super) fn text_without_password(&self) -> String {
        self.text_with("")
    }

    fn text_with(&self, password: &str) -> String {
        let parameters = self
            .parameters
            .as_ref()
            .map(|p| format!("?{p}"))
            .unwrap_or_default();
        let scheme = self.engine.scheme();
        if self.engine == Engine::Sqlite {
            // The slashes of a path stay.
            let path: Vec<String> = self.database.split('/').map(encode).collect();
            return format!("{scheme}://{}{parameters}", path.join("/"));
        }
        let (user, host, port) = (encode(&self.user), &self.host, self.port);
        let database = encode(&self.database);
        format!("{scheme}://{user}{password}@{host}:{port}/{database}{parameters}")
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986, section 2.3.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_decoded_and_encoded_again() {
        let text = "postgres://me%40home:p%3Aw%2F@db.example:6543/a%20%22b%22?sslmode=require";
        let url = ServerUrl::parse(text).unwrap();
        assert_eq!(url.user, "me@home");
        assert_eq!(url.password, "p:w/");
        assert_eq!((url.host.as_str(), url.port), ("db.example", 6543));
        assert_eq!(url.database, "a \"b\"");
        assert_eq!(url.text(), text);
        assert!(!url.text_without_password().contains("p%3Aw"));
    }

    #[test]
    fn ports_have_defaults() {
        assert_eq!(ServerUrl::parse("mysql://me:x@db/one").unwrap().port, 3306);
        assert_eq!(
            ServerUrl::parse("postgresql://me:x@db/one").unwrap().port,
            5432
        );
    }

    #[test]
    fn a_path_keeps_its_slashes() {
        let url = ServerUrl::sqlite("/tmp/a b/q?.db");
        assert_eq!(url.text(), "sqlite:///tmp/a%20b/q%3F.db");
        assert_eq!(ServerUrl::parse(&url.text()).unwrap(), url);
    }

    #[test]
    fn a_bad_url_is_not_repeated_in_the_message() {
        for bad in [
            "secret",
            "oracle://secret",
            "mysql://me:secret@db:port/x",
            "mysql://me:%zz@db/x",
        ] {
            let error = ServerUrl::parse(bad).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
