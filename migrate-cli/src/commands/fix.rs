//! `migrate check --fix`.

mod diff;
mod write;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use diesel::pg::Pg;
use migrate_core::config::SetConfig;
use migrate_core::lockfile::{LineState, LockError, LockFile};
use migrate_core::project::Loaded;
use migrate_core::{
    CheckContext, Diagnostic, Dialect, Level, SourceMigration, Version, normalise, rule,
};
use migrate_ops::connect::{Engine, Open};
use migrate_runtime::{Migrator, SqlOnly};
use migrate_sql::fix::{Plan, Refused, Rewriting, plan};

use super::live;
use super::new;
use crate::context::Context;
use crate::error::CommandError;
use crate::output::{FindingJson, FixJson, Kind, Printer, RefusedJson, counted};
use crate::project;

/// What was rewritten, or would be.
pub(super) struct Fixes {
    dry_run: bool,
    files: Vec<File>,
    fixed: Vec<Diagnostic>,
    left: Vec<String>,
    refused: Vec<Refused>,
}

/// A file that becomes another.
struct File {
    path: PathBuf,
    shown: String,
    /// Its text so far; `None` where it is new.
    before: Option<String>,
    after: String,
}

/// Rewrites the migrations that may still change.
pub(super) fn fix(
    context: &Context,
    config: &SetConfig,
    loaded: &Loaded,
    dry_run: bool,
) -> Result<Fixes, CommandError> {
    new::lock_is_usable(loaded)?;
    let errors = errors(&loaded.diagnostics);
    if !errors.is_empty() {
        return Err(CommandError::Findings {
            what: "the migrations have errors, so none was rewritten",
            diagnostics: errors,
        });
    }
    let applied = applied(context, config, loaded)?;
    let may_change = |migration: &SourceMigration| {
        !applied.contains(&migration.version) && is_draft(loaded, &migration.version)
    };
    let checks = CheckContext {
        dialect: loaded.basis.dialect,
        server: config.server,
        functions: &config.functions,
    };
    let Plan {
        rewritings,
        refused,
    } = plan(&loaded.sources, checks, &config.levels, may_change);
    let mut fixes = Fixes {
        dry_run,
        files: Vec::new(),
        fixed: Vec::new(),
        left: Vec::new(),
        refused,
    };
    let mut drafts = Vec::new();
    for rewriting in rewritings {
        match rewritten(config, loaded, &rewriting, &may_change) {
            Ok((files, versions)) => {
                fixes.files.extend(files);
                drafts.extend(versions);
                fixes.fixed.extend(rewriting.fixed);
                fixes.left.extend(rewriting.left);
            }
            Err(why) => fixes
                .refused
                .extend(rewriting.fixed.into_iter().map(|finding| Refused {
                    finding,
                    why: why.clone(),
                })),
        }
    }
    if !dry_run {
        write::all(&fixes.files)?;
        add_drafts(config, loaded, drafts)?;
    }
    Ok(fixes)
}

fn errors(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    // Whether they are frozen does not matter here.
    let of_the_lock = [&rule::DRAFT, &rule::NOT_LOCKED];
    diagnostics
        .iter()
        .filter(|finding| finding.level == Level::Error && !of_the_lock.contains(&finding.rule))
        .cloned()
        .collect()
}

/// Whether the lock file lets a migration change.
fn is_draft(loaded: &Loaded, version: &Version) -> bool {
    match &loaded.lock {
        None => true,
        Some(Ok(lock)) => lock
            .get(version)
            .is_none_or(|line| line.state == LineState::Draft),
        Some(Err(_)) => false,
    }
}

/// The versions that the history of the database has; none where no database is named.
fn applied(
    context: &Context,
    config: &SetConfig,
    loaded: &Loaded,
) -> Result<BTreeSet<Version>, CommandError> {
    if loaded.basis.dialect != Dialect::Postgres {
        return Ok(BTreeSet::new());
    }
    let url = project::database_url(&context.global, config)?;
    let Some(url) = url.filter(|url| url.dialect == Dialect::Postgres) else {
        let text = "no database was asked what is applied; frozen migrations stay as they are";
        context.printer.say(Kind::Warning, text);
        return Ok(BTreeSet::new());
    };
    let runtime = live::runtime(context)?;
    let mut connection = Pg::connect(&url, Open::Existing, &runtime)?.connection;
    let status = Migrator::<Pg, SqlOnly>::new(&loaded.set)
        .settings(project::settings(config))
        .status(&mut connection)?;
    Ok(status
        .rows
        .into_iter()
        .filter(|row| row.applied.is_some())
        .map(|row| row.version)
        .collect())
}

type Written = (Vec<File>, Vec<(Version, String)>);

