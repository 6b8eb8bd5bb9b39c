//! The files of a new migration.

use migrate_core::Layout;

/// Their paths in the directory and their texts, in the layout that is there already.
pub(in super::super) fn files(
    layout: Option<Layout>,
    version: &str,
    name: &str,
    up: String,
    down: Option<String>,
) -> Vec<(String, String)> {
    let mut files = match layout {
        Some(Layout::SingleFiles) => {
            let text = match &down {
                Some(down) => format!("-- migrate:up\n{up}\n-- migrate:down\n{down}"),
                None => up,
            };
            return vec![(format!("{version}_{name}.sql"), text)];
        }
        Some(Layout::Pairs) => vec![(format!("{version}_{name}.up.sql"), up)],
        Some(Layout::Prefixed) => vec![(format!("V{version}__{name}.sql"), up)],
        _ => vec![(format!("{version}_{name}/up.sql"), up)],
    };
    if let Some(text) = down {
        let path = match layout {
            Some(Layout::Pairs) => format!("{version}_{name}.down.sql"),
            Some(Layout::Prefixed) => format!("U{version}__{name}.sql"),
            _ => format!("{version}_{name}/down.sql"),
        };
        files.push((path, text));
    }
    files
}
