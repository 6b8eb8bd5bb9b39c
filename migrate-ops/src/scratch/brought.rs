//! A private server on a data directory that comes from elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use tokio::runtime::Runtime;

use super::folder::Folder;
use super::process::{self, Process, secret};
use super::server::{Options, ScratchServer, encoded, short};
use super::{ScratchError, mysql, postgres, programs, system};
use crate::connect::{ConnectError, DatabaseUrl, Engine, Open};

/// How often a server that recovers is asked whether it is there.
const LOOK: Duration = Duration::from_millis(50);

/// A private folder for a data directory that comes from elsewhere, as from a backup; removed when
/// dropped, unless a server is started on it, which then goes with its folder.
#[derive(Debug)]
pub struct Brought {
    folder: Folder,
}

impl Brought {
    /// Makes the folder; [`data`](Brought::data) is not there yet.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn make(options: &Options) -> Result<Self, ScratchError> {
        let parent = options.parent.clone().unwrap_or_else(std::env::temp_dir);
        Ok(Brought {
            folder: Folder::make(&parent, true)?,
        })
    }

    /// Where the data directory has to be put.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts PostgreSQL on it and waits until it has recovered, however long that takes; `None` where
    /// `go_on` said that it should not go on.
    ///
    /// `user` is a role of the copy. Only the user of this process may log in, by its socket, and needs
    /// no password for it: the copy's own passwords are not known.
    pub(crate) fn start_postgres(
        self,
        named: Vec<PathBuf>,
        major: Option<u32>,
        user: &str,
        asked: Vec<(String, String)>,
        runtime: &Runtime,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<ScratchServer>, ScratchError> {
        let folder = self.folder;
        short(postgres::socket(folder.path()))?;
        let program = postgres::find(&named, major)?;
        let found = programs::version(&program).unwrap_or_default();
        if major.is_some() && postgres::major_in(&found) != major {
            return Err(ScratchError::OtherVersion {
                found,
                major: major.unwrap_or_default(),
            });
        }
        let us = system::our_name(folder.path())?;
        let mut settings = asked;
        for (name, setting, text) in [
            ("server.conf", "config_file", String::new()),
            (
                "hba.conf",
                "hba_file",
                "local all all peer map=migrate\n".to_owned(),
            ),
            (
                "ident.conf",
                "ident_file",
                format!("migrate \"{us}\" \"{user}\"\n"),
            ),
        ] {
            secret(&folder, name, &text)?;
            let path = folder.path().join(name);
            settings.push((setting.to_owned(), path.display().to_string()));
        }
        hand_over(&folder, &folder.path().join("data"))?;
        let settings = postgres::settings(&settings);
        let command = postgres::command(&folder, &program, &settings);
        let process = Process::start(&folder, command, postgres::SIGNAL)?;
        let process = (process, postgres::SIGNAL);
        let url = format!(
            "postgres://{}@{}/postgres",
            encoded(Path::new(user)),
            encoded(folder.path())
        );
        let server = ScratchServer {
            process: Some(process),
            url: DatabaseUrl::parse(&url).map_err(ConnectError::from)?,
            version: found,
            settings,
            folder,
        };
        wait::<Pg>(server, &program, runtime, go_on)
    }

    /// Starts MariaDB on it; `None` where `go_on` said that it should not go on. A user of our own is
    /// made on it, [`SCRATCH_USER`]: the copy's own passwords are not known.
    pub(crate) fn start_mariadb(
        self,
        named: &[PathBuf],
        asked: &[(String, String)],
        runtime: &Runtime,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<ScratchServer>, ScratchError> {
        let folder = self.folder;
        let socket = short(mysql::socket(folder.path()))?;
        let programs = mysql::find(named)?;
        let password = process::password()?;
        secret(
            &folder,
            "init.sql",
            // The password is made of digits and letters.
            &format!(
                "CREATE OR REPLACE USER {SCRATCH_USER} IDENTIFIED BY '{password}';\n\
                 GRANT ALL PRIVILEGES ON *.* TO {SCRATCH_USER} WITH GRANT OPTION;\n"
            ),
        )?;
        hand_over(&folder, &folder.path().join("data"))?;
        let settings = mysql::settings(asked);
        let command = mysql::command(&folder, &programs, &settings);
        let process = Process::start(&folder, command, mysql::SIGNAL)?;
        let process = (process, mysql::SIGNAL);
        let url = format!(
            "mysql://migrate_scratch:{password}@localhost/mysql?ssl-mode=disabled&socket={}",
            encoded(&socket)
        );
        let server = ScratchServer {
            process: Some(process),
            url: DatabaseUrl::parse(&url).map_err(ConnectError::from)?,
            version: programs::version(&programs.server).unwrap_or_default(),
            settings,
            folder,
        };
        wait::<Mysql>(server, &programs.server, runtime, go_on)
    }

    /// Stops a server of MariaDB in an orderly way, without the user that was made for it, and leaves
    /// what it was started on.
    pub(crate) fn stop_mariadb(
        mut server: ScratchServer,
        runtime: &Runtime,
    ) -> Result<Self, ScratchError> {
        let mut conn = Mysql::connect(&server.url, Open::Existing, runtime)?.connection;
        conn.batch_execute(&format!("DROP USER {SCRATCH_USER}"))
            .map_err(|source| ScratchError::Sql {
                doing: "drop the user that was made for it".to_owned(),
                source,
            })?;
        // It may hang up before it answers.
        let _ = conn.batch_execute("SHUTDOWN");
        let begun = Instant::now();
        while server
            .process
            .as_mut()
            .is_some_and(|(process, _)| !process.has_ended())
        {
            if begun.elapsed() > STOP {
                return Err(ScratchError::Failed {
                    program: "mariadbd".into(),
                    said: process::last_words(&server.folder),
                });
            }
            thread::sleep(LOOK);
        }
        let ScratchServer {
            process, folder, ..
        } = server;
        if let Some((process, _)) = process {
            process.let_go();
        }
        Ok(Brought { folder })
    }

    /// Gives the data directory to the user of this process, who may then do with it what they want.
    pub(crate) fn take_back(&self) -> Result<(), ScratchError> {
        if self.folder.user.is_none() {
            return Ok(());
        }
        let us = system::us(self.folder.path())?;
        give_all(&self.data(), us)
    }
}

/// How long a server may take to write down what it has in memory.
const STOP: Duration = Duration::from_secs(600);

/// Who logs in to a copy of a server of MariaDB.
const SCRATCH_USER: &str = "migrate_scratch@localhost";

fn wait<DB: Engine>(
    mut server: ScratchServer,
    program: &Path,
    runtime: &Runtime,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<ScratchServer>, ScratchError> {
    loop {
        if DB::connect(&server.url, Open::Existing, runtime).is_ok() {
            return Ok(Some(server));
        }
        let process = server.process.as_mut();
        if process.is_some_and(|(process, _)| process.has_ended()) {
            return Err(ScratchError::Failed {
                program: program.to_owned(),
                said: process::last_words(&server.folder),
            });
        }
        if !go_on() {
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

/// Gives a folder with all that is in it to the user of the server.
fn hand_over(folder: &Folder, path: &Path) -> Result<(), ScratchError> {
    match folder.user {
        None => Ok(()),
        user => give_all(path, user),
    }
}

fn give_all(path: &Path, user: Option<system::User>) -> Result<(), ScratchError> {
    fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> ScratchError + use<> {
        ScratchError::io("cannot hand over", path.to_owned())
    }
    let found = fs::symlink_metadata(path).map_err(failed(path))?;
    if found.is_dir() {
        for entry in fs::read_dir(path).map_err(failed(path))? {
            give_all(&entry.map_err(failed(path))?.path(), user)?;
        }
    }
    // A link may point out of the folder; what it points to is nobody's to give away.
    match found.is_symlink() {
        true => Ok(()),
        false => system::give(path, user).map_err(failed(path)),
    }
}
