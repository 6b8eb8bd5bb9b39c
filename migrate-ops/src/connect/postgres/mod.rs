//! PostgreSQL through tokio-postgres, with TLS as libpq means it.
//!
//! `sslmode`: `disable`, `prefer` (the default), `require`, `verify-ca`, `verify-full`. As in libpq,
//! `prefer` and `require` do not look at the certificate, except that `require` with an
//! `sslrootcert` behaves like `verify-ca`. Unlike libpq, `prefer` does not try again without TLS
//! where the server offered TLS and the handshake failed, the roots are the system's where
//! `sslrootcert` names no file (or says `system`), and a certificate has to name the host among its
//! alternative names.

mod connection;
mod driver;
mod pooler;
mod row;

use diesel::pg::Pg;
use tokio::runtime::Runtime;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{CancelToken, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls::{Tls, TlsError, TlsMode};
use super::{Cancel, ConnectError, Connected, DatabaseUrl, Engine, Open, Way};
use connection::PgConnection;
use driver::Driver;

const MODES: &str = "disable, prefer, require, verify-ca and verify-full";

/// Cancels through a connection of its own, under the same TLS.
#[derive(Clone)]
pub(super) struct CancelPostgres {
    token: CancelToken,
    tls: Option<MakeRustlsConnect>,
}

impl CancelPostgres {
    pub(super) async fn cancel(&self) -> bool {
        match &self.tls {
            Some(tls) => self.token.cancel_query(tls.clone()).await.is_ok(),
            None => self.token.cancel_query(NoTls).await.is_ok(),
        }
    }
}

impl Engine for Pg {
    type Connection = PgConnection;

    fn connect(
        url: &DatabaseUrl,
        _: Open,
        _: &Runtime,
    ) -> Result<Connected<Self::Connection>, ConnectError> {
        let tls_error = |source| ConnectError::Tls {
            database: url.shown(),
            source,
        };
        let refused = |source| ConnectError::Refused {
            database: url.shown(),
            source,
        };
        let mut tls = tls(url).map_err(tls_error)?;
        let config = config(url, &tls).map_err(|error| refused(error.into()))?;
        // As in libpq, TLS is for the network; a socket has no host that a certificate could name.
        if config
            .get_hosts()
            .iter()
            .any(|host| !matches!(host, Host::Tcp(_)))
        {
            tls.mode = TlsMode::Disable;
        }
        let connector = match tls.mode {
            TlsMode::Disable => None,
            _ => Some(MakeRustlsConnect::new(tls.config().map_err(tls_error)?)),
        };
        let runtime = driver::runtime().map_err(|error| refused(error.into()))?;
        // The two connections have different types.
        let made = match connector.clone() {
            Some(tls) => runtime
                .block_on(config.connect(tls))
                .map(|(client, connection)| (client, Driver::new(runtime, connection))),
            None => runtime
                .block_on(config.connect(NoTls))
                .map(|(client, connection)| (client, Driver::new(runtime, connection))),
        };
        let (client, driver) = made.map_err(|error| refused(error.into()))?;
        let connection =
            PgConnection::new(client, driver).map_err(|error| refused(error.into()))?;
        let token = CancelPostgres {
            token: connection.cancel_token(),
            tls: connector,
        };
        Ok(Connected {
            connection,
            cancel: Cancel(Way::Postgres(Box::new(token))),
        })
    }

    fn session_lock_fails(
        first: &mut Self::Connection,
        second: &mut Self::Connection,
    ) -> diesel::QueryResult<bool> {
        pooler::shares_sessions(first, second)
    }
}

fn tls(url: &DatabaseUrl) -> Result<Tls, TlsError> {
    let mode = match url.parameter("sslmode") {
        None => TlsMode::default(),
        Some("disable") => TlsMode::Disable,
        Some("prefer") => TlsMode::Prefer,
        Some("require") => TlsMode::Require,
        Some("verify-ca") => TlsMode::VerifyCa,
        Some("verify-full") => TlsMode::VerifyFull,
        Some(other) => {
            return Err(TlsError::Mode {
                value: other.to_owned(),
                known: MODES,
            });
        }
    };
    let identity = Tls::identity(
        ("sslcert", url.parameter("sslcert")),
        ("sslkey", url.parameter("sslkey")),
    )?;
    let roots = url
        .parameter("sslrootcert")
        .filter(|roots| *roots != "system");
    Ok(Tls {
        mode,
        roots: roots.map(Into::into),
        identity,
    })
}

/// The configuration, through the key-value form, so that every parameter is understood or refused
/// by the client library itself.
fn config(url: &DatabaseUrl, tls: &Tls) -> Result<Config, tokio_postgres::Error> {
    let own = ["sslmode", "sslrootcert", "sslcert", "sslkey"];
    let mut text = String::new();
    let mut put = |key: &str, value: &str| {
        let value = value.replace('\\', "\\\\").replace('\'', "\\'");
        text.push_str(&format!("{key}='{value}' "));
    };
    for (key, value) in url
        .parameters
        .iter()
        .filter(|(key, _)| !own.contains(&key.as_str()))
    {
        put(key, value);
    }
    let mut config: Config = text.parse()?;
    for (host, port) in &url.hosts {
        config.host(host);
        config.port(port.unwrap_or(5432));
    }
    // libpq takes its standard socket directory; a client in pure Rust knows none.
    if config.get_hosts().is_empty() {
        config.host("localhost");
    }
    if let Some(user) = &url.user {
        config.user(user);
    }
    if let Some(password) = &url.password {
        config.password(password);
    }
    if let Some(database) = &url.database {
        config.dbname(database);
    }
    if config.get_application_name().is_none() {
        config.application_name("migrate");
    }
    config.ssl_mode(match tls.mode {
        TlsMode::Disable => SslMode::Disable,
        TlsMode::Prefer => SslMode::Prefer,
        TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
    });
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> DatabaseUrl {
        DatabaseUrl::parse(text).unwrap()
    }

    #[test]
    fn parameters_reach_the_client() {
        let url =
            url("postgres://u:p'\\@h/d?application_name=a'b&connect_timeout=3&sslmode=verify-full");
        let config = config(&url, &tls(&url).unwrap()).unwrap();
        assert_eq!(config.get_application_name(), Some("a'b"));
        assert_eq!(config.get_password(), Some(b"p'\\".as_slice()));
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
    }

    #[test]
    fn unknown_parameters_are_refused() {
        let url = url("postgres://h/d?sslmood=require");
        let error = config(&url, &Tls::default()).unwrap_err();
        assert!(format!("{:?}", error).contains("sslmood"), "{error:?}");
    }

    #[test]
    fn modes() {
        assert_eq!(tls(&url("postgres://h/d")).unwrap().mode, TlsMode::Prefer);
        assert!(tls(&url("postgres://h/d?sslmode=allow")).is_err());
        assert!(tls(&url("postgres://h/d?sslcert=c.pem")).is_err());
    }
}
