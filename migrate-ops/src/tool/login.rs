//! How a program logs in, with the password in a file.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use migrate_core::Dialect;

use super::{Tool, ToolError, Vendor};
use crate::connect::DatabaseUrl;

/// How the programs of a database log in as a URL says. The password is in a file (0600) in a folder
/// that only its owner may enter, and is removed with that folder.
#[derive(Clone, Debug)]
pub struct Login {
    dialect: Dialect,
    /// PostgreSQL: a connection string without password; otherwise the option file.
    text: String,
}

impl Login {
    /// Writes the file into a folder, best a [`Workspace`](super::Workspace).
    ///
    /// `vendor` is that of the program: MySQL and MariaDB have different options for TLS.
    ///
    /// # Errors
    /// Where it cannot be written, or the password cannot be said in such a file.
    pub fn write(url: &DatabaseUrl, vendor: Vendor, folder: &Path) -> Result<Self, ToolError> {
        let text = match vendor {
            Vendor::Postgres => postgres(url, folder)?,
            Vendor::Mariadb | Vendor::Mysql => mysql(url, vendor, folder)?.display().to_string(),
        };
        Ok(Login {
            dialect: url.dialect,
            text,
        })
    }

    /// The program with what it needs to log in. For the programs of MySQL and MariaDB that has to
    /// come before all other arguments, and the database is an argument of its own.
    #[must_use]
    pub fn with(&self, tool: Tool) -> Tool {
        // Whatever the environment of this process says about servers is not what the URL says.
        let prefixes: &[&str] = match self.dialect {
            Dialect::Postgres => &["PG"],
            _ => &["MYSQL", "MARIADB"],
        };
        let tool = env::vars_os()
            .filter(|(name, _)| {
                let name = name.to_string_lossy();
                prefixes.iter().any(|prefix| name.starts_with(prefix))
            })
            .fold(tool, |tool, (name, _)| tool.without_variable(&name));
        match self.dialect {
            Dialect::Postgres => tool
                .arg(format!("--dbname={}", self.text))
                .arg("--no-password"),
            _ => tool.arg(format!("--defaults-file={}", self.text)),
        }
    }
}

/// libpq's connection string (<https://www.postgresql.org/docs/current/libpq-connect.html>).
fn postgres(url: &DatabaseUrl, folder: &Path) -> Result<String, ToolError> {
    let mut text = String::new();
    let mut put = |key: &str, value: &str| {
        let value = value.replace('\\', "\\\\").replace('\'', "\\'");
        text.push_str(&format!("{key}='{value}' "));
    };
    for (key, value) in &url.parameters {
        if !matches!(key.as_str(), "password" | "passfile") {
            put(key, value);
        }
    }
    let hosts: Vec<&str> = url.hosts.iter().map(|(host, _)| host.as_str()).collect();
    let ports: Vec<String> = url
        .hosts
        .iter()
        .map(|(_, port)| port.unwrap_or(5432).to_string())
        .collect();
    if !hosts.is_empty() {
        put("host", &hosts.join(","));
        put("port", &ports.join(","));
    } else if url.parameter("host").is_none() && url.parameter("hostaddr").is_none() {
        // As for the connections of this crate.
        put("host", "localhost");
    }
    if let Some(user) = &url.user {
        put("user", user);
    }
    if let Some(database) = &url.database {
        put("dbname", database);
    }
    if url.parameter("application_name").is_none() {
        put("application_name", "migrate");
    }
    let password = url.password.as_deref().or(url.parameter("password"));
    let file = match password {
        Some(password) if password.contains(['\n', '\r']) => return Err(ToolError::Password),
        Some(password) => {
            let password = password.replace('\\', "\\\\").replace(':', "\\:");
            write_private(folder, "pgpass", &format!("*:*:*:*:{password}\n"))?
        }
        // Without one the file of the user would be read.
        None => write_private(folder, "pgpass", "")?,
    };
    put("passfile", &file.display().to_string());
    Ok(text.trim_end().to_owned())
}

