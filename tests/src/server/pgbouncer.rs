use super::Database;
use super::process::ServerProcess;
use super::url::ServerUrl;
use super::{Engine, left_out};

/// `PgBouncer` in front of a PostgreSQL server, for every database of it. Ends with the value.
///
/// ```no_run
/// use migrate_tests::server::{self, PgBouncer};
///
/// let Some(server) = server::postgres() else { return };
/// let database = server.database("pooled");
/// let Some(pooler) = PgBouncer::start(&database, &["pool_mode=transaction"]) else { return };
/// assert_eq!(pooler.through(&database).sql("SELECT 1"), "1");
/// ```
#[derive(Debug)]
pub struct PgBouncer {
    process: ServerProcess,
    url: ServerUrl,
}

impl PgBouncer {
    /// Starts the pooler with settings of its section `[pgbouncer]`, in front of the server that
    /// holds `database`, for that database's user. `None`, said on stderr, where it was not found.
    ///
    /// # Panics
    /// Where it does not start, and for another engine.
    #[must_use]
    pub fn start(database: &Database, settings: &[&str]) -> Option<Self> {
        assert_eq!(
            database.engine(),
            Engine::Postgres,
            "PgBouncer speaks PostgreSQL only"
        );
        if std::env::var_os("MIGRATE_TEST_PGBOUNCER").is_none() {
            left_out("PgBouncer: MIGRATE_TEST_PGBOUNCER names no program (tests/run finds it)");
            return None;
        }
        let upstream = &database.url;
        let environment = [
            ("PGHOST", upstream.host.as_str()),
            ("PGPORT", &upstream.port.to_string()),
            ("PGUSER", &upstream.user),
            ("PGPASSWORD", &upstream.password),
        ];
        let (process, url) =
            ServerProcess::start("pgbouncer", settings, &environment).expect("a running pooler");
        let url = ServerUrl::parse(&url).expect("the pooler's URL");
        Some(Self { process, url })
    }

    /// A database reached through the pooler.
    #[must_use]
    pub fn through(&self, database: &Database) -> Database {
        let (host, port) = (self.url.host.clone(), self.url.port);
        ServerUrl {
            host,
            port,
            ..database.url.clone()
        }
        .into()
    }

    /// Kills the pooler and starts it again: every session through it is cut.
    ///
    /// # Panics
    /// Where it does not come back.
    pub fn restart(&mut self) {
        let ended = self.process.command("kill", "stopped");
        ended
            .and_then(|_| self.process.command("start", "ready "))
            .expect("an obedient pooler");
    }
}
