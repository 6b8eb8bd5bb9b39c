//! Up, all the way down, and up again.

use std::fs;
use std::path::PathBuf;

use diesel::connection::LoadConnection;
use migrate_core::plan::{DownTarget, UpTarget};
use migrate_core::{Direction, Version};
use migrate_runtime::{Database as Backend, Error, ErrorKind, Migrator};
use migrate_tests::server::{Database, Engine, MIGRATION_TABLES, Server, TestDatabase};

use crate::corpus::{Corpus, file};

/// A down script of a set that fails on the way all down.
pub(crate) struct Broken {
    /// Version and name.
    pub(crate) migration: &'static str,
    /// What the database says, to our runner and to its own client.
    pub(crate) says: &'static str,
    /// What is wrong in the script, and what puts it right.
    pub(crate) wrong: &'static str,
    pub(crate) right: &'static str,
}

/// A migration that cannot be reverted and applied again right after it was applied.
pub(crate) struct Stuck {
    /// Version and name.
    pub(crate) migration: &'static str,
    /// What the database says.
    pub(crate) says: &'static str,
    /// Where the down script works and leaves a schema that the up script does not fit: the SQL
    /// that makes it fit again.
    pub(crate) repair: Option<&'static str>,
}

/// A set on its way through a database.
pub(crate) struct Journey<C> {
    pub(crate) corpus: Corpus,
    pub(crate) database: TestDatabase,
    pub(crate) conn: C,
}

impl<DB, C> Journey<C>
where
    DB: Backend,
    C: LoadConnection<Backend = DB>,
{
    /// The schema without the tables of migration tools.
    fn schema(&self) -> String {
        self.database.schema_dump(MIGRATION_TABLES)
    }

    /// Applies up to a target, and returns how many migrations that took.
    pub(crate) fn up(&mut self, target: &UpTarget) -> Result<usize, Error> {
        let report = Migrator::<DB>::new(&self.corpus.set).up(&mut self.conn, target)?;
        Ok(report.steps.len())
    }

    /// Reverts down to a target, and returns how many migrations that took.
    pub(crate) fn down(&mut self, target: &DownTarget) -> Result<usize, Error> {
        let report = Migrator::<DB>::new(&self.corpus.set).down(&mut self.conn, target)?;
        Ok(report.steps.len())
    }

    /// Up, all the way down, past the scripts that are broken, and up again: both times to the
    /// schema that the database's own client has made. Returns the tables that are left below.
    pub(crate) fn there_and_back(&mut self, reference: &str, broken: &[Broken]) -> Vec<String> {
        let count = self.corpus.set.migrations().len();
        assert_eq!(self.up(&UpTarget::Latest).unwrap(), count);
        assert_same(reference, &self.schema());
        assert_eq!(self.up(&UpTarget::Latest).unwrap(), 0);
        for broken in broken {
            self.stumble(broken);
        }
        self.down(&DownTarget::All).unwrap();
        let schema = self.schema();
        let tables = schema.lines().filter(|l| l.starts_with("CREATE TABLE "));
        let left = tables.map(str::to_owned).collect();
        assert_eq!(self.up(&UpTarget::Latest).unwrap(), count);
        assert_same(reference, &self.schema());
        left
    }

    /// Reverts until a broken script stops it, shows that the database's own client is stopped by
    /// it too, and corrects it.
    fn stumble(&mut self, broken: &Broken) {
        let path = self.down_script(broken.migration);
        let error = self.down(&DownTarget::All).expect_err(broken.migration);
        let text = error.to_string();
        assert!(text.contains(&*path.to_string_lossy()), "{text}");
        assert!(text.contains(broken.says), "{text}");

        // The client is asked in the state that our runner stopped in, and in one transaction
        // where that was one too.
        let schema = self.schema();
        let (script, unfinished) = match error.kind() {
            ErrorKind::Failed(failure) if !failure.rolled_back => (failure.sql.clone(), true),
            _ => {
                let script = fs::read_to_string(&path).unwrap();
                (format!("BEGIN;\n{script}\n;ROLLBACK;"), false)
            }
        };
        let said = self.database.try_sql(&script).expect_err(broken.migration);
        assert!(said.contains(broken.says), "{said}");
        assert_same(&schema, &self.schema());

        self.correct(broken);
        if unfinished {
            let mut migrator = Migrator::<DB>::new(&self.corpus.set);
            let report = migrator.resume(&mut self.conn, None).unwrap();
            assert_eq!(report.steps.len(), 1);
        }
    }

    /// Puts a broken script right.
    pub(crate) fn correct(&mut self, broken: &Broken) {
        let path = self.down_script(broken.migration);
        self.corpus.correct(&path, broken.wrong, broken.right);
    }

    fn down_script(&self, migration: &str) -> PathBuf {
        let migrations = self.corpus.set.migrations();
        let found = migrations.iter().find(|m| m.to_string() == migration);
        file(found.expect(migration), Direction::Down)
    }

    /// Applies one migration after the other, each with its down and its up again in between. Prints
    /// those that do not lead back to the schema before them.
    pub(crate) fn redo_each(&mut self, stuck: &[Stuck]) {
        let migrations: Vec<(Version, String)> = (self.corpus.set.migrations().iter())
            .map(|m| (m.version.clone(), m.to_string()))
            .collect();
        let mut before = self.schema();
        for (version, name) in migrations {
            let to = UpTarget::Version(version);
            assert_eq!(self.up(&to).unwrap(), 1, "{name}");
            let after = self.schema();
            let down = self.down(&DownTarget::Count(1));
            match stuck.iter().find(|stuck| stuck.migration == name) {
                Some(Stuck {
                    says, repair: None, ..
                }) => {
                    let text = down.expect_err(&name).to_string();
                    assert!(text.contains(says), "{text}");
                    before = self.schema();
                    assert_same(&after, &before);
                    continue;
                }
                Some(Stuck {
                    says,
                    repair: Some(repair),
                    ..
                }) => {
                    down.unwrap();
                    let text = self.up(&to).expect_err(&name).to_string();
                    assert!(text.contains(says), "{text}");
                    self.database.sql(repair);
                }
                None => {
                    down.unwrap_or_else(|error| panic!("{name}: {error}"));
                    if self.schema() != before {
                        eprintln!(
                            "{}: {name}: its down does not lead back",
                            self.database.engine()
                        );
                    }
                }
            }
            self.up(&to)
                .unwrap_or_else(|error| panic!("{name} again: {error}"));
            before = self.schema();
            if before != after {
                eprintln!(
                    "{}: {name}: its redo does not lead back",
                    self.database.engine()
                );
            }
        }
    }
}

