//! Reading a migration directory: the set, and everything that is wrong with it.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;
use std::sync::Arc;

use crate::allow::Allowed;
use crate::check;
use crate::checksum::normalise;
use crate::config::ServerVersion;
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::dialect::Dialect;
use crate::layout::{self, Layout, MigrationFiles, join};
use crate::listing;
use crate::lockfile::LockFile;
use crate::metadata;
use crate::migration::{Direction, Down, Migration};
use crate::rule;
use crate::rust_code::{self, WrongFunction};
use crate::script::Script;
use crate::script_file::{ScriptFile, Section, sections};
use crate::set::MigrationSet;
use crate::sql_checks::{CheckContext, SourceMigration, SqlChecks};
use crate::version::Version;

/// The largest file that is read, in bytes: 64 MiB. A script is held in memory as a whole, by the
/// compiler too where it is embedded.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// What to read a directory as.
#[derive(Clone, Copy, Debug)]
pub struct ReadOptions<'a> {
    /// The dialect of the scripts.
    pub dialect: Dialect,
    /// Names that are no migrations; see [`list`](listing::list).
    pub ignore: &'a [String],
    /// How messages name the directory; by default as it was given.
    pub shown_as: Option<&'a str>,
    /// What vouches for frozen migrations, so that they are only read, not checked, where they are
    /// unchanged.
    pub vouched: Option<&'a LockFile>,
    /// Checks that understand SQL.
    pub sql: Option<&'a dyn SqlChecks>,
    /// The oldest server that the scripts have to run on, for these checks.
    pub server: Option<ServerVersion>,
    /// SQL functions that the app registers, for these checks.
    pub functions: &'a [String],
}

impl ReadOptions<'_> {
    /// Options that ignore nothing and vouch for nothing.
    pub fn new(dialect: Dialect) -> Self {
        ReadOptions {
            dialect,
            ignore: &[],
            shown_as: None,
            vouched: None,
            sql: None,
            server: None,
            functions: &[],
        }
    }
}

/// A file with Rust code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustFile {
    /// The migration that it belongs to.
    pub version: Version,
    /// Whether it is part of the way up or down.
    pub direction: Direction,
    /// The file.
    pub path: PathBuf,
    /// Whether it declares `REPEATABLE`, so that it may say that it can be run again.
    pub declares_repeatable: bool,
}

/// What a directory holds.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The migrations that could be read, also where something is wrong with them.
    pub set: MigrationSet,
    /// The layout; `None` where there is no migration.
    pub layout: Option<Layout>,
    /// Everything that was found, at the rules' own levels.
    pub diagnostics: Vec<Diagnostic>,
    /// What `-- migrate:allow` accepts, at the rules' own levels.
    pub allowed: Vec<Allowed>,
    /// Every file that was read, because its content matters.
    pub files: Vec<PathBuf>,
    /// The sorted paths of [`list_paths`](listing::list_paths).
    pub entries: Vec<String>,
    /// The files with Rust code that can be called, in the order of versions.
    pub rust: Vec<RustFile>,
    /// Versions that are there but could not be read, and so are not in the set.
    pub unreadable: Vec<Version>,
    /// The migrations of the set as their files have them, in the order of versions.
    pub sources: Vec<SourceMigration>,
}

