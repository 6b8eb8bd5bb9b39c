//! Which files make a migration: the layouts that are read without configuration.

use std::collections::BTreeMap;
use std::fmt;

use crate::diagnostic::Diagnostic;
use crate::listing::{Entry, EntryKind};
use crate::migration::Direction;
use crate::rule;
use crate::suggest::closest;
use crate::version::Version;

/// How a directory spreads migrations over files; found by looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Layout {
    /// diesel's: `<version>_<name>/up.sql`, with `down.sql`, `up.rs`, `down.rs`, `verify.sql` and
    /// `metadata.toml` beside it where there are any.
    Directories,
    /// `<version>_<name>.up.sql` and `<version>_<name>.down.sql`.
    Pairs,
    /// `<version>_<name>.sql`, with `-- migrate:up` and `-- migrate:down` sections, or up only.
    SingleFiles,
    /// `V<version>__<name>.sql` and `U<version>__<name>.sql`.
    Prefixed,
}

impl Layout {
    /// The shape of a file name, for messages.
    pub const fn shape(self) -> &'static str {
        match self {
            Layout::Directories => "<version>_<name>/up.sql",
            Layout::Pairs => "<version>_<name>.up.sql",
            Layout::SingleFiles => "<version>_<name>.sql",
            Layout::Prefixed => "V<version>__<name>.sql",
        }
    }

    /// Whether a set in this layout may do without any down script, in silence.
    pub const fn may_be_up_only(self) -> bool {
        matches!(self, Layout::SingleFiles | Layout::Prefixed)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape())
    }
}

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

/// A name that is no migration's, and why.
enum Misnamed {
    /// Something that wants to be a migration but has no usable version.
    Version(String),
    /// Anything else, perhaps with advice.
    Unknown(Option<String>),
}

type Named = Result<(Version, String), Misnamed>;

impl Grouping<'_> {
    fn entry(&mut self, entry: &Entry) {
        match &entry.kind {
            EntryKind::Directory(children) => self.directory(&entry.name, children),
            EntryKind::File => self.file(&entry.name),
            other => self.unusable(&entry.name, other),
        }
    }

    fn unusable(&mut self, path: &str, kind: &EntryKind) {
        let finding = match kind {
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
            if files.up.is_none() && files.up_rust.is_none() {
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
            diagnostics: self.diagnostics,
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
    }
}

fn unknown(path: &str, help: Option<String>) -> Diagnostic {
    let ignore = format!("if it is no migration, add `ignore = [{path:?}]` to migrate.toml");
    let finding = Diagnostic::new(
        &rule::UNKNOWN_FILE,
        format!("`{path}` belongs to no migration"),
    );
    match help {
        Some(help) => finding.help(help).help(ignore),
        None => finding.help(ignore),
    }
}

/// `V1__x` or `U1__x`, without the letter.
fn prefix(stem: &str) -> Option<(Direction, &str)> {
    let (direction, rest) = match stem.strip_prefix('V') {
        Some(rest) => (Direction::Up, rest),
        None => (Direction::Down, stem.strip_prefix('U')?),
    };
    rest.starts_with(|c: char| c.is_ascii_digit())
        .then_some((direction, rest))
}

/// `x.up.sql` or `x.down.sql`, without the ending.
fn flat_direction(name: &str) -> Option<(Direction, &str)> {
    let up = name
        .strip_suffix(".up.sql")
        .map(|stem| (Direction::Up, stem));
    up.or_else(|| {
        name.strip_suffix(".down.sql")
            .map(|stem| (Direction::Down, stem))
    })
}

fn split_prefixed(rest: &str) -> Named {
    let Some((version, name)) = rest.split_once("__") else {
        let help = format!(
            "two underscores stand after the version: `V{}.sql`",
            rest.replacen('_', "__", 1)
        );
        return Err(Misnamed::Unknown(Some(help)));
    };
    if version.contains(['.', '_']) {
        let message =
            format!("`{version}` is a dotted version, which is not supported; use one number");
        return Err(Misnamed::Version(message));
    }
    parse(version, name, rest)
}

fn split_name(stem: &str) -> Named {
    if !stem.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Misnamed::Unknown(None));
    }
    if let Some((version, name)) = stem.split_once('_') {
        return parse(version, name, stem);
    }
    let name_start = stem
        .find(|c: char| !c.is_ascii_digit() && c != '-')
        .unwrap_or(stem.len());
    let (digits, name) = stem.split_at(name_start);
    if name.is_empty() {
        return parse(stem, "", stem);
    }
    let (digits, name) = (
        digits.trim_end_matches('-'),
        name.trim_start_matches([' ', '.', '-']),
    );
    Err(Misnamed::Version(format!(
        "`{stem}` has no underscore between version and name; did you mean `{digits}_{name}`?"
    )))
}

