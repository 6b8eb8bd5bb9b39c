//! The outermost layer: arguments in, exit code out.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use clap::{CommandFactory, FromArgMatches};
use diesel::QueryResult;
use diesel::sqlite::{Sqlite, SqliteConnection};
use migrate_ops::connect::Engine;
use migrate_runtime::{Code, Migrations};

use crate::cli::{Cli, Command, DatabaseCommand, Format};
use crate::commands::{self, Work};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::interrupt::{Ending, Interrupt};
use crate::output::{Annotations, Kind, Printer, failure};
use crate::project;
use crate::source::{Directory, Embedded, Source};

/// The `migrate` command: reads the arguments of the process, does what they say, and returns the
/// exit code for `main` to return.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     migrate_cli::main()
/// }
/// ```
pub fn main() -> ExitCode {
    run(Directory, "migrate".to_owned()).into()
}

/// The same command for an app's own program: `up`, `down`, `status` and the other commands that
/// need a database run the embedded migrations, Rust code included. `new`, `check` and `lock` work
/// on the migration directory as in [`main`].
///
/// ```no_run
/// use migrate_runtime::{Code, Migrations};
/// # fn app<K: Code<migrate_runtime::diesel::sqlite::Sqlite>>(
/// #     migrations: Migrations<migrate_runtime::diesel::sqlite::Sqlite, K>,
/// # ) -> std::process::ExitCode {
/// // In an app: migrate_runtime::embed_migrations!(); and then, in `main`,
/// // migrate_cli::main_with(migrations::MIGRATIONS)
/// migrate_cli::main_with(migrations)
/// # }
/// ```
pub fn main_with<DB: Engine, K: Code<DB>>(migrations: Migrations<DB, K>) -> ExitCode {
    App::new(migrations).main()
}

/// The command for an app's own program, where [`main_with`] is not enough.
pub struct App<DB: Engine, K> {
    source: Embedded<DB, K>,
}

impl<DB: Engine, K> fmt::Debug for App<DB, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl<K: Code<Sqlite>> App<Sqlite, K> {
    /// Makes every connection ready before anything is run on it: registers the functions that
    /// migrations call, for one. An error is the end of the command; nothing was run then.
    ///
    /// ```no_run
    /// use migrate_runtime::diesel::{self, sqlite::Sqlite};
    /// # use migrate_runtime::{Code, Migrations};
    /// #[diesel::declare_sql_function]
    /// extern "SQL" {
    ///     fn shout(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
    /// }
    ///
    /// # fn app<K: Code<Sqlite>>(migrations: Migrations<Sqlite, K>) -> std::process::ExitCode {
    /// migrate_cli::App::new(migrations)
    ///     .on_connect(|conn| shout_utils::register_impl(conn, |text: String| text.to_uppercase()))
    ///     .main()
    /// # }
    /// ```
    #[must_use]
    pub fn on_connect(
        mut self,
        ready: impl Fn(&mut SqliteConnection) -> QueryResult<()> + Send + Sync + 'static,
    ) -> Self {
        self.source.on_connect = Box::new(ready);
        self
    }
}

impl<DB: Engine, K: Code<DB>> App<DB, K> {
    /// The command around these migrations.
    pub fn new(migrations: Migrations<DB, K>) -> Self {
        let on_connect = Box::new(|_: &mut DB::Connection| Ok(()));
        App {
            source: Embedded {
                migrations,
                on_connect,
            },
        }
    }

    /// Reads the arguments of the process, does what they say, and returns the exit code for `main`
    /// to return.
    pub fn main(self) -> ExitCode {
        run(self.source, program_name()).into()
    }
}

/// How the program was called.
fn program_name() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&program)
        .file_stem()
        .map(|name| name.to_string_lossy().into_owned());
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "migrate".to_owned())
}

fn run(source: impl Source + Send + 'static, name: String) -> Exit {
    let cli = match parse(&name, std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and versions are data, mistakes are talk; clap knows which goes where.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Refused
            } else {
                Exit::Done
            };
        }
    };
    let (ending, endings) = mpsc::channel();
    let interrupt = Interrupt::new(ending.clone());
    let printer = Printer::new(&cli.global);
    let (command_name, program) = (json_name(&cli.command), name.clone());
    let context = Context {
        command: command_name,
        global: cli.global,
        printer: printer.clone(),
        interrupt,
    };
    // The command runs on a thread of its own, so that it can be abandoned where it does not end.
    let worker = thread::spawn(move || {
        let outcome = command(&context, &source, &cli.command);
        context.printer.set_bar(None);
        let exit =
            outcome.unwrap_or_else(|error| tell(&context.printer, context.command, &name, &error));
        // Nobody receives where the command was abandoned.
        let _ = ending.send(Ending::Finished(exit));
    });
    match endings.recv() {
        Ok(Ending::Finished(exit)) => {
            // It has ended; a panic in its last breath would change nothing.
            let _ = worker.join();
            exit
        }
        Ok(Ending::Abandoned) => {
            printer.set_bar(None);
            tell(&printer, command_name, &program, &CommandError::Abandoned)
        }
        // The thread panicked, and the panic hook has said so.
        Err(_) => Exit::Failed,
    }
}

