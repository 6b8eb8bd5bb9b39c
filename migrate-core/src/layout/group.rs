//! Files put together to migrations.

use std::collections::BTreeMap;

use super::Layout;
use super::name::{
    Misnamed, Named, advice, flat_direction, no_version, prefix, split_name, split_prefixed,
};
use crate::diagnostic::Diagnostic;
use crate::listing::{Entry, EntryKind};
use crate::migration::Direction;
use crate::rule;
use crate::suggest::closest;
use crate::version::Version;
use crate::visible::{toml_string, visible};

/// The files a migration directory in [`Layout::Directories`] may hold.
const KNOWN_FILES: [&str; 6] = [
    "up.sql",
    "down.sql",
    "up.rs",
    "down.rs",
    "verify.sql",
    "metadata.toml",
];

/// The files of one migration, as paths below the migration directory.
#[derive(Clone, Debug)]
pub(crate) struct MigrationFiles {
    pub(crate) layout: Layout,
    pub(crate) version: Version,
    pub(crate) name: String,
    /// What messages call it: its directory, or the file that was met first.
    pub(crate) shown: String,
    pub(crate) up: Option<String>,
    pub(crate) down: Option<String>,
    pub(crate) up_rust: Option<String>,
    pub(crate) down_rust: Option<String>,
    pub(crate) metadata: Option<String>,
    /// Whether something stands for the up script that cannot be read as one, and is reported.
    up_unusable: bool,
}

/// What the names in a directory say.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    /// The layout; where files follow several, the one that most follow.
    pub(crate) layout: Option<Layout>,
    /// In the order of versions.
    pub(crate) migrations: Vec<MigrationFiles>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Groups entries into migrations. `shown` is what messages call the directory.
pub(crate) fn group(entries: &[Entry], shown: &str) -> Grouped {
    let mut grouping = Grouping {
        shown,
        // A near miss of `.up.sql` is a name like any other where the files are no pairs.
        pairs: entries
            .iter()
            .any(|entry| flat_direction(&entry.name).is_some()),
        migrations: BTreeMap::new(),
        met: BTreeMap::new(),
        diagnostics: Vec::new(),
    };
    for entry in entries {
        grouping.entry(entry);
    }
    grouping.finish()
}

struct Grouping<'a> {
    shown: &'a str,
    pairs: bool,
    migrations: BTreeMap<Version, MigrationFiles>,
    met: BTreeMap<Layout, Vec<String>>,
    diagnostics: Vec<Diagnostic>,
}

