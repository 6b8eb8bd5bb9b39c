//! Projects in temporary directories, and the command run in them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A directory with migrations.
pub(crate) struct Project {
    dir: TempDir,
    program: &'static str,
}

/// What a run of the command left behind.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// An empty one, for SQLite.
    pub(crate) fn new() -> Self {
        let project = Project::for_dialect("sqlite");
        project.write("migrate.toml", "dialect = \"sqlite\"\n");
        project
    }

    /// An empty one without configuration but the dialect.
    pub(crate) fn for_dialect(dialect: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let project = Project {
            dir,
            program: env!("CARGO_BIN_EXE_migrate-command"),
        };
        project.write("migrate.toml", &format!("dialect = \"{dialect}\"\n"));
        project
    }

    /// An empty one in which the app with embedded migrations runs.
    pub(crate) fn of_embedded_app() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Project {
            dir,
            program: env!("CARGO_BIN_EXE_embedded-app"),
        }
    }

    /// An empty one in which the app with a function for SQLite runs.
    pub(crate) fn of_function_app() -> Self {
        Project {
            program: env!("CARGO_BIN_EXE_function-app"),
            ..Project::of_embedded_app()
        }
    }

    /// Two tables, up and down.
    pub(crate) fn bookshop() -> Self {
        let project = Project::new();
        project.migration(
            "1_authors",
            "CREATE TABLE authors (id INTEGER PRIMARY KEY);",
            "DROP TABLE authors;",
        );
        project.migration(
            "2_books",
            "CREATE TABLE books (id INTEGER PRIMARY KEY);",
            "DROP TABLE books;",
        );
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a written file");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.join(path)).expect("a readable file")
    }

    pub(crate) fn migration(&self, name: &str, up: &str, down: &str) {
        self.write(&format!("migrations/{name}/up.sql"), up);
        self.write(&format!("migrations/{name}/down.sql"), down);
    }

    /// The command in this directory, on `app.db`, without anything of this machine's environment
    /// that it reads.
    pub(crate) fn command(&self, line: &str) -> Command {
        self.command_of(line.split_whitespace())
    }

    pub(crate) fn command_of<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(self.program);
        command
            .args(arguments)
            .current_dir(self.path())
            .env("DATABASE_URL", "sqlite://app.db")
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command line whose arguments hold no spaces.
    pub(crate) fn run(&self, line: &str) -> Ran {
        ran(&mut self.command(line))
    }

    /// Runs and expects exit code 0.
    pub(crate) fn done(&self, line: &str) -> Ran {
        self.run(line).expect_done(line)
    }

    /// Runs on another database.
    pub(crate) fn run_on(&self, url: &str, line: &str) -> Ran {
        ran(self.command(line).env("DATABASE_URL", url))
    }

    /// Runs on another database and expects exit code 0.
    pub(crate) fn done_on(&self, url: &str, line: &str) -> Ran {
        self.run_on(url, line).expect_done(line)
    }

    /// Starts a command with pipes.
    pub(crate) fn start(&self, command: &mut Command) -> Child {
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a started command")
    }

    /// Runs command lines and writes down all that they say, without what differs from run to run.
    pub(crate) fn transcript(&self, lines: &[&str]) -> String {
        let mut text = String::new();
        for line in lines {
            let Ran {
                code,
                stdout,
                stderr,
            } = self.run(line);
            text.push_str(&format!("$ migrate {line}\n"));
            for (stream, said) in [("out", stdout), ("err", stderr)] {
                for said in self.steady(&said).lines() {
                    text.push_str(&format!("{stream} | {said}\n"));
                }
            }
            text.push_str(&format!("exit {}\n\n", code.expect("an exit code")));
        }
        text
    }

    /// The text without the project's path, times and durations.
    pub(crate) fn steady(&self, text: &str) -> String {
        let path = self.path().display().to_string();
        let text = text.replace(&path, "<project>");
        let mut steady = String::new();
        for word in text.split_inclusive([' ', '\n', ',']) {
            let core = word.trim_end_matches([' ', '\n', ',']);
            let end = &word[core.len()..];
            let bare = core.trim_matches(['"', '\'']);
            let shape: String = bare
                .chars()
                .map(|c| if c.is_ascii_digit() { '9' } else { c })
                .collect();
            match shape.as_str() {
                // The columns of a table are as wide as the times in them.
                "9999-99-99" => steady.push_str(&core.replace(bare, "<the date>")),
                "99:99:99" => steady.push_str(&core.replace(bare, "<time> ")),
                _ => steady.push_str(core),
            }
            steady.push_str(end);
        }
        without_durations(&steady)
    }
}

/// Replaces the number before ` ms)`, ` s)` and after `"milliseconds": `.
fn without_durations(text: &str) -> String {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut text = text.to_owned();
    for unit in [" ms)", " s)"] {
        let mut from = 0;
        while let Some(at) = text[from..].find(unit).map(|at| from + at) {
            let start = text[..at].trim_end_matches(is_number).len();
            text.replace_range(start..at + unit.len() - 1, "<duration>");
            from = start + 1;
        }
    }
    let key = "\"milliseconds\": ";
    let mut parts = text.split(key);
    let mut steady = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        steady.push_str(key);
        steady.push_str("<n>");
        steady.push_str(part.trim_start_matches(is_number));
    }
    steady
}

impl Ran {
    fn expect_done(self, line: &str) -> Self {
        assert_eq!(
            self.code,
            Some(0),
            "migrate {line}\n{}{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    command.output().expect("a command that starts").into()
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ran {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}
