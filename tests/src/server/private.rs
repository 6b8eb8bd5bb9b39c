use std::path::PathBuf;

use super::process::ServerProcess;
use super::url::ServerUrl;
use super::{Engine, Server, left_out};

/// A server that one test owns and may stop, kill and restart. It keeps its port and its URL.
/// Dropping the value, or the end of this process, stops it and removes its data.
///
/// ```no_run
/// use migrate_tests::server::{Engine, PrivateServer};
///
/// let Some(mut server) = PrivateServer::start(Engine::Postgres) else { return };
/// let database = server.server().database("restarted");
/// database.sql("CREATE TABLE kept (id int)");
/// server.kill9();
/// server.start_again();
/// assert_eq!(database.sql("SELECT count(*) FROM kept"), "0");
/// ```
#[derive(Debug)]
pub struct PrivateServer {
    process: ServerProcess,
    url: String,
}

impl PrivateServer {
    /// Starts a server; `None`, said on stderr, where `tests/run` did not find the programs.
    ///
    /// # Panics
    /// Where the server does not start, and for SQLite, which has no server.
    #[must_use]
    pub fn start(engine: Engine) -> Option<Self> {
        Self::start_with(engine, &[])
    }

    /// Starts a server with settings `name=value`, as in `postgresql.conf` or after `mariadbd --`.
    ///
    /// # Panics
    /// As [`PrivateServer::start`].
    #[must_use]
    pub fn start_with(engine: Engine, settings: &[&str]) -> Option<Self> {
        let (kind, variable) = match engine {
            Engine::Postgres => ("postgres", "MIGRATE_TEST_PG_BIN"),
            Engine::Mariadb => ("mariadb", "MIGRATE_TEST_MARIADBD"),
            Engine::Sqlite => panic!("SQLite has no server"),
        };
        if std::env::var_os(variable).is_none() {
            left_out(&format!(
                "{engine} restarts: {variable} names no program (tests/run finds it)"
            ));
            return None;
        }
        let (process, url) = ServerProcess::start(kind, settings, &[]).expect("a private server");
        Some(Self { process, url })
    }

    /// Starts a server that can be followed by [replicas](PrivateServer::replica).
    ///
    /// # Panics
    /// As [`PrivateServer::start`].
    #[must_use]
    pub fn primary(engine: Engine) -> Option<Self> {
        Self::start_with(
            engine,
            match engine {
                Engine::Mariadb => &["server-id=1", "log-bin=binlog"],
                _ => &[],
            },
        )
    }

    /// Starts a replica of this server, which has to be a [primary](PrivateServer::primary): a
    /// PostgreSQL standby with settings as in `postgresql.conf`, or a MariaDB replica with further
    /// clauses of `CHANGE MASTER TO`, as `MASTER_DELAY=5`.
    ///
    /// # Panics
    /// As [`PrivateServer::start`].
    #[must_use]
    pub fn replica(&self, settings: &[&str]) -> Self {
        let of = ServerUrl::parse(&self.url).expect("a server's URL");
        if of.engine == Engine::Postgres {
            let environment = [
                ("PGHOST", of.host.as_str()),
                ("PGPORT", &of.port.to_string()),
                ("PGUSER", &of.user),
                ("PGPASSWORD", &of.password),
            ];
            let (process, url) =
                ServerProcess::start("standby", settings, &environment).expect("a standby");
            return Self { process, url };
        }
        let replica = Self::start_with(of.engine, &["server-id=2"]).expect("a second server");
        let more: String = settings.iter().map(|it| format!(", {it}")).collect();
        replica.server().admin().sql(&format!(
            "CHANGE MASTER TO MASTER_HOST = '{}', MASTER_PORT = {}, MASTER_USER = '{}', \
             MASTER_PASSWORD = '{}', MASTER_USE_GTID = slave_pos{more}; START SLAVE",
            of.host, of.port, of.user, of.password
        ));
        replica
    }

    /// The URL of the server, whose user may do everything.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server, to make databases on.
    #[must_use]
    pub fn server(&self) -> Server {
        Server::at(&self.url)
    }

    /// The folder of its data.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.process.folder().join("data")
    }

    /// Stops the server in an orderly way; sessions are cut.
    ///
    /// # Panics
    /// Where it cannot be done, as in all that follow.
    pub fn stop(&mut self) {
        self.command("stop", "stopped");
    }

    /// Kills the server with SIGKILL, as the kernel does when memory runs out.
    pub fn kill9(&mut self) {
        self.command("kill", "stopped");
    }

    /// Starts it again after [`PrivateServer::stop`] or [`PrivateServer::kill9`], and waits until
    /// it has recovered and answers.
    pub fn start_again(&mut self) {
        let url = self.command("start", "ready ");
        assert_eq!(url, self.url, "a restarted server keeps its URL");
    }

    /// Stops it and starts it again.
    pub fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    fn command(&mut self, command: &str, expected: &str) -> String {
        self.process
            .command(command, expected)
            .expect("an obedient server")
    }
}
