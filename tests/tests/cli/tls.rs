//! TLS to PostgreSQL and MariaDB, with an authority of our own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_tests::server::{Engine, PrivateServer, TestDatabase};
use tempfile::TempDir;

use super::command::{Project, Ran, ran};

/// An authority, a certificate of a server called `localhost`, and one of a client.
struct Authority {
    dir: TempDir,
}

impl Authority {
    fn new() -> Self {
        let authority = Authority {
            dir: tempfile::tempdir().unwrap(),
        };
        authority.root("ca");
        authority.root("other");
        authority.signed("server", "subjectAltName=DNS:localhost");
        authority.signed("client", "extendedKeyUsage=clientAuth");
        // The servers run as another user.
        open_up(authority.dir.path(), 0o755);
        for file in fs::read_dir(authority.dir.path()).unwrap() {
            open_up(&file.unwrap().path(), 0o644);
        }
        authority
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn root(&self, name: &str) {
        self.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            &format!("/CN={name}"),
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.crt"),
        ]);
    }

    fn signed(&self, name: &str, extension: &str) {
        fs::write(self.path("extensions"), extension).unwrap();
        self.openssl(&[
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            &format!("/CN={name}"),
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.csr"),
        ]);
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &format!("{name}.csr"),
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "extensions",
            "-out",
            &format!("{name}.crt"),
        ]);
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(self.dir.path())
            .output()
            .expect("openssl");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn open_up(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn has_openssl() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        migrate_tests::server::left_out("TLS: the command openssl was not found");
    }
    found
}

fn up(project: &Project, url: &str) -> Ran {
    let ran = ran(project.command("up").env("DATABASE_URL", url));
    assert!(matches!(ran.code, Some(0 | 2)), "{}", ran.stderr);
    ran
}

fn project(dialect: &str) -> Project {
    let project = Project::for_dialect(dialect);
    project.migration(
        "1_a",
        "CREATE TABLE a (id INT PRIMARY KEY);",
        "DROP TABLE a;",
    );
    project
}

/// The URL at `host` with parameters.
fn at(database: &TestDatabase, host: &str, parameters: &str) -> String {
    format!("{}?{parameters}", database.url().replace("127.0.0.1", host))
}

#[test]
fn postgres() {
    if !has_openssl() {
        return;
    }
    let authority = Authority::new();
    let Some(mut private) = PrivateServer::start(Engine::Postgres) else {
        return;
    };
    let data = private.data_folder();
    // The server wants its key to itself.
    for name in ["server.crt", "server.key", "ca.crt"] {
        fs::copy(authority.path(name), data.join(name)).unwrap();
        give_away(&data.join(name), &data);
    }
    open_up(&data.join("server.key"), 0o600);
    let hba = "local all all scram-sha-256\nhostssl all cert_user all cert clientcert=verify-full\nhostssl all all all scram-sha-256\nhostnossl all plain_user all scram-sha-256\n";
    let database = private.server().database("tls");
    database.sql(
        "CREATE ROLE client LOGIN SUPERUSER; CREATE ROLE plain_user LOGIN SUPERUSER PASSWORD 'p'",
    );
    let hba = hba.replace("cert_user", "client");
    fs::write(data.join("pg_hba.conf"), hba).unwrap();
    let settings =
        "\nssl=on\nssl_cert_file='server.crt'\nssl_key_file='server.key'\nssl_ca_file='ca.crt'\n";
    let conf = fs::read_to_string(data.join("postgresql.conf")).unwrap();
    fs::write(data.join("postgresql.conf"), conf + settings).unwrap();
    private.stop();
    private.start_again();
    let (ca, other) = (authority.path("ca.crt"), authority.path("other.crt"));
    let project = project("postgres");
    let cases = [
        // host, parameters, whether it works
        ("localhost", "sslmode=disable".to_owned(), false),
        ("localhost", String::new(), true),
        ("localhost", "sslmode=prefer".to_owned(), true),
        ("127.0.0.1", "sslmode=require".to_owned(), true),
        (
            "127.0.0.1",
            format!("sslmode=require&sslrootcert={ca}"),
            true,
        ),
        (
            "127.0.0.1",
            format!("sslmode=require&sslrootcert={other}"),
            false,
        ),
        (
            "127.0.0.1",
            format!("sslmode=verify-ca&sslrootcert={ca}"),
            true,
        ),
        (
            "localhost",
            format!("sslmode=verify-ca&sslrootcert={other}"),
            false,
        ),
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={ca}"),
            true,
        ),
        (
            "127.0.0.1",
            format!("sslmode=verify-full&sslrootcert={ca}"),
            false,
        ),
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={other}"),
            false,
        ),
        ("localhost", "sslmode=verify-full".to_owned(), false),
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=nowhere.crt".to_owned(),
            false,
        ),
        ("localhost", "sslmode=sometimes".to_owned(), false),
    ];
    for (host, parameters, works) in &cases {
        let ran = up(&project, &at(&database, host, parameters));
        assert_eq!(
            ran.code == Some(0),
            *works,
            "{host} {parameters}: {}",
            ran.stderr
        );
    }
    let (cert, key) = (authority.path("client.crt"), authority.path("client.key"));
    let client = database.as_user("client", "");
    let url = client.url().replace("127.0.0.1", "localhost");
    for (parameters, works) in [
        (
            format!("sslmode=verify-full&sslrootcert={ca}&sslcert={cert}&sslkey={key}"),
            true,
        ),
        (format!("sslmode=verify-full&sslrootcert={ca}"), false),
        (
            format!("sslmode=verify-full&sslrootcert={ca}&sslcert={cert}"),
            false,
        ),
        (
            format!("sslmode=verify-full&sslrootcert={ca}&sslcert={cert}&sslkey={cert}"),
            false,
        ),
    ] {
        let ran = up(&project, &format!("{url}?{parameters}"));
        assert_eq!(ran.code == Some(0), works, "{parameters}: {}", ran.stderr);
    }
    // A server that has no TLS is no obstacle to `prefer`, and is one to the others.
    if let Some(plain) = PrivateServer::start(Engine::Postgres) {
        let database = plain.server().database("plain");
        assert_eq!(
            up(&project, &at(&database, "localhost", "sslmode=prefer")).code,
            Some(0)
        );
        assert_eq!(
            up(&project, &at(&database, "localhost", "sslmode=require")).code,
            Some(2)
        );
    }
}

