//! A database, migrations for it, and a state directory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_core::config::Config;
use migrate_core::{Dialect, MigrationSet, Version};
use migrate_ops::Deployment;
use migrate_ops::connect::{DatabaseUrl, Engine as Connect, runtime};
use migrate_ops::event::{Event, Listener};
use migrate_ops::execute::{
    Applied, MissingRight, Options, RolledBack, apply, missing_rights, rollback,
};
use migrate_ops::run_state::{About, RunRecord, RunState};
use migrate_runtime::{Migrator, Settings, SqlOnly};
use migrate_tests::contract::Folder;
use migrate_tests::server::{Engine, Server, TestDatabase};

pub(crate) struct Case {
    pub(crate) database: Arc<TestDatabase>,
    pub(crate) engine: Engine,
    pub(crate) folder: Arc<Folder>,
    /// Where it is reached, if not directly.
    pub(crate) url: String,
    state: tempfile::TempDir,
    pub(crate) lock_timeout: Duration,
    pub(crate) lock_retries: u32,
}

/// What was told, as lines.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Listener for Told {
    fn event(&mut self, event: &Event<'_>) {
        let line = match event {
            Event::Progress { text, fraction, .. } => match fraction {
                Some(fraction) => format!("progress {fraction:.2}: {text}"),
                None => format!("progress: {text}"),
            },
            Event::Warning { text, .. } => format!("warning: {text}"),
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push(line);
    }
}

impl Case {
    pub(crate) fn new(server: &Server, name: &str) -> Self {
        let database = server.database(name);
        Case {
            url: database.url().to_owned(),
            database: Arc::new(database),
            engine: server.engine(),
            folder: Arc::new(Folder::new(server.engine())),
            state: tempfile::tempdir().unwrap(),
            lock_timeout: Duration::from_secs(1),
            lock_retries: 0,
        }
    }

    pub(crate) fn with(self, file: &str, sql: &str) -> Self {
        self.folder.write(file, sql);
        self
    }

    /// The same with a state directory of its own.
    pub(crate) fn beside(&self) -> Self {
        Case {
            database: Arc::clone(&self.database),
            engine: self.engine,
            folder: Arc::clone(&self.folder),
            url: self.url.clone(),
            state: tempfile::tempdir().unwrap(),
            ..*self
        }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.state.path().join(".migrate")
    }

    pub(crate) fn about(&self) -> About {
        let database = DatabaseUrl::parse(&self.url).unwrap().shown();
        About { database }
    }

    pub(crate) fn begin(&self) -> RunState {
        RunState::create(&self.state(), &self.about()).unwrap()
    }

    pub(crate) fn latest(&self) -> RunRecord {
        RunState::latest(&self.state()).unwrap().unwrap()
    }

    pub(crate) fn apply(&self) -> Applied {
        self.apply_with(|_| {})
    }

