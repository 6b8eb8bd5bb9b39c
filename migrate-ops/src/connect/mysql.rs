//! MySQL and MariaDB through mysql_async.
//!
//! `ssl-mode`: `disabled`, `preferred` (the default), `required`, `verify_ca`, `verify_identity`, in
//! any case and with `-` or `_`. As in the vendors' clients, `preferred` and `required` do not look
//! at the certificate. `verify_ca` is as strict as `verify_identity`: the driver cannot verify the
//! chain without the name. The authorities are those in `ssl-ca`, or the system's.

use diesel::mysql::Mysql;
use diesel_async::AsyncMysqlConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use mysql_async::{ClientIdentity, Conn, DriverError, Opts, OptsBuilder, SslOpts};
use pkcs8::PrivateKeyInfo;
use rustls::pki_types::PrivateKeyDer;
use tokio::runtime::Runtime;

use super::tls::{Tls, TlsError, TlsMode, certificates, private_key};
use super::{Cancel, ConnectError, Connected, DatabaseUrl, Engine, Open, Way};

const MODES: &str = "disabled, preferred, required, verify_ca and verify_identity";
const PARAMETERS: &str = "ssl-mode, ssl-ca, ssl-cert, ssl-key and socket";

/// What diesel sets on every MySQL connection.
const SETUP: [&str; 4] = [
    "SET time_zone = '+00:00'",
    "SET character_set_client = 'utf8mb4'",
    "SET character_set_connection = 'utf8mb4'",
    "SET character_set_results = 'utf8mb4'",
];

impl Engine for Mysql {
    type Connection = AsyncConnectionWrapper<AsyncMysqlConnection>;

    fn connect(
        url: &DatabaseUrl,
        _: Open,
        runtime: &Runtime,
    ) -> Result<Connected<Self::Connection>, ConnectError> {
        let known = ["ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket"];
        if let Some((key, _)) = url
            .parameters
            .iter()
            .find(|(key, _)| !known.contains(&key.as_str()))
        {
            let (database, parameter) = (url.shown(), key.clone());
            return Err(ConnectError::Parameter {
                database,
                parameter,
                known: PARAMETERS,
            });
        }
        let tls_error = |source| ConnectError::Tls {
            database: url.shown(),
            source,
        };
        let tls = tls(url).map_err(tls_error)?;
        let with_tls = match tls.mode {
            TlsMode::Disable => None,
            _ => Some(ssl_opts(&tls).map_err(tls_error)?),
        };
        // The driver asks rustls for the provider of the process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let connected = runtime.block_on(async {
            let conn = match Conn::new(opts(url, with_tls)).await {
                Err(mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer))
                    if tls.mode == TlsMode::Prefer =>
                {
                    Conn::new(opts(url, None)).await
                }
                conn => conn,
            };
            Ok(AsyncMysqlConnection::try_from(conn?).await?)
        });
        let inner = connected.map_err(|source| ConnectError::Refused {
            database: url.shown(),
            source,
        })?;
        let token = inner.cancel_token();
        // The wrapper takes the runtime that it is made in.
        let _guard = runtime.enter();
        Ok(Connected {
            connection: inner.into(),
            cancel: Cancel(Way::Mysql(Box::new(token))),
        })
    }
}

fn opts(url: &DatabaseUrl, ssl: Option<SslOpts>) -> Opts {
    let mut opts = OptsBuilder::default()
        .user(url.user.clone())
        .pass(url.password.clone())
        .db_name(url.database.clone())
        // A connection that says TCP stays on TCP.
        .prefer_socket(false)
        // What diesel's own connections have: its statement cache, and counts of matched rows.
        .stmt_cache_size(0)
        .client_found_rows(true)
        .init(SETUP.to_vec())
        .ssl_opts(ssl);
    if let Some((host, port)) = url.hosts.first() {
        opts = opts.ip_or_hostname(host).tcp_port(port.unwrap_or(3306));
    }
    if let Some(socket) = url.parameter("socket") {
        opts = opts.socket(Some(socket)).prefer_socket(true);
    }
    opts.into()
}

fn tls(url: &DatabaseUrl) -> Result<Tls, TlsError> {
    let written = url.parameter("ssl-mode").unwrap_or("preferred");
    let mode = match written.to_ascii_lowercase().replace('-', "_").as_str() {
        "disabled" => TlsMode::Disable,
        "preferred" => TlsMode::Prefer,
        "required" => TlsMode::Require,
        "verify_ca" => TlsMode::VerifyCa,
        "verify_identity" => TlsMode::VerifyFull,
        _ => {
            return Err(TlsError::Mode {
                value: written.to_owned(),
                known: MODES,
            });
        }
    };
    let identity = Tls::identity(
        ("ssl-cert", url.parameter("ssl-cert")),
        ("ssl-key", url.parameter("ssl-key")),
    )?;
    Ok(Tls {
        mode,
        roots: url.parameter("ssl-ca").map(Into::into),
        identity,
    })
}

fn ssl_opts(tls: &Tls) -> Result<SslOpts, TlsError> {
    let opts = match tls.mode {
        TlsMode::VerifyCa | TlsMode::VerifyFull => {
            let roots = tls.root_certificates()?;
            SslOpts::default()
                .with_root_certs(roots.into_iter().map(|root| root.to_vec().into()).collect())
                .with_disable_built_in_roots(true)
        }
        TlsMode::Disable | TlsMode::Prefer | TlsMode::Require => {
            SslOpts::default().with_danger_accept_invalid_certs(true)
        }
    };
    let Some((cert, key)) = &tls.identity else {
        return Ok(opts);
    };
    let not_rsa = || TlsError::NotRsa(key.display().to_string());
    // The driver takes PKCS #1 only, so the key is taken out of its PKCS #8 wrapping.
    let rsa = match private_key(key)? {
        PrivateKeyDer::Pkcs1(key) => key.secret_pkcs1_der().to_vec(),
        PrivateKeyDer::Pkcs8(key) => {
            let info = PrivateKeyInfo::try_from(key.secret_pkcs8_der()).map_err(|_| not_rsa())?;
            if info.algorithm.oid != RSA_ENCRYPTION {
                return Err(not_rsa());
            }
            info.private_key.to_vec()
        }
        _ => return Err(not_rsa()),
    };
    // A readable chain is looked at first, for an error that names the file.
    certificates(cert)?;
    Ok(opts.with_client_identity(Some(ClientIdentity::new(cert.clone().into(), rsa.into()))))
}

/// RFC 8017, appendix C.
const RSA_ENCRYPTION: pkcs8::ObjectIdentifier =
    pkcs8::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        let mode = |text: &str| {
            tls(&DatabaseUrl::parse(&format!("mysql://h/d?ssl-mode={text}")).unwrap())
                .map(|tls| tls.mode)
        };
        assert_eq!(mode("VERIFY_IDENTITY").unwrap(), TlsMode::VerifyFull);
        assert_eq!(mode("verify-ca").unwrap(), TlsMode::VerifyCa);
        assert_eq!(mode("disabled").unwrap(), TlsMode::Disable);
        assert!(mode("on").is_err());
    }
}