#[test]
fn mariadb() {
    if !has_openssl() {
        return;
    }
    let authority = Authority::new();
    let (ca, other) = (authority.path("ca.crt"), authority.path("other.crt"));
    let settings = [
        format!("ssl-ca={ca}"),
        format!("ssl-cert={}", authority.path("server.crt")),
        format!("ssl-key={}", authority.path("server.key")),
        "require-secure-transport=ON".to_owned(),
        "skip-name-resolve=ON".to_owned(),
    ];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let Some(private) = PrivateServer::start_with(Engine::Mariadb, &settings) else {
        return;
    };
    let server = private.server();
    let database = server.database("tls");
    database.sql(
        "CREATE USER client@'%' IDENTIFIED BY 'c' REQUIRE X509; GRANT ALL ON *.* TO client@'%'",
    );
    let project = project("mysql");
    let cases = [
        ("localhost", "ssl-mode=disabled".to_owned(), false),
        ("localhost", String::new(), true),
        ("127.0.0.1", "ssl-mode=REQUIRED".to_owned(), true),
        ("localhost", format!("ssl-mode=verify_ca&ssl-ca={ca}"), true),
        (
            "localhost",
            format!("ssl-mode=verify_ca&ssl-ca={other}"),
            false,
        ),
        (
            "localhost",
            format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}"),
            true,
        ),
        (
            "127.0.0.1",
            format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}"),
            false,
        ),
        (
            "localhost",
            format!("ssl-mode=verify-identity&ssl-ca={other}"),
            false,
        ),
        ("localhost", "ssl-mode=verify-identity".to_owned(), false),
        ("localhost", "ssl-mode=maybe".to_owned(), false),
    ];
    for (host, parameters, works) in &cases {
        let ran = up(&project, &at(&database, host, parameters));
        assert_eq!(
            ran.code == Some(0),
            *works,
            "{host} {parameters}: {}",
            ran.stderr
        );
    }
    let (cert, key) = (authority.path("client.crt"), authority.path("client.key"));
    let client = database.as_user("client", "c");
    let url = client.url().replace("127.0.0.1", "localhost");
    for (parameters, works) in [
        (
            format!("ssl-mode=verify_identity&ssl-ca={ca}&ssl-cert={cert}&ssl-key={key}"),
            true,
        ),
        (format!("ssl-mode=verify_identity&ssl-ca={ca}"), false),
        (
            format!("ssl-mode=verify_identity&ssl-ca={ca}&ssl-cert={cert}"),
            false,
        ),
    ] {
        let ran = up(&project, &format!("{url}?{parameters}"));
        assert_eq!(ran.code == Some(0), works, "{parameters}: {}", ran.stderr);
    }
}

/// Gives a file to the owner of the folder that it lies in.
fn give_away(file: &Path, folder: &PathBuf) {
    use std::os::unix::fs::MetadataExt;
    let owner = fs::metadata(folder).unwrap();
    std::os::unix::fs::chown(file, Some(owner.uid()), Some(owner.gid())).unwrap();
}
