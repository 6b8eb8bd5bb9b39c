use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use super::database::{Database, TestDatabase};
use super::url::ServerUrl;
use super::{Engine, left_out};

/// A running server, or SQLite, which needs none.
#[derive(Clone, Debug)]
pub struct Server {
    engine: Engine,
    /// Who may create databases; none for SQLite.
    admin: Option<Database>,
}

/// The PostgreSQL server that tests share; `None`, said on stderr, where there is none.
#[must_use]
pub fn postgres() -> Option<Server> {
    shared(Engine::Postgres)
}

/// The MariaDB server that tests share; `None`, said on stderr, where there is none.
#[must_use]
pub fn mariadb() -> Option<Server> {
    shared(Engine::Mariadb)
}

/// SQLite with its command `sqlite3`; `None`, said on stderr, where that is missing.
#[must_use]
pub fn sqlite() -> Option<Server> {
    if Command::new(Engine::Sqlite.program("sqlite3"))
        .arg("--version")
        .output()
        .is_err()
    {
        left_out("SQLite: the command sqlite3 was not found");
        return None;
    }
    Some(Server {
        engine: Engine::Sqlite,
        admin: None,
    })
}

/// Every server that is there, for a test that runs on all engines.
#[must_use]
pub fn all() -> Vec<Server> {
    remote().into_iter().chain(sqlite()).collect()
}

/// The servers that are there, for a test of what SQLite has not.
#[must_use]
pub fn remote() -> Vec<Server> {
    [postgres(), mariadb()].into_iter().flatten().collect()
}

fn shared(engine: Engine) -> Option<Server> {
    let variable = engine.url_variable()?;
    match std::env::var(variable) {
        Ok(url) => Some(Server::at(&url)),
        Err(_) => {
            left_out(&format!(
                "{engine}: {variable} names no server (tests/run starts one)"
            ));
            None
        }
    }
}

impl Server {
    /// The server at a URL, whose user may create databases.
    pub(super) fn at(url: &str) -> Self {
        let admin = Database::at(url);
        Self {
            engine: admin.engine(),
            admin: Some(admin),
        }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The URL's own database, for statements about users or the server.
    ///
    /// # Panics
    /// On SQLite, which has neither.
    #[must_use]
    pub fn admin(&self) -> &Database {
        self.admin.as_ref().expect("a server; SQLite has none")
    }

    /// Makes an empty database for one test. Its name begins with `name`, which may hold any
    /// character that the engine allows, and is unique.
    #[must_use]
    pub fn database(&self, name: &str) -> TestDatabase {
        match &self.admin {
            Some(admin) => TestDatabase::create(admin, &unique(name)),
            None => TestDatabase::create_file(&format!("{}.db", unique(&name.replace('/', "_")))),
        }
    }

    /// Makes a copy of a PostgreSQL database that nobody is connected to.
    ///
    /// # Panics
    /// On other engines, which cannot do that.
    #[must_use]
    pub fn copy(&self, of: &Database) -> TestDatabase {
        assert_eq!(
            self.engine,
            Engine::Postgres,
            "only PostgreSQL has templates"
        );
        TestDatabase::create_like(self.admin(), &unique("copy"), of.name())
    }

    /// The URL of a database on this server that need not exist.
    ///
    /// # Panics
    /// On SQLite, where it would be a file's path.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        let url = self.admin().url.clone();
        ServerUrl {
            database: database.to_owned(),
            ..url
        }
        .text()
    }
}

/// A name that no other test of this or another process uses. PostgreSQL has names of up to
/// 63 bytes, MariaDB of 64 characters.
fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    // Two machines may share a server, and then process ids.
    let now = SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |t| t.subsec_micros());
    let suffix = format!("_{process}_{now:x}_{number}");
    let room = 63 - suffix.len();
    format!("{}{suffix}", &name[..name.floor_char_boundary(room)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_stay_unique_and_short() {
        let name = "ä".repeat(100);
        let (one, two) = (unique(&name), unique(&name));
        assert_ne!(one, two);
        assert!(one.len() <= 63 && one.starts_with("ää"), "{one}");
    }
}
