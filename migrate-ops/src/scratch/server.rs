//! Starting a server, and making databases on it.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use migrate_core::Dialect;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::Runtime;

use super::folder::Folder;
use super::process::{self, Process};
use super::{ScratchError, mysql, postgres, programs};
use crate::connect::{ConnectError, DatabaseUrl, Engine, Open};

/// Linux allows 107 bytes, macOS and the BSDs 103.
const LONGEST_SOCKET: usize = 103;
/// Holds the URL of a copy that is kept.
const URL_FILE: &str = "url";
/// How long a server may take to answer for the first time.
const START: Duration = Duration::from_secs(60);

/// How a server is started. The default is in the system's place for temporary files, with the
/// programs that are found.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where its folder is made, as the copy may be large; the system's place for temporary files
    /// where it is `None`. Where this process is root, `nobody` has to be able to get there.
    pub parent: Option<PathBuf>,
    /// Directories of the server's programs, instead of `PATH` and the usual places.
    pub programs: Vec<PathBuf>,
    /// The major version to prefer where several are installed (PostgreSQL).
    pub major: Option<u32>,
    /// Settings besides its own, as in `postgresql.conf` or after `mariadbd --`.
    pub settings: Vec<(String, String)>,
}

/// Who logs in.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

/// A private server, or for SQLite a folder; stopped and removed when dropped.
///
/// ```
/// use diesel::sqlite::Sqlite;
/// use migrate_ops::connect::runtime;
/// use migrate_ops::scratch::{Options, server};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = runtime()?;
/// let scratch = server::<Sqlite>(&Options::default(), &runtime)?;
/// let copy = scratch.create_database::<Sqlite>("copy", &runtime)?;
/// let file = copy.file().map(|file| file.to_owned());
/// drop(scratch);
/// assert!(file.is_some_and(|file| !file.exists()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ScratchServer {
    // Ends before its folder goes.
    pub(super) process: Option<(Process, &'static str)>,
    pub(super) folder: Folder,
    pub(super) url: DatabaseUrl,
    pub(super) version: String,
    pub(super) settings: Vec<(String, String)>,
}

/// A server that was left running, or for SQLite a folder that was left.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its folder, which only its owner and root can enter.
    pub folder: PathBuf,
    /// The file in it that holds the URL of the copy, with the password.
    pub url_file: PathBuf,
    /// The command that removes all of it.
    pub remove: String,
}

/// Starts a private server for copies of a database.
///
/// # Errors
/// Where the server's programs are not on this machine, or it does not start.
pub fn server<DB: Engine>(
    options: &Options,
    runtime: &Runtime,
) -> Result<ScratchServer, ScratchError> {
    let parent = options.parent.clone().unwrap_or_else(std::env::temp_dir);
    let is_file = DB::DIALECT == Dialect::Sqlite;
    let folder = Folder::make(&parent, !is_file)?;
    if is_file {
        return Ok(ScratchServer {
            process: None,
            url: file(folder.path(), "main")?,
            folder,
            version: "SQLite".to_owned(),
            settings: Vec::new(),
        });
    }
    let login = Login {
        // The roles of a copy are made beside it.
        user: "migrate_scratch".to_owned(),
        password: process::password()?,
    };
    let (process, program, url, settings) = match DB::DIALECT {
        Dialect::Mysql => {
            let socket = short(mysql::socket(folder.path()))?;
            let programs = mysql::find(&options.programs)?;
            mysql::make(&folder, &programs, &login)?;
            let settings = mysql::settings(&options.settings);
            let command = mysql::command(&folder, &programs, &settings);
            let process = Process::start(&folder, command, mysql::SIGNAL)?;
            let url = format!(
                "mysql://{}:{}@localhost/mysql?ssl-mode=disabled&socket={}",
                login.user,
                login.password,
                encoded(&socket)
            );
            ((process, mysql::SIGNAL), programs.server, url, settings)
        }
        _ => {
            short(postgres::socket(folder.path()))?;
            let program = postgres::find(&options.programs, options.major)?;
            postgres::make(&folder, &program, &login)?;
            let settings = postgres::settings(&options.settings);
            let command = postgres::command(&folder, &program, &settings);
            let process = Process::start(&folder, command, postgres::SIGNAL)?;
            let url = format!(
                "postgres://{}:{}@{}/postgres",
                login.user,
                login.password,
                encoded(folder.path())
            );
            ((process, postgres::SIGNAL), program, url, settings)
        }
    };
    let mut server = ScratchServer {
        process: Some(process),
        folder,
        url: DatabaseUrl::parse(&url).map_err(ConnectError::from)?,
        version: programs::version(&program).unwrap_or_default(),
        settings,
    };
    server.wait::<DB>(runtime, &program)?;
    Ok(server)
}