fn parse(version: &str, name: &str, stem: &str) -> Named {
    match Version::parse(version) {
        Ok(_) if name.is_empty() => Err(Misnamed::Version(format!(
            "`{stem}` has a version but no name; a name follows after an underscore, as in `{version}_create_users`"
        ))),
        Ok(version) => Ok((version, name.to_owned())),
        Err(error) => Err(Misnamed::Version(error.to_string())),
    }
}

fn no_version(name: &str) -> String {
    format!(
        "`{name}` has no version; a name starts with a number or a date, as in `20260131120000_{name}`"
    )
}

/// What a name that belongs to no migration may have been meant as.
fn advice(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let first = name.get(..1).unwrap_or_default();
    if name.starts_with("R__") && lower.ends_with(".sql") {
        return Some("repeatable migrations are not supported; write the change as a migration with a version".to_owned());
    }
    if let Some(rest) = name.strip_prefix('B')
        && rest.starts_with(|c: char| c.is_ascii_digit())
        && lower.ends_with(".sql")
    {
        return Some(
            "baseline scripts are not supported; write it as the first migration".to_owned(),
        );
    }
    if matches!(first, "v" | "u") && prefix(&capitalised(name)).is_some() && name.contains("__") {
        return Some(format!("did you mean `{}`?", capitalised(name)));
    }
    if let Some(stem) = lower.strip_suffix(".sql") {
        if name.ends_with(".sql") {
            return Some(format!(
                "a migration's name starts with a version, as in `20260131120000_{name}`"
            ));
        }
        // Lower-casing may change the length of the rest, so only the ending is replaced.
        let stem = name.get(..name.len() - 4).unwrap_or(stem);
        return Some(format!("did you mean `{stem}.sql`?"));
    }
    if lower.ends_with(".rs") {
        return Some(
            "Rust code stands beside SQL in a directory: `<version>_<name>/up.rs`".to_owned(),
        );
    }
    let (stem, ending) = name.rsplit_once('.')?;
    closest(ending, ["sql"]).map(|_| format!("did you mean `{stem}.sql`?"))
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |c| {
        c.to_ascii_uppercase().to_string() + chars.as_str()
    })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn files(names: &[&str]) -> Vec<Entry> {
        names
            .iter()
            .map(|name| Entry {
                name: (*name).to_owned(),
                kind: EntryKind::File,
            })
            .collect()
    }

    fn up_only(names: &[&str]) -> (Option<Layout>, Vec<String>) {
        let grouped = group(&files(names), "");
        assert_eq!(grouped.diagnostics, [], "{names:?}");
        let title = |files: &MigrationFiles| format!("{} {}", files.version, files.name);
        (
            grouped.layout,
            grouped.migrations.iter().map(title).collect(),
        )
    }

    #[test]
    fn names_are_cut_after_the_version() {
        for (names, layout, expected) in [
            (
                &["10_b.sql", "9_a.sql"][..],
                Layout::SingleFiles,
                &["9 a", "10 b"][..],
            ),
            (
                &["2026-01-31-120000_a_b c.sql"],
                Layout::SingleFiles,
                &["20260131120000 a_b c"],
            ),
            (
                &["1_add.thing.sql", "2_it's \"é\".sql"],
                Layout::SingleFiles,
                &["1 add.thing", "2 it's \"é\""],
            ),
            (&["1__a.sql"], Layout::SingleFiles, &["1 _a"]),
            (&["1_a.down.sql", "1_a.up.sql"], Layout::Pairs, &["1 a"]),
            (
                &["U1__a_b.sql", "V1__a_b.sql"],
                Layout::Prefixed,
                &["1 a_b"],
            ),
        ] {
            let expected = expected.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(up_only(names), (Some(layout), expected));
        }
    }

    proptest! {
        #[test]
        fn any_name_is_a_migration_or_a_finding(
            names in prop::collection::btree_set("[VUR]?[0-9\\-_.é]{0,5}(_a)?(\\.up|\\.dwn|\\.down)?(\\.sql|\\.rs|\\.SQL)?", 0..6),
            directory in any::<bool>(),
        ) {
            let entry = |name: &String| Entry {
                name: name.clone(),
                kind: if directory { EntryKind::Directory(files(&["up.sql"])) } else { EntryKind::File },
            };
            let grouped = group(&names.iter().map(entry).collect::<Vec<_>>(), "");
            let belongs = |name: &String| grouped.migrations.iter().any(|files| {
                let paths = [&files.up, &files.down].into_iter().flatten();
                paths.into_iter().any(|path| path.trim_end_matches("/up.sql") == name)
            });
            for name in &names {
                let found = grouped.diagnostics.iter().any(|f| f.path.as_ref() == Some(name));
                prop_assert!(belongs(name) || found, "{name}");
            }
            let versions: Vec<_> = grouped.migrations.iter().map(|files| &files.version).collect();
            prop_assert!(versions.is_sorted());
        }
    }
}