/// The files of a rewriting, and the versions that are new; or why they cannot be.
fn rewritten(
    config: &SetConfig,
    loaded: &Loaded,
    rewriting: &Rewriting,
    may_change: &impl Fn(&SourceMigration) -> bool,
) -> Result<Written, String> {
    let Some(migration) = loaded.sources.get(rewriting.migration) else {
        return Err("it is not there any more".to_owned());
    };
    let mut files = Vec::new();
    let scripts = [
        (Some(&migration.up), &rewriting.up),
        (migration.down.as_ref(), &rewriting.down),
    ];
    for (script, text) in scripts {
        if let (Some(script), Some(text)) = (script, text) {
            files.push(changed(
                config,
                &script.source.path,
                &script.source.text,
                text,
            )?);
        }
    }
    let later = loaded.sources.get(rewriting.migration + 1..);
    let later = later.unwrap_or_default();
    if rewriting.new.is_empty() {
        return Ok((files, Vec::new()));
    }
    if let Some(fixed) = later.iter().find(|it| !may_change(it)) {
        return Err(format!(
            "a new migration would come before {}, which is frozen or applied",
            fixed.version
        ));
    }
    let next = later.first().map(|it| &it.version);
    let count = rewriting.new.len();
    let versions = new::between(&migration.version, next, count, &loaded.entries);
    let Some(versions) = versions else {
        let next = next.map(ToString::to_string).unwrap_or_default();
        return Err(format!(
            "no version is free between {} and {next}",
            migration.version
        ));
    };
    let mut drafts = Vec::new();
    for (new, version) in rewriting.new.iter().zip(versions) {
        let parts = (new.up.clone(), new.down.clone());
        for (path, text) in new::place(loaded.layout, &version, &new.name, parts.0, parts.1) {
            let path = config.dir.join(path);
            if path.exists() {
                return Err(format!("{} is there already", config.shown(&path)));
            }
            files.push(File {
                shown: config.shown(&path),
                path,
                before: None,
                after: text,
            });
        }
        let version = Version::parse(&version).map_err(|error| error.to_string())?;
        drafts.push((version, new.name.clone()));
    }
    Ok((files, drafts))
}

/// A file with another text, and the byte order mark and line ends that it had.
fn changed(config: &SetConfig, shown: &str, before: &str, after: &str) -> Result<File, String> {
    let dir = config.shown(&config.dir);
    let relative = shown.strip_prefix(&dir).unwrap_or(shown);
    let path = config.dir.join(relative.trim_start_matches('/'));
    let raw = fs::read_to_string(&path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    if normalise(&raw) != before {
        return Err(format!("{shown} has changed meanwhile"));
    }
    let mark = if raw.starts_with('\u{feff}') {
        "\u{feff}"
    } else {
        ""
    };
    let unix = format!("{mark}{before}");
    let dos = format!("{mark}{}", before.replace('\n', "\r\n"));
    let after = if raw == unix {
        format!("{mark}{after}")
    } else if raw == dos {
        format!("{mark}{}", after.replace('\n', "\r\n"))
    } else {
        return Err(format!("{shown} has line ends of two kinds"));
    };
    Ok(File {
        path,
        shown: shown.to_owned(),
        before: Some(raw),
        after,
    })
}

/// Makes drafts of the new migrations, where there is a lock file.
fn add_drafts(
    config: &SetConfig,
    loaded: &Loaded,
    drafts: Vec<(Version, String)>,
) -> Result<(), CommandError> {
    let lock: Option<&Result<LockFile, LockError>> = loaded.lock.as_ref();
    let Some(Ok(lock)) = lock else { return Ok(()) };
    if drafts.is_empty() {
        return Ok(());
    }
    let mut lock = lock.clone();
    for (version, name) in drafts {
        lock.add_draft(version, &name);
    }
    lock.write(&loaded.lock_path)
        .map_err(|source| failed("cannot write", config.shown(&loaded.lock_path), source))
}

fn failed(doing: &'static str, path: String, source: std::io::Error) -> CommandError {
    CommandError::Io {
        doing,
        path,
        source,
    }
}

impl Fixes {
    pub(super) fn has_written(&self) -> bool {
        !self.dry_run && !self.files.is_empty()
    }

    fn shown(&self, is_new: bool) -> Vec<String> {
        self.files
            .iter()
            .filter(|file| file.before.is_none() == is_new)
            .map(|file| file.shown.clone())
            .collect()
    }

    fn diff(&self) -> String {
        self.files
            .iter()
            .map(|file| diff::unified(&file.shown, file.before.as_deref(), &file.after))
            .collect()
    }

    pub(super) fn json(&self) -> FixJson {
        FixJson {
            dry_run: self.dry_run,
            changed: self.shown(false),
            created: self.shown(true),
            fixed: FindingJson::all(&self.fixed),
            left: self.left.clone(),
            refused: self
                .refused
                .iter()
                .map(|refused| RefusedJson {
                    finding: FindingJson::from(&refused.finding),
                    why: refused.why.clone(),
                })
                .collect(),
            diff: self.diff(),
        }
    }

    pub(super) fn talk(&self, printer: &Printer) -> Result<(), CommandError> {
        if self.dry_run {
            printer.data(&self.diff())?;
        }
        for refused in &self.refused {
            let text = format!(
                "{} was not rewritten ({}): {}",
                place(&refused.finding),
                refused.finding.rule.code,
                refused.why
            );
            printer.say(Kind::Warning, &text);
        }
        for left in &self.left {
            printer.say(Kind::Warning, left);
        }
        for (word, is_new) in [("changed", false), ("created", true)] {
            for path in self.shown(is_new).into_iter().filter(|_| !self.dry_run) {
                printer.say(Kind::Done, &format!("{word} {path}"));
            }
        }
        let count = counted(self.fixed.len(), "finding");
        printer.say(
            Kind::Done,
            &match (self.fixed.is_empty(), self.dry_run) {
                (true, _) => "nothing to rewrite".to_owned(),
                (false, true) => format!("dry run: {count} would be gone"),
                (false, false) => format!("rewrote what made {count}"),
            },
        );
        Ok(())
    }
}

/// The file and line of a finding.
fn place(finding: &Diagnostic) -> String {
    let Some(label) = finding.labels.first() else {
        return finding.path.clone().unwrap_or_default();
    };
    let (line, _) = migrate_core::line_column(&label.source.text, label.span.start);
    format!("{}:{line}", label.source.path)
}

/// The directory of a file.
fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}