impl ScratchServer {
    /// Leaves it running when this process ends, with its folder. `copy` is the database on it that
    /// is of interest; its URL is written into a file in the folder, since it has the password.
    ///
    /// # Errors
    /// Where the file cannot be written; then all of it goes.
    pub fn keep(mut self, copy: &DatabaseUrl) -> Result<Kept, ScratchError> {
        process::secret(&self.folder, URL_FILE, &(copy.with_password() + "\n"))?;
        let server = match self.process.take() {
            Some((process, signal)) => {
                let pid = process
                    .keep()
                    .map_err(ScratchError::io("cannot keep", "the server"))?;
                Some((pid, signal))
            }
            None => None,
        };
        let folder = self.folder.keep()?;
        let quoted = format!("'{}'", folder.display().to_string().replace('\'', "'\\''"));
        let remove = match server {
            Some((pid, signal)) => format!("kill -{signal} {pid} && sleep 1 && rm -rf {quoted}"),
            None => format!("rm -rf {quoted}"),
        };
        Ok(Kept {
            url_file: folder.join(URL_FILE),
            folder,
            remove,
        })
    }

    /// The server's own database, to manage it.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// What its program says of its version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The settings that it was started with. They are those of a server that does not wait for
    /// the disk, which matters to whoever measures on it.
    pub fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// Its folder, which others cannot enter; files beside a copy may be kept there.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The URL of a database on it that need not be there.
    ///
    /// # Errors
    /// Where the path of a file is no URL.
    pub fn url_of<DB: Engine>(&self, name: &str) -> Result<DatabaseUrl, ScratchError> {
        match DB::DIALECT {
            Dialect::Sqlite => file(self.folder.path(), name),
            _ => Ok(self.url.with_database(Some(name))),
        }
    }

    /// Makes an empty database.
    ///
    /// # Errors
    /// What the server says.
    pub fn create_database<DB: Engine>(
        &self,
        name: &str,
        runtime: &Runtime,
    ) -> Result<DatabaseUrl, ScratchError> {
        let url = self.url_of::<DB>(name)?;
        if DB::DIALECT == Dialect::Sqlite {
            drop(DB::connect(&url, Open::Create, runtime)?);
            return Ok(url);
        }
        let quoted = DB::DIALECT.quote_identifier(name);
        self.execute::<DB>(
            &format!("CREATE DATABASE {quoted}"),
            || format!("make the database `{name}`"),
            runtime,
        )?;
        Ok(url)
    }

    /// Runs SQL on its own database.
    fn execute<DB: Engine>(
        &self,
        sql: &str,
        doing: impl FnOnce() -> String,
        runtime: &Runtime,
    ) -> Result<(), ScratchError> {
        let mut connection = DB::connect(&self.url, Open::Existing, runtime)?.connection;
        connection
            .batch_execute(sql)
            .map_err(|source| ScratchError::Sql {
                doing: doing(),
                source,
            })
    }

    /// Waits until it answers.
    fn wait<DB: Engine>(&mut self, runtime: &Runtime, program: &Path) -> Result<(), ScratchError> {
        let begun = Instant::now();
        loop {
            let source = match DB::connect(&self.url, Open::Existing, runtime) {
                Ok(_) => return Ok(()),
                Err(source) => source,
            };
            let process = self.process.as_mut();
            if process.is_some_and(|(process, _)| process.has_ended()) {
                return Err(ScratchError::Failed {
                    program: program.to_owned(),
                    said: process::last_words(&self.folder),
                });
            }
            if begun.elapsed() > START {
                return Err(ScratchError::NoAnswer {
                    said: process::last_words(&self.folder),
                    source,
                });
            }
            thread::sleep(Duration::from_millis(30));
        }
    }
}

fn file(folder: &Path, name: &str) -> Result<DatabaseUrl, ScratchError> {
    let path = folder.join(format!("{name}.db"));
    let url = format!("sqlite://{}", encoded(&path));
    Ok(DatabaseUrl::parse(&url).map_err(ConnectError::from)?)
}

pub(super) fn short(socket: PathBuf) -> Result<PathBuf, ScratchError> {
    match socket.as_os_str().len() <= LONGEST_SOCKET {
        true => Ok(socket),
        false => Err(ScratchError::LongPath { path: socket }),
    }
}

pub(super) fn encoded(path: &Path) -> String {
    utf8_percent_encode(&path.to_string_lossy(), NON_ALPHANUMERIC).to_string()
}