fn parse(name: &str, arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let command = Cli::command()
        .display_name(name.to_owned())
        .bin_name(name.to_owned());
    Cli::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

fn command(
    context: &Context,
    source: &impl Source,
    command: &Command,
) -> Result<Exit, CommandError> {
    let of_check = match context.printer.format() {
        Format::Human | Format::Json => None,
        Format::Sarif => Some("sarif"),
        Format::Github => Some("github"),
    };
    if let Some(format) = of_check
        && !matches!(command, Command::Check(args) if args.explain.is_none())
    {
        return Err(CommandError::FormatOfCheck { format });
    }
    let work = match command {
        Command::New(args) => return commands::new(context, args),
        Command::Check(args) => return commands::check(context, args),
        Command::Schema(args) => return commands::schema(context, args),
        Command::Lock(args) => return commands::lock(context, args),
        Command::Diff(args) => return commands::diff(context, args),
        Command::Report(args) => {
            return commands::report(context, &source.configuration(context)?, args);
        }
        Command::Database(DatabaseCommand::Create(args)) => return commands::create(context, args),
        Command::Database(DatabaseCommand::Drop(args)) => return commands::drop(context, args),
        Command::Database(DatabaseCommand::Reset(args)) => Work::Reset(args),
        Command::Status(args) => Work::Status(args),
        Command::Up(args) => Work::Up(args),
        Command::Rehearse(args) => Work::Rehearse(args),
        Command::Run(args) => Work::Run(args),
        Command::Down(args) => Work::Down(args),
        Command::Redo(args) => Work::Redo(args),
        Command::Resume(args) => Work::Resume(args),
        Command::Baseline(args) => Work::Baseline(args),
        Command::Adopt(args) => Work::Adopt(args),
        Command::Verify(args) => Work::Verify(args),
        Command::Drift(args) => Work::Drift(args),
        Command::Plan(args) => Work::Plan(args),
        Command::Backup(args) => Work::Backup(args),
        Command::Restore(args) => Work::Restore(args),
        Command::Validate(args) => Work::Validate(args),
    };
    let config = source.configuration(context)?;
    let url = project::required_url(&context.global, &config)?;
    source.run(context, &config, &url, work)
}

/// Says why the command stopped.
fn tell(printer: &Printer, command: &str, program: &str, error: &CommandError) -> Exit {
    let exit = error.exit();
    match printer.format() {
        Format::Json => {
            // The exit code is right even where nobody reads the object.
            let _ = printer.data(&failure(command, error));
        }
        format => {
            let document = match format {
                _ if matches!(error, CommandError::FormatOfCheck { .. }) => None,
                Format::Sarif => Some(Annotations::of_error(error).sarif(exit)),
                Format::Github => Some(Annotations::of_error(error).github()),
                _ => None,
            };
            if let Some(document) = document {
                let _ = printer.data(&document);
            }
            if !error.diagnostics().is_empty() {
                printer.say_findings(error.diagnostics());
            }
            printer.say(Kind::Error, &error.to_string());
            for cause in error.causes() {
                printer.say(Kind::Cause, &cause);
            }
            if let Some(next) = error.next() {
                printer.say(
                    Kind::Next,
                    &next.replace("migrate ", &format!("{program} ")),
                );
            }
        }
    }
    exit
}

/// The command as JSON names it.
fn json_name(command: &Command) -> &'static str {
    match command {
        Command::New(_) => "new",
        Command::Check(_) => "check",
        Command::Schema(_) => "schema",
        Command::Lock(_) => "lock",
        Command::Status(_) => "status",
        Command::Up(_) => "up",
        Command::Rehearse(_) => "rehearse",
        Command::Run(_) => "run",
        Command::Down(_) => "down",
        Command::Redo(_) => "redo",
        Command::Resume(_) => "resume",
        Command::Baseline(_) => "baseline",
        Command::Adopt(_) => "adopt",
        Command::Verify(_) => "verify",
        Command::Drift(_) => "drift",
        Command::Plan(_) => "plan",
        Command::Backup(_) => "backup",
        Command::Restore(_) => "restore",
        Command::Validate(_) => "validate",
        Command::Report(_) => "report",
        Command::Diff(_) => "diff",
        Command::Database(DatabaseCommand::Create(_)) => "database create",
        Command::Database(DatabaseCommand::Drop(_)) => "database drop",
        Command::Database(DatabaseCommand::Reset(_)) => "database reset",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_may_stand_anywhere() {
        for line in [
            "migrate --dir x status --check",
            "migrate status --check --dir x",
        ] {
            let cli = parse("migrate", line.split(' ').map(OsString::from)).unwrap();
            assert_eq!(cli.global.dir.as_deref(), Some(Path::new("x")));
        }
    }
}
