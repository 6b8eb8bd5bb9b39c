//! TLS as libpq means it, on rustls.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// How far the connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum TlsMode {
    /// No TLS.
    Disable,
    /// TLS where the server offers it; the certificate is not looked at.
    #[default]
    Prefer,
    /// TLS; the certificate is not looked at.
    Require,
    /// TLS; the certificate comes from a trusted authority.
    VerifyCa,
    /// TLS; the certificate comes from a trusted authority and names the host.
    VerifyFull,
}

/// What a URL says about TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tls {
    pub(super) mode: TlsMode,
    /// PEM certificates to trust; the system's where it is `None`.
    pub(super) roots: Option<PathBuf>,
    /// The client's certificate chain and key, PEM.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The mode that the URL asks for is not known.
    #[error("`{value}` is not a TLS mode; known are {known}")]
    Mode {
        /// What the URL says.
        value: String,
        /// The modes of this database.
        known: &'static str,
    },
    /// Of a client's certificate and its key one is given.
    #[error("a client certificate needs both {0} and {1}")]
    HalfIdentity(&'static str, &'static str),
    /// A file is not what it should be.
    #[error("{path} holds no usable PEM {what}")]
    Pem {
        /// The file.
        path: String,
        /// What it should hold.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// Nothing to verify certificates with.
    #[error("the system has no trusted certificates; name a file with them ({0})")]
    NoSystemRoots(String),
    /// The certificates do not fit.
    #[error("the certificates cannot be used")]
    Rustls(#[from] Error),
    /// The authorities do not fit.
    #[error("the trusted certificates cannot be used")]
    Roots(#[from] rustls::client::VerifierBuilderError),
    /// The client's key is of a kind that the driver cannot use.
    #[error(
        "{0} holds a client key that is not RSA; over MySQL's protocol only RSA keys can be used"
    )]
    NotRsa(String),
}

impl Tls {
    /// The certificate and key of the client, of which a URL names both or none.
    pub(super) fn identity(
        cert: (&'static str, Option<&str>),
        key: (&'static str, Option<&str>),
    ) -> Result<Option<(PathBuf, PathBuf)>, TlsError> {
        match (cert.1, key.1) {
            (None, None) => Ok(None),
            (Some(cert), Some(key)) => Ok(Some((cert.into(), key.into()))),
            _ => Err(TlsError::HalfIdentity(cert.0, key.0)),
        }
    }

    /// The certificates that are trusted.
    pub(super) fn root_certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        if let Some(path) = &self.roots {
            return certificates(path);
        }
        let found = rustls_native_certs::load_native_certs();
        if found.certs.is_empty() {
            let reasons: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
            return Err(TlsError::NoSystemRoots(reasons.join("; ")));
        }
        Ok(found.certs)
    }

    /// The configuration for a connection that uses TLS.
    pub(super) fn config(&self) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        // libpq: with a root certificate given, `require` behaves like `verify-ca`.
        let mode = match self.mode {
            TlsMode::Require if self.roots.is_some() => TlsMode::VerifyCa,
            mode => mode,
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = match mode {
            TlsMode::Disable | TlsMode::Prefer | TlsMode::Require => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Chain {
                    provider,
                    trusted: None,
                })),
            TlsMode::VerifyCa => {
                let trusted = Some(self.verifier(&provider)?);
                builder
                    .dangerous()
                    .with_custom_certificate_verifier(Arc::new(Chain { provider, trusted }))
            }
            TlsMode::VerifyFull => builder.with_webpki_verifier(self.verifier(&provider)?),
        };
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some((cert, key)) => {
                Ok(builder.with_client_auth_cert(certificates(cert)?, private_key(key)?)?)
            }
        }
    }

    fn verifier(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<WebPkiServerVerifier>, TlsError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.root_certificates()?);
        Ok(
            WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider))
                .build()?,
        )
    }
}

pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bad = |source| TlsError::Pem {
        path: path.display().to_string(),
        what: "certificate",
        source,
    };
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(bad)?
        .collect::<Result<_, _>>()
        .map_err(bad)?;
    if found.is_empty() {
        Err(bad(rustls::pki_types::pem::Error::NoItemsFound))
    } else {
        Ok(found)
    }
}

pub(super) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|source| TlsError::Pem {
        path: path.display().to_string(),
        what: "private key",
        source,
    })
}

/// Verifies the chain but not the name, or where nothing is trusted only that the server holds the
/// key of the certificate that it shows.
#[derive(Debug)]
struct Chain {
    provider: Arc<CryptoProvider>,
    trusted: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Chain {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trusted) = &self.trusted else {
            return Ok(ServerCertVerified::assertion());
        };
        match trusted.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            // The chain is verified before the name.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