/// The schema that the database's own client makes of the up scripts in the order of versions.
pub(crate) fn reference(server: &Server, corpus: &Corpus) -> String {
    let database = server.database("reference");
    for migration in corpus.set.migrations() {
        run_by_client(&database, file(migration, Direction::Up))
            .unwrap_or_else(|error| panic!("{migration}: {error}"));
    }
    database.schema_dump(MIGRATION_TABLES)
}

fn run_by_client(database: &Database, script: PathBuf) -> Result<String, String> {
    let text = || fs::read_to_string(&script).unwrap();
    match database.engine() {
        Engine::Postgres => database.try_file(&script),
        // The bodies of procedures have no DELIMITER around them, because the app sends each file
        // as a whole. With a delimiter that never comes the client does so too, and the server
        // finds the ends of the statements.
        Engine::Mariadb => database.try_sql(&format!("DELIMITER $never$\n{}\n$never$\n", text())),
        // The client lacks the app's function. What it returns is data and not schema.
        Engine::Sqlite => database.try_sql(&text().replace("BIN2B64(", "hex(")),
    }
}

/// Compares two schemas and shows the lines that only one of them has.
fn assert_same(expected: &str, found: &str) {
    let only = |these: &str, those: &str| {
        let those: Vec<&str> = those.lines().collect();
        let only = these.lines().filter(|line| !those.contains(line));
        only.collect::<Vec<_>>().join("\n")
    };
    assert!(
        expected == found,
        "the schemas differ\nonly expected:\n{}\nonly found:\n{}",
        only(expected, found),
        only(found, expected)
    );
}
