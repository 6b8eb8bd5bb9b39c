use std::ffi::OsStr;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::ops::Deref;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Engine;
use super::url::ServerUrl;

/// A database, reached through the engine's own client program: `psql`, `mariadb` or `sqlite3`.
///
/// The clients read no configuration files and run a script as an operator would: statement by
/// statement, stopping at the first error.
#[derive(Clone, Debug)]
pub struct Database {
    pub(super) url: ServerUrl,
    text: String,
}

impl Database {
    /// The database at a URL (`postgres://`, `mysql://` or `sqlite://`).
    ///
    /// # Panics
    /// Where the URL cannot be read.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self::from(ServerUrl::parse(url).expect("a database URL"))
    }

    /// The URL, with the password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.text
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.url.engine
    }

    /// The database's name; for SQLite the file's path.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.url.database
    }

    /// The same database as another user.
    #[must_use]
    pub fn as_user(&self, user: &str, password: &str) -> Self {
        let (user, password) = (user.to_owned(), password.to_owned());
        Self::from(ServerUrl {
            user,
            password,
            ..self.url.clone()
        })
    }

    /// Runs SQL and returns its rows as lines, columns separated by tabs, without the last line end.
    ///
    /// # Panics
    /// With the client's message where it fails.
    pub fn sql(&self, sql: &str) -> String {
        self.try_sql(sql)
            .unwrap_or_else(|error| panic!("{} refused: {error}\n{sql}", self.engine()))
    }

    /// Runs SQL as [`Database::sql`] does.
    ///
    /// # Errors
    /// What the client wrote to stderr, where it fails.
    pub fn try_sql(&self, sql: &str) -> Result<String, String> {
        let mut script = tempfile::tempfile().expect("a temporary file");
        script
            .write_all(sql.as_bytes())
            .and_then(|()| script.rewind())
            .expect("room for a file");
        output_of(self.client().stdin(script))
    }

    /// Runs a script file.
    ///
    /// # Errors
    /// What the client wrote to stderr, where it fails.
    pub fn try_file(&self, path: &Path) -> Result<String, String> {
        let mut client = self.client();
        match self.engine() {
            Engine::Postgres => output_of(client.arg("-f").arg(path).stdin(Stdio::null())),
            Engine::Mariadb | Engine::Sqlite => {
                let script = File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
                output_of(client.stdin(script))
            }
        }
    }

    /// The client program, about to read a script from stdin.
    fn client(&self) -> Command {
        match self.engine() {
            Engine::Postgres => {
                let mut psql = self.program("psql");
                psql.args(["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"]);
                psql.arg("-d").arg(self.url.text_without_password());
                psql
            }
            Engine::Mariadb => {
                let mut mariadb = self.program("mariadb");
                mariadb.args(["--batch", "--raw", "--skip-column-names"]);
                mariadb.arg(format!("--database={}", self.name()));
                mariadb
            }
            Engine::Sqlite => {
                let mut sqlite = self.program("sqlite3");
                sqlite.args([
                    "-init",
                    "/dev/null",
                    "-batch",
                    "-bail",
                    "-noheader",
                    "-tabs",
                ]);
                // Waits for a writer, in milliseconds, as the other engines do by default.
                sqlite.args(["-cmd", ".timeout 10000"]).arg(self.name());
                sqlite
            }
        }
    }

    /// The URL for the arguments of a program from [`Database::program`], without the password.
    #[must_use]
    pub fn login_url(&self) -> String {
        self.url.text_without_password()
    }

    /// A program of the engine that is told how to log in. Passwords go through the environment:
    /// arguments can be read by everybody on the machine.
    #[must_use]
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.engine().program(name));
        match self.engine() {
            Engine::Postgres => {
                command
                    .env("PGPASSWORD", &self.url.password)
                    .env("PGCLIENTENCODING", "UTF8");
            }
            Engine::Mariadb => {
                command.args([
                    "--no-defaults",
                    "--protocol=tcp",
                    "--default-character-set=utf8mb4",
                ]);
                command.arg(format!("--host={}", self.url.host));
                command.arg(format!("--port={}", self.url.port));
                command.arg(format!("--user={}", self.url.user));
                command.env("MYSQL_PWD", &self.url.password);
            }
            Engine::Sqlite => {}
        }
        command
    }
}

impl From<ServerUrl> for Database {
    fn from(url: ServerUrl) -> Self {
        Self {
            text: url.text(),
            url,
        }
    }
}

/// Runs a program to its end. Returns its stdout without the last line end, or what it wrote to stderr.
pub(super) fn output_of(command: &mut Command) -> Result<String, String> {
    let program = Path::new(command.get_program())
        .file_name()
        .map(OsStr::to_owned);
    let program = program.unwrap_or_default().display().to_string();
    let output = command
        .output()
        .map_err(|e| format!("{program} could not be started: {e}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(stdout.strip_suffix('\n').unwrap_or(&stdout).to_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program}: {}", stderr.trim_end()))
}

/// A database that one test owns; dropped with the value, with whoever is still connected.
#[derive(Debug)]
pub struct TestDatabase {
    database: Database,
    owner: Owner,
}

#[derive(Debug)]
enum Owner {
    /// A database of a server, with the way to log in beside it.
    Server(Database),
    /// The folder of a SQLite file, removed when dropped.
    Folder(#[expect(dead_code, reason = "held for its Drop")] tempfile::TempDir),
}

impl TestDatabase {
    /// Makes a database of this name on the server that `admin` is connected to.
    pub(super) fn create(admin: &Database, name: &str) -> Self {
        // Nobody can be connected to template0, so that tests cannot hinder each other.
        Self::create_like(admin, name, "template0")
    }

    /// Makes a database of this name; on PostgreSQL it is a copy of `template`.
    pub(super) fn create_like(admin: &Database, name: &str, template: &str) -> Self {
        let quoted = admin.engine().quote_name(name);
        let template = match admin.engine() {
            Engine::Postgres => format!(" TEMPLATE {}", admin.engine().quote_name(template)),
            Engine::Mariadb | Engine::Sqlite => String::new(),
        };
        admin.sql(&format!("CREATE DATABASE {quoted}{template}"));
        let database = ServerUrl {
            database: name.to_owned(),
            ..admin.url.clone()
        };
        Self {
            database: database.into(),
            owner: Owner::Server(admin.clone()),
        }
    }

    /// Makes an empty SQLite file's place in a folder of its own.
    pub(super) fn create_file(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(name);
        let path = path.to_str().expect("a temporary folder with a UTF-8 path");
        Self {
            database: ServerUrl::sqlite(path).into(),
            owner: Owner::Folder(folder),
        }
    }
}

impl Deref for TestDatabase {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Owner::Server(admin) = &self.owner else {
            return;
        };
        let name = self.engine().quote_name(self.name());
        let script = match self.engine() {
            Engine::Postgres => format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            Engine::Mariadb => {
                // A session that a test left behind may hold metadata locks for a day.
                let sessions = admin.try_sql(&format!(
                    "SELECT CONCAT('KILL ', id) FROM information_schema.processlist WHERE db = {}",
                    self.engine().quote_text(self.name())
                ));
                for kill in sessions.unwrap_or_default().lines() {
                    // It may have ended by itself.
                    let _ = admin.try_sql(kill);
                }
                format!("SET lock_wait_timeout = 10; DROP DATABASE IF EXISTS {name}")
            }
            Engine::Sqlite => return,
        };
        // A test may have killed the server; its folder takes the database along.
        let _ = admin.try_sql(&script);
    }
}