/// Reads and checks the migrations in a directory. Never fails: what is wrong is among the
/// [diagnostics](Reading::diagnostics), all of it.
///
/// ```
/// # let dir = tempfile::tempdir().unwrap();
/// # std::fs::write(dir.path().join("1_users.sql"), "CREATE TABLE users (id int);").unwrap();
/// use migrate_core::directory::{self, ReadOptions};
/// use migrate_core::Dialect;
/// let reading = directory::read(dir.path(), &ReadOptions::new(Dialect::Sqlite));
/// assert!(reading.diagnostics.is_empty());
/// assert_eq!(reading.set.migrations()[0].to_string(), "1_users");
/// ```
pub fn read(dir: &Path, options: &ReadOptions<'_>) -> Reading {
    let shown = options
        .shown_as
        .map_or_else(|| dir.display().to_string(), str::to_owned);
    let mut reader = Reader {
        dir,
        shown: &shown,
        options,
        diagnostics: Vec::new(),
        allowed: Vec::new(),
        files: Vec::new(),
        rust: Vec::new(),
        unreadable: Vec::new(),
    };
    let entries = match listing::list(dir, options.ignore) {
        Ok(entries) => entries,
        Err(error) => {
            reader.diagnostics.push(no_directory(dir, &shown, &error));
            return reader.finish(Vec::new(), Vec::new(), None, Vec::new());
        }
    };
    let grouped = layout::group(&entries, &shown);
    reader.diagnostics = grouped.diagnostics;
    if grouped.migrations.is_empty() && reader.diagnostics.is_empty() {
        reader.diagnostics.push(
            Diagnostic::new(
                &rule::NO_MIGRATIONS,
                "the migration directory has no migration",
            )
            .at_path(&shown)
            .help("write the first one with `migrate new <name>`"),
        );
    }
    let mut found = std::mem::take(&mut reader.diagnostics);
    let (mut read, mut sources, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for files in &grouped.migrations {
        if let Some((migration, source)) = reader.migration(files) {
            read.push(migration);
            sources.push((source, files.layout));
            findings.push(std::mem::take(&mut reader.diagnostics));
        } else {
            found.append(&mut reader.diagnostics);
        }
    }
    reader.diagnostics = found;
    let sources = reader.judge(sources, findings);
    if let Some(layout) = grouped.layout {
        reader.missing_downs(layout, &read);
    }
    reader.finish(read, sources, grouped.layout, listing::paths(&entries))
}

fn no_directory(dir: &Path, shown: &str, error: &io::Error) -> Diagnostic {
    let message = match error.kind() {
        io::ErrorKind::NotFound => "the migration directory does not exist".to_owned(),
        io::ErrorKind::NotADirectory => "the migration directory is not a directory".to_owned(),
        _ if dir.is_file() => "the migration directory is a file".to_owned(),
        _ => format!("the migration directory cannot be read: {error}"),
    };
    Diagnostic::new(&rule::DIRECTORY, message)
        .at_path(shown)
        .help("write the first migration with `migrate new <name>`, or set `dir` in migrate.toml")
}

struct Reader<'a> {
    dir: &'a Path,
    shown: &'a str,
    options: &'a ReadOptions<'a>,
    diagnostics: Vec<Diagnostic>,
    allowed: Vec<Allowed>,
    files: Vec<PathBuf>,
    rust: Vec<RustFile>,
    unreadable: Vec<Version>,
}