    pub(crate) fn apply_with(&self, change: impl FnOnce(&mut Options<'_>)) -> Applied {
        self.apply_told(&mut Told::default(), change)
    }

    pub(crate) fn apply_told(
        &self,
        listener: &mut (dyn Listener + Send),
        change: impl FnOnce(&mut Options<'_>),
    ) -> Applied {
        let mut options = options();
        change(&mut options);
        let mut state = self.begin();
        match self.dispatch(Job::Apply(&options), &mut state, listener) {
            Came::Applied(applied) => *applied,
            _ => panic!("it was applied"),
        }
    }

    pub(crate) fn rollback(
        &self,
        versions: &[&str],
        change: impl FnOnce(&mut Options<'_>),
    ) -> RolledBack {
        let mut options = options();
        change(&mut options);
        let versions: Vec<Version> = versions
            .iter()
            .map(|v| Version::parse(v).unwrap())
            .collect();
        let mut state = self.begin();
        let mut told = Told::default();
        match self.dispatch(Job::Rollback(&options, &versions), &mut state, &mut told) {
            Came::RolledBack(rolled_back) => rolled_back,
            _ => panic!("it was rolled back"),
        }
    }

    pub(crate) fn missing_rights(&self) -> Vec<MissingRight> {
        let mut state = self.begin();
        match self.dispatch(Job::Rights(&options()), &mut state, &mut Told::default()) {
            Came::Rights(missing) => missing,
            _ => panic!("rights were looked for"),
        }
    }

    /// Applies what another process has prepared.
    pub(crate) fn child(
        url: &str,
        folder: &str,
        state: &str,
        listener: &mut (dyn Listener + Send),
    ) {
        let about = About {
            database: DatabaseUrl::parse(url).unwrap().shown(),
        };
        let mut state = RunState::create(state.as_ref(), &about).unwrap();
        let options = options();
        let job = Job::Apply(&options);
        let engine = match DatabaseUrl::parse(url).unwrap().dialect {
            Dialect::Postgres => Engine::Postgres,
            Dialect::Mysql => Engine::Mariadb,
            _ => Engine::Sqlite,
        };
        let set = engine.read_folder(folder.as_ref());
        let how = How {
            url,
            lock_timeout: Duration::from_secs(1),
            lock_retries: 0,
        };
        let done = match engine {
            Engine::Postgres => how.run::<Pg>(&set, job, &mut state, listener),
            Engine::Mariadb => how.run::<Mysql>(&set, job, &mut state, listener),
            Engine::Sqlite => how.run::<Sqlite>(&set, job, &mut state, listener),
        };
        assert!(matches!(done, Came::Applied(applied) if applied.error.is_none()));
    }

    fn dispatch(
        &self,
        job: Job<'_, '_>,
        state: &mut RunState,
        listener: &mut (dyn Listener + Send),
    ) -> Came {
        let set = self.folder.set();
        let how = How {
            url: &self.url,
            lock_timeout: self.lock_timeout,
            lock_retries: self.lock_retries,
        };
        match self.engine {
            Engine::Postgres => how.run::<Pg>(&set, job, state, listener),
            Engine::Mariadb => how.run::<Mysql>(&set, job, state, listener),
            Engine::Sqlite => how.run::<Sqlite>(&set, job, state, listener),
        }
    }
}

/// Where and how it is run.
struct How<'a> {
    url: &'a str,
    lock_timeout: Duration,
    lock_retries: u32,
}

impl How<'_> {
    fn run<DB: Connect>(
        &self,
        set: &MigrationSet,
        job: Job<'_, '_>,
        state: &mut RunState,
        listener: &mut (dyn Listener + Send),
    ) -> Came {
        let settings = Settings {
            lock_timeout: self.lock_timeout,
            lock_retries: self.lock_retries,
            ..Settings::DEFAULT
        };
        fn of<'o, DB: Connect>(set: &'o MigrationSet, settings: Settings) -> Migrator<'o, DB> {
            Migrator::new(set).settings(settings)
        }
        let deployment = Deployment::<DB, SqlOnly> {
            set,
            url: &DatabaseUrl::parse(self.url).unwrap(),
            runtime: &runtime().unwrap(),
            make_migrator: &|set| of(set, settings.clone()),
            on_connect: &|_| Ok(()),
            sources: None,
        };
        match job {
            Job::Apply(options) => {
                Came::Applied(Box::new(apply(&deployment, options, state, listener)))
            }
            Job::Rollback(options, versions) => {
                Came::RolledBack(rollback(&deployment, options, versions, state, listener))
            }
            Job::Rights(options) => Came::Rights(missing_rights(&deployment, options).unwrap()),
        }
    }
}

enum Job<'a, 'o> {
    Apply(&'a Options<'o>),
    Rollback(&'a Options<'o>, &'a [Version]),
    Rights(&'a Options<'o>),
}

/// What came of a job.
enum Came {
    Applied(Box<Applied>),
    RolledBack(RolledBack),
    Rights(Vec<MissingRight>),
}

fn options<'a>() -> Options<'a> {
    Options::of(&Config::defaults("/app").set(None).unwrap().run)
}
