//! `migrate new`.

mod down;
mod place;
mod scripts;
mod version;

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use migrate_core::lockfile::LockFile;
use migrate_core::project::Loaded;
use migrate_core::{Down, Layout, Level, Version, rule, visible};

pub(super) use place::files as place;
pub(super) use version::between;

use super::script_text;
use crate::cli::NewArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, NewJson, RemarkJson};
use crate::project;
use scripts::{Scripts, Wanted};

pub(crate) fn new(context: &Context, args: &NewArgs) -> Result<Exit, CommandError> {
    if let Some(version) = &args.down {
        return down::propose(context, version);
    }
    let name = checked_name(args.name.as_deref().unwrap_or_default())?;
    let config = project::configuration_for_files(&context.global)?;
    let loaded = project::load(&config)?;
    lock_is_usable(&loaded)?;
    let version = match &args.version {
        Some(version) => version.to_string(),
        None => version::next(&loaded.set, &loaded.entries),
    };
    let parsed = Version::parse(&version).unwrap_or_else(|_| Version::from_static("0"));
    if let Some(taken) = loaded.set.get(&parsed) {
        return Err(CommandError::VersionTaken {
            version: parsed,
            taken_by: taken.to_string(),
        });
    }
    let scripts = match scripts::wanted(context, args, &config, &loaded, &parsed, name)? {
        Wanted::Scripts(scripts) => scripts,
        Wanted::Nothing { target } => {
            let json = NewJson {
                version,
                name: name.to_owned(),
                files: Vec::new(),
                remarks: Vec::new(),
            };
            return context.answer(Exit::Done, &json, |printer| {
                let text = format!(
                    "nothing differs between the migrations and {target}: nothing was written"
                );
                printer.say(Kind::Done, &text);
                Ok(())
            });
        }
    };
    let remarks = scripts.remarks.clone();
    let files = files(&loaded, &version, name, scripts);
    let failed = |path: &Path, source| {
        let path = config.shown(path);
        CommandError::Io {
            doing: "cannot create",
            path,
            source,
        }
    };
    // All or nothing: no file is made where one of them is there already.
    for (path, _) in &files {
        let path = config.dir.join(path);
        if path.exists() {
            return Err(failed(&path, ErrorKind::AlreadyExists.into()));
        }
    }
    for (path, text) in &files {
        let path = config.dir.join(path);
        create(&path, text).map_err(|source| failed(&path, source))?;
    }
    let locked = add_draft(&loaded, parsed, name)?;
    let shown = files
        .iter()
        .map(|(path, _)| config.shown(&config.dir.join(path)))
        .collect();
    let json = NewJson {
        version,
        name: name.to_owned(),
        files: shown,
        remarks: RemarkJson::all(&remarks),
    };
    context.answer(Exit::Done, &json, |printer| {
        printer.data(
            &json
                .files
                .iter()
                .map(|path| format!("{}\n", visible(path)))
                .collect::<String>(),
        )?;
        script_text::say(printer, &remarks);
        if locked {
            let lock = config.shown(&loaded.lock_path);
            printer.say(
                Kind::Done,
                &format!("added a draft to {lock}; `migrate lock` freezes it"),
            );
        }
        Ok(())
    })
}

/// The name as it becomes part of file names.
fn checked_name(name: &str) -> Result<&str, CommandError> {
    let trimmed = name.trim();
    let why = if trimmed.is_empty() {
        "it is empty"
    } else if trimmed.contains(['/', '\\']) {
        "it holds a path separator"
    } else if trimmed.chars().any(char::is_control) {
        "it holds a control character"
    } else if trimmed.len() > 200 {
        "it is longer than 200 bytes, which leaves no room in a file name"
    } else if trimmed.ends_with('.') || trimmed.ends_with(".up") || trimmed.ends_with(".down") {
        "its end would be read as part of the file's kind"
    } else {
        return Ok(trimmed);
    };
    Err(CommandError::BadName {
        name: name.to_owned(),
        why,
    })
}

/// A lock file that cannot take a draft is mended first, before any file is written.
pub(super) fn lock_is_usable(loaded: &Loaded) -> Result<(), CommandError> {
    if !matches!(loaded.lock, Some(Err(_))) {
        return Ok(());
    }
    let own = [&rule::LOCK_FILE, &rule::LOCK_CONFLICT];
    let findings = loaded
        .diagnostics
        .iter()
        .filter(|finding| own.contains(&finding.rule));
    Err(CommandError::Findings {
        what: "the lock file cannot take a draft",
        diagnostics: findings
            .filter(|finding| finding.level == Level::Error)
            .cloned()
            .collect(),
    })
}

/// The files to write.
fn files(loaded: &Loaded, version: &str, name: &str, scripts: Scripts) -> Vec<(String, String)> {
    let Scripts { up, down, .. } = scripts;
    let migrations = loaded.set.migrations();
    let up_only = loaded.layout.is_some_and(Layout::may_be_up_only)
        && !migrations.is_empty()
        && migrations
            .iter()
            .all(|migration| matches!(migration.down, Down::Missing));
    let down = (!up_only).then_some(down);
    place::files(loaded.layout, version, name, up, down)
}

/// Writes a file that must not exist yet.
fn create(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?
        .write_all(text.as_bytes())
}

/// Adds the draft. A set that has migrations but no lock file does without one as before.
fn add_draft(loaded: &Loaded, version: Version, name: &str) -> Result<bool, CommandError> {
    let mut lock = match &loaded.lock {
        Some(Ok(lock)) => lock.clone(),
        None if loaded.set.migrations().is_empty() => LockFile::new(loaded.basis, Vec::new()),
        _ => return Ok(false),
    };
    lock.add_draft(version, name);
    lock.write(&loaded.lock_path)
        .map_err(|source| CommandError::Io {
            doing: "cannot write",
            path: loaded.lock_path.display().to_string(),
            source,
        })?;
    Ok(true)
}