impl Grouping<'_> {
    fn entry(&mut self, entry: &Entry) {
        match &entry.kind {
            EntryKind::Directory(children) => self.directory(&entry.name, children),
            EntryKind::File => self.file(&entry.name),
            other => self.unusable(&entry.name, other),
        }
    }

    fn unusable(&mut self, path: &str, kind: &EntryKind) {
        let file_name = path.rsplit('/').next().unwrap_or(path);
        let finding = match kind {
            EntryKind::Directory(_) | EntryKind::DeepDirectory
                if file_name.ends_with(".sql") || KNOWN_FILES.contains(&file_name) =>
            {
                Diagnostic::new(&rule::UNREADABLE, format!("`{path}` is a directory"))
                    .help("a file with that name is expected; move the directory away")
            }
            EntryKind::Unusable(reason) => {
                Diagnostic::new(&rule::UNREADABLE, format!("`{path}` {reason}"))
            }
            EntryKind::NameNotUtf8 => Diagnostic::new(
                &rule::NOT_UTF8,
                format!("the file name `{path}` is not UTF-8"),
            )
            .help("rename it"),
            _ => unknown(
                path,
                Some("migrations are at most one directory deep".to_owned()),
            ),
        };
        self.push(path, finding);
    }

    fn push(&mut self, path: &str, finding: Diagnostic) {
        self.diagnostics
            .push(finding.at_path(join(self.shown, path)));
    }

    fn misnamed(&mut self, path: &str, why: Misnamed) {
        let finding = match why {
            Misnamed::Version(message) => Diagnostic::new(&rule::BAD_VERSION, message),
            Misnamed::Unknown(help) => unknown(path, help),
        };
        self.push(path, finding);
    }

    fn directory(&mut self, name: &str, children: &[Entry]) {
        let is_script = |child: &Entry| KNOWN_FILES.contains(&child.name.as_str());
        if name.ends_with(".sql") && !children.iter().any(is_script) {
            return self.unusable(name, &EntryKind::Directory(Vec::new()));
        }
        let versioned = name.starts_with(|c: char| c.is_ascii_digit());
        if !versioned && !children.iter().any(is_script) {
            return self.misnamed(name, Misnamed::Unknown(None));
        }
        let (version, title) = match split_name(name) {
            Ok(named) => named,
            // Its scripts show that it is meant as a migration.
            Err(Misnamed::Unknown(_)) => {
                return self.misnamed(name, Misnamed::Version(no_version(name)));
            }
            Err(why) => return self.misnamed(name, why),
        };
        let mut files = new_files(Layout::Directories, version, title, name);
        for child in children {
            let path = format!("{name}/{}", child.name);
            if child.kind != EntryKind::File {
                files.up_unusable |= child.name == "up.sql";
                self.unusable(&path, &child.kind);
                continue;
            }
            match child.name.as_str() {
                "up.sql" => files.up = Some(path),
                "down.sql" => files.down = Some(path),
                "up.rs" => files.up_rust = Some(path),
                "down.rs" => files.down_rust = Some(path),
                "metadata.toml" => files.metadata = Some(path),
                "verify.sql" => {}
                other => {
                    let help = match closest(other, KNOWN_FILES) {
                        Some(known) => format!("did you mean `{known}`?"),
                        None => format!("known names are {}", KNOWN_FILES.join(", ")),
                    };
                    self.misnamed(&path, Misnamed::Unknown(Some(help)));
                }
            }
        }
        self.met
            .entry(Layout::Directories)
            .or_default()
            .push(format!("{name}/"));
        if let Some(first) = self.migrations.get(&files.version) {
            let first = first.shown.clone();
            return self.duplicate(&files.version, &first, name);
        }
        self.migrations.insert(files.version.clone(), files);
    }

    fn file(&mut self, name: &str) {
        let Some(stem) = name.strip_suffix(".sql") else {
            return self.misnamed(name, Misnamed::Unknown(advice(name)));
        };
        let (layout, direction, named) = if let Some((direction, rest)) = prefix(stem) {
            (Layout::Prefixed, direction, split_prefixed(rest))
        } else if let Some((direction, stem)) = flat_direction(name) {
            (Layout::Pairs, direction, split_name(stem))
        } else {
            (Layout::SingleFiles, Direction::Up, self.split_single(stem))
        };
        let (version, title) = match named {
            Ok(named) => named,
            Err(Misnamed::Unknown(None)) => {
                return self.misnamed(name, Misnamed::Unknown(advice(name)));
            }
            Err(why) => return self.misnamed(name, why),
        };
        self.met.entry(layout).or_default().push(name.to_owned());
        let files = self
            .migrations
            .entry(version.clone())
            .or_insert_with(|| new_files(layout, version.clone(), title.clone(), name));
        let belongs = files.layout == layout && files.name == title;
        let slot = match direction {
            Direction::Up => &mut files.up,
            Direction::Down => &mut files.down,
        };
        if belongs && slot.is_none() {
            *slot = Some(name.to_owned());
            return;
        }
        let first = files.shown.clone();
        self.duplicate(&version, &first, name);
    }

    fn split_single(&self, stem: &str) -> Named {
        if self.pairs
            && let Some((rest, word)) = stem.rsplit_once('.')
            && let Some(meant) = closest(word, ["up", "down"])
        {
            let help = format!("did you mean `{rest}.{meant}.sql`?");
            return Err(Misnamed::Unknown(Some(help)));
        }
        split_name(stem)
    }

    fn duplicate(&mut self, version: &Version, first: &str, second: &str) {
        let finding = Diagnostic::new(
            &rule::DUPLICATE_VERSION,
            format!("`{first}` and `{second}` have the same version {version}"),
        )
        .note("versions are compared as numbers; dashes and leading zeros do not count")
        .help("give the newer one a version of its own; the up and down scripts of one migration have the same name");
        self.push(second, finding);
    }

    fn finish(mut self) -> Grouped {
        for files in self.migrations.values() {
            if files.up.is_none() && files.up_rust.is_none() && !files.up_unusable {
                let wanted = match files.layout {
                    Layout::Directories => format!("{}/up.sql", files.shown),
                    Layout::Prefixed => format!("V{}__{}.sql", files.version, files.name),
                    _ => files.shown.replacen(".down.sql", ".up.sql", 1),
                };
                let finding = Diagnostic::new(
                    &rule::MISSING_UP,
                    format!(
                        "migration `{}_{}` has no up script",
                        files.version, files.name
                    ),
                )
                .help(format!("write `{wanted}`; it may be empty"));
                self.diagnostics
                    .push(finding.at_path(join(self.shown, &files.shown)));
            }
        }
        if self.met.len() > 1 {
            let mut finding = Diagnostic::new(
                &rule::MIXED_LAYOUT,
                format!("the migrations follow {} layouts, and only one can be meant", self.met.len()),
            )
            .help("rename the files so that all follow one layout, or name those that are no migrations under `ignore` in migrate.toml");
            for (layout, names) in &self.met {
                finding = finding.note(format!("`{layout}`: {}", some_of(names)));
            }
            self.diagnostics.push(finding.at_path(self.shown));
        }
        let layout = self
            .met
            .iter()
            .max_by_key(|(_, names)| names.len())
            .map(|(layout, _)| *layout);
        Grouped {
            layout,
            migrations: self.migrations.into_values().collect(),
            diagnostics: self.diagnostics.into_iter().map(on_one_line).collect(),
        }
    }
}

fn new_files(layout: Layout, version: Version, name: String, shown: &str) -> MigrationFiles {
    MigrationFiles {
        layout,
        version,
        name,
        shown: shown.to_owned(),
        up: None,
        down: None,
        up_rust: None,
        down_rust: None,
        metadata: None,
        up_unusable: false,
    }
}

/// The finding with the names that it quotes on one line, whatever they hold.
fn on_one_line(mut finding: Diagnostic) -> Diagnostic {
    let texts = std::iter::once(&mut finding.message)
        .chain(&mut finding.notes)
        .chain(&mut finding.help);
    for text in texts {
        *text = visible(text).into_owned();
    }
    finding
}

fn unknown(path: &str, help: Option<String>) -> Diagnostic {
    let in_toml = toml_string(path);
    let ignore = format!("if it is no migration, add `ignore = [{in_toml}]` to migrate.toml");
    let finding = Diagnostic::new(
        &rule::UNKNOWN_FILE,
        format!("`{path}` belongs to no migration"),
    );
    match help {
        Some(help) => finding.help(help).help(ignore),
        None => finding.help(ignore),
    }
}

/// The path of something in a directory, as messages show it.
pub(crate) fn join(dir: &str, path: &str) -> String {
    if dir.is_empty() || dir == "." {
        path.to_owned()
    } else {
        format!("{}/{path}", dir.trim_end_matches('/'))
    }
}

/// The first few of many names.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut text = names
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