impl Reader<'_> {
    fn finish(
        self,
        migrations: Vec<Migration>,
        sources: Vec<SourceMigration>,
        layout: Option<Layout>,
        entries: Vec<String>,
    ) -> Reading {
        let dialect = self.options.dialect;
        // Grouping by version has made versions unique, so there is nothing to lose.
        let set =
            MigrationSet::new(dialect, migrations).unwrap_or_else(|_| MigrationSet::empty(dialect));
        Reading {
            set,
            layout,
            diagnostics: self.diagnostics,
            allowed: self.allowed,
            files: self.files,
            entries,
            rust: self.rust,
            unreadable: self.unreadable,
            sources,
        }
    }

    /// Reads one migration; `None` where a file of it cannot be read.
    fn migration(&mut self, files: &MigrationFiles) -> Option<(Migration, SourceMigration)> {
        let read = self.try_migration(files);
        if read.is_none() {
            self.unreadable.push(files.version.clone());
        }
        read
    }

    fn try_migration(&mut self, files: &MigrationFiles) -> Option<(Migration, SourceMigration)> {
        let transaction = match &files.metadata {
            Some(path) => {
                let (transaction, findings) = metadata::read(self.source(path)?);
                self.diagnostics.extend(findings);
                transaction
            }
            None => true,
        };
        let (up, down) = if files.layout == Layout::SingleFiles {
            let source = self.source(files.up.as_deref()?)?;
            let (up, down, problems) = sections(&source, self.options.dialect);
            self.diagnostics.extend(problems);
            let file = |section| ScriptFile::new(&source, section, self.options.dialect, None);
            (file(up), down.map(file))
        } else {
            let up = self.script(files, Direction::Up, transaction);
            let down = self.script(files, Direction::Down, transaction);
            (up??, down?)
        };
        Some(self.assemble(files, up, down))
    }

    /// One direction; the outer `None` where it cannot be read, the inner where it has no file.
    fn script(
        &mut self,
        files: &MigrationFiles,
        direction: Direction,
        transaction: bool,
    ) -> Option<Option<ScriptFile>> {
        let (sql, code) = match direction {
            Direction::Up => (&files.up, &files.up_rust),
            Direction::Down => (&files.down, &files.down_rust),
        };
        let Some(first) = sql.as_ref().or(code.as_ref()) else {
            return Some(None);
        };
        let source = match sql {
            Some(path) => Some(self.source(path)?),
            None => None,
        };
        let tokens = match code {
            Some(path) => Some(self.rust_tokens(path, files, direction)?),
            None => None,
        };
        // Rust code alone is a script without statements.
        let source = source.unwrap_or_else(|| {
            Arc::new(SourceFile {
                path: join(self.shown, first),
                text: String::new(),
            })
        });
        let section = Section::whole(direction, &source.text, transaction);
        Some(Some(ScriptFile::new(
            &source,
            section,
            self.options.dialect,
            tokens,
        )))
    }

    fn rust_tokens(
        &mut self,
        path: &str,
        files: &MigrationFiles,
        direction: Direction,
    ) -> Option<String> {
        let source = self.source(path)?;
        let tokens = match rust_code::tokens(&source.text) {
            Ok(tokens) => tokens,
            Err(error) => {
                self.diagnostics.push(
                    Diagnostic::new(&rule::BAD_RUST, error.to_string()).at(&source, error.span, ""),
                );
                return None;
            }
        };
        match rust_code::inspect(&source.text, direction, self.options.dialect) {
            Ok(declares_repeatable) => self.rust.push(RustFile {
                version: files.version.clone(),
                direction,
                path: self.dir.join(path),
                declares_repeatable,
            }),
            Err(WrongFunction {
                message,
                help,
                span,
            }) => {
                let finding = Diagnostic::new(&rule::BAD_RUST, message).help(help);
                self.diagnostics.push(match span {
                    Some(span) => finding.at(&source, span, ""),
                    None => finding.at_path(&source.path),
                });
            }
        }
        Some(tokens)
    }

    fn assemble(
        &mut self,
        files: &MigrationFiles,
        up: ScriptFile,
        down: Option<ScriptFile>,
    ) -> (Migration, SourceMigration) {
        let reason = check::irreversible(&up, down.as_ref(), &mut self.diagnostics);
        self.diagnostics.extend(up.problems.iter().cloned());
        self.diagnostics
            .extend(down.iter().flat_map(|down| down.problems.iter().cloned()));
        let migration = Migration {
            version: files.version.clone(),
            name: Cow::Owned(files.name.clone()),
            up: script_of(&up),
            down: match (&down, reason) {
                (_, Some(reason)) => Down::Irreversible {
                    reason: Cow::Owned(reason),
                },
                (Some(down), None) => Down::Script(script_of(down)),
                (None, None) => Down::Missing,
            },
        };
        let source = SourceMigration {
            version: files.version.clone(),
            name: files.name.clone(),
            up,
            down,
            irreversible: matches!(migration.down, Down::Irreversible { .. }),
            vouched: self
                .options
                .vouched
                .is_some_and(|lock| lock.vouches_for(&migration)),
        };
        (migration, source)
    }

    /// Judges all scripts but those that the lock file vouches for. `found` is what was found while
    /// each migration was read.
    fn judge(
        &mut self,
        migrations: Vec<(SourceMigration, Layout)>,
        found: Vec<Vec<Diagnostic>>,
    ) -> Vec<SourceMigration> {
        let (sources, layouts): (Vec<SourceMigration>, Vec<Layout>) =
            migrations.into_iter().unzip();
        let mut sql = Vec::new();
        if let Some(checks) = self.options.sql {
            let context = CheckContext {
                dialect: self.options.dialect,
                server: self.options.server,
                functions: self.options.functions,
            };
            sql = checks.check(&sources, context);
            sql.sort_by_key(|finding| (finding.migration, finding.direction));
        }
        let mut sql = sql.into_iter().peekable();
        for (index, ((source, layout), found)) in sources.iter().zip(layouts).zip(found).enumerate()
        {
            self.diagnostics.extend(found);
            let cx = check::Context {
                dialect: self.options.dialect,
                layout,
                irreversible: source.irreversible,
            };
            for script in [Some(&source.up), source.down.as_ref()]
                .into_iter()
                .flatten()
            {
                let place = (index, script.direction);
                let mut findings = Vec::new();
                while let Some(finding) =
                    sql.next_if(|finding| (finding.migration, finding.direction) <= place)
                {
                    findings.push(finding.diagnostic);
                }
                if !source.vouched {
                    let found = check::script(script, cx, findings, &mut self.allowed);
                    self.diagnostics.extend(found);
                }
            }
        }
        sources
    }

    /// Finds migrations without a way down, unless the whole set has none and may.
    fn missing_downs(&mut self, layout: Layout, migrations: &[Migration]) {
        let has_down = |migration: &Migration| matches!(migration.down, Down::Script(_));
        if layout.may_be_up_only() && !migrations.iter().any(has_down) {
            return;
        }
        let vouched = |migration| {
            self.options
                .vouched
                .is_some_and(|lock| lock.vouches_for(migration))
        };
        for migration in migrations {
            if matches!(migration.down, Down::Missing) && !vouched(migration) {
                let finding = Diagnostic::new(
                    &rule::MISSING_DOWN,
                    format!("migration `{migration}` has no down script"),
                )
                .at_path(migration.up.path.as_ref())
                .help("write one, or say `-- migrate:irreversible <reason>` in the up script");
                self.diagnostics.push(finding);
            }
        }
    }

    /// Reads a file whose content matters; `None`, with a finding, where that fails.
    fn source(&mut self, path: &str) -> Option<Arc<SourceFile>> {
        let (file, shown) = (self.dir.join(path), join(self.shown, path));
        // Room for most scripts, so that one is read with one call.
        let mut bytes = Vec::with_capacity(4096);
        // One byte more than is allowed tells a file that is too long from one that just fits.
        let read = File::open(&file)
            .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
        let finding = match read {
            Err(error) => Diagnostic::new(
                &rule::UNREADABLE,
                format!("the file cannot be read: {error}"),
            ),
            Ok(_) if bytes.len() as u64 > MAX_FILE_BYTES => Diagnostic::new(
                &rule::UNREADABLE,
                format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20),
            )
            .help("split it into several migrations, or load bulk data with a program of its own"),
            Ok(_) => match String::from_utf8(bytes) {
                Ok(text) => {
                    let mut text = match normalise(&text) {
                        Cow::Borrowed(same) if same.len() == text.len() => text,
                        other => other.into_owned(),
                    };
                    // The room for most scripts is several times what most of them are.
                    text.shrink_to_fit();
                    self.files.push(file);
                    return Some(Arc::new(SourceFile { path: shown, text }));
                }
                Err(error) => not_utf8(&error),
            },
        };
        self.diagnostics.push(finding.at_path(shown));
        None
    }
}

fn not_utf8(error: &FromUtf8Error) -> Diagnostic {
    let valid = error.utf8_error().valid_up_to();
    let before = error.as_bytes().get(..valid).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let finding = Diagnostic::new(
        &rule::NOT_UTF8,
        format!("the file is not UTF-8: line {line} has a byte that cannot be read"),
    );
    match error.as_bytes() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => finding.help("it is UTF-16; save it as UTF-8"),
        _ => finding.help("save it as UTF-8"),
    }
}

fn script_of(file: &ScriptFile) -> Script {
    Script {
        path: Cow::Owned(file.source.path.clone()),
        sql: Cow::Owned(file.text.clone()),
        checksum: file.checksum(),
        transaction: file.transaction,
        rust: file.rust.is_some(),
    }
}
