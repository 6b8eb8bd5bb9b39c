//! `migrate new --down`: the down script that a draft does not have yet.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_core::lockfile::LineState;
use migrate_core::project::Loaded;
use migrate_core::{Layout, SourceMigration, Version};
use migrate_sql::check::way_back;

use super::scripts;
use crate::commands::{script_text, side};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, NewJson, RemarkJson};
use crate::project;

pub(super) fn propose(context: &Context, version: &Version) -> Result<Exit, CommandError> {
    let config = project::configuration_for_files(&context.global)?;
    let loaded = project::load(&config)?;
    super::lock_is_usable(&loaded)?;
    let draft = draft(&loaded, version)?;
    let before = scripts::before(&loaded, version);
    let back = way_back(&before, draft, side::checks(&config));
    let head = format!("Reverts {}.", draft.name);
    let text = script_text::script(&head, &back);
    let place = place(&loaded, draft, &config.root)?;
    let failed = |source| CommandError::Io {
        doing: "cannot write",
        path: config.shown(&place.path),
        source,
    };
    // What somebody wrote into the file already is kept.
    let mut whole = match place.path.exists() {
        true => fs::read_to_string(&place.path).map_err(failed)?,
        false => String::new(),
    };
    if whole == scripts::empty_down(&draft.name) {
        whole.clear();
    }
    if !whole.is_empty() && !whole.ends_with('\n') {
        whole.push('\n');
    }
    if place.needs_section {
        whole.push_str("\n-- migrate:down\n");
    }
    whole.push_str(&text);
    fs::write(&place.path, whole).map_err(failed)?;
    let json = NewJson {
        version: version.to_string(),
        name: draft.name.clone(),
        files: vec![config.shown(&place.path)],
        remarks: RemarkJson::all(&back.remarks),
    };
    context.answer(Exit::Done, &json, |printer| {
        for path in &json.files {
            printer.data(&format!("{}\n", migrate_core::visible(path)))?;
        }
        script_text::say(printer, &back.remarks);
        if back.statements.is_empty() && back.remarks.is_empty() {
            printer.say(Kind::Warning, "the up script changes nothing of the schema");
        }
        Ok(())
    })
}

/// The migration, where its down script may be written: it is no frozen one and has none.
fn draft<'l>(loaded: &'l Loaded, version: &Version) -> Result<&'l SourceMigration, CommandError> {
    let draft = loaded
        .sources
        .iter()
        .find(|it| it.version == *version)
        .ok_or_else(|| CommandError::NoMigration {
            version: version.clone(),
        })?;
    if let Some(Ok(lock)) = &loaded.lock
        && lock
            .get(version)
            .is_some_and(|line| matches!(line.state, LineState::Frozen { .. }))
    {
        return Err(CommandError::Frozen {
            version: version.clone(),
        });
    }
    let has = match &draft.down {
        _ if draft.irreversible => "is declared irreversible",
        Some(down) if !down.is_empty() => "has a down script",
        _ => return Ok(draft),
    };
    Err(CommandError::HasDown {
        version: version.clone(),
        has,
    })
}

/// Where the down script goes: at the end of this file.
struct Place {
    path: PathBuf,
    needs_section: bool,
}

fn place(loaded: &Loaded, draft: &SourceMigration, root: &Path) -> Result<Place, CommandError> {
    let up = root.join(&draft.up.source.path);
    let of = |path| Place {
        path,
        needs_section: false,
    };
    let name = up.file_name().unwrap_or_default().to_string_lossy();
    Ok(match (&draft.down, loaded.layout) {
        (down, Some(Layout::SingleFiles)) => {
            // Only at the end of the file is there room for a section without moving another one.
            let last = draft.up.split.statements.last();
            let section = down.as_ref().and_then(|it| it.text.find("migrate:down"));
            if let (Some(section), Some(last)) = (section, last)
                && section < last.span.start
            {
                return Err(CommandError::HasDown {
                    version: draft.version.clone(),
                    has: "has its down section before its up section",
                });
            }
            Place {
                needs_section: down.is_none(),
                path: up,
            }
        }
        (Some(down), _) => of(root.join(&down.source.path)),
        (None, Some(Layout::Pairs)) => {
            let stem = name.strip_suffix(".up.sql").unwrap_or(&name).to_owned();
            of(up.with_file_name(format!("{stem}.down.sql")))
        }
        (None, Some(Layout::Prefixed)) => {
            let rest = name.get(1..).unwrap_or_default().to_owned();
            of(up.with_file_name(format!("U{rest}")))
        }
        (None, _) => of(up.with_file_name("down.sql")),
    })
}