/// The option file of MySQL's and MariaDB's programs
/// (<https://mariadb.com/kb/en/configuring-mariadb-with-option-files/>).
fn mysql(url: &DatabaseUrl, vendor: Vendor, folder: &Path) -> Result<PathBuf, ToolError> {
    let mut text = String::from("[client]\n");
    let mut put = |key: &str, value: &str| {
        let mut quoted = String::new();
        for c in value.chars() {
            match c {
                '\\' => quoted.push_str("\\\\"),
                '"' => quoted.push_str("\\\""),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                '\t' => quoted.push_str("\\t"),
                c => quoted.push(c),
            }
        }
        text.push_str(&format!("{key} = \"{quoted}\"\n"));
    };
    if let Some(user) = &url.user {
        put("user", user);
    }
    // An empty password is one; no line at all would let the programs ask for it.
    put("password", url.password.as_deref().unwrap_or_default());
    // Not every program knows it: one that reads binary logs does not.
    put("loose-default-character-set", "utf8mb4");
    match url.parameter("socket") {
        Some(socket) => {
            put("protocol", "socket");
            put("socket", socket);
        }
        None => {
            put("protocol", "tcp");
            let (host, port) = match url.hosts.first() {
                Some((host, port)) => (host.as_str(), *port),
                None => ("localhost", None),
            };
            put("host", host);
            put("port", &port.unwrap_or(3306).to_string());
        }
    }
    for key in ["ssl-ca", "ssl-cert", "ssl-key"] {
        if let Some(value) = url.parameter(key) {
            put(key, value);
        }
    }
    let mode = url.parameter("ssl-mode").unwrap_or("preferred");
    let mode = mode.to_ascii_uppercase().replace('-', "_");
    match (vendor, mode.as_str()) {
        (Vendor::Mysql, mode) => put("ssl-mode", mode),
        (_, "DISABLED") => text.push_str("skip-ssl\n"),
        (_, "REQUIRED") => text.push_str("ssl\n"),
        (_, "VERIFY_CA" | "VERIFY_IDENTITY") => {
            text.push_str("ssl\nssl-verify-server-cert\n");
        }
        _ => {}
    }
    write_private(folder, "client.cnf", &text)
}

fn write_private(folder: &Path, name: &str, text: &str) -> Result<PathBuf, ToolError> {
    let write = || -> io::Result<PathBuf> {
        // A relative path would not reach a program that is started elsewhere.
        let path = std::path::absolute(folder)?.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        options.open(&path)?.write_all(text.as_bytes())?;
        Ok(path)
    };
    write().map_err(ToolError::Login)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn url(text: &str) -> DatabaseUrl {
        DatabaseUrl::parse(text).unwrap()
    }

    #[test]
    fn passwords_are_in_the_file_only() {
        let folder = tempfile::tempdir().unwrap();
        let url = url("postgres://u:p%3Aa%5Css@h:1/d'b?sslmode=require&password=other");
        let login = Login::write(&url, Vendor::Postgres, folder.path()).unwrap();
        assert!(!login.text.contains("ss@") && !login.text.contains("other"));
        assert!(login.text.contains("dbname='d\\'b'"), "{}", login.text);
        let file = fs::read_to_string(folder.path().join("pgpass")).unwrap();
        assert_eq!(file, "*:*:*:*:p\\:a\\\\ss\n");
    }

    #[test]
    fn option_files_quote() {
        let folder = tempfile::tempdir().unwrap();
        let url = url("mysql://u%23:a%22b%5C%23c@h/d?ssl-mode=verify-identity");
        Login::write(&url, Vendor::Mariadb, folder.path()).unwrap();
        let file = fs::read_to_string(folder.path().join("client.cnf")).unwrap();
        assert!(file.contains("password = \"a\\\"b\\\\#c\"\n"), "{file}");
        assert!(file.ends_with("ssl\nssl-verify-server-cert\n"), "{file}");
    }

    #[test]
    fn a_line_break_cannot_be_said() {
        let folder = tempfile::tempdir().unwrap();
        let url = url("postgres://u:a%0Ab@h/d");
        assert!(matches!(
            Login::write(&url, Vendor::Postgres, folder.path()),
            Err(ToolError::Password)
        ));
    }
}
